#!/bin/sh
# mho select: a configuration that can be run again, the same for a seed; wrong lists and names.
# shellcheck source=tests/support/cli.sh
. "$(dirname "$0")/../support/cli.sh"
lenet=configs/examples/lenet.yaml
lossless="--set adc.bits=lossless --set adc.allocation=layer --set run.accuracy=false"
# shellcheck disable=SC2086
{
    succeeds "a search" "$mho" select $lenet $lossless -o "$tmp/a.yaml" --max-loss 0.1
    prints "the table has a line a layer" '^c2 +[a-z_]+ ' '^total .* 0\.[0-9]+$' "^Wrote $tmp/a.yaml: +mho run "
    succeeds "what was written runs" "$mho" run "$tmp/a.yaml" --db "$tmp/r.db"
    prints "it is pruned" 'fewer weights'
    # The column `now`, as "1.56 uJ", before the column `share`.
    "$mho" select $lenet $lossless -o "$tmp/c.yaml" --max-loss 0.2 --schemes column_proportional,bcr --rows 64,crossbar |
        awk '$1 ~ /^[cf][0-9]$/ {u = $(NF - 1)
            print $(NF - 2) * (u == "mJ" ? 1e-3 : u == "uJ" ? 1e-6 : u == "nJ" ? 1e-9 : 1e-12)}' >"$tmp/promised"
    "$mho" run "$tmp/c.yaml" --db "$tmp/c.db" >"$tmp/out" 2>"$tmp/err"
    sqlite3 "$tmp/c.db" 'SELECT energy_j FROM layer ORDER BY position' >"$tmp/stored"
    report "a run of the file gives each layer the energy that the table promised" "$(paste "$tmp/promised" "$tmp/stored" |
        awk '{d = $1 / $2 - 1; if (!(d > -0.006 && d < 0.006)) print}
            END {if (NR != 4) print NR " layers"}'
        sqlite3 "$tmp/c.db" "SELECT value FROM param WHERE key LIKE 'layers%pruning.rows'" | sort -u |
            grep -qx 64 || echo 'no layer has blocks of 64 rows')"
    run "$mho" select $lenet $lossless -o - --max-loss 0.1
    report "the same again, on standard output" "$(diff "$tmp/out" "$tmp/a.yaml")"
    succeeds "by rule, from other lists" "$mho" select $lenet $lossless -o "$tmp/b.yaml" --method rule \
        --schemes filter,bcr --rates 2 --rows 64,crossbar --max-loss 0.4 --for area
    report "all digits count where none may be skipped" "$(grep 'Costs are of' "$tmp/out")"
    succeeds "by rule, with zero-skip" "$mho" select $lenet $lossless -o "$tmp/d.yaml" --method rule --rates 2 --set crossbar.zero_skip=all
    prints "what is skipped is not known" '^Costs are of all digits: which crossbar.zero_skip saves, only images tell.$'
    report "the rule chooses otherwise" "$(cmp -s "$tmp/a.yaml" "$tmp/b.yaml" && echo same)"
    run "$mho" select $lenet $lossless -o - --max-loss 0 --schemes filter --rates 2
    report "no loss, no pruning" "$(grep -E 'scheme: *(filter|"filter")' "$tmp/out"; [ "$code" = 0 ] || echo "exit code $code")"
    report "standard error says why" "$(grep -qE '^mho: No layer is pruned: all that lowers the energy loses more than --max-loss 0 allows. The least is filter 2x in /[cf][12]/[A-Za-z]+: --max-loss 0\.[0-9]+$' "$tmp/err" || cat "$tmp/err")"
    limit=$(sed 's/.* //' "$tmp/err")
    succeeds "with the limit that it names" "$mho" select $lenet $lossless -o "$tmp/d.yaml" --max-loss "$limit" --schemes filter --rates 2
    prints "a layer is pruned" '^[cf][12] +filter '
    report "and nothing is explained" "$(grep 'No layer' "$tmp/out")"
    succeeds "what cannot save" env COLUMNS=80 "$mho" select $lenet --set adc.bits=8 --set run.accuracy=false -o "$tmp/d.yaml" --max-loss 1 --schemes column_proportional --for area
    prints "the screen says what lets zeros save" '^No layer is pruned: none of the schemes' 'adc.bits=lossless' 'mapping.compaction=blocks'
    report "in lines of 80 columns" "$(awk 'length > 80' "$tmp/out")"
}
refused() {
    what=$1 pattern=$2
    shift 2
    fails "$what" 2 "$pattern" "$mho" select $lenet -o "$tmp/no.yaml" "$@"
}
refused "an unknown scheme" 'unknown scheme "filtre" \(did you mean "filter"' --schemes filtre
refused "a rate below one" '--rates 0.5: `0.5` is no number of 1 or more' --rates 0.5
refused "rows in words" '`many` is no number of 1 or more, nor crossbar' --rows many
refused "an unknown objective" '--for money: expected energy, area or time' --for money
refused "an unknown method" '--method luck: expected rule, search' --method luck
refused "a loss above all" '--max-loss 2' --max-loss 2
refused "a seed that is none" '--seed x' --seed x
report "nothing is written then" "$(ls "$tmp/no.yaml" 2>/dev/null)"
run "$mho" select $lenet
report "no output" "$([ "$code" = 2 ] && head -n 1 "$tmp/err" | grep -q 'where to? Give -o FILE' || cat "$tmp/err")"
finish
