using System.Buffers.Binary;
using System.Reflection;
using System.Reflection.Emit;

namespace Unroll.Tests.Architecture;

/// <summary>Reads what compiled methods refer to: every type, field and method that their instructions name.</summary>
internal static class CompiledCode
{
    private const BindingFlags Declared =
        BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.Static | BindingFlags.Instance | BindingFlags.DeclaredOnly;

    private static readonly Dictionary<ushort, OpCode> OpCodes = typeof(OpCodes)
        .GetFields(BindingFlags.Public | BindingFlags.Static)
        .Select(field => (OpCode)field.GetValue(null)!)
        .ToDictionary(code => (ushort)code.Value);

    /// <summary>All methods and constructors of an assembly, the compiler's own (lambdas, iterators) included.</summary>
    public static IEnumerable<MethodBase> Methods(Assembly assembly) => assembly.GetTypes()
        .SelectMany(type => type.GetMethods(Declared).Cast<MethodBase>().Concat(type.GetConstructors(Declared)));

    /// <summary>The type in whose source text a method stands: lambdas and iterators belong to the type around them.</summary>
    public static Type Owner(MethodBase method)
    {
        Type type = method.DeclaringType!;
        while (type.DeclaringType is { } outer)
            type = outer;
        return type;
    }

    /// <summary>Every member that a method's instructions name.</summary>
    public static IEnumerable<MemberInfo> Members(MethodBase method) => Named(method).OfType<MemberInfo>();

    /// <summary>Every text that a method's instructions name.</summary>
    public static IEnumerable<string> Texts(MethodBase method) => Named(method).OfType<string>();

    private static IEnumerable<object> Named(MethodBase method)
    {
        byte[] il = method.GetMethodBody()?.GetILAsByteArray() ?? [];
        for (int at = 0; at < il.Length;)
        {
            ushort value = il[at++];
            if (value == 0xFE)
                value = (ushort)(0xFE00 | il[at++]);
            OpCode code = OpCodes[value];
            switch (code.OperandType)
            {
                case OperandType.InlineField or OperandType.InlineMethod or OperandType.InlineTok or OperandType.InlineType:
                    Type[]? ofMethod = method.IsGenericMethodDefinition ? method.GetGenericArguments() : null;
                    Type[]? ofType = method.DeclaringType!.IsGenericTypeDefinition ? method.DeclaringType.GetGenericArguments() : null;
                    yield return method.Module.ResolveMember(BinaryPrimitives.ReadInt32LittleEndian(il.AsSpan(at)), ofType, ofMethod)!;
                    at += 4;
                    break;
                case OperandType.InlineString:
                    yield return method.Module.ResolveString(BinaryPrimitives.ReadInt32LittleEndian(il.AsSpan(at)));
                    at += 4;
                    break;
                case OperandType.InlineSwitch:
                    at += 4 + 4 * BinaryPrimitives.ReadInt32LittleEndian(il.AsSpan(at));
                    break;
                case OperandType.InlineNone:
                    break;
                case OperandType.ShortInlineBrTarget or OperandType.ShortInlineI or OperandType.ShortInlineVar:
                    at += 1;
                    break;
                case OperandType.InlineVar:
                    at += 2;
                    break;
                case OperandType.InlineI8 or OperandType.InlineR:
                    at += 8;
                    break;
                default:
                    at += 4;
                    break;
            }
        }
    }

    /// <summary>Every type that a type's source names: its base, its members' types, and all that its methods' bodies touch.</summary>
    public static IEnumerable<Type> Types(Type type)
    {
        var named = new List<Type?> { type.BaseType };
        named.AddRange(type.GetInterfaces());
        named.AddRange(type.GetFields(Declared).Select(field => field.FieldType));
        foreach (MethodBase method in type.GetMethods(Declared).Cast<MethodBase>().Concat(type.GetConstructors(Declared)))
        {
            named.Add((method as MethodInfo)?.ReturnType);
            named.AddRange(method.GetParameters().Select(parameter => parameter.ParameterType));
            named.AddRange(method.GetMethodBody()?.LocalVariables.Select(local => local.LocalType) ?? []);
            foreach (MemberInfo member in Members(method))
            {
                named.Add(member as Type ?? member.DeclaringType);
                if (member is MethodInfo { IsGenericMethod: true } generic)
                    named.AddRange(generic.GetGenericArguments());
            }
        }
        return named.OfType<Type>().SelectMany(Parts).Distinct();
    }

    /// <summary>A type and what it is made of: elements, type arguments, the types around it.</summary>
    private static IEnumerable<Type> Parts(Type type)
    {
        if (type.GetElementType() is { } element)
            return Parts(element);
        if (type.IsGenericParameter)
            return [];
        IEnumerable<Type> arguments = type.IsGenericType ? type.GetGenericArguments().SelectMany(Parts) : [];
        return arguments.Prepend(type.IsGenericType ? type.GetGenericTypeDefinition() : type);
    }
}
