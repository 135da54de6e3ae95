// The textbook's "recurrent neural network from scratch" in one file, with its gradients written by hand.
// No library, no autograd, no engine: what you see is all there is. The methods carry the book's names.
//
//   dotnet run samples/rnn-from-scratch.cs                          500 epochs on the built-in story
//   dotnet run samples/rnn-from-scratch.cs -- book.txt --epochs 50  another text, fewer epochs
//
// Shapes: T time steps, B rows of a minibatch, V vocabulary, H hidden units.
#:property Optimize=true

using System.Diagnostics;
using System.Numerics;
using System.Runtime.InteropServices;
using System.Text.RegularExpressions;

const int B = 32, T = 35, H = 512, MaxTokens = 10_000;
const float LearningRate = 1, Theta = 1;

int epochs = 500;
string path = Path.Combine(AppContext.GetData("EntryPointFileDirectoryPath") as string ?? ".", "../src/Unroll/Data/Sources/Story.txt");
for (int i = 0; i < args.Length; i++)
{
    if (args[i] != "--epochs")
        path = args[i];
    else if (++i == args.Length || !int.TryParse(args[i], out epochs) || epochs < 1)
        return Fail("--epochs needs a whole number of at least 1.");
}
if (!File.Exists(path))
    return Fail($"There is no file '{path}': name a text, or run this from a checkout that has the story.");

var vocab = new Vocab(Tokenize(ReadTimeMachine(path)));
int[] corpus = [.. Tokenize(ReadTimeMachine(path)).Select(token => vocab[token]).Take(MaxTokens)];
if (corpus.Length <= B * T + T)
    return Fail($"'{path}' has {corpus.Length} letters and spaces; one minibatch needs {B * T + T + 1}.");

var random = new Random(0);
var net = new RnnModelScratch(vocab.Count, H, B, T, random);
Console.WriteLine($"{corpus.Length} characters, vocabulary {vocab.Count}, {net.Parameters.Sum(p => p.Length)} parameters");
TrainCh8();
return 0;

int Fail(string message)
{
    Console.Error.WriteLine(message);
    return 1;
}

// ---------------------------------------------------------------- text -> ids -> minibatches

// Everything that is not a letter becomes one space; then trim and lower-case.
static IEnumerable<string> ReadTimeMachine(string path) =>
    File.ReadLines(path).Select(line => Regex.Replace(line, "[^A-Za-z]+", " ").Trim().ToLowerInvariant());

static IEnumerable<char> Tokenize(IEnumerable<string> lines) => lines.SelectMany(line => line);

// Row i of one minibatch continues row i of the one before: this is what lets the state be carried along.
IEnumerable<(int[] X, int[] Y)> SeqDataIterSequential()
{
    int offset = random.Next(T + 1);
    int rowLength = (corpus.Length - offset - 1) / B;
    for (int start = 0; start + T <= rowLength; start += T)
    {
        var x = new int[T * B]; // time-major: [T, B]
        var y = new int[T * B];
        for (int t = 0; t < T; t++)
            for (int b = 0; b < B; b++)
            {
                int position = offset + b * rowLength + start + t;
                (x[t * B + b], y[t * B + b]) = (corpus[position], corpus[position + 1]);
            }
        yield return (x, y);
    }
}

// ---------------------------------------------------------------- training and prediction

void TrainCh8()
{
    double perplexity = 0, speed = 0;
    for (int epoch = 1; epoch <= epochs; epoch++)
    {
        (perplexity, speed) = TrainEpochCh8();
        if (epoch % 10 == 0)
            Console.WriteLine($"epoch {epoch,3}  perplexity {perplexity,6:F2}  {PredictCh8("time traveller", 50)}");
    }
    Console.WriteLine($"perplexity {perplexity:F2}, {speed:F0} tokens/sec on {Environment.ProcessorCount} CPU cores");
    Console.WriteLine(PredictCh8("time traveller", 50));
    Console.WriteLine(PredictCh8("traveller", 50));
}

(double Perplexity, double TokensPerSecond) TrainEpochCh8()
{
    var clock = Stopwatch.StartNew();
    double loss = 0;
    int tokens = 0;
    net.BeginState();
    foreach ((int[] x, int[] y) in SeqDataIterSequential())
    {
        net.Forward(x);
        loss += net.LossAndGradient(y) * y.Length;
        tokens += y.Length;
        net.Backward(x);
        GradClipping(net.Gradients, Theta);
        Sgd(net.Parameters, net.Gradients, LearningRate);
        net.CarryState();
    }
    return (Math.Exp(loss / tokens), tokens / clock.Elapsed.TotalSeconds);
}

