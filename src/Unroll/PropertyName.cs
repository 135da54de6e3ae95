namespace Unroll;

/// <summary>The name of an option's property inside a message, so that whoever shows the message can say another.</summary>
/// <param name="Name">The property's name.</param>
internal readonly record struct PropertyName(string Name)
{
    public override string ToString() => Name;
}
