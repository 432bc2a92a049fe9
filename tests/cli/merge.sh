#!/bin/sh
# mho merge: runs of several databases in one, by what they are; what is refused; a full disk; kills.
# shellcheck source=tests/support/cli.sh
. "$(dirname "$0")/../support/cli.sh"
mounted=
cleanup() {
    [ -z "$mounted" ] || umount "$tmp/disk"
    rm -rf "$tmp"
}
# stores DB BITS: a quick run.
stores() {
    "$mho" run configs/examples/lenet.yaml --set dataset.count=20 --set "adc.bits=$2" --db "$tmp/$1" >/dev/null 2>&1
}
# ask DB SQL
ask() {
    sqlite3 "$tmp/$1" "$2"
}
figures="SELECT point_hash, trial, name, value FROM run JOIN metric ON run_id = id
    WHERE name NOT LIKE 'time%' ORDER BY 1, 2, 3"

stores a.db 4
stores a.db 5
stores b.db 5
stores b.db 6
stores one.db 6
stores one.db 4
stores one.db 5
succeeds "two databases into a new one" "$mho" merge "$tmp/all.db" "$tmp/a.db" "$tmp/b.db"
prints "what became of their runs" '/a.db +2 +2 +0 +0 +0 +0$' '/b.db +2 +1 +1 +0 +0 +0$' '^total +4 +3 +1 +0 +0 +0$' \
    '/all.db holds 3 runs'
ask all.db "$figures" >"$tmp/merged"
ask one.db "$figures" | cmp - "$tmp/merged" >"$tmp/differ" 2>&1
report "the same as if one had made them all" "$(cat "$tmp/differ")"
ask all.db "SELECT * FROM metric" >"$tmp/before"
succeeds "again" "$mho" merge "$tmp/all.db" "$tmp/b.db" "$tmp/a.db" --json
prints "again, as JSON" '"added": 0' '"same": 2' '"holds": 3' '"conflicts": \[\]'
report "again changes nothing" "$(ask all.db "SELECT * FROM metric" | cmp - "$tmp/before" 2>&1)"
report "inputs are left alone" "$(ask a.db "SELECT count(*) FROM run" | grep -vx 2)"

# The same point with other figures.
ask a.db "UPDATE metric SET value = 12.5 WHERE name = 'accuracy_top1' AND run_id = 2"
run "$mho" merge "$tmp/all.db" "$tmp/a.db"
report "other figures: exit code 1, no error" "$({ [ "$code" = 1 ] && [ ! -s "$tmp/err" ]; } || cat "$tmp/err")"
# shellcheck disable=SC2016 # backticks of the message
prints "other figures are named" '^total +2 +0 +1 +0 +0 +1$' \
    '^run 2 of .*all.db stays as it is: run 2 of .*a.db is the same point \(experiment `lenet`, trial 0\) with other figures: metric run accuracy_top1: value [0-9.]+ here, 12.5 there$'
report "other figures: what was there stays" "$(ask all.db "SELECT * FROM metric" | cmp - "$tmp/before" 2>&1)"

# Refusals: nothing is made, nothing changed.
fails "itself" 2 'is OUT and IN at once' "$mho" merge "$tmp/a.db" "$tmp/b.db" "$tmp/../$(basename "$tmp")/a.db"
fails "a database that is not there" 2 'there is no database .*none.db' "$mho" merge "$tmp/new.db" "$tmp/a.db" "$tmp/none.db"
cp "$tmp/b.db" "$tmp/newer.db"
ask newer.db 'PRAGMA user_version = 99'
fails "a newer schema" 1 'newer.db was written by a newer mho \(schema 99, this one knows [0-9]+\): use that' \
    "$mho" merge "$tmp/new.db" "$tmp/a.db" "$tmp/newer.db"
fails "into a newer schema" 1 'newer.db was written by a newer mho' "$mho" merge "$tmp/newer.db" "$tmp/a.db"
ask other.db 'CREATE TABLE t (x)'
fails "another program's database" 1 "other.db is another program's database" "$mho" merge "$tmp/new.db" "$tmp/other.db"
echo "no database at all, but long enough to be looked at" >"$tmp/text.db"
fails "no database" 1 'text.db is not an SQLite database' "$mho" merge "$tmp/new.db" "$tmp/text.db"
report "then nothing is made" "$(ls "$tmp"/new.db* 2>/dev/null)"
run "$mho" merge "$tmp/new.db"
report "nothing to merge" "$({ [ "$code" = 2 ] && grep -q 'at least one other' "$tmp/err"; } || cat "$tmp/err")"

# Locked by another program, which gives it back.
{ printf 'BEGIN IMMEDIATE;\n.shell sleep 2\nCOMMIT;\n' | ask all.db '.read /dev/stdin'; } &
until_true is_locked "$tmp/all.db"
succeeds "a lock is waited for" "$mho" merge "$tmp/all.db" "$tmp/b.db"
wait

# A disk that is too small for it, which only root can have.
mkdir "$tmp/disk"
if [ "$(id -u)" = 0 ] && mount -t tmpfs -o size=1m tmpfs "$tmp/disk" 2>/dev/null; then
    mounted=yes
    stores disk/all.db 5
    runs=$(ask disk/all.db "SELECT count(*), (SELECT count(*) FROM metric) FROM run")
    for bits in 3 7 8 9; do stores b.db $bits; done
    dd if=/dev/zero of="$tmp/disk/filler" bs=4k 2>/dev/null
    fails "a full disk" 1 'disk/all.db: the disk (is full|failed), nothing was stored' "$mho" merge "$tmp/disk/all.db" "$tmp/b.db"
    rm "$tmp/disk/filler"
    report "a full disk changes nothing" "$([ "$runs" = "$(ask disk/all.db \
        "SELECT count(*), (SELECT count(*) FROM metric) FROM run")" ] || echo changed; ask disk/all.db \
        'PRAGMA integrity_check' | grep -v '^ok$')"
else
    skip "a full disk: cannot mount one here"
fi
finish
