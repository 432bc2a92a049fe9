#!/bin/sh
# Writes anew what the documents quote of the program: docs/config.md, docs/repro.md (where ../shared is
# there), and the screen in README.md (the code block after <!-- screen -->). Usage: refresh.sh BUILD
set -eu
cd "$(dirname "$0")/.."
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

docs/config.sh "$1" >"$work/config.md"
cp "$work/config.md" docs/config.md

if [ -d ../shared/models ]; then
    docs/repro.sh "$1" >"$work/repro.md"
    cp "$work/repro.md" docs/repro.md
fi

"$1/mho" run configs/quickstart.yaml --db "$work/mho.db" | sed "s| --db $work.*||; s|$work|results|" >"$work/screen"
awk -v screen="$work/screen" '
    inside && /^```$/ {inside = 0}
    !inside {print}
    marked && /^```/ {
        while ((getline line < screen) > 0)
            print line
        inside = 1
    }
    {marked = /^<!-- screen -->$/}' README.md >"$work/README.md"
cp "$work/README.md" README.md
