using ILGPU;
using ILGPU.Runtime;
using ILGPU.Runtime.CPU;
using ILGPU.Runtime.Cuda;
using ILGPU.Runtime.OpenCL;

namespace KBitQuant.Compute.Gpu;

public sealed partial class GpuDevice
{
    /// <summary>The name by which <see cref="Open(string?)"/> knows the emulation on the processor.</summary>
    public const string EmulatedName = "emulated";

    private const string EmulatedTitle = "Emulated GPU";

    /// <summary>Threads of a group of the emulation. Each is a thread of the system, so few.</summary>
    private const int EmulatedGroupSize = 4;

    /// <summary>Every GPU that can be opened: those of CUDA, then those of OpenCL. Empty where there is none.</summary>
    public static IReadOnlyList<GpuDeviceInfo> List()
    {
        using Context context = CreateContext();
        return Describe(Gpus(context));
    }

    /// <summary>Opens the first GPU, or the first one whose name contains the given text.</summary>
    /// <param name="name">A part of the name, in any case; null for the first GPU; <see cref="EmulatedName"/> for the emulation.</param>
    /// <exception cref="NotSupportedException">There is no GPU, or none of that name; the message lists what there is.</exception>
    public static GpuDevice Open(string? name = null) => string.Equals(name, EmulatedName, StringComparison.OrdinalIgnoreCase)
        ? OpenEmulated()
        : Open(name is null ? "" : $" named '{name}'", info => name is null || info.Name.Contains(name, StringComparison.OrdinalIgnoreCase));

    /// <summary>Opens a GPU by its place in <see cref="List"/>.</summary>
    /// <param name="index">Its place, from 0.</param>
    /// <exception cref="NotSupportedException">There is no GPU in that place; the message lists what there is.</exception>
    public static GpuDevice Open(int index) => Open($" number {index}", info => info.Index == index);

    /// <summary>Opens an emulation on the processor: it runs every portable kernel, for tests and machines without a GPU, at under
    /// a million weights a second.</summary>
    public static GpuDevice OpenEmulated()
    {
        Context context = Context.Create(builder => builder.CPU(new CPUDevice(EmulatedGroupSize, 1, 1)));
        return Create(context, context.GetCPUDevice(0));
    }

    private static GpuDevice Open(string wanted, Predicate<GpuDeviceInfo> isWanted)
    {
        Context context = CreateContext();
        IReadOnlyList<Device> gpus = Gpus(context);
        IReadOnlyList<GpuDeviceInfo> infos = Describe(gpus);
        if (infos.FirstOrDefault(info => isWanted(info)) is { } found)
            return Create(context, gpus[found.Index]);
        context.Dispose();
        throw new NotSupportedException(infos.Count == 0
            ? $"There is no GPU{wanted}: CUDA and OpenCL 2.0 (with its generic address space) reach none. Install the card's driver; the device '{EmulatedName}' runs kernels without one, slowly."
            : $"There is no GPU{wanted}; there are {string.Join("; ", infos)}, and '{EmulatedName}'.");
    }

    private static GpuDevice Create(Context context, Device device)
    {
        try
        {
            return new GpuDevice(context, device);
        }
        catch
        {
            context.Dispose();
            throw;
        }
    }

    private static Context CreateContext() => Context.Create(builder => builder.Cuda().OpenCL());

    private static IReadOnlyList<Device> Gpus(Context context) => [.. context.GetCudaDevices(), .. context.GetCLDevices()];

    private static IReadOnlyList<GpuDeviceInfo> Describe(IReadOnlyList<Device> gpus) =>
        [.. gpus.Select((gpu, index) => new GpuDeviceInfo(index, gpu.Name, gpu.AcceleratorType.ToString(), gpu.MemorySize))];
}
