// Times products on the first GPU:
//   KBitQuant.GpuBench [--shapes NxK,...] [--m 1,2,...] [--types nf4,int3,...] [--block 64] [--constants fp16] [--element fp16|bf16]
//                      [--nested] [--offset mean] [--kernel NAME] [--check-only]
// or, with --throughput, how fast weights of these shapes and types are quantized from the elements and dequantized to them.
//   KBitQuant.GpuBench decode ... times a whole model (DecodeBenchmark.cs).
// Each line is printed as soon as its product has been checked and timed; a product that fails is named with the reason.
using KBitQuant.Compute;
using KBitQuant.Compute.Benchmarking;
using KBitQuant.Compute.Gpu;
using KBitQuant.Compute.Gpu.Benchmarking;
using KBitQuant.DataTypes;
using KBitQuant.GpuBench;
using KBitQuant.Numerics;
using KBitQuant.Quantization;

var arguments = new Arguments(args);
if (args is ["decode", ..])
    return DecodeBenchmark.Run(arguments);
(int Rows, int Columns)[] shapes = arguments.Shapes("--shapes", "4096x4096,11008x4096,8192x8192,28672x8192");
QuantizationScheme[] schemes = [.. arguments.List("--types", "nf4").Select(Scheme)];
bool isBFloat16 = arguments.Text("--element", "fp16") == "bf16";

GpuDevice gpu = GpuDevice.Open();
if (arguments.Has("--throughput"))
{
    using (gpu)
        return ExitCode(Throughput.Run(gpu, shapes, schemes, isBFloat16));
}

var preference = new KernelPreference { KernelName = arguments.Has("--kernel") ? arguments.Text("--kernel", "") : null };
int[] batches = arguments.Numbers("--m", "1,16");
using BenchmarkDevice device = isBFloat16 ? new GpuBenchmarkDevice<BFloat16>(gpu) : new GpuBenchmarkDevice<Half>(gpu);
var benchmark = new MatMulBenchmark(device);
Console.WriteLine($"{gpu.Name}; kernels {string.Join(", ", gpu.KernelNames)}");
foreach ((string name, string reason) in gpu.RejectedKernels)
    Console.WriteLine($"rejected: {name}: {reason}");
Console.WriteLine("| N | K | M | scheme | input | us | GB/s of weight | % of read | TFLOP/s | % of peak | error | kernel |");
Console.WriteLine("|--|--|--|--|--|--|--|--|--|--|--|--|");
int failures = 0;
foreach ((int rows, int columns) in shapes)
{
    foreach (QuantizationScheme scheme in schemes)
    {
        IReadOnlyList<MatMulResult> results = arguments.Has("--check-only")
            ? benchmark.Check(rows, columns, scheme, batches, [preference])
            : benchmark.Time(rows, columns, scheme, batches, [preference]);
        failures += results.Count(result => result.Failure is not null);
        foreach (MatMulResult result in results)
            Console.WriteLine(Line(result));
    }
}

return ExitCode(failures);

// Of a number only 8 bits would be left, and of 256 failures none.
int ExitCode(int failed) => failed == 0 ? 0 : 1;

string Line(MatMulResult result)
{
    MatMulCell cell = result.Cell;
    return result.Failure is { } failure
        ? $"| {cell} | failed: {failure} |"
        : $"| {cell.Rows} | {cell.Columns} | {cell.BatchSize} | {cell.Scheme} | {(isBFloat16 ? "bf16" : "fp16")} | {result.Time?.Median * 1e6:F2} | {result.WeightGigabytesPerSecond:F0} | {result.ShareOfRead * 100:F0} | {result.TeraflopsPerSecond:F1} | {result.ShareOfPeak * 100:F0} | {result.RelativeError:E1} | {result.KernelName} |";
}

QuantizationScheme Scheme(string type) => new(DataTypeCatalog.Get(type), arguments.Number("--block", 64))
{
    Constants = ConstantFormat.Get(arguments.Text("--constants", "fp16")),
    Nested = arguments.Has("--nested"),
    Offset = Enum.Parse<BlockOffset>(arguments.Text("--offset", "none"), ignoreCase: true),
};
