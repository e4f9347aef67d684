using System.Globalization;
using KBitQuant.Compute.Gpu;
using KBitQuant.Numerics;
using KBitQuant.Quantization;

namespace KBitQuant.GpuBench;

/// <summary>The table of how fast weights are quantized and dequantized on the device.</summary>
internal static class Throughput
{
    /// <summary>Prints the table; the number of failures.</summary>
    public static int Run(GpuDevice device, IEnumerable<string> shapes, IEnumerable<QuantizationScheme> schemes, bool isBFloat16)
    {
        var benchmark = new QuantizationBenchmark(device);
        Console.WriteLine(Invariant($"{device.Name}; copies {benchmark.CopyGigabytesPerSecond:F0} GB/s, read and written"));
        Console.WriteLine("| shape | scheme | element | quantize, us | GB/s | % of copy | dequantize, us | GB/s | % of copy |");
        Console.WriteLine("|--|--|--|--|--|--|--|--|--|");
        int failures = 0;
        foreach (string shape in shapes)
        {
            int[] size = [.. shape.Split('x').Select(part => int.Parse(part, CultureInfo.InvariantCulture))];
            foreach (QuantizationScheme scheme in schemes)
            {
                try
                {
                    (QuantizationTiming quantize, QuantizationTiming dequantize) = isBFloat16
                        ? benchmark.Time<BFloat16>(size[0], size[1], scheme)
                        : benchmark.Time<Half>(size[0], size[1], scheme);
                    Console.WriteLine($"| {shape} | {scheme} | {(isBFloat16 ? "bf16" : "fp16")} | {Cells(quantize, benchmark)} | {Cells(dequantize, benchmark)} |");
                }
                catch (Exception exception) when (exception is InvalidOperationException or NotSupportedException)
                {
                    failures++;
                    Console.WriteLine($"| {shape} | {scheme} | failed: {exception.Message} |");
                }
            }
        }

        return failures;
    }

    private static string Cells(QuantizationTiming timing, QuantizationBenchmark benchmark) =>
        Invariant($"{timing.Microseconds:F1} | {timing.GigabytesPerSecond:F0} | {timing.GigabytesPerSecond / benchmark.CopyGigabytesPerSecond * 100:F0}");

    private static string Invariant(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
