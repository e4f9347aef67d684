using System.Text.Json;

namespace KBitQuant.Transformers.Checkpoints;

/// <summary>A value of a JSON document that knows its place there, so that failures say it, what it is and what is allowed.</summary>
internal readonly struct JsonMember
{
    private const int MaxShown = 40;

    private readonly JsonElement _value;
    private readonly string _parent;
    private readonly int _index;

    /// <summary>A whole document.</summary>
    public JsonMember(JsonElement root)
        : this(root, "", null, -1)
    {
    }

    private JsonMember(JsonElement value, string parent, string? key, int index) => (_value, _parent, Key, _index) = (value, parent, key, index);

    /// <summary>Its key in an object; null for items of arrays and the document itself.</summary>
    public string? Key { get; }

    public bool IsArray => _value.ValueKind == JsonValueKind.Array;

    /// <summary>Where it stands: keys with dots between them, and places in arrays; empty for the document itself.</summary>
    public string Path => (Key, _index) switch
    {
        ({ } key, _) => PathOf(_parent, key),
        (_, >= 0) => $"{_parent}[{_index}]",
        _ => "",
    };

    /// <summary>The member of a key; null where it is missing or null.</summary>
    public JsonMember? Find(string key)
    {
        Require(_value.ValueKind == JsonValueKind.Object, "an object");
        return _value.TryGetProperty(key, out JsonElement value) && value.ValueKind != JsonValueKind.Null ? new(value, Path, key, -1) : null;
    }

    /// <summary>The member of a key.</summary>
    /// <exception cref="JsonException">It is missing or null.</exception>
    public JsonMember Required(string key) => Find(key) ?? throw new JsonException($"'{PathOf(Path, key)}' is missing; it is needed");

    /// <summary>A text.</summary>
    /// <exception cref="JsonException">It is none.</exception>
    public string Text()
    {
        Require(_value.ValueKind == JsonValueKind.String, "a text");
        return _value.GetString()!;
    }

    /// <summary>A truth value.</summary>
    /// <exception cref="JsonException">It is none.</exception>
    public bool Flag()
    {
        Require(_value.ValueKind is JsonValueKind.True or JsonValueKind.False, "true or false");
        return _value.GetBoolean();
    }

    /// <summary>An integer.</summary>
    /// <exception cref="JsonException">It is none.</exception>
    public int Integer()
    {
        int value = 0;
        Require(_value.ValueKind == JsonValueKind.Number && _value.TryGetInt32(out value), "an integer of 32 bits");
        return value;
    }

    /// <summary>A number.</summary>
    /// <exception cref="JsonException">It is none.</exception>
    public double Number()
    {
        Require(_value.ValueKind == JsonValueKind.Number, "a number");
        return _value.GetDouble();
    }

    /// <summary>The items of an array.</summary>
    /// <exception cref="JsonException">It is none.</exception>
    public IEnumerable<JsonMember> Items()
    {
        Require(IsArray, "an array");
        string path = Path;
        return _value.EnumerateArray().Select((item, index) => new JsonMember(item, path, null, index));
    }

    /// <summary>The members of an object.</summary>
    /// <exception cref="JsonException">It is none.</exception>
    public IEnumerable<JsonMember> Members()
    {
        Require(_value.ValueKind == JsonValueKind.Object, "an object");
        string path = Path;
        return _value.EnumerateObject().Select(member => new JsonMember(member.Value, path, member.Name, -1));
    }

    /// <summary>Refuses it.</summary>
    /// <param name="holds">Whether it is as it must be.</param>
    /// <param name="allowed">How it must be.</param>
    /// <exception cref="JsonException">It is not.</exception>
    public void Require(bool holds, string allowed)
    {
        if (!holds)
            throw new JsonException($"{(Path.Length == 0 ? "the document" : $"'{Path}'")} is {Shown()}; {allowed} is allowed");
    }

    private static string PathOf(string parent, string key) => parent.Length == 0 ? key : $"{parent}.{key}";

    private string Shown()
    {
        string text = _value.ValueKind switch
        {
            JsonValueKind.Object => "an object",
            JsonValueKind.Array => "an array",
            _ => _value.GetRawText(),
        };
        return text.Length <= MaxShown ? text : $"{text[..MaxShown]}...";
    }
}
