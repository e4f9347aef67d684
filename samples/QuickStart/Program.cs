using KBitQuant.Compute;
using KBitQuant.Compute.Cpu;
using KBitQuant.DataTypes;
using KBitQuant.Quantization;

// A weight W of 1024 outputs by 2048 inputs, and one input row x.
var random = new Random(1);
float[] weights = [.. Enumerable.Range(0, 1024 * 2048).Select(_ => random.NextSingle() - 0.5f)];
float[] x = [.. Enumerable.Range(0, 2048).Select(_ => random.NextSingle())];

var scheme = new QuantizationScheme(DataTypeCatalog.Get("nf4"), blockSize: 64);
QuantizedTensor tensor = BlockwiseQuantizer.Quantize<float>(weights, 1024, 2048, scheme);
Console.WriteLine($"{tensor}: {tensor.Bits.BitsPerParameter} bits a parameter");

using PreparedWeight prepared = CpuDevice.Default.Prepare(tensor);
var y = new float[1024];
prepared.MatMul<float>(x, m: 1, y);

// How far the 4-bit product is from the exact one.
double error = 0, norm = 0;
for (int n = 0; n < y.Length; n++)
{
    double exact = 0;
    for (int k = 0; k < x.Length; k++)
        exact += (double)x[k] * weights[(n * x.Length) + k];
    error += (y[n] - exact) * (y[n] - exact);
    norm += exact * exact;
}

double relative = Math.Sqrt(error / norm);
Console.WriteLine($"y = x W^T, relative error {relative:P1}");
return relative < 0.1 ? 0 : 1;
