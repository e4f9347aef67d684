using System.Runtime.Intrinsics;

namespace KBitQuant.Packing;

/// <summary>How vectors take codes out of the canonical stream, as a type.</summary>
internal interface IFields256
{
    /// <summary>32 codes, one a byte, each half of the register from its own part of the stream.</summary>
    Vector256<byte> Unpack(Vector256<byte> stream);
}
