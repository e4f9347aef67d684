using KBitQuant.Transformers.Models.Gpu;
using KBitQuant.Transformers.Models.Layers;

namespace KBitQuant.Transformers.Tests.Models.Gpu;

public class LinearJoinTests
{
    private static readonly LinearWeight Plain = new(2, 3, null, [1, 2, 3, 4, 5, 6], []);
    private static readonly LinearWeight Biased = new(2, 3, null, [7, 8, 9, 10, 11, 12], [0.5f, 1.5f]);

    [Fact]
    public void RowsAndBiasesFollowOneAnother()
    {
        LinearWeight joined = LinearJoin.TryJoin([Biased, Biased])!;
        Assert.Equal((4, 3), (joined.Rows, joined.Columns));
        Assert.Equal([.. Biased.Values, .. Biased.Values], joined.Values);
        Assert.Equal([0.5f, 1.5f, 0.5f, 1.5f], joined.Bias);
    }

    [Fact]
    public void OrTakeTurns()
    {
        LinearWeight joined = LinearJoin.TryInterleave(Biased with { Values = Plain.Values }, Biased)!;
        Assert.Equal((4, 3), (joined.Rows, joined.Columns));
        Assert.Equal([1, 2, 3, 7, 8, 9, 4, 5, 6, 10, 11, 12], joined.Values);
        Assert.Equal([0.5f, 0.5f, 1.5f, 1.5f], joined.Bias);
    }

    [Fact]
    public void LayersOfWhichSomeHaveABiasStayApart()
    {
        Assert.Null(LinearJoin.TryJoin([Plain, Biased]));
        Assert.Null(LinearJoin.TryInterleave(Plain, Biased));
        Assert.Null(LinearJoin.TryInterleave(Biased, Plain));
    }
}
