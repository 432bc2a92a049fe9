#!/bin/sh
# mho sweep --slurm on a real Slurm of four nodes on this host, one of which dies half-way: the merged
# database equals that of one machine, row by row. Usage: cluster_test.sh BINARY
# shellcheck source=tests/support/cli.sh
. "$(dirname "$0")/../support/cli.sh"
# shellcheck source=tests/cluster/slurm.sh
. "$root/tests/cluster/slurm.sh"
tasks=8
timeout_s=300

missing=$(cluster_missing)
if [ -n "$missing" ]; then
    skip "a Slurm cluster: $(echo "$missing" | head -n 1)"
    finish
fi
cleanup() {
    cluster_stop
    rm -rf "$tmp"
}
jobs="$tmp/jobs of it"

cat >"$tmp/points.yaml" <<END
base: $root/configs/examples/lenet.yaml
name: cluster test
# Cells with errors take a while to read, so that a task can be killed half-way on a fast machine too.
set: {dataset.count: 500, device.preset: neurram_1day}
grid:
  crossbar.rows: [32, 64, 128]
  adc.bits: [3, 4, 5, lossless]
  crossbar.cell_bits: [1, 2]
  net: {dense: {pruning.scheme: none}, cp4: {pruning.scheme: column_proportional, pruning.rate: 4}}
END

# share TASK: its database.
share() {
    echo "$jobs/share-$1-of-$tasks.db"
}

# done_in DB: how many points it has.
done_in() {
    sqlite3 "$1" "SELECT count(*) FROM run WHERE status = 'done'" 2>/dev/null || echo 0
}

# rows DB: every figure and text of every run; no ids, times or hosts.
rows() {
    for table in param metric layer histogram component claim; do
        columns=$(sqlite3 "$1" "SELECT group_concat('t.\"' || name || '\"') FROM pragma_table_info('$table')
            WHERE name <> 'run_id'")
        of=
        [ $table != metric ] || of="AND NOT (scope = 'run' AND t.name LIKE 'time!_%' ESCAPE '!')"
        sqlite3 "$1" "SELECT '$table', point_hash, trial, $columns FROM run JOIN $table AS t ON run_id = run.id
            WHERE true $of" || echo "no rows of $table in $1"
    done
    sqlite3 "$1" 'SELECT point_hash, version, trial, seed, "commit", model_hash, data_hash, status, error, params, name,
        hash, config, yaml FROM run JOIN experiment AS e ON e.id = experiment_id JOIN run_config ON run_id = run.id'
}

# Waits until no job is left.
wait_for_jobs() {
    for _ in $(seq $timeout_s); do
        [ -n "$(squeue -h)" ] || return
        sleep 1
    done
}

# Waits until a task has stored a point and is not done: $victim is its node, $task its number.
find_victim() {
    for _ in $(seq $((timeout_s * 5))); do
        for task in $(seq $tasks); do
            victim=$(sed -n 's/^share .* on \(n[0-9]*\), .*/\1/p' "$jobs/share-$task.log" 2>/dev/null | tail -n 1)
            stored=0
            [ ! -e "$(share "$task")" ] || stored=$(done_in "$(share "$task")")
            if [ -n "$victim" ] && [ "$stored" -ge 1 ] && [ "$stored" -le 4 ]; then return; fi
        done
        sleep 0.2
    done
    return 1
}

if ! cluster_start; then
    not_ok "a Slurm of four nodes starts"
    finish
fi
ok "a Slurm of four nodes starts"
succeeds "the sweep is submitted" "$mho" sweep "$tmp/points.yaml" --slurm="$jobs" --tasks $tasks --sbatch=--mem=400 \
    --sbatch=--time=10 --db "$tmp/merged.db"
prints "what was submitted" "^cluster test: 48 points in $tasks tasks of 6, 1 processor a task" \
    "^Submitted +job [0-9]+, tasks 1 to $tasks; job [0-9]+ merges into .*merged.db after them"
if ! find_victim; then
    not_ok "a task to kill half-way" "$(squeue; tail "$jobs"/*.log)"
    finish
fi
cluster_kill "$victim"
killed_s=$(date +%s.%N)
before=$(done_in "$(share "$task")")
echo "# node $victim killed; share $task had stored $before of 6 points"

wait_for_jobs
report "all jobs come to their end" "$(squeue -h)"
report "the killed task was started again, on another node" "$(grep -q 'on n[0-9], start 2' "$jobs/share-$task.log" ||
    cat "$jobs/share-$task.log")$(grep "on $victim, start 2" "$jobs"/*.log)"
report "what it had stored was not done again" "$(sqlite3 "$(share "$task")" \
    "SELECT count(*) || ' instead of $before' FROM run WHERE started_unix_s < $killed_s" | grep -v "^$before ")"
report "every share has its points" "$(for i in $(seq $tasks); do done_in "$(share "$i")"; done | grep -vx 6)"
report "the merge says so" "$(grep -q 'merged.db holds 48 runs' "$jobs/merge.log" || cat "$jobs/merge.log")"

"$mho" sweep "$tmp/points.yaml" --db "$tmp/single.db" --quiet >"$tmp/out" 2>"$tmp/err"
rows "$tmp/single.db" | sort >"$tmp/single"
rows "$tmp/merged.db" | sort >"$tmp/merged"
report "the merged result equals that of one machine, row by row" "$(cmp "$tmp/single" "$tmp/merged" 2>&1
    done_in "$tmp/merged.db" | grep -vx 48; grep '^no rows' "$tmp/merged")"
echo "# $(wc -l <"$tmp/merged") lines compared"
succeeds "and to the bit, by the merge's own comparison" "$mho" merge "$tmp/single.db" "$tmp/merged.db"
prints "48 points the same" '^total +48 +0 +48 +0 +0 +0$'

sqlite3 "$tmp/merged.db" 'SELECT id, started_unix_s FROM run' >"$tmp/runs"
succeeds "submitted again" "$mho" sweep "$tmp/points.yaml" --slurm="$jobs" --tasks $tasks --db "$tmp/merged.db"
wait_for_jobs
report "nothing is evaluated again" "$(sqlite3 "$tmp/merged.db" 'SELECT id, started_unix_s FROM run' | cmp - "$tmp/runs" 2>&1
    grep -c 'holds 48 runs' "$jobs/merge.log" | grep -vx 2)"

run "$mho" sweep "$tmp/points.yaml" --slurm="$tmp/no" --sbatch=--partition=none --db "$tmp/no.db"
report "what sbatch refuses" "$({ [ "$code" = 1 ] && grep -q 'invalid partition' "$tmp/err" &&
    grep -q '^mho: sbatch refused .*/no/shares.sh; what it said is above' "$tmp/err"; } || cat "$tmp/out" "$tmp/err")"
finish
