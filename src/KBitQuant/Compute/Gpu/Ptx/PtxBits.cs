using ILGPU;
using ILGPU.IR.Intrinsics;

namespace KBitQuant.Compute.Gpu.Ptx;

/// <summary>Operations on the bits of registers.</summary>
internal static class PtxBits
{
    /// <summary>Four bytes picked out of eight: nibble i of the selector names the byte (0..3 of a, 4..7 of b) that becomes byte i.</summary>
    [IntrinsicImplementation, Ptx("prmt.b32 $o0, $0, $1, $2;")]
    public static uint Permute(uint a, uint b, uint selector) => throw new NotSupportedException();

    /// <summary>The lower 32 bits of two words, shifted right by 0 to 31.</summary>
    [IntrinsicImplementation, Ptx("shf.r.wrap.b32 $o0, $0, $1, $2;")]
    public static uint ShiftRight(uint low, uint high, int count) => throw new NotSupportedException();

    /// <summary>The upper 16 bits of a word, twice: its product, as a half, with 1, for which no instruction of integers is needed. The bits must be those of a number without sign.</summary>
    /// <param name="word">The word.</param>
    /// <param name="ones">Two halves of 1. Were it a constant, the compiler would make a move of it.</param>
    [IntrinsicImplementation, Ptx(
        ".reg .b16 l, h; .reg .b32 d, z; mov.b32 {l, h}, $0; mov.b32 d, {h, h}; mov.b32 z, 0x80008000; fma.rn.f16x2 $o0, d, $1, z;")]
    public static uint UpperHalf(uint word, uint ones) => throw new NotSupportedException();

    /// <summary>A half in the lower bits, exactly.</summary>
    [IntrinsicImplementation, Ptx(".reg .b16 l; cvt.u16.u32 l, $0; cvt.f32.f16 $o0, l;")]
    public static float WidenHalf(uint half) => throw new NotSupportedException();

    /// <summary>Two halves, exactly, the lower one first.</summary>
    [IntrinsicImplementation, Ptx(".reg .b16 l, h; mov.b32 {l, h}, $0; cvt.f32.f16 $o0, l; cvt.f32.f16 $o1, h;")]
    public static Floats2 WidenHalves(uint pair) => throw new NotSupportedException();

    /// <summary>Two BFloat16, exactly, the lower one first.</summary>
    public static Floats2 WidenBFloat16s(uint pair) => new() { X = Interop.IntAsFloat(pair << 16), Y = Interop.IntAsFloat(pair & 0xFFFF_0000) };

    /// <summary>A float as two halves that are the same.</summary>
    [IntrinsicImplementation, Ptx("cvt.rn.f16x2.f32 $o0, $0, $0;")]
    public static uint HalfTwice(float value) => throw new NotSupportedException();

    /// <summary>a * b + c of two halves.</summary>
    [IntrinsicImplementation, Ptx("fma.rn.f16x2 $o0, $0, $1, $2;")]
    public static uint MultiplyAddHalves(uint a, uint b, uint c) => throw new NotSupportedException();

    /// <summary>A float as two BFloat16 that are the same.</summary>
    [IntrinsicImplementation, Ptx("cvt.rn.bf16x2.f32 $o0, $0, $0;")]
    public static uint BFloat16Twice(float value) => throw new NotSupportedException();

    /// <summary>a * b + c of two BFloat16.</summary>
    [IntrinsicImplementation, Ptx("fma.rn.bf16x2 $o0, $0, $1, $2;")]
    public static uint MultiplyAddBFloat16s(uint a, uint b, uint c) => throw new NotSupportedException();

    /// <summary>a * b + c where <paramref name="isWanted"/> is not 0, else c.</summary>
    [IntrinsicImplementation, Ptx(".reg .pred p; setp.ne.u32 p, $0, 0; mov.f32 $o0, $3; @p fma.rn.f32 $o0, $1, $2, $3;")]
    public static float AddProductIf(uint isWanted, float a, float b, float c) => throw new NotSupportedException();

    /// <summary>The value of the lane whose number differs in the bits of the mask.</summary>
    [IntrinsicImplementation, Ptx("shfl.sync.bfly.b32 $o0, $0, $1, 31, 0xffffffff;")]
    public static float ExchangeLanes(float value, int mask) => throw new NotSupportedException();

    /// <summary>As <see cref="ExchangeLanes(float, int)"/>, of bits.</summary>
    [IntrinsicImplementation, Ptx("shfl.sync.bfly.b32 $o0, $0, $1, 31, 0xffffffff;")]
    public static uint ExchangeLanes(uint value, int mask) => throw new NotSupportedException();

    /// <summary>Two floats to the nearest halves, ties to even, the first one in the lower bits.</summary>
    [IntrinsicImplementation, Ptx("cvt.rn.f16x2.f32 $o0, $1, $0;")]
    public static uint RoundToHalves(float low, float high) => throw new NotSupportedException();

    /// <summary>Two floats to the nearest BFloat16, ties to even, the first one in the lower bits.</summary>
    [IntrinsicImplementation, Ptx("cvt.rn.bf16x2.f32 $o0, $1, $0;")]
    public static uint RoundToBFloat16s(float low, float high) => throw new NotSupportedException();

    /// <summary>To the nearest half, ties to even; its bits.</summary>
    [IntrinsicImplementation, Ptx(".reg .b16 h; cvt.rn.f16.f32 h, $0; cvt.u32.u16 $o0, h;")]
    public static uint RoundToHalf(float value) => throw new NotSupportedException();

    /// <summary>To the nearest BFloat16, ties to even; its bits.</summary>
    [IntrinsicImplementation, Ptx(".reg .b16 h; cvt.rn.bf16.f32 h, $0; cvt.u32.u16 $o0, h;")]
    public static uint RoundToBFloat16(float value) => throw new NotSupportedException();

    /// <summary>2^x, to within two units in the last place; 0 where that is no normal float.</summary>
    [IntrinsicImplementation, Ptx("ex2.approx.ftz.f32 $o0, $0;")]
    public static float ExpOf2(float x) => throw new NotSupportedException();

    /// <summary>To the nearest integer, ties to even; its bits.</summary>
    [IntrinsicImplementation, Ptx("cvt.rni.s32.f32 $o0, $0;")]
    public static uint RoundToInteger(float value) => throw new NotSupportedException();
}
