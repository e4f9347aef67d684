namespace KBitQuant.DataTypes;

/// <summary>A range of values with at most one threshold in it, 8 bytes.</summary>
internal struct Bucket
{
    /// <summary>The threshold; infinity where there is none.</summary>
    public float Threshold;

    /// <summary>Byte 0: the code of values up to the threshold; byte 1: the code of those above it.</summary>
    public uint Codes;
}
