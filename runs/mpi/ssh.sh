#!/usr/bin/env bash
# Does what “Two machines” in docs/many-machines.md says, as somebody who may do nothing special on two machines, with Open MPI and with
# MPICH; both models are compared with that of one process. Runs as root; needs Debian's openssh-server, openmpi-bin and mpich.
# Usage: runs/mpi/ssh.sh
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
source runs/mpi/machines.sh
two_machines
install_unroll
for name in first second; do
    on $name bash -euc 'mkdir -p /run/sshd; rm -f /etc/ssh/ssh_host_*; ssh-keygen -A >/dev/null; /usr/sbin/sshd; echo reader:secret | chpasswd'
done
# The reader at the keyboard.
on first tee /srv/answer >/dev/null <<'ANSWER'
#!/bin/sh
case $1 in *yes/no*) echo yes ;; *) echo secret ;; esac
ANSWER
on first chmod +x /srv/answer
reader_on first 'set -e
    echo | ssh-keygen -q -t ed25519 -N "" >/dev/null
    SSH_ASKPASS=/srv/answer SSH_ASKPASS_REQUIRE=force setsid -w ssh-copy-id second >/dev/null 2>&1
    ssh second true </dev/null
    cat >hosts' <docs/many-machines/hosts
train='unroll train book.txt --members 1 --shards 8 --batch 128 --updates 50 --plot none --sample-every 0'
reader_on first "$train --out one.safetensors" >"$machines/one.txt" 2>&1
reader_on first "mpirun --hostfile hosts -n 2 --map-by node --bind-to none -x PATH $train --out openmpi.safetensors 2>&1 | grep ^ranks
    mpiexec.mpich -hosts first,second -ppn 1 -n 2 $train --out mpich.safetensors 2>&1 | grep ^ranks
    for library in openmpi mpich; do cmp one.safetensors \$library.safetensors && echo \"two machines, \$library: the same bytes\"; done"
