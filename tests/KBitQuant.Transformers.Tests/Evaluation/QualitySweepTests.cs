using KBitQuant.DataTypes;
using KBitQuant.Quantization;
using KBitQuant.Transformers.Evaluation;
using KBitQuant.Transformers.Models;

namespace KBitQuant.Transformers.Tests.Evaluation;

public class QualitySweepTests
{
    [Fact]
    public void Each_scheme_gives_the_point_that_a_model_of_its_own_gives()
    {
        int[] tokens = [.. Enumerable.Range(0, 100).Select(i => i * 37 % 4096)];
        QuantizationScheme?[] schemes = [null, new(DataTypeCatalog.Get("nf4")), new(DataTypeCatalog.Get("quantile2"), 32)];
        var progress = new RecordedProgress();
        IReadOnlyList<QualityPoint> points = QualitySweep.Run(SharedFiles.SmallModel, tokens, schemes, progress);
        Assert.Equal(schemes, points.Select(point => point.Scheme));
        foreach (QualityPoint point in points)
        {
            using TransformerModel model = TransformerModel.Load(
                SharedFiles.SmallModel,
                new() { Plan = point.Scheme is null ? QuantizationPlan.None : QuantizationPlan.Linear(point.Scheme) });
            Assert.Equal(Perplexity.Evaluate(model, tokens).Perplexity, point.Perplexity);
            Assert.Equal(model.Bits, point.Bits);
            Assert.Equal(model.RelativeError, point.RelativeError);
        }

        Assert.Equal(progress.Values.Order(), progress.Values);
        Assert.Equal(1, progress.Values[^1]);
    }
}
