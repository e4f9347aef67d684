namespace KBitQuant.Compute.Gpu.Kernels;

/// <summary>32-bit floats.</summary>
internal readonly struct SingleElement : IElement<float>
{
    public float Widen(float element) => element;

    public float Round(float value) => value;
}
