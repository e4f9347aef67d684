using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;
using KBitQuant.Packing;

namespace KBitQuant.Compute.Cpu.Kernels.RowLanes;

/// <summary>What four row groups' quads of codes add to their sums.</summary>
internal unsafe interface IQuadProduct512<TSelf>
{
    /// <summary>Inputs that meet a quad.</summary>
    static abstract int Inputs { get; }

    static abstract TSelf Of(in RowLaneBlock block);

    /// <summary>sums += the quads' entries times the inputs, without the constants.</summary>
    void Add(Vector512<uint> quad0, Vector512<uint> quad1, Vector512<uint> quad2, Vector512<uint> quad3, float* x,
        ref Vector512<float> sum0, ref Vector512<float> sum1, ref Vector512<float> sum2, ref Vector512<float> sum3);
}

/// <summary>Entries of a table, a column at a time.</summary>
internal readonly unsafe struct TableProduct<TTable> : IQuadProduct512<TableProduct<TTable>>
    where TTable : struct, IQuadTable512<TTable>
{
    private readonly TTable _table;

    private TableProduct(TTable table) => _table = table;

    public static int Inputs
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => RowLaneLayout.QuadColumns;
    }

    public static TableProduct<TTable> Of(in RowLaneBlock block) => new(TTable.Of(block));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Add(Vector512<uint> quad0, Vector512<uint> quad1, Vector512<uint> quad2, Vector512<uint> quad3, float* x,
        ref Vector512<float> sum0, ref Vector512<float> sum1, ref Vector512<float> sum2, ref Vector512<float> sum3)
    {
        sum0 = Add(quad0, x, sum0);
        sum1 = Add(quad1, x, sum1);
        sum2 = Add(quad2, x, sum2);
        sum3 = Add(quad3, x, sum3);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private Vector512<float> Add(Vector512<uint> quad, float* x, Vector512<float> sum)
    {
        _table.Columns(quad.AsByte(), out Vector512<float> column0, out Vector512<float> column1, out Vector512<float> column2, out Vector512<float> column3);
        sum = Avx512F.FusedMultiplyAdd(column0, Vector512.Create(x[0]), sum);
        sum = Avx512F.FusedMultiplyAdd(column1, Vector512.Create(x[1]), sum);
        sum = Avx512F.FusedMultiplyAdd(column2, Vector512.Create(x[2]), sum);
        return Avx512F.FusedMultiplyAdd(column3, Vector512.Create(x[3]), sum);
    }
}

/// <summary>
/// Codes of 2 bits, two columns at a time: the codes of columns c and c + 4 are neighbours in memory, and together have 16 values. For each
/// such pair of inputs the 16 sums t[a] * x[c] + t[b] * x[c+4] are computed once, and each group of rows looks its sums up and adds them:
/// half the work of a column at a time.
/// </summary>
internal readonly unsafe struct PairProduct : IQuadProduct512<PairProduct>
{
    private const int QuadColumns = RowLaneLayout.QuadColumns;

    private readonly Vector512<float> _first;
    private readonly Vector512<float> _second;

    /// <summary>Lane i: the entry of code i &amp; 3, and that of code i >> 2.</summary>
    private PairProduct(Vector512<float> entries) =>
        (_first, _second) = (entries, Avx512F.PermuteVar16x32(entries, Vector512<int>.Indices >>> 2));

    public static int Inputs
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => 2 * QuadColumns;
    }

    public static PairProduct Of(in RowLaneBlock block) => new(Avx512F.LoadVector512(block.Table));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Add(Vector512<uint> quad0, Vector512<uint> quad1, Vector512<uint> quad2, Vector512<uint> quad3, float* x,
        ref Vector512<float> sum0, ref Vector512<float> sum1, ref Vector512<float> sum2, ref Vector512<float> sum3)
    {
        for (int column = 0; column < QuadColumns; column++)
        {
            Vector512<float> sums = Avx512F.Multiply(_first, Vector512.Create(x[column]));
            sums = Avx512F.FusedMultiplyAdd(_second, Vector512.Create(x[column + QuadColumns]), sums);
            sum0 = Avx512F.Add(sum0, Next(sums, ref quad0));
            sum1 = Avx512F.Add(sum1, Next(sums, ref quad1));
            sum2 = Avx512F.Add(sum2, Next(sums, ref quad2));
            sum3 = Avx512F.Add(sum3, Next(sums, ref quad3));
        }
    }

    /// <summary>The current byte's sums, and on to the next byte.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<float> Next(Vector512<float> sums, ref Vector512<uint> pairs)
    {
        Vector512<float> found = Avx512F.PermuteVar16x32(sums, pairs.AsInt32());
        pairs = Avx512F.RotateRight(pairs, 8);
        return found;
    }
}
