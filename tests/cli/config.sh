#!/bin/sh
# mho config: the resolved configuration, and that it is one.
# shellcheck source=tests/support/cli.sh
. "$(dirname "$0")/../support/cli.sh"

succeeds "config works" "$mho" config configs/examples/lenet.yaml --set crossbar.rows=37
prints "config shows values and origins" '^  rows: 37 .*--set' '^  columns: 128 +# 1 to 4096; default' '^ +# configs/quickstart.yaml:[0-9]+$' \
    '^ +# configs/examples/lenet.yaml:4$' '^  percentile: .*default'
cp "$tmp/out" "$tmp/resolved.yaml"
succeeds "what config prints is a configuration" "$mho" config "$tmp/resolved.yaml"
# A file's name is its experiment's, and rows of two experiments are two: name both the same.
succeeds "and gives the same result" "$mho" run configs/examples/lenet.yaml --set crossbar.rows=37 \
    --set run.name=point --dry-run --json
grep point_hash "$tmp/out" >"$tmp/first"
run "$mho" run "$tmp/resolved.yaml" --set run.name=point --dry-run --json
grep point_hash "$tmp/out" >"$tmp/second"
report "its point hash is the same" "$(cmp "$tmp/first" "$tmp/second" 2>&1)"
fails "config refuses a mistyped key" 2 'did you mean' "$mho" config configs/quickstart.yaml --set adc.bit=3
fails "config of nothing" 2 'nothing.yaml' "$mho" config nothing.yaml
finish
