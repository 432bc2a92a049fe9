#!/bin/sh
# The predicted classes of every int8 model in ../shared/models, with ADCs that lose nothing, against
# those of an independent runtime (NAME.pred.npy). Usage: models.sh BUILD IMAGES. Prints a table; a
# model may differ on a few of 10,000 images, for runtimes order float operations differently. Then one
# network through ADCs that lose something, against accuracies of an independent implementation; and, on
# all 10,000 images, float models quantised by mho against the accuracies of their int8 versions.
here=$(cd "$(dirname "$0")" && pwd)
# shellcheck source=tests/lib.sh
. "$here/lib.sh"
cd "$here/.." || exit 1
build=$1 images=$2 shared=../shared
fashion=/usr/share/datasets/fashion-mnist
[ -d $shared/models ] || { skip "models: $shared/models is absent"; finish; }
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
trap 'exit 1' INT TERM

# allowed NAME: how many images may differ.
allowed() {
    case $1 in
    lenet* | vgg*) echo 0 ;;
    mobilenet*) echo 5 ;;
    *) echo 2 ;;
    esac
}

# configuration MODEL DATA: the YAML of one run.
configuration() {
    cat <<YAML
network: {model: $PWD/$1}
dataset:
$2
  count: $images
crossbar: {rows: 128, columns: 128, cell_bits: 2}
adc: {bits: lossless}
run: {cost: false, predictions: predictions.npy}
YAML
}

# check DIRECTORY DATA: every int8 model of one directory.
check() {
    for model in "$1"/*_int8.onnx; do
        name=$(basename "$model" .onnx)
        configuration "$model" "$2" >"$work/run.yaml"
        rm -f "$work/predictions.npy"
        if ! output=$("$build/mho" run "$work/run.yaml" --db "$work/models.db" 2>&1); then
            not_ok "$(basename "$1")/$name: mho failed" "$output"
            continue
        fi
        if ! output=$("$build/tests/npy_diff" "$work/predictions.npy" "$1/$name.pred.npy" 2>&1); then
            not_ok "$(basename "$1")/$name" "$output"
            continue
        fi
        row=$(printf '%-14s %-18s %5d of %5d differ, %d allowed' "$(basename "$1")" "$name" \
            "${output% *}" "${output#* }" "$(allowed "$name")")
        if [ "${output% *}" -gt "$(allowed "$name")" ] || [ "${output#* }" != "$images" ]; then
            not_ok "$row"
        else
            ok "$row"
        fi
    done
}

# limited TRANSFER BITS PERCENT: ResNet-20 on the first 100 images of CIFAR-10 through ADCs that lose
# something, against the accuracy that an independent implementation gives.
limited() {
    output=$("$build/mho" run "$work/limited.yaml" --db "$work/models.db" --json \
        --set "adc.transfer=$1" --set "adc.bits=$2" 2>&1)
    if echo "$output" | grep -q "^ \"accuracy_top1\": $3,"; then
        ok "resnet20_int8, $2-bit $1: $3 % of 100 images"
    else
        not_ok "resnet20_int8, $2-bit $1: not $3 %" "$(echo "$output" | grep -E '^ "accuracy_top1|^mho')"
    fi
}

# quantised MODEL DATA CALIBRATION PERCENT: a float model, quantised by mho with images of the training
# set, is within 0.3 points of PERCENT, which its int8 version has (the table of the reference models).
quantised() {
    name=$(basename "$(dirname "$1")")/$(basename "$1" .onnx)
    configuration "$1" "$2
  calibration: $3" | sed '/predictions/s/, predictions: [^}]*//' >"$work/float.yaml"
    output=$("$build/mho" run "$work/float.yaml" --db "$work/models.db" --json 2>&1)
    accuracy=$(echo "$output" | sed -n 's/^ "accuracy_top1": \([0-9.]*\),$/\1/p')
    if [ -n "$accuracy" ] && echo "$accuracy $4" | awk '{d = $1 - $2; exit d > 0.3 || d < -0.3}'; then
        ok "$name, float, quantised here: $accuracy %, int8 version $4 %"
    else
        not_ok "$name, float, quantised here: ${accuracy:-no accuracy} %, int8 version $4 %" \
            "$(echo "$output" | grep '^mho')"
    fi
}

if [ -d $fashion ]; then
    data="  format: idx
  images: $fashion/t10k-images-idx3-ubyte.gz
  labels: $fashion/t10k-labels-idx1-ubyte.gz"
    check $shared/models/fashion-mnist "$data"
    if [ "$images" = 10000 ]; then
        training=$fashion/train-images-idx3-ubyte.gz
        quantised $shared/models/fashion-mnist/lenet.onnx "$data" $training 91.81
        quantised $shared/models/fashion-mnist/mobilenet.onnx "$data" $training 93.57
        quantised $shared/models/fashion-mnist/resnet20.onnx "$data" $training 94.88
    fi
else
    skip "models: dataset-fashion-mnist is not installed"
fi
if xz -dc $shared/data/cifar10/test_batch.bin.xz >"$work/test_batch.bin" 2>/dev/null; then
    cifar10="  format: cifar10
  images: $work/test_batch.bin
  mean: [.4914, .4822, .4465]
  std: [.2470, .2435, .2616]"
    check $shared/models/cifar10 "$cifar10"
    if [ "$images" = 10000 ]; then
        xz -dc $shared/data/cifar10/calib_batch.bin.xz >"$work/calib_batch.bin"
        quantised $shared/models/cifar10/resnet20.onnx "$cifar10" "$work/calib_batch.bin" 88.94
    fi
    if [ "$images" -ge 100 ]; then
        images=100
        configuration $shared/models/cifar10/resnet20_int8.onnx "$cifar10" >"$work/limited.yaml"
        limited clip 6 85
        limited clip 5 84
        limited clip 4 36
        limited full_range 8 82
        limited full_range 6 9
    fi
else
    skip "models: no CIFAR-10 data, or no xz"
fi
if [ "$2" = 10000 ]; then
    what="compaction: every strategy gives the logits of ideal integers on 100 images of each model"
    if output=$(MHO_TEST_IMAGES=100 "$build/tests/mho-tests" compaction_models 2>&1); then
        ok "$what"
    else
        not_ok "$what" "$output"
    fi
    what="time: both models agree within 10 % on chips of many small tiles too, or a sentence says why"
    if output=$(MHO_TEST_TILES=10000 "$build/tests/mho-tests" pipeline_models 2>&1); then
        ok "$what"
    else
        not_ok "$what" "$output"
    fi
fi
finish
