using System.Diagnostics.CodeAnalysis;
using KBitQuant.Compute.Gpu;
using KBitQuant.Compute.Gpu.Decoder.Activations;
using KBitQuant.Compute.Gpu.Decoder.Attention;
using KBitQuant.Compute.Gpu.Decoder.Norms;
using KBitQuant.Compute.Gpu.Decoder.Rotary;

namespace KBitQuant.Transformers.Models.Gpu;

/// <summary>One layer on a GPU. What its sublayers add to the residual stream is left beside it, for the normalization that reads the
/// stream next to add.</summary>
[RequiresDynamicCode(GpuDevice.NeedsDynamicCode)]
internal sealed class GpuLayer(ModelConfig config, GpuDevice device)
{
    public required GpuNorm AttentionNorm { get; init; }

    /// <summary>Projections to queries, keys and values: three, or one where they are fused or joined.</summary>
    public required IReadOnlyList<GpuLinear> Projections { get; init; }

    public required GpuHeadLayout HeadLayout { get; init; }

    public required GpuLinear AttentionOutput { get; init; }

    public required GpuNorm FeedForwardNorm { get; init; }

    /// <summary>Gate and up, or one whose rows are those of both in turn, or up alone where there is no gate.</summary>
    public required IReadOnlyList<GpuLinear> ToWide { get; init; }

    public required GpuLinear Down { get; init; }

    /// <summary>Whether <see cref="Step"/> can be called. Asked within a call: it may compile a kernel.</summary>
    public bool CanStep => !config.IsParallel && config.Family.Names.Gate is not null && Projections.Count == 1 && ToWide.Count == 1
        && AttentionNorm.CanFuse && FeedForwardNorm.CanFuse && Projections[0].CanFuse(isNormalized: true) && AttentionOutput.CanFuse(isNormalized: false)
        && ToWide[0].CanFuse(isNormalized: true) && Down.CanFuse(isNormalized: false);

    /// <summary>The whole layer for one token, within a call: products normalize what they read of the residual stream and add to it
    /// themselves.</summary>
    public void Step(GpuWorkspace workspace, GpuKeyValues cache, GpuRotary rotary)
    {
        GpuTensor<Half> projected = workspace.Projections[0];
        Projections[0].ApplyFused(AttentionNorm.Of(workspace.Residual), FusedOutput.To(projected));
        workspace.Attention.Apply(workspace.Step, 1, (projected, projected, projected), HeadLayout, rotary, cache, workspace.Attended);
        AttentionOutput.ApplyFused(FusedInput.Of(workspace.Attended), FusedOutput.AddTo(workspace.Residual));
        ToWide[0].ApplyFused(FeedForwardNorm.Of(workspace.Residual), FusedOutput.Gated(config.Activation.Kind, workspace.Activated));
        Down.ApplyFused(FusedInput.Of(workspace.Activated), FusedOutput.AddTo(workspace.Residual));
    }

    /// <summary>From the residual stream to <see cref="GpuWorkspace.AttentionOutput"/>, within a call.</summary>
    public void Attend(GpuWorkspace workspace, GpuKeyValues cache, GpuRotary rotary, int tokens, bool isFirst)
    {
        // What the layer before left.
        GpuTensor<Half>? attended = !isFirst && config.IsParallel ? workspace.AttentionOutput : null;
        AttentionNorm.Apply(workspace.Residual, isFirst ? null : workspace.FeedForwardOutput, attended, 0, tokens, workspace.Normed);
        for (int i = 0; i < Projections.Count; i++)
            Projections[i].Apply(workspace.Normed, tokens, workspace.Projections[i]);
        GpuTensor<Half> keys = workspace.Projections[Projections.Count > 1 ? 1 : 0];
        GpuTensor<Half> values = workspace.Projections[Projections.Count > 1 ? 2 : 0];
        workspace.Attention.Apply(
            workspace.Step, tokens, (workspace.Projections[0], keys, values), HeadLayout, rotary, cache, workspace.Attended);
        AttentionOutput.Apply(workspace.Attended, tokens, workspace.AttentionOutput);
    }

    /// <summary>From the residual stream to <see cref="GpuWorkspace.FeedForwardOutput"/>, within a call.</summary>
    public void FeedForward(GpuWorkspace workspace, int tokens)
    {
        // In parallel, the feed-forward network reads the stream as the attention found it.
        FeedForwardNorm.Apply(workspace.Residual, config.IsParallel ? null : workspace.AttentionOutput, null, 0, tokens, workspace.Normed);
        for (int i = 0; i < ToWide.Count; i++)
            ToWide[i].Apply(workspace.Normed, tokens, workspace.Wide[i]);
        int columns = config.IntermediateSize;
        if (config.Family.Names.Gate is null)
            GpuActivation.Apply(device, config.Activation.Kind, workspace.Wide[0], tokens, columns, workspace.Activated);
        else if (ToWide.Count == 1)
            GpuActivation.ApplyInterleaved(device, config.Activation.Kind, workspace.Wide[0], tokens, columns, workspace.Activated);
        else
            GpuActivation.Apply(device, config.Activation.Kind, workspace.Wide[0], workspace.Wide[1], tokens, columns, workspace.Activated);
        Down.Apply(workspace.Activated, tokens, workspace.FeedForwardOutput);
    }
}
