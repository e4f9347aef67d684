namespace KBitQuant.Compute.Gpu.Ptx;

/// <summary>Marks a method that stands for PTX instructions. A call of it becomes the text, with <c>$0</c>, <c>$1</c>, ... for the
/// registers of the arguments and <c>$o0</c>, <c>$o1</c>, ... for those of the result; structures count one register for each
/// field. <c>$c0</c>, ... is the number itself of an argument that is a constant. <c>[[a..b:text]]</c> is the text repeated with each
/// number from a to b for <c>#</c>. The text has a scope of its own for the registers it declares. The method's body is never run.</summary>
/// <param name="text">The instructions.</param>
[AttributeUsage(AttributeTargets.Method)]
internal sealed class PtxAttribute(string text) : Attribute
{
    /// <summary>The instructions.</summary>
    public string Text { get; } = text;

    /// <summary>The architecture, such as 90, below which the call becomes <see cref="Before"/>.</summary>
    public int Since { get; init; }

    /// <summary>What the call becomes below <see cref="Since"/>, where there is something else that does.</summary>
    public string Before { get; init; } = "";
}
