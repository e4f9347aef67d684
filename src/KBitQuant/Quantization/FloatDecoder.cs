using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;
using KBitQuant.DataTypes;
using KBitQuant.Packing;

namespace KBitQuant.Quantization;

/// <summary>Decodes codes to floats with AVX2, eight at a time.</summary>
/// <typeparam name="TEntries">How entries are found.</typeparam>
/// <typeparam name="TOffsets">Whether there are offsets.</typeparam>
/// <typeparam name="TStore">How values are stored.</typeparam>
internal static unsafe class FloatDecoder<TEntries, TOffsets, TStore>
    where TEntries : struct, IEntries256<TEntries>
    where TOffsets : struct, IOffsets
    where TStore : struct, IFloatStore
{
    private const int Lanes = RegisterBlocks.Lanes;

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Decode(TEntries entries, byte* codes, RegisterBlocks blocks, int registers, float* to)
    {
        nint stride = TEntries.Stride(entries);
        Vector256<float> isCarried = Vector256.LessThan(Vector256<int>.Indices, Vector256.Create(blocks.Carried)).AsSingle();
        Vector256<float> lastConstant = Vector256.Create(blocks.Constants[0]), lastOffset = Offset(blocks, 0);
        for (int block = 0; registers > 0; block++)
        {
            Vector256<float> constant = Vector256.Create(blocks.Constants[block]), offset = Offset(blocks, block);
            // In the first register of a block some lanes are of the one before.
            Vector256<float> firstConstant = Avx.BlendVariable(constant, lastConstant, isCarried);
            Vector256<float> firstOffset = TOffsets.Any ? Avx.BlendVariable(offset, lastOffset, isCarried) : default;
            int count = Math.Min(block == 0 ? blocks.First : blocks.Whole, registers);
            registers -= count;
            if ((count & 1) != 0)
            {
                TStore.Store(Scale(TEntries.Of(entries, codes), firstConstant, firstOffset), to);
                (firstConstant, firstOffset) = (constant, offset);
                codes += stride;
                to += Lanes;
            }

            for (int pairs = count >> 1; pairs > 0; pairs--, codes += 2 * stride, to += 2 * Lanes)
            {
                Vector256<float> first = TEntries.Of(entries, codes), second = TEntries.Of(entries, codes + stride);
                TStore.Store(Scale(first, firstConstant, firstOffset), to);
                TStore.Store(Scale(second, constant, offset), to + Lanes);
                (firstConstant, firstOffset) = (constant, offset);
            }

            (lastConstant, lastOffset) = (constant, offset);
        }
    }

    /// <summary>A block's offset; adding -0 changes nothing, not even the sign of a zero.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<float> Offset(RegisterBlocks blocks, int block) =>
        TOffsets.Any ? Vector256.Create(blocks.Offsets[block] == 0 ? -0f : blocks.Offsets[block]) : default;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<float> Scale(Vector256<float> entries, Vector256<float> constant, Vector256<float> offset) =>
        TOffsets.Any ? (entries * constant) + offset : entries * constant;
}

/// <summary>Chooses how the entries of a table are found.</summary>
internal static unsafe class FloatDecoder
{
    /// <summary>From here on computing entries takes less than looking up tuples.</summary>
    private const int LeastComputedBits = 3;

    /// <summary>Whether codes of k bits are decoded so; more are faster with AVX-512 (<see cref="CodebookLookup"/>).</summary>
    public static bool IsSupported(int bits) => Avx2.IsSupported && (bits <= RegisterTable.MaxFastBits || !Avx512F.IsSupported);

    /// <summary>Registers whose loads end within what may be read from the first one's first byte on.</summary>
    public static long FittingRegisters(int bits, long readable) => readable < sizeof(ulong) ? 0 : ((readable - sizeof(ulong)) / bits) + 1;

