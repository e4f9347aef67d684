namespace KBitQuant.Compute.Gpu.Kernels.Platforms;

/// <summary>The parameter of a kernel that may be launched past ILGPU.</summary>
internal interface IKernelArguments
{
    /// <summary>Writes every field, in the order in which they are declared.</summary>
    void Write(ref ArgumentWriter writer);
}
