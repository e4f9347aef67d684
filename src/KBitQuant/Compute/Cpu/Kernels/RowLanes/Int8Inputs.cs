using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;
using KBitQuant.Packing;
using KBitQuant.Quantization;
using KBitQuant.Threading;

namespace KBitQuant.Compute.Cpu.Kernels.RowLanes;

/// <summary>
/// Inputs rounded to 8 bits: x = scale * q for each block of an input row, scale = absmax / 127, q from -127 to 127. Where a block holds
/// NaN or an infinity its scale is not finite either, and so are the outputs.
/// </summary>
/// <remarks>
/// <code>
/// | slice 0: tile 0, tile 1, ... | slice 1: tile 0, tile 1, ... | ...
///
/// tile t = rows 4t .. 4t+3 (one row where M = 1)      | step 0: row 4t, 4t+1, 4t+2, 4t+3 | step 1 | ...
///
/// bytes, a step is a quad of columns:                 | 4q | 4q+1 | 4q+2 | 4q+3 |
/// words, a quad is two steps:                         | 4q | 4q+2 |  | 4q+1 | 4q+3 |
/// </code>
/// What a panel's slice of columns meets lies together, block after block. A dword of a row and step is broadcast against the levels of 16 weight rows. Words are for weights whose bytes go up to 255, and in the
/// order in which masking and shifting widens a quad of bytes. The rows that fill up the last tile are not written: nobody reads their
/// sums.
/// </remarks>
internal sealed unsafe class Int8Inputs : ParallelJob
{
    /// <summary>Rows of a tile, where there are several rows.</summary>
    public const int TallRows = 4;

    /// <summary>Steps of a slice.</summary>
    public const int SliceSteps = 128;

    private const int Largest = 127;

    private float* _x;
    private int _columns;
    private int _blockColumns;
    private bool _areWords;
    private int _parts;
    private AlignedBuffer<uint> _tiles = new(0);
    private AlignedBuffer<Int8InputBlock> _blocks = new(0);
    private AlignedBuffer<float> _blockSums = new(0);
    private float _step;
    private int _zero;

    /// <summary>M.</summary>
    public int Rows { get; private set; }

    /// <summary>Rows of a tile.</summary>
    public int TileRows { get; private set; }

    /// <summary>Tiles.</summary>
    public int Tiles => (Rows + TileRows - 1) / TileRows;

    /// <summary>Blocks of a row.</summary>
    public int Blocks => _columns / _blockColumns;

    /// <summary>Steps of a block.</summary>
    public int BlockSteps => _blockColumns / RowLaneLayout.QuadColumns * (_areWords ? 2 : 1);

    /// <summary>Blocks of a slice; the last may have fewer.</summary>
    public int SliceBlocks { get; private set; }

    /// <summary>[row][block]: the sums of the rounded inputs, which offsets multiply.</summary>
    public float* BlockSums => _blockSums.Pointer;

    /// <summary>Quantizes M rows.</summary>
    /// <param name="workers">Share the tiles.</param>
    /// <param name="x">[rows][columns].</param>
    /// <param name="rows">M.</param>
    /// <param name="weight">Whose columns, blocks and table they are to meet.</param>
    public void Quantize(Workers workers, float* x, int rows, Int8Weight weight)
    {
        (_columns, _areWords, _blockColumns) = (weight.Columns, weight.Functions.TakesWords(rows), weight.InputBlockColumns);
        (_step, _zero) = (weight.Table.Step, weight.Table.Zero);
        (Rows, TileRows) = (rows, rows == 1 ? 1 : weight.Functions.TakesFew(rows) ? weight.Functions.FewRows : TallRows);
        SliceBlocks = weight.Functions.TakesFew(rows) ? Blocks : SliceSteps / BlockSteps;
        _x = x;
        long paddedRows = (long)Tiles * TileRows;
        Reserve(ref _tiles, paddedRows * Blocks * BlockSteps);
        Reserve(ref _blocks, paddedRows * Blocks);
        Reserve(ref _blockSums, paddedRows * Blocks);
        _parts = Tiles == 1 && rows > 1 ? Math.Min(workers.ThreadCount, Blocks) : 1;
        workers.Run(this, Tiles * _parts);
    }

    /// <summary>The quantized inputs of a tile from a block to the end of its slice.</summary>
    public byte* Tile(int tile, int block) => (byte*)(_tiles.Pointer + (PlaceOf(tile, block) * BlockSteps * TileRows));

