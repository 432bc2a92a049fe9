#!/bin/sh
# Proves that each check of lint.sh can fail: a clean tree passes, and one bad file each makes it fail
# with a line that names the file.
here=$(cd "$(dirname "$0")" && pwd)
# shellcheck source=tests/lib.sh
. "$here/lib.sh"
tree=$(mktemp -d)
trap 'rm -rf "$tree"' EXIT

# clean: a tree that passes.
clean() {
    cp "$here/../.clang-format" "$tree"
    rm -rf "${tree:?}"/*
    mkdir -p "$tree/sim/base" "$tree/sim/config" "$tree/sim/engine" "$tree/sim/cost" "$tree/sim/cli" \
        "$tree/crossbar" "$tree/peripherals" "$tree/tests"
    printf '/* Base: a header. */\n#ifndef MHO_BASE_H\n#define MHO_BASE_H\n\nint base_value(void);\n\n#endif\n' \
        >"$tree/sim/base/base.h"
    printf '#include "sim/base/base.h"\n\n%s\nint base_value(void) {\n    return 1;\n}\n' \
        '/* A brace in a comment { and a string do not count. */
static const char *const text[] = {"{ f() {"};
' >"$tree/sim/base/base.c"
    printf '#include "sim/base/base.h"\n\nint main(void) {\n    return base_value();\n}\n' >"$tree/sim/cli/main.c"
}

# refuses WHAT CHECK FILE TEXT: with FILE holding TEXT, lint.sh fails in CHECK and names FILE.
refuses() {
    clean
    printf '%s\n' "$4" >"$tree/$3"
    output=$("$here/lint.sh" "$tree")
    status=$?
    if [ $status != 0 ] && echo "$output" | grep -q "^not ok - .*$2" && echo "$output" | grep -qF "${3#./}"; then
        ok "lint: $1"
    else
        not_ok "lint: $1" "exit $status: $output"
    fi
}

# lines N TEXT: TEXT, N times.
lines() {
    awk -v n="$1" -v text="$2" 'BEGIN {for (i = 0; i < n; i++) print text}'
}

clean
output=$("$here/lint.sh" "$tree")
status=$?
if [ $status = 0 ]; then ok "lint: a clean tree passes"; else not_ok "lint: a clean tree passes" "$output"; fi

upward='runs upward'
refuses "base includes config" "$upward" sim/base/up.c '#include "sim/config/config.h"'
refuses "geometry includes the crossbar above it" "$upward" crossbar/geometry.c '#include "crossbar/kernels.h"'
refuses "config includes geometry, its neighbour" "$upward" sim/config/side.c '#include "crossbar/geometry.h"'
refuses "crossbar includes peripherals" "$upward" crossbar/side.c '#include "peripherals/adc.h"'
refuses "peripherals include the kernels" "$upward" peripherals/side.c '#include "crossbar/kernels.h"'
refuses "the engine includes the cost" "$upward" sim/engine/side.c '#include "sim/cost/cost.h"'
refuses "angle brackets hide an include" "$upward" sim/base/up.h '#  include <sim/run/run.h>'
refuses "a relative include" "$upward" sim/base/up.c '#include "../run/run.h"'
refuses "an include that is not from the root" "$upward" sim/base/up.c '#include "base.h"'
refuses "a room without a floor" "$upward" sim/base/up.c '#include "sim/attic/attic.h"'
refuses "another room's private header" "$upward" sim/cli/up.c '#include "sim/base/base_internal.h"'

refuses "a C function of 81 lines" "function" sim/base/long.c "int f(int a,
      int b) {
$(lines 78 '    a += "}"[b]; /* } */')
}"
refuses "a shell function of 81 lines" "function" tests/long.sh "f() {
$(lines 79 '    :')
}"
refuses "a C file of 501 lines" "no file" sim/base/long.c "$(lines 501 'int x;')"
refuses "a shell script of 501 lines" "no file" tests/long.sh "$(lines 501 ':')"
refuses "a header without a guard" "guard" sim/base/bare.h '/* Bare. */'
refuses "a header whose guard defines another name" "guard" sim/base/bare.h '/* Bare. */
#ifndef A_H
#define B_H
#endif'
refuses "a header without a comment" "comment" sim/base/bare.h '#ifndef A_H
#define A_H
#endif'
refuses "a room that prints" "prints" sim/base/loud.c 'void f(void) {
    printf("loud");
}'
refuses "a room that prints to stderr" "prints" sim/engine/loud.c 'void f(void) {
    fprintf(stderr, "loud");
}'
refuses "a room that exits" "prints" crossbar/loud.c 'void f(void) {
    exit(1);
}'
refuses "a path of somebody's machine" "machine" README.md "$(printf 'see /%s/me/notes' home)"
if command -v clang-format >/dev/null 2>&1; then
    refuses "a badly formatted file" "clang-format" sim/base/wide.c 'int   f ( void ){return 1 ;}'
else
    skip "lint: a badly formatted file (clang-format is not installed)"
fi
if command -v shellcheck >/dev/null 2>&1; then
    refuses "a shell script with a mistake" "shellcheck" tests/wrong.sh '#!/bin/sh
cd nowhere; [ $x == 1 ]'
else
    skip "lint: a shell script with a mistake (shellcheck is not installed)"
fi

clean
echo '/* Included once for each type. */' >"$tree/crossbar/sums_template.h"
report "lint: a template needs no guard" "$("$here/lint.sh" "$tree" | grep '^not ok')"

# Exactly 80 and 500 lines are allowed.
clean
printf '%s\n' "int f(int a) {" "$(lines 77 '    a += 1;')" "    return a;" "}" >"$tree/sim/base/full.c"
lines 500 ':' >"$tree/tests/full.sh"
output=$("$here/lint.sh" "$tree" | grep 'not ok - no f')
report "lint: 80 and 500 lines are allowed" "$output"
finish
