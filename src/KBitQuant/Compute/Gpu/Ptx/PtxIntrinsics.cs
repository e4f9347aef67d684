using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Reflection;
using System.Text.RegularExpressions;
using ILGPU;
using ILGPU.Backends.PTX;
using ILGPU.IR;
using ILGPU.IR.Intrinsics;
using ILGPU.IR.Values;
using Register = ILGPU.Backends.RegisterAllocator<ILGPU.Backends.PTX.PTXRegisterKind>;

namespace KBitQuant.Compute.Gpu.Ptx;

/// <summary>Teaches ILGPU's PTX backend the methods marked with <see cref="PtxAttribute"/>: values go in and out in registers, so
/// that nothing passes through memory and the compiler sees plain data flow.</summary>
internal static partial class PtxIntrinsics
{
    private const BindingFlags Static = BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.Static;

    /// <summary>Registers the marked methods of a class.</summary>
    public static void Register(
        Context.Builder builder,
        [DynamicallyAccessedMembers(DynamicallyAccessedMemberTypes.PublicMethods | DynamicallyAccessedMemberTypes.NonPublicMethods)] Type instructions)
    {
        IntrinsicImplementationManager manager = builder.GetIntrinsicManager();
        foreach (MethodInfo method in instructions.GetMethods(Static).Where(method => method.IsDefined(typeof(PtxAttribute))))
            manager.RegisterMethod(method, new PTXIntrinsic(typeof(PtxIntrinsics), nameof(Generate), IntrinsicImplementationMode.GenerateCode));
    }

    /// <summary>Called by the backend for each call of a marked method.</summary>
    private static void Generate(PTXBackend backend, PTXCodeGenerator generator, Value value)
    {
        var call = (MethodCall)value;
        PtxAttribute instruction = call.Target.Source.GetCustomAttribute<PtxAttribute>()!;
        bool isKnown = (backend.Architecture.Major * 10) + backend.Architecture.Minor >= instruction.Since;
        var inputs = new List<string>();
        var constants = new Dictionary<int, string>();
        foreach (ValueReference node in call.Nodes)
        {
            if (node.Resolve() is PrimitiveValue constant)
                constants.Add(inputs.Count, constant.Int64Value.ToString(CultureInfo.InvariantCulture));
            Flatten(generator, generator.Load(node.Resolve()), inputs);
        }

        var outputs = new List<string>();
        if (!call.Target.ReturnType.IsVoidType)
            Flatten(generator, generator.Allocate(value), outputs);
        string text = Placeholder().Replace(
            Repeat(isKnown ? instruction.Text : instruction.Before),
            match =>
            {
                int index = Number(match.Groups[2].Value);
                return match.Groups[1].Value switch
                {
                    "o" => outputs[index],
                    "c" => constants[index],
                    _ => inputs[index],
                };
            });
        generator.Builder.Append("\t{ ").Append(text).AppendLine(" }");
    }

    private static string Repeat(string text) => Repetition().Replace(text, match => string.Concat(
        Enumerable.Range(Number(match.Groups[1].Value), Number(match.Groups[2].Value) - Number(match.Groups[1].Value) + 1)
            .Select(i => match.Groups[3].Value.Replace("#", i.ToString(CultureInfo.InvariantCulture), StringComparison.Ordinal))));

    private static int Number(string digits) => int.Parse(digits, CultureInfo.InvariantCulture);

    private static void Flatten(PTXCodeGenerator generator, Register.Register register, List<string> names)
    {
        if (register is Register.CompoundRegister compound)
        {
            foreach (Register.Register child in compound.Children)
                Flatten(generator, child, names);
        }
        else
        {
            var primitive = (Register.PrimitiveRegister)register;
            names.Add("%" + PTXRegisterAllocator.GetStringRepresentation(generator.EnsureHardwareRegister(primitive)));
        }
    }

    [GeneratedRegex(@"\[\[(\d+)\.\.(\d+):(.*?)\]\]")]
    private static partial Regex Repetition();

    [GeneratedRegex(@"\$([oc]?)(\d+)")]
    private static partial Regex Placeholder();
}
