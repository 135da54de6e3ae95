# Sourced by the scripts beside it: goes to the root of the project, makes a folder $scratch that goes when the script does, and finds
# the command as $unroll, built where it is not.
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
export DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_NOLOGO=1 NO_COLOR=1 LC_ALL=C.UTF-8
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
unroll=${UNROLL:-src/Unroll.Cli/bin/Release/net10.0/Unroll.Cli}
[[ -x $unroll ]] || dotnet build -c Release src/Unroll.Cli >"$scratch/log" 2>&1 || { cat "$scratch/log"; exit 1; }
