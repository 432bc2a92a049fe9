#!/bin/sh
# mho report: the list, one run, two compared, and databases that hold nothing to report.
# shellcheck source=tests/support/cli.sh
. "$(dirname "$0")/../support/cli.sh"
db="$tmp/r.db"
lenet="configs/examples/lenet.yaml --set dataset.count=10"
fails_usage() { # WHAT PATTERN COMMAND...: exit code 2 and the pattern in the first line of stderr
    what=$1 pattern=$2
    shift 2
    run "$@"
    if [ "$code" = 2 ] && [ ! -s "$tmp/out" ] && head -n 1 "$tmp/err" | grep -qE -- "$pattern"; then
        ok "$what"
    else
        not_ok "$what" "exit code $code: $(cat "$tmp/out" "$tmp/err")"
    fi
}

fails "no database" 2 "there is no database $db: .mho run. makes one, or name another" "$mho" report --db "$db"
report "no database is made" "$(ls "$db" 2>/dev/null)"
# shellcheck disable=SC2086
{
    "$mho" run $lenet --db "$db" >/dev/null
    "$mho" run $lenet --db "$db" --set adc.bits=4 --set layers./c2/Conv.adc.bits=5 >/dev/null
    "$mho" run $lenet --db "$db" --set run.detail=totals >/dev/null
    "$mho" run $lenet --db "$db" --set run.cost=false >/dev/null
    "$mho" run $lenet --db "$db" --set crossbar.rows=64 >/dev/null
    "$mho" run $lenet --db "$tmp/more.db" --set adc.model=all --baseline >/dev/null
}
succeeds "the list" "$mho" report --db "$db"
prints "the list has a line a run" '^Run +started +experiment +top-1' '^  1  .*  lenet .* mm2 .*dataset.count=10$' \
    '^  2 .*adc.bits=4' '^  4 .* -  +-  ' "mho report --run 5 --db $db$" "mho report --compare 4 5 --db $db$"
COLUMNS=80 run "$mho" report --db "$db"
report "the list fits 80 columns" "$(grep -v 'mho report' "$tmp/out" | grep -E '.{81}')"
succeeds "a short list" "$mho" report --db "$db" --limit 2
prints "a short list counts the others" '^  4' '^3 earlier ones: --limit 0'
report "a short list is short" "$(grep -E '^  [123] ' "$tmp/out")"
succeeds "the list as JSON" "$mho" report --db "$db" --json
prints "the list's JSON has the names of the database" '"run_id": 1' '"energy_per_inference_j": ' '"crossbar.rows": 64'

COLUMNS=120
export COLUMNS
succeeds "one run" "$mho" report --db "$db" --run 1
unset COLUMNS
prints "what measured activity changes is told" 'Energy, dac\.activity +[0-9.]+ uJ'
prints "one run has its parts" '^Run 1 of experiment `lenet`: lenet_int8.onnx on chip isaac' \
    '^with dataset.count=10' '^chip +[0-9.]+ mm2 +100.0' '^ tile ' '^  macro ' '^    ADC +[0-9]+ ' \
    'Kull ISSCC 2013, .*\(model isaac\)' '^Not in the tree: [0-9.]+ mm2 of parts'
# The shares of the direct parts of the chip are a whole.
report "shares add up" "$(awk '/^ [A-Za-z]/ && / mm2 | um2 / {for (i = 1; i <= NF; i++) if ($i ~ /^[mu]m2$/) {sum += $(i + 1); break}}
    END {if (sum < 99.8 || sum > 100.2) print "shares of area: " sum}' "$tmp/out")"
COLUMNS=80 run "$mho" report --db "$db" --run 1 --layers
report "one run fits 80 columns" "$(grep -E '.{81}' "$tmp/out")"
prints "--layers has the components of each" '^c1 +[0-9.]+ ' '^  ADC ' '^  [0-9]+ others' '^\(shared\)'
# shellcheck disable=SC2086
"$mho" run $lenet --db "$tmp/sizes.db" --set crossbar.choose=area --set 'crossbar.sizes=128x128' \
    --set 'layers./f2/*.crossbar.sizes=16x32' >/dev/null
COLUMNS=80 run "$mho" report --db "$tmp/sizes.db" --run 1 --layers
prints "--layers has sizes of arrays that differ" ' bits +arrays$' '^c1 .* 128x128$' '^f2 .* 16x32$'
report "that fits 80 columns" "$(grep -v "^with" "$tmp/out" | grep -E ".{81}")"
succeeds "the last run" "$mho" report --db "$db" --run last
prints "the last run is the fifth" '^Run 5 '
succeeds "totals only" "$mho" report --db "$db" --run 3
prints "totals only are told" '^No components were kept'
succeeds "no costs" "$mho" report --db "$db" --run 4
prints "no costs are told" '^No costs were estimated'
succeeds "a run with a band and a baseline" "$mho" report --db "$tmp/more.db" --run 1
prints "the band and the baseline are shown" '^ADC model +area' '^zigzag +[0-9.]+ mm2 ' '^neurosim-sar +n/a +n/a ' \
    'Area / baseline +0\.[0-9]+'
succeeds "the band as JSON" "$mho" report --db "$tmp/more.db" --run 1 --json
prints "the JSON has scopes" '"adc.model=zigzag": \{' '"baseline": \{' '"adc_energy_j": '
succeeds "one run as JSON" "$mho" report --db "$db" --run 1 --json
prints "the JSON has the tree" '^ "tree": \{' '"inside": \{' '"source": "Kull' '"latency_s": '

