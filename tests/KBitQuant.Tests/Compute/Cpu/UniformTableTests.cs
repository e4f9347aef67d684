using KBitQuant.Compute.Cpu.Kernels.RowLanes;
using KBitQuant.DataTypes;

namespace KBitQuant.Tests.Compute.Cpu;

public class UniformTableTests
{
    [Fact]
    public void EveryIntegerTypeIsOneAndItsEntriesAreTheSameBitForBit()
    {
        foreach (string family in new[] { "int", "uint" })
        {
            for (int bits = 2; bits <= 8; bits++)
            {
                DataType type = DataTypeCatalog.Get($"{family}{bits}");
                UniformTable table = Assert.NotNull(UniformTable.Of(type));
                for (int code = 0; code < type.Codebook.Length; code++)
                {
                    int level = code - table.Zero;
                    Assert.Equal(type.Codebook[code], MathF.FusedMultiplyAdd(level, table.Step, level * table.StepRest));
                }
            }
        }
    }

    [Theory]
    [InlineData(0.3f, 0.4f, 0.5f)]
    [InlineData(-1f, 0f, 0.5f)]
    [InlineData(-1f, 0.5f, 2f)]
    public void OtherTablesAreNone(params float[] codebook) => Assert.Null(UniformTable.Of(new DataType("mine", codebook)));
}
