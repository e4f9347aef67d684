// Times products on the first GPU:
//   KBitQuant.GpuBench [--shapes NxK,...] [--m 1,2,...] [--types nf4,int3,...] [--block 64] [--constants fp16] [--element fp16|bf16]
//                      [--nested] [--offset mean] [--kernel NAME] [--check-only]
//   KBitQuant.GpuBench decode ... times a whole model (DecodeBenchmark.cs).
// Each line is printed as soon as its product has been checked and timed; a product that fails is named with the reason.
using System.Globalization;
using KBitQuant.Compute;
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

using GpuDevice device = GpuDevice.Open();
var benchmark = new GpuBenchmark(device);
bool isCheckOnly = args.Contains("--check-only");
Console.WriteLine($"{device.Name}; kernels {string.Join(", ", device.KernelNames)}");
if (!isCheckOnly)
    Console.WriteLine(Invariant($"reads {benchmark.ReadGigabytesPerSecond:F0} GB/s"));
foreach ((string name, string reason) in device.RejectedKernels)
    Console.WriteLine($"rejected: {name}: {reason}");
Console.WriteLine("| N | K | M | scheme | input | us | GB/s of weight | % of read | TFLOP/s | error | kernel |");
Console.WriteLine("|--|--|--|--|--|--|--|--|--|--|--|");
int failures = 0;
foreach (string shape in shapes)
{
    int[] size = [.. shape.Split('x').Select(part => int.Parse(part, CultureInfo.InvariantCulture))];
    foreach (string type in types)
    {
        var scheme = new QuantizationScheme(DataTypeCatalog.Get(type), block) { Constants = constants, Nested = args.Contains("--nested"), Offset = Enum.Parse<BlockOffset>(Option("--offset", "none"), ignoreCase: true) };
        foreach (int m in batches)
            Measure(new MatMulCell(size[0], size[1], m, scheme));
    }
}

return failures;

void Measure(MatMulCell cell)
{
    try
    {
        if (isCheckOnly)
        {
            double error = isBFloat16 ? benchmark.Check<BFloat16>(cell, preference) : benchmark.Check<Half>(cell, preference);
            Console.WriteLine(Invariant($"{cell}: error {error:E1}"));
            return;
        }

        MatMulTiming t = isBFloat16 ? benchmark.Time<BFloat16>(cell, preference) : benchmark.Time<Half>(cell, preference);
        Console.WriteLine(Invariant($"| {cell.Rows} | {cell.Columns} | {cell.BatchSize} | {cell.Scheme} | {(isBFloat16 ? "bf16" : "fp16")} | {t.Microseconds:F2} | {t.WeightGigabytesPerSecond:F0} | {t.ShareOfReadBandwidth * 100:F0} | {t.TeraflopsPerSecond:F1} | {t.RelativeError:E1} | {t.KernelName} |"));
    }
    catch (Exception exception) when (exception is InvalidOperationException or NotSupportedException)
    {
        failures++;
        Console.WriteLine($"| {cell} | failed: {exception.Message} |");
    }
}

string[] List(string name, string fallback) => Option(name, fallback).Split(',');

string Option(string name, string fallback)
{
    int at = Array.IndexOf(args, name);
    return at < 0 ? fallback : args[at + 1];
}

static string Invariant(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
