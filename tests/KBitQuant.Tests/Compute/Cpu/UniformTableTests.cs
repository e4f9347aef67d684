using KBitQuant.Compute.Cpu.Kernels.RowLanes;
using KBitQuant.DataTypes;

namespace KBitQuant.Tests.Compute.Cpu;

public class UniformTableTests
{
    [Fact]
    public void EveryIntegerTypeIsOneAndItsEntriesDifferByTheRoundingsOfEntryAndStep()
    {
        foreach (string family in new[] { "int", "uint" })
        {
            for (int bits = 2; bits <= 8; bits++)
            {
                DataType type = DataTypeCatalog.Get($"{family}{bits}");
                UniformTable table = Assert.NotNull(UniformTable.Of(type));
                for (int code = 0; code < type.Codebook.Length; code++)
                {
                    double entry = (code - table.Zero) * (double)table.Step;
                    double roundings = Math.Abs(entry) * Math.ScaleB(2.001, -24);
                    Assert.InRange(type.Codebook[code], entry - roundings, entry + roundings);
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
