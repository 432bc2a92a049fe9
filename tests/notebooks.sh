#!/bin/sh
# Runs every notebook of results/notebooks from its first cell to its last, on a small database made
# by the commands that the notebook names, with fewer images. Usage: notebooks.sh BUILD. The last line
# is `N passed, N failed, N skipped`. Needs jupyter-nbconvert, python3-ipykernel, python3-pandas and
# python3-matplotlib; without them everything is skipped.
# shellcheck source=tests/lib.sh
. "$(dirname "$0")/lib.sh"
cd "$(dirname "$0")/.." || exit 1
mho=$1/mho
notebooks=results/notebooks
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
trap 'exit 1' HUP INT TERM
export HOME="$tmp"

# Data of a notebook, in the database $db.
quickstart_data() {
    for rows in 64 128; do
        for bits in 4 lossless; do
            "$mho" run configs/examples/lenet.yaml --set run.name=quickstart --set dataset.count=50 \
                --set "crossbar.rows=$rows" --set "adc.bits=$bits" --db "$db" --quiet || return 1
        done
    done
}

# The same sweep, thinned.
crossbar_vs_adc_data() {
    sed -e "s#^base: .*#base: $PWD/configs/quickstart.yaml#" -e 's/\[32, 64, 128, 256, 512\]/[32, 128]/' \
        -e 's/\[1, 2, 4\]/[2]/' -e 's/adc.bits: .*/adc.bits: [4, lossless]/' -e '/cp8:\|cp16:/d' \
        configs/sweeps/crossbar_vs_adc.yaml >"$tmp/crossbar_vs_adc.yaml"
    "$mho" sweep "$tmp/crossbar_vs_adc.yaml" --set dataset.count=10 --unchecked --db "$db" --quiet
}

tinyadc_data() {
    "$mho" repro tinyadc --db "$db" &&
        for bits in 4 5; do
            "$mho" run configs/examples/vgg8_cp16.yaml --set run.name=tinyadc_bits --set "adc.bits=$bits" \
                --set dataset.count=20 --db "$db" --quiet || return 1
        done
}

# The schemes on LeNet-5, pruned in one shot.
mixed_granularity_data() {
    sed -e "s#^base: .*#base: $PWD/configs/examples/lenet.yaml#" -e 's/dataset.count: .*/dataset.count: 20/' \
        -e 's/run.detail: .*/network.as: float/' configs/sweeps/mixed_granularity.yaml >"$tmp/mixed_granularity.yaml"
    "$mho" sweep "$tmp/mixed_granularity.yaml" --unchecked --db "$db" --quiet
}

# execute NAME: in a copy, so that nothing is written beside the notebook.
execute() {
    cp "$notebooks/$1.ipynb" "$notebooks/mho_results.py" "$tmp" &&
        (cd "$tmp" && MHO_DB=$db jupyter-nbconvert --ExecutePreprocessor.timeout=-1 --to notebook --execute --inplace "$1.ipynb")
}

test_notebook() {
    db=$tmp/$1.db
    if grep -q '"output_type"\|"execution_count": [0-9]' "$notebooks/$1.ipynb"; then
        not_ok "$1: is committed without outputs"
    else
        ok "$1: is committed without outputs"
    fi
    if ! "$1_data" >"$tmp/log" 2>&1; then
        not_ok "$1: its data are made" "$(tail -n 5 "$tmp/log")"
    elif ! execute "$1" >"$tmp/log" 2>&1; then
        not_ok "$1: runs to its end" "$(grep -v '^[0-9.]*s - ' "$tmp/log" | tail -n 25)"
    elif ! grep -q '"image/png"' "$tmp/$1.ipynb"; then
        not_ok "$1: draws something"
    else
        ok "$1: runs to its end, and draws"
    fi
}

all() {
    if ! command -v jupyter-nbconvert >/dev/null || ! [ -x /usr/bin/python3 ] ||
        ! /usr/bin/python3 -c 'import pandas, matplotlib, ipykernel' 2>/dev/null; then
        skip "notebooks: jupyter-nbconvert, python3-ipykernel, python3-pandas or python3-matplotlib is missing"
        return
    fi
    for notebook in "$notebooks"/*.ipynb; do
        test_notebook "$(basename "$notebook" .ipynb)"
    done
}

all | tee "$tmp/all"
count() {
    grep -c "^$1" "$tmp/all"
}
echo "$(count ok) passed, $(count 'not ok') failed, $(count skip) skipped"
[ "$(count 'not ok')" = 0 ]
