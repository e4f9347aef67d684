namespace KBitQuant.Transformers.Models.Layers;

/// <summary>Where the heads of some tokens lie in a buffer.</summary>
/// <param name="Buffer">The buffer.</param>
/// <param name="Offset">The first head of the first token.</param>
/// <param name="TokenStride">From a token to the next.</param>
/// <param name="HeadStride">From a head to the next.</param>
internal readonly record struct HeadView(float[] Buffer, int Offset, int TokenStride, int HeadStride)
{
    public int Start(int token, int head) => Offset + (token * TokenStride) + (head * HeadStride);
}
