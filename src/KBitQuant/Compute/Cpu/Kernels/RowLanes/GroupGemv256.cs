using System.Runtime.CompilerServices;
using KBitQuant.Packing;

namespace KBitQuant.Compute.Cpu.Kernels.RowLanes;

/// <summary>One or a few input rows times row groups, on vectors of 8 lanes: the loop around the ways to go through a unit.</summary>
internal static unsafe class GroupGemv256<TWidth, TUnit>
    where TWidth : struct, ICodeWidth
    where TUnit : struct, IUnitGemv256<TUnit>
{
    /// <summary>Row groups of <see cref="Gemv"/>.</summary>
    public const int Groups = 4;

    /// <summary>Weight rows of all of them.</summary>
    public const int BlockLanes = Groups * Lanes;

    private const int Lanes = RowLaneLayout.Lanes;
    private const int HalfLanes = Lanes / 2;
    private const int HalfBytes = HalfLanes * sizeof(uint);
    private const int Halves = 2;

    /// <summary>As <see cref="IRowLaneOperations.Gemv"/>, of the unit's input rows; y is [rows][64].</summary>
    public static void Gemv(in RowLaneBlock block, float* x, float* y)
    {
        for (int group = 0; group < Groups; group++)
            GemvGroup(block, group, x, y + (group * Lanes));
    }

    /// <summary>A segment of one half of the lanes after that of the other: codes come from memory once.</summary>
    [MethodImpl(InnerLoop.Options)]
    private static void GemvGroup(in RowLaneBlock block, int group, float* x, float* y)
    {
        TUnit sums = TUnit.Of(block);
        byte* buffer = stackalloc byte[CodePlanes256<TWidth>.UnpackedBytes];
        byte* codes = block.Codes + block.GroupBytes(group);
        float* constants = block.Constants + block.GroupConstants(group);
        int segmentBytes = block.UnitsPerSegment * RowLaneLayout.UnitBytes(TWidth.Bits);
        int segmentInputs = block.UnitsPerSegment * RowLaneLayout.UnitColumns * TUnit.Rows;
        for (int segment = 0; segment < block.Segments; segment++, codes += segmentBytes, x += segmentInputs, constants += Lanes)
        {
            for (int half = 0; half < Halves; half += TUnit.Halves)
            {
                byte* unit = codes + (half * HalfBytes);
                float* input = x;
                for (byte* end = unit + segmentBytes; unit < end; unit += RowLaneLayout.UnitBytes(TWidth.Bits), input += RowLaneLayout.UnitColumns * TUnit.Rows)
                {
                    if (half == 0)
                        CodePlanes256<TWidth>.PrefetchAhead(unit);
                    sums.Add(unit, buffer, input);
                }

                sums.AddSegment(block, constants + (half * HalfLanes), y + (half * HalfLanes));
            }
        }
    }
}
