#!/bin/sh
# mho run: the screen, JSON, dry runs, and what is stored.
# shellcheck source=tests/support/cli.sh
. "$(dirname "$0")/../support/cli.sh"
lenet="configs/examples/lenet.yaml --set dataset.count=20 --db $tmp/new.db"

# shellcheck disable=SC2086
{
    succeeds "a run works" "$mho" run $lenet
    prints "the screen has every part" '^lenet_int8.onnx on 20 images' '^Accuracy +[0-9.]+ %' \
        '^Crossbars +[0-9]+' '^Area +[0-9.]+ mm2 used' '^Power .* peak' '^Energy .* per inference' \
        '^Time .* latency' '^Efficiency .* GOPS/W' '^ADC +[0-9.]+' '^c1 +25x20 +576' \
        'slice [0-9], [0-9]+ rows' \
        'Stored as run 1 of experiment `lenet` in .*/new.db' 'mho run .* --set'
    if grep -q "$(printf '\033')" "$tmp/out"; then
        not_ok "no colours outside a terminal"
    else
        ok "no colours outside a terminal"
    fi
    LC_ALL=C run "$mho" run $lenet
    if LC_ALL=C grep -q "$(printf '[\200-\377]')" "$tmp/out"; then
        not_ok "bars are ASCII in the C locale"
    else
        ok "bars are ASCII in the C locale"
    fi
    # The last lines hold paths and commands.
    report "the screen is 100 columns wide" "$(grep -vE '^Stored|mho run' "$tmp/out" | grep -E '.{101}')"
    succeeds "another point is another row" "$mho" run $lenet --set adc.bits=4 --explain
    prints "--explain says why" '/c2/Conv: bit-serial, for sums reach [0-9]+, and 4 bits end at 15'
    prints "clipping and signal-to-noise have columns" ' clip +SQNR +simulated$' \
        '^c2 .* rows +[0-9.]+ +[0-9.]+  bit-serial$'
    succeeds "a fitted run works" "$mho" run $lenet --set adc.bits=3 --set adc.transfer=nonuniform
    prints "a fitted run names its transfer" '3-bit ADC, nonuniform'
    fails "a fit without images" 2 'set dataset.calibration to a file' "$mho" run $lenet \
        --set adc.bits=3 --set adc.transfer=calibrated --set dataset.calibration=null
    succeeds "a wide first layer works" "$mho" run $lenet --set layers./c1/Conv.dac.bits=4 \
        --set adc.bits=lossless
    prints "what the first layer sets alone is told" 'The first layer alone sets the 10 bits of the ADCs' \
        '^  layers: \{"/c1/Conv": \{adc.bits: 8\}\}$'
    succeeds "a lossless run works" "$mho" run $lenet --set adc.bits=lossless
    prints "a lossless run says so" 'as well: no converter loses' ' integer$'
    succeeds "--json works" "$mho" run $lenet --json --set crossbar.rows=37
    prints "--json has the names of the database" '^ "run_id": [0-9]+,' '^ "accuracy_top1": [0-9]' \
        '^ "area_mm2": ' '^ "power_w": ' '^ "crossbars": [0-9]+,$' '"crossbar.rows": 37' \
        '"bits_set_by": ' '^ "status": "done"'
    if [ "$(head -c 1 "$tmp/out")" = "{" ] && [ "$(tail -n 1 "$tmp/out")" = "}" ]; then
        ok "--json prints one object and nothing else"
    else
        not_ok "--json prints one object and nothing else"
    fi
    # What differs between layers, and the next command: quoted, each key once, with --db; none
    # where `layers:` decides.
    succeeds "layers that differ" "$mho" run $lenet --set "layers./c2*.mapping.encoding=offset" --set adc.bits=4 \
        --set adc.bits=lossless --set "run.name=it's mine"
    prints "the headline tells what differs" ', differential \(1 layer offset\), 1-bit DAC'
    prints "the next command can be pasted" "mho run configs/examples/lenet.yaml --set dataset.count=20 --set 'layers./c2\*.mapping.encoding=offset' --set 'run.name=it'.''s mine' --set [a-z.]+=[0-9]+ --db $tmp/new.db"
    report "a replaced key is left out" "$(grep 'mho run.*lossless' "$tmp/out")"
    report "only the last dataset.count is kept" "$(grep 'dataset.count.*dataset.count' "$tmp/out")"
    succeeds "bits that layers decide" "$mho" run $lenet --set dataset.count=1 --set "layers.*.adc.bits=1"
    prints "one image" '^lenet_int8.onnx on 1 image of'
    report "no bits are suggested that layers override" "$(grep -- '--set adc.bits' "$tmp/out")"
    succeeds "other parts than the chip's" "$mho" run $lenet --set dac.bits=2 --set crossbar.cell_bits=4
    prints "other parts are told" "^Note +chip isaac's DAC and cell figures and cycle are those of 1-bit DACs and 2-bit cells\$"
    succeeds "a band over all ADC models works" "$mho" run $lenet --set adc.model=all --set adc.bits=3
    prints "each model has a row" '^isaac \(above\) +[0-9.]+ mm2 +[0-9]+ +[0-9.]+ mW ' '^murmann +n/a +n/a +n/a' \
        '^murmann: n/a, for layer "/c1/Conv" has ADCs of 3 bits' '^neurosim-sar +n/a +[0-9.]+ mW' \
        '^neurosim-sar: its source gives no area' '^neurram: its source gives no time'
    succeeds "another process works" "$mho" run $lenet --set adc.model=zigzag
    prints "another process is told" '^Note +ADC figures are those of 28 nm \(model zigzag\), in a chip of 32 nm'
    succeeds "a chip of fewer bits works" "$mho" run $lenet --set chip.preset=tinyadc --set adc.bits=5
    prints "finer converters are told" '^Note +chip tinyadc is printed with 4-bit ADCs; adc.bits builds up to 5 here$'
    succeeds "a chip at its own bits works" "$mho" run $lenet --set chip.preset=tinyadc --set adc.bits=4
    report "its own bits need no note" "$(grep '^Note' "$tmp/out")"
    # Each setting with what gives it an effect: told without, and not with.
    while read -r setting use; do
        succeeds "$setting without effect" "$mho" run $lenet --set dataset.count=1 --set "$setting"
        prints "$setting is told to be without effect" "^Note +${setting%%=*} (changes nothing:|leaves the area and energy of arrays)"
        succeeds "$setting with $use" "$mho" run $lenet --set dataset.count=1 --set "$setting" --set "$use"
        report "$setting has an effect with $use" "$(grep "^Note.*${setting%%=*}" "$tmp/out")"
    done <<SETTINGS
adc.supply=0.8 adc.model=zigzag
adc.temperature=350 adc.model=all
adc.column_resistance=5000 adc.model=all
adc.read_voltage=0.4 adc.model=all
chip.stream=4 chip.timing=event
chip.technology=itrs_lstp chip.node=22e-9
chip.technology=itrs_lstp mapping.compaction=reorder
chip.node_scaling=false mapping.compaction=reorder
device.preset=neurosim chip.preset=configs/chips/isaac_device.yaml
pruning.rate=2 pruning.scheme=filter
SETTINGS
    succeeds "a setting written as it is anyway" "$mho" run $lenet --set adc.supply=0.9 --set chip.node_scaling=true
    report "a default that is written is no setting without effect" "$(grep '^Note' "$tmp/out")"
    COLUMNS=80 succeeds "a narrow screen" "$mho" run $lenet
    report "the summary and the tables fit 80 columns" \
        "$(sed '/^Stored as\|^Replaced/,$d' "$tmp/out" | LC_ALL=C.UTF-8 grep -E '^.{81,}')"
    fails "a model without area" 2 'adc.model neurosim-sar gives energy and time but no area' "$mho" run $lenet \
        --set adc.model=neurosim-sar
    fails "bits outside a model" 2 'has ADCs of 3 bits: adc.model murmann holds for 4 to 16' "$mho" run $lenet \
        --set adc.model=murmann --set adc.bits=3
    succeeds "a baseline works" "$mho" run $lenet --baseline
    prints "the baseline is beside the run" '^Baseline: lenet_int8.onnx with no weight zero, no compaction, 9-bit ADCs' \
        '^ +this run +baseline +ratio$' '^Area +[0-9.]+ mm2 +[0-9.]+ mm2 +0\.[0-9]+x$' '^ADC bits +6 +9 +0.667x$'
    succeeds "a model as baseline works" "$mho" run $lenet --baseline --set run.baseline=configs/networks/lenet_int8.onnx
    prints "a model's accuracy is compared" '^Baseline: lenet_int8.onnx, no compaction, 8-bit ADCs that lose nothing' \
        '^Accuracy +[0-9.]+ % +[0-9.]+ % +[-+][0-9.]+$'
    succeeds "--baseline with --json" "$mho" run $lenet --baseline --json
    prints "--json has the ratios" '"baseline_area_ratio": 0\.' '^  "baseline": \{'
    fails "a baseline that is none" 2 'run.baseline is nothing: expected none, dense' "$mho" run $lenet --set run.baseline=nothing
    succeeds "run.cost=false works" "$mho" run $lenet --set run.cost=false
    succeeds "run.accuracy=false works" "$mho" run $lenet --set run.accuracy=false
    prints "assumed activity is told" 'no images simulated' 'activity assumed'
    succeeds "threads do not change the point" "$mho" run $lenet --threads 2
    succeeds "predictions are written" "$mho" run $lenet --set "run.predictions=$tmp/p.npy"
    # NPY version 1: a header of 128 bytes, then 20 int32
    report "predictions have one int32 for each image" \
        "$([ "$(wc -c <"$tmp/p.npy")" = 208 ] || wc -c "$tmp/p.npy")"

    succeeds "--dry-run works" "$mho" run configs/examples/lenet.yaml --dry-run --db "$tmp/dry.db"
    prints "--dry-run says what it did not do" 'Dry run: .*nothing was simulated or stored'
    report "--dry-run makes no database" "$(ls "$tmp/dry.db" 2>/dev/null)"
    succeeds "--dry-run --json works" "$mho" run configs/examples/lenet.yaml --dry-run --json
    prints "--dry-run --json says so" '"status": "dry_run"' '"run_id": null'
}
finish
