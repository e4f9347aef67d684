using KBitQuant.DataTypes;
using KBitQuant.Numerics;
using KBitQuant.Quantization;

namespace KBitQuant.Tests.Compute;

/// <summary>A weight, quantized in some way, and the inputs to multiply it with.</summary>
internal sealed record ConformanceCase
{
    private const int NestedConstants = 3;

    // A table of one bit, tables that fill no power of two, and one whose codes are not in order.
    private static readonly DataType[] UserTypes =
    [
        new("user2", [-1, 0.5f]),
        new("user5", [0.3f, -1, 0, 0.9f, -0.25f]),
        new("user200", [.. Enumerable.Range(0, 200).Select(code => MathF.Sin(code * 37f))]),
    ];

    private static readonly DataType[] Types =
    [
        .. from bits in Enumerable.Range(2, 7)
           from family in new[] { "int", "float", "dynamic", "quantile", "nf" }
           select DataTypeCatalog.Get(family + bits),
        DataTypeCatalog.Get("uint4"),
        DataTypeCatalog.Get("fp4"),
        .. UserTypes,
    ];

    private static readonly int[] BlockSizes = [1, 16, 32, 64, 100, 256, QuantizationScheme.WholeTensor];

    // Kernels with layouts of their own take whole groups of columns: these make cases that they accept.
    private static readonly int[] AlignedBlockSizes = [32, 64, 128, 512, QuantizationScheme.WholeTensor];

    private static readonly (int Rows, int Columns)[] AlignedShapes = [(1, 64), (17, 128), (80, 512), (130, 1024), (33, 768)];

    private static readonly int[] BatchSizes = [1, 2, 5, 7, 13, 33, 70];

    // More than one group takes at once.
    private static readonly int[] GpuBatchSizes = [.. BatchSizes, 150];

    private static readonly Type[] Elements = [typeof(float), typeof(Half), typeof(BFloat16)];

    // The emulation has a thread of the system for each of its own, and under a million weights a second.
    private static readonly (int Rows, int Columns)[] SmallShapes = [(1, 1), (3, 17), (4, 64), (2, 300)];

    private static readonly (int Rows, int Columns)[] Shapes = [(1, 1), (3, 17), (128, 256), (65, 1000), (40, 128), (21, 640)];

    // More rows than a GPU has groups at once; for the reference on the processor, a long time.
    private static readonly (int Rows, int Columns)[] GpuShapes = [.. Shapes, (3000, 512)];

    public required QuantizationScheme Scheme { get; init; }

    public required (int Rows, int Columns) Shape { get; init; }

    public required int BatchSize { get; init; }

    public required Type Element { get; init; }

    public required bool HasBias { get; init; }

    /// <summary>Whether the first block is all zeros.</summary>
    public required bool HasZeroBlock { get; init; }

    /// <summary>Whether some input rows hold NaN or infinities.</summary>
    public required bool HasNonFinite { get; init; }

    public required int Seed { get; init; }

    /// <summary>Cases for a device: a set of any shapes and blocks and, where there is the time, a set of aligned ones; within each
    /// every two properties meet.</summary>
    public static IEnumerable<ConformanceCase> For(string device) => device switch
    {
        TestDevices.Emulated => Cover(BlockSizes, SmallShapes, BatchSizes),
        TestDevices.Cpu => Cover(BlockSizes, Shapes, BatchSizes).Concat(Cover(AlignedBlockSizes, AlignedShapes, BatchSizes)),
        _ => Cover(BlockSizes, GpuShapes, GpuBatchSizes).Concat(Cover(AlignedBlockSizes, AlignedShapes, GpuBatchSizes)),
    };

    private static IEnumerable<ConformanceCase> Cover(int[] blockSizes, (int Rows, int Columns)[] shapes, int[] batchSizes)
    {
        int offsets = Enum.GetValues<BlockOffset>().Length;
        return PairwiseCover.Of(Types.Length, blockSizes.Length, NestedConstants + 1, offsets, shapes.Length, batchSizes.Length, Elements.Length, 2, 2, 2)
            .Select((row, seed) => new ConformanceCase
            {
                Scheme = new QuantizationScheme(Types[row[0]], blockSizes[row[1]])
                {
                    Nested = row[2] == NestedConstants,
                    Constants = ConstantFormat.All[row[2] % ConstantFormat.All.Count],
                    Offset = (BlockOffset)row[3],
                },
                Shape = shapes[row[4]],
                BatchSize = batchSizes[row[5]],
                Element = Elements[row[6]],
                HasBias = row[7] == 1,
                HasZeroBlock = row[8] == 1,
                HasNonFinite = row[9] == 1,
                Seed = seed,
            });
    }

    public QuantizedTensor Quantize()
    {
        float[] values = Normal(Seed, Shape.Rows * Shape.Columns);
        // A little off zero, for the offsets to find.
        for (int i = 0; i < values.Length; i++)
            values[i] = (0.02f * values[i]) + 0.005f;
        if (HasZeroBlock)
            values.AsSpan(0, Math.Min(Scheme.BlockSizeFor(values.Length), values.Length / 2)).Clear();
        return BlockwiseQuantizer.Quantize<float>(values, Shape.Rows, Shape.Columns, Scheme);
    }

    public T[] Inputs<T>()
        where T : unmanaged
    {
        float[] values = Normal(Seed + 1, BatchSize * Shape.Columns);
        for (int row = 0; HasNonFinite && row < BatchSize; row++)
        {
            int start = row * Shape.Columns;
            int kind = (row + Seed) % 4;
            if (kind == 0)
                values[start] = float.NaN;
            if (kind is 1 or 2)
                values[start + Shape.Columns - 1] = float.PositiveInfinity;
            if (kind == 2)
                values[start + (Shape.Columns / 2)] = float.NegativeInfinity;
        }

        var inputs = new T[values.Length];
        KBitQuant.Numerics.Elements.FromSingle<T>(values, inputs);
        return inputs;
    }

    public float[] Bias() => HasBias ? Normal(Seed + 2, Shape.Rows) : [];

    public override string ToString() =>
        $"[{Shape.Rows}, {Shape.Columns}] {Scheme} M={BatchSize} {Element.Name}{(HasBias ? " bias" : "")}{(HasZeroBlock ? " zero block" : "")}{(HasNonFinite ? " NaN and infinity" : "")}";

    private static float[] Normal(int seed, int length)
    {
        var random = new Random(seed);
        return [.. Enumerable.Range(0, length).Select(_ => (float)(Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(2 * Math.PI * random.NextDouble())))];
    }
}
