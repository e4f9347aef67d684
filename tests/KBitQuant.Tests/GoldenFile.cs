using System.Runtime.InteropServices;
using System.Text.Json;

namespace KBitQuant.Tests;

/// <summary>Reads test vectors from a trusted safetensors file: 8 bytes of header length, a JSON header, raw little-endian tensors.</summary>
internal sealed class GoldenFile
{
    private readonly byte[] _bytes;
    private readonly JsonElement _header;
    private readonly int _data;

    public GoldenFile(string path)
    {
        _bytes = File.ReadAllBytes(path);
        int headerLength = (int)BitConverter.ToInt64(_bytes, 0);
        _header = JsonDocument.Parse(_bytes.AsMemory(8, headerLength)).RootElement;
        _data = 8 + headerLength;
    }

    public T[] Get<T>(string name)
        where T : unmanaged
    {
        JsonElement offsets = _header.GetProperty(name).GetProperty("data_offsets");
        ReadOnlySpan<byte> bytes = _bytes.AsSpan((_data + offsets[0].GetInt32())..(_data + offsets[1].GetInt32()));
        return MemoryMarshal.Cast<byte, T>(bytes).ToArray();
    }
}
