#!/bin/sh
# mho without a command, --help, --version, and words that are no command.
# shellcheck source=tests/support/cli.sh
. "$(dirname "$0")/../support/cli.sh"

succeeds "--help works" "$mho" --help
prints "--help lists commands and examples" '^  run +evaluate' '^  inspect' '^  init' '^  config' '^  components' \
    'mho run configs/quickstart.yaml'
report "--help fits into 80 columns" "$(awk 'length > 80' "$tmp/out")"
succeeds "help COMMAND works" "$mho" help inspect
prints "help COMMAND is the command's own" 'Usage: mho inspect' 'cell-bits'
for command in run report query export inspect select init config components repro; do
    succeeds "$command --help works" "$mho" "$command" --help
    prints "$command --help shows its usage" "Usage: mho $command"
done
for command in run sweep search report query export merge inspect select tune prune init config components plot repro; do
    run "$mho" "$command" --help
    prints "$command --help has examples" '^Examples:$' "^  mho $command"
    # Help is wrapped at 79 columns: what is longer would continue at the margin.
    report "examples of $command are lines to copy" "$(sed -n '/^Examples:/,/^$/p' "$tmp/out" | grep -v '^Examples:$\|^  \|^$')"
done
run "$mho" run --help
prints "run --help lists sections and fields" '^adc: ' '^  adc.bits = lossless +\[1..16 \| lossless' \
    '^  crossbar.rows = 128' '^  network.model = \(required\)' 'mho run configs/quickstart.yaml --set'
succeeds "--version works" "$mho" --version
prints "--version names commit and libraries" '^mho [0-9]+\.[0-9]+\.[0-9]+ \([0-9a-f]+|unknown' \
    'gsl [0-9]' 'sqlite [0-9]' 'jansson [0-9]'

fails "a mistyped command gets a suggestion" 2 'no command `inspct` \(did you mean `inspect`\?\)' \
    "$mho" inspct
fails "a word far from any command gets the list" 2 '`mho --help` lists them' "$mho" zebra
run "$mho"
if [ "$code" = 2 ] && [ ! -s "$tmp/out" ] && grep -q Usage "$tmp/err"; then
    ok "no command: usage on stderr, exit code 2"
else
    not_ok "no command: usage on stderr, exit code 2" "exit code $code: $(cat "$tmp/out" "$tmp/err")"
fi
for arguments in "run" "run --nothing x" "run a b" "inspect" "init" "config" "components a b" "components -p bits=1" "inspect a b" \
    "init a b" "config a b"; do
    # shellcheck disable=SC2086
    run "$mho" $arguments
    if [ "$code" = 2 ] && grep -q "^mho ${arguments%% *}: " "$tmp/err"; then
        ok "mho $arguments: exit code 2"
    else
        not_ok "mho $arguments: exit code 2" "exit code $code: $(cat "$tmp/err")"
    fi
done
run "$mho" --help
"$mho" --help >/dev/full 2>"$tmp/err"
code=$?
if [ "$code" = 1 ] && grep -q 'could not be written' "$tmp/err"; then
    ok "output that does not arrive is a failure"
else
    not_ok "output that does not arrive is a failure" "exit code $code: $(cat "$tmp/err")"
fi
finish