// One norm over all gradients together, so that their direction is kept and only their length is cut.
static void GradClipping(float[][] gradients, float theta)
{
    double norm = 0;
    foreach (float[] gradient in gradients)
        foreach (float g in gradient)
            norm += g * g;
    norm = Math.Sqrt(norm);
    if (norm > theta)
        foreach (float[] gradient in gradients)
            for (int i = 0; i < gradient.Length; i++)
                gradient[i] *= (float)(theta / norm);
}

static void Sgd(float[][] parameters, float[][] gradients, float learningRate)
{
    foreach ((float[] parameter, float[] gradient) in parameters.Zip(gradients))
        for (int i = 0; i < parameter.Length; i++)
            parameter[i] -= learningRate * gradient[i];
}

// The warm-up feeds the prefix and ignores the outputs; then every prediction is the next input. Only the newest
// character goes in, because the state already stands for everything before it.
string PredictCh8(string prefix, int count)
{
    var state = new float[H];
    string text = prefix;
    int next = 0;
    foreach (char character in prefix)
        next = net.Step(vocab[character], state);
    for (int i = 0; i < count; i++)
    {
        text += vocab.Token(next);
        next = net.Step(next, state);
    }
    return text;
}

// Token <-> id: 0 is "unknown", then the tokens by falling frequency, those of equal frequency as first seen.
sealed class Vocab
{
    private readonly List<char> tokens = ['?'];
    private readonly Dictionary<char, int> ids = [];

    public Vocab(IEnumerable<char> text)
    {
        foreach (var group in text.GroupBy(token => token).OrderByDescending(group => group.Count())) // a stable sort
        {
            ids[group.Key] = tokens.Count;
            tokens.Add(group.Key);
        }
    }

    public int Count => tokens.Count;

    public int this[char token] => ids.GetValueOrDefault(token);

    public char Token(int id) => tokens[id];
}

// H_t = tanh(X_t W_xh + H_{t-1} W_hh + b_h),  O_t = H_t W_hq + b_q, and the derivative of all of it.
sealed class RnnModelScratch
{
    private readonly int V, H, B, T;
    private readonly float[] wxh, whh, bh, whq, bq;           // [V,H] [H,H] [H] [H,V] [V]
    private readonly float[] dwxh, dwhh, dbh, dwhq, dbq;
    private readonly float[] states;                          // [T+1, B, H]: block 0 is the state the window starts from
    private readonly float[] outputs, dstates;                // [T, B, V] and [T, B, H]; outputs become their own gradient
    private readonly float[] statesT;                         // [H, T, B]
    private readonly Strips whhStrips, whqStrips, whhTStrips, whqTStrips, outputStrips, dstateStrips;

    public RnnModelScratch(int vocabulary, int hidden, int batch, int steps, Random random)
    {
        (V, H, B, T) = (vocabulary, hidden, batch, steps);
        // get_params: weights N(0, 0.01²), biases zero.
        float[] Normal(int count) => [.. Enumerable.Range(0, count).Select(_ =>
            0.01f * (float)(Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(2 * Math.PI * random.NextDouble())))];
        (wxh, whh, bh, whq, bq) = (Normal(V * H), Normal(H * H), new float[H], Normal(H * V), new float[V]);
        (dwxh, dwhh, dbh, dwhq, dbq) = (new float[V * H], new float[H * H], new float[H], new float[H * V], new float[V]);
        (states, outputs, dstates) = (new float[(T + 1) * B * H], new float[T * B * V], new float[T * B * H]);
        statesT = new float[T * B * H];
        (whhStrips, whqStrips, whhTStrips, whqTStrips) = (new(H, H), new(H, V), new(H, H), new(V, H));
        (outputStrips, dstateStrips) = (new(T * B, V), new(T * B, H));
    }

    public float[][] Parameters => [wxh, whh, bh, whq, bq];

    public float[][] Gradients => [dwxh, dwhh, dbh, dwhq, dbq];

