#!/usr/bin/env python3
"""Makes the logs of a real web server (nginx, Debian's package) on this machine alone: a site made of this project's files, visitors
who follow links, and among the later ones requests such as every server on the net gets. Nothing here was chosen with a result in sight.

    runs/evaluating/web-log.py FOLDER [ORDINARY [TODAY]]

writes FOLDER/ordinary.log (20,000 requests), FOLDER/today.log (6,000 and the odd ones) and FOLDER/odd.txt, the odd ones' lines.
With --rank it reads what `unroll evaluate --per-line --json` says of today.log from standard input, and counts:

    unroll evaluate log.safetensors FOLDER/today.log --per-line --top 200 --json | runs/evaluating/web-log.py FOLDER --rank
"""
import json, os, pathlib, random, socket, subprocess, sys, time

PORT = 8471
ROOT = pathlib.Path(__file__).resolve().parents[2]
AGENTS = [
    "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0",
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/139.0.0.0 Safari/537.36",
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/141.0.0.0 Safari/537.36 Edg/141.0.0.0",
    "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.5 Safari/605.1.15",
    "Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.5 Mobile/15E148 Safari/604.1",
    "Mozilla/5.0 (Linux; Android 10; K) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/141.0.0.0 Mobile Safari/537.36",
    "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)",
    "Mozilla/5.0 (compatible; bingbot/2.0; +http://www.bing.com/bingbot.htm)",
    "curl/8.14.1", "Wget/1.25.0", "python-requests/2.32.3", "FeedFetcher/1.0",
]
BROWSER = AGENTS[0]
# Each kind three times, with what differs from visit to visit filled in.
ODD = {
    "encrypted hello on the plain port": lambda r: b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + r.randbytes(40) + b"\r\n\r\n",
    "remote desktop's cookie": lambda r: b"\x03\x00\x00/*\xe0\x00\x00\x00\x00\x00Cookie: mstshash=Administr\r\n\x01\x00\x08\x00\x03\x00\x00\x00",
    "way up out of the folder": lambda r: get("/images/" + "../" * r.randint(4, 8) + "etc/passwd", BROWSER),
    "the same in disguise": lambda r: get("/docs/" + "%2e%2e/" * r.randint(3, 6) + "proc/self/environ", BROWSER),
    "secrets left lying about": lambda r: get(r.choice(["/.env", "/.git/config", "/.aws/credentials", "/backup.sql", "/config.php.bak"]), BROWSER),
    "software that is not here": lambda r: get(r.choice(["/wp-login.php", "/phpmyadmin/index.php", "/cgi-bin/luci/;stok=/locale", "/xmlrpc.php", "/solr/admin/info/system?wt=json"]), BROWSER),
    "database injection": lambda r: get(f"/docs/training.md?id={r.randint(1, 99)}%27%20UNION%20SELECT%20null,version()--%20", BROWSER),
    "script in a parameter": lambda r: get("/README.md?q=%3Cscript%3Ealert(document.cookie)%3C/script%3E", BROWSER),
    "lookup in the agent's name": lambda r: get("/", "${jndi:ldap://127.0.0.1:%d/a}" % r.randint(1024, 65535)),
    "shell in the agent's name": lambda r: get("/", "() { :; }; /bin/bash -c 'cat /etc/passwd'"),
    "as if we were a proxy": lambda r: b"CONNECT 127.0.0.%d:443 HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n" % r.randint(1, 254),
    "another method": lambda r: b"PROPFIND / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nUser-Agent: Microsoft-WebDAV-MiniRedir/10.0.19045\r\n\r\n",
    "something posted to a page": lambda r: b"POST /docs/tokens.md HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nContent-Length: 0\r\nUser-Agent: " + BROWSER.encode() + b"\r\n\r\n",
    "an address without end": lambda r: get("/docs/" + "A" * r.randint(500, 900), BROWSER),
    "a scanner that says so": lambda r: get("/", r.choice(["masscan/1.3 (https://github.com/robertdavidgraham/masscan)", "Mozilla/5.0 zgrab/0.x", "Nuclei - Open-source project (github.com/projectdiscovery/nuclei)"])),
    "a version from the past": lambda r: b"GET / HTTP/1.0\r\n\r\n",
}


def get(path, agent, referrer=None, extra="", method="GET"):
    lines = [f"{method} {path} HTTP/1.1", "Host: localhost", "Connection: close", f"User-Agent: {agent}"]
    if referrer:
        lines.append(f"Referer: http://localhost{referrer}")
    return ("\r\n".join(lines) + "\r\n" + extra + "\r\n").encode()


def send(request, address):
    with socket.socket() as client:
        client.bind((address, 0))
        client.connect(("127.0.0.1", PORT))
        client.sendall(request)
        try:
            while client.recv(65536):
                pass
        except ConnectionResetError:
            pass


