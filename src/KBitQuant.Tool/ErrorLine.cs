namespace KBitQuant.Tool;

/// <summary>An exception in one line.</summary>
internal static class ErrorLine
{
    public static string Of(Exception exception)
    {
        string message = exception.Message;
        // .NET appends the name of the parameter, which means nothing to the user of a command.
        if (exception is ArgumentException { ParamName: { } name })
            message = message.Replace($" (Parameter '{name}')", "", StringComparison.Ordinal);
        return string.Join(' ', message.Split(['\r', '\n'], StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries));
    }
}
