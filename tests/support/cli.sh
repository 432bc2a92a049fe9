# What tests of the command line share. Sourced with the binary's path in $1; makes a scratch folder
# $tmp that goes at the end. The working directory is the root of the repository.
# shellcheck shell=sh
root=$(cd "$(dirname "$0")/../.." && pwd)
# shellcheck source=tests/lib.sh
. "$root/tests/lib.sh"
# shellcheck disable=SC2034 # for the scripts that source this
mho=$(realpath "${1:-$root/build/mho}")
cd "$root" || exit 1
tmp=$(mktemp -d /tmp/mho-cli-XXXXXX) || exit 1
cleanup() { rm -rf "$tmp"; }
trap cleanup EXIT

# run COMMAND...: output and diagnostics to $tmp/out and $tmp/err, the exit code to $code.
run() {
    "$@" >"$tmp/out" 2>"$tmp/err" </dev/null
    code=$?
}

# fails WHAT CODE PATTERN COMMAND...: the command must end with the code, print nothing, and say why
# in one line on stderr that begins with `mho: ` and holds the pattern (extended).
fails() {
    what=$1 expected=$2 pattern=$3
    shift 3
    run "$@"
    if [ "$code" != "$expected" ]; then
        not_ok "$what" "exit code $code instead of $expected: $(cat "$tmp/err")"
    elif [ -s "$tmp/out" ]; then
        not_ok "$what" "stdout holds $(head -c 200 "$tmp/out")"
    elif [ "$(wc -l <"$tmp/err")" != 1 ] || ! grep -qE "^mho: .*($pattern)" "$tmp/err"; then
        not_ok "$what" "stderr holds $(cat "$tmp/err")"
    else
        ok "$what"
    fi
}

# succeeds WHAT COMMAND...: exit code 0 and not a word on stderr.
succeeds() {
    what=$1
    shift
    run "$@"
    if [ "$code" != 0 ] || [ -s "$tmp/err" ]; then
        not_ok "$what" "exit code $code: $(cat "$tmp/err")"
    else
        ok "$what"
    fi
}

# prints WHAT PATTERN...: the last output holds every pattern (extended).
prints() {
    what=$1
    shift
    for pattern in "$@"; do
        if ! grep -qE -- "$pattern" "$tmp/out"; then
            not_ok "$what" "no $pattern in: $(head -c 2000 "$tmp/out")"
            return
        fi
    done
    ok "$what"
}

# until_true COMMAND...: waits for the command to succeed, at most a minute; its code is that of the last try.
until_true() {
    tries=1200
    while ! "$@" && [ $((tries -= 1)) -gt 0 ]; do sleep 0.05; done
    [ $tries -gt 0 ]
}

# catches_interrupt PID: whether mho runs as that process and has a handler of SIGINT by now, which is when its work
# begins. The shell that is to become mho may have one, too, hence the look at the program.
catches_interrupt() {
    [ "$(readlink "/proc/$1/exe" 2>/dev/null)" = "$mho" ] && grep -q '^SigCgt:.*[2367abef]$' "/proc/$1/status" 2>/dev/null
}

# is_locked DATABASE: whether another program is writing to it.
is_locked() {
    ! sqlite3 "$1" 'BEGIN IMMEDIATE; ROLLBACK' 2>/dev/null
}
