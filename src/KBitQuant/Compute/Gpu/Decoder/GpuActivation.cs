using System.Diagnostics.CodeAnalysis;
using ILGPU;
using Half = System.Half;

namespace KBitQuant.Compute.Gpu.Decoder;

/// <summary>The middle of a feed-forward network (<see cref="ActivationKernel"/>).</summary>
[RequiresDynamicCode(GpuDevice.NeedsDynamicCode)]
internal static class GpuActivation
{
    /// <summary>y = activation(up), within a call.</summary>
    public static void Apply(GpuDevice device, ActivationKind kind, GpuTensor<Half> up, int rows, int columns, GpuTensor<Half> y) =>
        Launch(device, kind, up.View.Cast<ushort>(), columns, null, 0, rows, columns, y);

    /// <summary>y = activation(gate) * up, within a call.</summary>
    public static void Apply(GpuDevice device, ActivationKind kind, GpuTensor<Half> gate, GpuTensor<Half> up, int rows, int columns, GpuTensor<Half> y) =>
        Launch(device, kind, up.View.Cast<ushort>(), columns, gate.View.Cast<ushort>(), columns, rows, columns, y);

    /// <summary>y = activation(gate) * up, where each row is the gate followed by the other, within a call.</summary>
    public static void ApplyJoined(GpuDevice device, ActivationKind kind, GpuTensor<Half> gateAndUp, int rows, int columns, GpuTensor<Half> y)
    {
        ArrayView<ushort> gate = gateAndUp.View.Cast<ushort>();
        Launch(device, kind, gate.SubView(columns), 2 * columns, gate, 2 * columns, rows, columns, y);
    }

    private static void Launch(
        GpuDevice device, ActivationKind kind, ArrayView<ushort> up, int upStride, ArrayView<ushort>? gate, int gateStride, int rows, int columns,
        GpuTensor<Half> y)
    {
        int chunks = ((columns - 1) / ActivationKernel.GroupColumns) + 1;
        ActivationKernel.Kernel.Launch(device, rows * chunks, new()
        {
            Up = up,
            Gate = gate ?? up,
            Y = y.View.Cast<ushort>(),
            Columns = columns,
            UpStride = upStride,
            GateStride = gateStride,
            HasGate = gate is null ? 0 : 1,
            Kind = (int)kind,
        });
    }
}
