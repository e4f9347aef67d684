using ILGPU;
using KBitQuant.Compute.Gpu.Kernels.Platforms;
using KBitQuant.Compute.Gpu.Ptx;

namespace KBitQuant.Compute.Gpu.Decoder.Attention.SingleToken;

/// <summary>The sums of values of eight elements of a head, for four query rows.</summary>
internal struct AttentionSums
{
    public RowValues Sum0;
    public RowValues Sum1;
    public RowValues Sum2;
    public RowValues Sum3;
    public RowValues Sum4;
    public RowValues Sum5;
    public RowValues Sum6;
    public RowValues Sum7;

    public readonly AttentionSums Times(RowValues scale) => new()
    {
        Sum0 = Sum0.Times(scale),
        Sum1 = Sum1.Times(scale),
        Sum2 = Sum2.Times(scale),
        Sum3 = Sum3.Times(scale),
        Sum4 = Sum4.Times(scale),
        Sum5 = Sum5.Times(scale),
        Sum6 = Sum6.Times(scale),
        Sum7 = Sum7.Times(scale),
    };

    /// <summary>These + weights * values of a position, eight halves.</summary>
    public readonly AttentionSums PlusProduct(RowValues weights, Words4 values)
    {
        Floats2 first = PtxBits.WidenHalves(values.X);
        Floats2 second = PtxBits.WidenHalves(values.Y);
        Floats2 third = PtxBits.WidenHalves(values.Z);
        Floats2 fourth = PtxBits.WidenHalves(values.W);
        return new()
        {
            Sum0 = Sum0.PlusProduct(weights, first.X),
            Sum1 = Sum1.PlusProduct(weights, first.Y),
            Sum2 = Sum2.PlusProduct(weights, second.X),
            Sum3 = Sum3.PlusProduct(weights, second.Y),
            Sum4 = Sum4.PlusProduct(weights, third.X),
            Sum5 = Sum5.PlusProduct(weights, third.Y),
            Sum6 = Sum6.PlusProduct(weights, fourth.X),
            Sum7 = Sum7.PlusProduct(weights, fourth.Y),
        };
    }

    /// <summary>Adds those of the other half of the warp, and stores [row][element]: each half of the warp two rows.</summary>
    /// <param name="at">The shared address of row 0 and of the lane's first element.</param>
    /// <param name="rowBytes">Bytes of a row.</param>
    /// <param name="isUpper">Whether the lane is of the upper half.</param>
    public readonly void Store(uint at, uint rowBytes, bool isUpper)
    {
        StoreFour(at, rowBytes, isUpper, Sum0, Sum1, Sum2, Sum3);
        StoreFour(at + 16, rowBytes, isUpper, Sum4, Sum5, Sum6, Sum7);
    }

    private static void StoreFour(uint at, uint rowBytes, bool isUpper, RowValues a, RowValues b, RowValues c, RowValues d)
    {
        at += isUpper ? 2 * rowBytes : 0;
        StoreRow(at, Own(a.Row0, a.Row2, isUpper), Own(b.Row0, b.Row2, isUpper), Own(c.Row0, c.Row2, isUpper), Own(d.Row0, d.Row2, isUpper));
        StoreRow(at + rowBytes, Own(a.Row1, a.Row3, isUpper), Own(b.Row1, b.Row3, isUpper), Own(c.Row1, c.Row3, isUpper), Own(d.Row1, d.Row3, isUpper));
    }

    /// <summary>Of a row that the lower half keeps and one that the upper half does: the lane's, with what the other half has of it.</summary>
    private static float Own(float lower, float upper, bool isUpper) =>
        (isUpper ? upper : lower) + PtxBits.ExchangeLanes(isUpper ? lower : upper, 16);

    private static void StoreRow(uint at, float a, float b, float c, float d) => PtxMemory.StoreShared4(
        at, new Words4 { X = Interop.FloatAsInt(a), Y = Interop.FloatAsInt(b), Z = Interop.FloatAsInt(c), W = Interop.FloatAsInt(d) });
}
