#!/bin/sh
# mho run where the database or the user says no: one line, exit code 1, nothing stored.
# shellcheck source=tests/support/cli.sh
. "$(dirname "$0")/../support/cli.sh"
config=configs/examples/lenet.yaml
mounted=
cleanup() {
    [ -z "$mounted" ] || umount "$tmp/disk"
    rm -rf "$tmp"
}
# stores ARGUMENT...: a quick run.
stores() {
    "$mho" run $config --set dataset.count=2 "$@"
}

# A database of a newer schema: user_version is the big-endian number at byte 60 of the header.
stores --db "$tmp/newer.db" >/dev/null
printf '\0\0\003\347' | dd of="$tmp/newer.db" bs=1 seek=60 conv=notrunc 2>/dev/null
before=$(cksum "$tmp/newer.db")
fails "a database of a newer schema" 1 'newer.db.*(newer|schema)' stores --db "$tmp/newer.db"
report "a newer database is left as it is" "$([ "$before" = "$(cksum "$tmp/newer.db")" ] || echo changed)"

echo "no database at all, but long enough to be looked at" >"$tmp/text.db"
fails "a file that is no database" 1 'text.db' stores --db "$tmp/text.db"
fails "a database that is a folder" 1 "$tmp" stores --db "$tmp"
fails "a folder that cannot be made" 1 'text.db' stores --db "$tmp/text.db/r.db"
fails "a database without a name" 1 'name' stores --db ""

# Wrong data: no file, no folder.
fails "a folder that is not there" 2 'there is no folder .*/none: make it' stores --db "$tmp/none/r.db"
fails "missing images" 2 'nothing' stores --db "$tmp/none.db" --set dataset.images=nothing
report "a run that fails makes no database" "$(ls -d "$tmp/none" "$tmp/none.db" 2>/dev/null)"

# Experiments keep their rows; a repeated run says that it replaced its own.
succeeds "one experiment" stores --db "$tmp/e.db" --set run.name=exp1
succeeds "another experiment" stores --db "$tmp/e.db" --set run.name=exp2
prints "another experiment is another row" '^Stored as run 2 of experiment `exp2`'
succeeds "less detail" stores --db "$tmp/e.db" --set run.name=exp2 --set run.detail=totals
prints "less detail is another row" '^Stored as run 3 of experiment `exp2`'
succeeds "the same again" stores --db "$tmp/e.db" --set run.name=exp1
prints "the same again replaces and says so" '^Replaced run 1 of experiment `exp1`'

# Ctrl-C half-way: run id 1 is free afterwards. One signal alone: a second one ends the program at once.
"$mho" run configs/quickstart.yaml --threads 1 --set device.preset=neurram_1day --set run.trials=50 \
    --db "$tmp/c.db" >"$tmp/out" 2>"$tmp/err" &
pid=$!
until_true catches_interrupt $pid
kill -INT $pid
wait $pid
code=$?
if [ "$code" = 1 ] && [ ! -s "$tmp/out" ] && [ "$(cat "$tmp/err")" = "mho: interrupted; nothing was stored" ]; then
    ok "Ctrl-C half-way"
    report "Ctrl-C leaves no database" "$(ls "$tmp"/c.db* 2>/dev/null)"
else
    not_ok "Ctrl-C half-way" "exit code $code: $(cat "$tmp/out" "$tmp/err")"
fi
run stores --db "$tmp/c.db" --json
prints "an interrupted run stores nothing" '^ "run_id": 1,'

# The database goes bad while images are simulated: what was computed is shown all the same.
"$mho" run configs/quickstart.yaml --threads 1 --db "$tmp/late.db" >"$tmp/out" 2>"$tmp/err" &
pid=$!
until_true catches_interrupt $pid
mkdir "$tmp/late.db"
wait $pid
code=$?
prints "a late failure: the screen" '^Accuracy' '^Not stored'
report "a late failure: the error" \
    "$({ [ "$code" = 1 ] && grep -q '^mho: database .*late.db cannot be written' "$tmp/err"; } || cat "$tmp/err")"

# A small disk, which only root can have; full, and read-only.
mkdir "$tmp/disk"
if [ "$(id -u)" = 0 ] && mount -t tmpfs -o size=2m tmpfs "$tmp/disk" 2>/dev/null; then
    mounted=yes
    stores --db "$tmp/disk/r.db" >/dev/null
    dd if=/dev/zero of="$tmp/disk/filler" bs=4k 2>/dev/null
    fails "a full disk" 1 'r.db' stores --db "$tmp/disk/r.db" --set adc.bits=3
    rm "$tmp/disk/filler"
    run stores --db "$tmp/disk/r.db" --set adc.bits=3 --json
    prints "a full disk stores nothing" '^ "run_id": 2,'
    mount -o remount,ro "$tmp/disk"
    fails "a read-only disk" 1 'r.db' stores --db "$tmp/disk/r.db"
elif [ "$(id -u)" != 0 ]; then
    skip "a full disk: only root may mount one"
    stores --db "$tmp/ro.db" >/dev/null
    chmod 444 "$tmp/ro.db"
    fails "a read-only database" 1 'ro.db.*read-only' stores --db "$tmp/ro.db"
else
    skip "a full disk, a read-only disk: cannot mount one here"
fi
finish
