using System.Collections.Immutable;
using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace KBitQuant.DataTypes;

/// <summary>
/// A k-bit data type: nothing but a name and a table, the codebook, that gives each code its value in [-1, 1].
/// </summary>
/// <remarks>
/// <para>Codes need not be in order of value (bitsandbytes' FP4 is not), a table may hold fewer than 2^k entries, and +0 may
/// stand beside -0: then a negative input that rounds to zero takes the code of -0. Of other equal entries the lowest code is
/// used. Entries that are NaN or infinite are reserved codes: they decode to what they say and are never chosen. Code 0 is never one of
/// them: blocks without a constant hold it.</para>
/// <para>Formula: section 2.1 of arXiv 2212.09720 (Q maps [0, 2^k-1] to F, divided by the absmax of F).</para>
/// </remarks>
public sealed class DataType
{
    /// <summary>The smallest number of table entries.</summary>
    public const int MinEntries = 2;

    /// <summary>The largest number of table entries.</summary>
    public const int MaxEntries = 256;

    /// <summary>Makes a codebook for a tensor's values.</summary>
    internal delegate float[] CodebookFit(ReadOnlySpan<float> values);

    private readonly float[] _codebook;
    private readonly CodebookFit? _fit;
    private float[]? _tuples;

    /// <summary>Makes a data type of a table of your own.</summary>
    /// <param name="name">The name by which files and reports call it.</param>
    /// <param name="codebook">Code to value; 2 to 256 entries. It is divided by its largest finite magnitude.</param>
    /// <exception cref="ArgumentException">The name is empty, the table has another length, no finite non-zero entry, fewer
    /// than two different finite entries, or none for code 0.</exception>
    public DataType(string name, ReadOnlySpan<float> codebook)
        : this(name, codebook, null)
    {
    }

