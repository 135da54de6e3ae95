// Why cache files are read with positioned reads and not through a mapping: windows of 65 bytes all over a file, both ways.
//     dotnet run mapping.cs FILE WINDOWS
using System.Diagnostics;
using System.IO.MemoryMappedFiles;
using Microsoft.Win32.SafeHandles;

long length = new FileInfo(args[0]).Length;
int windows = int.Parse(args[1]);
byte[] window = new byte[65];
using SafeFileHandle file = File.OpenHandle(args[0]);
using var mapped = MemoryMappedFile.CreateFromFile(args[0], FileMode.Open, null, 0, MemoryMappedFileAccess.Read);
using MemoryMappedViewAccessor view = mapped.CreateViewAccessor(0, 0, MemoryMappedFileAccess.Read);
SafeMemoryMappedViewHandle bytes = view.SafeMemoryMappedViewHandle;
Measure("positioned reads", position => RandomAccess.Read(file, window, position));
Measure("mapping", position => bytes.ReadSpan<byte>((ulong)position, window));

void Measure(string name, Action<long> read)
{
    var random = new Random(1);
    for (int i = 0; i < 1000; i++)
        read(random.NextInt64(length - window.Length));
    long start = Stopwatch.GetTimestamp();
    for (int i = 0; i < windows; i++)
        read(random.NextInt64(length - window.Length));
    double seconds = Stopwatch.GetElapsedTime(start).TotalSeconds;
    string resident = File.ReadLines("/proc/self/status").First(line => line.StartsWith("VmRSS")).Split(':')[1].Trim();
    Console.WriteLine($"{name}\t{seconds / windows * 1e6:0.00} microseconds a window\tresident {resident}");
}
