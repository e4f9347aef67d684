using KBitQuant.Compute.Gpu.Ptx;

namespace KBitQuant.Compute.Gpu.Kernels.Cuda.Prefill;

/// <summary>A lane's values of a unit in a chunk: the A operands of its four steps of 16 columns.</summary>
internal struct StepValues
{
    public Words4 First;
    public Words4 Second;
    public Words4 Third;
    public Words4 Fourth;
}
