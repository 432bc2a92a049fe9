#!/bin/sh
# Writes anew what the documents quote of the program: docs/config.md, docs/repro.md (where ../shared is
# there), the screen in README.md (the code block after <!-- screen -->) and the schema in docs/database.md. Usage: refresh.sh BUILD
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
# quote MARK FILE PAGE: puts FILE into the code block of PAGE that follows <!-- MARK -->.
quote() {
    awk -v mark="<!-- $1 -->" -v screen="$2" '
        inside && /^```$/ {inside = 0}
        !inside {print}
        marked && /^```/ {
            while ((getline line < screen) > 0)
                print line
            inside = 1
        }
        {marked = $0 == mark}' "$3" >"$work/page"
    cp "$work/page" "$3"
}
quote screen "$work/screen" README.md
"$1/mho" query --schema >"$work/schema"
quote schema "$work/schema" docs/database.md
