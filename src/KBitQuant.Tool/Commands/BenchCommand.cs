using System.CommandLine;
using System.CommandLine.Parsing;
using System.Runtime.CompilerServices;
using KBitQuant.Compute;
using KBitQuant.Compute.Benchmarking;
using KBitQuant.Compute.Cpu;
using KBitQuant.Compute.Cpu.Benchmarking;
using KBitQuant.Compute.Gpu;
using KBitQuant.Compute.Gpu.Benchmarking;
using KBitQuant.DataTypes;
using KBitQuant.Numerics;
using KBitQuant.Quantization;
using KBitQuant.Tool.Options;
using KBitQuant.Tool.Output;

namespace KBitQuant.Tool.Commands;

/// <summary><c>bench</c>: times products with quantized weights beside what the device can do at most.</summary>
internal sealed class BenchCommand : ToolCommand
{
    private readonly Option<string> _device = DeviceOption.Create();
    private readonly Option<ItemList<WeightShape>> _shapes = ParsedOption.List(
        "--shapes", "Weights: outputs x inputs.", "NxK", WeightShape.Parse, "4096x4096,11008x4096");
    private readonly Option<ItemList<int>> _batchSizes = ParsedOption.List("--m", "Numbers of input rows.", "M", ParseBatchSize, "1,16");
    private readonly Option<ItemList<DataType>> _types = ParsedOption.List("--types", "Data types.", "NAME", DataTypeCatalog.Get, "nf4");
    private readonly Option<ItemList<string>?> _kernels = ParsedOption.Of(
        "--kernels", "Kernels, each of which computes every product; without it, the fastest that takes it does.", "NAME,...",
        text => ItemList<string>.Parse(text, name => name));
    private readonly Option<int> _threads = ThreadsOption.Create();
    private readonly Option<ActivationPrecision> _activations = ActivationsOption.Create();
    private readonly Option<GpuInput> _input = ParsedOption.Words(
        "--input", "Inputs and outputs on a GPU.", ("fp16", GpuInput.Half), ("bf16", GpuInput.BFloat16));
    private readonly Option<bool> _check = new("--check") { Description = "Compute each product once and check it, without timing." };
    private readonly BlockOptions _block = new();

    public BenchCommand()
        : base("bench", "Time products y = x W^T of M input rows with quantized weights, and compare with what the device can do at most.")
    {
        foreach (Option option in (Option[])[_device, _shapes, _batchSizes, _types, .. _block.All, _kernels, _threads, _activations, _input, _check])
            Add(option);
        DeviceOption.Restrict(this, _device, forCpu: [_threads, _activations], forGpu: [_input]);
        Validators.Add(RefuseUnknownKernels);
    }

    protected override void Run(ParseResult parse, ToolOutput output, CancellationToken cancellationToken)
    {
        IReadOnlyList<int> batchSizes = parse.GetRequiredValue(_batchSizes).Items;
        bool isCheck = parse.GetValue(_check);
        string choice = parse.GetRequiredValue(_device);
        using BenchmarkDevice device = choice == DeviceOption.Cpu
            ? new CpuBenchmarkDevice(parse.GetValue(_threads))
            : OpenGpu(choice, parse.GetValue(_input));
        var benchmark = new MatMulBenchmark(device);
        KernelPreference[] preferences = Preferences(parse);
        var report = new BenchReport(device, output, isTimed: !isCheck);
        foreach (WeightShape shape in parse.GetRequiredValue(_shapes).Items)
        {
            foreach (DataType type in parse.GetRequiredValue(_types).Items)
            {
                QuantizationScheme scheme = _block.Scheme(type, parse);
                report.Add(isCheck
                    ? benchmark.Check(shape.Rows, shape.Columns, scheme, batchSizes, preferences, cancellationToken)
                    : benchmark.Time(shape.Rows, shape.Columns, scheme, batchSizes, preferences, cancellationToken));
            }
        }

        report.End();
    }

    // Apart, so that a run on the processor loads nothing of the GPU's.
    [MethodImpl(MethodImplOptions.NoInlining)]
    private static BenchmarkDevice OpenGpu(string choice, GpuInput input)
    {
        var device = DeviceOption.OpenGpu(choice);
        return input == GpuInput.BFloat16 ? new GpuBenchmarkDevice<BFloat16>(device) : new GpuBenchmarkDevice<Half>(device);
    }

    private static int ParseBatchSize(string text) =>
        WeightShape.Number(text) ?? throw new ArgumentException($"M is a number from 1 up; '{text}' was given.");

    // Apart, so that a run on the processor loads nothing of the GPU's.
    [MethodImpl(MethodImplOptions.NoInlining)]
    private static IEnumerable<string> GpuKernelNames() => GpuKernels.All.Select(kernel => kernel.Name);

    /// <summary>A name that no kernel for the kind of device has; what a kernel refuses, be it the device, is a failed product.</summary>
    private void RefuseUnknownKernels(CommandResult result)
    {
        if (result.GetResult(_kernels)?.Tokens is not [{ Value: { } names }])
            return;
        string[] known = [.. DeviceOption.IsGpu(result, _device) ? GpuKernelNames() : CpuKernels.All.Select(kernel => kernel.Name)];
        foreach (string name in names.Split(',').Except(known))
            result.AddError($"{_kernels.Name}: {UnknownKernel.Message(name, "", known)}");
    }

    private KernelPreference[] Preferences(ParseResult parse)
    {
        var preference = new KernelPreference { Activations = parse.GetValue(_activations) };
        return parse.GetValue(_kernels) is { } kernels ? [.. kernels.Items.Select(kernel => preference with { KernelName = kernel })] : [preference];
    }
}
