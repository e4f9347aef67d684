using KBitQuant.DataTypes;

namespace KBitQuant.Compute;

/// <summary>What a caller wants of the kernel that will run a weight.</summary>
public sealed record KernelPreference
{
    /// <summary>The name of the kernel to use, or null for the fastest that takes the weight and keeps the precision.</summary>
    public string? KernelName { get; init; }

    /// <summary>The least precision of the inputs that is good enough.</summary>
    /// <exception cref="ArgumentOutOfRangeException">It is none of the known ones.</exception>
    public ActivationPrecision Activations
    {
        get;
        init => field = KnownValue.Checked(value, nameof(Activations));
    }
}
