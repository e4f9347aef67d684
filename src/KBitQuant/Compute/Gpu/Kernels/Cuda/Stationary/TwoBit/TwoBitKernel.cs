using ILGPU;
using KBitQuant.Compute.Gpu.Kernels.Cuda.Constants;
using KBitQuant.Compute.Gpu.Ptx;

namespace KBitQuant.Compute.Gpu.Kernels.Cuda.Stationary.TwoBit;

/// <summary>
/// y = x W^T for M = 1 and evenly spaced tables of two bits, divided as in <see cref="StationaryKernel{TCodes, TFormat, TValues, TRaw, TConstants, TOffsets, TElement, TColumns, TInputs, TSums}"/>:
/// products of bytes, of codes where they lie in their words, one mask for four of them (<see cref="TwoBitCodes"/>), and of the digits of the inputs (<see cref="TwoBitDigits"/>). Sums over 64 columns
/// are exact, there are no look-ups, and no table is filled before the first one.
/// </summary>
internal static class TwoBitKernel<TRaw, TConstants, TOffsets, TElement>
    where TRaw : unmanaged
    where TConstants : struct, ITileConstants<TRaw>
    where TOffsets : struct, ITileConstants<TRaw>
    where TElement : struct, ITensorElement
{
    /// <summary>Slices on their way.</summary>
    private const int Ahead = TwoBitStage<TRaw, TConstants, TOffsets>.Count - 1;

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
        var place = StationaryPlace.Own(stationary);
        uint shared = PtxMemory.DynamicShared();
        uint own = shared + (uint)(place.Warp * WarpBytes);
        var stage = TwoBitStage<TRaw, TConstants, TOffsets>.Of(product, place.Lane, own + TwoBitDigits.Bytes);
        int index = ((place.FirstUnit + Group.IdxY) * product.Slices) + place.Slice;
        int step = Group.DimY * product.Slices;
        stage.BeginCopy(index, place.Lane, Group.IdxY < place.Units);
        stage.BeginCopy(index + step, place.Lane, Group.IdxY + Group.DimY < place.Units);
        var exchange = StationaryExchange.Begin(stationary, place, shared + (uint)Bytes, 0, FragmentBytes);
        // Up to here the weight alone was read, which no kernel writes.
        PtxGrid.LetNextBegin();
        PtxGrid.WaitForPrevious();
        Inputs inputs = LoadInputs(product, place, own);
        // Not before: inputs would wait behind it.
        stage.BeginCopy(index + (2 * step), place.Lane, Group.IdxY + (2 * Group.DimY) < place.Units);
        if (stationary.ClusterShift != 0)
            PtxGrid.AwaitCluster();
        AddUnits(stationary, place, exchange, stage, index, inputs);
        if (stationary.ClusterShift != 0)
            StationaryGroup.AddRanks<TElement, StationaryOne<TElement>>(stationary, place, exchange, 0);
    }

    private static void AddUnits(
        StationaryArguments stationary, StationaryPlace place, StationaryExchange exchange, TwoBitStage<TRaw, TConstants, TOffsets> stage, int index, Inputs inputs)
    {
        DecodeArguments product = stationary.Product;
        StationaryOne<TElement> columns = default;
        int step = Group.DimY * product.Slices;
        uint fragmentStep = (uint)((Group.DimX >> 5) * FragmentBytes);
        uint sums = exchange.End + (uint)(place.Slot * FragmentBytes) + columns.StoreOffset(place.Lane);
        int unit = Group.IdxY;
        for (int round = 0; round < place.Units; round += product.RoundUnits)
        {
            int end = IntrinsicMath.Min(round + product.RoundUnits, place.Units);
            for (; unit < end; unit += Group.DimY, index += step)
            {
                PtxMemory.AwaitAllBut(Ahead - 1);
                PtxGrid.WarpBarrier();
                stage.BeginCopy(index + (Ahead * step), place.Lane, unit + (Ahead * Group.DimY) < place.Units);
                Floats2 sum = AddSlice(product, stage, place.Lane, inputs);
                stage.Advance();
                columns.Store(Finish(sum, inputs), sums + ((uint)(unit - round) * fragmentStep), fragmentStep, place.Lane);
            }

            PtxGrid.Barrier();
            StationaryGroup.AddSlices<TElement, StationaryOne<TElement>>(stationary, place, exchange, round, end - round, 0);
            if (end < place.Units)
                PtxGrid.Barrier();
        }
    }

    private static Floats2 AddSlice(DecodeArguments product, TwoBitStage<TRaw, TConstants, TOffsets> stage, int lane, Inputs inputs)
    {
        TConstants constants = default;
        TOffsets offsets = default;
        Words4 codes = stage.LoadCodes(0, lane);
        Words4 rest = stage.LoadCodes(1, lane);
        StationaryScales<TRaw> scales = stage.LoadScales(lane);
        Floats2 sums = AddChunk(default, codes.Low, inputs.A, constants.FirstChunk(scales.First));
        sums = AddOffsets(product, sums, inputs.A, offsets.FirstChunk(scales.FirstOffsets));
        sums = AddChunk(sums, codes.High, inputs.B, constants.SecondChunk(scales.First));
        sums = AddOffsets(product, sums, inputs.B, offsets.SecondChunk(scales.FirstOffsets));
        sums = AddChunk(sums, rest.Low, inputs.C, constants.FirstChunk(scales.Second));
        sums = AddOffsets(product, sums, inputs.C, offsets.FirstChunk(scales.SecondOffsets));
        sums = AddChunk(sums, rest.High, inputs.D, constants.SecondChunk(scales.Second));
        return AddOffsets(product, sums, inputs.D, offsets.SecondChunk(scales.SecondOffsets));
    }

    private static Floats2 AddChunk(Floats2 sums, Words2 codes, TwoBitOperands inputs, Floats2 scales)
    {
        Words4 products = PtxTensorCore.MultiplyBytes(TwoBitCodes.Operand(codes.X), inputs.Digits.Low, inputs.Start);
        return AddScaled(sums, PtxTensorCore.MultiplyBytes(TwoBitCodes.Operand(codes.Y), inputs.Digits.High, products), scales);
    }

    private static Floats2 AddOffsets(DecodeArguments product, Floats2 sums, TwoBitOperands inputs, Floats2 offsets)
    {
        if (default(TOffsets).Size == 0)
            return sums;
        offsets = new() { X = offsets.X * product.OffsetScale, Y = offsets.Y * product.OffsetScale };
        return new() { X = sums.X + (inputs.Ones.X * offsets.X), Y = sums.Y + (inputs.Ones.Y * offsets.Y) };
    }

    /// <summary>sums + products * scales, of rows g and g + 8. Two digits of the products, integers below 2^22, are one of 32 bits.</summary>
    private static Floats2 AddScaled(Floats2 sums, Words4 products, Floats2 scales)
    {
        Floats2 values = Values(products);
        return new() { X = sums.X + (values.X * scales.X), Y = sums.Y + (values.Y * scales.Y) };
    }

    private static Floats2 Values(Words4 products) => new() { X = (int)(products.X + (products.Y << DigitBits)), Y = (int)(products.Z + (products.W << DigitBits)) };

    /// <summary>The sums of rows g and g + 8, in lanes 4g, where a product of the tensor cores of one input row has them.</summary>
    private static Floats4 Finish(Floats2 sums, Inputs inputs)
    {
        float first = sums.X * inputs.Weight;
        float second = sums.Y * (inputs.Weight * (1f / TwoBitCodes.UpperWeight));
        return new() { X = first + PtxBits.ExchangeLanes(first, 1), Z = second + PtxBits.ExchangeLanes(second, 1) };
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
        int t = lane & 3;
        float weight = exponent == LargestExponent ? float.NaN : PowerOfTwo(exponent + 1 - ExponentBias - TwoBitDigits.InputBits + (t * 2 * DigitBits));
        uint origin = (uint)(-(int)product.EvenOrigin & 0xFF) * One;
        return new()
        {
            A = Operands(TwoBitDigits.Load(region, lane, 0), origin),
            B = Operands(TwoBitDigits.Load(region, lane, 1), origin),
            C = Operands(TwoBitDigits.Load(region, lane, 2), origin),
            D = Operands(TwoBitDigits.Load(region, lane, 3), origin),
            Weight = t < 2 ? weight : 0,
        };
    }

    /// <param name="digits">The digits.</param>
    /// <param name="origin">The code of zero, negative, in four bytes.</param>
    private static TwoBitOperands Operands(Words4 digits, uint origin)
    {
        TwoBitOperands operands = new() { Digits = digits, Start = AddAll(origin, digits) };
        if (default(TOffsets).Size != 0)
            operands.Ones = Values(AddAll(One, digits));
        return operands;
    }

    /// <summary>The products of the digits with the same number in all columns.</summary>
    private static Words4 AddAll(uint bytes, Words4 digits)
    {
        Words4 each = TwoBitCodes.SignedOperand(bytes);
        return PtxTensorCore.MultiplySignedBytes(each, digits.High, PtxTensorCore.MultiplySignedBytes(each, digits.Low, default));
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
