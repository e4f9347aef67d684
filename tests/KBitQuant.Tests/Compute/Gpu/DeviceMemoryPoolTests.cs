using FsCheck;
using FsCheck.Xunit;
using ILGPU;
using ILGPU.Runtime;
using KBitQuant.Compute.Gpu;

namespace KBitQuant.Tests.Compute.Gpu;

/// <summary>Memory that is kept for what asks for as much.</summary>
public class DeviceMemoryPoolTests
{
    [Property]
    public void SizesHoldWhatIsAskedForAndWasteLittle(PositiveInt length, byte shift)
    {
        long bytes = (long)length.Get << (shift % 12);
        long size = DeviceMemoryPool.Round(bytes);
        Assert.InRange(size, bytes, bytes + Math.Max(bytes / 8, 255));
        Assert.Equal(size, DeviceMemoryPool.Round(size));
        Assert.Equal(0, size % 256);
    }

    [Fact]
    public void EmptyTensorsHaveMemoryToo() => Assert.Equal(256, DeviceMemoryPool.Round(0));

    [Fact]
    public void WhatIsReturnedIsHandedOn()
    {
        using GpuDevice device = GpuDevice.OpenEmulated();
        using GpuDevice.Call call = device.Enter();
        DeviceMemoryPool pool = device.Memory;
        long before = pool.FreeBytes;
        MemoryBuffer1D<byte, Stride1D.Dense> first = pool.Rent(10_000);
        pool.Return(first);
        Assert.Equal(before + first.Length, pool.FreeBytes);
        Assert.NotSame(first, pool.Rent(20_000));
        Assert.Same(first, pool.Rent(first.Length - 1));
        Assert.Equal(before, pool.FreeBytes);
    }

    [Fact]
    public void WhereThereIsNoMoreNothingIsKept()
    {
        using GpuDevice device = GpuDevice.OpenEmulated();
        device.Allocate<float>(100_000).Dispose();
        using GpuDevice.Call call = device.Enter();
        Assert.ThrowsAny<Exception>(() => device.Memory.Rent(long.MaxValue / 2));
        Assert.Equal(0, device.Memory.FreeBytes);
    }

    [Fact]
    public void MemoryOfWhatIsDisposedOfIsKeptUntilItIsReleased()
    {
        using GpuDevice device = GpuDevice.OpenEmulated();
        device.Allocate<float>(100_000).Dispose();
        Assert.InRange(device.Memory.FreeBytes, 400_000, long.MaxValue);
        device.ReleaseMemory();
        Assert.Equal(0, device.Memory.FreeBytes);
        using GpuTensor<float> next = device.Upload<float>([1, 2, 3]);
        var values = new float[3];
        next.CopyTo(values);
        Assert.Equal([1, 2, 3], values);
    }
}
