#!/bin/sh
# mho components: kinds, cost tables, ranges.
# shellcheck source=tests/support/cli.sh
. "$(dirname "$0")/../support/cli.sh"

succeeds "components lists kinds" "$mho" components
prints "kinds have what they are and their variants" '^crossbar +array of ReRAM cells: device, isaac, puma$' \
    '^sram_buffer +buffer of static memory: itrs_hp, itrs_lstp$'
succeeds "components KIND works" "$mho" components dac
prints "figures have units, source and range" '^isaac +32 nm +0.166 um2 +390.6 fJ ' '^isaac: ISAAC, ISCA 2016' \
    '^    bits: 1 to 8' '^    figures of 32 nm' '^with bits 1$'
succeeds "--param and --node work" "$mho" components sram_buffer --param size=128KB --node 45nm --variant itrs_hp
prints "--param and --node change the figures" '^itrs_hp +45 nm +0.474 mm2 +56.3 pJ +66.5 pJ +119.6 mW ' \
    '^    size: 1 KiB to 1 MiB' '^    node: 22 nm to 65 nm'
if grep -q '^itrs_lstp' "$tmp/out"; then not_ok "--variant shows one only"; else ok "--variant shows one only"; fi
succeeds "--technology works" "$mho" components dac --node 45nm --technology itrs_lstp -v isaac
prints "--technology changes the figures" '^isaac .* 664.7 fJ' # .3906 * 45/32 * 1.1^2
succeeds "a variant that does not hold is n/a" "$mho" components dac -p bits=2
prints "n/a says why" '^puma +32 nm +n/a' '^    n/a: component dac: bits is 2, but puma holds for 1'
fails "no variant holds" 2 'size is 2 MiB, but itrs_lstp holds for 1 KiB to 1 MiB' \
    "$mho" components sram_buffer -p size=2MiB
fails "a mistyped kind" 2 'no kind `dak` \(did you mean `dac`\?\); `mho components` lists them' "$mho" components dak
fails "an unknown kind" 2 'no kind `zebra`; `mho components` lists them' "$mho" components zebra
fails "a missing file" 2 'cannot read /nothing.yaml' "$mho" components /nothing.yaml
fails "an unknown parameter" 2 '"bit" is no parameter of dac \(did you mean "bits"\?\)' "$mho" components dac -p bit=2
fails "a wrong value" 2 'size: expected a size \(B, kB.*\), got "2 V"' "$mho" components sram_buffer -p "size=2 V"
fails "no value" 2 'expected NAME=VALUE, got "bits"' "$mho" components dac -p bits
fails "an unknown variant" 2 'dac has no variant "pumA"' "$mho" components dac -v pumA
fails "an unknown technology" 2 'no shipped technology is called "x" \(there is: itrs_hp, itrs_lstp\)' \
    "$mho" components dac -t x

# In a run: another node, cells written, and a chip of components (base: the preset's path).
dry="$mho run configs/quickstart.yaml --set run.accuracy=false --db $tmp/mho.db"
# shellcheck disable=SC2086
succeeds "chip.node works" $dry --set chip.node=65nm --set device.preset=isaac
prints "chip.node enlarges the area, and devices say what writing takes" '^Area +3.37 mm2 used' \
    '^Writing +45.7 uJ and 5.12 us for the cells of all layers$'
# shellcheck disable=SC2086
fails "chip.node without scaling" 2 'chip.node is 65 nm, and isaac is of 32 nm: this needs chip.node_scaling true' \
    $dry --set chip.node=65nm --set chip.node_scaling=off
cat >"$tmp/chip.yaml" <<CHIP
base: $root/configs/presets/isaac.yaml
name: components
array:
  components:
    - {name: array, printed_count: ~, area: ~, power: ~, action: ~, actions_per_cycle: ~, scaling: ~, source: ~,
       component: crossbar}
CHIP
# shellcheck disable=SC2086
fails "an ideal cell has no area" 2 '"array" of the chip needs cell_area, which the device ideal does not state' \
    $dry --set "chip.preset=$tmp/chip.yaml"
# shellcheck disable=SC2086
succeeds "a chip of components works" $dry --set "chip.preset=$tmp/chip.yaml" --set device.preset=isaac --json
prints "its rows name component and source" '"model": "crossbar device"' '"source": "cells as the device has them'
finish
