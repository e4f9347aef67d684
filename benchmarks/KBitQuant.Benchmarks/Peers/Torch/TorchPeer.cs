using System.Runtime.InteropServices;
using KBitQuant.Compute;
using TorchSharp;

namespace KBitQuant.Benchmarks.Peers.Torch;

/// <summary>PyTorch's dense product in 32-bit floats, through TorchSharp.</summary>
internal sealed class TorchPeer : Peer
{
    /// <exception cref="PeerUnavailableException">Its native libraries are not there or do not load.</exception>
    public TorchPeer()
    {
        // TorchSharp itself would print pages before it gives up.
        try
        {
            NativeLibrary.Load("LibTorchSharp", typeof(torch).Assembly, null);
            Version = torch.__version__;
        }
        catch (Exception exception) when (exception is DllNotFoundException or BadImageFormatException or TypeInitializationException)
        {
            throw new PeerUnavailableException(
                $"{FirstCause(exception)} (its native libraries come with a build with -p:TorchPeer=true)", exception);
        }
    }

    public override string Name => "TorchSharp";

    public override string Version { get; }

    public override IReadOnlyList<PeerFormat> Formats { get; } = [new DenseFormat()];

    /// <summary>Its threads spin for about 5 ms.</summary>
    public override TimeSpan SpinTime => TimeSpan.FromMilliseconds(10);

    /// <summary>The loader's first complaint about the library itself, not about the places where it is not.</summary>
    private static string FirstCause(Exception exception)
    {
        string[] lines = exception.GetBaseException().Message.Split('\n', StringSplitOptions.TrimEntries);
        return lines.FirstOrDefault(line => line.Contains("libtorch", StringComparison.Ordinal) || line.Contains("GLIBC", StringComparison.Ordinal)) ?? lines[0];
    }

    private sealed class DenseFormat() : PeerFormat("linear fp32", 32, ActivationPrecision.Exact)
    {
        public override PeerWeight Quantize(Problem problem) => new DenseWeight(problem);
    }

    private sealed class DenseWeight(Problem problem) : PeerWeight
    {
        public override long ByteLength => sizeof(float) * (long)problem.Weight.Length;

        public override void Dequantize(float[] destination) => problem.Weight.CopyTo(destination, 0);

        public override Product Prepare(int m, int threads, int copies) => new DenseProduct(problem, m, threads, copies);
    }

    private sealed class DenseProduct : Product
    {
        private readonly int _threads;
        private readonly torch.Tensor[] _weights;
        private readonly torch.Tensor _inputs;
        private torch.Tensor? _output;

        public DenseProduct(Problem problem, int m, int threads, int copies)
        {
            _threads = threads;
            _weights = [.. Enumerable.Range(0, copies).Select(_ => torch.tensor(problem.Weight, problem.N, problem.K))];
            _inputs = torch.tensor(problem.Inputs(m), m, problem.K);
        }

        public override void Run()
        {
            torch.set_num_threads(_threads);
            using IDisposable mode = torch.inference_mode();
            for (int copy = _weights.Length - 1; copy >= 0; copy--)
            {
                _output?.Dispose();
                _output = torch.nn.functional.linear(_inputs, _weights[copy]);
            }
        }

        public override void CopyOutput(float[] destination) => _output!.data<float>().CopyTo(destination);

        public override void Dispose()
        {
            _output?.Dispose();
            _inputs.Dispose();
            foreach (torch.Tensor weight in _weights)
                weight.Dispose();
        }
    }
}
