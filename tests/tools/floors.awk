# Prints every include of a room that runs upward, or sideways where the design does not allow it.
# Input: the sources of the rooms, named from the root. Floors as in docs/developing.md.
BEGIN {
    floor["sim/base"] = 0
    floor["sim/config"] = floor["crossbar/geometry"] = 1
    floor["sim/network"] = 2
    floor["crossbar"] = floor["peripherals"] = 3
    floor["pruning"] = floor["mapping"] = floor["results"] = 4
    floor["sim/engine"] = floor["sim/chip"] = 5
    floor["sim/time"] = 6
    floor["sim/cost"] = 7
    floor["sim/run"] = floor["sim/expression"] = 8
    floor["sim/select"] = floor["sim/tune"] = floor["sim/sweep"] = floor["sim/repro"] = 9
    floor["sim/search"] = 10
    floor["sim/screen"] = 11
    floor["sim/plot"] = 12
    floor["sim/cli"] = 13
    # Within one floor, only these.
    sideways["crossbar/geometry", "sim/config/config.h"] = 1
    sideways["peripherals", "crossbar/adc_transfer.h"] = 1
}

# "sim/config/yaml.c" -> "sim/config"; geometry is a room of its own inside crossbar/.
function room(path, part) {
    if (path ~ /^crossbar\/geometry[._]/)
        return "crossbar/geometry"
    split(path, part, "/")
    return part[1] == "sim" ? part[1] "/" part[2] : part[1]
}

function complain(message) {
    print FILENAME ":" FNR ": " message
}

/^[ \t]*#[ \t]*include[ \t]*[<"]/ {
    quoted = $0 ~ /include[ \t]*"/
    path = $0
    sub(/^[^<"]*[<"]/, "", path)
    sub(/[>"].*/, "", path)
    from = room(FILENAME)
    to = room(path)
    if (path ~ /(^|\/)\.\.?\//)
        complain(path ": includes are from the root")
    else if (quoted && !(to in floor)) {
        if (path ~ /\// || path !~ /^onnx\.pb-c\.h$/)
            complain(path ": includes are from the root, and a new room needs a floor")
    } else if (!(from in floor))
        complain(from " has no floor")
    else if (to in floor && from != to) {
        if (floor[to] > floor[from])
            complain(path ": runs upward from " from)
        else if (floor[to] == floor[from] && !((from, path) in sideways))
            complain(path ": " from " must not include its neighbour " to)
        else if (path ~ /_internal\.h$/)
            complain(path ": is private to " to)
    }
}
