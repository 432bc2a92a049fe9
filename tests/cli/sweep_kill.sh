#!/bin/sh
# A sweep that is killed 50 times, at any moment, and continued each time is the undisturbed one.
# shellcheck source=tests/support/cli.sh
. "$(dirname "$0")/../support/cli.sh"
command -v sqlite3 >/dev/null 2>&1 || { skip "a killed sweep: sqlite3 is not installed"; finish; }

cat >"$tmp/many.yaml" <<END
base: $root/configs/examples/lenet.yaml
set: {dataset.count: 10, run.detail: totals}
grid:
  crossbar.rows: [32, 48, 64, 96, 128]
  crossbar.cell_bits: [1, 2, 4]
  adc.bits: [2, 3, 4, 5, 6, 7]
  mapping.encoding: [differential, twos_complement]
  dac.bits: [1, 2]
END
points=360

# figures DB: everything that a sweep computes, without times and ids, by point.
figures() {
    sqlite3 "$1" "SELECT r.point_hash, r.trial, r.status, r.params, m.name, m.value FROM run AS r
        JOIN metric AS m ON m.run_id = r.id AND m.name NOT LIKE 'time%' ORDER BY 1, 2, 5"
}

# Delays up to a limit by a fixed recurrence; the limit grows where nothing came of the last kills, as on a
# machine that is busy, and shrinks where much did. A sweep that comes to its end begins anew.
random=1 limit=400
kills=0 before=0 idle=0 damaged="" lost=""
while [ $kills -lt 50 ]; do
    if [ "$before" -ge $points ]; then rm -f "$tmp"/killed.db* && before=0; fi
    "$mho" sweep "$tmp/many.yaml" --db "$tmp/killed.db" --jobs 2 --unchecked >"$tmp/out" 2>"$tmp/err" &
    pid=$!
    random=$(((random * 1103 + 12345) % 32768))
    sleep "$(printf '%d.%03d' $((random % limit / 1000)) $((random % limit % 1000)))"
    if kill -9 $pid 2>/dev/null; then kills=$((kills + 1)); fi
    wait $pid 2>/dev/null
    [ -e "$tmp/killed.db" ] || continue
    check=$(sqlite3 "$tmp/killed.db" 'PRAGMA integrity_check; PRAGMA foreign_key_check' 2>&1)
    [ "$check" = ok ] || damaged="$check"
    count=$(sqlite3 "$tmp/killed.db" 'SELECT count(*) FROM run' 2>/dev/null)
    [ "${count:-0}" -ge "$before" ] || lost="$before runs became $count"
    if [ "${count:-0}" -gt "$before" ]; then idle=0; else idle=$((idle + 1)); fi
    if [ $idle -ge 4 ]; then limit=$((limit * 3 / 2)) idle=0; fi
    if [ $((${count:-0} - before)) -gt $((points / 30)) ]; then limit=$((limit * 4 / 5 + 10)); fi
    before=${count:-0}
done
if [ -z "$damaged$lost" ] && [ "$before" -gt 0 ]; then
    ok "$kills times killed, the database is whole and only grows"
else
    not_ok "killed $kills times, the database is whole and only grows" "$damaged $lost $before runs"
fi
succeeds "the sweep is finished" "$mho" sweep "$tmp/many.yaml" --db "$tmp/killed.db"
succeeds "and done undisturbed" "$mho" sweep "$tmp/many.yaml" --db "$tmp/whole.db" --jobs 1
figures "$tmp/killed.db" >"$tmp/a"
figures "$tmp/whole.db" >"$tmp/b"
if [ "$(sqlite3 "$tmp/killed.db" 'SELECT count(*) FROM run')" = $points ] && cmp -s "$tmp/a" "$tmp/b"; then
    ok "both are the same, row by row"
else
    not_ok "both are the same, row by row" "$(diff "$tmp/a" "$tmp/b" | head -5)"
fi

# An interrupt leaves what is done, and says how to go on.
cat >"$tmp/slow.yaml" <<END
base: $root/configs/quickstart.yaml
set: {run.detail: totals}
grid: {adc.bits: [1, 2, 3, 4, 5, 6], crossbar.cell_bits: [1, 2, 4]}
END
"$mho" sweep "$tmp/slow.yaml" --db "$tmp/slow.db" --jobs 1 >"$tmp/out" 2>"$tmp/err" &
pid=$!
has_runs() { [ "$(sqlite3 "$1" 'SELECT count(*) FROM run' 2>/dev/null || echo 0)" -gt 0 ]; }
until_true has_runs "$tmp/slow.db"
kill -TERM $pid
wait $pid
code=$?
if [ $code = 1 ] && grep -q 'interrupted; what is done is stored, and the same command continues' "$tmp/err"; then
    ok "an interrupt is no loss"
else
    not_ok "an interrupt is no loss" "code $code: $(cat "$tmp/err")"
fi
prints "it tells how to continue" ' are left$' "^Continue: +mho sweep $tmp/slow.yaml --db $tmp/slow.db$"
finish
