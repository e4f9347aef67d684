using KBitQuant.Compute.Gpu;
using KBitQuant.Numerics;
using KBitQuant.Quantization;

namespace KBitQuant.GpuBench;

/// <summary>The table of how fast weights are quantized and dequantized on the device.</summary>
internal static class Throughput
{
    /// <summary>Prints the table; the number of failures.</summary>
    public static int Run(GpuDevice device, IEnumerable<(int Rows, int Columns)> shapes, IReadOnlyList<QuantizationScheme> schemes, bool isBFloat16)
    {
        var benchmark = new QuantizationBenchmark(device);
        Console.WriteLine($"{device.Name}; copies {benchmark.CopyGigabytesPerSecond:F0} GB/s, read and written");
        Console.WriteLine("| shape | scheme | element | quantize, us | GB/s | % of copy | dequantize, us | GB/s | % of copy |");
        Console.WriteLine("|--|--|--|--|--|--|--|--|--|");
        int failures = 0;
        foreach ((int rows, int columns) in shapes)
        {
            foreach (QuantizationScheme scheme in schemes)
            {
                try
                {
                    (QuantizationTiming quantize, QuantizationTiming dequantize) = isBFloat16
                        ? benchmark.Time<BFloat16>(rows, columns, scheme)
                        : benchmark.Time<Half>(rows, columns, scheme);
                    Console.WriteLine($"| {rows}x{columns} | {scheme} | {(isBFloat16 ? "bf16" : "fp16")} | {Cells(quantize, benchmark)} | {Cells(dequantize, benchmark)} |");
                }
                catch (Exception exception) when (exception is InvalidOperationException or NotSupportedException)
                {
                    failures++;
                    Console.WriteLine($"| {rows}x{columns} | {scheme} | failed: {exception.Message} |");
                }
            }
        }

        return failures;
    }

    private static string Cells(QuantizationTiming timing, QuantizationBenchmark benchmark) =>
        $"{timing.Microseconds:F1} | {timing.GigabytesPerSecond:F0} | {timing.GigabytesPerSecond / benchmark.CopyGigabytesPerSecond * 100:F0}";
}
