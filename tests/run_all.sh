#!/bin/sh
# Runs every test against one build: the CUnit suites, the command line, the reference models, the
# documents and, for the release build, the scripts and the sources. Usage: run_all.sh BUILD. Whole outputs lie in
# BUILD/tests/logs; here one line for each part and every failure. The last line is
# `N passed, N failed, N skipped`; the exit code is 1 if anything failed.
cd "$(dirname "$0")/.." || exit 1
build=$1
logs=$build/tests/logs
# One hung part must not hang the whole.
limit=${MHO_TEST_LIMIT:-600}
export ASAN_OPTIONS="detect_leaks=1:strict_string_checks=1:detect_stack_use_after_return=1"
export UBSAN_OPTIONS="print_stacktrace=1:halt_on_error=1"
export LSAN_OPTIONS="print_suppressions=0"
passed=0 failed=0 skipped=0
rm -rf "$logs"
mkdir -p "$logs"

# count NAME EXIT-CODE PASSED FAILED SKIPPED: adds one part's figures and prints its line. A part that
# ends badly without saying why, or without having tested anything, has failed once.
count() {
    part_failed=$4
    if [ "$part_failed" = 0 ] && { [ "$2" != 0 ] || [ $(($3 + $5)) = 0 ]; }; then
        part_failed=1
        echo "$1: exit code $2, see $logs/$1.log:"
        tail -n 15 "$logs/$1.log" | sed 's/^/    /'
    fi
    passed=$((passed + $3)) failed=$((failed + part_failed)) skipped=$((skipped + $5))
    printf '%-16s %4d passed %3d failed %3d skipped\n' "$1" "$3" "$part_failed" "$5"
}

# lines PATTERN LOG: how many lines match.
lines() {
    grep -cE "$1" "$2"
}

# script NAME COMMAND...: a shell test, by its ok, not ok and skip lines (with what follows indented).
script() {
    name=$1 log=$logs/$1.log
    shift
    timeout --foreground "$limit" "$@" >"$log" 2>&1 </dev/null
    status=$?
    sed -n -e '/^not ok/,/^\(ok\|skip\)/{/^\(ok\|skip\)/!p}' "$log"
    grep '^skip' "$log"
    count "$name" $status "$(lines '^ok\b' "$log")" "$(lines '^not ok\b' "$log")" "$(lines '^skip\b' "$log")"
}

# The CUnit suites, by the `tests` line of their summary; a test that says `skipped` is not passed.
unit() {
    log=$logs/unit.log
    timeout --foreground "$limit" "$build/tests/mho-tests" >"$log" 2>&1 </dev/null
    status=$?
    # shellcheck disable=SC2046
    set -- $(awk '$1 == "tests" && NF == 6 {print $4, $5}' "$log")
    grep -E -A12 '\.\.\.FAILED|: Sanitizer|runtime error' "$log" | head -60
    skips=$(lines '(^|[ .])skipped\b' "$log")
    count unit $status $((${1:-0} - skips)) "${2:-0}" "$skips"
}

unit
for test in tests/cli/*.sh; do
    script "$(basename "$test" .sh)" "$test" "$build/mho"
done
case $build in
*asan | *ubsan | *cov) script models tests/models.sh "$build" 10 ;; # several times slower
*) script models tests/models.sh "$build" 500 ;;
esac
case $build in
*asan | *ubsan | *cov) ;;
*) script docs docs/check.sh "$build" ;; # the README's figures are the same from every compiler
esac
case $build in
*-*) ;;
*) # once is enough for what does not depend on the build
    script lint tests/lint.sh
    script lint_test tests/lint_test.sh
    script deps_test tests/deps_test.sh
    script run_all_test tests/run_all_test.sh
    ;;
esac
echo "$passed passed, $failed failed, $skipped skipped"
[ "$failed" = 0 ]
