#!/bin/sh
# Writes anew what the documents quote of the program: docs/config.md, and the screen in README.md (the
# code block after <!-- screen -->). Usage: refresh.sh BUILD
set -eu
cd "$(dirname "$0")/.."
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

docs/config.sh "$1" >"$work/config.md"
cp "$work/config.md" docs/config.md

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
