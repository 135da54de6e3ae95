#!/usr/bin/env bash
# What 7-Zip's PPMd (Debian: apt-get install p7zip-full) makes of a text's last tenth when it has read the rest: how much longer the
# archive of all is than that of the first nine tenths, in nats per character. It reads along, and takes a second.
# Usage: ppmd.sh TEXT [ORDER...]
set -euo pipefail
[[ $# -ge 1 ]] || { sed -n 's/^# Usage: /usage: /p' "${BASH_SOURCE[0]}"; exit 2; }
text=$(realpath "$1")
shift
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
characters=$(python3 - "$text" "$scratch" <<'PYTHON'
import sys
text = open(sys.argv[1], encoding="utf-8", newline="").read()
last = int(len(text) * 0.1)
for name, part in ("first", text[:len(text) - last]), ("all", text):
    open(f"{sys.argv[2]}/{name}", "w", encoding="utf-8", newline="").write(part)
print(last)
PYTHON
)
for order in "${@:-6}"; do
    for part in first all; do
        7z a -m0=PPMd:o="$order":mem=256m "$scratch/$part.$order.7z" "$scratch/$part" >"$scratch/log" || { cat "$scratch/log"; exit 1; }
    done
    python3 -c 'import math, os, sys
folder, order, characters = sys.argv[1], sys.argv[2], int(sys.argv[3])
bits = 8 * (os.path.getsize(f"{folder}/all.{order}.7z") - os.path.getsize(f"{folder}/first.{order}.7z")) / characters
print(f"order {order}: {bits * math.log(2):.4f} nats, {bits:.4f} bits per character")' "$scratch" "$order" "$characters"
done
