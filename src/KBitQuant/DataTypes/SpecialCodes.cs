namespace KBitQuant.DataTypes;

/// <summary>Which codes of a minifloat are reserved for what is not a number.</summary>
public enum SpecialCodes
{
    /// <summary>None: every code is a finite number (FP6, FP4, and the study's floats).</summary>
    None,

    /// <summary>NaN only, where all exponent and mantissa bits are set (FP8 E4M3).</summary>
    NaN,

    /// <summary>The whole top binade: infinities with mantissa 0, NaN otherwise (FP8 E5M2).</summary>
    InfinityAndNaN,
}
