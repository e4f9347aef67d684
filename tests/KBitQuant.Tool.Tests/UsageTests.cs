namespace KBitQuant.Tool.Tests;

/// <summary>Wrong calls: exit code 2, one line that names what was given and what is allowed.</summary>
public class UsageTests
{
    [Theory]
    [InlineData("A command is needed: demo, types, inspect, quantize, eval, generate, bench", "")]
    [InlineData("There is no command 'dance'; there are demo, types,", "dance")]
    [InlineData("There is no command '--shiny'", "--shiny")]
    [InlineData("--threads is for --device cpu", "generate model --prompt a --device GPU --threads 2")]
    [InlineData("'--shiny'", "types --shiny")]
    [InlineData("a number from 2 to 8 is allowed; '9'", "types --bits 9")]
    [InlineData("a number from 2 to 8 is allowed; 'four'", "types --bits four")]
    [InlineData("Required argument", "inspect")]
    [InlineData("'--out' is required", "quantize model --type nf4")]
    [InlineData("'--type' is required", "quantize model --out folder")]
    [InlineData("no data type 'nf44'", "quantize model --type nf44 --out folder")]
    [InlineData("nf4", "eval model --text file --type nf44")]
    [InlineData("'0'", "eval model --text file --type nf4 --block 0")]
    [InlineData("'-64'", "eval model --text file --type nf4 --block -64")]
    [InlineData("from 1 up, or 'tensor', is allowed; 'big'", "eval model --text file --type nf4 --block big")]
    [InlineData("fp32, fp16, bf16", "eval model --text file --type nf4 --constants fp12")]
    [InlineData("none, mean, minimum are allowed; 'median'", "eval model --text file --type uint4 --offset median")]
    [InlineData("--block needs --type", "eval model --text file --block 64")]
    [InlineData("--nested, --head needs --type", "generate model --prompt a --tokens 1 --nested --head")]
    [InlineData("'--text' is required", "eval model")]
    [InlineData("from 2", "eval model --text file --tokens 1")]
    [InlineData("--offset: none, mean, minimum are allowed; 'zero'", "eval model --text file --type uint4 --offset zero")]
    [InlineData("--activations: exact, int8 are allowed; 'fp8'", "eval model --text file --activations fp8")]
    [InlineData("--activations: exact, int8 are allowed; 'Int8'", "generate model --prompt a --activations Int8")]
    [InlineData("--activations is for --device cpu", "generate model --prompt a --device gpu --activations int8")]
    [InlineData("--threads: a number from 1 to 1024 is allowed; '0'", "quantize model --type nf4 --out folder --threads 0")]
    [InlineData("--device: cpu, gpu, gpu:N", "eval model --text file --device gpu:")]
    [InlineData("'--prompt' is required", "generate model --tokens 3")]
    [InlineData("from 1", "generate model --prompt a --tokens 0")]
    [InlineData("--temperature", "generate model --prompt a --tokens 1 --temperature -1")]
    [InlineData("--top-p: a number above 0, at most 1 is allowed; '1.5'", "generate model --prompt a --tokens 1 --top-p 1.5")]
    [InlineData("a number from 0 up is allowed; '1e99'", "generate model --prompt a --tokens 1 --temperature 1e99")]
    [InlineData("--threads: a number from 1 to 1024 is allowed; '0'", "generate model --prompt a --threads 0")]
    [InlineData("--threads: a number from 1 to 1024 is allowed; '100000'", "bench --threads 100000")]
    [InlineData("--threads is for --device cpu", "eval model --text file --device emulated --threads 2")]
    [InlineData("--temperature", "generate model --prompt a --tokens 1 --temperature NaN")]
    [InlineData("--temperature: a number from 0 up is allowed; '0,5'", "generate model --prompt a --temperature 0,5")]
    [InlineData("such as 11008x4096", "bench --shapes 11008")]
    [InlineData("'100000x100000'", "bench --shapes 64x64,100000x100000")]
    [InlineData("from 1 up; '0'", "bench --m 1,0")]
    [InlineData("no data type 'nf44'", "bench --types nf4,nf44")]
    [InlineData("--kernels: There is no kernel 'foo'; there are int8-avx512,", "bench --kernels row-lanes,foo")]
    [InlineData("--kernels: There is no kernel ''; there are", "bench --kernels row-lanes,")]
    [InlineData("no kernel 'row-lanes'; there are cuda-warpgroup, cuda-tensorcore, portable.", "bench --device emulated --kernels row-lanes")]
    [InlineData("--input is for --device gpu", "bench --input bf16")]
    [InlineData("--threads is for --device cpu", "bench --device gpu --threads 2")]
    public async Task Wrong_usage_is_named(string words, string line) =>
        (await ToolRun.Of(line.Split(' ', StringSplitOptions.RemoveEmptyEntries))).AssertFailed(2, words, "--help");

    [Theory]
    [InlineData("--help", "quantize")]
    [InlineData("--help", "130 stopped")]
    [InlineData("quantize --help", "--nested")]
    [InlineData("quantize --help", "--threads")]
    [InlineData("generate --help", "--top-p")]
    [InlineData("eval --help", "--activations")]
    [InlineData("bench --help", "--shapes")]
    [InlineData("generate --help", "cpu|gpu|gpu:N|NAME")]
    [InlineData("--version", "0.")]
    public async Task Help_is_there(string line, string words)
    {
        ToolRun run = await ToolRun.Of(line.Split(' '));
        run.AssertSucceeded();
        Assert.Contains(words, run.Output, StringComparison.Ordinal);
    }
}