    // begin_state: an epoch starts from zero.
    public void BeginState() => Array.Clear(states, 0, B * H);

    // The last state of this window is the first of the next. It goes over as numbers without a past: that is all
    // that "detach" does, and it keeps back-propagation within one window.
    public void CarryState() => Array.Copy(states, T * B * H, states, 0, B * H);

    public void Forward(int[] x)
    {
        whhStrips.Fill(whh);
        whqStrips.Fill(whq);
        for (int t = 0; t < T; t++)
        {
            Memory<float> before = Block(states, t, B * H), now = Block(states, t + 1, B * H);
            for (int b = 0; b < B; b++) // a one-hot row times W_xh is a row of W_xh
                for (int j = 0; j < H; j++)
                    now.Span[b * H + j] = wxh[x[t * B + b] * H + j] + bh[j];
            AddProduct(now, before, whhStrips);
            Tanh(now.Span);
        }
        for (int row = 0; row < T * B; row++)
            bq.CopyTo(outputs, row * V);
        AddProduct(outputs, states.AsMemory(B * H), whqStrips);
    }

    // Mean cross-entropy in nats; leaves in `outputs` its gradient: (softmax - one-hot) / (T·B).
    public double LossAndGradient(int[] y)
    {
        double loss = 0;
        for (int row = 0; row < T * B; row++)
        {
            Span<float> o = outputs.AsSpan(row * V, V);
            float max = float.NegativeInfinity, sum = 0;
            foreach (float value in o)
                max = Math.Max(max, value);
            for (int v = 0; v < V; v++)
                sum += o[v] = MathF.Exp(o[v] - max);
            loss -= Math.Log(o[y[row]] / sum);
            for (int v = 0; v < V; v++)
                o[v] = (o[v] / sum - (v == y[row] ? 1 : 0)) / (T * B);
        }
        return loss / (T * B);
    }

    // Back-propagation through time, over the one window.
    public void Backward(int[] x)
    {
        foreach (float[] gradient in Gradients)
            Array.Clear(gradient);
        whhTStrips.FillTransposed(whh);
        whqTStrips.FillTransposed(whq);

        // What the outputs ask of every state, and then, walking back, what each state's successor asks of it.
        Array.Clear(dstates);
        AddProduct(dstates, outputs, whqTStrips);
        for (int t = T - 1; t >= 0; t--)
        {
            Memory<float> d = Block(dstates, t, B * H);
            if (t < T - 1)
                AddProduct(d, Block(dstates, t + 1, B * H), whhTStrips);
            Span<float> dSpan = d.Span, h = Block(states, t + 1, B * H).Span;
            for (int i = 0; i < dSpan.Length; i++)
                dSpan[i] *= 1 - h[i] * h[i]; // through the tanh
        }

        outputStrips.Fill(outputs);
        dstateStrips.Fill(dstates);
        Transpose(states.AsSpan(B * H), statesT, T * B, H);
        AddProduct(dwhq, statesT, outputStrips);
        Transpose(states, statesT, T * B, H); // each step's state before
        AddProduct(dwhh, statesT, dstateStrips);
        for (int row = 0; row < T * B; row++)
        {
            for (int j = 0; j < H; j++)
            {
                dwxh[x[row] * H + j] += dstates[row * H + j];
                dbh[j] += dstates[row * H + j];
            }
            for (int v = 0; v < V; v++)
                dbq[v] += outputs[row * V + v];
        }
    }

    // One character in, the likeliest next one out; `state` moves on.
    public int Step(int id, float[] state)
    {
        whhStrips.Fill(whh);
        whqStrips.Fill(whq);
        var next = new float[H];
        for (int j = 0; j < H; j++)
            next[j] = wxh[id * H + j] + bh[j];
        AddProduct(next, state, whhStrips);
        Tanh(next);
        next.CopyTo(state, 0);
        var output = (float[])bq.Clone();
        AddProduct(output, state, whqStrips);
        return Array.IndexOf(output, output.Max());
    }

    private static Memory<float> Block(float[] array, int index, int size) => array.AsMemory(index * size, size);

    private static void Tanh(Span<float> values)
    {
        foreach (ref Vector<float> v in MemoryMarshal.Cast<float, Vector<float>>(values))
            v = Vector<float>.One - 2 * Vector<float>.One / (Vector.Exp(v + v) + Vector<float>.One);
        for (int i = values.Length - values.Length % Vector<float>.Count; i < values.Length; i++)
            values[i] = MathF.Tanh(values[i]);
    }

