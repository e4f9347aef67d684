using System.Reflection;
using System.Runtime.Loader;

namespace KBitQuant.Tests;

/// <summary>Which assemblies a piece of code makes the runtime load.</summary>
internal static class LoadedAssemblies
{
    public const string GpuLibrary = "ILGPU";

    /// <summary>Runs a private static method of a class in fresh copies of the assemblies, and tells which assemblies it asks for.</summary>
    public static IReadOnlyList<string> Of(Type type, string method)
    {
        var context = new RecordingContext();
        Assembly copy = context.LoadFromAssemblyPath(type.Assembly.Location);
        copy.GetType(type.FullName!)!.GetMethod(method, BindingFlags.NonPublic | BindingFlags.Static)!.Invoke(null, null);
        return context.Names;
    }

    private sealed class RecordingContext : AssemblyLoadContext
    {
        private readonly List<string> _names = [];

        public IReadOnlyList<string> Names => _names;

        protected override Assembly? Load(AssemblyName assemblyName)
        {
            _names.Add(assemblyName.Name!);
            string path = Path.Combine(AppContext.BaseDirectory, assemblyName.Name + ".dll");
            return assemblyName.Name is "KBitQuant" or "KBitQuant.Transformers" or GpuLibrary ? LoadFromAssemblyPath(path) : null;
        }
    }
}
