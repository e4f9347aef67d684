using System.Diagnostics.CodeAnalysis;
using ILGPU;
using KBitQuant.Compute.Gpu.Cuda;
using KBitQuant.Compute.Gpu.Decoder.Attention.Flash;
using KBitQuant.Compute.Gpu.Decoder.Attention.SingleToken;
using KBitQuant.Compute.Gpu.Decoder.Rotary;
using Half = System.Half;

namespace KBitQuant.Compute.Gpu.Decoder.Attention;

/// <summary>Rotary positions and causal attention, with the memory that these need between two products.</summary>
[RequiresDynamicCode(GpuDevice.NeedsDynamicCode)]
internal sealed class GpuAttention : IDisposable
{
    private readonly GpuDevice _device;
    private readonly GpuHeads _heads;
    private readonly int _groups;
    private readonly GpuTensor<Half> _rotated;
    private readonly GpuTensor<float> _partials;
    private readonly DeviceArray<int> _finished;
    private readonly DeviceArray<uint>? _shares;

    /// <summary>Makes room.</summary>
    /// <param name="device">The device.</param>
    /// <param name="heads">The shape of the heads.</param>
    /// <param name="maxTokens">The most tokens of a pass.</param>
    /// <param name="groups">Up to so many groups share the positions where there are fewer rows.</param>
    /// <exception cref="NotSupportedException">Heads are too large.</exception>
    public GpuAttention(GpuDevice device, GpuHeads heads, int maxTokens, int groups)
    {
        if (heads.Size > AttentionKernel.MaxHeadSize)
        {
            throw new NotSupportedException(
                $"On a GPU heads have at most {AttentionKernel.MaxHeadSize} elements; this model's have {heads.Size}.");
        }

        (_device, _heads, _groups) = (device, heads, groups);
        _rotated = device.Allocate<Half>(checked(maxTokens * heads.Count * heads.Size));
        _partials = device.Allocate<float>(groups * AttentionKernel.Rows * AttentionArguments.PartialLength(heads.Size));
        _finished = new DeviceArray<int>(device);
        using GpuDevice.Call call = device.Enter();
        _finished.Upload(new int[groups]);
        if (heads.Size != AttentionStepKernel.HeadSize)
            return;
        var missing = new uint[groups * AttentionStepResult.ShareLength];
        Array.Fill(missing, AttentionStepResult.Missing);
        _shares = new DeviceArray<uint>(device);
        _shares.Upload(missing);
    }

    /// <summary>Turns queries and keys, appends keys and values to the cache, and computes what the queries attend to, within a
    /// call.</summary>
    /// <param name="step">The pass.</param>
    /// <param name="tokens">Its tokens; at least 1.</param>
    /// <param name="projections">The queries, keys and values: three tensors, or one thrice.</param>
    /// <param name="layout">Where heads lie in them.</param>
    /// <param name="rotary">Angles, for every position of the cache.</param>
    /// <param name="cache">The layer's keys and values.</param>
    /// <param name="outputs">Receives [tokens, heads, head size].</param>
    public void Apply(
        GpuStep step, int tokens, (GpuTensor<Half> Queries, GpuTensor<Half> Keys, GpuTensor<Half> Values) projections, GpuHeadLayout layout,
        GpuRotary rotary, GpuKeyValues cache, GpuTensor<Half> outputs)
    {
        RotaryArguments arguments = Describe(step, tokens, projections, layout, rotary, cache);
        if (tokens > 1)
            Turn(arguments);
        if (tokens > 1 && FlashAttention.TryRun(_device, arguments, outputs))
            return;
        if (tokens == 1 && _shares is not null && TryRunStep(arguments, outputs, _shares.View))
            return;
        (int splits, int rowGroups) = Groups(tokens * _heads.QueriesPerKey, AttentionKernel.Rows, cache.Capacity, AttentionKernel.TilePositions);
        AttentionKernel.Kernel.Launch(_device, rowGroups * splits, new()
        {
            Heads = arguments,
            Outputs = outputs.View.Cast<ushort>(),
            Partials = _partials.View,
            Finished = _finished.View,
            Splits = splits,
        });
    }

    public void Dispose()
    {
        _rotated.Dispose();
        _partials.Dispose();
        _finished.Dispose();
        _shares?.Dispose();
    }

    private void Turn(RotaryArguments arguments)
    {
        if (!RotaryPassKernel.TryRun(_device, arguments))
            RotaryKernel.Kernel.Launch(_device, arguments.Tokens * (_heads.Count + _heads.KeyValueCount), arguments);
    }

    private bool TryRunStep(RotaryArguments heads, GpuTensor<Half> outputs, ArrayView<uint> shares)
    {
        (int splits, int rowGroups) = Groups(_heads.QueriesPerKey, AttentionStepKernel.Rows, heads.Capacity, AttentionStepKernel.TilePositions);
        return AttentionStepKernel.Kernel.TryLaunch(_device, (splits, rowGroups), new()
        {
            Heads = RotaryAddresses.Of(heads),
            Outputs = CudaAddress.Of(outputs.View),
            Partials = CudaAddress.Of(shares),
            QueriesPerKey = _heads.QueriesPerKey,
            Splits = splits,
        });
    }

    /// <summary>Groups that share the positions of the same rows, and groups of rows.</summary>
    private (int Splits, int RowGroups) Groups(int rows, int groupRows, int capacity, int tilePositions)
    {
        int rowGroups = (((rows - 1) / groupRows) + 1) * _heads.KeyValueCount;
        int tiles = ((capacity - 1) / tilePositions) + 1;
        return (Math.Clamp(_groups / rowGroups, 1, Math.Min(tiles, AttentionArguments.MaxSplits)), rowGroups);
    }

    private RotaryArguments Describe(
        GpuStep step, int tokens, (GpuTensor<Half> Queries, GpuTensor<Half> Keys, GpuTensor<Half> Values) projections, GpuHeadLayout layout,
        GpuRotary rotary, GpuKeyValues cache) => new()
        {
            Step = step.View,
            Queries = projections.Queries.View.Cast<ushort>(),
            Keys = projections.Keys.View.Cast<ushort>(),
            Values = projections.Values.View.Cast<ushort>(),
            Cosines = rotary.Cosines.View,
            Sines = rotary.Sines.View,
            Rotated = _rotated.View.Cast<ushort>(),
            CachedKeys = cache.Keys.View.Cast<ushort>(),
            CachedValues = cache.Values.View.Cast<ushort>(),
            QueryStride = layout.QueryStride,
            KeyStride = layout.KeyStride,
            HeadStride = layout.HeadStride,
            KeyOffset = layout.KeyOffset,
            ValueOffset = layout.ValueOffset,
            HeadCount = _heads.Count,
            KeyValueHeadCount = _heads.KeyValueCount,
            HeadSize = _heads.Size,
            PairCount = rotary.PairCount,
            Capacity = cache.Capacity,
            Scale = 1 / MathF.Sqrt(_heads.Size),
            Tokens = tokens,
        };
}
