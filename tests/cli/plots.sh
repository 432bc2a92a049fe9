#!/bin/sh
# mho plot of stored runs: what gnuplot's pictures hold, and what is refused.
# shellcheck source=tests/support/cli.sh
. "$(dirname "$0")/../support/cli.sh"
db="$tmp/q.db"
for settings in "32 4" "32 lossless" "64 4" "64 lossless"; do
    "$mho" run configs/examples/lenet.yaml -q --set dataset.count=20 --set "crossbar.rows=${settings% *}" --set "adc.bits=${settings#* }" \
        --db "$db" >/dev/null || not_ok "run $settings"
done

# Refusals need no gnuplot, or come before it.
plot() {
    "$mho" plot "$@" --db "$db"
}
misused() { # WHAT PATTERN ARGUMENTS...
    what=$1 pattern=$2
    shift 2
    run plot "$@"
    report "refused: $what" "$([ "$code" = 2 ] && [ ! -s "$tmp/out" ] && head -n 1 "$tmp/err" | grep -qE -- "$pattern" || cat "$tmp/err")"
}
misused "no kind" 'what to draw is missing: pareto'
misused "another kind" 'no plot `paretto` \(did you mean `pareto`' paretto -o "$tmp/x.svg"
misused "no file" '-o FILE is missing' pareto
misused "no ending" 'written as .svg, .png or .pdf' pareto -o "$tmp/x.gif"
misused "two" 'is too many' pareto lines -o "$tmp/x.svg"
misused "an option of others" '--by is nothing for a plot `heatmap`' heatmap --by adc.bits -o "$tmp/x.svg"
misused "a direction where there is none" '--minimize is nothing for a plot `lines`' lines --minimize -o "$tmp/x.svg"
misused "half a formula" 'formula:1:10: a formula: expected .* ends here' pareto --x 'area_m2 *' -o "$tmp/x.svg"
misused "a formula of what is not there" 'did you mean `area_m2`' pareto --x 'area_m9 * 2' -o "$tmp/x.svg"
misused "runs of many" '--run is nothing for a plot `heatmap`' heatmap --run 1 -o "$tmp/x.svg"
misused "a statistic" '--stat median: there are mean, min and max' lines --stat median -o "$tmp/x.svg"
misused "an unknown quantity" 'did you mean `energy_per_inference_j`' lines --y energy_per_inferense_j -o "$tmp/x.svg"
misused "a filter that leaves nothing" '--where leaves none of the 4 done runs' pareto --where adc.bits=9 -o "$tmp/x.svg"
misused "words for numbers" '`adc.bits` is no number \(run 2: lossless\)' pareto --x adc.bits -o "$tmp/x.svg"
misused "many runs on one place" '2 runs have crossbar.rows = 32: they differ in adc.bits; draw a line for each with --by adc.bits, choose with --where, or say --stat' lines -o "$tmp/x.svg"
misused "two runs where one is" 'a plot `layers` shows 1 run at most' layers --run 1,2 -o "$tmp/x.svg"
misused "an unknown run" 'has no run 9' breakdown --run 1,9 -o "$tmp/x.svg"
misused "an unknown layer" 'run 1 has no layer `c9`' histogram --run 1 --layer c9 -o "$tmp/x.svg"
misused "no histogram" 'run 2 has no histogram of layer' histogram --run 2 -o "$tmp/x.svg"
fails "no database" 2 'there is no database' "$mho" plot pareto -o "$tmp/x.svg" --db "$tmp/none.db"
fails "no gnuplot" 1 'plots need the program gnuplot.*apt-get install gnuplot-nox' /usr/bin/env PATH=/nowhere "$mho" plot pareto -o "$tmp/x.svg" --db "$db"
report "a refusal leaves no file" "$(ls "$tmp"/x.* 2>/dev/null)"
"$mho" run configs/examples/lenet.yaml -q --set run.accuracy=false --set run.detail=totals --db "$tmp/totals.db" >/dev/null
fails "no accuracy" 2 'none of 1 run has a value of `accuracy_mean`|no parameter or metric `accuracy_mean`' "$mho" plot pareto -o "$tmp/x.svg" --db "$tmp/totals.db"
fails "no components" 2 'run 1 has no components' "$mho" plot breakdown -o "$tmp/x.svg" --db "$tmp/totals.db"
fails "no layers" 2 'run 1 has no layers' "$mho" plot layers -o "$tmp/x.svg" --db "$tmp/totals.db"

if ! command -v gnuplot >/dev/null 2>&1; then
    skip "pictures: gnuplot is not installed"
    finish
fi
# marks N FILE: how many points of type N a picture of gnuplot holds (its definition is one more).
marks() {
    echo $(($(grep -o "gpPt$1'" "$2" | wc -l) - 1))
}
# texts WHAT FILE TEXT...: the picture holds every text.
texts() {
    what=$1 file=$2
    shift 2
    for text in "$@"; do
        grep -q ">[^<]*$text" "$file" || { not_ok "$what" "no $text in $(grep -oE '>[^<>]{2,}<' "$file" | head -60 | tr '\n' ' ')"; return; }
    done
    ok "$what"
}
succeeds "pareto" plot pareto -o "$tmp/pareto.svg"
# Four runs, grey, and the front over them, which --view pareto has at least.
front=$("$mho" query "SELECT count(*) FROM run_summary AS s WHERE NOT EXISTS (SELECT 1 FROM run_summary AS o WHERE
    o.area_mm2 <= s.area_mm2 AND o.accuracy_mean >= s.accuracy_mean AND (o.area_mm2 < s.area_mm2 OR o.accuracy_mean > s.accuracy_mean))" --csv --db "$db" | tail -n 1)
