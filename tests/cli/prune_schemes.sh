#!/bin/sh
# Every pruning scheme, written by `mho prune`: `mho inspect` of the ONNX file says that each layer
# satisfies the configuration's scheme, with the zeros and ADC bits that a run of the configuration
# reports, and other readers see the masks' zeros and the same weights.
# shellcheck source=tests/support/cli.sh
. "$(dirname "$0")/../support/cli.sh"
base="configs/quickstart.yaml --set network.as=float"
python=python3
[ ! -x /usr/bin/python3 ] || python=/usr/bin/python3 # which has Debian's python3-onnx
readers=
if command -v $python >/dev/null; then
    readers=wire
    $python -c 'import onnx' 2>/dev/null && readers="wire onnx"
fi

# reads READER FILE...: with the reader, the output to $tmp/out; code and errors as `run` leaves them.
reads() {
    reader=$1
    shift
    [ "$reader" = wire ] || set -- --onnx "$@"
    run $python tests/support/onnx_weights.py "$@"
}

# in_file OPTIONS...: name, non-zero weights, lossless, structural, worst bits of each layer of the file.
in_file() {
    "$mho" inspect "$tmp/p.onnx" --config "$@" --json >"$tmp/inspect.json" 2>"$tmp/err" || cat "$tmp/err"
    sed -nE 's/^ *"(name|nonzero_weights|lossless_bits|structural_bits|worst_bits)": *"?([^",]*)"?,?$/\1 \2/p' \
        "$tmp/inspect.json" | awk '$1 == "name" {inside = 1; printf "%s", $2}
            inside && $1 != "name" {printf "|%s", $2}
            $1 == "worst_bits" && inside {print ""; inside = 0}'
}

# in_run OPTIONS...: the same, as a run of the configuration stores it.
in_run() {
    rm -f "$tmp"/r.db*
    "$mho" run "$@" --set run.accuracy=false --set run.cost=false --set adc.bits=lossless --quiet \
        --db "$tmp/r.db" >"$tmp/out" 2>"$tmp/err" || cat "$tmp/err"
    sqlite3 "$tmp/r.db" 'SELECT layer, nonzero_weights, lossless_bits, structural_bits, worst_bits
        FROM layer_summary ORDER BY position'
}

# scheme NAME RATE OPTIONS...: in one shot, so that what is kept is as in dense.onnx, and 8 bits give
# back the codes of the int8 model: a run counts the same zeros.
scheme() {
    what="$1${2:+ at $2}" name=$1 rate=${2:-'~'}
    shift 2
    set -- --set "pruning.scheme=$name" --set "pruning.rate=$rate" "$@"
    # shellcheck disable=SC2086
    succeeds "$what: written" "$mho" prune $base "$@" -o "$tmp/p.onnx" --masks "$tmp/m.npz"
    # shellcheck disable=SC2086
    in_file $base "$@" >"$tmp/file"
    report "$what: every layer satisfies it" \
        "$(grep -E '"scheme": "(broken|unknown)"|scheme_broken_by": "' "$tmp/inspect.json"
            [ "$(grep -c '"scheme": "satisfied"' "$tmp/inspect.json")" = 21 ] || echo 'not 21 layers')"
    # shellcheck disable=SC2086
    in_run $base --set dataset.calibration=~ "$@" >"$tmp/run"
    report "$what: zeros and ADC bits as in a run" "$(diff "$tmp/run" "$tmp/file" 2>&1)"
    for reader in $readers; do
        reads "$reader" "$tmp/p.onnx" "$tmp/m.npz" "$tmp/dense.onnx"
        report "$what: zeros and weights as another reader sees them ($reader)" \
            "$(cat "$tmp/err"; [ "$(wc -l <"$tmp/out")" = 21 ] || cat "$tmp/out")"
    done
}

# shellcheck disable=SC2086
run "$mho" prune $base --set pruning.scheme=unstructured --set pruning.rate=1 -o "$tmp/dense.onnx"
for name in unstructured column_proportional filter channel shape kernel crossbar_row crossbar_column row_and_column bcr \
    block_punched mixed_granularity; do
    scheme $name 3
done
scheme pattern ''
scheme polarization '' --set pruning.fragment_rows=5
scheme filter+column_proportional '[2,4]' --set pruning.rows=37
scheme pattern+kernel 2
scheme shape+polarization 2
scheme filter+mixed_granularity '[1.5,3]' --set mapping.encoding=offset --set crossbar.rows=64
case $readers in
*onnx*) ;;
*wire*) skip "zeros as python3-onnx sees them: it is not installed" ;;
*) skip "zeros as another reader sees them: no python3" ;;
esac

# Fitted weights: the file says what the run of the same configuration does.
fitted="$base --set pruning.scheme=filter+column_proportional --set pruning.rate=[2,4] --set pruning.reconstruct=admm \
    --set pruning.samples=500 --set dataset.calibration_count=32"
# shellcheck disable=SC2086
{
    succeeds "fitted: written" "$mho" prune $fitted -o "$tmp/p.onnx" --masks "$tmp/m.npz"
    in_file $fitted >"$tmp/file"
    report "fitted: every layer satisfies it" "$(grep -E '"scheme": "(broken|unknown)"' "$tmp/inspect.json")"
    in_run $fitted >"$tmp/run"
    report "fitted: ADC bits as in a run" "$(cut -d'|' -f1,3- "$tmp/file" >"$tmp/a"
        cut -d'|' -f1,3- "$tmp/run" | diff - "$tmp/a" 2>&1)"
    for reader in $readers; do
        reads "$reader" "$tmp/p.onnx" "$tmp/m.npz"
        report "fitted: zeros as another reader sees them ($reader)" "$([ "$code" = 0 ] || cat "$tmp/err")"
    done

    # What does not satisfy it is named, and where; layers that compete or shrank cannot be judged alone.
    run "$mho" inspect "$tmp/dense.onnx" --config $base --set pruning.scheme=column_proportional --set pruning.rate=8
    report "a dense file does not satisfy 8x: exit code 1" "$([ "$code" = 1 ] || echo "$code")"
    prints "the first place that does not" '^body.0/c1 .* broken$' '^stem.0 .* dense$' \
        '^broken: layer /body/body.0/c1/Conv is not pruned by column_proportional: rows 0 to 127 of column 0 hold .* 16 are'
    succeeds "layers that compete" "$mho" inspect "$tmp/p.onnx" --config $base --set pruning.scheme=unstructured \
        --set pruning.rate=2 --set pruning.scope=global
    prints "layers that compete are not judged" '^body.0/c1 .* unknown$'
    succeeds "layers that shrink" "$mho" inspect "$tmp/p.onnx" --config $base --set pruning.scheme=filter --set pruning.rate=2 \
        --set pruning.purify=true
    prints "layers that shrink are not judged" '^body.0/c1 .* unknown$'
}
finish
