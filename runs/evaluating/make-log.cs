// Writes a made-up log of a small shop's servers, always the same: ordinary lines to learn from, as many others with odd lines among
// them, and a list that says which lines those are and of what kind.
// Usage: dotnet run make-log.cs -- FOLDER [ORDINARY LINES] [TODAY'S LINES] [ODD LINES OF A KIND]
#:property PublishAot=false
using System.Globalization;
using System.Text;

CultureInfo.CurrentCulture = CultureInfo.InvariantCulture;
string folder = args[0];
int ordinary = args.Length > 1 ? int.Parse(args[1]) : 20_000, today = args.Length > 2 ? int.Parse(args[2]) : 100_000;
int ofAKind = args.Length > 3 ? int.Parse(args[3]) : 6;
Directory.CreateDirectory(folder);

Write("ordinary.log", Lines(ordinary, new Random(1), new DateTime(2026, 3, 2, 6, 0, 0)));
var random = new Random(2);
string[] lines = [.. Lines(today, random, new DateTime(2026, 3, 9, 6, 0, 0))];
(string Kind, Func<string, Random, string> Make)[] kinds =
[
    ("cut off", (line, r) => line[..r.Next(line.Length / 3, line.Length - 5)]),
    ("two lines in one", (line, r) => line[..r.Next(30, line.Length - 5)] + line),
    ("address in another form", (line, r) => Replace(line, Address(r), r.Next(3) switch { 0 => "2001:db8::8a2e:370:7334", 1 => "0xC0A80001", _ => "198.51.100.300" })),
    ("stack trace", (line, r) => Pick(r, "java.lang.NullPointerException: Cannot invoke \"Cart.total()\" because \"cart\" is null", "\tat com.example.shop.CartService.total(CartService.java:118)", "Caused by: java.net.SocketTimeoutException: Read timed out", "\t... 23 more", "Traceback (most recent call last):", "  File \"/srv/worker/main.py\", line 52, in run")),
    ("SQL injection", (line, r) => Request(line, Pick(r, "/item/11'%20OR%20'1'='1", "/search?q=%27;DROP%20TABLE%20items;--", "/item/7%20UNION%20SELECT%20login,password%20FROM%20users", "/item/3;SELECT%20pg_sleep(10)--"))),
    ("path of an attack", (line, r) => Request(line, Pick(r, "/../../../../etc/passwd", "/wp-login.php", "/.env", "/cgi-bin/;cat%20/etc/shadow", "/.git/config"))),
    ("level of another kind", (line, r) => Level(line, Pick(r, "FATAL", "CRITICAL", "PANIC", "EMERG"))),
    ("login as root", (line, r) => Head(line) + $"sshd[{r.Next(1000, 32000)}]: Accepted password for root from {Address(r)} port {r.Next(32768, 61000)} ssh2"),
    ("bytes that are no text", (line, r) => Request(line, "\\x16\\x03\\x01\\x02\\x00\\x01\\x00\\xFC\\x03" + $"\\x{r.Next(256):X2}\\x{r.Next(256):X2}")),
    ("scanner", (line, r) => Agent(line, Pick(r, "sqlmap/1.7.2#stable (https://sqlmap.org)", "Nikto/2.5.0", "masscan/1.3", "python-requests/2.31.0", "-"))),
    ("number far too large", (line, r) => Head(line) + $"shop[77]: INFO  [http-{r.Next(1, 9)}] CartService - user={r.Next(1000, 9999)} items={r.Next(100_000, 999_999)} total={r.Next(1_000_000, 9_999_999)}.00 EUR"),
    ("date of another time", (line, r) => Pick(r, "1970-01-01T00:00:00.000Z", "Mar  9 10:11:12", "2062-11-31T26:61:61.000Z") + line[24..]),
    ("message never seen", (line, r) => Head(line) + Pick(r, "kernel: EXT4-fs error (device sda1): ext4_find_entry: reading directory lblock 0", "kernel: Out of memory: Killed process 4711 (java) total-vm:8123456kB", "shop[77]: WARN  [http-3] PaymentGateway - Zertifikat abgelaufen", "systemd[1]: Failed to start Daily backup.", "postgres[512]: PANIC:  could not write to file \"pg_wal/xlogtemp.9\": No space left on device")),
    ("nothing", (_, _) => ""),
];
var odd = new SortedDictionary<int, string>();
foreach ((string kind, Func<string, Random, string> make) in kinds)
    for (int i = 0; i < ofAKind;)
    {
        int at = random.Next(lines.Length);
        if (odd.ContainsKey(at) || make(lines[at], new Random(at)) is var line && line == lines[at])
            continue;
        (lines[at], odd[at]) = (line, kind);
        i++;
    }
Write("today.log", lines);
Write("odd.txt", odd.Select(line => $"{line.Key + 1}\t{line.Value}"));

void Write(string name, IEnumerable<string> text) => File.WriteAllText(Path.Combine(folder, name), string.Concat(text.Select(line => line + "\n")), new UTF8Encoding(false));

