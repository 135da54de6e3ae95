# Two machines on one: two network namespaces with a link between them, and a launcher that goes from the one to the other as it would
# go by ssh. To be sourced by a script that runs as root: the functions `two_machines`, `link RATE DELAY`, `over COMMAND…`; `library`
# says whose launcher it is, openmpi or mpich.
# The machines are gone when the script ends. Ranks are pinned, one a core: otherwise each simulated machine would begin with core 0.
export OMPI_ALLOW_RUN_AS_ROOT=1 OMPI_ALLOW_RUN_AS_ROOT_CONFIRM=1
machines=$(mktemp -d)

two_machines() {
    ip netns add unroll1
    ip netns add unroll2
    trap 'ip netns del unroll1; ip netns del unroll2; rm -rf "$machines"' EXIT
    ip link add unroll1 netns unroll1 type veth peer name unroll2 netns unroll2
    local i
    for i in 1 2; do
        ip -n unroll$i addr add 10.77.0.$i/24 dev unroll$i
        ip -n unroll$i link set unroll$i up
        ip -n unroll$i link set lo up
    done
    # What a launcher believes to be ssh.
    cat >"$machines/agent.sh" <<'AGENT'
#!/usr/bin/env bash
while [[ $1 == -* ]]; do shift; done
machine=unroll${1##*.}
shift
exec ip netns exec "$machine" bash -c "$*"
AGENT
    printf '#!/usr/bin/env bash\nexec taskset -c "${OMPI_COMM_WORLD_RANK:-$PMI_RANK}" "$@"\n' >"$machines/pin.sh"
    chmod +x "$machines"/*.sh
}

# A rate such as 1gbit, or none; and a delay each way, such as 25us.
link() {
    local i
    for i in 1 2; do
        tc -n unroll$i qdisc del dev unroll$i root 2>/dev/null || true
        if [[ $1 != none ]]; then
            tc -n unroll$i qdisc add dev unroll$i root handle 1: tbf rate "$1" burst 256kb limit 8mb
            [[ ${2:-} ]] && tc -n unroll$i qdisc add dev unroll$i parent 1: handle 2: netem delay "$2" limit 100000
        fi
    done
    return 0
}

# Runs a command on both machines, a rank on each.
over() {
    if [[ $library == mpich ]]; then
        # UCX sees one machine, and would take its memory for the link.
        UCX_TLS=tcp,self ip netns exec unroll1 mpiexec.mpich -launcher-exec "$machines/agent.sh" -hosts 10.77.0.1,10.77.0.2 -ppn 1 -n 2 "$machines/pin.sh" "$@"
        return
    fi
    ip netns exec unroll1 mpirun -mca plm_rsh_agent "$machines/agent.sh" -mca btl self,tcp -mca btl_tcp_if_include 10.77.0.0/24 \
        -mca oob_tcp_if_include 10.77.0.0/24 --bind-to none -H 10.77.0.1:1,10.77.0.2:1 -n 2 "${forward[@]}" "$machines/pin.sh" "$@"
}
forward=()
library=openmpi
