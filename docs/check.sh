#!/bin/sh
# The documentation against the program. Usage: check.sh BUILD
cd "$(dirname "$0")/.." || exit 1
# shellcheck source=tests/lib.sh
. ./tests/lib.sh
build=$1
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
manual=docs/man/mho.1

if command -v mandoc >/dev/null 2>&1; then
    report "the manual page is clean (mandoc)" "$(mandoc -T lint -W warning $manual 2>&1)"
elif command -v groff >/dev/null 2>&1; then
    report "the manual page is clean (groff)" "$(groff -ww -man -Tutf8 -z $manual 2>&1)"
else
    skip "the manual page: neither mandoc nor groff is installed"
fi

# documented WORD...: those of the words that the manual page lacks. It writes - as \-.
documented() {
    for word in "$@"; do
        sed 's/\\-/-/g; s/\\f.//g; s/"//g' $manual | grep -qF -- "$word" || echo "$word"
    done
}
commands=$("$build/mho" --help | sed -n '/^Commands:/,/^$/s/^  \([a-z]*\) .*/\1/p')
[ -n "$commands" ] || not_ok "mho --help lists commands"
for command in $commands; do
    # shellcheck disable=SC2046
    report "the manual page has mho $command and its options" "$(documented "mho $command" \
        $("$build/mho" "$command" --help | sed '/^Configuration/q' | grep -oE '^ +(-[a-zA-Z], )?--[a-z-]+' | grep -oE -- '--[a-z-]+' | grep -v '^--usage'))"
done

docs/config.sh "$build" >"$work/config.md"
report "docs/config.md is what mho run --help says (else: make docs)" "$(diff docs/config.md "$work/config.md" | head -20)"

if [ -d ../shared/models ]; then
    docs/repro.sh "$build" >"$work/repro.md"
    report "docs/repro.md is what mho repro says (else: make docs)" "$(diff docs/repro.md "$work/repro.md" | head -20)"
else
    skip "docs/repro.md has rows that need ../shared/models, which is not there"
fi

operators=$(sed -n 's/^    {"\([A-Z][A-Za-z]*\)", [0-9].*/\1/p' sim/network/operators.c)
[ -n "$operators" ] || not_ok "sim/network/operators.c lists operators"
# shellcheck disable=SC2086
report "the manual page and docs/models.md have every operator" "$(documented $operators
    for operator in $operators; do grep -qF "\`$operator\`" docs/models.md || echo "$operator"; done)"

# Links between the documents, relative to each.
report "links lead to files" "$(git ls-files '*.md' | while read -r page; do
    grep -oE '\]\([^)#:]+' "$page" | cut -c3- | while read -r link; do
        [ -e "$(dirname "$page")/$link" ] || echo "$page: $link"
    done
done)"

for config in configs/*.yaml configs/examples/*.yaml; do
    output=$("$build/mho" run "$config" --dry-run --db "$work/mho.db" 2>&1)
    status=$?
    if [ $status = 0 ]; then ok "$config is accepted"; else not_ok "$config is accepted" "$output"; fi
done

# Sweeps and searches: every key and value of every point, without evaluating any.
for sweep in configs/sweeps/*.yaml; do
    output=$("$build/mho" sweep "$sweep" --shard 1/1000000 --dry-run --db "$work/mho.db" 2>&1)
    status=$?
    if [ $status = 0 ]; then ok "$sweep is accepted"; else not_ok "$sweep is accepted" "$output"; fi
done

# timeless: a screen without the line that says how long the run took, and without the database's name.
timeless() {
    sed "/^Stored as run /d; s| --db $work.*||"
}
# quoted MARK PAGE: the code block of PAGE that follows <!-- MARK -->.
quoted() {
    awk -v mark="<!-- $1 -->" 'inside && /^```$/ {exit} inside {print} marked && /^```/ {inside = 1} {marked = $0 == mark}' "$2"
}
quoted screen README.md | timeless >"$work/shown"
if "$build/mho" run configs/quickstart.yaml --db "$work/mho.db" >"$work/screen" 2>"$work/errors" && [ -s "$work/shown" ]; then
    timeless <"$work/screen" >"$work/real"
    report "the README shows what the quickstart prints" "$(diff "$work/shown" "$work/real" | head -20)"
else
    not_ok "the quickstart runs, and the README shows its screen" "$(cat "$work/errors")"
fi

quoted schema docs/database.md >"$work/shown"
report "docs/database.md has the schema of mho query --schema (else: make docs)" \
    "$("$build/mho" query --schema | diff "$work/shown" - | head -20)"

if command -v sqlite3 >/dev/null 2>&1; then
    report "docs/database.md names every column and metric" "$(sqlite3 "$work/mho.db" "
        SELECT DISTINCT c.name FROM sqlite_schema AS t, pragma_table_info(t.name) AS c WHERE t.type = 'view'
        UNION SELECT name FROM metric WHERE scope = 'run'" | while read -r name; do
        grep -qF "\`$name\`" docs/database.md || echo "$name"
    done)"
else
    skip "docs/database.md: sqlite3 is not installed"
fi
finish
