#!/bin/sh
# mho run --from: stored points once more.
# shellcheck source=tests/support/cli.sh
. "$(dirname "$0")/../support/cli.sh"
db="$tmp/q.db"
cp configs/networks/lenet_int8.onnx "$tmp/net.onnx"
mkdir "$tmp/data"
cp configs/data/fashion-mnist/test-1000-* "$tmp/data"
images=$(ls "$tmp"/data/*images*) labels=$(ls "$tmp"/data/*labels*)
cp configs/presets/isaac.yaml "$tmp/chip.yaml"
store() { # --set assignments
    # shellcheck disable=SC2068
    "$mho" run configs/examples/lenet.yaml -q --db "$db" --set dataset.count=30 $@ >/dev/null || not_ok "store $*"
}
store --set "network.model=$tmp/net.onnx" --set "dataset.images=$images" --set "dataset.labels=$labels" --set adc.bits=4
store --set device.preset=neurram_1day --set run.trials=3 --set crossbar.rows=64
store --set "chip.preset=$tmp/chip.yaml" --set run.predictions="$tmp/classes.npy" --set run.name=named

succeeds "the same again" "$mho" run --from 1 --db "$db"
prints "every figure is the same" '^Run 1 of experiment `lenet`, stored by mho .*, run again by the same\.$' \
    '^All [0-9]+ figures are the same\. Nothing was stored\.$'
report "more than a hundred were compared" "$(sed -n 's/^All \([0-9]*\) .*/\1/p' "$tmp/out" | awk '$1 < 100')"
succeeds "another trial again, with two threads" "$mho" run --from 3 --db "$db" --threads 2 -q
prints "a trial's own figures are the same" '^All [0-9]+ figures'
rm "$tmp/classes.npy"
succeeds "the last again" "$mho" run --from last --db "$db"
prints "its experiment is the same" '^Run 5 of experiment `named`'
report "predictions are not written again" "$(ls "$tmp/classes.npy" 2>/dev/null)"
succeeds "as JSON" "$mho" run --from 1 --db "$db" --json
prints "JSON says so" '"same": true' '"compared": [0-9]+' '"differences": \[\]'
report "nothing was stored" "$([ "$("$mho" query 'SELECT count(*) FROM run' --csv --db "$db" | tail -n 1)" = 5 ] || echo more)"

if command -v sqlite3 >/dev/null 2>&1; then
    cp "$db" "$tmp/other.db"
    sqlite3 "$tmp/other.db" "UPDATE metric SET value = value * 2 WHERE run_id = 1 AND name = 'latency_s';
        DELETE FROM metric WHERE run_id = 1 AND name = 'tiles'; UPDATE layer SET adc_bits = 9 WHERE run_id = 1 AND position = 0;
        UPDATE run SET \"commit\" = 'abc123' WHERE id = 1; UPDATE run SET status = 'failed', error = 'no memory' WHERE id = 2"
    run "$mho" run --from 1 --db "$tmp/other.db"
    report "figures that differ are exit code 1" "$([ "$code" = 1 ] && [ ! -s "$tmp/err" ] || cat "$tmp/err")"
    prints "figures that differ are listed" 'stored by mho [0-9.]+ \(abc123\), run again by [0-9.]+ \(' '^3 of [0-9]+ figures differ' \
        '^run +latency_s .* 0\.5$' '^run +tiles +- +[0-9]+ +-$' '^layer .* adc_bits +9 +4 '
    run "$mho" run --from 1 --db "$tmp/other.db" --json
    report "and in JSON" "$([ "$code" = 1 ] && [ "$(grep -c '"stored": ' "$tmp/out")" = 3 ] || cat "$tmp/out")"
    fails "a failed run" 1 'run 2 failed, so there are no figures to compare: no memory' "$mho" run --from 2 --db "$tmp/other.db"
    sqlite3 "$tmp/other.db" "UPDATE run_config SET yaml = replace(yaml, 'cell_bits', 'cell_bitz') WHERE run_id = 3"
    fails "a key that is gone" 2 'configuration of run 3 \(mho .*\):[0-9]+:[0-9]+: .*cell_bits' "$mho" run --from 3 --db "$tmp/other.db"
else
    skip "figures that differ: sqlite3 is not installed"
fi
sed -i 's/0\.372/0.373/; $a # another comment' "$tmp/chip.yaml"
run "$mho" run --from 5 --db "$db"
prints "a chip that changed is told" 'the point.s hash is not: .*chip'
cp configs/networks/resnet20_int8.onnx "$tmp/net.onnx"
fails "a model that changed is named" 2 "the model .*$tmp/net.onnx holds something else than when run 1 was stored" "$mho" run --from 1 --db "$db"
cp configs/networks/lenet_int8.onnx "$tmp/net.onnx"
cp configs/data/fashion-mnist/calibration-1024-images-idx3-ubyte.gz "$images"
fails "images that changed are named" 2 "the test images .*$images holds something else|$images|$labels" "$mho" run --from 1 --db "$db"
rm "$tmp/net.onnx"
fails "a model that is gone is named" 2 "$tmp/net.onnx" "$mho" run --from 1 --db "$db"
fails "an unknown run" 2 'has no run 9 \(it has 1 to 5\)' "$mho" run --from 9 --db "$db"
fails "no database" 2 'there is no database' "$mho" run --from 1 --db "$tmp/none.db"
for words in "configs/quickstart.yaml" "--set adc.bits=5" "--dry-run" "--baseline" "--explain"; do
    # shellcheck disable=SC2086
    run "$mho" run --from 1 --db "$db" $words
    report "refused: --from with $words" "$([ "$code" = 2 ] && head -n 1 "$tmp/err" | grep -q 'runs what was stored' || cat "$tmp/err")"
done
finish
