namespace KBitQuant.Compute;

/// <summary>What is said of a kernel's name that no kernel has.</summary>
internal static class UnknownKernel
{
    /// <param name="name">The name.</param>
    /// <param name="source">Where it comes from, in brackets, if that is not plain.</param>
    /// <param name="known">The names that there are.</param>
    public static string Message(string? name, string source, IEnumerable<string> known) =>
        $"There is no kernel '{name}'{source}; there are {string.Join(", ", known)}.";
}
