using KBitQuant.Compute.Gpu;
using KBitQuant.Compute.Gpu.Decoder;
using KBitQuant.Compute.Gpu.Decoder.Attention;
using KBitQuant.Compute.Gpu.Decoder.Rotary;
using Half = System.Half;

namespace KBitQuant.Tests.Compute.Gpu.Decoder;

/// <summary>Rotary positions and attention against their formulas in double.</summary>
public class AttentionTests
{
    public static TheoryData<string> Devices => DecoderDevice.Names;

    /// <summary>Heads alike and shared, odd sizes, all, some and few of the pairs turned, passes that cross tiles.</summary>
    private static IEnumerable<(GpuHeads Heads, int Pairs, int[] Passes)> Cases =>
    [
        (new(2, 2, 6), 3, [1, 1]),
        (new(3, 1, 5), 1, [4, 2, 1]),
        (new(4, 2, 8), 2, [3, 63, 2, 1]),
        (new(5, 1, 4), 2, [70, 1, 3]),
    ];

    /// <summary>Steps of one token that GPUs of NVIDIA have a kernel for: within a tile, at its ends, and with shares for several groups.
    /// Emulated GPUs run the portable kernel at any size, and would take minutes.</summary>
    private static IEnumerable<(GpuHeads Heads, int Pairs, int[] Passes)> CudaCases =>
    [
        (new(5, 1, 128), 64, [1, 1, 61, 1, 1, 1, 133, 1]),
        (new(2, 2, 128), 20, [255, 1, 1, 130, 1]),
        (new(9, 1, 128), 64, [31, 1, 1, 480, 1, 1]),
    ];

    /// <summary>Passes for tensor cores: heads of all elements, of few and of an odd number of words; groups of rows and tiles that end
    /// anywhere, rows of a token in two groups, passes after others.</summary>
    private static IEnumerable<(GpuHeads Heads, int Pairs, int[] Passes)> FlashCases =>
    [
        (new(4, 1, 128), 64, [16, 31, 65]),
        (new(6, 2, 72), 36, [64, 1, 129]),
        (new(3, 3, 64), 16, [128, 193]),
        (new(5, 1, 8), 4, [13, 63, 200]),
        (new(2, 1, 40), 20, [300]),
    ];

    [Theory]
    [MemberData(nameof(Devices))]
    public void AttentionIsRight(string name)
    {
        GpuDevice device = DecoderDevice.Get(name);
        // With one group no positions are shared; with 40 a row group's are shared by up to two.
        foreach ((GpuHeads heads, int pairs, int[] passes) in device.Cuda is null ? Cases : Cases.Concat(CudaCases).Concat(FlashCases))
        {
            foreach (int groups in new[] { 1, 40 })
                Check(device, heads, pairs, passes, groups, isFused: groups == 1);
        }
    }

    [Fact]
    public void LargeHeadsAreRefused()
    {
        GpuDevice device = DecoderDevice.Get(TestDevices.Emulated);
        NotSupportedException error = Assert.Throws<NotSupportedException>(() => new GpuAttention(device, new(1, 1, 257), 1, 1));
        Assert.Contains("256", error.Message, StringComparison.Ordinal);
        Assert.Contains("257", error.Message, StringComparison.Ordinal);
    }

    private static void Check(GpuDevice device, GpuHeads heads, int pairs, int[] passes, int groups, bool isFused)
    {
        int length = passes.Sum();
        int capacity = length + 3;
        float[] queries = DecoderDevice.Values(1, length * heads.Count * heads.Size, 2);
        float[] keys = DecoderDevice.Values(2, length * heads.KeyValueCount * heads.Size, 2), values = DecoderDevice.Values(3, keys.Length);
        double[] angles = [.. Enumerable.Range(0, capacity * pairs).Select(i => i / pairs * Math.Pow(100, -(i % pairs) / (double)pairs))];
        double[] expected = Reference.Attend(heads, pairs, angles, queries, keys, values, length);
        using var rotary = new GpuRotary(device, pairs, [.. angles.Select(angle => (float)Math.Cos(angle))], [.. angles.Select(angle => (float)Math.Sin(angle))]);
        using var cache = new GpuKeyValues(device, heads, capacity);
        using var attention = new GpuAttention(device, heads, passes.Max(), groups);
        using var step = new GpuStep(device, passes.Max());
        var actual = new List<float>();
        int position = 0;
        foreach (int tokens in passes)
        {
            actual.AddRange(Run(device, heads, (queries, keys, values), position, tokens, isFused, step, rotary, cache, attention));
            position += tokens;
        }

        // Keys and queries are rounded to halves: scores, sums of head size products of up to 4, change by twice that part of them, and
        // weights by as much; weights may be rounded too. Outputs are means of values up to 1, rounded to halves themselves.
        double score = 4 * heads.Size / Math.Sqrt(heads.Size);
        DecoderDevice.AssertClose(expected, [.. actual], _ => ((4 * score) + 2) * DecoderDevice.HalfRoundoff);
    }

