#!/bin/sh
# mho inspect: quantised and float models.
# shellcheck source=tests/support/cli.sh
. "$(dirname "$0")/../support/cli.sh"
lenet=configs/networks/lenet_int8.onnx

succeeds "inspect works" "$mho" inspect $lenet
# 25*20 weights at 24*24 positions: 288 kMAC; in all 288k + 1600k + 400k + 5k.
prints "inspect shows LeNet" '^lenet_int8.onnx, quantised' \
    '^c1 +conv +1x28x28 +20x24x24 +25x20 +576 +288 k +500 ' \
    '^f1 +fc +800x1x1 +500x1x1 +800x500 +1 +400 k +400 k ' '^total +2.29 M +430 k'
succeeds "inspect --rows works" "$mho" inspect $lenet --rows 37 --cell-bits 3
# 37 rows * 7 of 3-bit cells: 259, 9 bits
prints "inspect --rows changes the bits" 'on 37 rows: 3-bit cells' '^f1 .* 9$'
succeeds "inspect --json works" "$mho" inspect $lenet --json
prints "inspect --json has the database's names" '"nonzero_weights": ' '"lossless_bits": ' \
    '"structural_bits": ' '"worst_bits": 9' '"column_rate": ' '"quantised": true'
succeeds "inspect shows depthwise layers" "$mho" inspect configs/networks/mobilenet_int8.onnx
prints "depthwise layers have groups" '^f.3/d +depthwise .* 9x1 x32 '
if [ -f ../shared/models/fashion-mnist/lenet.onnx ]; then
    succeeds "inspect takes float models" "$mho" inspect ../shared/models/fashion-mnist/lenet.onnx
    prints "float models say what the bits assume" 'float: .*weights of 8 bits' '^c1 +conv'
else
    skip "inspect of a float model: no ../shared/models"
fi
fails "inspect of nothing" 2 'nothing.onnx' "$mho" inspect nothing.onnx
# wrong_model PATTERN COMMAND...: what the command line's own parser refuses takes two lines.
wrong_model() {
    pattern=$1
    shift
    "$mho" "$@" >"$tmp/out" 2>"$tmp/err"
    code=$?
    if [ $code = 2 ] && grep -q "$pattern" "$tmp/err"; then
        ok "mho $*: exit code 2"
    else
        not_ok "mho $*: exit code 2" "exit code $code: $(cat "$tmp/out" "$tmp/err")"
    fi
}
wrong_model 'MODEL is missing' inspect
wrong_model 'MODEL is missing' init
wrong_model 'one MODEL at a time: .b.onnx. is too many' inspect a.onnx b.onnx
wrong_model 'one MODEL at a time: .b.onnx. is too many' init a.onnx b.onnx
fails "inspect on no rows" 2 '--rows: expected an integer from 1 to 4096' "$mho" inspect $lenet --rows 0
fails "inspect with rows of words" 2 '--rows: expected .*many' "$mho" inspect $lenet --rows many
finish
