using System.Buffers.Binary;
using System.Text;

namespace KBitQuant.Transformers.Tests.Checkpoints;

/// <summary>Safetensors files made by hand, right or wrong.</summary>
internal static class SafetensorsBytes
{
    public static byte[] Make(string header, int dataLength) => Make(Encoding.UTF8.GetBytes(header), dataLength);

    public static byte[] Make(byte[] header, int dataLength) => WithLength((ulong)header.Length, header, dataLength);

    public static byte[] WithLength(ulong claimedLength, byte[] header, int dataLength)
    {
        byte[] file = new byte[sizeof(ulong) + header.Length + dataLength];
        BinaryPrimitives.WriteUInt64LittleEndian(file, claimedLength);
        header.CopyTo(file, sizeof(ulong));
        return file;
    }

    public static string Tensor(string name, string dtype, string shape, string offsets) =>
        $$"""
        "{{name}}":{"dtype":"{{dtype}}","shape":{{shape}},"data_offsets":{{offsets}}}
        """;
}
