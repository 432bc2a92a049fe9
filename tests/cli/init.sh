#!/bin/sh
# mho init: a starter configuration that runs.
# shellcheck source=tests/support/cli.sh
. "$(dirname "$0")/../support/cli.sh"
model=$root/configs/networks/lenet_int8.onnx
cp "$model" "$tmp/my net's.onnx"
cd "$tmp" || exit 1

succeeds "init works" "$mho" init "my net's.onnx"
prints "init says what to do next" "Wrote my net's.yaml" "mho run 'my net'.''s.yaml'"
cp "my net's.yaml" out
prints "the starter has every section, commented" '^network:' '^dataset:' '^quantization:' \
    '^mapping:' '^crossbar:' '^dac:' '^adc:' '^chip:' '^run:' '# word lines of one array' \
    '  format: idx ' 'FILL IN'
succeeds "the starter runs as it is" "$mho" run "my net's.yaml"
prints "the starter's run has costs" '^Energy'
fails "init does not overwrite" 2 'exists already.*--force' "$mho" init "my net's.onnx"
succeeds "init --force overwrites" "$mho" init "my net's.onnx" --force
mkdir sub
succeeds "init writes elsewhere" "$mho" init "my net's.onnx" -o sub/other.yaml
succeeds "a starter elsewhere finds its model" "$mho" run sub/other.yaml --dry-run
succeeds "init writes to stdout" "$mho" init "$model" -o -
prints "init to stdout is the starter" '^crossbar:'
succeeds "init guesses CIFAR-10 or NPY" "$mho" init "$root/configs/networks/vgg8_cp16_int8.onnx" -o -
float=$root/../shared/models/fashion-mnist/lenet.onnx
if [ -e "$float" ]; then
    succeeds "init of a float model" "$mho" init "$float" -o float.yaml
    succeeds "the starter of a float model runs as it is" "$mho" run float.yaml
    prints "a float model without calibration has costs" '^Energy'
    fails "its accuracy needs calibration images" 2 'dataset.calibration' "$mho" run float.yaml --set run.accuracy=true
else
    skip "init of a float model: no $float"
fi
fails "init of nothing" 2 'nothing.onnx' "$mho" init nothing.onnx
fails "init into no folder" 1 'nowhere' "$mho" init "$model" -o nowhere/x.yaml
finish
