#!/bin/sh
# Runs all tests on a build with --coverage and prints line coverage by room. Usage: coverage.sh BUILD.
# Fails when a test fails, or when one of sim/, crossbar/, mapping/, peripherals/, results/ as a whole
# is below 85 %.
cd "$(dirname "$0")/.." || exit 1
build=$1
least=${2:-85}

find "$build" -name '*.gcda' -exec rm -f {} +
MHO_TEST_LIMIT=${MHO_TEST_LIMIT:-1800} tests/run_all.sh "$build" # counters slow the kernels twentyfold
status=$?

# gcov -n prints "File 'x.c'" and "Lines executed:85.71% of 7" of each source and header; a source is
# counted with its own object only, and one that no test ran counts with 0 %.
find "$build" -name '*.gcno' | grep -vE '/(gen|tests)/' | LC_ALL=C sort | while read -r notes; do
    gcov -n "$notes" 2>/dev/null | awk -v source="$(echo "${notes#"$build"/}" | sed 's/\.gcno$/.c/')" '
        $1 == "File" {mine = $2 == "\047" source "\047"}
        mine && /^Lines executed:/ {split($0, part, /[:%]| of /); print source, part[2], part[4]; exit}'
done | awk -v least="$least" '
    {
        lines = $3
        hit = int($2 * lines / 100 + 0.5)
        room = $1
        sub(/\/[^\/]*$/, "", room)
        top = $1
        sub(/\/.*/, "", top)
        if (!(room in all))
            order[++rooms] = room
        all[room] += lines; run[room] += hit
        top_all[top] += lines; top_run[top] += hit
    }
    function row(name, hit, lines) {
        printf "%-16s %6d of %6d lines  %5.1f %%\n", name, hit, lines, 100 * hit / lines
    }
    END {
        for (i = 1; i <= rooms; i++)
            row(order[i], run[order[i]], all[order[i]])
        print ""
        n = split("sim crossbar mapping peripherals results", tops, " ")
        for (i = 1; i <= n; i++) {
            t = tops[i]
            if (top_all[t] == 0) {
                print t "/ has no coverage data"
                low = 1
                continue
            }
            row(t "/", top_run[t], top_all[t])
            low += 100 * top_run[t] < least * top_all[t]
        }
        if (low)
            print "below " least " %"
        exit low > 0
    }' || status=1
exit $status
