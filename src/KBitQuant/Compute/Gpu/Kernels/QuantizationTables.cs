using System.Diagnostics.CodeAnalysis;
using ILGPU;
using KBitQuant.Compute.Gpu.Kernels.Portable;
using KBitQuant.DataTypes;

namespace KBitQuant.Compute.Gpu.Kernels;

/// <summary>What kernels need of a data type to choose codes, on a device. Made within a call.</summary>
[RequiresDynamicCode(GpuDevice.NeedsDynamicCode)]
internal sealed class QuantizationTables : IDisposable
{
    private readonly DeviceArray<float> _thresholds;
    private readonly DeviceArray<int> _rankToCode;
    private readonly DeviceArray<Bucket> _buckets;

    public QuantizationTables(GpuDevice device, SortedCodebook codebook)
    {
        _thresholds = new(device);
        _rankToCode = new(device);
        _buckets = new(device);
        Search = new()
        {
            Thresholds = _thresholds.Upload(codebook.Thresholds),
            RankToCode = _rankToCode.Upload(codebook.RankToCode),
            LevelCount = codebook.LevelCount,
        };
        BucketTable = codebook.Buckets;
        _buckets.Upload(BucketTable?.Buckets ?? []);
    }

    /// <summary>The thresholds in order.</summary>
    public SearchView Search { get; }

    /// <summary>The thresholds in buckets, where they can be divided so.</summary>
    public BucketTable? BucketTable { get; }

    /// <summary>The buckets of <see cref="BucketTable"/>.</summary>
    public ArrayView<Bucket> Buckets => _buckets.View;

    public long ByteLength => _thresholds.ByteLength + _rankToCode.ByteLength + _buckets.ByteLength;

    public void Dispose()
    {
        _thresholds.Dispose();
        _rankToCode.Dispose();
        _buckets.Dispose();
    }
}
