# Sourced by those that time whole processes: `timings COMMAND...` prints the milliseconds of $runs calls, in ascending order, a line each,
# after one call that brings into memory what is on the disk. Needs the folder $scratch.
timings() {
    local before after
    "$@" >"$scratch/log"
    for ((run = 0; run < runs; run++)); do
        before=${EPOCHREALTIME/./}
        "$@" >"$scratch/log"
        after=${EPOCHREALTIME/./}
        echo $((after - before))
    done | sort -n | awk '{ print $1 / 1000 }'
}
