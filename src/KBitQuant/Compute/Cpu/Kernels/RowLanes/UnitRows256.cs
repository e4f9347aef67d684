using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using KBitQuant.Packing;
using static KBitQuant.Compute.Cpu.Kernels.RowLanes.InputRows<KBitQuant.Compute.Cpu.Kernels.RowLanes.Floats8>;

namespace KBitQuant.Compute.Cpu.Kernels.RowLanes;

/// <summary>Eight input rows without a panel: a column of 8 rows of weights meets an input of each as soon as it is decoded. Eight sums, four columns
/// and an input fit 16 registers.</summary>
internal unsafe struct UnitRows256<TWidth, TLookup> : IUnitGemv256<UnitRows256<TWidth, TLookup>>
    where TWidth : struct, ICodeWidth
    where TLookup : struct, IQuadLookup256<TLookup>
{
    private const int QuadColumns = RowLaneLayout.QuadColumns;

    private TLookup _lookup;
    private Twice<Twice<Twice<One>>> _rows;

    public static int Rows => 8;

    public static int Halves => 1;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static UnitRows256<TWidth, TLookup> Of(in RowLaneBlock block) => new() { _lookup = TLookup.Of(block) };

    /// <summary>An input row in the order of the loop.</summary>
    /// <param name="x">Inputs.</param>
    /// <param name="columns">How many, a multiple of 32.</param>
    /// <param name="arranged">Receives the first quad.</param>
    /// <param name="rows">Input rows side by side: a quad of each, then the next.</param>
    public static void Arrange(float* x, int columns, float* arranged, int rows)
    {
        for (int column = 0; column < columns; column += QuadColumns)
            Vector128.Load(x + column).Store(arranged + ((long)column * rows));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Add(byte* unit, byte* buffer, float* x)
    {
        byte* codes = CodePlanes256<TWidth>.Unpack(unit, buffer);
        for (int quad = 0; quad < RowLaneLayout.UnitQuads; quad++, codes += CodePlanes256<TWidth>.QuadStride, x += Rows * QuadColumns)
        {
            _lookup.Levels(codes, byColumn: true, out Vector256<float> column0, out Vector256<float> column1, out Vector256<float> column2, out Vector256<float> column3);
            _rows.Add(x, 0, QuadColumns, new Floats8(column0));
            _rows.Add(x, 1, QuadColumns, new Floats8(column1));
            _rows.Add(x, 2, QuadColumns, new Floats8(column2));
            _rows.Add(x, 3, QuadColumns, new Floats8(column3));
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void AddSegment(in RowLaneBlock block, float* constants, float* y)
    {
        _rows.AddTo(y, GroupGemv256<TWidth, UnitRows256<TWidth, TLookup>>.BlockLanes, new Floats8(TLookup.Scale(block, Vector256.Load(constants))));
        _rows = default;
    }
}
