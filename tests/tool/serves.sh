#!/usr/bin/env bash
# Whether the installed tool serves its pages from any folder, whatever ASP.NET's variables say, and stops as it is told: static files of
# tools have come out empty elsewhere. Usage: serves.sh UNROLL MODEL
set -euo pipefail
unroll=$(realpath "$1") model=$(realpath "$2")
folder=$(mktemp -d)
trap 'kill -9 "$server" 2>/dev/null || true; rm -rf "$folder"' EXIT
cd "$folder"
ASPNETCORE_ENVIRONMENT=Development ASPNETCORE_URLS=http://127.0.0.1:1 "$unroll" serve "$model" --port 0 >out.txt 2>err.txt &
server=$!
for _ in $(seq 600); do
    address=$(sed -n 's/^Listening at \(http[^,]*\)\/,.*/\1/p' out.txt)
    [[ -n $address ]] && break
    kill -0 "$server" || { cat err.txt; exit 1; }
    sleep 0.1
done
for file in _framework/blazor.web.js assets/pages.css assets/pages.js assets/echarts.min.js assets/icon.svg; do
    size=$(curl -fsS "$address/$file" | wc -c)
    ((size > 300)) || { echo "$file has $size bytes"; exit 1; }
    echo "$file: $size bytes"
done
curl -fsS "$address/" | grep -q '<title\|blazor.web.js' || { echo "the page is empty"; exit 1; }
curl -fsS "$address/v1/completions" -H 'Content-Type: application/json' -d '{"prompt": "time traveller", "max_tokens": 20, "temperature": 0}'
echo
kill -TERM "$server" # a shell lets programs behind it ignore Ctrl-C
code=0
wait "$server" || code=$?
((code == 130 || code == 143)) || { echo "exit code $code"; cat err.txt; exit 1; }
echo "it stops when it is told, with $code"
