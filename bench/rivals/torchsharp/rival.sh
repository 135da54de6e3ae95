#!/usr/bin/env bash
# Builds the rival where it is not built, makes libtorch load, and runs it under its best settings.
# Usage: rival.sh [OPTIONS], the options of `unroll bench`; rival.sh learn TEXT SECONDS HIDDEN BATCH STEPS RATE DROPOUT learns a text;
# rival.sh --build builds only.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
export DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_NOLOGO=1
program=$(echo "$here"/bin/Release/net10.0/*/Unroll.Rivals.dll)
if [[ ${1-} == --build || ! -f $program ]]; then
    dotnet build -c Release "$here" >&2
    program=$(echo "$here"/bin/Release/net10.0/*/Unroll.Rivals.dll)
    "$here/make-loadable.sh" "$(dirname "$program")" >&2
fi
if [[ ${1-} == --build ]]; then exit; fi

# Without these half of the time goes into page faults: libtorch gives memory back to the system only to ask for it again.
export MALLOC_MMAP_THRESHOLD_=4294967296 MALLOC_TRIM_THRESHOLD_=4294967296 MALLOC_TOP_PAD_=268435456
# The symbol that make-loadable.sh supplies.
stub=$(dirname "$program")/libiosinit.so
if [[ -f $stub ]]; then export LD_PRELOAD=$stub; fi
exec dotnet "$program" "$@"
