using ILGPU;
using KBitQuant.Compute.Gpu.Ptx;

namespace KBitQuant.Compute.Gpu.Kernels.Cuda;

/// <summary>What the groups of the kernels for small batches share: their shape, their shared memory, and how they add up.</summary>
internal static class DecodeGroup
{
    /// <summary>Threads of a group.</summary>
    public const int Size = 512;

    /// <summary>Warps of a group.</summary>
    public const int Warps = Size / 32;

    /// <summary>Bytes of the table, ahead of the partial sums.</summary>
    public const int TableBytes = 0x10000;

    /// <summary>Bytes of a slice's partial sums for one row of inputs.</summary>
    public const int SumBytes = PackedLayout.UnitRows * sizeof(float);

    /// <summary>Slices that a warp takes at a time where there is one input row; the last ones of a unit may be fewer.</summary>
    public const int ItemSlices = 2;

    /// <summary>Stores a lane's sums of a slice.</summary>
    /// <param name="sums">Where shared memory has [slice][input row][weight row].</param>
    /// <param name="slice">The slice's place there.</param>
    /// <param name="m">Input rows.</param>
    /// <param name="firstColumn">The input row of the product's first column.</param>
    /// <param name="lane">The lane.</param>
    /// <param name="sum">Its sums.</param>
    public static void Store(uint sums, int slice, int m, int firstColumn, int lane, Floats4 sum)
    {
        int column = firstColumn + ((lane & 3) * 2);
        uint at = sums + (uint)((((slice * m) + column) * SumBytes) + (lane >> 2 << 2));
        if (column < m)
        {
            PtxMemory.StoreSharedFloat(at, sum.X);
            PtxMemory.StoreSharedFloat(at + (SumBytes / 2), sum.Z);
        }

        if (column + 1 < m)
        {
            PtxMemory.StoreSharedFloat(at + SumBytes, sum.Y);
            PtxMemory.StoreSharedFloat(at + SumBytes + (SumBytes / 2), sum.W);
        }
    }

    /// <summary>Adds the sums of each output in the order of their columns, and writes it.</summary>
    /// <param name="arguments">The kernel's.</param>
    /// <param name="sums">As in <see cref="Store"/>.</param>
    /// <param name="firstUnit">The weight's unit that the first slice there belongs to.</param>
    /// <param name="units">How many there are.</param>
    /// <param name="parts">How many sums an output has.</param>
    /// <param name="thread">The thread in its group.</param>
    public static void Reduce<TElement>(DecodeArguments arguments, uint sums, int firstUnit, int units, int parts, int thread)
        where TElement : struct, ITensorElement
    {
        TElement element = default;
        int outputs = units * arguments.M * PackedLayout.UnitRows;
        for (int output = thread; output < outputs; output += Size)
        {
            int row = output % PackedLayout.UnitRows;
            int m = output / PackedLayout.UnitRows % arguments.M;
            int unit = output / PackedLayout.UnitRows / arguments.M;
            uint at = sums + (uint)((((unit * parts * arguments.M) + m) * SumBytes) + (row * sizeof(float)));
            float sum = 0;
            for (int part = 0; part < parts; part++)
                sum += PtxMemory.LoadSharedFloat(at + (uint)(part * arguments.M * SumBytes));
            int n = ((firstUnit + unit) * PackedLayout.UnitRows) + row;
            if (n >= arguments.N)
                continue;
            sum *= element.InverseScale;
            if (arguments.HasBias != 0)
                sum += Interop.IntAsFloat(PtxMemory.Load(arguments.Bias + ((long)n * sizeof(float))));
            PtxMemory.StoreShort(arguments.Y + ((((long)m * arguments.N) + n) * 2), element.Round(sum));
        }
    }
}
