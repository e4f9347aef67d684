using ILGPU;
using KBitQuant.DataTypes;

namespace KBitQuant.Compute.Gpu.Kernels.Portable;

/// <summary>A <see cref="SortedCodebook"/> on a device.</summary>
internal struct SearchView
{
    /// <summary><see cref="SortedCodebook.Thresholds"/>.</summary>
    public ArrayView<float> Thresholds;

    /// <summary><see cref="SortedCodebook.RankToCode"/>.</summary>
    public ArrayView<int> RankToCode;

    /// <summary><see cref="SortedCodebook.LevelCount"/>.</summary>
    public int LevelCount;
}
