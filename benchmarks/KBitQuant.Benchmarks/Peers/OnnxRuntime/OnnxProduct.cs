using Microsoft.ML.OnnxRuntime;

namespace KBitQuant.Benchmarks.Peers.OnnxRuntime;

/// <summary>A session with a product for each copy, inputs and outputs in place.</summary>
internal sealed class OnnxProduct : Product
{
    private readonly InferenceSession _session;
    private readonly RunOptions _options = new();
    private readonly OrtValue[] _inputs;
    private readonly float[][] _outputs;
    private readonly OrtValue[] _outputValues;
    private readonly string[] _outputNames;

    public OnnxProduct(OnnxWeight weight, int m, int threads, int copies)
    {
        using var options = new SessionOptions
        {
            IntraOpNumThreads = threads,
            InterOpNumThreads = 1,
            ExecutionMode = ExecutionMode.ORT_SEQUENTIAL,
            GraphOptimizationLevel = GraphOptimizationLevel.ORT_ENABLE_ALL,
            LogSeverityLevel = OrtLoggingLevel.ORT_LOGGING_LEVEL_FATAL,
        };
        try
        {
            _session = new InferenceSession(OnnxModel.Write(weight, m, copies), options);
        }
        catch (OnnxRuntimeException exception)
        {
            throw new PeerUnavailableException(exception.Message, exception);
        }

        Problem problem = weight.Problem;
        _inputs = [OrtValue.CreateTensorValueFromMemory(problem.Inputs(m), [m, problem.K])];
        _outputs = [.. Enumerable.Range(0, copies).Select(_ => new float[m * problem.N])];
        _outputValues = [.. _outputs.Select(output => OrtValue.CreateTensorValueFromMemory(output, [m, problem.N]))];
        _outputNames = [.. Enumerable.Range(0, copies).Select(OnnxModel.Output)];
    }

    public override void Run() => _session.Run(_options, [OnnxModel.Input], _inputs, _outputNames, _outputValues);

    public override void CopyOutput(float[] destination) => _outputs[0].CopyTo(destination, 0);

    public override void Dispose()
    {
        foreach (OrtValue value in _inputs.Concat(_outputValues))
            value.Dispose();
        _options.Dispose();
        _session.Dispose();
    }
}
