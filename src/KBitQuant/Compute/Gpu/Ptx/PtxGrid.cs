using ILGPU.IR.Intrinsics;

namespace KBitQuant.Compute.Gpu.Ptx;

/// <summary>How the threads of a grid, and grids that follow one another, wait for each other.</summary>
internal static class PtxGrid
{
    private const int Hopper = 90;

    /// <summary>Waits for all threads of the group.</summary>
    [IntrinsicImplementation, Ptx("bar.sync 0;")]
    public static void Barrier() => throw new NotSupportedException();

    /// <summary>Lets the next kernel of the stream begin, where it was launched to overlap (programmatic dependent launch).</summary>
    [IntrinsicImplementation, Ptx("griddepcontrol.launch_dependents;", Since = Hopper)]
    public static void LetNextBegin() => throw new NotSupportedException();

    /// <summary>Waits until the previous kernel of the stream has finished and its writes can be seen.</summary>
    [IntrinsicImplementation, Ptx("griddepcontrol.wait;", Since = Hopper)]
    public static void WaitForPrevious() => throw new NotSupportedException();
}
