using System.Diagnostics.CodeAnalysis;
using ILGPU;
using Half = System.Half;

namespace KBitQuant.Compute.Gpu.Decoder.Activations;

/// <summary>The middle of a feed-forward network (<see cref="ActivationKernel"/>).</summary>
[RequiresDynamicCode(GpuDevice.NeedsDynamicCode)]
internal static class GpuActivation
{
    /// <summary>y = activation(up), within a call.</summary>
    public static void Apply(GpuDevice device, ActivationKind kind, GpuTensor<Half> up, int rows, int columns, GpuTensor<Half> y) =>
        Launch(device, kind, up.View.Cast<ushort>(), null, 1, rows, columns, y);

    /// <summary>y = activation(gate) * up, within a call.</summary>
    public static void Apply(GpuDevice device, ActivationKind kind, GpuTensor<Half> gate, GpuTensor<Half> up, int rows, int columns, GpuTensor<Half> y) =>
        Launch(device, kind, up.View.Cast<ushort>(), gate.View.Cast<ushort>(), 1, rows, columns, y);

    /// <summary>y = activation(gate) * up, where each row has columns of the gate and the other in turn, within a call.</summary>
    public static void ApplyInterleaved(GpuDevice device, ActivationKind kind, GpuTensor<Half> gateAndUp, int rows, int columns, GpuTensor<Half> y)
    {
        if (GatedActivationKernel.TryRun(device, kind, gateAndUp, rows * columns, y))
            return;
        ArrayView<ushort> gate = gateAndUp.View.Cast<ushort>();
        Launch(device, kind, gate.SubView(1), gate, 2, rows, columns, y);
    }

    private static void Launch(
        GpuDevice device, ActivationKind kind, ArrayView<ushort> up, ArrayView<ushort>? gate, int step, int rows, int columns, GpuTensor<Half> y)
    {
        int chunks = ((columns - 1) / ActivationKernel.GroupColumns) + 1;
        ActivationKernel.Kernel.Launch(device, rows * chunks, new()
        {
            Up = up,
            Gate = gate ?? up,
            Y = y.View.Cast<ushort>(),
            Columns = columns,
            Stride = step * columns,
            Step = step,
            HasGate = gate is null ? 0 : 1,
            Kind = (int)kind,
        });
    }
}
