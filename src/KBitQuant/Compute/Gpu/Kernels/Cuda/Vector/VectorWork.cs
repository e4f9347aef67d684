using KBitQuant.Compute.Gpu.Ptx;

namespace KBitQuant.Compute.Gpu.Kernels.Cuda.Vector;

/// <summary>Where a lane is in its group's work, and where it finds what it needs.</summary>
internal struct VectorWork
{
    /// <summary>The slice, counted through all units of the weight.</summary>
    public int Slice;

    /// <summary>The slice in its unit.</summary>
    public int InUnit;

    /// <summary>The slice after the group's last one.</summary>
    public int End;

    /// <summary>The lane's inputs in the first slice of a unit, in shared memory.</summary>
    public uint Inputs;

    /// <summary>Where the sums of the slice go, in shared memory.</summary>
    public uint Sums;

    /// <summary>Where the constants of the slice are in shared memory (<see cref="VectorStages"/>).</summary>
    public uint Constants;

    /// <summary>From the slice's stage to that of the next one: 1 or -1, or 0 where there is but one.</summary>
    public int StageStep;

    /// <summary>The lane's copy of the table (<see cref="Tables.ITableLookup"/>).</summary>
    public uint Table;

    /// <summary>The table in registers (<see cref="Tables.ITableLookup.Registers"/>).</summary>
    public Words2 Registers;

    /// <summary>The warp's next slice.</summary>
    public readonly VectorWork Next(VectorArguments arguments)
    {
        VectorWork next = this;
        next.Constants += (uint)(StageStep * VectorStages.ConstantStep);
        next.StageStep = -StageStep;
        next.Slice += DecodeGroup.Warps;
        next.Sums += DecodeGroup.Warps * DecodeGroup.SumBytes;
        next.InUnit += arguments.SliceStep;
        next.InUnit -= next.InUnit >= arguments.Product.Slices ? arguments.Product.Slices : 0;
        return next;
    }
}
