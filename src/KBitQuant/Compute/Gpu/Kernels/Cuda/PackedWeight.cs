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
    private readonly NestedConstants? _nested;
    private readonly int _rows;
    private readonly int _columns;
    private readonly int _blockSize;
    private readonly DeviceArray<uint> _codes;
    private readonly DeviceArray<uint> _constants;
    private readonly DeviceArray<uint> _offsets;
    private readonly DeviceArray<uint> _exactConstants;
    private readonly DeviceArray<float> _table;
    private readonly DeviceArray<uint> _halves;
    private readonly DeviceArray<uint> _bfloat16s;

    public PackedWeight(GpuDevice device, QuantizedTensor tensor)
    {
        (_device, _nested) = (device, tensor.Nested);
        (_rows, _columns, _blockSize) = (tensor.Rows, tensor.Columns, tensor.Scheme.BlockSizeFor(tensor.Length));
        _codes = new(device);
        _constants = new(device);
        _offsets = new(device);
        _exactConstants = new(device);
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

    /// <summary>The weight with its constants to the last bit, for inputs of 32 bits; made when it is first asked for.</summary>
    public PackedView ExactView
    {
        get
        {
            if (_nested is null || View.ConstantKind == PackedView.FloatConstants)
                return View;
            if (_exactConstants.ByteLength == 0)
                PackExactConstants(_nested);
            return View with { Constants = _exactConstants.View, ConstantKind = PackedView.FloatConstants };
        }
    }

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
        _exactConstants.Dispose();
        _table.Dispose();
        _halves.Dispose();
        _bfloat16s.Dispose();
    }

    private PackedView Pack(QuantizedTensor tensor)
    {
        using var canonical = new CanonicalWeight(_device, tensor);
        PackedLayout layout = PackedLayout.For(tensor.Scheme.DataType.Bits, tensor.Rows, tensor.Columns);
        int kind = KindFor(tensor);
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
        PackConstants(canonical.View.Constants, view.Constants, view);
        if (tensor.HasOffsets)
            PackConstants(canonical.View.Offsets, view.Offsets, view);
        // The canonical form goes, and kernels that overlap others read what was packed.
        _device.Stream.Synchronize();
        return view;
    }

    /// <summary>As <see cref="ConstantView"/> has it. Nested constants become halves where they are normal ones: a rounding that the
    /// products of 16-bit inputs allow for, and half of the bytes.</summary>
    private static int KindFor(QuantizedTensor tensor)
    {
        const float SmallestNormal = 1f / (1 << 14);
        if (tensor.Nested is null || tensor.HasOffsets)
            return ConstantView.KindOf(tensor.Scheme.DirectConstants);
        var constants = new float[tensor.BlockCount];
        tensor.DecodeConstants(constants);
        bool areNormal = Array.TrueForAll(constants, value => value == 0 || Math.Abs(value) is >= SmallestNormal and <= 65504);
        return areNormal ? PackedView.HalfConstants : PackedView.FloatConstants;
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

    private void PackExactConstants(NestedConstants nested)
    {
        var values = new float[nested.Codes.Length];
        nested.Dequantize(values);
        using var canonical = new DeviceArray<float>(_device);
        var constants = new ConstantView { Floats = canonical.Upload(values), Shorts = canonical.View.Cast<ushort>(), Kind = ConstantView.Singles };
        _exactConstants.Reserve(View.Layout.ConstantCount);
        PackConstants(constants, _exactConstants.View, View with { ConstantKind = PackedView.FloatConstants });
        _device.Stream.Synchronize();
    }

    private void PackConstants(ConstantView values, ArrayView<uint> packed, PackedView view)
    {
        var arguments = new PackKernel.ConstantArguments
        {
            Layout = view.Layout,
            Values = values,
            Packed = packed,
            Rows = _rows,
            Columns = _columns,
            BlockSize = _blockSize,
        };
        if (view.ConstantKind == PackedView.HalfConstants)
            PackKernel.PackConstants<HalfElement>(_device, arguments);
        else if (view.ConstantKind == PackedView.BFloat16Constants)
            PackKernel.PackConstants<BFloat16Element>(_device, arguments);
        else
            PackKernel.PackConstants(_device, arguments);
    }
}