    private static void Transpose(ReadOnlySpan<float> from, Span<float> to, int rows, int columns)
    {
        for (int i = 0; i < rows; i++)
            for (int j = 0; j < columns; j++)
                to[j * rows + i] = from[i * columns + j];
    }

    // c [m,n] += a [m,k] · b [k,n]: nearly all the time of training is spent here. A strip of b belongs to one core;
    // four rows of c in that strip are summed at a time, in registers.
    private static void AddProduct(Memory<float> c, Memory<float> a, Strips b)
    {
        (int k, int n) = (b.Rows, b.Columns);
        int m = a.Length / k, lanes = Vector<float>.Count;
        Parallel.For(0, b.Count, strip =>
        {
            int first = strip * Strips.Width, columns = Math.Min(Strips.Width, n - first);
            ReadOnlySpan<Vector<float>> vectors = b[strip];
            for (int i = 0; i < m; i += 4)
            {
                Vector<float> c00 = default, c01 = default, c10 = default, c11 = default;
                Vector<float> c20 = default, c21 = default, c30 = default, c31 = default;
                ReadOnlySpan<float> a0 = Row(i), a1 = Row(i + 1), a2 = Row(i + 2), a3 = Row(i + 3);
                for (int p = 0; p < a0.Length; p++)
                {
                    Vector<float> b0 = vectors[2 * p], b1 = vectors[2 * p + 1];
                    Vector<float> v0 = new(a0[p]), v1 = new(a1[p]), v2 = new(a2[p]), v3 = new(a3[p]);
                    (c00, c01) = (Vector.FusedMultiplyAdd(v0, b0, c00), Vector.FusedMultiplyAdd(v0, b1, c01));
                    (c10, c11) = (Vector.FusedMultiplyAdd(v1, b0, c10), Vector.FusedMultiplyAdd(v1, b1, c11));
                    (c20, c21) = (Vector.FusedMultiplyAdd(v2, b0, c20), Vector.FusedMultiplyAdd(v2, b1, c21));
                    (c30, c31) = (Vector.FusedMultiplyAdd(v3, b0, c30), Vector.FusedMultiplyAdd(v3, b1, c31));
                }
                Add(i, c00, c01);
                Add(i + 1, c10, c11);
                Add(i + 2, c20, c21);
                Add(i + 3, c30, c31);
            }

            ReadOnlySpan<float> Row(int i) => a.Span.Slice(Math.Min(i, m - 1) * k, k); // past the end: the last row again

            void Add(int i, Vector<float> left, Vector<float> right)
            {
                if (i >= m)
                    return;
                Span<float> row = c.Span.Slice(i * n + first, columns);
                if (columns == Strips.Width)
                {
                    (left + new Vector<float>(row)).CopyTo(row);
                    (right + new Vector<float>(row[lanes..])).CopyTo(row[lanes..]);
                }
                else
                    for (int j = 0; j < columns; j++)
                        row[j] += j < lanes ? left[j] : right[j - lanes];
            }
        });
    }
}

// A matrix cut into strips of two vectors' width, each laid out in one piece, with zeros past the last column.
sealed class Strips(int rows, int columns)
{
    public static readonly int Width = 2 * Vector<float>.Count;

    private readonly float[] values = new float[(columns + Width - 1) / Width * rows * Width];

    public int Rows => rows;

    public int Columns => columns;

    public int Count => (columns + Width - 1) / Width;

    public ReadOnlySpan<Vector<float>> this[int strip] =>
        MemoryMarshal.Cast<float, Vector<float>>(values.AsSpan(strip * rows * Width, rows * Width));

    public void Fill(ReadOnlySpan<float> matrix)
    {
        for (int first = 0; first < columns; first += Width)
            for (int row = 0; row < rows; row++)
                matrix.Slice(row * columns + first, Math.Min(Width, columns - first)).CopyTo(values.AsSpan(first * rows + row * Width));
    }

    public void FillTransposed(ReadOnlySpan<float> matrix)
    {
        for (int column = 0; column < columns; column++)
            for (int row = 0; row < rows; row++)
                values[(column / Width * rows + row) * Width + column % Width] = matrix[column * rows + row];
    }
}
