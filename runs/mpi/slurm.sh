#!/usr/bin/env bash
# Slurm on two machines, a run that its time is too short for, submitted again on one machine, and the same by srun, with Open MPI and
# MPICH; every model is compared with that of one process. Runs as root; needs Debian's slurm-wlm, munge, openmpi-bin and mpich.
# Usage: runs/mpi/slurm.sh
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
source runs/mpi/machines.sh
two_machines
install_unroll
for name in first second; do
    on $name tee /etc/slurm/slurm.conf >/dev/null <<'CONF'
ClusterName=two
SlurmctldHost=first
SlurmUser=root
StateSaveLocation=/var/lib/slurm/control
SlurmdSpoolDir=/var/lib/slurm/node
SlurmctldPidFile=/run/slurmctld.pid
SlurmdPidFile=/run/slurmd.pid
SlurmctldLogFile=/var/log/slurmctld.log
SlurmdLogFile=/var/log/slurmd.log
MailProg=/bin/true
AuthType=auth/munge
ProctrackType=proctrack/linuxproc
TaskPlugin=task/affinity
SelectType=select/cons_tres
SelectTypeParameters=CR_Core
NodeName=first,second CPUs=2 CoresPerSocket=2
PartitionName=main Nodes=ALL Default=YES State=UP
CONF
    # Slurm wants to see a systemd, though it needs none.
    on $name bash -euc 'mount -t tmpfs none /sys/fs/cgroup; mkdir /sys/fs/cgroup/systemd; mount -t cgroup -o none,name=systemd none /sys/fs/cgroup/systemd
        mkdir -p /var/lib/slurm/{control,node}; install -d -o munge -g munge /run/munge; su -s /bin/sh munge -c munged
        [[ $0 == second ]] || slurmctld; slurmd' $name
done
until [[ $(reader_on first 'sinfo -h -o %D%T') == 2idle ]]; do sleep 0.2; done

options='--nodes=2 --cpus-per-task=2'
reader_on first 'cat >train.sbatch' <docs/many-machines/train.sbatch
reader_on first 'eval "$(sed -n "s/^exec mpirun .* unroll train/unroll train/p" train.sbatch)"; mv model.safetensors whole.safetensors' >"$machines/whole.txt" 2>&1
reader_on first "set -e
    job=\$(sbatch --parsable $options train.sbatch)
    until grep -q '^epoch' slurm-\$job.out; do sleep 0.5; done 2>/dev/null
    scancel --batch --signal=USR1 \$job # what '#SBATCH --signal' sends
    while squeue -h -j \$job | grep -q .; do sleep 0.5; done
    grep -E '^ranks|^Stopped' slurm-\$job.out
    job=\$(sbatch --parsable --wait --nodes=1 --cpus-per-task=2 train.sbatch)
    grep 'goes on after' slurm-\$job.out
    cmp whole.safetensors model.safetensors && echo 'stopped on two machines, resumed on one: the same bytes'"
train='unroll train book.txt --members 1 --shards 2 --batch 128 --updates 30 --plot none --sample-every 0'
reader_on first "$train --out whole.safetensors" >"$machines/whole.txt" 2>&1
for kind in pmix pmi2; do
    reader_on first "srun $options --ntasks-per-node=1 --mpi=$kind $train --out $kind.safetensors 2>&1 | grep ^ranks
        cmp whole.safetensors $kind.safetensors && echo 'srun --mpi=$kind: the same bytes'"
done