def visit(random, pages):
    """One visitor's requests: a page, its pictures at times, another page from there."""
    address, agent = f"127.{random.randint(1, 40)}.{random.randint(0, 3)}.{random.randint(1, 9)}", random.choices(AGENTS, [8, 9, 5, 5, 6, 6, 3, 2, 2, 1, 1, 1])[0]
    came_from = None
    for _ in range(min(30, int(random.expovariate(0.25)) + 1)):
        chance = random.random()
        page = "/" if chance < 0.06 else "/favicon.ico" if chance < 0.09 else "/robots.txt" if chance < 0.1 else random.choice(pages)
        if chance > 0.995:
            page = page[:-2] + page[-1:]  # mistyped
        extra = "Range: bytes=0-99\r\n" if random.random() < 0.01 else "If-Modified-Since: Fri, 01 Jan 2100 00:00:00 GMT\r\n" if random.random() < 0.1 else ""
        yield get(page, agent, came_from, extra, "HEAD" if random.random() < 0.01 else "GET"), address
        came_from = page if random.random() < 0.8 else None


def traffic(seed, count, pages, log, odd):
    """Sends the requests; the odd ones at random places. Their lines of the log are those that came with them, one each."""
    draw = random.Random(seed)
    places = {}
    for kind, make in odd:
        places.setdefault(draw.randrange(count), []).append((kind, make))
    found, sent = [], 0
    while sent < count:
        for request, address in visit(draw, pages):
            for kind, make in places.pop(sent, []):
                before = size(log)
                send(make(draw), f"127.{draw.randint(1, 40)}.{draw.randint(0, 3)}.{draw.randint(1, 9)}")
                until = time.time() + 5
                while size(log) == before and time.time() < until:
                    time.sleep(0.01)
                found.append((kind, log.read_text(encoding="utf-8").splitlines()[-1]))
            send(request, address)
            sent += 1
            if sent == count:
                break
    return found


def size(path):
    return path.stat().st_size if path.exists() else 0


def make(folder, ordinary, today):
    folder.mkdir(parents=True, exist_ok=True)
    site = [path for path in subprocess.run(["git", "ls-files"], cwd=ROOT, check=True, capture_output=True, text=True).stdout.split("\n") if path]
    pages = ["/" + path for path in site]
    log, nginx = folder / "access.log", folder / "nginx.conf"
    nginx.write_text(f"""daemon off; worker_processes 1; pid {folder}/nginx.pid; error_log {folder}/error.log crit; user root;
events {{ worker_connections 512; }}
http {{ access_log {log}; types {{ text/plain md cs; image/svg+xml svg; image/png png; }} client_body_temp_path {folder}/body;
proxy_temp_path {folder}/proxy; fastcgi_temp_path {folder}/fastcgi; uwsgi_temp_path {folder}/uwsgi; scgi_temp_path {folder}/scgi;
server {{ listen 127.0.0.1:{PORT}; root {ROOT}; index README.md; }} }}
""", encoding="utf-8")
    server = subprocess.Popen(["nginx", "-c", str(nginx), "-p", str(folder)], stderr=subprocess.DEVNULL)
    try:
        time.sleep(1)
        traffic(1, ordinary, pages, log, [])
        os.replace(log, folder / "ordinary.log")
        subprocess.run(["nginx", "-c", str(nginx), "-p", str(folder), "-s", "reopen"], check=True, stderr=subprocess.DEVNULL)
        time.sleep(1)
        found = traffic(2, today, pages, log, [(kind, make) for kind, make in ODD.items() for _ in range(3)])
    finally:
        server.terminate()
        server.wait()
    os.replace(log, folder / "today.log")
    (folder / "odd.txt").write_text("".join(f"{kind}\t{line}\n" for kind, line in found), encoding="utf-8")
    print(f"{ordinary:,} ordinary requests, {today:,} later ones and {len(found)} odd ones among them, in {folder}")


def rank(folder):
    odd = dict(reversed(line.split("\t", 1)) for line in (folder / "odd.txt").read_text(encoding="utf-8").splitlines())
    lines = [line["text"].rstrip("\r\n") for line in json.load(sys.stdin)["lines"]]
    hits = [odd.get(line) for line in lines]
    first, total = len(odd), len(odd)
    print(f"{sum(kind is not None for kind in hits[:first])} of the first {first} lines are odd ones; {total} there are")
    misses = [i for i, kind in enumerate(hits) if kind is None]
    print(f"the first {misses[0] if misses else len(hits)} without an ordinary line among them")
    counts = {kind: 0 for kind in ODD}
    for kind in hits[:first]:
        if kind:
            counts[kind] += 1
    print("found of 3: " + ", ".join(f"{kind} {count}" for kind, count in counts.items()))
    average = sum(sum(k is not None for k in hits[:i + 1]) / (i + 1) for i, kind in enumerate(hits) if kind) / total
    print(f"average precision {average:.2f}" + (f" (only {len(hits)} lines were given)" if len(hits) < 1000 else ""))


if __name__ == "__main__":
    if len(sys.argv) < 2:
        sys.exit(__doc__)
    target = pathlib.Path(sys.argv[1]).resolve()
    if "--rank" in sys.argv:
        rank(target)
    else:
        numbers = [int(word) for word in sys.argv[2:]]
        make(target, *(numbers + [20000, 6000][len(numbers):]))
