#!/bin/sh
# mho run with imperfect devices and converters: trials, what the screen and JSON say, and the rows.
# shellcheck source=tests/support/cli.sh
. "$(dirname "$0")/../support/cli.sh"
noisy="configs/examples/lenet.yaml --set dataset.count=10 --set layers.*Conv.device.preset=neurram_1day --db $tmp/r.db"
# results FILE: what was drawn decides these lines of a JSON object.
results() {
    sed -n '/"trials": \[/,/\]/{/"run_id"/!p}; /"accuracy_/p; /"activity"/p' "$1"
}
set -f # patterns of layers are no patterns of files

# shellcheck disable=SC2086
{
    succeeds "one trial works" "$mho" run $noisy
    prints "one trial proposes more" '^Accuracy +[0-9.]+ % \(95 % interval' \
        '^Devices +neurram_1day: measured programming error \(2 layers\)$' '^ +ideal \(2 layers\)$' \
        '^Stored as run 1 of' 'How much it varies:  mho run .* --set run.trials=5 --db' ' analog$'
    fails "a pattern that matches no layer" 2 'layers.c1' "$mho" run $noisy --set layers.c1.adc.inl=1
    succeeds "three trials work" "$mho" run $noisy --set run.trials=3 --set layers.*c1*.adc.offset_sigma=0.5 --explain
    prints "the screen has mean, deviation, interval and every kind of device" \
        '^Accuracy +[0-9.]+ % (±|\+-) [0-9.]+ over 3 trials \(95 % interval [0-9.]+ to [0-9.]+\); ideal' \
        '^Devices +neurram_1day: measured programming error, ADC offset 0.5 LSB \(1 layer\)$' \
        '^Stored as runs 2 to 4 of'
    prints "--explain names the device" \
        '^/c1/Conv: analog, for its device is neurram_1day: measured programming error, ADC offset 0.5 LSB$' \
        '^/f1/Gemm: bit-serial, for sums reach [0-9]+, and 6 bits end at 63: [0-9]+ of'

    succeeds "--json works" "$mho" run $noisy --set run.trials=3 --json
    results "$tmp/out" >"$tmp/first"
    prints "--json has all trials" '^ "accuracy_mean": ' '^ "accuracy_std": ' '^ "trials": \[' \
        '"trial": 2,' '"device": "neurram_1day"' '"path": "analog"' '"run.trials": 3'
    for threads in 1 3; do
        run "$mho" run $noisy --set run.trials=3 --json --threads $threads
        report "results do not depend on $threads threads" "$(results "$tmp/out" | diff "$tmp/first" -)"
    done
    run "$mho" run $noisy --set run.trials=3 --json --set run.seed=2
    if results "$tmp/out" | cmp -s - "$tmp/first"; then
        not_ok "another seed draws anew"
    else
        ok "another seed draws anew"
    fi

    succeeds "trials without chance work" "$mho" run configs/examples/lenet.yaml --set dataset.count=5 --set run.trials=4 --db "$tmp/r.db"
    prints "trials without chance run once" '^Trials +one stands for all 4 of run.trials' '^Stored as run [0-9]+ of'
    succeeds "a report of a trial" "$mho" report --run 2 --db "$tmp/r.db"
    own=$(sed -n 's/.*Accuracy, this trial  *\([0-9.]*\) %.*/\1/p' "$tmp/out")
    succeeds "the list has each trial's own accuracy" "$mho" report --db "$tmp/r.db"
    prints "and so has its report" "^ +2 .* ${own:-none} "
    succeeds "a report of a single trial" "$mho" report --run 1 --db "$tmp/r.db"
    report "which is not told apart from the mean" "$(grep 'this trial' "$tmp/out")"
    fails "no trials" 2 'run.trials.*1' "$mho" run $noisy --set run.trials=0
    fails "a device that does not exist" 2 'no shipped device is called "nothing" \(there is: ideal, ' "$mho" run $noisy --set device.preset=nothing
    fails "a device's mistake names the layer" 2 'layer /c2/Conv: device.drift_nu has no effect' \
        "$mho" run $noisy --set layers.*c2*.device.drift_nu=0.2
    succeeds "--dry-run knows the paths" "$mho" run $noisy --set run.trials=3 --dry-run --explain
    prints "--dry-run knows the paths" '^/c1/Conv: analog, for its device is neurram_1day'
}

if command -v sqlite3 >/dev/null 2>&1; then
    report "rows of trials agree with each other" "$(sqlite3 "$tmp/r.db" "
        SELECT point_hash FROM run JOIN run_summary AS s ON run_id = id GROUP BY point_hash
        HAVING abs(avg(accuracy_top1) - max(accuracy_mean)) > 1e-9 OR min(s.trial) <> 0
            OR max(s.trial) <> count(*) - 1 OR count(DISTINCT accuracy_mean) <> 1" 2>&1)"
else
    skip "rows of trials: sqlite3 is not installed"
fi
finish
