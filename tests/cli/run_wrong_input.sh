#!/bin/sh
# mho run with wrong input: one line that says what is wrong, exit code 2, nothing stored.
# shellcheck source=tests/support/cli.sh
. "$(dirname "$0")/../support/cli.sh"
config=configs/examples/lenet.yaml
data=configs/data/fashion-mnist

# A configuration of its own: `write LINE...` after the network, which is always there.
write() {
    {
        printf 'network:\n  model: %s\n' "$root/configs/networks/lenet_int8.onnx"
        printf '%s\n' "$@"
    } >"$tmp/own.yaml"
}
# refused WHAT PATTERN ARGUMENT...
refused() {
    what=$1 pattern=$2
    shift 2
    fails "$what" 2 "$pattern" "$mho" run --db "$tmp/r.db" "$@"
}

write 'crossbar:' '  rwos: 64'
refused "a mistyped key" 'own.yaml:4:3: .*rwos.*did you mean "rows"' "$tmp/own.yaml"
write 'crossbra:' '  rows: 64'
refused "a mistyped section" 'own.yaml:3:1: .*crossbra.*did you mean "crossbar"' "$tmp/own.yaml"
write 'crossbar:' '  rows: many'
refused "a string for a number" 'own.yaml:4:9: .*rows.*many' "$tmp/own.yaml"
write 'crossbar:' '  rows: 128x'
refused "a number with letters" 'own.yaml:4:9: .*128x' "$tmp/own.yaml"
write 'crossbar:' '  rows: 0'
refused "no rows" 'own.yaml:4:9: .*from 1 to' "$tmp/own.yaml"
write 'adc:' '  bits: 40'
refused "an ADC of 40 bits" 'own.yaml:4:9: .*from 1 to 16' "$tmp/own.yaml"
write 'layers:' '  c9: {adc.bits: 4}' 'run:' '  accuracy: false'
refused "a layer that is not there" 'c9.*matches no layer' "$tmp/own.yaml"
write 'layers:' '  c2: {adc.bits: 4}' 'run:' '  accuracy: false'
refused "a layer by its short name" 'c2.*did you mean "/c2/Conv"' "$tmp/own.yaml"
write 'adc:' "$(printf '\tbits: 4')"
refused "a tab that indents" 'own.yaml:4:1: a tab cannot indent; use spaces' "$tmp/own.yaml"
write 'a: [1'
refused "YAML that does not parse" 'own.yaml' "$tmp/own.yaml"
for command in run config tune 'prune -o x.onnx' 'select -o x.yaml'; do
    # shellcheck disable=SC2086
    fails "mho $command of a search" 2 'search_lenet.yaml is a sweep file with a search, .*`mho search configs/sweeps/search_lenet.yaml`, or `mho sweep' \
        "$mho" $command configs/sweeps/search_lenet.yaml
done
refused "a sweep" 'is a sweep file, .*`mho sweep configs/sweeps/cost_10000.yaml`, with --dry-run' configs/sweeps/cost_10000.yaml
refused "a paper" '`mho repro configs/papers/isaac.yaml`' configs/papers/isaac.yaml
refused "a chip" '`mho run CONFIG --set chip.preset=configs/chips/isaac_device.yaml`' configs/chips/isaac_device.yaml
refused "a model" '`mho init configs/networks/lenet_int8.onnx`' configs/networks/lenet_int8.onnx
fails "mho sweep of a configuration" 2 'lenet.yaml is the configuration of one point: `mho run configs/examples/lenet.yaml`' "$mho" sweep $config
fails "mho search of a configuration" 2 '`mho run configs/examples/lenet.yaml`' "$mho" search $config
fails "mho inspect of a configuration" 2 'is a configuration, not a model' "$mho" inspect $config
fails "mho init of a configuration" 2 'is a configuration, not a model' "$mho" init $config
refused "a model that is not there" 'cannot read nothing.onnx' nothing.onnx
refused "a mistyped --set" '--set crossbar.rwos=3: .*did you mean "rows"' $config --set crossbar.rwos=3
refused "a --set without value" '--set crossbar.rows' $config --set crossbar.rows
refused "threads that are no number" '--threads: expected an integer .*many' $config --threads many
refused "negative threads" '--threads: expected an integer from 0 to 1024' $config --threads=-1
refused "a missing configuration" 'nothing.yaml' nothing.yaml
refused "a folder as configuration" 'configs' configs
refused "a missing model" 'nothing.onnx: No such file' $config --set network.model=nothing.onnx
head -c 100000 configs/networks/lenet_int8.onnx >"$tmp/short.onnx"
refused "a truncated model" 'short.onnx' $config --set "network.model=$tmp/short.onnx"
: >"$tmp/empty.onnx"
refused "an empty model" 'empty.onnx' $config --set "network.model=$tmp/empty.onnx"
refused "a model that is none" 'quickstart.yaml' $config --set network.model=configs/quickstart.yaml

# Labels one short: a header that says 999, and 999 of them; then a header that lies.
{ printf '\0\0\010\001\0\0\003\347' && gzip -dc $data/test-1000-labels-idx1-ubyte.gz | tail -c +9 | head -c 999; } >"$tmp/labels"
refused "labels one short" '999' $config --set "dataset.labels=$tmp/labels"
{ printf '\0\0\010\001\0\0\003\350' && gzip -dc $data/test-1000-labels-idx1-ubyte.gz | tail -c +9 | head -c 999; } >"$tmp/labels"
refused "labels that lie about their number" 'labels' $config --set "dataset.labels=$tmp/labels"
refused "more images than there are" '1000' $config --set dataset.count=1001
refused "missing images" 'nothing' $config --set dataset.images=nothing
refused "a chip that is not there" 'nothing' $config --set chip.preset=nothing
refused "a chip file that is not there" 'chip.preset.*chip.yaml' $config --set chip.preset=./chip.yaml
refused "calibration with test images" '8 of the 8 calibration images of .* are test images' $config --set "dataset.calibration=$data/test-1000-images-idx3-ubyte.gz" --set adc.bits=3
refused "other bits than the model has" 'weight_bits is 4' $config --set quantization.weight_bits=4

fails "a folder for predictions that is not there" 1 "$tmp/none/p.npy" "$mho" run --db "$tmp/r.db" $config --set "run.predictions=$tmp/none/p.npy"
mkdir "$tmp/sub" && cp configs/presets/isaac.yaml "$tmp/sub/chip.yaml" && cp configs/devices/ideal.yaml "$tmp/sub/cell.yaml"
write 'chip:' '  preset: ./sub/chip.yaml' 'device:' '  preset: sub/cell.yaml' 'run:' '  accuracy: false'
succeeds "chip and device files lie beside the configuration" "$mho" run "$tmp/own.yaml" --dry-run

# Nothing of all this was stored: the next run is the first.
succeeds "a run after all that works" "$mho" run $config --db "$tmp/r.db" --set dataset.count=2 --json
prints "nothing was stored before" '^ "run_id": 1,'
finish
