using System.Runtime.InteropServices;

namespace KBitQuant.Benchmarks.Peers.Ggml;

/// <summary>The entry points of ggml's shared libraries, under their own names; pointers are to its own objects.</summary>
internal static unsafe partial class GgmlNative
{
    /// <summary>Tensors, graphs, formats.</summary>
    public const string Base = "ggml-base";

    /// <summary>The products; one library a family of processors.</summary>
    public const string Cpu = "ggml-cpu";

    [LibraryImport(Base)]
    public static partial nint ggml_version();

    [LibraryImport(Base)]
    public static partial nint ggml_commit();

    [LibraryImport(Base)]
    public static partial void ggml_log_set(delegate* unmanaged<int, byte*, void*, void> callback, void* state);

    [LibraryImport(Base)]
    public static partial nint ggml_init(InitParameters parameters);

    [LibraryImport(Base)]
    public static partial void ggml_free(nint context);

    [LibraryImport(Base)]
    public static partial nint ggml_new_tensor_2d(nint context, int type, long columns, long rows);

    [LibraryImport(Base)]
    public static partial nint ggml_mul_mat(nint context, nint weight, nint inputs);

    [LibraryImport(Base)]
    public static partial nint ggml_new_graph_custom(nint context, nuint nodes, byte withGradients);

    [LibraryImport(Base)]
    public static partial void ggml_build_forward_expand(nint graph, nint tensor);

    [LibraryImport(Base)]
    public static partial nuint ggml_row_size(int type, long columns);

    [LibraryImport(Base)]
    public static partial TypeTraits* ggml_get_type_traits(int type);

    [LibraryImport(Base)]
    public static partial nuint ggml_quantize_chunk(int type, float* source, void* destination, long start, long rows, long columns, float* importance);

    [LibraryImport(Base)]
    public static partial nint ggml_backend_reg_dev_get(nint registry, nuint index);

    [LibraryImport(Base, StringMarshalling = StringMarshalling.Utf8)]
    public static partial nint ggml_backend_reg_get_proc_address(nint registry, string name);

    [LibraryImport(Base)]
    public static partial nint ggml_backend_dev_init(nint device, nint parameters);

    [LibraryImport(Base)]
    public static partial void ggml_backend_free(nint backend);

    [LibraryImport(Base)]
    public static partial nint ggml_backend_dev_buffer_type(nint device);

    [LibraryImport(Base)]
    public static partial byte ggml_backend_dev_supports_op(nint device, nint tensor);

    [LibraryImport(Base)]
    public static partial nint ggml_backend_buft_name(nint bufferType);

    [LibraryImport(Base)]
    public static partial nint ggml_backend_alloc_ctx_tensors_from_buft(nint context, nint bufferType);

    [LibraryImport(Base)]
    public static partial void ggml_backend_buffer_free(nint buffer);

    [LibraryImport(Base)]
    public static partial void ggml_backend_tensor_set(nint tensor, void* data, nuint offset, nuint size);

    [LibraryImport(Base)]
    public static partial void ggml_backend_tensor_get(nint tensor, void* data, nuint offset, nuint size);

    [LibraryImport(Base)]
    public static partial int ggml_backend_graph_compute(nint backend, nint graph);

    [LibraryImport(Cpu)]
    public static partial nint ggml_backend_cpu_reg();

    [LibraryImport(Cpu)]
    public static partial void ggml_backend_cpu_set_n_threads(nint backend, int threads);

    /// <summary><c>ggml_init_params</c>.</summary>
    public readonly struct InitParameters
    {
        public nuint MemorySize { get; init; }
        public nint Memory { get; init; }
        public byte DoNotAllocateTensors { get; init; }
    }

    /// <summary>The head of <c>ggml_type_traits</c>.</summary>
    public readonly struct TypeTraits
    {
        public nint Name { get; init; }
        public long BlockSize { get; init; }
        public long InterleavedBlockSize { get; init; }
        public nuint BlockBytes { get; init; }
        public byte IsQuantized { get; init; }
        public delegate* unmanaged<void*, float*, long, void> ToFloat { get; init; }
    }
}
