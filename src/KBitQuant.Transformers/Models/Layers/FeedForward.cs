using System.Numerics.Tensors;

namespace KBitQuant.Transformers.Models.Layers;

/// <summary>down(activation(up(x))), or down(activation(gate(x)) * up(x)) where there is a gate.</summary>
internal sealed class FeedForward(Activation activation, Linear? gate, Linear up, Linear down)
{
    /// <summary>From the workspace's normalized tokens to what is added to them.</summary>
    public void Apply(Workspace workspace, int tokens)
    {
        ReadOnlySpan<float> input = workspace.Normed.AsSpan(0, tokens * up.Columns);
        Span<float> wide = workspace.Wide.AsSpan(0, tokens * up.Rows);
        up.Apply(input, tokens, wide);
        if (gate is null)
        {
            activation.Transform(wide);
        }
        else
        {
            Span<float> gates = workspace.Gate.AsSpan(0, wide.Length);
            gate.Apply(input, tokens, gates);
            activation.Transform(gates);
            TensorPrimitives.Multiply(wide, gates, wide);
        }

        down.Apply(wide, tokens, workspace.Delta.AsSpan(0, tokens * down.Rows));
    }
}
