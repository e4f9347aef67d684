using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;
using KBitQuant.DataTypes;
using KBitQuant.Numerics;

namespace KBitQuant.Quantization;

/// <summary>Decodes blocks with AVX2, 16 codes at a time: to table entries, to products and sums, to the element type.</summary>
/// <typeparam name="T">Half, BFloat16 or float.</typeparam>
/// <typeparam name="TEntries">How entries are found.</typeparam>
internal static unsafe class EntryDecoder<T, TEntries>
    where T : unmanaged
    where TEntries : struct, IEntries256<TEntries>
{
    private const int Lanes = EntryDecoder.StepLength / 2;

    /// <summary>As <see cref="EntryDecoder.Decode"/>.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Decode<TOutput>(byte* codes, int blocks, int blockSize, TEntries entries, float* constants, float* offsets, ref TOutput output)
        where TOutput : struct, IOutput<Vector256<byte>>
    {
        TOutput to = output;
        for (int block = 0; block < blocks; block++)
        {
            Vector256<float> constant = Vector256.Create(constants[block]);
            // Adding -0 changes nothing, not even the sign of a zero.
            float added = offsets is null ? 0 : offsets[block];
            Vector256<float> offset = Vector256.Create(added == 0 ? -0f : added);
            for (byte* end = codes + blockSize; codes < end; codes += EntryDecoder.StepLength)
            {
                Vector256<float> low = (TEntries.Of(entries, codes) * constant) + offset;
                Vector256<float> high = (TEntries.Of(entries, codes + Lanes) * constant) + offset;
                if (typeof(T) == typeof(float))
                {
                    to.Write(low.AsByte());
                    to.Write(high.AsByte());
                }
                else
                {
                    to.Write(Elements.RoundNumbers<T>(low, high).AsByte());
                }
            }
        }

        output = to;
    }
}

/// <summary>Chooses how the entries of a table are found.</summary>
internal static unsafe class EntryDecoder
{
    /// <summary>Codes that are decoded at once.</summary>
    public const int StepLength = 16;

    public static bool IsSupported => Avx2.IsSupported && !Avx512F.IsSupported;

    /// <summary>Decodes blocks of codes, one a byte.</summary>
    /// <typeparam name="T">Half, BFloat16 or float.</typeparam>
    /// <typeparam name="TOutput">Where values go.</typeparam>
    /// <param name="codes">The codes.</param>
    /// <param name="blocks">How many blocks.</param>
    /// <param name="blockSize">Codes of a block, a multiple of <see cref="StepLength"/>.</param>
    /// <param name="type">The type.</param>
    /// <param name="table">Its 256 entries (<see cref="DataType.Lookup"/>).</param>
    /// <param name="constants">A constant for each block.</param>
    /// <param name="offsets">An offset for each block, or null.</param>
    /// <param name="output">Receives the values, none of which may be NaN where they are rounded to 16 bits.</param>
    public static void Decode<T, TOutput>(byte* codes, int blocks, int blockSize, DataType type, float* table, float* constants, float* offsets, ref TOutput output)
        where T : unmanaged
        where TOutput : struct, IOutput<Vector256<byte>>
    {
        if (type.Even is { } even)
            EntryDecoder<T, ComputedEntries256>.Decode(codes, blocks, blockSize, new ComputedEntries256(even), constants, offsets, ref output);
        else
            EntryDecoder<T, LoadedEntries256>.Decode(codes, blocks, blockSize, new LoadedEntries256(table), constants, offsets, ref output);
    }
}
