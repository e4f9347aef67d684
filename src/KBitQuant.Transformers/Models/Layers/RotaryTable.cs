namespace KBitQuant.Transformers.Models.Layers;

/// <summary>Cosines and sines of the rotary embedding for a run of positions.</summary>
internal sealed class RotaryTable(RotaryConfig config)
{
    private readonly double[] _frequencies = config.Frequencies();
    private float[] _cosines = [];
    private float[] _sines = [];

    /// <summary>Pairs of a head that are turned.</summary>
    public int PairCount => _frequencies.Length;

    /// <summary>Of each position and pair, [positions, pairs].</summary>
    public ReadOnlySpan<float> Cosines => _cosines;

    /// <summary>Of each position and pair, [positions, pairs].</summary>
    public ReadOnlySpan<float> Sines => _sines;

    /// <summary>Computes the angles of positions <paramref name="first"/> to <paramref name="first"/> +
    /// <paramref name="count"/> - 1.</summary>
    public void Fill(int first, int count)
    {
        if (_cosines.Length < count * _frequencies.Length)
            (_cosines, _sines) = (new float[count * _frequencies.Length], new float[count * _frequencies.Length]);
        for (int i = 0; i < count; i++)
        {
            for (int pair = 0; pair < _frequencies.Length; pair++)
            {
                (double sine, double cosine) = Math.SinCos((first + i) * _frequencies[pair]);
                _cosines[(i * _frequencies.Length) + pair] = (float)cosine;
                _sines[(i * _frequencies.Length) + pair] = (float)sine;
            }
        }
    }

    /// <summary>Turns a head of the i-th of those positions.</summary>
    public void Rotate(int i, Span<float> head)
    {
        int pairs = _frequencies.Length;
        ReadOnlySpan<float> cosines = _cosines.AsSpan(i * pairs, pairs);
        ReadOnlySpan<float> sines = _sines.AsSpan(i * pairs, pairs);
        Span<float> lower = head[..pairs];
        Span<float> upper = head.Slice(pairs, pairs);
        for (int pair = 0; pair < pairs; pair++)
        {
            float x = lower[pair], y = upper[pair];
            lower[pair] = (x * cosines[pair]) - (y * sines[pair]);
            upper[pair] = (y * cosines[pair]) + (x * sines[pair]);
        }
    }
}
