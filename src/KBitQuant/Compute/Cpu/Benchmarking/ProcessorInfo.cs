using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics.X86;
using System.Text;
using KBitQuant.Threading;

namespace KBitQuant.Compute.Cpu.Benchmarking;

/// <summary>What the processor says of itself.</summary>
internal static class ProcessorInfo
{
    private const int CachesOver = 4;

    /// <summary>The processor's own name and family; virtual machines often leave only the family to tell generations apart.</summary>
    public static string Name { get; } = X86Base.IsSupported ? $"{BrandString()} (family {Family()})" : $"{RuntimeInformation.ProcessArchitecture}";

    /// <summary>Bytes over which a benchmark rotates to find memory in no cache.</summary>
    public static long RotationBytes => CachesOver * LastLevelCache.Bytes;

    private static string BrandString()
    {
        var bytes = new byte[48];
        for (int leaf = 0; leaf < 3; leaf++)
        {
            (int a, int b, int c, int d) = X86Base.CpuId(unchecked((int)0x8000_0002) + leaf, 0);
            int[] registers = [a, b, c, d];
            for (int i = 0; i < registers.Length; i++)
                BinaryPrimitives.WriteInt32LittleEndian(bytes.AsSpan((leaf * 16) + (i * sizeof(int))), registers[i]);
        }

        return Encoding.ASCII.GetString(bytes).Trim('\0', ' ');
    }

    /// <summary>The base family, and the extended family where the base is full.</summary>
    private static int Family()
    {
        int signature = X86Base.CpuId(1, 0).Eax;
        int family = (signature >> 8) & 0xf;
        return family == 0xf ? family + ((signature >> 20) & 0xff) : family;
    }
}
