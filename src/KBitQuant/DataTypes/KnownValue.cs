namespace KBitQuant.DataTypes;

/// <summary>The check of enumerations that callers give.</summary>
internal static class KnownValue
{
    /// <summary>The value, if it is one of its type's.</summary>
    /// <param name="value">The value.</param>
    /// <param name="name">The parameter or property.</param>
    /// <exception cref="ArgumentOutOfRangeException">It is none.</exception>
    public static T Checked<T>(T value, string name)
        where T : struct, Enum => Enum.IsDefined(value)
            ? value
            : throw new ArgumentOutOfRangeException(name, value, $"{typeof(T).Name} is one of {string.Join(", ", Enum.GetNames<T>())}; {value} was given.");
}
