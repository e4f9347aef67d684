using System.Diagnostics;

namespace KBitQuant.Transformers.Generation;

/// <summary>How fast a model read a prompt (prefill) and continued it token by token (decode). Given to a <see cref="TextGenerator"/>, it
/// counts what that does; read it when the text is done.</summary>
public sealed class GenerationClock
{
    private long _started;

    /// <summary>Tokens of the prompts that were read.</summary>
    public int PromptTokens { get; private set; }

    /// <summary>The time it took to read them.</summary>
    public TimeSpan PromptTime { get; private set; }

    /// <summary>Steps of one token each.</summary>
    public int DecodedTokens { get; private set; }

    /// <summary>The time these took, without random draws of tokens and whatever happens between them.</summary>
    public TimeSpan DecodeTime { get; private set; }

    /// <summary>Prompt tokens a second; null where there were none.</summary>
    public double? PromptRate => Rate(PromptTokens, PromptTime);

    /// <summary>Decoded tokens a second; null where there were none.</summary>
    public double? DecodeRate => Rate(DecodedTokens, DecodeTime);

    /// <summary>Begins a pass through the model.</summary>
    internal void Start() => _started = Stopwatch.GetTimestamp();

    /// <summary>Ends it.</summary>
    /// <param name="tokens">The tokens passed.</param>
    /// <param name="isPrompt">Whether they are the prompt.</param>
    internal void Stop(int tokens, bool isPrompt)
    {
        TimeSpan time = Stopwatch.GetElapsedTime(_started);
        if (isPrompt)
            (PromptTokens, PromptTime) = (PromptTokens + tokens, PromptTime + time);
        else
            (DecodedTokens, DecodeTime) = (DecodedTokens + tokens, DecodeTime + time);
    }

    private static double? Rate(int tokens, TimeSpan time) => tokens == 0 ? null : tokens / time.TotalSeconds;
}
