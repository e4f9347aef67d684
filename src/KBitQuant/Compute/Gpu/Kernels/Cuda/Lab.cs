namespace KBitQuant.Compute.Gpu.Kernels.Cuda;
internal static class Lab { public static readonly int Mode = int.Parse(Environment.GetEnvironmentVariable("KBQ_MODE") ?? "0"); }
