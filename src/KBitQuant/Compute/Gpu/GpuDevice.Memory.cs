namespace KBitQuant.Compute.Gpu;

public sealed partial class GpuDevice
{
    /// <summary>Brings values to the device's memory; they may be reused at once.</summary>
    /// <typeparam name="T">Half, BFloat16 or float.</typeparam>
    /// <param name="values">The values.</param>
    /// <param name="progress">Receives the part that is there or on its way, from 0 to 1, every few MiB.</param>
    /// <exception cref="NotSupportedException">Another element type.</exception>
    /// <exception cref="ObjectDisposedException">The device is disposed of.</exception>
    public GpuTensor<T> Upload<T>(ReadOnlySpan<T> values, IProgress<double>? progress = null)
        where T : unmanaged
    {
        GpuTensor<T> tensor = Allocate<T>(values.Length);
        try
        {
            tensor.CopyFrom(values, progress);
            return tensor;
        }
        catch
        {
            tensor.Dispose();
            throw;
        }
    }

    /// <summary>Gives the memory of tensors and weights that are disposed of back to the driver, for other programs; until then it is kept
    /// for those to come.</summary>
    /// <exception cref="ObjectDisposedException">The device is disposed of.</exception>
    public void ReleaseMemory()
    {
        using Call call = Enter();
        Memory.Release();
    }
}