report "pareto has every run and the front" "$([ "$(marks 6 "$tmp/pareto.svg")" = $((4 + front)) ] || echo "$(marks 6 "$tmp/pareto.svg") of 4 + $front")"
texts "pareto has units and names" "$tmp/pareto.svg" 'Accuracy (%)' 'Area (mm²)' '64 rows, 4 bits' "4 runs, grey; blue: $front"
# What is wrong should be small where what is right should be large: the same front, by a formula.
succeeds "two that should be small" plot pareto --y 'wrong = (100 - accuracy_mean) / 100' --minimize -o "$tmp/small.svg"
texts "a formula has its name, and its front" "$tmp/small.svg" 'Wrong<' '64 rows, 4 bits<' "4 runs, grey; blue: $front that"
succeeds "the other way round" plot pareto --y 'wrong = (100 - accuracy_mean) / 100' -o "$tmp/large.svg"
report "it has another front" "$([ "$(marks 6 "$tmp/large.svg")" != "$(marks 6 "$tmp/small.svg")" ] || marks 6 "$tmp/large.svg")"
succeeds "a front for each resolution" plot pareto --by adc.bits -o "$tmp/by.svg"
report "they have marks of their own" "$([ "$(marks 6 "$tmp/by.svg")" = 3 ] && [ "$(marks 4 "$tmp/by.svg")" = 3 ] || echo "$(marks 6 "$tmp/by.svg") $(marks 4 "$tmp/by.svg")")"
texts "and are named" "$tmp/by.svg" '4 bits<' 'lossless<' '4 runs; lines: what no other of the colour beats'
succeeds "lines" plot lines --by adc.bits -o "$tmp/lines.svg"
report "a line a resolution, with its own marks" "$([ "$(marks 6 "$tmp/lines.svg")" = 2 ] && [ "$(marks 4 "$tmp/lines.svg")" = 2 ] || echo "$(marks 6 "$tmp/lines.svg") $(marks 4 "$tmp/lines.svg")")"
texts "lines have units and names" "$tmp/lines.svg" 'Energy per inference (µJ)' 'Crossbar rows' '4 bits' 'lossless' '32<'
succeeds "a statistic" plot lines --stat min -o "$tmp/min.svg"
texts "a statistic is told" "$tmp/min.svg" 'min of up to 2 runs'
succeeds "heatmap" plot heatmap --value area_mm2 --where 'crossbar.rows>=32' -o "$tmp/heatmap.svg"
cells=$("$mho" query "SELECT printf('%.2f', area_mm2) FROM run_summary" --csv --db "$db" | tail -n +2)
# shellcheck disable=SC2086
texts "a cell holds the stored figure" "$tmp/heatmap.svg" $cells 'ADC bits' 'Area (mm²) by crossbar rows' 'crossbar.rows>=32'
succeeds "breakdown" plot breakdown --run 1,4 -o "$tmp/breakdown.svg"
total=$("$mho" query "SELECT printf('%.3g', area_mm2) FROM run_summary WHERE run_id = 4" --csv --db "$db" | tail -n 1)
texts "breakdown has totals, runs and parts" "$tmp/breakdown.svg" "$total<" '64 rows, lossless' 'ADC<' 'others' 'Energy of an inference (µJ)'
succeeds "layers" plot layers --run 3 -o "$tmp/layers.svg"
energy=$("$mho" query "SELECT printf('%.3g', energy_j * 1e6) FROM layer_summary WHERE run_id = 3 AND position = 1" --csv --db "$db" | tail -n 1)
texts "layers have figures and names" "$tmp/layers.svg" "$energy<" 'Energy (µJ)' 'Cells in use (%)' 'c1<' 'f2<'
succeeds "histogram" plot histogram --run 1 --layer c2 --title "The second's sums" -o "$tmp/histogram.svg"
texts "histogram has the levels, and its title" "$tmp/histogram.svg" "The second's sums" 'the 16 levels of 4 bits (clip), 0 to 15' ',[0-9][0-9][0-9] conversions on' 'Share of conversions'
for transfer in full_range calibrated nonuniform; do
    "$mho" run configs/examples/lenet.yaml -q --set dataset.count=20 --set adc.bits=3 --set adc.transfer=$transfer --db "$db" >/dev/null
    succeeds "levels of $transfer" plot histogram --layer c2 -o "$tmp/$transfer.svg"
    texts "levels of $transfer are told" "$tmp/$transfer.svg" "the 8 levels of 3 bits ($transfer)"
done
# S_bound = 128 rows x (2^2 - 1) x (2^1 - 1).
texts "full_range reaches the bound" "$tmp/full_range.svg" '0 to 384'
succeeds "a PNG" plot heatmap --where adc.bits=lossless --stat max -o "$tmp/x.png"
report "a PNG is one" "$([ "$(head -c 8 "$tmp/x.png" | od -An -tx1 | tr -d ' \n')" = 89504e470d0a1a0a ] || echo no)"
succeeds "a PDF" plot pareto --x energy_per_inference_j -o "$tmp/x.pdf"
report "a PDF is one" "$(head -c 5 "$tmp/x.pdf" | grep -qx '%PDF-' || echo no)"
if command -v rsvg-convert >/dev/null 2>&1; then
    for name in pareto lines heatmap breakdown layers histogram; do
        report "$name.svg is read by others" "$(rsvg-convert "$tmp/$name.svg" -o "$tmp/$name.png" 2>&1)"
    done
fi
finish
