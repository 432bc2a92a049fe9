#!/bin/sh
# Prints docs/config.md, made from the options that the program itself explains. Usage: config.sh BUILD
cat <<'TEXT'
# Configuration

<!-- Made by docs/config.sh from `mho run --help`; change the help texts in the code, then `make docs`. -->

One YAML file describes one design point. Its sections and keys are below, with what each accepts and its default;
`mho config FILE` shows the same for one file, with where each value came from, and `mho init MODEL` writes a file to start
from. The smallest one names a model; with images it gives an accuracy too:

```yaml
network:
  model: mynet.onnx
dataset:
  format: idx
  images: images-idx3-ubyte.gz
  labels: labels-idx1-ubyte.gz
```

- Paths are relative to the file they are written in; those of `--set` to the working directory.
- Numbers with a unit may be written with it (`100 ns`, `1.2 GHz`); without one they are in SI units.
- `base: other.yaml` takes everything from another file first; what the file itself says wins.
- `--set section.key=value` wins over files. `run.seed`, for example, is `--set run.seed=7`.
- Keys marked *per layer* may differ for layers by name or pattern (`*`, `?`); later entries win:

```yaml
layers:
  /stem/stem.0/Conv: {adc.bits: 4}
  "/body/body.8/*": {crossbar.rows: 64, adc.bits: 7}
```

An unknown key, a wrong type or a value out of range is refused with `file:line:column`, what is wrong, and the nearest
name; nothing is computed or written.
TEXT
COLUMNS=1000 "$1/mho" run --help | awk '   # a line for each heading and help
    # "crossbar: the arrays" / "  crossbar.rows = 128   [1..4096], also per layer" / "      help ..."
    function cell(text) {
        gsub(/\|/, "\\|", text)
        return text
    }
    function flush() {
        if (key != "")
            print "| `" key "` | " value " | " cell(range) " | " cell(help) (per_layer ? " (*per layer*)" : "") " |"
        key = ""
    }
    /^Configuration/ {inside = 1; next}
    !inside {next}
    /^[a-z]+: / && !/^(base|layers): / {
        flush()
        section = $0
        sub(/:.*/, "", section)
        sub(/^[^:]*: */, "")
        print "\n## " section "\n\n" toupper(substr($0, 1, 1)) substr($0, 2) ".\n"
        print "| key | default | accepts | |"
        print "|---|---|---|---|"
        next
    }
    /^  [a-z]+\.[a-z_0-9]+ = / {
        flush()
        key = $1
        value = $0
        sub(/^[^=]*= /, "", value)
        sub(/   \[.*/, "", value)   # a default may be a list: three blanks end it
        value = value == "-" ? "" : value == "(required)" ? "required" : "`" value "`"
        range = $0
        sub(/^.*   \[/, "", range)
        per_layer = range ~ /\], also per layer$/
        sub(/\](, also per layer)?$/, "", range)
        help = ""
        next
    }
    key != "" && /^      / {
        sub(/^ */, "")
        help = help (help == "" ? "" : " ") $0
        next
    }
    {flush()}
    END {flush()}'
