namespace KBitQuant.Compute.Cpu.Kernels.RowLanes;

/// <summary>Memory of a thread for the inner loops: grows to what is asked for and is kept, so that a call allocates nothing.</summary>
internal static unsafe class RowLaneScratch
{
    [ThreadStatic]
    private static AlignedBuffer<float>? _buffer;

    /// <summary>At least so many floats, aligned; valid until the thread asks again.</summary>
    public static float* Get(long length)
    {
        if (_buffer is null || _buffer.Length < length)
        {
            _buffer?.Free();
            _buffer = new AlignedBuffer<float>(length);
        }

        return _buffer.Pointer;
    }
}
