#!/bin/sh
# Every shipped chip works in mho run, accuracy and cost, with its own model of converters.
# shellcheck source=tests/support/cli.sh
. "$(dirname "$0")/../support/cli.sh"
for file in configs/presets/*.yaml; do
    preset=$(basename "$file" .yaml)
    unit=$(sed -n 's/^  ou_rows: *//p' "$file") # a chip that reads fragments wants them mapped
    succeeds "mho run works on $preset" "$mho" run configs/examples/lenet.yaml --set chip.preset="$preset" \
        --set mapping.ou_rows="${unit:-0}" --set dataset.count=20 --json --db "$tmp/r.db"
    model=$(sed -n 's/^adc_model: *\([a-z]*\).*/\1/p' "$file")
    [ -n "$model" ] || model=$(sed -n 's/^adc_model: *\([a-z]*\).*/\1/p' configs/presets/isaac.yaml configs/presets/forms-8.yaml |
        if [ "$preset" = forms-16 ]; then tail -n 1; else head -n 1; fi)
    prints "$preset has an accuracy, costs and its own model, $model" '"accuracy_top1": [0-9.]+' '"area_mm2": [0-9.]+' \
        '"power_w": [0-9.]+' '"energy_per_inference_j": [0-9.e-]+' '"throughput_ips": [0-9.]+' "\"model\": \"$model\""
done
fails "larger reads than the chip's are refused" 2 'reads 128 rows at a time, and chip forms-8 at most 8: set mapping.ou_rows=8' \
    "$mho" run configs/examples/lenet.yaml --set chip.preset=forms-8 --dry-run
polarized="--set pruning.scheme=polarization --set pruning.skip_first=false --set mapping.encoding=polarized"
# shellcheck disable=SC2086
{
    succeeds "polarized weights on forms-8" "$mho" run configs/examples/lenet.yaml --set chip.preset=forms-8 \
        $polarized --set dataset.count=20 --db "$tmp/r.db"
    prints "the headline has encoding and fragments" ', polarized, operation units 8x128,'
    report "nothing is told to be without effect" "$(grep "^Note.*changes nothing" "$tmp/out")"
    fails "longer fragments than the chip's are refused" 2 \
        'reads 16 rows at a time, and chip forms-8 at most 8: set mapping.fragment_rows=8' \
        "$mho" run configs/examples/lenet.yaml --set chip.preset=forms-8 $polarized \
        --set mapping.fragment_rows=16 --set pruning.fragment_rows=16 --dry-run
    fails "weights of both signs are refused" 2 \
        'layer /c1/Conv: rows 0 to 7 of filter 0 hold weights of both signs \(row [0-7]\), .* prune with pruning.scheme=polarization' \
        "$mho" run configs/examples/lenet.yaml --set mapping.encoding=polarized --dry-run
}
succeeds "fragments of another encoding" "$mho" run configs/examples/lenet.yaml --set mapping.fragment_rows=4 \
    --set dataset.count=1 --db "$tmp/r.db"
prints "are told to be without effect" '^Note +mapping.fragment_rows changes nothing: only mapping.encoding=polarized has fragments'
succeeds "digits that are zero are skipped" "$mho" run configs/examples/lenet.yaml --set chip.preset=forms-8 \
    --set mapping.ou_rows=8 --set crossbar.zero_skip=leading --set dataset.count=20 --db "$tmp/r.db"
prints "how many are read is told" '^Zero-skip +[1-7]\.[0-9]+ of 8 digits read on average \(leading\), as measured; [0-9]+ % of conversions left out$'
report "converters without errors need no note" "$(grep '^Note.*read 0' "$tmp/out")"
succeeds "converters with errors" "$mho" run configs/examples/lenet.yaml --set crossbar.zero_skip=all \
    --set adc.offset_sigma=1 --set dataset.count=5 --db "$tmp/r.db"
prints "are told" '^Note +converters of 4 layers may read 0 as something else: accuracy is that of reading every( digit)?$'
succeeds "costs alone" "$mho" run configs/examples/lenet.yaml --set crossbar.zero_skip=all --set run.accuracy=false --db "$tmp/r.db"
prints "say what is assumed" '^Zero-skip +no images simulated, so every digit counts as read$'
succeeds "sizes chosen for energy" "$mho" run configs/examples/lenet.yaml --set crossbar.zero_skip=all --set run.accuracy=false \
    --set adc.bits=lossless --set crossbar.choose=energy --set 'crossbar.sizes=64x64, 128x128' --db "$tmp/r.db"
prints "do not know what is skipped" '^Note +sizes of arrays were chosen as if every digit were read$'
succeeds "sizes without room for a weight" "$mho" run configs/examples/lenet.yaml --set run.accuracy=false --set crossbar.choose=area \
    --set 'crossbar.sizes=64x7, 64x64' --db "$tmp/r.db"
prints "are left out, and why" '^Note +4 sizes of layers left out: layer /c1/Conv: crossbar.columns = 7 cannot hold one 8-bit'
succeeds "JSON" "$mho" run configs/examples/lenet.yaml --set crossbar.zero_skip=all --set dataset.count=5 --json --db "$tmp/r.db"
prints "has the metrics" '"cycles_effective": [1-7]\.[0-9]+' '"conversions_skipped_share": 0\.[0-9]+' '"skip_measured": 1'
finish
