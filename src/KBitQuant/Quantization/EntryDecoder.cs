using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;
using KBitQuant.DataTypes;

namespace KBitQuant.Quantization;

/// <summary>Decodes blocks to 16-bit elements with AVX2, 16 codes at a time: to table entries, to products and sums, to the element type. Rounding is a
/// step behind: the processor does not look far enough ahead to do the whole chain of instructions of one step beside that of the next.</summary>
/// <typeparam name="T">Half or BFloat16.</typeparam>
/// <typeparam name="TEntries">How entries are found.</typeparam>
/// <typeparam name="TOffsets">Whether there are offsets.</typeparam>
internal static unsafe class EntryDecoder<T, TEntries, TOffsets>
    where T : unmanaged
    where TOffsets : struct, IOffsets
    where TEntries : struct, IPairEntries256<TEntries>
{
    /// <summary>As that of <see cref="EntryDecoder"/>.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Decode<TOutput>(byte* codes, int blocks, int blockSize, TEntries entries, float* constants, float* offsets, ref TOutput output)
        where TOutput : struct, IOutput<Vector256<byte>>
    {
        TOutput to = output;
        byte* start = codes;
        Vector256<float> even = default, odd = default;
        for (int block = 0; block < blocks; block++)
        {
            Vector256<float> constant = Vector256.Create(constants[block] * Rounding.Scale<T>());
            // Adding -0 changes nothing, not even the sign of a zero.
            Vector256<float> offset = Vector256.Create(TOffsets.Any && offsets[block] != 0 ? offsets[block] * Rounding.Scale<T>() : -0f);
            for (byte* end = codes + blockSize; codes < end; codes += EntryDecoder.StepLength)
            {
                TEntries.OfPairs(entries, codes, out Vector256<float> nextEven, out Vector256<float> nextOdd);
                if (codes != start)
                {
                    to.Write(Rounding256.Interleave<T>(even, odd).AsByte(), 0);
                    to.Advance(1);
                }

                even = Scale(nextEven, constant, offset);
                odd = Scale(nextOdd, constant, offset);
            }
        }

        if (codes != start)
        {
            to.Write(Rounding256.Interleave<T>(even, odd).AsByte(), 0);
            to.Advance(1);
        }

        output = to;

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        static Vector256<float> Scale(Vector256<float> entries, Vector256<float> constant, Vector256<float> offset) =>
            TOffsets.Any ? (entries * constant) + offset : entries * constant;
    }
}

/// <summary>Chooses how the entries of a table are found.</summary>
internal static unsafe class EntryDecoder
{
    /// <summary>Codes that are decoded at once.</summary>
    public const int StepLength = 16;

    public static bool IsSupported => Avx2.IsSupported && !Avx512F.IsSupported;

    /// <summary>Decodes blocks of codes, one a byte.</summary>
    /// <typeparam name="T">Half or BFloat16.</typeparam>
    /// <typeparam name="TOutput">Where values go.</typeparam>
    /// <param name="codes">The codes.</param>
    /// <param name="blocks">How many blocks.</param>
    /// <param name="blockSize">Codes of a block, a multiple of <see cref="StepLength"/>.</param>
    /// <param name="type">The type.</param>
    /// <param name="table">Its 256 entries (<see cref="DataType.Lookup"/>).</param>
    /// <param name="constants">A constant for each block.</param>
    /// <param name="offsets">An offset for each block, or null.</param>
    /// <param name="output">Receives the values, which <see cref="Rounding"/> must be able to round.</param>
    public static void Decode<T, TOutput>(byte* codes, int blocks, int blockSize, DataType type, float* table, float* constants, float* offsets, ref TOutput output)
        where T : unmanaged
        where TOutput : struct, IOutput<Vector256<byte>>
    {
        if (offsets is null)
            Decode<T, NoOffsets, TOutput>(codes, blocks, blockSize, type, table, constants, offsets, ref output);
        else
            Decode<T, OffsetPerBlock, TOutput>(codes, blocks, blockSize, type, table, constants, offsets, ref output);
    }

    private static void Decode<T, TOffsets, TOutput>(byte* codes, int blocks, int blockSize, DataType type, float* table, float* constants, float* offsets, ref TOutput output)
        where T : unmanaged
        where TOffsets : struct, IOffsets
        where TOutput : struct, IOutput<Vector256<byte>>
    {
        if (type.Even is { } even)
            EntryDecoder<T, ComputedEntries256, TOffsets>.Decode(codes, blocks, blockSize, new ComputedEntries256(even), constants, offsets, ref output);
        else if (type.Small is { } small && !small.AnyReserved(new ReadOnlySpan<byte>(codes, blocks * blockSize)))
            EntryDecoder<T, FloatEntries256, TOffsets>.Decode(codes, blocks, blockSize, new FloatEntries256(small), constants, offsets, ref output);
        else
            EntryDecoder<T, LoadedEntries256, TOffsets>.Decode(codes, blocks, blockSize, new LoadedEntries256(table), constants, offsets, ref output);
    }
}
