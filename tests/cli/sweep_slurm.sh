#!/bin/sh
# mho sweep --slurm without a cluster: the scripts, run as Slurm would, and what is said to sbatch. With a
# real one: make test-cluster.
# shellcheck source=tests/support/cli.sh
. "$(dirname "$0")/../support/cli.sh"

cat >"$tmp/points.yaml" <<END
base: $root/configs/examples/lenet.yaml
name: my points
set: {dataset.count: 20}
grid: {adc.bits: [3, 4, 5, lossless, 6], crossbar.rows: [64, 128]}
END
# An sbatch that notes its arguments and gives 41, 42, ...; the call whose number is in the file `refuse`
# fails.
mkdir "$tmp/bin"
cat >"$tmp/bin/sbatch" <<END
#!/bin/sh
printf '[%s]' "\$@" >>"$tmp/calls"
echo >>"$tmp/calls"
n=\$(wc -l <"$tmp/calls")
[ "\$n" != "\$(cat "$tmp/refuse" 2>/dev/null)" ] || { echo "sbatch: error: no" >&2; exit 1; }
echo "\$((n + 40));a_cluster"
END
chmod +x "$tmp/bin/sbatch"
with_sbatch=$tmp/bin:$PATH
slurm() {
    PATH=$with_sbatch "$mho" sweep "$tmp/points.yaml" --db "$tmp/out.db" "$@"
}

succeeds "submitted" slurm --slurm --tasks 3%2 --jobs 2 --sbatch=--partition=short --sbatch='--comment="two words"' \
    --set run.seed=7
prints "what was submitted" '^my points: 10 points in 3 tasks of 3 or 4, 2 processors a task' \
    "^Scripts +$tmp/slurm-my points/shares.sh" '^Submitted +job 41, tasks 1 to 3; job 42 merges into .*/out.db after' \
    '^Watch +squeue --jobs=41,42'
jobs="$tmp/slurm-my points"
printf '[%s]' --parsable "$jobs/shares.sh" >"$tmp/expected"
printf '\n[%s][%s][%s][%s]\n' --parsable --dependency=afterany:41 --kill-on-invalid-dep=yes "$jobs/merge.sh" >>"$tmp/expected"
report "what sbatch was told" "$(diff "$tmp/calls" "$tmp/expected")"
report "directives of the shares" "$(for line in '--job-name=mho-sweep' "--output=\"$jobs/share-%a.log\"" --requeue \
    --cpus-per-task=2 --partition=short '--comment="two words"' --array=1-3%2; do
    grep -qxF -- "#SBATCH $line" "$jobs/shares.sh" || echo "no $line"; done)"
report "directives of the merge" "$(for line in '--job-name=mho-merge' "--output=\"$jobs/merge.log\"" --requeue \
    --partition=short; do grep -qxF -- "#SBATCH $line" "$jobs/merge.sh" || echo "no $line"; done
    grep array= "$jobs/merge.sh")"
report "scripts that a shell reads" "$(sh -n "$jobs/shares.sh" 2>&1; sh -n "$jobs/merge.sh" 2>&1
    if command -v shellcheck >/dev/null; then shellcheck "$jobs/shares.sh" "$jobs/merge.sh"; fi)"

# As Slurm would: elsewhere, in any order, one of them twice; the last one is lost.
task() {
    (cd / && SLURM_ARRAY_TASK_ID=$1 sh "$jobs/shares.sh" >"$tmp/log" 2>&1) || cat "$tmp/log"
}
report "shares run" "$(task 2; task 1; task 2)"
run sh "$jobs/merge.sh"
report "a share that never ran is missed" "$({ [ "$code" = 2 ] && grep -q 'no database .*share-3-of-3.db' "$tmp/err"; } ||
    cat "$tmp/out" "$tmp/err"; ls "$tmp/out.db" 2>/dev/null)"
report "the last share" "$(task 3)"
sqlite3 "$jobs/share-3-of-3.db" "DELETE FROM run WHERE id = 2"
run sh "$jobs/merge.sh"
report "the merge makes up for what is missing" "$(grep -q 'holds 9 runs' "$tmp/out" &&
    grep -q '^my points: 1 points\? evaluated .*, 9 were done before' "$tmp/out" || cat "$tmp/out" "$tmp/err")"
"$mho" sweep "$tmp/points.yaml" --db "$tmp/single.db" --set run.seed=7 --quiet >"$tmp/log" 2>&1
for db in out single; do
    sqlite3 "$tmp/$db.db" "SELECT point_hash, trial, status, params, name, value FROM run JOIN metric ON run_id = id
        WHERE name NOT LIKE 'time%' ORDER BY 1, 2, 5" >"$tmp/$db.rows"
done
report "all is as on one machine" "$(cmp "$tmp/out.rows" "$tmp/single.rows" 2>&1; wc -l <"$tmp/out.rows" | grep -x 0)"

rm "$tmp/calls"
succeeds "scripts alone" slurm --slurm="$tmp/a folder" --no-submit --tasks 500
prints "scripts alone: the command" '^my points: 10 points in 10 tasks of 1, 1 processor a task' \
    "^Submit +sbatch --dependency=afterany:.\(sbatch --parsable '$tmp/a folder/shares.sh'\) '$tmp/a folder/merge.sh'$"
report "scripts alone: nothing is submitted" "$(cat "$tmp/calls" 2>/dev/null)"

echo 2 >"$tmp/refuse"
run slurm --slurm
# shellcheck disable=SC2016 # backticks of the message
report "the second job is refused" "$({ [ "$code" = 1 ] && grep -q '^sbatch: error: no$' "$tmp/err" && grep -q \
    '^mho: sbatch refused .*merge.sh; what it said is above. Job 41 was submitted before: `scancel 41`, or `sbatch --dep' \
    "$tmp/err"; } || cat "$tmp/err")"
# Without sbatch; what the shell says of it is not our line.
no_sbatch() {
    PATH=/nowhere "$mho" sweep "$tmp/points.yaml" --db "$tmp/out.db" --slurm 2>"$tmp/said"
    set -- $?
    grep '^mho: ' "$tmp/said" >&2
    return "$1"
}
fails "no sbatch" 2 'no sbatch here: submit from a machine of the cluster, or write the scripts alone with --no-submit' \
    no_sbatch
fails "a folder that sbatch cannot take" 2 'choose another with --slurm=DIR' slurm --slurm="$tmp/100%"
fails "a folder that cannot be" 1 'cannot create the folder /nowhere/x' slurm --slurm=/nowhere/x
fails "points that cannot be are found before" 2 'points cannot be evaluated' slurm --slurm --set crossbar.columns=1

# wrong PATTERN OPTION...: what the parser of the command line refuses, in two lines.
wrong() {
    pattern=$1
    shift
    run slurm "$@"
    report "refused: $*" "$({ [ "$code" = 2 ] && grep -q -- "$pattern" "$tmp/err"; } || cat "$tmp/err")"
}
wrong 'go with --slurm' --tasks 3
wrong 'goes without --shard' --slurm --shard 1/2
wrong 'use --no-submit instead of --dry-run' --slurm --dry-run
wrong '--tasks: expected N or N%M' --slurm --tasks 3%4
wrong '--tasks: expected N or N%M' --slurm --tasks 0
wrong '--sbatch: expected an option of sbatch such as' --slurm --sbatch partition=short
finish
