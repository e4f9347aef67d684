using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;
using KBitQuant.Packing;

namespace KBitQuant.Compute.Cpu.Kernels.RowLanes;

/// <summary>One input row and evenly spaced tables, with AVX2, by <see cref="UniformWords256{TWidth}"/>: both halves of a row group side by side, which
/// share inputs.</summary>
/// <remarks>
/// <code>
/// inputs of a quad: | row 0: x0 x2 x1 x3 | row 1: ... |    even columns meet | x0 x2 | x0 x2 | x0 x2 | x0 x2 |, odd ones x1, x3
/// </code>
/// </remarks>
internal unsafe struct UniformRow256<TWidth> : IUnitGemv256<UniformRow256<TWidth>>
    where TWidth : struct, ICodeWidth
{
    private const int HalfLanes = RowLaneLayout.Lanes / 2;

    private UniformWords256<TWidth> _levels;
    private Vector256<float> _low0;
    private Vector256<float> _high0;
    private Vector256<float> _low1;
    private Vector256<float> _high1;

    public static int Rows => 1;

    public static int Halves => 2;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static UniformRow256<TWidth> Of(in RowLaneBlock block) => new() { _levels = UniformWords256<TWidth>.Of(block.Uniform) };

    /// <summary>An input row in the order of the loops.</summary>
    /// <param name="x">Inputs.</param>
    /// <param name="columns">How many, a multiple of 32.</param>
    /// <param name="arranged">Receives the first quad.</param>
    /// <param name="rows">Input rows side by side: a quad of each, then the next.</param>
    public static void Arrange(float* x, int columns, float* arranged, int rows)
    {
        for (int column = 0; column < columns; column += RowLaneLayout.QuadColumns)
            Avx.Permute(Vector128.Load(x + column), 0b11_01_10_00).Store(arranged + ((long)column * rows));
    }

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
        // Neighbours are a row's; of each 128 bits, low has rows 0 and 1, high rows 2 and 3.
        Vector256<float> step = Vector256.Create(block.Uniform.Step);
        Vector256.MultiplyAddEstimate(Avx.HorizontalAdd(_low0, _high0), Vector256.Load(constants) * step, Vector256.Load(y)).Store(y);
        Vector256.MultiplyAddEstimate(Avx.HorizontalAdd(_low1, _high1), Vector256.Load(constants + HalfLanes) * step, Vector256.Load(y + HalfLanes)).Store(y + HalfLanes);
        _low0 = _high0 = _low1 = _high1 = default;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private void AddQuad(byte* unit, int quad, float* x)
    {
        Vector256<float> even = Pair(x + (quad * RowLaneLayout.QuadColumns)), odd = Pair(x + (quad * RowLaneLayout.QuadColumns) + 2);
        _levels.Words(CodePlanes256<TWidth>.Quad(unit, quad), out Vector256<uint> words0, out Vector256<uint> words1);
        _low0 = Vector256.MultiplyAddEstimate(_levels.Even(words0), even, _low0);
        _high0 = Vector256.MultiplyAddEstimate(_levels.Even(words1), even, _high0);
        _low0 = Vector256.MultiplyAddEstimate(_levels.Odd(words0), odd, _low0);
        _high0 = Vector256.MultiplyAddEstimate(_levels.Odd(words1), odd, _high0);
        _levels.Words(CodePlanes256<TWidth>.Quad(unit + (HalfLanes * sizeof(uint)), quad), out words0, out words1);
        _low1 = Vector256.MultiplyAddEstimate(_levels.Even(words0), even, _low1);
        _high1 = Vector256.MultiplyAddEstimate(_levels.Even(words1), even, _high1);
        _low1 = Vector256.MultiplyAddEstimate(_levels.Odd(words0), odd, _low1);
        _high1 = Vector256.MultiplyAddEstimate(_levels.Odd(words1), odd, _high1);
    }

    /// <summary>Two inputs over and over.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<float> Pair(float* x) => Vector256.Create(*(double*)x).AsSingle();
}