// Requests, purchases, statements, logins, jobs and mails, with the numbers, addresses and keys that they have in real logs.
static IEnumerable<string> Lines(int count, Random r, DateTime time)
{
    for (int i = 0; i < count; i++)
    {
        time = time.AddMilliseconds(r.Next(1, 900) * (r.Next(5) == 0 ? 9 : 1));
        string head = $"{time:yyyy-MM-dd'T'HH:mm:ss.fff}Z {Pick(r, "web-1", "web-1", "web-2", "db-1")} ";
        yield return head + r.Next(20) switch
        {
            < 9 => $"nginx[812]: {Address(r)} \"{Pick(r, "GET", "GET", "GET", "POST")} {Target(r)} HTTP/1.1\" {Pick(r, "200", "200", "200", "200", "304", "301", "404")} {r.Next(120, 40_000)} \"{UserAgent(r)}\" 0.{r.Next(1, 400):000}",
            < 13 => $"shop[77]: {Pick(r, "INFO ", "INFO ", "INFO ", "DEBUG")} [http-{r.Next(1, 9)}] {Pick(r, $"CartService - user={r.Next(1000, 9999)} items={r.Next(1, 12)} total={r.Next(3, 300)}.{r.Next(100):00} EUR", $"OrderService - order={Key(r, 8)} paid by {Pick(r, "card", "invoice", "transfer")}", $"SessionFilter - session {Key(r, 24)} renewed", $"MailQueue - {r.Next(1, 40)} waiting, {r.Next(1, 9)} sent")}",
            < 16 => $"postgres[512]: LOG:  duration: {r.Next(1, 80)}.{r.Next(1000):000} ms  statement: {Pick(r, $"SELECT id, name, price FROM items WHERE id = {r.Next(1, 900)}", $"SELECT * FROM orders WHERE customer = {r.Next(1000, 9999)} ORDER BY created DESC LIMIT {r.Next(1, 6)}0", $"UPDATE carts SET items = {r.Next(1, 12)} WHERE session = '{Key(r, 24)}'", "COMMIT")}",
            16 => $"shop[77]: WARN  [http-{r.Next(1, 9)}] {Pick(r, $"PaymentGateway - answered after {r.Next(1000, 5000)} ms, attempt {r.Next(1, 4)} of 3", $"StockService - item {r.Next(1, 900)} nearly sold out: {r.Next(1, 4)} left")}",
            17 => $"sshd[{r.Next(1000, 32000)}]: {Pick(r, $"Accepted publickey for {Pick(r, "deploy", "anna", "li")} from {Address(r)} port {r.Next(32768, 61000)} ssh2: ED25519 SHA256:{Key(r, 43)}", $"Disconnected from user {Pick(r, "deploy", "anna", "li")} {Address(r)} port {r.Next(32768, 61000)}", $"Failed password for invalid user {Pick(r, "admin", "test", "oracle", "guest")} from {Address(r)} port {r.Next(32768, 61000)} ssh2")}",
            18 => $"CRON[{r.Next(1000, 32000)}]: (www) CMD ({Pick(r, "/srv/shop/bin/clean-sessions", "/srv/shop/bin/send-mails --limit 50", "/usr/bin/certbot renew -q")})",
            _ => $"systemd[1]: {Pick(r, "Started", "Finished")} {Pick(r, "Daily backup", "Rotate log files", "Clean up of temporary folders", $"Session {r.Next(1, 900)} of user {Pick(r, "anna", "li")}")}.",
        };
    }
}

static string Pick(Random r, params string[] choices) => choices[r.Next(choices.Length)];

static string Key(Random r, int length) => string.Create(length, r, (text, r) =>
{
    for (int i = 0; i < text.Length; i++)
        text[i] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789+/"[r.Next(64)];
});

static string Address(Random r) => $"{Pick(r, "198.51.100", "203.0.113", "192.0.2")}.{r.Next(1, 255)}";

static string Target(Random r) => Pick(r, "/", "/about", "/news", "/cart", "/cart/pay", $"/item/{r.Next(1, 900)}", $"/item/{r.Next(1, 900)}?from=mail", $"/search?q={Pick(r, "lamp", "chair", "green+tea", "clock", "paper", "book+shelf")}&page={r.Next(1, 9)}", $"/static/app.{r.Next(0x1000, 0xFFFF):x}.js", $"/images/{r.Next(1, 900)}-{Pick(r, "small", "large")}.webp");

static string UserAgent(Random r) => Pick(r, $"Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:{r.Next(110, 149)}.0) Gecko/20100101 Firefox/{r.Next(110, 149)}.0", $"Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/{r.Next(110, 149)}.0.0.0 Safari/537.36", $"Mozilla/5.0 (iPhone; CPU iPhone OS {r.Next(15, 19)}_{r.Next(0, 7)} like Mac OS X) AppleWebKit/605.1.15", "curl/8.5.0", "Googlebot/2.1 (+http://www.google.com/bot.html)");

// Changes of a line; one that they do not fit stays as it is.
static string Head(string line) => line[..(line.IndexOf(' ', 25) + 1)];

static string Replace(string line, string _, string address)
{
    System.Text.RegularExpressions.Match match = System.Text.RegularExpressions.Regex.Match(line, @"\b\d+\.\d+\.\d+\.\d+\b(?!\S*"")");
    return match.Success ? line[..match.Index] + address + line[(match.Index + match.Length)..] : line;
}

static string Request(string line, string path) =>
    System.Text.RegularExpressions.Regex.Replace(line, "\"(GET|POST) \\S+ HTTP", match => $"\"{match.Groups[1].Value} {path} HTTP");

static string Agent(string line, string agent) => line.Contains("nginx") ? System.Text.RegularExpressions.Regex.Replace(line, "\"[^\"]*\" (0\\.\\d+)$", $"\"{agent}\" $1") : line;

static string Level(string line, string level) => System.Text.RegularExpressions.Regex.Replace(line, "(INFO |DEBUG|WARN |LOG: ) ", level + "  ");
