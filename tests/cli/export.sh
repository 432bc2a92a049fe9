#!/bin/sh
# mho export: what comes back through another reader of CSV.
# shellcheck source=tests/support/cli.sh
. "$(dirname "$0")/../support/cli.sh"
db="$tmp/q.db"
for settings in "crossbar.rows=64" "adc.bits=lossless" "run.cost=false"; do
    "$mho" run configs/examples/lenet.yaml --set dataset.count=20 --set "$settings" --db "$db" >/dev/null
done
succeeds "export" "$mho" export --csv "$tmp/csv" --db "$db"
prints "it says what it wrote" "^$tmp/csv/runs.csv +3 rows$" "^$tmp/csv/layers.csv +12 rows$"
if command -v sqlite3 >/dev/null 2>&1; then
    cp "$db" "$tmp/both.db"
    for pair in runs:r metrics:m layers:l components:c; do
        sqlite3 "$tmp/both.db" ".import --csv $tmp/csv/${pair%:*}.csv ${pair#*:}"
    done
    # difference SQL: rows of one side that the other lacks, of the imported and the stored.
    difference() {
        sqlite3 "$tmp/both.db" "$1" 2>&1
    }
    report "runs come back: energy, converters' bits, what is not there" "$(difference "SELECT r.run_id, r.energy_per_inference_j,
        s.energy_per_inference_j FROM r JOIN run_summary AS s ON s.run_id = r.run_id WHERE
        nullif(r.energy_per_inference_j, '') * 1.0 IS NOT s.energy_per_inference_j OR r.\"adc.bits\" IS NOT
        (SELECT CAST(value AS TEXT) FROM param WHERE run_id = s.run_id AND key = 'adc.bits')")"
    report "all metrics come back, to the last digit" "$(difference "SELECT * FROM (SELECT CAST(run_id AS INT), scope, metric, value * 1.0, unit
        FROM m EXCEPT SELECT run_id, scope, name, value, unit FROM metric) UNION ALL SELECT count(*), '', '', 0, '' FROM m HAVING count(*)
        <> (SELECT count(*) FROM metric)")"
    report "all layers come back" "$(difference "SELECT CAST(run_id AS INT), layer, energy_j * 1.0, crossbars * 1 FROM l EXCEPT
        SELECT run_id, layer, energy_j, crossbars FROM layer_summary")"
    report "all components come back" "$(difference "SELECT CAST(run_id AS INT), component, nullif(layer, ''), area_m2 * 1.0, source FROM c
        EXCEPT SELECT run_id, component, layer, area_m2, source FROM component")"
else
    skip "what comes back: sqlite3 is not installed"
fi
run "$mho" export --db "$db"
report "a folder is needed" "$([ "$code" = 2 ] && grep -q 'csv DIR' "$tmp/err" || cat "$tmp/err")"
run "$mho" export csv --db "$db"
report "a folder is an option" "$([ "$code" = 2 ] && grep -q 'is given as --csv DIR' "$tmp/err" || cat "$tmp/err")"
fails "no database" 2 'there is no database' "$mho" export --csv "$tmp/x" --db "$tmp/none.db"
: >"$tmp/file"
fails "a file is no folder" 1 'Not a directory' "$mho" export --csv "$tmp/file" --db "$db"
report "a refusal makes nothing" "$(ls "$tmp/x" 2>/dev/null)"
succeeds "help" "$mho" export --help
prints "help has examples" 'mho export --csv results/csv'
finish
