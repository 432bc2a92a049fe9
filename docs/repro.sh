#!/bin/sh
# Prints docs/repro.md: how papers are written, then what `mho repro` says of each. Usage: repro.sh BUILD
cat <<'TEXT'
# Published figures, line by line

<!-- Made by docs/repro.sh; the tables are what `mho repro --markdown` prints: `make docs`. -->

`mho repro` compares what papers print with what mho computes, and exits with 1 when a row leaves its band; `make test` runs it.
`mho repro NAME...` takes some of them, `--brief` shows only what is outside, `--json` and `--markdown` are for programs. Rows
are stored in the table `claim` ([database.md](database.md)).

- *rounding*: ours rounds to the digits that are printed. *2 %*: within that share of the published figure. *<= 4*, *>= 4*: a limit.
- *claim*: shown beside ours without a band, with the reason (`As above.`: the one of the row before); - where nothing models it.
- What a row is worth depends on where ours comes from. A component that a chip file prints (ISAAC's bus, say) is compared with the
  same print: that finds slips of the pen, in either file, and nothing more. Totals, shares, peaks and stored weights are sums over all
  parts; converters *by their model*, mapped networks and buffers are computed from formulas or images; rows of `neurram` are of a model
  calibrated on seven of its ten points, so that only those *held out* are predictions.
- *skipped*: it needs a network that is not there (large models are not part of this tree).

## To add a paper

A file `configs/papers/NAME.yaml`; no code. It names what its rows are made of, then the tables:

```yaml
name: mypaper
title: Authors, venue and year
chips:
  chip: isaac                        # a preset, or a chip file beside this one (./chip.yaml)
runs:                                # evaluated when a row asks
  dense: {config: runs/dense.yaml}
  pruned: {config: runs/pruned.yaml, set: [adc.bits=lossless], needs: runs/pruned.onnx}   # skipped where absent
data:
  points:                            # measured points, for fits and for rows that repeat
    columns: [bits, time_ns]
    rows: [[4, 10.2], [6, 15.1], [8, 19.8]]
define:
  saving: 1 - pruned.area_m2 / dense.area_m2
  model: sar.setup + bits * sar.step
fits:                                # least squares; parameters are listed as calibrated
  sar:
    data: points
    residuals: [model / (time_ns * 1e-9) - 1]
    parameters:
      setup: {start: 1, unit: ns, what: before the first bit}
      step: {start: 2, unit: ns, what: of one bit}
tables:
  - title: Table 3
    source: Venue and year, table 3
    rows:
      - {what: tile power, published: 330, unit: mW, ours: chip.tile.power_w, band: rounding}
      - {what: area saved, published: 40, unit: "%", ours: saving, band: claim, note: Why it cannot be reached.}
      - {each: points, what: "{bits} bits", published: time_ns, unit: ns, ours: model, band: 5 %}
```

Runs side by side, without published figures, are a comparison: a row for each run, in whose columns `run` names it and `reference`
the run that all rows share. The screen shows the settings of each run below; figures are metrics in the scope `TITLE: RUN`.

```yaml
comparisons:
  - title: Schemes
    source: what they have in common
    reference: dense
    columns:
      - {name: arrays, ours: run.crossbars}
      - {name: energy saved, unit: "%", ours: 1 - run.energy_per_inference_j / reference.energy_per_inference_j}
    rows:
      - {run: dense, what: dense}
      - {run: pruned, what: pruned}
```

A run with `long: true` is left out unless `--long` is given, and a paper with `on_request: true` is evaluated only where it is named:
as `mho repro mixed-granularity` ([mixed_granularity.md](mixed_granularity.md)) and `mho repro tinyadc-combined`.
The latter, on 2026-11-25, for ResNet-20 with 0.91 to 1.13 points lost: block rows, then column-proportional, take 531.3 mW and
0.988 mm2; the best scheme alone (block rows) 545.9 mW and 1.001 mm2, dense 774.3 mW and 1.246 mm2: 1.03 times less power and 1.01
times less area than the best alone, where TinyADC claims 3.5 and 2.9 for ImageNet after retraining. Joined layer by layer (columns, rows, then
column-proportional) 385.4 mW and 0.789 mm2, 1.42 and 1.27 times less than the best alone, of which block rows layer by layer have most: 396.2 mW and 0.799 mm2.
ResNet-18, 1.3 to 1.4 points lost: block rows, then column-proportional, layer by layer 6.16 W and 8.53 mm2; block rows, the best
scheme alone, 7.83 W and 10.73 mm2 (6.56 W and 9.00 mm2 by the same rows layer by layer), dense 22.25 W and 28.95 mm2.

`--only TEXT` evaluates the comparisons and tables whose titles contain it, and nothing else: `mho repro mixed-granularity --only resnet-20`.
A part, and what has long runs in it, are points of their own in the database, beside the whole without them.

`published` is in the row's `unit`, `ours` an expression in SI units (operations a second; shares of 1). Names:

| name | what |
|---|---|
| `CHIP.tiles`, `.macros_per_tile`, `.arrays_per_macro`, `.rows`, `.columns`, `.cell_bits`, `.dac_bits`, `.adc_bits`, `.weight_bits`, `.activation_bits`, `.pipeline_stages`, `.cycle_s`, `.node_m`, `.peak_ops` | of the chip file |
| `CHIP.chip.area_m2`, `.power_w`; so `CHIP.tile`, `CHIP.macro`, `CHIP.array` | one of that level with all in it, as printed |
| `CHIP.tile[PART].area_m2`, `.power_w` | all parts of one component in one of that level |
| `CHIP[PART].area_m2`, `.power_w`, `.energy_j`, `.leakage_w`, `.count` | one part; energy of an action; parts in its parent |
| `RUN.METRIC` | a metric by its name in the database: `RUN.power_peak_w` |
| `RUN[PART].area_m2`, `.energy_j`, `.power_peak_w`, `.leakage_w`, `.count`, `.actions` | sums over a component's rows |
| `FIT.PARAMETER`, `FIT.rows` | calibrated; rows of data that were used |
| a column, a definition | in rows with `each`, in fits and `..._over`; anywhere |

Operators are `+ - * / ^ < <= > >= ==` (comparisons give 1 or 0); functions `abs ceil exp floor log2 log10 round sqrt min max`,
`if(condition, then, else)`, `sum_over(TABLE, value, which)`, `mean_over`, `max_over` (rows of a data table where `which`, which may
be left out, is not 0), `lossless_bits(largest sum)`, `adc_area_m2(MODEL, bits, rate_hz, node_m)`, `adc_power_w`, and
`buffer_map(width, kernel, inputs)`, `buffer_rows`, `buffer_window` (values of a layer's input that lie in buffers).
What is unknown is refused with file, line, column and the nearest name.

TEXT
COLUMNS=100 "$1/mho" repro --markdown --db "${TMPDIR:-/tmp}/mho-repro-$$.db"
rm -f "${TMPDIR:-/tmp}/mho-repro-$$.db"*
