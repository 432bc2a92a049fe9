#!/bin/sh
# mho repro: screens, exit codes, what is stored, wrong papers.
# shellcheck source=tests/support/cli.sh
. "$(dirname "$0")/../support/cli.sh"
db="--db $tmp/r.db"
row="tables: [{title: A, source: B, rows: [{what: tiles, unit: W, ours: c.tiles"

# paper NAME BAND: a paper of one row, which is right for 168 tiles.
paper() {
    printf 'name: p\ntitle: T\nchips: {c: isaac}\n%s, published: %s, band: %s}]}]\n' "$row" "$1" "$2" >"$tmp/p.yaml"
}

# shellcheck disable=SC2086
{
    succeeds "all papers are within their bands" "$mho" repro $db
    prints "the screen has every part" '^isaac: Shafiee' '^Components of a tile: ISCA 2016' \
        'published +ours +ratio +band$' '^  chip power +65\.8 +65\.81 +W +1\.000 +rounding +ok$' \
        '^[0-9]+ rows within their band, 0 outside, [0-9]+ claims' 'Stored as '
    report "the screen is 100 columns wide" "$(grep -v "^Stored" "$tmp/out" | grep -E '.{101}')"
    for width in 80 120; do
        COLUMNS=$width run "$mho" repro forms isaac neurram $db
        report "the screen fits $width columns" "$(grep -v "^Stored" "$tmp/out" | grep -E ".{$((width + 1))}")"
    done
    succeeds "one paper" "$mho" repro isaac $db
    prints "it is stored" 'Stored as run [0-9]+ of experiment `repro-isaac` in'
    if command -v sqlite3 >/dev/null 2>&1; then
        stored=$(sqlite3 "$tmp/r.db" "SELECT count(*), sum(verdict = 'out') FROM claim JOIN run ON run.id = run_id
            JOIN experiment ON experiment.id = experiment_id WHERE name = 'repro-isaac'")
        if [ "${stored%|*}" -gt 60 ] && [ "${stored#*|}" = 0 ]; then
            ok "each row is a claim of the database, once"
        else
            not_ok "each row is a claim of the database, once" "$stored"
        fi
    else
        skip "the database: sqlite3 is not installed"
    fi
    succeeds "mho report knows such runs" "$mho" report --run last $db
    prints "and what they are" '^Run [0-9]+ of experiment `repro-isaac`: published figures, ' 'table claim; `mho repro isaac` computes'
    fails "there is nothing to draw of one" 2 'published figures beside ours \(repro-isaac\), no design point' "$mho" plot breakdown -o "$tmp/b.svg" $db
    succeeds "the list of runs" "$mho" report $db
    prints "it names the paper's command" "^Published beside ours: +mho repro isaac --db $tmp/r.db$"
    report "and suggests no comparison" "$(grep -E 'compare|Where' "$tmp/out")"
    "$mho" run configs/examples/lenet.yaml --set run.accuracy=false $db >"$tmp/out" && "$mho" repro forms $db >"$tmp/out"
    run "$mho" report $db
    id=$(sed -n 's/^ *\([0-9]*\) .* lenet .*/\1/p' "$tmp/out")
    prints "beside a run of one's own that is the one to look at" "^Where area and energy go: mho report --run $id --db "
    run "$mho" report --run last $db
    prints "the last run is the design point" "^Run $id of experiment .lenet."
    succeeds "--json works" "$mho" repro isaac --json $db
    prints "JSON has rows" '"out": 0' '"what": "chip power"' '"verdict": "ok"'
    succeeds "--markdown works" "$mho" repro isaac --markdown $db
    prints "Markdown has rows" '^\| chip power \| 65\.8 \| 65\.81 \| W \| 1\.000 \| rounding \| ok \|  \|$' \
        '^\| 768 inputs, .*\| As above\. \|$'
    succeeds "--list lists" "$mho" repro --list
    prints "the papers are there" '^isaac$'

    paper 168 rounding
    succeeds "a paper of one's own" "$mho" repro "$tmp/p.yaml" $db
    sed 's/what: tiles/what: "ϕϕϕϕϕϕϕϕϕϕϕϕϕϕϕϕϕϕϕϕϕϕϕϕϕϕϕϕϕϕϕϕϕϕϕϕϕϕϕϕϕϕϕϕϕϕϕϕϕϕϕ"/' "$tmp/p.yaml" >"$tmp/long.yaml"
    COLUMNS=60 succeeds "a long name" "$mho" repro "$tmp/long.yaml" $db
    prints "it is cut to whole characters" '^  ϕ+\.\.\. +168 '
    paper 150 "10 %"
    run "$mho" repro "$tmp/p.yaml" $db
    if [ "$code" = 1 ] && [ ! -s "$tmp/err" ] && grep -qE '^  tiles +150 +168 +W +1\.120 +10 % +OUT$' "$tmp/out" &&
        grep -q '^0 rows within their band, 1 outside' "$tmp/out"; then
        ok "a row outside its band is shown, and the exit code is 1"
    else
        not_ok "a row outside its band is shown, and the exit code is 1" "exit code $code: $(cat "$tmp/out" "$tmp/err")"
    fi
    run "$mho" repro isaac "$tmp/p.yaml" --brief $db
    if [ "$code" = 1 ] && grep -q OUT "$tmp/out" && ! grep -q ' ok$' "$tmp/out"; then
        ok "--brief shows only what is outside"
    else
        not_ok "--brief shows only what is outside" "exit code $code: $(cat "$tmp/out")"
    fi

    report "papers on request are left out" "$("$mho" repro --brief $db | grep '^mixed_granularity')"
    cat >"$tmp/c.yaml" <<END
name: c
title: T
on_request: true
runs:
  a: {config: $root/configs/examples/lenet.yaml, set: [run.accuracy=false]}
  b: {config: $root/configs/examples/lenet.yaml, set: [run.accuracy=false], long: true}
comparisons:
  - title: Side by side
    source: S
    reference: a
    columns: [{name: arrays, ours: run.crossbars}, {name: area, unit: mm2, ours: run.area_m2}]
    rows: [{run: a, what: first}, {run: b, what: second}]
tables: []
END
    succeeds "a comparison" "$mho" repro "$tmp/c.yaml" $db
    prints "it has a row a run, with its settings" '^Side by side: S' '^ +arrays +area$' '^ +mm2$' \
        '^  first +[0-9]+ +[0-9]+\.[0-9]+$' '^  second +- +-$' '^  first: lenet.yaml  ?run.accuracy=false$' \
        '^  second: skipped: it takes long: ask for it with --long$'
    succeeds "what takes long, on request" "$mho" repro "$tmp/c.yaml" --long --json $db
    prints "JSON has comparisons" '"title": "Side by side"' '"what": "second"' '"run.accuracy=false"' '"skipped": null'
    succeeds "one comparison only" "$mho" repro "$tmp/c.yaml" isaac --only SIDE --json $db
    if grep -q '"Side by side"' "$tmp/out" && ! grep -q isaac "$tmp/out"; then
        ok "--only leaves out other titles, and papers without any"
    else
        not_ok "--only leaves out other titles, and papers without any" "$(cat "$tmp/out")"
    fi
    fails "a title that nothing has" 2 'no title of a comparison or table contains "sidle"' \
        "$mho" repro "$tmp/c.yaml" --only sidle $db
    fails "a title of a paper on request" 2 'only where they are named: `mho repro [a-z_]+ --only' \
        "$mho" repro --only resnet-20 $db
    succeeds "comparisons in Markdown" "$mho" repro "$tmp/c.yaml" --markdown $db
    prints "Markdown has settings" '^\| first \| [0-9]+ \| [0-9]+\.[0-9]+ \| lenet.yaml `run.accuracy=false` \|$'

    fails "a paper that is not there" 2 'no paper "isac" \(did you mean "isaac"\?\)' "$mho" repro isac $db
    fails "a configuration" 2 'lenet.yaml is the configuration of one point: `mho run .*; a paper.s file' \
        "$mho" repro configs/examples/lenet.yaml $db
    fails "a sweep" 2 'is a sweep file, .*`mho sweep configs/sweeps/cost_10000.yaml`' "$mho" repro configs/sweeps/cost_10000.yaml $db
    fails "a file that is not there" 2 'none.yaml' "$mho" repro none.yaml $db
    paper 168 roundng
    fails "a wrong band" 2 'p.yaml:4:[0-9]+: band: expected .*did you mean "rounding"' "$mho" repro "$tmp/p.yaml" $db
    row="tables: [{title: A, source: B, rows: [{what: tiles, ours: c.tils"
    paper 168 rounding
    fails "a wrong name" 2 'p.yaml:4:[0-9]+: figure of a chip "tils" is unknown \(did you mean "tiles"\?\)' \
        "$mho" repro "$tmp/p.yaml" $db
    fails "a database that cannot be made" 1 '' "$mho" repro isaac --db "$tmp/p.yaml/x/r.db"
    run "$mho" repro --json --markdown
    if [ "$code" = 2 ]; then ok "two formats are refused"; else not_ok "two formats are refused" "exit code $code"; fi
    for useless in "--brief --json" "--brief --markdown" "--list isaac" "--list --json" "--list --only x"; do
        run "$mho" repro $useless $db
        if [ "$code" = 2 ]; then ok "$useless is refused"; else not_ok "$useless is refused" "exit code $code"; fi
    done
}
finish
