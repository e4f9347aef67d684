using static KBitQuant.Benchmarks.Peers.Ggml.GgmlNative;

namespace KBitQuant.Benchmarks.Peers.Ggml;

/// <summary>A graph with a product for each copy; copies lie in repacking buffers where those take the format.</summary>
internal sealed unsafe class GgmlProduct : Product
{
    /// <summary>Room for the descriptions of tensors and graph, not for their data.</summary>
    private const int ContextBytes = 16 << 20;

    private readonly bool _isRepacked;
    private readonly nint _backend;
    private readonly nint _weightContext;
    private readonly nint _weightBuffer;
    private readonly nint _context;
    private readonly nint _buffer;
    private readonly nint _graph;
    private readonly nint _firstOutput;

    public GgmlProduct(GgmlLibrary library, GgmlWeight weight, int m, int threads, int copies)
    {
        _backend = ggml_backend_dev_init(library.Device, 0);
        ggml_backend_cpu_set_n_threads(_backend, threads);
        nint[] weights = [];
        _isRepacked = library.RepackingBuffers != 0
            && TryPlaceWeights(library, weight, library.RepackingBuffers, copies, out _weightContext, out _weightBuffer, out weights);
        if (!_isRepacked && !TryPlaceWeights(library, weight, library.PlainBuffers, copies, out _weightContext, out _weightBuffer, out weights))
            throw new PeerUnavailableException("the processor's device does not multiply by it");

        (int n, int k) = (weight.Problem.N, weight.Problem.K);
        _context = CreateContext();
        nint inputs = ggml_new_tensor_2d(_context, (int)GgmlType.F32, k, m);
        _graph = ggml_new_graph_custom(_context, (nuint)(2 * copies) + 1, 0);
        nint[] outputs = [.. weights.Select(copy => ggml_mul_mat(_context, copy, inputs))];
        _firstOutput = outputs[0];
        foreach (nint output in outputs)
            ggml_build_forward_expand(_graph, output);
        _buffer = ggml_backend_alloc_ctx_tensors_from_buft(_context, library.PlainBuffers);
        fixed (float* data = weight.Problem.Inputs(m))
            ggml_backend_tensor_set(inputs, data, 0, (nuint)m * (nuint)k * sizeof(float));
    }

    public override string Remark => _isRepacked ? " repacked" : "";

    public override void Run()
    {
        int status = ggml_backend_graph_compute(_backend, _graph);
        if (status != 0)
            throw new InvalidOperationException($"ggml_backend_graph_compute returned {status}.");
    }

    public override void CopyOutput(float[] destination)
    {
        fixed (float* data = destination)
            ggml_backend_tensor_get(_firstOutput, data, 0, (nuint)destination.Length * sizeof(float));
    }

    public override void Dispose()
    {
        ggml_backend_buffer_free(_buffer);
        ggml_free(_context);
        ggml_backend_buffer_free(_weightBuffer);
        ggml_free(_weightContext);
        ggml_backend_free(_backend);
    }

    /// <summary>Allocates the copies in buffers of a type and, if products with weights there are possible, fills them.</summary>
    private static bool TryPlaceWeights(GgmlLibrary library, GgmlWeight weight, nint bufferType, int copies, out nint context, out nint buffer, out nint[] weights)
    {
        nint owner = context = CreateContext();
        (int n, int k) = (weight.Problem.N, weight.Problem.K);
        weights = [.. Enumerable.Range(0, copies).Select(_ => ggml_new_tensor_2d(owner, (int)weight.Type, k, n))];
        buffer = ggml_backend_alloc_ctx_tensors_from_buft(context, bufferType);
        if (!IsMultipliable(library, weights[0], k))
        {
            ggml_backend_buffer_free(buffer);
            ggml_free(context);
            return false;
        }

        fixed (byte* data = weight.Bytes)
        {
            foreach (nint copy in weights)
                ggml_backend_tensor_set(copy, data, 0, (nuint)weight.Bytes.Length);
        }

        return true;
    }

    private static bool IsMultipliable(GgmlLibrary library, nint weight, int k)
    {
        nint context = CreateContext();
        nint product = ggml_mul_mat(context, weight, ggml_new_tensor_2d(context, (int)GgmlType.F32, k, 1));
        bool supports = ggml_backend_dev_supports_op(library.Device, product) != 0;
        ggml_free(context);
        return supports;
    }

    private static nint CreateContext() => ggml_init(new InitParameters { MemorySize = ContextBytes, DoNotAllocateTensors = 1 });
}
