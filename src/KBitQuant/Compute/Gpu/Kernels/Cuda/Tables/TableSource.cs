using KBitQuant.DataTypes;
using KBitQuant.Numerics;
using Half = System.Half;

namespace KBitQuant.Compute.Gpu.Kernels.Cuda.Tables;

/// <summary>The entries that <see cref="ITableLookup"/> spreads over shared memory: for each of 256 symbols the values of its codes.</summary>
internal static class TableSource
{
    private const int SymbolCount = 256;

    /// <summary>Entries of halves, times <see cref="HalfTensorElement.TableScale"/>.</summary>
    public static uint[] Halves(DataType type, PackedLayout layout) =>
        Build(type, layout, value => BitConverter.HalfToUInt16Bits((Half)(value * HalfTensorElement.TableScale)));

    /// <summary>Entries of BFloat16.</summary>
    public static uint[] BFloat16s(DataType type, PackedLayout layout) => Build(type, layout, value => BFloat16.ToBits((BFloat16)value));

    private static uint[] Build(DataType type, PackedLayout layout, Func<float, ushort> round)
    {
        // A lone value fills both halves of its word.
        int words = Math.Max(layout.SymbolCodes / 2, 1);
        var entries = new uint[SymbolCount * words];
        for (int i = 0; i < entries.Length; i++)
        {
            int symbol = i / words;
            int first = i % words * 2;
            entries[i] = Value(symbol, first) | (Value(symbol, first + 1) << 16);
        }

        return entries;

        uint Value(int symbol, int code) =>
            round(type.Lookup[(symbol >> (code % layout.SymbolCodes * layout.Bits)) & ((1 << layout.Bits) - 1)]);
    }
}
