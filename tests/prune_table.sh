#!/bin/sh
# What pruning with reconstruction loses, beside its limits: points of test accuracy (float, no retraining) on the
# 10,000 Fashion-MNIST test images, mean over seeds, calibrated on 1,024 training images.
# Usage: prune_table.sh BUILD [SEEDS [NETWORK...]]; seeds 1 to SEEDS (3), networks lenet resnet20 vgg8_int8.
# SPLIT=validation in the environment: on training images 50,001 to 60,000 instead, which choices of the method are
# judged on (limits are not); none of them calibrates, but the networks were trained on them. CELLS=REGEX: those alone.
# Exit code 1 where a mean is above its limit. It runs on one core, for about an hour with all networks.
set -eu
root=$(cd "$(dirname "$0")/.." && pwd)
mho=$1/mho
seeds=${2:-3}
[ $# -lt 2 ] || shift
shift
[ $# -gt 0 ] || set -- lenet resnet20 vgg8_int8
models=$root/../shared/models/fashion-mnist
data=/usr/share/datasets/fashion-mnist
if [ ! -d "$models" ] || [ ! -d "$data" ]; then
    echo "skipped: $models or $data is not there"
    exit 0
fi
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# Name, options of section pruning, and the limits for the three networks. Schemes that remove whole columns or
# segments of them leave the last layer alone.
cat >"$work/cells" <<'END'
CP 4x|scheme=column_proportional rate=4|0.6|0.9|0.6
CP 8x|scheme=column_proportional rate=8|1.4|2.6|1.5
CP 16x|scheme=column_proportional rate=16|2.4|6.5|2.8
filter 50 %|scheme=filter rate=2|1.4|2.4|2.8
block rows kept 50 %|scheme=crossbar_row rate=2 columns=128|0.9|1.9|1.1
unstructured 75 %|scheme=unstructured rate=4|0.6|1.0|0.7
unstructured 90 %|scheme=unstructured rate=10|1.5|4.4|1.5
mixed kept 25 %|scheme=mixed_granularity rate=4 columns=128 skip_last=true|1.5|5.4|2.8
END

# figure FILE NAME: a number of a JSON object on one line or many.
figure() {
    grep -o "\"$2\": *[0-9.eE+-]*" "$1" | head -1 | sed 's/.*: *//'
}

# evaluate NETWORK OPTION...: accuracy of the float network, and seconds of pruning, into $work/json.
evaluate() {
    model=$1
    shift
    "$mho" run "$work/point.yaml" --db "$work/r.db" --json --threads 1 --quiet \
        --set "network.model=$models/$model.onnx" "$@" >"$work/json"
}

case ${SPLIT:-test} in
test) part=t10k offset=0 judged=1 ;;
validation) part=train offset=50000 judged=0 ;;
*)
    echo "SPLIT is test or validation, not $SPLIT" >&2
    exit 2
    ;;
esac
cat >"$work/point.yaml" <<END
network: {as: float}
dataset:
  format: idx
  images: $data/$part-images-idx3-ubyte.gz
  labels: $data/$part-labels-idx1-ubyte.gz
  offset: $offset
  count: 10000
  calibration: $data/train-images-idx3-ubyte.gz
  calibration_count: 1024
adc: {bits: lossless}
run: {cost: false}
END

column() {
    case $1 in
    lenet) echo 3 ;;
    resnet20) echo 4 ;;
    *) echo 5 ;;
    esac
}

failed=0
for model in "$@"; do
    evaluate "$model"
    dense=$(figure "$work/json" accuracy_float)
    echo "$model, dense $dense %: points lost, mean of $seeds seeds | limit | seconds of pruning, by the clock"
    while IFS='|' read -r name options lenet resnet20 vgg8; do
        echo "$name" | grep -Eq "${CELLS:-.}" || continue
        limit=$(echo "$name|$options|$lenet|$resnet20|$vgg8" | cut -d'|' -f"$(column "$model")")
        sum=0
        spent=0
        for seed in $(seq "$seeds"); do
            sets=""
            for option in $options; do
                sets="$sets --set pruning.$option"
            done
            # shellcheck disable=SC2086
            evaluate "$model" $sets --set pruning.reconstruct=admm --set "run.seed=$seed"
            sum="$sum + $dense - $(figure "$work/json" accuracy_float)"
            spent="$spent + $(figure "$work/json" time_prune_s)"
        done
        awk -v name="$name" -v limit="$limit" -v judged="$judged" \
            "BEGIN { lost = ($sum) / $seeds; above = judged && lost > limit + 1e-9; printf \"  %-22s %6.2f | %5.1f | %6.1f%s\\n\", name, lost, limit,
                     ($spent) / $seeds, (above ? \"   above its limit\" : \"\")
                     exit above }" || failed=1
    done <"$work/cells"
done
exit $failed