    /// <summary>[block][row of the tile] to the end of the slice: what turns the sums of blocks into values.</summary>
    public Int8InputBlock* BlocksOf(int tile, int block) => _blocks.Pointer + (PlaceOf(tile, block) * TileRows);

    public override void RunPart(int part)
    {
        (int tile, int columns) = Math.DivRem(part, _parts);
        QuantizeTile(tile, Blocks * columns / _parts, Blocks * (columns + 1) / _parts);
    }

    /// <summary>Some blocks of a tile's rows.</summary>
    private void QuantizeTile(int tile, int firstBlock, int endBlock)
    {
        sbyte* quantized = stackalloc sbyte[_blockColumns];
        for (int i = 0; i < Math.Min(TileRows, Rows - (tile * TileRows)); i++)
        {
            int row = (tile * TileRows) + i;
            for (int block = firstBlock; block < endBlock; block++)
            {
                float* x = _x + ((long)row * _columns) + ((long)block * _blockColumns);
                float absmax = AbsMax.Of(new ReadOnlySpan<float>(x, _blockColumns));
                float scale = absmax / Largest;
                // A block whose scale has no finite reciprocal is zeros to 8 bits.
                long place = PlaceOf(tile, block) * TileRows;
                uint* steps = _tiles.Pointer + (place * BlockSteps);
                bool isInPlace = TileRows == 1 && !_areWords;
                int sum = Round(x, scale < ConstantFormat.SmallestConstant ? 0 : 1 / scale, isInPlace ? (sbyte*)steps : quantized);
                if (!isInPlace)
                    Scatter((uint*)quantized, steps + i);
                _blocks.Pointer[place + i] = new Int8InputBlock(-_zero * sum, scale * _step);
                BlockSums[((long)row * Blocks) + block] = scale * sum;
            }
        }
    }

    /// <summary>Blocks of tiles before this one.</summary>
    private long PlaceOf(int tile, int block)
    {
        int inSlice = block % SliceBlocks;
        int first = block - inSlice;
        return ((long)first * Tiles) + ((long)tile * Math.Min(SliceBlocks, Blocks - first)) + inSlice;
    }

    private static void Reserve<T>(ref AlignedBuffer<T> buffer, long length)
        where T : unmanaged
    {
        if (buffer.Length >= length)
            return;
        buffer.Free();
        buffer = new AlignedBuffer<T>(length);
    }

    /// <summary>Rounds a block to the nearest, ties to even, 32 columns at a time.</summary>
    /// <returns>The sum of the rounded.</returns>
    private int Round(float* x, float inverse, sbyte* to)
    {
        Vector256<int> sum = Vector256<int>.Zero;
        for (int i = 0; i < _blockColumns; i += Vector256<sbyte>.Count)
        {
            Vector256<int> q0 = Round(x + i, inverse), q1 = Round(x + i + 8, inverse), q2 = Round(x + i + 16, inverse), q3 = Round(x + i + 24, inverse);
            sum += q0 + q1 + (q2 + q3);
            // Packing takes turns between its operands' halves: dwords end up as 0, 4, 1, 5, 2, 6, 3, 7.
            Vector256<sbyte> packed = Avx2.PackSignedSaturate(Avx2.PackSignedSaturate(q0, q1), Avx2.PackSignedSaturate(q2, q3));
            Avx2.PermuteVar8x32(packed.AsInt32(), Vector256.Create(0, 4, 1, 5, 2, 6, 3, 7)).Store((int*)(to + i));
        }

        return Vector256.Sum(sum);
    }

    private static Vector256<int> Round(float* x, float inverse) => Avx.ConvertToVector256Int32(Vector256.Load(x) * inverse);

    /// <summary>Quads of bytes to a row's place in the steps of a tile.</summary>
    private void Scatter(uint* quads, uint* to)
    {
        for (int quad = 0; quad < _blockColumns / RowLaneLayout.QuadColumns; quad++, to += TileRows)
        {
            if (!_areWords)
            {
                *to = quads[quad];
                continue;
            }

            *to = Widened(quads[quad]);
            to += TileRows;
            *to = Widened(quads[quad] >> 8);
        }
    }

    /// <summary>Bytes 0 and 2 as words, with their signs.</summary>
    private static uint Widened(uint quad) => (ushort)(sbyte)quad + ((uint)(sbyte)(quad >> 16) << 16);
}
