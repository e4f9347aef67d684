using KBitQuant.Compute.Gpu.Ptx;

namespace KBitQuant.Compute.Gpu.Decoder.Attention.SingleToken;

/// <summary>A quarter of an <see cref="AttentionTile"/>.</summary>
internal struct AttentionWords
{
    public Words4 First;
    public Words4 Second;
    public Words4 Third;
    public Words4 Fourth;
}