    /// <summary>Decodes codes from the canonical stream.</summary>
    /// <param name="type">The type.</param>
    /// <param name="table">Its 256 entries (<see cref="DataType.Lookup"/>).</param>
    /// <param name="codes">The byte where the first code begins.</param>
    /// <param name="shift">The bit there.</param>
    /// <param name="blocks">Constants and offsets.</param>
    /// <param name="registers">How many eights; <see cref="FittingRegisters"/> says how many may be.</param>
    /// <param name="to">Receives the values.</param>
    /// <param name="pastCaches">Whether to store them past the caches; they begin at a multiple of 32 bytes then.</param>
    // Unoptimized at first, what is made here in registers would take longer than a chunk's decoding.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Decode(DataType type, float* table, byte* codes, int shift, RegisterBlocks blocks, int registers, float* to, bool pastCaches)
    {
        if (type.Bits == BitPacking.MaxBits)
            DecodeBytes(type, table, codes, blocks, registers, to, pastCaches);
        else if (type.Bits >= LeastComputedBits && type.Even is { } even)
            Decode(new ComputedFields256(even, type.Bits, shift), codes, blocks, registers, to, pastCaches);
        else
            DecodeTuples(type, codes, shift, blocks, registers, to, pastCaches);
    }

    /// <summary>Decodes codes, one a byte.</summary>
    public static void DecodeBytes(DataType type, float* table, byte* codes, RegisterBlocks blocks, int registers, float* to, bool pastCaches)
    {
        if (type.Even is { } even)
            Decode(new ComputedEntries256(even), codes, blocks, registers, to, pastCaches);
        else if (type.Small is { } small && !small.AnyReserved(new ReadOnlySpan<byte>(codes, registers * RegisterBlocks.Lanes)))
            Decode(new FloatEntries256(small), codes, blocks, registers, to, pastCaches);
        else
            Decode(new LoadedEntries256(table), codes, blocks, registers, to, pastCaches);
    }

    private static void DecodeTuples(DataType type, byte* codes, int shift, RegisterBlocks blocks, int registers, float* to, bool pastCaches)
    {
        fixed (float* tuples = type.Tuples)
        {
            switch (type.Bits)
            {
                case 1:
                    Decode(new TupleEntries256<OneBit>(tuples, shift), codes, blocks, registers, to, pastCaches);
                    break;
                case 2:
                    Decode(new TupleEntries256<TwoBits>(tuples, shift), codes, blocks, registers, to, pastCaches);
                    break;
                case 3:
                    Decode(new TupleEntries256<ThreeBits>(tuples, shift), codes, blocks, registers, to, pastCaches);
                    break;
                case 4:
                    Decode(new TupleEntries256<FourBits>(tuples, shift), codes, blocks, registers, to, pastCaches);
                    break;
                case 5:
                    Decode(new TupleEntries256<FiveBits>(tuples, shift), codes, blocks, registers, to, pastCaches);
                    break;
                case 6:
                    Decode(new TupleEntries256<SixBits>(tuples, shift), codes, blocks, registers, to, pastCaches);
                    break;
                default:
                    Decode(new TupleEntries256<SevenBits>(tuples, shift), codes, blocks, registers, to, pastCaches);
                    break;
            }
        }
    }

    private static void Decode<TEntries>(TEntries entries, byte* codes, RegisterBlocks blocks, int registers, float* to, bool pastCaches)
        where TEntries : struct, IEntries256<TEntries>
    {
        if (blocks.Offsets is null)
            Decode<TEntries, NoOffsets>(entries, codes, blocks, registers, to, pastCaches);
        else
            Decode<TEntries, OffsetPerBlock>(entries, codes, blocks, registers, to, pastCaches);
    }

    private static void Decode<TEntries, TOffsets>(TEntries entries, byte* codes, RegisterBlocks blocks, int registers, float* to, bool pastCaches)
        where TEntries : struct, IEntries256<TEntries>
        where TOffsets : struct, IOffsets
    {
        if (pastCaches)
            FloatDecoder<TEntries, TOffsets, StreamedStore>.Decode(entries, codes, blocks, registers, to);
        else
            FloatDecoder<TEntries, TOffsets, CachedStore>.Decode(entries, codes, blocks, registers, to);
    }
}
