using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using KBitQuant.Packing;
using static KBitQuant.Compute.Cpu.Kernels.RowLanes.InputRows<KBitQuant.Compute.Cpu.Kernels.RowLanes.RowPairs8>;

namespace KBitQuant.Compute.Cpu.Kernels.RowLanes;

/// <summary>Four input rows and evenly spaced tables, as <see cref="UniformRow256{TWidth}"/>, half a row group at a time.</summary>
internal unsafe struct UniformRows256<TWidth> : IUnitGemv256<UniformRows256<TWidth>>
    where TWidth : struct, ICodeWidth
{
    private const int QuadColumns = RowLaneLayout.QuadColumns;

    private UniformWords256<TWidth> _levels;
    private Twice<Twice<One>> _rows;

    public static int Rows => PanelBlocking.ShortRows;

    public static int Halves => 1;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static UniformRows256<TWidth> Of(in RowLaneBlock block) => new() { _levels = UniformWords256<TWidth>.Of(block.Uniform) };

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Add(byte* unit, byte* buffer, float* x)
    {
        AddQuad(unit, 0, x);
        AddQuad(unit, 1, x);
        AddQuad(unit, 2, x);
        AddQuad(unit, 3, x);
        AddQuad(unit, 4, x);
        AddQuad(unit, 5, x);
        AddQuad(unit, 6, x);
        AddQuad(unit, 7, x);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void AddSegment(in RowLaneBlock block, float* constants, float* y)
    {
        Vector256<float> scale = Vector256.Load(constants) * block.Uniform.Step;
        _rows.AddTo(y, GroupGemv256<TWidth, UniformRows256<TWidth>>.BlockLanes, new(scale, scale));
        _rows = default;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private void AddQuad(byte* unit, int quad, float* x)
    {
        int inputs = quad * Rows * QuadColumns;
        _levels.Words(CodePlanes256<TWidth>.Quad(unit, quad), out Vector256<uint> words0, out Vector256<uint> words1);
        _rows.Add(x, inputs, QuadColumns, new(_levels.Even(words0), _levels.Even(words1)));
        _rows.Add(x, inputs + 2, QuadColumns, new(_levels.Odd(words0), _levels.Odd(words1)));
    }
}
