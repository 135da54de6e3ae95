#!/usr/bin/env bash
# Whether the installed tool serves its pages from any folder, whatever ASP.NET's variables say (static files of tools have come out
# empty elsewhere), whether programs can ask it, and whether it stops as it is told.
# Usage: serves.sh UNROLL MODEL [COMMAND…]; a COMMAND is a line of the shell, in which $address is where the server listens.
set -euo pipefail
unroll=$(realpath "$1") model=$(realpath "$2")
shift 2
folder=$(mktemp -d) server=
trap '[[ -z $server ]] || kill -9 "$server" 2>/dev/null || true; rm -rf "$folder"' EXIT
cd "$folder"
ASPNETCORE_ENVIRONMENT=Development ASPNETCORE_URLS=http://127.0.0.1:1 "$unroll" serve "$model" --port 0 >out.txt 2>err.txt &
server=$!
cd "$OLDPWD"
address=
for _ in $(seq 600); do
    address=$(sed -n 's/^Listening at \(http[^,]*\)\/,.*/\1/p' "$folder/out.txt")
    [[ -n $address ]] && break
    kill -0 "$server" 2>/dev/null || { cat "$folder/err.txt"; exit 1; }
    sleep 0.1
done
[[ -n $address ]] || { echo "it does not say where it listens"; exit 1; }
export address
for file in _framework/blazor.web.js assets/looks.css assets/pages.css assets/pages.js assets/echarts.min.js assets/icon.svg; do
    size=$(curl -fsS "$address/$file" | wc -c)
    ((size > 300)) || { echo "$file has $size bytes"; exit 1; }
    echo "$file: $size bytes"
done
page=$(curl -fsS "$address/")
[[ $page == *blazor.web.js* ]] || { echo "the page is empty"; exit 1; }
curl -fsS "$address/v1/completions" -H 'Content-Type: application/json' -d '{"prompt": "time traveller", "max_tokens": 20, "temperature": 0}'
echo
for command in "$@"; do
    printf '\n-- %s\n' "$command"
    bash -euc "$command"
done
kill -TERM "$server" # a shell lets programs behind it ignore Ctrl-C
code=0
wait "$server" || code=$?
server=
((code == 130 || code == 143)) || { echo "exit code $code"; cat "$folder/err.txt"; exit 1; }
echo "it stops when it is told, with $code"
