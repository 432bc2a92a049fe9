#!/bin/sh
# mho plot mapping: pictures of a mapping. (plots.sh: of stored runs.)
# shellcheck source=tests/support/cli.sh
. "$(dirname "$0")/../support/cli.sh"

succeeds "plot --help works" "$mho" plot --help
prints "plot --help has examples" 'mho plot mapping configs/quickstart.yaml -o mapping.svg'
lenet=configs/examples/lenet.yaml

# tiles FILE: how many arrays the picture has; the legend shows one more.
tiles() {
    echo $(($(grep -o 'class="f"/>' "$1" | wc -l) - 1))
}
succeeds "plot mapping works" "$mho" plot mapping $lenet -o "$tmp/none.svg"
run "$mho" run $lenet --dry-run --json
arrays=$(sed -n 's/^ "crossbars": \([0-9]*\),$/\1/p' "$tmp/out")
if [ -n "$arrays" ] && [ "$(tiles "$tmp/none.svg")" = "$arrays" ]; then
    ok "every array is a tile ($arrays)"
else
    not_ok "every array is a tile" "$(tiles "$tmp/none.svg") of ${arrays:-?}"
fi
report "four layers have a colour each, and the legend the first" \
    "$(grep -o '<g fill="#[0-9A-F]*"' "$tmp/none.svg" | sort | uniq -c | awk '{print $1}' | sort -n | tr '\n' ' ' | grep -v '^1 1 1 2 $')"
succeeds "compaction draws fewer" "$mho" plot mapping $lenet --set mapping.compaction=rows_columns \
    --set pruning.scheme=row_and_column --set pruning.rate=4 -o "$tmp/few.svg"
if [ "$(tiles "$tmp/few.svg")" -lt "$(tiles "$tmp/none.svg")" ] && grep -q 'without compaction' "$tmp/few.svg"; then
    ok "fewer tiles, and how many there were"
else
    not_ok "fewer tiles, and how many there were" "$(tiles "$tmp/few.svg")"
fi
succeeds "arrays of several sizes" "$mho" plot mapping $lenet --set crossbar.choose=energy \
    --set 'crossbar.sizes=16x32,128x128' --set 'layers./f2/*.crossbar.sizes=16x32' -o "$tmp/sizes.svg"
if grep -q 'width="4" height="2" class="f"' "$tmp/sizes.svg"; then
    ok "tiles are as large as their arrays, 16x32 beside 128x128"
else
    not_ok "tiles are as large as their arrays" "$(grep -o '<rect[^>]*class="f"/>' "$tmp/sizes.svg" | tail -3)"
fi
report "and are told apart" "$(grep -c ', 16x32, ' "$tmp/sizes.svg" | grep -v '^1$')"
if command -v rsvg-convert >/dev/null 2>&1; then
    report "the picture is an SVG that others read" "$(rsvg-convert "$tmp/few.svg" -o "$tmp/few.png" 2>&1)"
else
    skip "the picture is not drawn: rsvg-convert is not installed"
fi

# misused WHAT PATTERN COMMAND...: exit code 2, and a line on stderr with the pattern.
misused() {
    what=$1 pattern=$2
    shift 2
    run "$@"
    if [ "$code" = 2 ] && [ ! -s "$tmp/out" ] && grep -qE "^mho plot( mapping)?: .*($pattern)" "$tmp/err"; then
        ok "$what"
    else
        not_ok "$what" "exit code $code: $(cat "$tmp/err")"
    fi
}
misused "plot nothing" 'what to draw is missing' "$mho" plot
misused "plot something else" 'no plot `maps`' "$mho" plot maps $lenet -o "$tmp/x.svg"
misused "plot without a configuration" 'CONFIG is missing' "$mho" plot mapping -o "$tmp/x.svg"
misused "plot without a file" 'FILE.svg is missing' "$mho" plot mapping $lenet
misused "plot two" 'is too many' "$mho" plot mapping $lenet $lenet -o "$tmp/x.svg"
fails "plot a PNG" 2 'drawn as SVG alone: give -o .*/x.svg, of which .rsvg-convert -f png. .* makes a png' "$mho" plot mapping $lenet -o "$tmp/x.png"
fails "plot a GIF" 2 'ending .svg' "$mho" plot mapping $lenet -o "$tmp/x.gif"
fails "plot into a missing folder" 1 'no/x.svg' "$mho" plot mapping $lenet -o "$tmp/no/x.svg"
fails "plot what cannot be mapped" 2 'crossbar.columns = 7' "$mho" plot mapping $lenet --set crossbar.columns=7 -o "$tmp/x.svg"
[ -e "$tmp/x.svg" ] && not_ok "a refusal leaves no file"
finish
