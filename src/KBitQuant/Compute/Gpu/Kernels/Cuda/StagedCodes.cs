using KBitQuant.Compute.Gpu.Kernels.Cuda.Formats;
using KBitQuant.Compute.Gpu.Ptx;

namespace KBitQuant.Compute.Gpu.Kernels.Cuda;

/// <summary>
/// A warp's codes of a slice on their way through shared memory: lanes copy them in the order of memory, 512 bytes side by side an instruction, into no
/// registers, and then load their own words (<see cref="StagedWords"/>).
/// </summary>
/// <remarks>
/// <para>Of each 16-byte word of the lanes a stage has four rows, one for each t of lanes 4g + t, of 128 bytes: lane 4g + t's at 16 (g xor 2t). Eight lanes that
/// copy have one t and all g, eight that load have two g and all t (those of k = 2 both times): they meet all banks.</para>
/// <para>Entries of four bytes leave every other 128 bytes of the table free (<see cref="Tables.Entry"/>): rows are there, those of k = 2 behind the table.</para>
/// </remarks>
internal struct StagedCodes
{
    /// <summary>Bytes from a 16-byte word of a lane to its next one.</summary>
    public const int WordStride = 4 * RowStride;

    private const int RowBytes = 128;
    private const int RowStride = 2 * RowBytes;

    /// <summary>The shared address to which the lane copies.</summary>
    public uint Copies;

    /// <summary>The shared address of its own first word.</summary>
    public uint Own;

    public uint Barrier;

    public readonly StagedCodes Step(uint bytes) => new() { Copies = Copies + bytes, Own = Own + bytes, Barrier = Barrier };

    /// <summary>Bytes of the table and of the stages of all warps of a group.</summary>
    /// <param name="bits">k.</param>
    public static int Bytes(int bits)
    {
        int stages = DecodeGroup.Warps * bits * WordStride;
        int end = bits == 2 ? DecodeGroup.TableBytes + stages : Math.Max(DecodeGroup.TableBytes, stages);
        if ((Lab.Mode & 24) != 0)
            end += stages;
        if ((Lab.Mode & 32) != 0)
            end = DecodeGroup.TableBytes + (stages / 2) + 128;
        if ((Lab.Mode & 64) != 0)
            end += DecodeGroup.Warps * 1024;
        return end;
    }

    /// <summary>A warp's stage.</summary>
    /// <param name="bits">k.</param>
    /// <param name="shared">Where the table begins in shared memory.</param>
    /// <param name="warp">The warp in its group.</param>
    /// <param name="lane">The lane.</param>
    public static StagedCodes Of(int bits, uint shared, int warp, int lane)
    {
        if ((Lab.Mode & 32) != 0)
        {
            uint at = shared + (uint)(DecodeGroup.TableBytes + 128 + (warp * bits * 512));
            return new() { Copies = at, Own = at + (uint)(((lane & 3) * 128) + (((lane >> 2) ^ (2 * (lane & 3))) * 16)), Barrier = shared + DecodeGroup.TableBytes + (uint)(warp * 8) };
        }

        uint stage = shared + (uint)(Start(bits) + (warp * bits * WordStride));
        return new()
        {
            Copies = stage + (bits == 2 ? (uint)(lane * 16) : (Lab.Mode & 1024) != 0 ? (uint)(((lane >> 3) * RowStride) + ((lane & 7) * 16)) : RowPlace(lane >> 3, lane & 7)),
            Own = stage + (bits == 2 ? (uint)(lane * 16) : RowPlace(lane & 3, lane >> 2)),
        };
    }

    /// <summary>The warp's copies have arrived.</summary>
    public static void Await()
    {
        PtxMemory.AwaitBatches();
        PtxGrid.WarpBarrier();
    }

    /// <summary>Begins to copy a slice to where the last one was, once all lanes have loaded that and a barrier of the warp has followed.</summary>
    /// <param name="codes">The slice's address, and 16 bytes for each lane before.</param>
    public readonly void BeginCopy<TCodes, TFormat>(long codes)
        where TCodes : unmanaged
        where TFormat : struct, ICodeFormat<TCodes>
    {
        int bits = default(TFormat).Bits;
        BeginCopy(codes, 0);
        BeginCopy(codes, 1);
        // Conditions of the type: a loop would stay one.
        if (bits > 2)
            BeginCopy(codes, 2);
        if (bits > 3)
            BeginCopy(codes, 3);
        if (bits > 4)
            BeginCopy(codes, 4);
        if (bits > 5)
            BeginCopy(codes, 5);
        if (bits > 6)
            BeginCopy(codes, 6);
        if (bits > 7)
            BeginCopy(codes, 7);
        PtxMemory.EndBatch();
    }

    /// <summary>The lane's codes, after <see cref="Await"/>.</summary>
    public readonly TCodes Load<TCodes, TFormat>()
        where TCodes : unmanaged
        where TFormat : struct, ICodeFormat<TCodes> => (Lab.Mode & 32) != 0 ? default(TFormat).Load<CompactWords>(Own) : default(TFormat).Load<StagedWords>(Own);

    public readonly void BeginHalf(long codes, int bits, int half, bool isWanted)
    {
        if (isWanted)
        {
            if (bits == 2)
            {
                BeginCopy(codes, half);
            }
            else if (bits == 4)
            {
                BeginCopy(codes, 2 * half);
                BeginCopy(codes, (2 * half) + 1);
            }
        }

        PtxMemory.EndBatch();
    }

    private readonly void BeginCopy(long codes, int word) =>
        PtxMemory.BeginCopyOnce(Copies + (uint)(word * WordStride), codes + (word * PackedLayout.SliceBytesPerBit));

    private static int Start(int bits) => bits == 2 ? DecodeGroup.TableBytes : RowBytes;

    private static uint RowPlace(int t, int g) => (uint)((t * RowStride) + ((g ^ (2 * t)) * 16));
}
