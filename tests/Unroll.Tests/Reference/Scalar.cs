namespace Unroll.Tests.Reference;

/// <summary>A number on a tape.</summary>
internal readonly struct Scalar(Tape tape, int index)
{
    public int Index => index;

    public double Value => tape.Value(index);

    public static Scalar operator +(Scalar a, Scalar b) => a.Tape.Record(a.Value + b.Value, (a.Index, 1), (b.Index, 1));

    public static Scalar operator -(Scalar a, Scalar b) => a.Tape.Record(a.Value - b.Value, (a.Index, 1), (b.Index, -1));

    public static Scalar operator *(Scalar a, Scalar b) => a.Tape.Record(a.Value * b.Value, (a.Index, b.Value), (b.Index, a.Value));

    public static Scalar operator *(double a, Scalar b) => b.Tape.Record(a * b.Value, (b.Index, a));

    public static Scalar operator -(double a, Scalar b) => b.Tape.Record(a - b.Value, (b.Index, -1));

    public Scalar Sigmoid()
    {
        double y = 1 / (1 + Math.Exp(-Value));
        return tape.Record(y, (index, y * (1 - y)));
    }

    public Scalar Tanh()
    {
        double y = Math.Tanh(Value);
        return tape.Record(y, (index, 1 - y * y));
    }

    public Scalar Relu() => tape.Record(Math.Max(Value, 0), (index, Value > 0 ? 1 : 0));

    public Scalar Exp()
    {
        double y = Math.Exp(Value);
        return tape.Record(y, (index, y));
    }

    public Scalar Log() => tape.Record(Math.Log(Value), (index, 1 / Value));

    private Tape Tape => tape;
}