    private static float[] Run(
        GpuDevice device, GpuHeads heads, (float[] Queries, float[] Keys, float[] Values) all, int position, int tokens, bool isFused, GpuStep step,
        GpuRotary rotary, GpuKeyValues cache, GpuAttention attention)
    {
        int queryStride = heads.Count * heads.Size, keyStride = heads.KeyValueCount * heads.Size;
        float[] Part(float[] values, int stride) => values[(position * stride)..((position + tokens) * stride)];
        float[] queries = Part(all.Queries, queryStride), keys = Part(all.Keys, keyStride), values = Part(all.Values, keyStride);
        using GpuTensor<Half> q = DecoderDevice.Halves(device, queries), k = DecoderDevice.Halves(device, keys), v = DecoderDevice.Halves(device, values);
        int all3 = queryStride + (2 * keyStride);
        using GpuTensor<Half> joined = DecoderDevice.Halves(device, [.. Enumerable.Range(0, tokens).SelectMany(token =>
            queries[(token * queryStride)..((token + 1) * queryStride)].Concat(keys[(token * keyStride)..((token + 1) * keyStride)])
                .Concat(values[(token * keyStride)..((token + 1) * keyStride)]))]);
        using GpuTensor<Half> outputs = device.Allocate<Half>(tokens * queryStride);
        using (device.Enter())
        {
            step.Upload(position, new int[tokens]);
            if (isFused)
                attention.Apply(step, tokens, (joined, joined, joined), new(all3, all3, heads.Size, queryStride, queryStride + keyStride), rotary, cache, outputs);
            else
                attention.Apply(step, tokens, (q, k, v), new(queryStride, keyStride, heads.Size, 0, 0), rotary, cache, outputs);
        }

        return DecoderDevice.Read(outputs);
    }

    /// <summary>The formulas.</summary>
    private static class Reference
    {
        public static double[] Attend(GpuHeads heads, int pairs, double[] angles, float[] queries, float[] keys, float[] values, int length)
        {
            var outputs = new List<double>();
            for (int token = 0; token < length; token++)
            {
                for (int head = 0; head < heads.Count; head++)
                {
                    double[] query = Turn(queries, ((token * heads.Count) + head) * heads.Size, heads.Size, pairs, angles, token);
                    int shared = head / (heads.Count / heads.KeyValueCount);
                    double[] weights = [.. Enumerable.Range(0, token + 1).Select(position =>
                    {
                        double[] key = Turn(keys, ((position * heads.KeyValueCount) + shared) * heads.Size, heads.Size, pairs, angles, position);
                        return Math.Exp(query.Zip(key, (a, b) => a * b).Sum() / Math.Sqrt(heads.Size));
                    })];
                    for (int i = 0; i < heads.Size; i++)
                        outputs.Add(weights.Select((weight, position) => weight * values[(((position * heads.KeyValueCount) + shared) * heads.Size) + i]).Sum() / weights.Sum());
                }
            }

            return [.. outputs];
        }

        private static double[] Turn(float[] source, int start, int size, int pairs, double[] angles, int position)
        {
            double[] head = [.. Enumerable.Range(start, size).Select(i => (double)source[i])];
            for (int pair = 0; pair < pairs; pair++)
            {
                (double sine, double cosine) = Math.SinCos(angles[(position * pairs) + pair]);
                (head[pair], head[pair + pairs]) = ((head[pair] * cosine) - (head[pair + pairs] * sine), (head[pair + pairs] * cosine) + (head[pair] * sine));
            }

            return head;
        }
    }
}
