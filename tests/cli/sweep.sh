#!/bin/sh
# mho sweep: dry runs, results, resuming, shares, failures, wrong files.
# shellcheck source=tests/support/cli.sh
. "$(dirname "$0")/../support/cli.sh"

# sweep NAME: a sweep file in $tmp from standard input, below the line that names its base.
sweep() {
    { echo "base: $root/configs/examples/lenet.yaml" && cat; } >"$tmp/$1.yaml"
}

# figures DB: everything that a sweep computes, without times and ids, by point.
figures() {
    sqlite3 "$1" "SELECT r.point_hash, r.trial, r.status, r.params, m.scope, m.name, m.value FROM run AS r
        LEFT JOIN metric AS m ON m.run_id = r.id AND m.name NOT LIKE 'time%' ORDER BY 1, 2, 5, 6"
}

sweep small <<'END'
set: {dataset.count: 20, run.detail: totals}
grid:
  adc.bits: [3, 4, lossless]
  crossbar.rows: [64, 128]
  net:
    dense: {pruning.scheme: none}
    cp4: {pruning.scheme: column_proportional, pruning.rate: 4}
where: net == cp4 or adc.bits != 3
END
succeeds "a dry run works" "$mho" sweep "$tmp/small.yaml" --dry-run --db "$tmp/none.db"
prints "a dry run shows the points" '^small: 10 points of 12; where leaves out the rest' \
    '^ +2 +dense +64 +4' '^ +12 +cp4 +128 +lossless'
if [ -e "$tmp/none.db" ]; then not_ok "a dry run stores nothing"; else ok "a dry run stores nothing"; fi
succeeds "a sweep works" "$mho" sweep "$tmp/small.yaml" --db "$tmp/a.db" --jobs 1
prints "the end screen" '^small: 10 points evaluated in [0-9.]+ s by 1 job$' '^Stored +in .*/a.db' \
    '^most accurate +[0-9]+ +[0-9.]+' '^least energy' '^Look: +mho report'
succeeds "the same again skips what is done" "$mho" sweep "$tmp/small.yaml" --db "$tmp/a.db"
prints "and says so" '^small: 0 points evaluated .*, 10 were done before'
for share in 1 2 3; do
    run "$mho" sweep "$tmp/small.yaml" --db "$tmp/shares.db" --jobs 3 --shard $share/3
done
figures "$tmp/a.db" >"$tmp/a"
figures "$tmp/shares.db" >"$tmp/b"
if [ "$(wc -l <"$tmp/a")" -gt 400 ] && cmp -s "$tmp/a" "$tmp/b"; then
    ok "three shares by three jobs are the whole by one"
else
    not_ok "three shares by three jobs are the whole by one" "$(diff "$tmp/a" "$tmp/b" | head -5)"
fi
run "$mho" run configs/examples/lenet.yaml --set dataset.count=20 --set run.detail=totals --set adc.bits=4 \
    --set run.name=small --db "$tmp/one.db"
if [ "$(figures "$tmp/one.db" | cut -d'|' -f1,2,5- | sort)" = "$(figures "$tmp/a.db" | grep "^$(sqlite3 "$tmp/one.db" 'SELECT point_hash FROM run')" | cut -d'|' -f1,2,5- | sort)" ]; then
    ok "a point is what mho run makes of it"
else
    not_ok "a point is what mho run makes of it"
fi

sweep failing <<'END'
set: {dataset.count: 20, run.detail: totals}
grid:
  crossbar.columns: [7, 128, 5]
END
fails "a point that cannot be is refused first" 2 '2 of 3 points cannot be evaluated; crossbar.columns=7: .*where' \
    "$mho" sweep "$tmp/failing.yaml" --db "$tmp/f.db"
run "$mho" sweep "$tmp/failing.yaml" --db "$tmp/f.db" --unchecked
if [ "$code" = 1 ]; then ok "a failed point ends with 1"; else not_ok "a failed point ends with 1" "$code"; fi
prints "failures are told apart" '^failing: 1 point evaluated .* 2 failed' '^Failed:' '^  1: .*layer' \
    'first crossbar.columns=7' '^Continue: +mho sweep '
if [ "$(sqlite3 "$tmp/f.db" "SELECT group_concat(status || ' ' || (error IS NOT NULL), ', ') FROM (SELECT * FROM run ORDER BY status)")" = \
    "done 0, failed 1, failed 1" ]; then
    ok "failed points are stored with their error"
else
    not_ok "failed points are stored with their error"
fi
run "$mho" sweep "$tmp/failing.yaml" --db "$tmp/f.db" --unchecked
prints "failed points are tried again" '1 was done before, 2 failed'

run "$mho" sweep "$tmp/failing.yaml" --dry-run
report "a dry run checks every point" "$([ "$code" = 2 ] && grep -q 'cannot be evaluated' "$tmp/err" || cat "$tmp/err")"
succeeds "a dry run of unchecked points" "$mho" sweep "$tmp/failing.yaml" --dry-run --unchecked
prints "it shows them all the same" '^failing: 3 points$' '^Time +[0-9]' '^ +3 '
run "$mho" sweep "$tmp/small.yaml" --dry-run --unchecked --shard 2/2
prints "and counts those of a share" '^small: 5 points in share 2 of 2$'

# What a point leaves at the base is known of it, also where the points before it changed just that.
sweep basal <<'END'
set: {run.accuracy: false}
grid:
  adc.bits: [3, 6, 4]
END
succeeds "points of which one is the base" "$mho" sweep "$tmp/basal.yaml" --db "$tmp/basal.db" --jobs 1 --quiet
report "every point has its converter's bits" "$(sqlite3 "$tmp/basal.db" "SELECT group_concat(value) FROM
    (SELECT value FROM param WHERE key = 'adc.bits' ORDER BY value)" | grep -vx '3,4,6')"

# wrong_option WHAT PATTERN ARGUMENT...: argp says why in a line, and where there is more in another.
wrong_option() {
    what=$1 pattern=$2
    shift 2
    run "$mho" sweep "$@"
    if [ "$code" = 2 ] && grep -q "^mho sweep: $pattern" "$tmp/err"; then ok "$what"; else not_ok "$what" "$(cat "$tmp/err")"; fi
}
wrong_option "no file" 'SWEEP is missing'
wrong_option "a wrong share" '--shard: expected I/N' "$tmp/small.yaml" --shard 3/2
wrong_option "no jobs" '--jobs: expected 1 to 1024' "$tmp/small.yaml" --jobs 0
echo 'grid: {adc.bits: [4]}' >"$tmp/nobase.yaml"
fails "no base" 2 'nobase.yaml:1:1: "base" is missing' "$mho" sweep "$tmp/nobase.yaml"
sweep nowhere <<'END'
grid:
  adc.bits: [4, 5]
where: adc.bits > 5
END
fails "rules that leave nothing" 2 'nowhere.yaml: no point of 2 satisfies the rules under where' "$mho" sweep "$tmp/nowhere.yaml" --db "$tmp/nowhere.db"
if [ ! -e "$tmp/nowhere.db" ]; then ok "and make no database"; else not_ok "and make no database"; fi
sweep wrong <<'END'
grid:
  adc.bits: [4, 99]
END
fails "a value out of range" 2 'wrong.yaml:3:17: adc.bits: expected an integer from 1 to 16' "$mho" sweep "$tmp/wrong.yaml"
finish
