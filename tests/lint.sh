#!/bin/sh
# What the compiler does not check: floors, lengths, headers, paths, format. Usage: lint.sh [ROOT]
here=$(cd "$(dirname "$0")" && pwd)
# shellcheck source=tests/lib.sh
. "$here/lib.sh"
cd "${1:-$here/..}" || exit 1

# files SUFFIX...: every file of the tree that ends so, without what was built.
files() {
    for suffix in "$@"; do
        find . -path './build*' -prune -o -path ./.git -prune -o -type f -name "*.$suffix" -print
    done | sed 's|^\./||' | LC_ALL=C sort
}

# over LIMIT FILE...: files of more lines than the limit.
over() {
    limit=$1
    shift
    awk -v limit="$limit" 'FNR == limit + 1 {print FILENAME ": more than " limit " lines"}' "$@"
}

rooms='^(sim|crossbar|peripherals|pruning|mapping|results)/'
sources=$(files c h)
scripts=$(files sh)
headers=$(files h)
room_sources=$(echo "$sources" | grep -E "$rooms")
[ -n "$sources" ] || { not_ok "there are sources to check" "none below $(pwd)"; finish; }

# The lists hold names without spaces and are split on purpose.
# shellcheck disable=SC2086
{
    report "no include runs upward" "$([ -z "$room_sources" ] || awk -f "$here/tools/floors.awk" $room_sources)"
    report "no function is over 80 lines" "$(awk -v limit=80 -f "$here/tools/functions.awk" $sources $scripts)"
    report "no file is over 500 lines" "$(over 500 $sources $scripts)"
    report "every header has a guard and opens with a comment" \
        "$([ -z "$headers" ] || awk -f "$here/tools/headers.awk" $headers)"
    report "only sim/cli prints and exits" "$(echo "$room_sources" | grep -v '^sim/cli/' | xargs -r grep -nE \
        '(^|[^A-Za-z0-9_])((printf|puts|putchar|perror|exit|_exit|abort) ?\(|v?fprintf ?\(std(out|err)|fput[cs] ?\(.*std(out|err))' |
        grep -vE ':[0-9]+: *(/?\*|//)|__attribute__\(\(format')"
    report "no path of somebody's own machine" "$(find . -path './build*' -prune -o -path ./.git -prune -o -type f -print0 |
        xargs -0 grep -nIE '(^|[^A-Za-z0-9_.])/(home|root|Users|work)/' | cut -c1-160)"
    if ! command -v clang-format >/dev/null 2>&1; then
        skip "format: clang-format is not installed"
    else
        report "clang-format would change nothing" "$(clang-format --dry-run $sources 2>&1 | sed -n 's|:[0-9]*:[0-9]*: warning:.*||p' | uniq)"
    fi
    if ! command -v shellcheck >/dev/null 2>&1; then
        skip "shell scripts: shellcheck is not installed"
    elif [ -n "$scripts" ]; then
        report "shellcheck finds nothing in the scripts" "$(shellcheck -x -S warning -f gcc $scripts | head -20)"
    fi
}
finish
