using ILGPU;
using KBitQuant.Compute.Gpu.Ptx;

namespace KBitQuant.Compute.Gpu.Decoder.Attention.SingleToken;

/// <summary>A lane's four sums of eight shares, all of them asked for at once; the last share stands for those past it.</summary>
internal struct EightShares
{
    /// <summary>How many.</summary>
    public const int Count = 8;

    private Words4 _a;
    private Words4 _b;
    private Words4 _c;
    private Words4 _d;
    private Words4 _e;
    private Words4 _f;
    private Words4 _g;
    private Words4 _h;

    /// <summary>The largest word as an integer: <see cref="AttentionStepResult.Missing"/> where one is not there yet.</summary>
    public readonly uint Largest => IntrinsicMath.Max(
        IntrinsicMath.Max(IntrinsicMath.Max(LargestOf(_a), LargestOf(_b)), IntrinsicMath.Max(LargestOf(_c), LargestOf(_d))),
        IntrinsicMath.Max(IntrinsicMath.Max(LargestOf(_e), LargestOf(_f)), IntrinsicMath.Max(LargestOf(_g), LargestOf(_h))));

    /// <summary>Loads what is there.</summary>
    /// <param name="at">Where the lane's sums of the first share of all are.</param>
    /// <param name="first">The first of the eight.</param>
    /// <param name="last">The last share.</param>
    public static EightShares Load(long at, int first, int last) => new()
    {
        _a = LoadShare(at, first, last),
        _b = LoadShare(at, first + 1, last),
        _c = LoadShare(at, first + 2, last),
        _d = LoadShare(at, first + 3, last),
        _e = LoadShare(at, first + 4, last),
        _f = LoadShare(at, first + 5, last),
        _g = LoadShare(at, first + 6, last),
        _h = LoadShare(at, first + 7, last),
    };

    /// <summary>Adds them, in their order.</summary>
    /// <param name="sum">What to add to.</param>
    /// <param name="weight">The weight of the share with the lane's number; 0 past the last one.</param>
    /// <param name="first">The first of the eight.</param>
    public readonly Floats4 AddTo(Floats4 sum, float weight, int first)
    {
        sum = Add(Add(sum, _a, weight, first), _b, weight, first + 1);
        sum = Add(Add(sum, _c, weight, first + 2), _d, weight, first + 3);
        sum = Add(Add(sum, _e, weight, first + 4), _f, weight, first + 5);
        return Add(Add(sum, _g, weight, first + 6), _h, weight, first + 7);
    }

    private static Words4 LoadShare(long at, int share, int last) => PtxMemory.LoadOfOthers4(at + (IntrinsicMath.Min(share, last) * AttentionStepResult.ShareBytes));

    private static uint LargestOf(Words4 words) => IntrinsicMath.Max(IntrinsicMath.Max(words.X, words.Y), IntrinsicMath.Max(words.Z, words.W));

    private static Floats4 Add(Floats4 sum, Words4 share, float weight, int lane)
    {
        var values = new Floats4 { X = Interop.IntAsFloat(share.X), Y = Interop.IntAsFloat(share.Y), Z = Interop.IntAsFloat(share.Z), W = Interop.IntAsFloat(share.W) };
        return AttentionStepResult.PlusProduct(sum, values, PtxLanes.Read(weight, lane));
    }
}
