using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;
using KBitQuant.DataTypes;

namespace KBitQuant.Quantization;

/// <summary>
/// Turns codes into constant * table[code] + offset, rounded after the product and after the sum on every path, so that all give
/// the same bits. Small tables live in registers and are looked up by permutation. For an offset of 0 -0 is added where there is no
/// choice: that changes nothing, not even the sign of a zero.
/// </summary>
internal static unsafe class CodebookLookup
{
    /// <summary>Up to here two registers hold a table with AVX2.</summary>
    private const int SmallBits = 4;

    /// <summary>Decodes codes, one a byte, of one block or a part of it.</summary>
    /// <param name="source">The codes.</param>
    /// <param name="length">How many.</param>
    /// <param name="type">The type.</param>
    /// <param name="table">Its 256 entries (<see cref="DataType.Lookup"/>).</param>
    /// <param name="planes">The same in planes (<see cref="DataType.LookupPlanes"/>).</param>
    /// <param name="constant">The block's constant.</param>
    /// <param name="offset">The block's offset.</param>
    /// <param name="destination">Receives the values.</param>
    public static void Decode(byte* source, int length, DataType type, float* table, byte* planes, float constant, float offset, float* destination)
    {
        int bits = type.Bits;
        int done = 0;
        if (BytePlaneLookup.IsSupported && bits > RegisterTable.MaxFastBits)
            done = BytePlaneLookup.Decode(source, length, planes, constant, offset, destination);
        else if (Avx512F.IsSupported)
            done = DecodeAvx512(source, length, table, bits, constant, offset, destination);
        else if (Avx2.IsSupported && bits > SmallBits && length >= RegisterBlocks.Lanes)
        {
            int registers = length / RegisterBlocks.Lanes;
            done = registers * RegisterBlocks.Lanes;
            FloatDecoder.DecodeBytes(type, table, source, new RegisterBlocks(&constant, offset == 0 ? null : &offset, length, 0), registers, destination, false);
        }
        else if (Avx2.IsSupported)
            done = DecodeAvx2(source, length, table, constant, offset, destination);
        for (; done < length; done++)
        {
            float product = constant * table[source[done]];
            // Adding a zero offset would turn -0 into +0.
            destination[done] = offset == 0 ? product : product + offset;
        }
    }

    /// <summary>Decodes codes to their table entries.</summary>
    public static void Decode(ReadOnlySpan<byte> codes, DataType type, Span<float> values)
    {
        fixed (float* table = type.Lookup)
        fixed (byte* planes = type.LookupPlanes)
        fixed (byte* source = codes)
        fixed (float* destination = values)
            Decode(source, codes.Length, type, table, planes, 1, 0, destination);
    }

    /// <summary>Sixteen codes at a time.</summary>
    private static int DecodeAvx512(byte* source, int length, float* table, int bits, float constant, float offset, float* destination)
    {
        const int Lanes = 16;
        Vector512<float> constants = Vector512.Create(constant);
        Vector512<float> offsets = Vector512.Create(offset);
        Vector512<float> entries0 = Avx512F.LoadVector512(table);
        int i = 0;
        for (; i <= length - Lanes; i += Lanes)
        {
            Vector512<int> index = Avx512F.ConvertToVector512Int32(Vector128.Load(source + i));
            Vector512<float> entry = bits switch
            {
                <= 4 => Avx512F.PermuteVar16x32(entries0, index),
                5 => RegisterTable.Lookup32(table, index),
                6 => RegisterTable.Lookup64(table, index),
                7 => RegisterTable.Lookup128(table, index),
                _ => RegisterTable.Lookup256(table, index),
            };
            Vector512<float> product = Avx512F.Multiply(entry, constants);
            (offset == 0 ? product : Avx512F.Add(product, offsets)).Store(destination + i);
        }

        return i;
    }

    /// <summary>Eight codes at a time. The table lives in two registers of which bit 3 of the code picks one.</summary>
    private static int DecodeAvx2(byte* source, int length, float* table, float constant, float offset, float* destination)
    {
        const int Lanes = 8;
        Vector256<float> constants = Vector256.Create(constant);
        Vector256<float> offsets = Vector256.Create(offset == 0 ? -0f : offset);
        Vector256<float> entries0 = Avx.LoadVector256(table);
        Vector256<float> entries8 = Avx.LoadVector256(table + Lanes);
        int i = 0;
        for (; i <= length - Lanes; i += Lanes)
        {
            Vector256<int> index = Avx2.ConvertToVector256Int32(source + i);
            Vector256<float> entry = Avx.BlendVariable(Avx2.PermuteVar8x32(entries0, index), Avx2.PermuteVar8x32(entries8, index), (index << 28).AsSingle());
            ((entry * constants) + offsets).Store(destination + i);
        }

        return i;
    }
}
