#!/usr/bin/env bash
# Makes the pictures of docs/images that show pages: a server of an empty folder, and a browser that pastes a text there, watches a
# network learn it for a minute, and looks at the other pages. Needs .NET, chromium, nodejs and npm, and timemachine.txt in the folder
# that UNROLL_DATA names. Usage: pictures.sh
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
export DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_NOLOGO=1
scratch=$(mktemp -d)
server=
trap 'if [[ -n $server ]]; then kill "$server" || true; wait "$server" || true; fi; rm -rf "$scratch"' EXIT

dotnet build -c Release src/Unroll.Cli >"$scratch/log" || { cat "$scratch/log"; exit 1; }
cp tests/browser/package.json tests/browser/package-lock.json runs/pages/pictures.mjs "$scratch"
(cd "$scratch" && npm ci --no-audit --no-fund --ignore-scripts >log)
mkdir "$scratch/empty"
command=$PWD/src/Unroll.Cli/bin/Release/net10.0/Unroll.Cli.dll
(cd "$scratch/empty" && exec dotnet "$command" serve --port 0) >"$scratch/serving.txt" &
server=$!
until grep -q '^Listening at' "$scratch/serving.txt"; do kill -0 "$server"; sleep 0.2; done
address=$(sed -n 's|^Listening at \(http[^ ,]*\).*|\1|p' "$scratch/serving.txt")
chromium=$(command -v chromium || command -v chromium-browser || command -v google-chrome)
CHROMIUM=$chromium node "$scratch/pictures.mjs" "$address" "$UNROLL_DATA/timemachine.txt" docs/images
