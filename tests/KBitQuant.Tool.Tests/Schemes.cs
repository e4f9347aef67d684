using System.Text.Json;
using KBitQuant.Quantization;

namespace KBitQuant.Tool.Tests;

/// <summary>Schemes as JSON has them.</summary>
internal static class Schemes
{
    /// <summary>That the text of a scheme reads back, as what the other members say.</summary>
    public static void AssertReadsBack(JsonElement scheme)
    {
        QuantizationScheme read = QuantizationScheme.Parse(scheme.GetProperty("text").GetString()!);
        Assert.Equal(read.DataType.Name, scheme.GetProperty("type").GetString());
        Assert.Equal(read.DataType.Bits, scheme.GetProperty("bits").GetInt32());
        Assert.Equal(read.BlockSize, scheme.GetProperty("block").GetInt32());
        Assert.Equal(read.Constants.Name, scheme.GetProperty("constants").GetString());
        Assert.Equal(read.Nested, scheme.GetProperty("nested").GetBoolean());
        Assert.Equal(read.Offset.ToString(), scheme.GetProperty("offset").GetString(), ignoreCase: true);
    }
}
