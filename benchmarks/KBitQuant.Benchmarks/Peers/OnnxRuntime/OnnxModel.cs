using System.Runtime.InteropServices;
using Google.Protobuf;
using KBitQuant.Benchmarks.Peers.OnnxRuntime.Onnx;

namespace KBitQuant.Benchmarks.Peers.OnnxRuntime;

/// <summary>Writes models of several products of one input, each with its own copy of a weight.</summary>
internal static class OnnxModel
{
    public const string Input = "x";

    private const int IrVersion = 9;
    private const int OperatorSet = 21;
    private const string ContribDomain = "com.microsoft";

    public static string Output(int copy) => $"y{copy}";

    /// <summary>A model as bytes: input [M, K], outputs [M, N].</summary>
    public static byte[] Write(OnnxWeight weight, int m, int copies)
    {
        (int n, int k) = (weight.Problem.N, weight.Problem.K);
        var graph = new GraphProto { Name = "products", Input = { Value(Input, m, k) } };
        for (int copy = 0; copy < copies; copy++)
        {
            graph.Node.Add(Node(weight, n, k, copy));
            graph.Output.Add(Value(Output(copy), m, n));
            graph.Initializer.Add(Initializer($"codes{copy}", TensorProto.Types.DataType.Uint8, Distinct(weight, copy), weight.CodeShape));
            graph.Initializer.Add(Initializer(
                $"scales{copy}", TensorProto.Types.DataType.Float, MemoryMarshal.AsBytes<float>(weight.Scales).ToArray(), weight.ScaleShape));
        }

        return new ModelProto
        {
            IrVersion = IrVersion,
            ProducerName = "KBitQuant.Benchmarks",
            Graph = graph,
            OpsetImport =
            {
                new OperatorSetIdProto { Version = OperatorSet },
                new OperatorSetIdProto { Domain = ContribDomain, Version = 1 },
            },
        }.ToByteArray();
    }

    private static NodeProto Node(OnnxWeight weight, int n, int k, int copy) => new()
    {
        Name = $"product{copy}",
        OpType = weight.Operator,
        Domain = ContribDomain,
        Input = { Input, $"codes{copy}", $"scales{copy}" },
        Output = { Output(copy) },
        Attribute = { Attribute("N", n), Attribute("K", k), weight.Attributes.Select(attribute => Attribute(attribute.Name, attribute.Value)) },
    };

    /// <summary>ONNX Runtime keeps identical prepared weights once, which would leave nothing to rotate: a byte of each row differs.
    /// The first copy is the weight itself.</summary>
    private static byte[] Distinct(OnnxWeight weight, int copy)
    {
        byte[] codes = [.. weight.Codes];
        int rowBytes = codes.Length / weight.Problem.N;
        for (int row = 0; row < weight.Problem.N; row++)
            codes[row * rowBytes] ^= (byte)copy;
        return codes;
    }

    private static TensorProto Initializer(string name, TensorProto.Types.DataType type, byte[] data, long[] shape) =>
        new() { Name = name, DataType = type, RawData = UnsafeByteOperations.UnsafeWrap(data), Dims = { shape } };

    private static AttributeProto Attribute(string name, long value) => new() { Name = name, I = value, Type = AttributeProto.Types.AttributeType.Int };

    private static ValueInfoProto Value(string name, int rows, int columns) => new()
    {
        Name = name,
        Type = new TypeProto
        {
            TensorType = new TypeProto.Types.Tensor
            {
                ElemType = TensorProto.Types.DataType.Float,
                Shape = new TensorShapeProto { Dim = { Dimension(rows), Dimension(columns) } },
            },
        },
    };

    private static TensorShapeProto.Types.Dimension Dimension(int length) => new() { DimValue = length };
}
