using System.Reflection;
using KBitQuant.DataTypes;
using KBitQuant.Transformers.Models;

namespace KBitQuant.Transformers.Tests.Architecture;

/// <summary>Null for what must not be null is refused by name, by the public constructors and static methods of both packages.
/// Records, which are what others make of them, and exceptions are left out.</summary>
public class NullArgumentTests
{
    private static readonly NullabilityInfoContext Nullability = new();

    public static TheoryData<string> Members => new(Guarded().Select(Describe).Distinct());

    [Theory]
    [MemberData(nameof(Members))]
    public void Null_is_refused(string member)
    {
        foreach (MethodBase method in Guarded().Where(method => Describe(method) == member))
        {
            object?[] arguments = [.. method.GetParameters().Select(DefaultOf)];
            var failure = Assert.Throws<TargetInvocationException>(() =>
                method is ConstructorInfo constructor ? constructor.Invoke(arguments) : method.Invoke(null, arguments));
            var refused = Assert.IsType<ArgumentNullException>(failure.InnerException);
            Assert.Contains(refused.ParamName, method.GetParameters().Select(parameter => parameter.Name));
        }
    }

    /// <summary>What has a reference that must not be null. Reflection has no spans to give.</summary>
    private static IEnumerable<MethodBase> Guarded() =>
        new[] { typeof(DataType).Assembly, typeof(TransformerModel).Assembly }
            .SelectMany(assembly => assembly.GetExportedTypes())
            .Where(type => !type.IsAssignableTo(typeof(Exception)))
            .SelectMany(type => Enumerable.Concat<MethodBase>(
                type.IsAbstract || IsRecord(type) ? [] : type.GetConstructors(),
                type.GetMethods(BindingFlags.Public | BindingFlags.Static | BindingFlags.DeclaredOnly).Where(method => !method.IsSpecialName)))
            .Where(method => method is { ContainsGenericParameters: false } && method.GetParameters().Any(IsRequired)
                && !method.GetParameters().Any(parameter => parameter.ParameterType.IsByRefLike));

    private static bool IsRecord(Type type) => type.GetMethod("<Clone>$") is not null;

    private static bool IsRequired(ParameterInfo parameter) =>
        parameter is { IsOut: false, ParameterType.IsValueType: false } && Nullability.Create(parameter).WriteState == NullabilityState.NotNull;

    private static object? DefaultOf(ParameterInfo parameter) =>
        parameter.ParameterType is { IsValueType: true } type ? Activator.CreateInstance(type) : null;

    private static string Describe(MethodBase method) => $"{method.DeclaringType!.Name}.{method.Name}";
}
