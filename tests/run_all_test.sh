#!/bin/sh
# tests/run_all.sh against a made-up project: its counts are real, and nothing bad goes by in silence.
here=$(cd "$(dirname "$0")" && pwd)
# shellcheck source=tests/lib.sh
. "$here/lib.sh"
tree=$(mktemp -d)
trap 'rm -rf "$tree"' EXIT

# says FILE TEXT EXIT: a script of the made-up project that prints TEXT and ends with EXIT.
says() {
    printf '#!/bin/sh\ncat <<"TEXT"\n%s\nTEXT\nexit %s\n' "$2" "$3" >"$tree/$1"
    chmod +x "$tree/$1"
}

# suites RAN PASSED FAILED: what CUnit prints at the end.
suites() {
    printf 'Run Summary:    Type  Total    Ran Passed Failed Inactive\n'
    printf '              suites      2      2    n/a      0        0\n'
    printf '               tests %6d %6d %6d %6d        0\n' "$1" "$1" "$2" "$3"
    printf '             asserts     99     99     99      0      n/a\n'
}

# project: one where 9 + 2 + 1 tests pass and 1 is skipped.
project() {
    rm -rf "${tree:?}"/*
    mkdir -p "$tree/tests/cli" "$tree/build-asan/tests"
    cp "$here/run_all.sh" "$tree/tests"
    says build-asan/tests/mho-tests "$(suites 9 9 0)" 0
    says tests/cli/run.sh "ok - one
ok - two
skip - three" 0
    says tests/models.sh "ok - models" 0
}

# check WHAT EXIT LAST-LINE [SHOWN]: runs the made-up project's tests.
check() {
    output=$("$tree/tests/run_all.sh" build-asan 2>&1)
    status=$?
    wrong=
    [ $status = "$2" ] || wrong="exit $status, not $2"
    [ "$(echo "$output" | tail -n 1)" = "$3" ] || wrong="$wrong; last line not: $3"
    echo "$output" | grep -qF "${4:-passed}" || wrong="$wrong; does not show: $4"
    report "run_all: $1" "${wrong:+$wrong
$output}"
}

project
check "counts what passed and what was skipped" 0 "12 passed, 0 failed, 1 skipped"
project
says tests/cli/run.sh "ok - one
not ok - two
    because of this
ok - three" 1
check "a failed shell test, shown with its reason" 1 "12 passed, 1 failed, 0 skipped" "because of this"
project
says build-asan/tests/mho-tests "$(suites 9 7 2)" 1
check "failed CUnit tests" 1 "10 passed, 2 failed, 1 skipped"
project
says build-asan/tests/mho-tests "  Test: models ...skipped: ../shared is absent
passed
$(suites 9 9 0)" 0
check "a CUnit test that says it is skipped" 0 "11 passed, 0 failed, 2 skipped"
project
says build-asan/tests/mho-tests "ERROR: AddressSanitizer: heap-use-after-free" 1
check "a crash before the summary" 1 "3 passed, 1 failed, 1 skipped" "AddressSanitizer"
project
says build-asan/tests/mho-tests "$(suites 9 9 0)" 23
check "a leak after the summary" 1 "12 passed, 1 failed, 1 skipped" "exit code 23"
project
says tests/cli/run.sh "ok - one" 1
check "a script that ends badly without saying why" 1 "11 passed, 1 failed, 0 skipped" "exit code 1"
project
says tests/cli/run.sh "" 0
check "a script that tests nothing" 1 "10 passed, 1 failed, 0 skipped"
project
rm "$tree/tests/models.sh"
check "a missing script" 1 "11 passed, 1 failed, 1 skipped" "models.sh"
project
printf '#!/bin/sh\necho "ok - one"\nexec sleep 1000\n' >"$tree/tests/cli/run.sh"
MHO_TEST_LIMIT=5 check "a hung script" 1 "11 passed, 1 failed, 0 skipped" "exit code 124"
finish
