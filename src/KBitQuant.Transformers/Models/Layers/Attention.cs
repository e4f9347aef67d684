using System.Buffers;
using System.Numerics.Tensors;
using KBitQuant.Threading;

namespace KBitQuant.Transformers.Models.Layers;

/// <summary>Causal attention with rotary positions; several query heads may share a key and value head.</summary>
internal sealed unsafe class Attention(ModelConfig config, Workers workers, int layer, Linear[] qkv, Linear output)
{
    /// <summary>Queries whose scores are computed together.</summary>
    private const int QueriesPerTile = 64;

    private readonly Workers _workers = workers;
    private readonly int _headCount = config.HeadCount;
    private readonly int _headSize = config.HeadSize;
    private readonly int _queriesPerKey = config.HeadCount / config.KeyValueHeadCount;

    /// <summary>Reads the normalized tokens of the workspace, appends their keys and values to the cache, and leaves what they
    /// attend to in <see cref="Workspace.Delta"/>.</summary>
    public void Apply(CpuKeyValueCache cache, int tokens)
    {
        Workspace workspace = cache.Workspace;
        (HeadView queries, HeadView keys, HeadView values) = Project(workspace, tokens);
        Store(cache, tokens, keys, values);
        HeadsJob.Run(this, cache, queries, tokens);
        ReadOnlySpan<float> attended = workspace.Attended.AsSpan(0, tokens * output.Columns);
        output.Apply(attended, tokens, workspace.Delta.AsSpan(0, tokens * output.Rows));
    }

    private (HeadView Queries, HeadView Keys, HeadView Values) Project(Workspace workspace, int tokens)
    {
        float[][] buffers = workspace.Projections;
        for (int i = 0; i < qkv.Length; i++)
            qkv[i].Apply(workspace.Normed.AsSpan(0, tokens * qkv[i].Columns), tokens, buffers[i].AsSpan(0, tokens * qkv[i].Rows));
        if (config.Family.QkvLayout == QkvLayout.Separate)
        {
            return (
                new(buffers[0], 0, qkv[0].Rows, _headSize),
                new(buffers[1], 0, qkv[1].Rows, _headSize),
                new(buffers[2], 0, qkv[2].Rows, _headSize));
        }

        var fused = new HeadView(buffers[0], 0, qkv[0].Rows, 3 * _headSize);
        return (fused, fused with { Offset = _headSize }, fused with { Offset = 2 * _headSize });
    }

    /// <summary>Copies keys, turned to their positions, and values, transposed, to the end of the cache.</summary>
    private void Store(CpuKeyValueCache cache, int tokens, HeadView keys, HeadView values)
    {
        for (int head = 0; head < config.KeyValueHeadCount; head++)
        {
            int start = head * cache.Capacity * _headSize;
            for (int token = 0; token < tokens; token++)
            {
                int position = cache.Length + token;
                Span<float> key = cache.Keys[layer].AsSpan(start + (position * _headSize), _headSize);
                keys.Buffer.AsSpan(keys.Start(token, head), _headSize).CopyTo(key);
                cache.Workspace.Rotary.Rotate(token, key);
                ReadOnlySpan<float> value = values.Buffer.AsSpan(values.Start(token, head), _headSize);
                for (int i = 0; i < _headSize; i++)
                    cache.Values[layer][start + (i * cache.Capacity) + position] = value[i];
            }
        }
    }

    /// <summary>softmax(q k^T / sqrt(head size)) v of some tokens of one head.</summary>
    private void Attend(CpuKeyValueCache cache, HeadView queries, int head, int firstToken, int tokens)
    {
        int visible = cache.Length + firstToken + tokens;
        int start = head / _queriesPerKey * cache.Capacity * _headSize;
        int outputStride = config.HeadCount * _headSize;
        float[] scores = ArrayPool<float>.Shared.Rent(checked(tokens * visible));
        Rotate(cache.Workspace.Rotary, queries, head, firstToken, tokens);
        fixed (float* q = &queries.Buffer[queries.Start(firstToken, head)])
        fixed (float* k = &cache.Keys[layer][start])
        fixed (float* v = &cache.Values[layer][start])
        fixed (float* weights = scores)
        fixed (float* attended = &cache.Workspace.Attended[(firstToken * outputStride) + (head * _headSize)])
        {
            var scoreRows = new DenseProduct.Matrix(weights, visible);
            DenseProduct.Multiply(new(q, queries.TokenStride), tokens, new(k, _headSize), visible, _headSize, scoreRows);
            for (int i = 0; i < tokens; i++)
                MaskedSoftMax(new Span<float>(weights + (i * visible), visible), visible - tokens + i + 1);
            DenseProduct.Multiply(scoreRows, tokens, new(v, cache.Capacity), _headSize, visible, new(attended, outputStride));
        }

        ArrayPool<float>.Shared.Return(scores);
    }

    /// <summary>Turns queries to their positions and divides them by the root of the head's size.</summary>
    private void Rotate(RotaryTable rotary, HeadView queries, int head, int firstToken, int tokens)
    {
        float scale = 1 / MathF.Sqrt(_headSize);
        for (int token = firstToken; token < firstToken + tokens; token++)
        {
            Span<float> query = queries.Buffer.AsSpan(queries.Start(token, head), _headSize);
            rotary.Rotate(token, query);
            TensorPrimitives.Multiply(query, scale, query);
        }
    }

    /// <summary>Turns the first scores into weights that sum to 1, the others, of later tokens, to 0.</summary>
    private static void MaskedSoftMax(Span<float> scores, int visible)
    {
        Span<float> seen = scores[..visible];
        TensorPrimitives.Subtract(seen, TensorPrimitives.Max<float>(seen), seen);
        TensorPrimitives.Exp<float>(seen, seen);
        TensorPrimitives.Multiply(seen, 1 / TensorPrimitives.Sum<float>(seen), seen);
        scores[visible..].Clear();
    }

    /// <summary>A part is a tile of queries of one head.</summary>
    private sealed class HeadsJob : ParallelJob
    {
        [ThreadStatic]
        private static HeadsJob? _cached;

        private Attention _attention = null!;
        private CpuKeyValueCache _cache = null!;
        private HeadView _queries;
        private int _tokens;

        public static void Run(Attention attention, CpuKeyValueCache cache, HeadView queries, int tokens)
        {
            HeadsJob job = _cached ??= new();
            (job._attention, job._cache, job._queries, job._tokens) = (attention, cache, queries, tokens);
            int tiles = (tokens + QueriesPerTile - 1) / QueriesPerTile;
            attention._workers.Run(job, tiles * attention._headCount);
            // The caller's to give up, not to be kept by a thread.
            (job._attention, job._cache, job._queries) = (null!, null!, default);
        }

        public override void RunPart(int part)
        {
            int first = part / _attention._headCount * QueriesPerTile;
            _attention.Attend(_cache, _queries, part % _attention._headCount, first, Math.Min(QueriesPerTile, _tokens - first));
        }
    }
}
