#!/bin/sh
# Rounding joined to the fit (pruning.round): what it wins at 2 bits, with nothing pruned and with
# filters gone, and that the codes survive the written ONNX file.
# shellcheck source=tests/support/cli.sh
. "$(dirname "$0")/../support/cli.sh"
small="--set network.as=float --set pruning.reconstruct=least_squares --set pruning.samples=3000
    --set dataset.calibration_count=300 --set dataset.count=300 --set quantization.weight_bits=2 --set run.cost=false"

# accuracy CONFIG OPTIONS...: in percent.
accuracy() {
    # shellcheck disable=SC2086
    "$mho" run "$@" $small --json --quiet --db "$tmp/r.db" 2>"$tmp/err" | sed -nE 's/^ *"accuracy_ideal": ([0-9.]+).*/\1/p' | head -n 1
}

# above NAME A B: whether A > B.
above() {
    report "$1" "$(awk -v a="$2" -v b="$3" 'BEGIN {if (!(a > b)) print a, "is not above", b}')"
}

lenet=configs/examples/lenet.yaml
nearest=$(accuracy $lenet)
fitted=$(accuracy $lenet --set pruning.round=fitted)
above "2-bit weights to the nearest level ruin LeNet-5 ($nearest %)" 60 "$nearest"
above "rounded while fitted they do not ($fitted %)" "$fitted" 85
pruned="--set pruning.scheme=filter --set pruning.rate=2 --set pruning.purify=true --set pruning.round=fitted"
# shellcheck disable=SC2086
filters=$(accuracy $lenet $pruned)
above "nor with half the filters gone ($filters %)" "$filters" 75
# shellcheck disable=SC2086
succeeds "prune writes the rounded weights" "$mho" prune $lenet -o "$tmp/p.onnx" $small $pruned --quiet
again=$(accuracy $lenet --set network.model="$tmp/p.onnx" --set pruning.reconstruct=none)
report "quantised anew they are the same" "$([ "$again" = "$filters" ] || echo "$again, not $filters")"
fails "nothing to fit" 2 'pruning.round=fitted .*rounds fitted weights: set pruning.reconstruct' \
    "$mho" run $lenet --set network.as=float --set pruning.round=fitted --db "$tmp/r.db"
fails "a quantised model" 2 'for pruning.reconstruct, pruning.score, pruning.round' \
    "$mho" run $lenet --set pruning.round=fitted --set pruning.reconstruct=admm --db "$tmp/r.db"
finish
