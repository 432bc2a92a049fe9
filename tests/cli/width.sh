#!/bin/sh
# What commands print fits a terminal of 80 columns; commands to copy and the words of queries may be longer.
# shellcheck source=tests/support/cli.sh
. "$(dirname "$0")/../support/cli.sh"
export COLUMNS=80
db=$tmp/r.db
lenet="configs/examples/lenet.yaml --set dataset.count=20"

# fits WHAT [PATTERN]: no line of the last output is longer, but for lines of the pattern.
fits() {
    report "$1 in 80 columns" "$(grep -vE "${2:-^$}" "$tmp/out" | awk '{line = $0; gsub(/[\200-\277]/, "", line)} length(line) > 80')"
}

for command in run sweep search report query export merge inspect select tune prune init config components 'components adc' \
    plot 'plot mapping' repro; do
    # shellcheck disable=SC2086
    run "$mho" $command --help
    fits "mho $command --help"
done
run "$mho" components
prints "kinds have what they are, and variants" '^bus +bus within a tile: isaac, puma, wire$'
fits "mho components"
for kind in $(sed -n 's/^\([a-z_]*\) .*/\1/p' "$tmp/out" | grep -v '^adc$'); do
    run "$mho" components "$kind"
    fits "mho components $kind"
done
run "$mho" config configs/examples/noisy.yaml
prints "comments go on below a value" '^ +# configs/quickstart.yaml:4$' '^  count: 100 +# 0 to 1000000000; default 0;$'
fits "mho config" '^  (calibration|images|labels|model): /'
run "$mho" init configs/networks/lenet_int8.onnx -o "$tmp/own.yaml"
cp "$tmp/own.yaml" "$tmp/out"
fits "what mho init writes" '^  # (images|labels): |model: '
# shellcheck disable=SC2086
{
    run "$mho" run $lenet --explain --db "$db"
    prints "a run's explanations wrap" '^/c2/Conv: bit-serial, for sums reach' '^    columns can be cut off$'
    fits "mho run --explain" ' mho run |^Stored'
    run "$mho" run $lenet --dry-run --baseline
    fits "mho run --dry-run" ' mho run '
    run "$mho" run configs/examples/noisy.yaml --set dataset.count=5 --set run.trials=2 --db "$db"
    fits "mho run of trials" ' mho run |^Stored'
}
for arguments in '' '--run 1 --layers' '--run last' '--run 1 --storage' '--compare 1 2'; do
    # shellcheck disable=SC2086
    run "$mho" report $arguments --db "$db"
    fits "mho report $arguments" ' mho '
done
run "$mho" sweep configs/sweeps/search_lenet.yaml --unchecked --dry-run --set run.accuracy=false
prints "a dry run has sections over keys" '^ +crossbar\. +crossbar\. .*adc\.$' '^point +rows +cell_bits +encoding '
fits "mho sweep --dry-run"
run "$mho" search configs/sweeps/search_lenet.yaml --dry-run
fits "mho search --dry-run"
finish
