using System.Runtime.Intrinsics;

namespace KBitQuant.Compute.Cpu.Kernels.RowLanes;

/// <summary>A lookup of few instructions, by vectors alone: codes need not go through memory.</summary>
internal interface IRegisterLookup256<TSelf> : IQuadLookup256<TSelf>
    where TSelf : struct, IRegisterLookup256<TSelf>
{
    /// <summary>As <see cref="IQuadLookup256{TSelf}.Levels"/>, in whatever order suits the lookup.</summary>
    void Levels(Vector256<byte> codes, out Vector256<float> levels0, out Vector256<float> levels1, out Vector256<float> levels2, out Vector256<float> levels3);
}
