using System.Reflection;
using System.Runtime.InteropServices;
using static KBitQuant.Benchmarks.Peers.Ggml.GgmlNative;

namespace KBitQuant.Benchmarks.Peers.Ggml;

/// <summary>The loaded libraries: the best of those for this processor, as they rate themselves.</summary>
internal sealed unsafe class GgmlLibrary
{
    private const string Repacking = "REPACK";

    private static readonly Lazy<GgmlLibrary> Loaded = new(() => new GgmlLibrary());

    private readonly nint _base;

    private GgmlLibrary()
    {
        string folder = RepositoryFolder.Combine("benchmarks", "peers", "node_modules", "@node-llama-cpp", "linux-x64", "bins", "linux-x64");
        if (!Directory.Exists(folder))
            throw new PeerUnavailableException("its shared libraries are not there; benchmarks/fetch-peers.sh fetches them (Linux x64)");
        if (!NativeLibrary.TryLoad(Path.Combine(folder, "libggml-base.so"), out _base))
            throw new PeerUnavailableException($"libggml-base.so in {folder} does not load on this system");
        string best = Directory.GetFiles(folder, "libggml-cpu-*.so").MaxBy(Score) ?? throw new PeerUnavailableException($"no libggml-cpu-*.so in {folder}");
        if (Score(best) == 0)
            throw new PeerUnavailableException("none of its libraries is for this processor");
        nint cpu = NativeLibrary.Load(best);
        NativeLibrary.SetDllImportResolver(Assembly.GetExecutingAssembly(), (name, _, _) => name == Base ? _base : name == Cpu ? cpu : 0);
        ggml_log_set(&Ignore, null);
        nint registry = ggml_backend_cpu_reg();
        Device = ggml_backend_reg_dev_get(registry, 0);
        PlainBuffers = ggml_backend_dev_buffer_type(Device);
        RepackingBuffers = ExtraBuffers(registry).FirstOrDefault(type => Text(ggml_backend_buft_name(type)).Contains(Repacking, StringComparison.Ordinal));
        Version = $"{Text(ggml_version())} ({Text(ggml_commit())}, {Path.GetFileNameWithoutExtension(best)})";
    }

    public string Version { get; }

    public nint Device { get; }

    /// <summary>The type of buffers that keep tensors as they are.</summary>
    public nint PlainBuffers { get; }

    /// <summary>The type of buffers that bring weights into the layouts of the fastest products; 0 where there is none.</summary>
    public nint RepackingBuffers { get; }

    /// <exception cref="PeerUnavailableException">The libraries are not there or do not load.</exception>
    public static GgmlLibrary Load() => Loaded.Value;

    /// <summary>0 where the processor lacks an instruction that the library uses.</summary>
    private static int Score(string path)
    {
        if (!NativeLibrary.TryLoad(path, out nint library))
            return 0;
        int score = ((delegate* unmanaged<int>)NativeLibrary.GetExport(library, "ggml_backend_score"))();
        NativeLibrary.Free(library);
        return score;
    }

    /// <summary>It reports each repacked weight.</summary>
    [UnmanagedCallersOnly]
    private static void Ignore(int level, byte* text, void* state)
    {
    }

    private List<nint> ExtraBuffers(nint registry)
    {
        var types = new List<nint>();
        nint function = ggml_backend_reg_get_proc_address(registry, "ggml_backend_dev_get_extra_bufts");
        nint* list = function == 0 ? null : ((delegate* unmanaged<nint, nint*>)function)(Device);
        for (; list is not null && *list != 0; list++)
            types.Add(*list);
        return types;
    }

    private static string Text(nint text) => Marshal.PtrToStringUTF8(text) ?? "";
}
