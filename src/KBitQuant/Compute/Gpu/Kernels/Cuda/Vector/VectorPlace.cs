using ILGPU;
using KBitQuant.Compute.Gpu.Ptx;

namespace KBitQuant.Compute.Gpu.Kernels.Cuda.Vector;

/// <summary>Which units a group of the kernel for one input row has, and its shared memory: the table with stages of the weight, the inputs, what outputs are added
/// to, and sums, [slice of all units][weight row].</summary>
internal struct VectorPlace
{
    /// <summary>The first unit.</summary>
    public int FirstUnit;

    /// <summary>How many.</summary>
    public int Units;

    /// <summary>Where inputs are (<see cref="VectorInput"/>).</summary>
    public uint Inputs;

    /// <summary>Where what outputs are added to is.</summary>
    public uint Before;

    /// <summary>Where sums are.</summary>
    public uint Sums;

    /// <summary>Bytes of shared memory.</summary>
    /// <param name="slices">Slices of a unit.</param>
    /// <param name="units">The most units of a group.</param>
    /// <param name="bits">k.</param>
    /// <param name="stages">Stages of a warp.</param>
    public static int Bytes(int slices, int units, int bits, int stages) =>
        VectorStages.Bytes(bits, stages) + (slices * VectorInput.SliceBytes) + ((slices + 1) * units * DecodeGroup.SumBytes);

    /// <summary>The calling thread's group's.</summary>
    /// <param name="arguments">The kernel's.</param>
    /// <param name="bits">k.</param>
    public static VectorPlace Own(VectorArguments arguments, int bits)
    {
        int units = arguments.GroupUnits + (Grid.IdxX < arguments.RestUnits ? 1 : 0);
        uint inputs = PtxMemory.DynamicShared() + (uint)VectorStages.Bytes(bits, arguments.Stages);
        uint before = inputs + (uint)(arguments.Product.Slices * VectorInput.SliceBytes);
        return new()
        {
            FirstUnit = (Grid.IdxX * arguments.GroupUnits) + IntrinsicMath.Min(Grid.IdxX, arguments.RestUnits),
            Units = units,
            Inputs = inputs,
            Before = before,
            Sums = before + (uint)(units * DecodeGroup.SumBytes),
        };
    }
}
