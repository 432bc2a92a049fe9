# A Slurm of four nodes on this host, for tests: sourced by a script that has a scratch folder $tmp.
# Everything it starts has its files, sockets and ports to itself, and is stopped by pid.
# shellcheck shell=sh
nodes="1 2 3 4"
cluster=${tmp:?}/cluster
export SLURM_CONF="$cluster/slurm.conf"

# What is missing for it, or nothing.
cluster_missing() {
    [ "$(id -u)" = 0 ] || echo "only root may run slurmd"
    for program in slurmctld slurmd sbatch munged mungekey; do
        command -v $program >/dev/null || echo "no $program (packages slurm-wlm, munge)"
    done
}

# Without JobRequeue only jobs that ask for it are started again. cred_expire is also how long they wait
# before: 120 s if not given.
cluster_config() {
    cat <<END_OF_CONFIG
ClusterName=test
SlurmctldHost=$(hostname -s)(127.0.0.1)
SlurmctldPort=26817
SlurmUser=root
SlurmdUser=root
AuthType=auth/munge
AuthInfo=socket=$cluster/munge/socket,cred_expire=10
CredType=cred/munge
MpiDefault=none
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
SelectType=select/cons_tres
SelectTypeParameters=CR_Core
SchedulerType=sched/backfill
SchedulerParameters=batch_sched_delay=0,sched_interval=1,bf_interval=1,defer
ReturnToService=2
StateSaveLocation=$cluster/state
SlurmdSpoolDir=$cluster/spool/%n
SlurmctldPidFile=$cluster/slurmctld.pid
SlurmdPidFile=$cluster/slurmd.%n.pid
SlurmctldLogFile=$cluster/log/slurmctld.log
SlurmdLogFile=$cluster/log/slurmd.%n.log
AccountingStorageType=accounting_storage/none
JobAcctGatherType=jobacct_gather/none
JobCompType=jobcomp/none
SlurmdParameters=config_overrides
InactiveLimit=0
JobRequeue=0
KillWait=5
NodeName=n[1-4] NodeHostname=$(hostname -s) NodeAddr=127.0.0.1 Port=[26821-26824] CPUs=2 RealMemory=4000 State=UNKNOWN
PartitionName=main Nodes=n[1-4] Default=YES MaxTime=INFINITE State=UP
END_OF_CONFIG
}

# Starts it and waits until all nodes are idle; fails with the reason on stderr.
cluster_start() {
    mkdir -p "$cluster/state" "$cluster/log" "$cluster/munge"
    chmod 755 "$tmp" "$cluster" "$cluster/munge"
    for i in $nodes; do mkdir -p "$cluster/spool/n$i"; done
    cluster_config >"$SLURM_CONF"
    mungekey -c -k "$cluster/munge/key" || return 1
    munged --key-file="$cluster/munge/key" --socket="$cluster/munge/socket" --pid-file="$cluster/munge/pid" \
        --log-file="$cluster/munge/log" --seed-file="$cluster/munge/seed" || return 1
    slurmctld -c || return 1
    for i in $nodes; do slurmd -N "n$i" -c || return 1; done
    for second in $(seq 30); do
        [ "$(sinfo -h -N -o '%t' 2>/dev/null | grep -c '^idle')" = 4 ] && return
        sleep 1
    done
    echo "nodes are not idle after $second s" >&2
    tail -n 5 "$cluster"/log/* >&2
    return 1
}

# Processes that a node's tasks run: those whose environment says so, and the slurmstepd above them.
cluster_tasks_of() {
    for process in /proc/[0-9]*; do
        tr '\0' '\n' 2>/dev/null <"$process/environ" | grep -qx "SLURM_CONF=$SLURM_CONF" || continue
        tr '\0' '\n' 2>/dev/null <"$process/environ" | grep -qx "SLURMD_NODENAME=$1" || continue
        pid=${process#/proc/}
        parent=$(sed -n 's/^PPid:[[:space:]]*//p' "$process/status" 2>/dev/null)
        echo "$pid"
        if [ -n "$parent" ] && grep -q '^slurmstepd' "/proc/$parent/comm" 2>/dev/null; then echo "$parent"; fi
    done | sort -u
}

# cluster_kill NODE: as if its power went: the daemon, then what it had started.
cluster_kill() {
    kill -9 "$(cat "$cluster/slurmd.$1.pid")"
    for pid in $(cluster_tasks_of "$1"); do kill -9 "$pid" 2>/dev/null; done
    rm -f "$cluster/slurmd.$1.pid"
    scontrol update "nodename=$1" state=down reason=killed
}

cluster_stop() {
    [ -e "$SLURM_CONF" ] || return 0
    scancel --full --user=root 2>/dev/null
    sleep 1
    for file in "$cluster"/slurmd.n*.pid "$cluster/slurmctld.pid" "$cluster/munge/pid"; do
        [ ! -s "$file" ] || kill "$(cat "$file")" 2>/dev/null
    done
    for i in $nodes; do
        for pid in $(cluster_tasks_of "n$i"); do kill -9 "$pid" 2>/dev/null; done
    done
    sleep 1
}
