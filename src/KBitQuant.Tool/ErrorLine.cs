using System.Text.RegularExpressions;
using KBitQuant.Tool.Output;

namespace KBitQuant.Tool;

/// <summary>An exception in one line.</summary>
internal static partial class ErrorLine
{
    public static string Of(Exception exception)
    {
        // .NET appends the name of the parameter, which means nothing to the user of a command.
        string message = ParameterName().Replace(exception.Message, "");
        return PlainText.Of(string.Join(' ', message.Split(['\r', '\n'], StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries)));
    }

    [GeneratedRegex(@" \(Parameter '\w+'\)")]
    private static partial Regex ParameterName();
}
