using ILGPU;
using KBitQuant.Compute.Gpu.Kernels.Cuda.Constants;
using KBitQuant.Compute.Gpu.Ptx;

namespace KBitQuant.Compute.Gpu.Kernels.Cuda.Stationary.TwoBit;

/// <summary>
/// y = x W^T for M = 1 and tables of two bits, divided as in <see cref="StationaryKernel{TCodes, TFormat, TValues, TRaw, TConstants, TOffsets, TElement, TColumns, TInputs, TSums}"/>:
/// products of bytes, of entries (<see cref="TwoBitTable"/>) that codes pick out of a register (<see cref="TwoBitValues"/>), and of the digits of the inputs (<see cref="TwoBitDigits"/>). Sums over 64 columns
/// are exact, there are no look-ups, and no table is filled before the first one. A warp takes two units at a time.
/// </summary>
internal static class TwoBitKernel<TRaw, TConstants, TOffsets, TElement>
    where TRaw : unmanaged
    where TConstants : struct, ITileConstants<TRaw>
    where TOffsets : struct, ITileConstants<TRaw>
    where TElement : struct, ITensorElement
{
    /// <summary>Units that a warp takes at a time. Units of a weight are padded to so many (<see cref="PackedLayout.UnitGroup"/>).</summary>
    private const int UnitsAtOnce = PackedLayout.UnitGroup;

    private const int MantissaBits = 23;
    private const int ExponentBias = 127;

    /// <summary>The exponent of infinities and NaN.</summary>
    private const int LargestExponent = 255;

    /// <summary>The least exponent of a warp's largest input: below, steps would be subnormal.</summary>
    private const int SmallestExponent = TwoBitDigits.InputBits;

    private const int DigitBits = 8;

    /// <summary>1 in four bytes.</summary>
    private const uint One = 0x0101_0101;

    /// <summary>Bytes of shared memory of a group.</summary>
    public static int Bytes => DecodeGroup.Warps * WarpBytes;

    private static int WarpBytes => TwoBitDigits.Bytes + TwoBitStage<TRaw, TConstants, TOffsets>.Bytes;

    private static int FragmentBytes => StationaryGroup.FragmentBytes(1);

    public static void Run(StationaryArguments stationary)
    {
        DecodeArguments product = stationary.Product;
        var place = StationaryPlace.Own(stationary, UnitsAtOnce);
        uint shared = PtxMemory.DynamicShared();
        uint own = shared + (uint)(place.Warp * WarpBytes);
        int first = UnitsAtOnce * Group.IdxY;
        int units = UnitsAtOnce * Group.DimY;
        var stage = TwoBitStage<TRaw, TConstants, TOffsets>.Of(
            product, place.Lane, own + TwoBitDigits.Bytes, ((place.FirstUnit + first) * product.Slices) + place.Slice, units * product.Slices);
        stage.BeginCopy(isUsed: true, 0, place.Lane, first < place.Units);
        // Inputs wait behind what is asked for before them: the second tile comes after them where there is nothing else to ask for then.
        bool hasMore = first + units < place.Units;
        if (hasMore)
        {
            stage.BeginCopy(isUsed: true, 1, place.Lane, isWanted: true);
            stage.MoveOn();
        }

        var exchange = StationaryExchange.Begin(stationary, place, shared + (uint)Bytes, 0, FragmentBytes);
        // Up to here the weight alone was read, which no kernel writes.
        PtxGrid.LetNextBegin();
        PtxGrid.WaitForPrevious();
        Inputs inputs = LoadInputs(product, place, own);
        stage.BeginCopy(isUsed: !hasMore, hasMore ? 0 : 1, place.Lane, first < place.Units);
        // An empty batch stands for the next slice.
        if (!hasMore)
            PtxMemory.EndBatch();
        if (stationary.ClusterShift != 0)
            PtxGrid.AwaitCluster();
        AddUnits(stationary, place, exchange, stage, inputs);
        if (stationary.ClusterShift != 0)
            StationaryGroup.AddRanks<TElement, StationaryOne<TElement>>(stationary, place, exchange, 0);
    }

    private static void AddUnits(
        StationaryArguments stationary, StationaryPlace place, StationaryExchange exchange, TwoBitStage<TRaw, TConstants, TOffsets> stage, Inputs inputs)
    {
        DecodeArguments product = stationary.Product;
        int units = UnitsAtOnce * Group.DimY;
        uint fragmentStep = (uint)((Group.DimX >> 5) * FragmentBytes);
        // Rows g and g + 8 lie side by side: lanes 4g and 4g + 2 have those of the first unit, lanes 4g + 1 and 4g + 3 of the second one.
        bool isSecond = (place.Lane & 1) != 0;
        uint sums = exchange.End + (uint)((place.Slot * FragmentBytes) + ((place.Lane >> 1) * sizeof(float))) + (isSecond ? fragmentStep : 0);
        for (int round = 0; round < place.Units; round += product.RoundUnits)
        {
            int end = IntrinsicMath.Min(round + product.RoundUnits, place.Units);
            for (int unit = round + (UnitsAtOnce * Group.IdxY); unit < end; unit += units)
            {
                BeginTile();
                stage.BeginCopy(isUsed: false, 1, place.Lane, unit + units < place.Units);
                stage.MoveOn();
                Floats2 sum = AddTile(product, default, stage, 0, place.Lane, inputs.A, inputs.B);
                BeginTile();
                stage.BeginCopy(isUsed: true, 0, place.Lane, unit + (2 * units) < place.Units);
                sum = AddTile(product, sum, stage, 1, place.Lane, inputs.C, inputs.D);
                stage.Advance();
                PtxMemory.StoreSharedFloat(sums + ((uint)(unit - round) * fragmentStep), Finish(sum, inputs.Weight, isSecond));
            }

            PtxGrid.Barrier();
            StationaryGroup.AddSlices<TElement, StationaryOne<TElement>>(stationary, place, exchange, round, end - round, 0);
            if (end < place.Units)
                PtxGrid.Barrier();
        }
    }

    /// <summary>Waits for the next tile; all lanes are through with the one before.</summary>
    private static void BeginTile()
    {
        PtxMemory.AwaitAllBut(TwoBitStage<TRaw, TConstants, TOffsets>.Ahead - 1);
        PtxGrid.WarpBarrier();
    }

    private static Floats2 AddTile(
        DecodeArguments product, Floats2 sums, TwoBitStage<TRaw, TConstants, TOffsets> stage, int tile, int lane, TwoBitOperands first, TwoBitOperands second)
    {
        Words4 codes = stage.LoadCodes(0, tile);
        Words4 next = stage.LoadCodes(1, tile);
        sums = AddChunk(product, sums, stage, 2 * tile, lane, codes.Low, next.Low, first);
        return AddChunk(product, sums, stage, (2 * tile) + 1, lane, codes.High, next.High, second);
    }

    private static Floats2 AddChunk(
        DecodeArguments product, Floats2 sums, TwoBitStage<TRaw, TConstants, TOffsets> stage, int chunk, int lane, Words2 first, Words2 second, TwoBitOperands inputs)
    {
        Words4 products = PtxTensorCore.MultiplySignedBytes(TwoBitValues.Evens(product, first.X, second.X), inputs.First.Low, default);
        products = PtxTensorCore.MultiplySignedBytes(TwoBitValues.Odds(product, first.X, second.X), inputs.First.High, products);
        products = PtxTensorCore.MultiplySignedBytes(TwoBitValues.Evens(product, first.Y, second.Y), inputs.Second.Low, products);
        products = PtxTensorCore.MultiplySignedBytes(TwoBitValues.Odds(product, first.Y, second.Y), inputs.Second.High, products);
        Floats2 values = Values(products);
        sums.X += values.X * stage.LoadConstant(0, chunk, lane);
        sums.Y += values.Y * stage.LoadConstant(1, chunk, lane);
        if (default(TOffsets).Size != 0)
        {
            float ones = inputs.Ones * product.OffsetScale;
            sums.X += ones * stage.LoadOffset(0, chunk, lane);
            sums.Y += ones * stage.LoadOffset(1, chunk, lane);
        }

        return sums;
    }

    /// <summary>Two digits of the products, integers below 2^21, as one of 32 bits.</summary>
    private static Floats2 Values(Words4 products) => new() { X = (int)(products.X + (products.Y << DigitBits)), Y = (int)(products.Z + (products.W << DigitBits)) };

    /// <summary>Joins what two lanes have, two digits each: the sum of the first unit in the one, of the second unit in the other one.</summary>
    private static float Finish(Floats2 sums, float weight, bool isSecond)
    {
        float first = sums.X * weight;
        float second = sums.Y * weight;
        return (isSecond ? second : first) + PtxBits.ExchangeLanes(isSecond ? first : second, 1);
    }

    private static Inputs LoadInputs(DecodeArguments product, StationaryPlace place, uint region)
    {
        int lane = place.Lane;
        int column = (place.Slice * PackedLayout.SliceColumns) + (lane * 8);
        // The last slice may have one tile.
        var x = TwoBitInputs.Load<TElement>(product.X + ((long)column * sizeof(ushort)), column < product.K);
        int exponent = IntrinsicMath.Max((int)(PtxLanes.Largest(x.Largest) >> MantissaBits), SmallestExponent);
        float scale = PowerOfTwo(TwoBitDigits.InputBits + ExponentBias - 1 - exponent);
        TwoBitDigits.Store(region, lane, x, scale);
        PtxGrid.WarpBarrier();
        // A step is as small as the scale is large. Where an input is no number, neither are the sums.
        float weight = exponent == LargestExponent ? float.NaN : PowerOfTwo(exponent + 1 - ExponentBias - TwoBitDigits.InputBits + ((lane & 1) * 2 * DigitBits));
        return new() { A = Operands(region, lane, 0), B = Operands(region, lane, 1), C = Operands(region, lane, 2), D = Operands(region, lane, 3), Weight = weight };
    }

    private static TwoBitOperands Operands(uint region, int lane, int chunk)
    {
        var operands = TwoBitOperands.Of(TwoBitDigits.Load(region, lane, chunk), lane);
        if (default(TOffsets).Size != 0)
        {
            Words4 ones = new() { X = One, Y = One, Z = One, W = One };
            Words4 sums = PtxTensorCore.MultiplySignedBytes(ones, operands.First.Low, default);
            sums = PtxTensorCore.MultiplySignedBytes(ones, operands.First.High, sums);
            sums = PtxTensorCore.MultiplySignedBytes(ones, operands.Second.Low, sums);
            operands.Ones = Values(PtxTensorCore.MultiplySignedBytes(ones, operands.Second.High, sums)).X;
        }

        return operands;
    }

    private static float PowerOfTwo(int exponent) => Interop.IntAsFloat((uint)((exponent + ExponentBias) << MantissaBits));

    /// <summary>The inputs of a slice.</summary>
    private struct Inputs
    {
        public TwoBitOperands A;
        public TwoBitOperands B;
        public TwoBitOperands C;
        public TwoBitOperands D;

        /// <summary>What the lane's sums are multiplied with.</summary>
        public float Weight;
    }
}
