using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;
using KBitQuant.DataTypes;

namespace KBitQuant.Quantization;

/// <summary>Tables of at most 16 entries with AVX2: lanes walk down the search tree of the thresholds (<see cref="SortedCodebook.Tree"/>),
/// whose nodes 1 to 7 lie in one register and nodes 8 to 15 in another. A permutation reads the low three bits of a node.</summary>
internal readonly struct TreeEncoder : IStepEncoder
{
    private readonly int _levels;
    private readonly Vector256<float> _nodes1;
    private readonly Vector256<float> _nodes8;
    private readonly Vector256<byte> _codes;

    public TreeEncoder(SortedCodebook table)
    {
        _levels = table.LevelCount;
        _nodes1 = Vector256.Create<float>(table.Tree);
        _nodes8 = Vector256.Create(table.Tree.AsSpan(Vector256<float>.Count));
        var codes = Vector128.Create<byte>(table.RankToCodeBytes);
        _codes = Vector256.Create(codes, codes);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public Vector256<byte> Encode(Vector256<float> x0, Vector256<float> x1, Vector256<float> x2, Vector256<float> x3)
    {
        Vector256<byte> nodes = StepEncoding.ToBytes(Walk(x0), Walk(x1), Walk(x2), Walk(x3));
        // Without the leading bit of its node a leaf is a rank.
        return Avx2.Shuffle(_codes, nodes & Vector256.Create((byte)((1 << _levels) - 1)));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private Vector256<int> Walk(Vector256<float> x)
    {
        Vector256<int> node = Descend(Vector256<int>.One, x, _nodes1);
        if (_levels > 1)
            node = Descend(node, x, _nodes1);
        if (_levels > 2)
            node = Descend(node, x, _nodes1);
        return _levels > 3 ? Descend(node, x, _nodes8) : node;
    }

    /// <summary>To the left child 2n, or to the right child 2n + 1 where x lies above the node's threshold (a mask of -1).</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<int> Descend(Vector256<int> node, Vector256<float> x, Vector256<float> thresholds) =>
        node + node - Vector256.GreaterThan(x, Avx2.PermuteVar8x32(thresholds, node)).AsInt32();
}
