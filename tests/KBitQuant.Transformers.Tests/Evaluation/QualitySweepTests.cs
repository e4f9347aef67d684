using System.Text.Json.Nodes;
using KBitQuant.DataTypes;
using KBitQuant.Quantization;
using KBitQuant.Transformers.Checkpoints;
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

    /// <summary>Even where nothing is to be quantized: its point would not be that of the model as it was.</summary>
    [Fact]
    public void A_quantized_model_is_refused()
    {
        using TemporaryFolder folder = new();
        using Checkpoint source = Checkpoint.Open(SharedFiles.SmallModel);
        QuantizationPlan plan = QuantizationPlan.Linear(new(DataTypeCatalog.Get("nf4")));
        QuantizedModelFolder.Save(source, ModelQuantizer.Quantize(ModelConfig.Load(SharedFiles.SmallModel), source, plan), folder.File("saved"));
        ArgumentException exception = Assert.Throws<ArgumentException>(() => QualitySweep.Run(folder.File("saved"), new int[10], [null]));
        Assert.Contains("quantized already", exception.Message, StringComparison.Ordinal);
    }

    /// <summary>Of fewer tokens than the window that figures are compared at.</summary>
    [Fact]
    public void A_model_of_short_sequences_is_evaluated_in_short_windows()
    {
        const int Positions = 48;
        using TemporaryFolder folder = new();
        foreach (string file in Directory.GetFiles(SharedFiles.SmallModel))
            File.Copy(file, folder.File(Path.GetFileName(file)));
        string config = folder.File("config.json");
        JsonNode json = JsonNode.Parse(File.ReadAllText(config))!;
        json["max_position_embeddings"] = Positions;
        File.WriteAllText(config, json.ToJsonString());
        int[] tokens = [.. Enumerable.Range(0, 100)];

        using TransformerModel model = TransformerModel.Load(folder.FullName);
        Assert.Equal(Perplexity.Evaluate(model, tokens, Positions).Perplexity, Assert.Single(QualitySweep.Run(folder.FullName, tokens, [null])).Perplexity);
    }
}
