using System.Collections.Frozen;
using System.Diagnostics.CodeAnalysis;

namespace KBitQuant.DataTypes;

/// <summary>Every named data type. To add a family, write its file and add its line to <see cref="Families"/>.</summary>
public static class DataTypeCatalog
{
    private static readonly Lazy<FrozenDictionary<string, DataType>> ByName =
        new(() => Families().ToFrozenDictionary(type => type.Name, StringComparer.OrdinalIgnoreCase));

    /// <summary>Every type, ordered by bits, then name.</summary>
    public static IEnumerable<DataType> All => ByName.Value.Values.OrderBy(type => type.Bits).ThenBy(type => type.Name, StringComparer.Ordinal);

    /// <summary>The type of this name, in any case.</summary>
    /// <param name="name">A name such as <c>nf4</c>, <c>int3</c>, <c>float5</c>, <c>fp8-e4m3</c>.</param>
    /// <exception cref="ArgumentException">There is no such type; the message names the nearest ones.</exception>
    public static DataType Get(string name)
    {
        if (TryGet(name, out DataType? type))
            return type;
        IEnumerable<string> close = ByName.Value.Keys.OrderBy(known => Distance(known, name.ToLowerInvariant())).ThenBy(known => known, StringComparer.Ordinal).Take(4);
        throw new ArgumentException($"There is no data type '{name}'. The nearest names: {string.Join(", ", close)}.", nameof(name));
    }

    /// <summary>The type of this name, in any case.</summary>
    /// <param name="name">The name.</param>
    /// <param name="type">The type, or null.</param>
    /// <returns>Whether there is one.</returns>
    public static bool TryGet(string name, [NotNullWhen(true)] out DataType? type)
    {
        ArgumentNullException.ThrowIfNull(name);
        return ByName.Value.TryGetValue(name, out type);
    }

    private static IEnumerable<DataType> Families() =>
    [
        .. BitRange.All.Select(IntegerTable.Signed),
        .. BitRange.All.Select(IntegerTable.Unsigned),
        .. BitRange.All.Select(MiniFloat.Study),
        .. BitRange.All.SelectMany(bits => Splits(bits, FloatVariant.PaperAppendix)),
        .. BitRange.All.SelectMany(bits => Splits(bits, FloatVariant.BitsAndBytesMap)),
        .. BitRange.All.SelectMany(bits => Splits(bits, FloatVariant.Ieee)),
        .. BitRange.All.Select(DynamicExponent.Signed),
        .. BitRange.All.Select(DynamicExponent.Unsigned),
        .. BitRange.All.Select(Quantile.Create),
        .. BitRange.All.Select(NormalFloat.Create),
        NormalFloat.Af4(),
        MiniFloat.Create("fp4", 2, 1, FloatVariant.PaperAppendix, SpecialCodes.None),
    ];

    private static IEnumerable<DataType> Splits(int bits, FloatVariant variant)
    {
        for (int exponentBits = 1; exponentBits < bits; exponentBits++)
            yield return MiniFloat.Create(exponentBits, bits - 1 - exponentBits, variant, OcpSpecialCodes(exponentBits, bits, variant));
    }

    /// <summary>The OCP FP8 formats reserve codes; no other float of 8 bits or fewer does.</summary>
    private static SpecialCodes OcpSpecialCodes(int exponentBits, int bits, FloatVariant variant) => (variant, bits, exponentBits) switch
    {
        (FloatVariant.Ieee, 8, 4) => SpecialCodes.NaN,
        (FloatVariant.Ieee, 8, 5) => SpecialCodes.InfinityAndNaN,
        _ => SpecialCodes.None,
    };

    /// <summary>Levenshtein distance, for suggestions.</summary>
    private static int Distance(string a, string b)
    {
        int[] row = [.. Enumerable.Range(0, b.Length + 1)];
        for (int i = 1; i <= a.Length; i++)
        {
            int diagonal = row[0];
            row[0] = i;
            for (int j = 1; j <= b.Length; j++)
                (diagonal, row[j]) = (row[j], Math.Min(Math.Min(row[j], row[j - 1]) + 1, diagonal + (a[i - 1] == b[j - 1] ? 0 : 1)));
        }

        return row[^1];
    }
}
