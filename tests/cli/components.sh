#!/bin/sh
# mho components: models of converters as tables, JSON and plot, and what it refuses.
# shellcheck source=tests/support/cli.sh
. "$(dirname "$0")/../support/cli.sh"

fails_usage() { # WHAT PATTERN COMMAND...: exit code 2 and the pattern in the first line of stderr
    what=$1 pattern=$2
    shift 2
    run "$@"
    if [ "$code" = 2 ] && [ ! -s "$tmp/out" ] && head -n 1 "$tmp/err" | grep -qE "$pattern"; then
        ok "$what"
    else
        not_ok "$what" "exit code $code: $(cat "$tmp/out" "$tmp/err")"
    fi
}
fails_usage "a mistyped kind" 'no kind `acd` \(did you mean `adc`\?\)' "$mho" components acd
fails_usage "a word too many" '`8` is too many' "$mho" components adc 8
succeeds "--help works" "$mho" components --help
prints "--help names converters" 'mho components adc --help' 'mho components adc --bits'
succeeds "adc --help works" "$mho" components adc --help
prints "adc --help has examples" '--plot=FILE' 'mho components adc --model murmann'

# The vectors of ISAAC, FORMS and the survey at 8 bits and 32 nm.
succeeds "all models" "$mho" components adc --bits 3..10
prints "areas" '^   8 +1,200 +1,200 +6,313 +2,085 +1,200 +1,500 +1,200 +750 +n/a +8.4x$'
prints "energies" '^   8 +1.67 +1.67 +1.85 +0.70 +1.57 +2.30 +15.6 +39.8 +0.23 +170x$'
prints "outside their range" '^   3 +262 +203 +n/a ' '^  10 +3,002 .* n/a +1,600'
prints "sources" '^murmann: 4 to 16 bits, follows the process$' \
    '^zigzag: 1 to 16 bits, figures of 28 nm, not scaled$' 'Kull ISSCC 2013'
COLUMNS=80 run "$mho" components adc --bits 3..10
report "all models fit 80 columns" "$(grep -E '.{81}' "$tmp/out")"
succeeds "one model" "$mho" components adc --bits 4 --model murmann --rate 1GHz --node 32nm
prints "one model's figures" '^   4 +4,964 +0.92 +1.00 +0.92 +0.18$'
for setting in "--rate 100MHz" "--node 65nm" "--rows 37" "--supply 0.7V" "--temperature 350K" \
    "--column-resistance 1kohm" "--read-voltage 0.1V"; do
    # shellcheck disable=SC2086
    run "$mho" components adc --bits 8 --json $setting
    cp "$tmp/out" "$tmp/changed"
    run "$mho" components adc --bits 8 --json
    report "$setting changes a figure" "$(sed '/"conditions"/,/}/d' "$tmp/out" >"$tmp/a"
        sed '/"conditions"/,/}/d' "$tmp/changed" >"$tmp/b"
        cmp -s "$tmp/a" "$tmp/b" && echo "the same figures")"
done
prints "--json is in SI units" '^ "models": \[' '"name": "isaac"' '"area_m2": 1.2(0000000)?[0-9]*e-9' \
    '"area_m2": null' '"rate_hz": 1200000000'

fails "bits out of range" 2 'within 1..16' "$mho" components adc --bits 0..3
fails "bits backwards" 2 'such as 3..10' "$mho" components adc --bits 10..3
fails "bits that are none" 2 'such as 3..10' "$mho" components adc --bits 8x
fails "a mistyped model" 2 'did you mean isaac\?' "$mho" components adc --model isac
fails "a model that is none" 2 'there is: all, isaac, forms, .*neurosim-sar' "$mho" components adc --model x
fails "a model outside its range" 2 'murmann holds for 4 to 16 bits, not for 3' \
    "$mho" components adc --model murmann --bits 3
fails "a node without coefficients" 2 'no coefficients for 28 nm: it holds at 130 90' \
    "$mho" components adc --model neurosim-sar --node 28nm
fails "a node without a unit" 2 '--node 32: expected .* with its unit' "$mho" components adc --node 32
fails "a rate of nothing" 2 '--rate 0: expected' "$mho" components adc --rate 0
fails "no rows" 2 '--rows: expected an integer from 1 to 4096, got "0"' "$mho" components adc --rows 0
fails "a plot of another kind" 2 'written as .svg, .png or .pdf' "$mho" components adc --plot "$tmp/x.gif"
fails "a plot nowhere" 1 'cannot write' "$mho" components adc --plot "$tmp/none/x.svg"

mkdir "$tmp/empty"
run env PATH="$tmp/empty" "$mho" components adc --plot "$tmp/x.svg"
if [ "$code" = 1 ] && grep -q '^mho: plots need the program gnuplot, which is not installed' "$tmp/err"; then
    ok "gnuplot missing"
else
    not_ok "gnuplot missing" "exit code $code: $(cat "$tmp/err")"
fi
report "no picture without gnuplot" "$(ls "$tmp/x.svg" 2>/dev/null)"
printf '#!/bin/sh\necho >&2\necho "unknown terminal" >&2\nexit 1\n' >"$tmp/empty/gnuplot"
chmod +x "$tmp/empty/gnuplot"
fails "gnuplot fails" 1 'gnuplot failed: unknown terminal' env PATH="$tmp/empty:$PATH" "$mho" components adc --plot "$tmp/x.svg"
if command -v gnuplot >/dev/null 2>&1; then
    succeeds "a plot" "$mho" components adc --plot "$tmp/x.svg"
    prints "a plot is named" "^Drawn in $tmp/x.svg"
    report "the plot names every model and unit" "$(for word in isaac forms murmann zigzag puma newton mnsim neurram \
        neurosim-sar um2 pJ 'one conversion, ns' bits; do grep -q "$word" "$tmp/x.svg" || echo "$word"; done)"
    report "the plot is whole" "$(tail -n 2 "$tmp/x.svg" | grep -q '</svg>' || echo 'no end')"
    succeeds "a plot of one model without time" "$mho" components adc --model neurram --plot "$tmp/y.svg"
    report "what is not given is told" "$(grep -q 'not given' "$tmp/y.svg" || echo missing)"
else
    skip "plots: gnuplot is not installed"
fi
finish
