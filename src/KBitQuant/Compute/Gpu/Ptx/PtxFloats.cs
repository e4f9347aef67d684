using ILGPU.IR.Intrinsics;

namespace KBitQuant.Compute.Gpu.Ptx;

/// <summary>Arithmetic whose roundings are fixed: the compiler does not join a product and a sum into one.</summary>
internal static class PtxFloats
{
    /// <summary>a * b, rounded by itself.</summary>
    [IntrinsicImplementation, Ptx("mul.rn.f32 $o0, $0, $1;")]
    public static float Multiply(float a, float b) => throw new NotSupportedException();

    /// <summary>a + b, rounded by itself.</summary>
    [IntrinsicImplementation, Ptx("add.rn.f32 $o0, $0, $1;")]
    public static float Add(float a, float b) => throw new NotSupportedException();

    /// <summary>a * b + c, rounded once.</summary>
    [IntrinsicImplementation, Ptx("fma.rn.f32 $o0, $0, $1, $2;")]
    public static float MultiplyAdd(float a, float b, float c) => throw new NotSupportedException();

    /// <summary>a * b + c, rounded once, within 0 and 1; NaN becomes 0.</summary>
    [IntrinsicImplementation, Ptx("fma.rn.sat.f32 $o0, $0, $1, $2;")]
    public static float MultiplyAddSaturated(float a, float b, float c) => throw new NotSupportedException();

    /// <summary>1 / the root of a normal float, to within two units in the last place.</summary>
    [IntrinsicImplementation, Ptx("rsqrt.approx.ftz.f32 $o0, $0;")]
    public static float ReciprocalRoot(float value) => throw new NotSupportedException();

    /// <summary>1 / value, to nearest.</summary>
    [IntrinsicImplementation, Ptx("rcp.rn.f32 $o0, $0;")]
    public static float Reciprocal(float value) => throw new NotSupportedException();

    /// <summary>Byte 1 of the codes where the value is above the threshold, else byte 0.</summary>
    [IntrinsicImplementation, Ptx(
        ".reg .pred p; .reg .b32 s; setp.gt.f32 p, $0, $1; selp.b32 s, 0x4441, 0x4440, p; prmt.b32 $o0, $2, 0, s;")]
    public static uint CodeAbove(float value, float threshold, uint codes) => throw new NotSupportedException();

    /// <summary>Of two pairs of halves the larger ones; NaN where there is one.</summary>
    [IntrinsicImplementation, Ptx("max.NaN.f16x2 $o0, $0, $1;")]
    public static uint LargerHalves(uint a, uint b) => throw new NotSupportedException();

    /// <summary>Of two pairs of BFloat16 the larger ones; NaN where there is one.</summary>
    [IntrinsicImplementation, Ptx("max.NaN.bf16x2 $o0, $0, $1;")]
    public static uint LargerBFloat16s(uint a, uint b) => throw new NotSupportedException();
}
