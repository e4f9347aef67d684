namespace KBitQuant.Tests.Compute;

/// <summary>Few combinations of several properties, in which every two values of different properties meet.</summary>
internal static class PairwiseCover
{
    /// <summary>Rows of value indices, one index for each property.</summary>
    /// <param name="counts">How many values each property has.</param>
    public static IEnumerable<int[]> Of(params int[] counts)
    {
        HashSet<(int A, int ValueA, int B, int ValueB)> missing = [.. Pairs(counts)];
        for (int rows = 0; missing.Count > 0; rows++)
        {
            (int a, int valueA, int b, int valueB) = missing.First();
            int[] row = [.. counts.Select(_ => -1)];
            (row[a], row[b]) = (valueA, valueB);
            for (int property = 0; property < counts.Length; property++)
            {
                // Where several values bring as many new pairs, they take turns.
                IEnumerable<int> values = Enumerable.Range(rows, counts[property]).Select(value => value % counts[property]);
                if (row[property] < 0)
                    row[property] = values.MaxBy(value => PairsWith(row, property, value).Count(missing.Contains));
            }

            for (int property = 0; property < counts.Length; property++)
                missing.ExceptWith(PairsWith(row, property, row[property]));
            yield return row;
        }
    }

    private static IEnumerable<(int A, int ValueA, int B, int ValueB)> Pairs(int[] counts) =>
        from b in Enumerable.Range(0, counts.Length)
        from a in Enumerable.Range(0, b)
        from valueA in Enumerable.Range(0, counts[a])
        from valueB in Enumerable.Range(0, counts[b])
        select (a, valueA, b, valueB);

    /// <summary>The pairs that a value makes with those that a row already has.</summary>
    private static IEnumerable<(int A, int ValueA, int B, int ValueB)> PairsWith(int[] row, int property, int value)
    {
        for (int other = 0; other < row.Length; other++)
        {
            if (other != property && row[other] >= 0)
                yield return other < property ? (other, row[other], property, value) : (property, value, other, row[other]);
        }
    }
}
