using System.Runtime.Intrinsics;
using KBitQuant.Packing;
using KBitQuant.Quantization;
using KBitQuant.Threading;

namespace KBitQuant.Compute.Cpu.Kernels.RowLanes;

/// <summary>
/// Inputs rounded to 8 bits: x = scale * q for each block of an input row, scale = absmax / 127, q from -127 to 127. Where a block holds
/// NaN or an infinity its scale is not finite either, and so are the outputs.
/// </summary>
/// <remarks>
/// As bytes, four columns are a dword, which a broadcast brings against a quad of weights. As words (for weights whose bytes go up to
/// 255) they are two dwords: columns 0 and 2, then 1 and 3, the order in which masking and shifting widens a quad of bytes.
/// </remarks>
internal sealed unsafe class Int8Inputs : ParallelJob
{
    private const int Largest = 127;

    private float* _x;
    private int _columns;
    private bool _areWords;
    private AlignedBuffer<byte> _quantized = new(0);
    private AlignedBuffer<Int8InputBlock> _blocks = new(0);
    private float _step;
    private float _zero;

    /// <summary>Columns of a block.</summary>
    public int BlockColumns { get; private set; }

    /// <summary>Blocks of a row.</summary>
    public int Blocks => _columns / BlockColumns;

    /// <summary>M.</summary>
    public int Rows { get; private set; }

    /// <summary>Bytes of a row's quantized inputs.</summary>
    public int RowBytes => _columns * (_areWords ? sizeof(short) : sizeof(sbyte));

    /// <summary>Quantizes M rows.</summary>
    /// <param name="workers">Share the rows.</param>
    /// <param name="x">[rows][columns].</param>
    /// <param name="rows">M.</param>
    /// <param name="weight">Whose columns, blocks and table they are to meet.</param>
    public void Quantize(Workers workers, float* x, int rows, Int8Weight weight)
    {
        (_columns, _areWords, Rows, BlockColumns) = (weight.Columns, weight.Functions.TakesWords, rows, weight.InputBlockColumns);
        (_step, _zero) = (weight.Table.Step, weight.Table.Zero);
        _x = x;
        Reserve(ref _quantized, (long)rows * RowBytes);
        Reserve(ref _blocks, (long)rows * Blocks);
        workers.Run(this, rows);
    }

    /// <summary>The quantized inputs of a row.</summary>
    public byte* Row(int row) => _quantized.Pointer + ((long)row * RowBytes);

    /// <summary>What turns the sums of each block of a row into values.</summary>
    public Int8InputBlock* BlocksOf(int row) => _blocks.Pointer + ((long)row * Blocks);

    public override void RunPart(int part)
    {
        for (int block = 0; block < Blocks; block++)
        {
            float* x = _x + ((long)part * _columns) + ((long)block * BlockColumns);
            float absmax = AbsMax.Of(new ReadOnlySpan<float>(x, BlockColumns));
            float scale = absmax / Largest;
            // A block whose scale has no finite reciprocal is zeros to 8 bits.
            float inverse = scale < ConstantFormat.SmallestConstant ? 0 : 1 / scale;
            byte* to = Row(part) + (block * BlockColumns * (_areWords ? sizeof(short) : sizeof(sbyte)));
            int sum = _areWords ? ToWords(x, inverse, (short*)to) : ToBytes(x, inverse, (sbyte*)to);
            BlocksOf(part)[block] = new Int8InputBlock(scale * _step, _zero * sum, scale * sum);
        }
    }

    private static void Reserve<T>(ref AlignedBuffer<T> buffer, long length)
        where T : unmanaged
    {
        if (buffer.Length >= length)
            return;
        buffer.Free();
        buffer = new AlignedBuffer<T>(length);
    }

    /// <summary>Sixteen columns at a time: rounded to the nearest, ties to even.</summary>
    private int ToBytes(float* x, float inverse, sbyte* to)
    {
        Vector128<int> sum = Vector128<int>.Zero;
        for (int i = 0; i < BlockColumns; i += 4 * Vector128<float>.Count)
        {
            Vector128<int> q0 = Round(x + i, inverse), q1 = Round(x + i + 4, inverse), q2 = Round(x + i + 8, inverse), q3 = Round(x + i + 12, inverse);
            sum += q0 + q1 + q2 + q3;
            Vector128.Narrow(Vector128.Narrow(q0, q1), Vector128.Narrow(q2, q3)).Store(to + i);
        }

        return Vector128.Sum(sum);
    }

    private int ToWords(float* x, float inverse, short* to)
    {
        Vector128<int> sum = Vector128<int>.Zero;
        for (int i = 0; i < BlockColumns; i += RowLaneLayout.QuadColumns)
        {
            Vector128<int> q = Round(x + i, inverse);
            sum += q;
            Vector128<int> ordered = Vector128.Shuffle(q, Vector128.Create(0, 2, 1, 3));
            Vector128.Narrow(ordered, ordered).GetLower().Store(to + i);
        }

        return Vector128.Sum(sum);
    }

    private static Vector128<int> Round(float* x, float inverse) => Vector128.ConvertToInt32(Vector128.Round(Vector128.Load(x) * inverse));
}