    internal DataType(string name, ReadOnlySpan<float> codebook, CodebookFit? fit)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(name);
        if (codebook.Length is < MinEntries or > MaxEntries)
            throw new ArgumentException($"Data type '{name}': a table has {MinEntries} to {MaxEntries} entries; {codebook.Length} were given.", nameof(codebook));
        Name = name;
        Bits = int.Log2(codebook.Length - 1) + 1;
        _codebook = Normalize(name, codebook);
        _fit = fit;
        Search = new SortedCodebook(_codebook);
        IsSymmetric = _codebook.Where(float.IsFinite).All(value => _codebook.Contains(-value));
        IsFinite = _codebook.All(float.IsFinite);
        IsUniform = IsEvenlySpaced(_codebook);
        Even = IsUniform ? EvenEntries.Of(_codebook) : null;
        Small = FloatEntries.Of(_codebook);
        Lookup = Padded(_codebook, Bits, Even);
        LookupPlanes = BytePlaneLookup.PlanesOf(Lookup);
    }

    /// <summary>The name, such as <c>nf4</c> or <c>int3</c>.</summary>
    public string Name { get; }

    /// <summary>k: the bits of one code, the smallest k with 2^k at least the number of entries; 1 to 8.</summary>
    public int Bits { get; }

    /// <summary>Code to value, largest finite magnitude 1. For a type fitted to each tensor (<see cref="IsPerTensor"/>) that has
    /// not been fitted yet, the table of a normal distribution.</summary>
    public ReadOnlySpan<float> Codebook => _codebook;

    /// <summary>Whether each tensor has a table of its own, fitted to its values and stored beside its codes.</summary>
    public bool IsPerTensor => _fit is not null || IsFitted;

    /// <summary>Whether the table was fitted to a tensor.</summary>
    public bool IsFitted { get; private init; }

    /// <summary>Whether value = a + b * code for every code, to within float rounding: kernels may compute instead of looking up.</summary>
    public bool IsUniform { get; }

    /// <summary>Whether the negative of every entry is an entry.</summary>
    public bool IsSymmetric { get; }

    /// <summary>The table in order of value, with the thresholds between neighbours.</summary>
    internal SortedCodebook Search { get; }

    /// <summary>Whether all entries are numbers.</summary>
    internal bool IsFinite { get; }

    /// <summary>The table padded to 256 entries, so that any byte may index it. Of codes that it lacks those of computed tables go on as the
    /// computation does, all others are zeros.</summary>
    internal float[] Lookup { get; }

    /// <summary>How entries are computed, or null where they can only be looked up.</summary>
    internal EvenEntries? Even { get; }

    /// <summary>How entries of a small float are computed, or null.</summary>
    internal FloatEntries? Small { get; }

    /// <summary>The padded table as four planes of bytes (<see cref="BytePlaneLookup"/>).</summary>
    internal byte[] LookupPlanes { get; }

    /// <summary>The entries of several codes at once (<see cref="EntryTuples"/>), made when first asked for.</summary>
    internal float[] Tuples => _tuples ??= EntryTuples.Of(Lookup, Bits);

    /// <summary>The type with a table fitted to these values; this type itself where its table does not depend on the tensor.</summary>
    /// <param name="values">The tensor's values, all finite.</param>
    /// <exception cref="ArgumentException">There are no values to fit to.</exception>
    public DataType Fit(ReadOnlySpan<float> values) =>
        _fit is null ? this : new DataType(Name, _fit(values)) { IsFitted = true };

    /// <summary>A data type with a table that was fitted to a tensor earlier, as files bring it.</summary>
    /// <param name="name">The type's name.</param>
    /// <param name="codebook">Code to value, 2 to 256 entries.</param>
    /// <exception cref="ArgumentException">As in the constructor.</exception>
    public static DataType Fitted(string name, ReadOnlySpan<float> codebook) => new(name, codebook) { IsFitted = true };

    /// <summary>Whether the other type has the same name and, bit for bit, the same table.</summary>
    /// <param name="other">The type to compare with.</param>
    public bool IsSameAs([NotNullWhen(true)] DataType? other) =>
        other is not null && Name == other.Name && IsPerTensor == other.IsPerTensor
        && MemoryMarshal.AsBytes<float>(_codebook).SequenceEqual(MemoryMarshal.AsBytes<float>(other._codebook));

    /// <summary>The name.</summary>
    public override string ToString() => Name;

    private static float[] Normalize(string name, ReadOnlySpan<float> codebook)
    {
        float[] values = codebook.ToArray();
        float absmax = values.Where(float.IsFinite).Select(Math.Abs).DefaultIfEmpty(0).Max();
        if (absmax == 0 || values.Where(float.IsFinite).Distinct().Count() < 2)
            throw new ArgumentException($"Data type '{name}': a table needs two different finite entries, one of them not zero.", nameof(codebook));
        if (!float.IsFinite(values[0]))
            throw new ArgumentException(string.Create(CultureInfo.InvariantCulture, $"Data type '{name}': code 0, which blocks of zeros hold, stands for a finite value; {values[0]} was given."), nameof(codebook));
        for (int code = 0; code < values.Length; code++)
            values[code] /= absmax;
        return values;
    }

    private static float[] Padded(float[] codebook, int bits, EvenEntries? even)
    {
        var padded = new float[MaxEntries];
        codebook.CopyTo(padded, 0);
        for (int code = codebook.Length; code < 1 << bits; code++)
            padded[code] = even is { } entries ? entries.Decode(Vector256.Create((float)code))[0] : 0;
        return padded;
    }

    private static bool IsEvenlySpaced(float[] codebook)
    {
        // A float entry in [-1, 1] lies within half a unit in the last place of 1 of the value it stands for; so does each of
        // the two end points from which the line is drawn.
        const double Tolerance = 3 * (1.0 / (1 << 24));
        double step = (codebook[^1] - (double)codebook[0]) / (codebook.Length - 1);
        for (int code = 0; code < codebook.Length; code++)
        {
            if (!(Math.Abs(codebook[0] + (code * step) - codebook[code]) <= Tolerance))
                return false;
        }

        return step > 0;
    }
}
