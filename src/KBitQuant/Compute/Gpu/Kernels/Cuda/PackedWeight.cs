using System.Diagnostics.CodeAnalysis;
using System.Numerics.Tensors;
using ILGPU;
using KBitQuant.Compute.Gpu.Kernels.Cuda.Tables;
using KBitQuant.Compute.Gpu.Kernels.Portable;
using KBitQuant.Quantization;

namespace KBitQuant.Compute.Gpu.Kernels.Cuda;

/// <summary>A weight on a GPU in <see cref="PackedLayout"/>. Made within a call.</summary>
[RequiresDynamicCode(GpuDevice.NeedsDynamicCode)]
internal sealed class PackedWeight : IDisposable
{
    private readonly GpuDevice _device;
    private readonly DeviceArray<uint> _codes;
    private readonly DeviceArray<uint> _constants;
    private readonly DeviceArray<uint> _offsets;
    private readonly DeviceArray<float> _table;
    private readonly DeviceArray<uint> _halves;
    private readonly DeviceArray<uint> _bfloat16s;

    public PackedWeight(GpuDevice device, QuantizedTensor tensor)
    {
        _device = device;
        _codes = new(device);
        _constants = new(device);
        _offsets = new(device);
        _table = new(device);
        _halves = new(device);
        _bfloat16s = new(device);
        try
        {
            View = Pack(tensor);
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    public PackedView View { get; }

    /// <summary>The power of two that brings the largest sum of a constant's and its offset's magnitude to between 0.5 and 1.</summary>
    public float ConstantScale { get; private set; } = 1;

    /// <summary>The table's entries, in halves.</summary>
    public ArrayView<uint> Halves => _halves.View;

    /// <summary>The table's entries, in BFloat16.</summary>
    public ArrayView<uint> BFloat16s => _bfloat16s.View;

    public long ByteLength => _codes.ByteLength + _constants.ByteLength + _offsets.ByteLength + _table.ByteLength + _halves.ByteLength + _bfloat16s.ByteLength;

    public void Dispose()
    {
        _codes.Dispose();
        _constants.Dispose();
        _offsets.Dispose();
        _table.Dispose();
        _halves.Dispose();
        _bfloat16s.Dispose();
    }

    private PackedView Pack(QuantizedTensor tensor)
    {
        using var canonical = new CanonicalWeight(_device, tensor);
        PackedLayout layout = PackedLayout.For(tensor.Scheme.DataType.Bits, tensor.Rows, tensor.Columns);
        int kind = ConstantView.KindOf(tensor.Scheme.DirectConstants);
        ConstantScale = ScaleOf(tensor);
        long constantWords = kind == PackedView.FloatConstants ? layout.ConstantCount : layout.ConstantCount / 2;
        var view = new PackedView
        {
            Layout = layout,
            Codes = _codes.Reserve(layout.CodeWords),
            Constants = _constants.Reserve(constantWords),
            Offsets = _offsets.Reserve(tensor.HasOffsets ? constantWords : 0),
            Table = _table.Upload(tensor.Scheme.DataType.Lookup.AsSpan(0, 1 << layout.Bits)),
            HasOffsets = tensor.HasOffsets ? 1 : 0,
            ConstantKind = kind,
        };
        _halves.Upload(TableSource.Halves(tensor.Scheme.DataType, layout));
        _bfloat16s.Upload(TableSource.BFloat16s(tensor.Scheme.DataType, layout));
        PackKernel.PackCodes(_device, new PackKernel.Arguments
        {
            Canonical = canonical.View,
            Packed = view,
            Rows = tensor.Rows,
            Columns = tensor.Columns,
            PaddingCode = Array.FindIndex(tensor.Scheme.DataType.Lookup, float.IsFinite),
        });
        PackConstants(tensor, canonical.View, canonical.View.Constants, view.Constants, view);
        if (tensor.HasOffsets)
            PackConstants(tensor, canonical.View, canonical.View.Offsets, view.Offsets, view);
        // The canonical form goes, and kernels that overlap others read what was packed.
        _device.Stream.Synchronize();
        return view;
    }

    private static float ScaleOf(QuantizedTensor tensor)
    {
        var constants = new float[tensor.BlockCount];
        var offsets = new float[tensor.BlockCount];
        tensor.DecodeConstants(constants);
        tensor.DecodeOffsets(offsets);
        float largest = Math.Abs(TensorPrimitives.MaxMagnitude<float>(constants)) + Math.Abs(TensorPrimitives.MaxMagnitude<float>(offsets));
        // Within the exponents of normal floats, on both sides.
        const int MaxExponent = 100;
        return largest == 0 ? 1 : MathF.ScaleB(1, Math.Clamp(-1 - MathF.ILogB(largest), -MaxExponent, MaxExponent));
    }

    private void PackConstants(QuantizedTensor tensor, CanonicalView canonical, ConstantView values, ArrayView<uint> packed, PackedView view)
    {
        var arguments = new PackKernel.ConstantArguments
        {
            Layout = view.Layout,
            Values = values,
            Packed = packed,
            Rows = tensor.Rows,
            Columns = tensor.Columns,
            BlockSize = canonical.BlockSize,
        };
        if (view.ConstantKind == PackedView.HalfConstants)
            PackKernel.PackConstants<HalfElement>(_device, arguments);
        else if (view.ConstantKind == PackedView.BFloat16Constants)
            PackKernel.PackConstants<BFloat16Element>(_device, arguments);
        else
            PackKernel.PackConstants(_device, arguments);
    }
}
