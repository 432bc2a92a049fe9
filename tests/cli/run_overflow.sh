#!/bin/sh
# mho run, more arrays than the chip has: several chips, passes of one, refusals.
# shellcheck source=tests/support/cli.sh
. "$(dirname "$0")/../support/cli.sh"
db=$tmp/mho.db
printf 'base: %s/configs/presets/isaac.yaml\nname: small\nchip: {tiles: 1}\n' "$PWD" >"$tmp/small.yaml"
small="configs/examples/lenet.yaml --set run.accuracy=false --set chip.preset=$tmp/small.yaml --db $db"

# overflow WHAT SETTING...: a run of a network whose 32 macros are more than the chip's 12.
overflow() {
    what=$1
    shift
    settings=
    for setting; do settings="$settings --set $setting"; done
    # shellcheck disable=SC2086 # words of options
    succeeds "mho run: $what" "$mho" run $small $settings
}

overflow "several chips"
prints "several chips, and their links" '^Links      [0-9.]+ k? ?bits of an image between 3 chips'
overflow "passes" chip.overflow=reload device.preset=isaac
prints "passes, and what is there at a time" '^Crossbars  246, 3 passes through 12 macros, 1 of the chip.s 1 tiles$'
prints "passes, and what reloading takes" '^Reload     3 passes for 1 image: reloading takes .*, [0-9]+ % of the time, and with'
overflow "batches" chip.overflow=reload device.preset=isaac chip.batch=100
prints "batches, and whose latency it is" 'latency of a batch, '
prints "batches, and what reloading takes" '^Reload     3 passes for a batch of 100 images: reloading'
overflow "a batch for nobody" chip.batch=100
prints "a batch for nobody" '^Note       chip.batch changes nothing'
overflow "writes for nobody" chip.write_arrays=7
prints "writes for nobody" '^Note       chip.write_arrays changes nothing'
overflow "some arrays at a time" chip.write_arrays=7 device.preset=isaac
prints "some arrays at a time" '^Writing .* for the cells of all layers$'

# shellcheck disable=SC2086
fails "too small a chip" 2 'chip small has 12 macros of 8 arrays, and the mapping takes 32: 160 arrays are missing. Lower' "$mho" run $small --set chip.overflow=error
# shellcheck disable=SC2086
fails "a device that states no writes" 2 'neither the device ideal nor chip small states what that takes: choose a device.preset' "$mho" run $small --set chip.overflow=reload
# shellcheck disable=SC2086
fails "passes by events" 2 'knows of no reloading, and the network takes 3 passes' "$mho" run $small --set chip.overflow=reload --set device.preset=isaac --set chip.timing=event

if command -v sqlite3 >/dev/null 2>&1; then
    sql() {
        sqlite3 "$db" "$1"
    }
    report "metrics of chips and passes" "$(sql "
        SELECT 'run ' || run_id || ': ' || count(*) FROM metric WHERE scope = 'run' AND (name = 'chips' AND value IN (1, 3) OR name = 'passes' AND value IN (1, 3)
            OR name IN ('link_bits', 'reload_time_s', 'reload_time_share', 'reload_energy_j', 'reload_energy_share'))
        GROUP BY run_id HAVING count(*) <> 3 + 4 * (SELECT value = 3 FROM metric AS m WHERE m.run_id = metric.run_id AND m.name = 'passes')")"
    # Three passes through a chip, and the same three chips; a hundred images pay for one reload.
    report "areas, energies and times of both ways" "$(sql "
        WITH f AS (SELECT run_id, max(CASE name WHEN 'area_m2' THEN value END) AS area, max(CASE name WHEN 'throughput_ips' THEN value END) AS rate,
            max(CASE name WHEN 'reload_energy_j' THEN value END) AS reload, max(CASE name WHEN 'macros' THEN value END) AS macros
            FROM metric WHERE scope = 'run' GROUP BY run_id)
        SELECT 'chips', c.area, c.rate, p.area, p.rate, b.rate, p.reload, b.reload FROM f AS c, f AS p, f AS b
        WHERE c.run_id = 1 AND p.run_id = 2 AND b.run_id = 3 AND
            NOT (abs(p.area / c.area - p.macros / c.macros) < 1e-9 AND b.rate > p.rate AND c.rate > b.rate AND p.reload > 2 * b.reload)")"
    report "energies of layers and parts make up the run's" "$(sql "
        SELECT run_id, e, total FROM (SELECT run_id, sum(energy_j) AS e FROM component GROUP BY run_id)
            JOIN (SELECT run_id, value AS total FROM metric WHERE scope = 'run' AND name = 'energy_per_inference_j') USING (run_id)
        WHERE abs(e / total - 1) > 1e-9")"
else
    skip "metrics of chips and passes: sqlite3 is not installed"
fi
finish
