#!/bin/sh
# mho query: rows in every format, what is refused, databases without runs.
# shellcheck source=tests/support/cli.sh
. "$(dirname "$0")/../support/cli.sh"
db="$tmp/q.db"
for settings in "crossbar.rows=64" "crossbar.rows=128" "adc.bits=lossless"; do
    "$mho" run configs/examples/lenet.yaml --set dataset.count=20 --set "$settings" --db "$db" >/dev/null
done
unset COLUMNS

succeeds "a table" "$mho" query "SELECT run_id, crossbars, energy_per_inference_j FROM run_summary ORDER BY 1" --db "$db"
prints "the head has names and units" '^run_id +crossbars +energy_per_inference_j$' '^ +J$' '^     3 '
report "a table has a line a run" "$([ "$(wc -l <"$tmp/out")" = 5 ] || cat "$tmp/out")"
succeeds "CSV" "$mho" query "SELECT run_id, params, NULL AS absent, 'a\"b' AS quoted, '' AS empty FROM run_summary WHERE run_id = 1" --db "$db" --csv
report "CSV is quoted as in RFC 4180" "$(printf '%s\n' 'run_id,params,absent,quoted,empty' \
    '1,"{""crossbar.rows"":64,""dataset.count"":20}",,"a""b",""' | diff - "$tmp/out")"
succeeds "JSON" "$mho" query "SELECT run_id, 0.1 AS tenth, NULL AS absent, 'a\"b' AS quoted FROM run_summary WHERE run_id = 2" --db "$db" --json
report "JSON has types" "$(printf '[\n {"run_id": 2, "tenth": 0.1, "absent": null, "quoted": "a\\"b"}\n]\n' | diff - "$tmp/out")"
succeeds "Markdown" "$mho" query "SELECT area_mm2, 'a|b' AS bar FROM run_summary WHERE run_id = 1" --db "$db" --markdown
prints "Markdown has units, and bars escaped" '^\| area_mm2 \(mm2\) \| bar \|$' '^\|---\|---\|$' '^\| [0-9.]+ \| a\\\|b \|$'
if command -v sqlite3 >/dev/null 2>&1; then
    succeeds "a view as CSV" "$mho" query --view run_summary --csv --db "$db"
    sqlite3 -csv -header "$db" 'SELECT run_id, area_mm2, latency_s FROM run_summary' >"$tmp/expected"
    # The same numbers, whatever their digits.
    report "a view holds what sqlite3 reads" "$("$mho" query "SELECT run_id, area_mm2, latency_s FROM run_summary" --csv --db "$db" |
        awk -F, 'NR == FNR {expected[NR] = $0; next} {split(expected[FNR], e, ","); for (i = 1; i <= NF; i++)
            if (FNR > 1 && ($i - e[i] > 1e-12 * e[i] || e[i] - $i > 1e-12 * e[i])) print FNR ": " $i " " e[i]}' "$tmp/expected" -)"
else
    skip "views beside sqlite3: it is not installed"
fi
for view in run_summary layer_summary clipping param pareto best_per; do
    succeeds "--view $view" "$mho" query --view $view --db "$db" --json
    report "--view $view has rows" "$(grep -q '{' "$tmp/out" || cat "$tmp/out")"
done
if command -v script >/dev/null 2>&1; then
    COLUMNS=80 TERM=dumb script -qec "$mho query --view run_summary --db $db" /dev/null >"$tmp/out" 2>/dev/null </dev/null
    prints "a terminal shows wide rows one column a line" '^energy_per_inference_j +[0-9.e-]+ J'
    report "wide rows fit the terminal" "$(grep -E '^.{82}' "$tmp/out")"
else
    skip "wide rows on a terminal: script is not installed"
fi
succeeds "--schema needs no database" "$mho" query --schema --db "$tmp/none.db"
prints "--schema has tables below theirs, views and units" '^experiment \(id\): name' '^   run \(id\): experiment_id' \
    '^         histogram \(run_id, position, sum\): count$' '^pareto: .*area_mm2 \[mm2\]'

run "$mho" query "SELECT * FROM run WHERE 0" --db "$db"
report "no rows: the head, and a line that says so" "$([ "$code" = 0 ] && [ "$(cat "$tmp/err")" = "no rows" ] || cat "$tmp/out" "$tmp/err")"
fails "no database" 2 'there is no database' "$mho" query "SELECT 1" --db "$tmp/none.db"
report "no database is made" "$(ls "$tmp/none.db" 2>/dev/null)"
fails "an unknown view" 2 'no view or table `paretto` \(did you mean `pareto`' "$mho" query --view paretto --db "$db"
fails "an unknown column" 2 'no column `energy_per_inferense_j` \(did you mean `energy_per_inference_j`' "$mho" query 'SELECT energy_per_inferense_j FROM run_summary' --db "$db"
fails "a slip in SQL" 2 'wrong at character 10, near "FORM"' "$mho" query 'SELECT * FORM run' --db "$db"
before=$(cksum <"$db")
fails "a change" 2 '`DELETE` is not possible: a query only reads' "$mho" query 'DELETE FROM run' --db "$db"
report "nothing was changed" "$([ "$before" = "$(cksum <"$db")" ] || echo "the file differs")"
for words in "" "SELECT_1 --view pareto" "--view pareto --schema" "--view pareto --csv --json" "a b"; do
    # shellcheck disable=SC2086
    run "$mho" query $words --db "$db"
    report "refused: mho query $words" "$([ "$code" = 2 ] && [ ! -s "$tmp/out" ] && head -n 1 "$tmp/err" | grep -q '^mho query: ' || cat "$tmp/out" "$tmp/err")"
done
succeeds "help" "$mho" query --help
prints "help has examples" 'mho query --view pareto --markdown'
finish
