#!/bin/sh
# mho tune: a screen, JSON, a configuration that can be run; wrong numbers and keys.
# shellcheck source=tests/support/cli.sh
. "$(dirname "$0")/../support/cli.sh"
lenet=configs/examples/lenet.yaml
fast="--set dataset.count=100 --set adc.bits=lossless --set pruning.scheme=column_proportional"
# shellcheck disable=SC2086
{
    succeeds "a search" "$mho" tune $lenet $fast --loss 8 --within 3 -o "$tmp/t.yaml"
    prints "what was tried, and what was found" '^ *number +accuracy' ' chosen$' '^Unpruned, the network has .* of 100 images' \
        '^pruning.rate=[0-9.]+ loses [0-9.]+ points, where 8 \+- 3' "^Wrote $tmp/t.yaml: +mho run "
    rate=$(grep -oE '^pruning.rate=[0-9.]+' "$tmp/out" | cut -d= -f2)
    succeeds "what was written runs" "$mho" run "$tmp/t.yaml" --db "$tmp/r.db"
    succeeds "the same as JSON" "$mho" tune $lenet $fast --loss 8 --within 3 --json
    prints "JSON has the same number" "\"number\": $rate" '"images": 100' '"best": \{'
    run "$mho" tune $lenet $fast --loss 0 --within 0 --from 30 --evaluations 1
    if [ "$code" = 1 ] && [ ! -s "$tmp/err" ] && grep -q '^Nothing that was tried loses at most 0 points' "$tmp/out"; then
        ok "where nothing is good enough, that is said, and the exit code is 1"
    else
        not_ok "where nothing is good enough, that is said, and the exit code is 1" "exit code $code: $(cat "$tmp/out" "$tmp/err")"
    fi
    prints "more evaluations would help" '^give more --evaluations.$'
    COLUMNS=200 run "$mho" tune $lenet $fast --loss 0 --within 0 --from 3.98 --to 4
    prints "a smaller number would help" 'loses at most 0 points.* Allow more loss, or give a smaller --from\.$'
    COLUMNS=200 run "$mho" tune $lenet $fast --loss 0 --within 0 --from 1 --to 1.009 --set pruning.scheme=filter
    prints "rates start at 1" 'Allow more loss, or let the weights that stay be fitted: --set pruning.reconstruct=admm.$|pruning.rate=1 loses'
    fails "a loss that is none" 2 '--loss much: expected a number from 0 to 100' "$mho" tune $lenet $fast --loss much
    fails "no evaluations" 2 '--evaluations 0: expected a number from 1 to' "$mho" tune $lenet $fast --evaluations 0
    fails "a range upside down" 2 'expected 0 < from < to' "$mho" tune $lenet $fast --from 4 --to 2
    fails "a setting without a number" 2 'has no % to put a number in' "$mho" tune $lenet $fast --vary pruning.rate=2
    fails "a key that is none" 2 'did you mean' "$mho" tune $lenet $fast --vary pruning.rte=%
    fails "a folder that is not there" 1 'none/t.yaml' "$mho" tune $lenet $fast -o "$tmp/none/t.yaml"
}
finish