"$mho" run configs/examples/lenet.yaml --db "$tmp/p.db" --set run.accuracy=false --set pruning.scheme=filter \
    --set pruning.rate=4 --set pruning.skip_first=false >/dev/null
succeeds "storage" "$mho" report --db "$tmp/p.db" --run last --storage
# Of 430,500 weights 5 x 25 + 12 x 500 + 125 x 800 + 2 x 500 = 107,125 stay.
prints "storage has a line a format" '^dense +430 k +0 +430 k +1.00x +1.00x +2.29 M *$' '^relative ' '^lists +10[67] k ' \
    '^smallest +10[67] k '
prints "storage says of which run" '^Run 1 of experiment `lenet`' '^with .*pruning.rate=.4' ' 0 +430 k +1.00x +1.00x '
report "the smallest format is first" "$(awk '/^Format/ {head = NR} head && NR == head + 2 && $1 != "channels" && $1 != "lists" {print}' "$tmp/out")"
run "$mho" report --db "$tmp/p.db" --run 1
report "no activity was measured, none is compared" "$(grep 'dac\.activity' "$tmp/out")"
COLUMNS=80 run "$mho" report --db "$tmp/p.db" --run 1 --storage
report "storage fits 80 columns" "$(grep -E '^[a-z].*.{81}' "$tmp/out")"
succeeds "storage as JSON" "$mho" report --db "$tmp/p.db" --run 1 --storage --json
prints "the JSON has formats" '"smallest": \{' '"lists": \{' '"storage_index_bits": '
fails_usage "storage of a list" '--storage needs --run' "$mho" report --storage
fails_usage "storage and layers" 'one of --layers and --storage' "$mho" report --run 1 --storage --layers

succeeds "two runs" "$mho" report --db "$db" --compare 1 2
prints "what differs" '^adc.bits +6 +4$' '^layers./c2/Conv.adc.bits +- +5$' '^Efficiency .*x$' \
    '^ADC .*0\.[0-9]+x$' '^c2 +6 > 5 ' '^total '
report "what does not differ is left out" "$(grep 'dataset.count' "$tmp/out")"
COLUMNS=80 run "$mho" report --db "$db" --compare 1 5
report "two runs fit 80 columns" "$(grep -E '.{81}' "$tmp/out")"
succeeds "the same run twice" "$mho" report --db "$db" --compare 1 1
prints "nothing differs" '^No parameter differs' '^Area used .* =$'
succeeds "two runs as JSON" "$mho" report --db "$db" --compare 1 2 --json
prints "the JSON has ratios" '"ratio": 0\.' '"key": "adc.bits"'

fails "an unknown run" 2 'has no run 9 \(it has 1 to 5\)' "$mho" report --db "$db" --run 9
fails "an unknown second run" 2 'has no run 6' "$mho" report --db "$db" --compare 1 6
fails "a run that is no number" 2 'run `x`: expected the number' "$mho" report --db "$db" --run x
fails "a limit that is none" 2 '--limit -1' "$mho" report --db "$db" --limit -1
fails_usage "a word too many" '`3` is too many: give a run as --run 3' "$mho" report 3
fails_usage "one run to compare" '--compare needs two runs' "$mho" report --compare 1
fails_usage "layers of a list" '--layers needs --run' "$mho" report --layers
echo "no database at all, but long enough to be looked at: a header has a hundred bytes, so here they are, and more" >"$tmp/t.db"
fails "no database of SQLite" 1 't.db is not an SQLite database' "$mho" report --db "$tmp/t.db"
: >"$tmp/e.db"
fails "an empty database" 2 'is empty: .mho run --db' "$mho" report --db "$tmp/e.db"
fails "a folder" 1 'is a folder' "$mho" report --db "$tmp"
if command -v sqlite3 >/dev/null 2>&1; then
    sqlite3 "$tmp/other.db" 'CREATE TABLE t (x)'
    fails "another program's database" 1 "another program's" "$mho" report --db "$tmp/other.db"
    cp "$db" "$tmp/failed.db"
    sqlite3 "$tmp/failed.db" "UPDATE run SET status = 'failed', error = 'no memory' WHERE id = 1"
    fails "a failed run" 1 'run 1 failed, .*: no memory' "$mho" report --db "$tmp/failed.db" --run 1
    run "$mho" report --db "$tmp/failed.db"
    prints "a failed run in the list" '^  1 .* failed '
    cp "$db" "$tmp/old.db"
    sqlite3 "$tmp/old.db" 'PRAGMA user_version = 1'
    fails "an older database" 1 'older mho' "$mho" report --db "$tmp/old.db" --run 1
    cp "$db" "$tmp/locked.db"
    sqlite3 "$tmp/locked.db" 'PRAGMA journal_mode = DELETE' >/dev/null
    mkfifo "$tmp/release"
    { echo 'BEGIN EXCLUSIVE;' && cat "$tmp/release"; } | sqlite3 "$tmp/locked.db" &
    until_true is_locked "$tmp/locked.db"
    fails "a locked database" 1 'is locked by another program' "$mho" report --db "$tmp/locked.db"
    : >"$tmp/release"
    wait
else
    skip "failed runs, locked databases: sqlite3 is not installed"
fi
finish
