// Times products on the first GPU:
//   KBitQuant.GpuBench [--shapes NxK,...] [--m 1,2,...] [--types nf4,int3,...] [--block 64] [--constants fp16] [--element fp16|bf16]
//                      [--nested] [--offset mean] [--kernel NAME] [--check-only]
// or, with --throughput, how fast weights of these shapes and types are quantized from the elements and dequantized to them.
//   KBitQuant.GpuBench decode ... times a whole model (DecodeBenchmark.cs).
// Each line is printed as soon as its product has been checked and timed; a product that fails is named with the reason.
using System.Globalization;
using KBitQuant.Compute;
using KBitQuant.Compute.Benchmarking;
using KBitQuant.Compute.Gpu;
using KBitQuant.Compute.Gpu.Benchmarking;
using KBitQuant.DataTypes;
using KBitQuant.GpuBench;
using KBitQuant.Numerics;
using KBitQuant.Quantization;

if (args is ["decode", ..])
    return DecodeBenchmark.Run(args[1..]);
string[] shapes = List("--shapes", "4096x4096,11008x4096,8192x8192,28672x8192");
int[] batches = [.. List("--m", "1,16").Select(m => int.Parse(m, CultureInfo.InvariantCulture))];
string[] types = List("--types", "nf4");
int block = int.Parse(Option("--block", "64"), CultureInfo.InvariantCulture);
ConstantFormat constants = ConstantFormat.Get(Option("--constants", "fp16"));
bool isBFloat16 = Option("--element", "fp16") == "bf16";
var preference = new KernelPreference { KernelName = args.Contains("--kernel") ? Option("--kernel", "") : null };

GpuDevice gpu = GpuDevice.Open();
if (args.Contains("--throughput"))
{
    using (gpu)
        return Throughput.Run(gpu, shapes, types.Select(Scheme), isBFloat16);
}

using BenchmarkDevice device = isBFloat16 ? new GpuBenchmarkDevice<BFloat16>(gpu) : new GpuBenchmarkDevice<Half>(gpu);
var benchmark = new MatMulBenchmark(device);
bool isCheckOnly = args.Contains("--check-only");
Console.WriteLine($"{gpu.Name}; kernels {string.Join(", ", gpu.KernelNames)}");
foreach ((string name, string reason) in gpu.RejectedKernels)
    Console.WriteLine($"rejected: {name}: {reason}");
Console.WriteLine("| N | K | M | scheme | input | us | GB/s of weight | % of read | TFLOP/s | % of peak | error | kernel |");
Console.WriteLine("|--|--|--|--|--|--|--|--|--|--|--|--|");
int failures = 0;
foreach (string shape in shapes)
{
    int[] size = [.. shape.Split('x').Select(part => int.Parse(part, CultureInfo.InvariantCulture))];
    foreach (string type in types)
    {
        QuantizationScheme scheme = Scheme(type);
        IReadOnlyList<MatMulResult> results = isCheckOnly
            ? benchmark.Check(size[0], size[1], scheme, batches, [preference])
            : benchmark.Time(size[0], size[1], scheme, batches, [preference]);
        foreach (MatMulResult result in results)
            Print(result);
    }
}

return failures;

void Print(MatMulResult result)
{
    MatMulCell cell = result.Cell;
    if (result.Failure is not null)
        failures++;
    Console.WriteLine(result.Failure is { } failure
        ? $"| {cell} | failed: {failure} |"
        : Invariant($"| {cell.Rows} | {cell.Columns} | {cell.BatchSize} | {cell.Scheme} | {(isBFloat16 ? "bf16" : "fp16")} | {result.Time?.Median * 1e6:F2} | {result.WeightGigabytesPerSecond:F0} | {result.ShareOfRead * 100:F0} | {result.TeraflopsPerSecond:F1} | {result.ShareOfPeak * 100:F0} | {result.RelativeError:E1} | {result.KernelName} |"));
}

QuantizationScheme Scheme(string type) => new(DataTypeCatalog.Get(type), block)
{
    Constants = constants,
    Nested = args.Contains("--nested"),
    Offset = Enum.Parse<BlockOffset>(Option("--offset", "none"), ignoreCase: true),
};

string[] List(string name, string fallback) => Option(name, fallback).Split(',');

string Option(string name, string fallback)
{
    int at = Array.IndexOf(args, name);
    return at < 0 ? fallback : args[at + 1];
}

static string Invariant(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
