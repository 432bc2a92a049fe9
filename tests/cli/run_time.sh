#!/bin/sh
# mho run, times: pipelines, copies of layers, the event-driven model.
# shellcheck source=tests/support/cli.sh
. "$(dirname "$0")/../support/cli.sh"
db=$tmp/mho.db
lenet="configs/examples/lenet.yaml --set run.accuracy=false --set run.name=lenet --db $db"

# timed WHAT PATTERN SETTING...: a run under these settings whose screen holds the pattern.
timed() {
    what=$1 pattern=$2
    shift 2
    settings=
    for setting; do settings="$settings --set $setting"; done
    # shellcheck disable=SC2086 # words of options
    succeeds "mho run: $what" "$mho" run $lenet $settings
    prints "$what: $pattern" "$pattern"
}

timed "one layer after the other" 'latency, 1,934 inferences/s layer by layer' chip.pipeline=layer_by_layer
timed "layers on images" 'latency, 2,170 inferences/s pipelined$' chip.pipeline=images
timed "layers on rows" '466.6 us latency, 2,170 inferences/s pipelined by rows' chip.pipeline=rows
timed "copies of layers" '34,722 inferences/s' mapping.replication=isaac
if grep -q '^By events' "$tmp/out"; then not_ok "events are for those who ask" "$(cat "$tmp/out")"; else ok "events are for those who ask"; fi
timed "balanced copies" '^Copies     1 of 4 layers have up to 9; slowest is c1: 576 positions in 9, 51.2 us' mapping.replication=balanced mapping.array_budget=271
timed "balanced copies of the chip" '^Time .* 1,250,000 inferences/s' mapping.replication=balanced
timed "tiles that change places" '^Places     .* bits through a router, [0-9.]+ % fewer than with tiles in order' mapping.placement=swap mapping.replication=balanced
timed "arrays for nobody" '^Note       mapping.array_budget changes nothing' mapping.array_budget=271
timed "by events" '^By events .* us latency, .* inferences/s over 3 images$' chip.timing=event chip.pipeline=rows
prints "who works most" '^Busiest    arrays 9[0-9] %, converters 9'
timed "a stream of one image" 'over 1 image$' chip.timing=event chip.stream=1
timed "a reason" '^Reason     latency is [0-9]+ % above the analytic one, for its way takes pooling' chip.timing=event mapping.replication=isaac

if command -v sqlite3 >/dev/null 2>&1; then
    sql() {
        sqlite3 "$db" "$1"
    }
    # Three of the runs above were by events.
    report "runs by events have their metrics, the others have none" "$(sql "
        SELECT 'runs with ' || name || ': ' || count(*) FROM metric WHERE name IN ('latency_event_s', 'throughput_event_ips',
            'busy_arrays', 'waited_router_s', 'blocked_event_s', 'buffer_fullest_bytes') GROUP BY name HAVING count(*) <> 3")"
    report "both pipelines are stored in every run" "$(sql "
        SELECT run_id FROM metric WHERE name IN ('latency_layer_by_layer_s', 'latency_pipelined_s', 'throughput_pipelined_ips',
            'throughput_layer_by_layer_ips') GROUP BY run_id HAVING count(*) <> 4")"
    report "copies and buffers of layers" "$(sql "
        SELECT copies, buffer_bytes, map_bytes FROM layer_summary WHERE position = 0 AND run_id = 1 AND
            (copies <> 1 OR buffer_bytes <> 28 * 4 + 5 OR map_bytes <> 28 * 28)
        UNION SELECT copies, 0, 0 FROM layer_summary WHERE position = 0 AND run_id = 4 AND copies <> 16")"
else
    skip "metrics of time: sqlite3 is not installed"
fi

# A chip file without what the event-driven model needs.
sed '/^timing:/,/^$/d' configs/presets/isaac.yaml >"$tmp/untimed.yaml"
# shellcheck disable=SC2086
fails "a chip without times" 2 'chip isaac has no section "timing" in its file.*chip.timing=analytic' "$mho" run $lenet --set chip.preset="$tmp/untimed.yaml" --set chip.timing=event
# shellcheck disable=SC2086
succeeds "a chip without times, analytic" "$mho" run $lenet --set chip.preset="$tmp/untimed.yaml"
# shellcheck disable=SC2086
fails "a mistyped pipeline" 2 'chip.pipeline: .*rwos.*did you mean "rows"' "$mho" run $lenet --set chip.pipeline=rwos
# shellcheck disable=SC2086
fails "a stream of nothing" 2 'chip.stream.* 1 to 1000' "$mho" run $lenet --set chip.stream=0
finish
