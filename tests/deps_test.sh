#!/bin/sh
# tests/deps.sh against a fake machine: dpkg-query, id, sudo and apt-get are scripts that say what was
# asked of them, and nothing else is on the PATH.
here=$(cd "$(dirname "$0")" && pwd)
# shellcheck source=tests/lib.sh
. "$here/lib.sh"
bin=$(mktemp -d)
trap 'rm -rf "$bin"' EXIT
shell=$(command -v sh)

# fake NAME BODY: a command of the fake machine.
fake() {
    printf '#!%s\n%s\n' "$shell" "$2" >"$bin/$1"
    chmod +x "$bin/$1"
}

# machine USER-ID: gcc and make installed, nothing else; apt-get logs its arguments and succeeds.
machine() {
    rm -f "$bin"/*
    fake dpkg-query 'echo "installed gcc"; echo "installed make"; echo "config-files old"; exit 1'
    fake id "echo $1"
    fake apt-get "echo \"apt-get \$*\" >>$bin/log"
    fake env 'while [ "${1#*=}" != "$1" ]; do shift; done; "$@"'
}

# check WHAT EXIT STDERR LOG PACKAGE...: runs deps.sh; STDERR and LOG are fixed strings that must occur,
# `none` for nothing at all.
check() {
    what=$1 want=$2 stderr=$3 log=$4
    shift 4
    output=$(PATH=$bin "$shell" "$here/deps.sh" "$@" 2>&1 </dev/null)
    status=$?
    logged=$(cat "$bin/log" 2>/dev/null)
    wrong=
    [ $status = "$want" ] || wrong="exit $status, not $want"
    contains "$output" "$stderr" || wrong="$wrong; printed: $output"
    contains "$logged" "$log" || wrong="$wrong; ran: $logged"
    report "deps: $what" "$wrong"
}

contains() {
    if [ "$2" = none ]; then [ -z "$1" ]; else case $1 in *"$2"*) ;; *) return 1 ;; esac fi
}

machine 0
check "silent when all is installed" 0 none none gcc make
machine 0
check "root installs only what is missing" 0 "installing: zlib1g-dev" \
    "apt-get install -y -qq --no-install-recommends zlib1g-dev" gcc zlib1g-dev
machine 0
check "a removed package with configuration left is missing" 0 "installing: old" "recommends old" gcc old
machine 0
check "a package whose name another one begins with is missing" 0 "installing: gc" "recommends gc" gc gcc
machine 1000
fake sudo "[ \"\$1\" = -n ] && exit 0; echo sudo >>$bin/log; \"\$@\""
check "another user goes through sudo" 0 "installing: zlib1g-dev" "sudo
apt-get install" gcc zlib1g-dev
machine 1000
check "without sudo it prints the one line" 1 "  apt-get install -y zlib1g-dev libzip-dev" none \
    gcc zlib1g-dev libzip-dev
machine 1000
fake sudo 'exit 1'
check "with sudo that wants a password and no terminal too" 1 "  apt-get install -y zlib1g-dev" none zlib1g-dev
machine 0
fake apt-get "echo \"apt-get \$*\" >>$bin/log; [ \"\$1\" = update ] || [ \"\$(PATH=/usr/bin:/bin grep -c update $bin/log)\" = 1 ]"
check "old package lists are updated once" 0 "installing:" "apt-get update -qq
apt-get install" zlib1g-dev
machine 0
fake apt-get 'exit 100'
check "a failed installation says what to run" 1 "apt-get update && apt-get install -y zlib1g-dev" none zlib1g-dev
machine 0
rm "$bin/dpkg-query"
check "elsewhere than on Debian it names the packages and goes on" 0 "equivalents of these packages: gcc zlib1g-dev" \
    none gcc zlib1g-dev
finish
