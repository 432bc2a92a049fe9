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
finish
