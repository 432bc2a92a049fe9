# What shell tests share: one line for each check, `ok - ...`, `not ok - ...` or `skip - ...`, which
# tests/run_all.sh counts. Sourced; the script ends with `finish`.
# shellcheck shell=sh
failed=0

ok() {
    echo "ok - $1"
}

# not_ok WHAT [DETAIL]: the detail, indented, may have many lines.
not_ok() {
    echo "not ok - $1"
    [ $# -lt 2 ] || printf '%s\n' "$2" | sed 's/^/    /'
    failed=$((failed + 1))
}

skip() {
    echo "skip - $1"
}

# report WHAT FOUND: ok when nothing was found, else not ok with what was.
report() {
    if [ -z "$2" ]; then ok "$1"; else not_ok "$1" "$2"; fi
}

finish() {
    [ "$failed" = 0 ] || exit 1
    exit 0
}
