# Prints every function of more than `limit` lines, from its first line to its closing brace. C files are
# read as braces and parentheses, with comments, strings and preprocessor lines left out; shell files
# by `name() {` and a `}` at the start of a line.
FNR == 1 {
    depth = comment = directive = 0
    head = name = ""
    shell = FILENAME ~ /\.sh$/
}

function finished(last) {
    if (last - first + 1 > limit)
        print FILENAME ":" first ": " name " has " (last - first + 1) " lines"
    name = ""
}

# The line without what may hide braces.
function bare(line, out, at) {
    while (line != "") {
        if (comment) {
            at = index(line, "*/")
            if (!at)
                return out
            comment = 0
            line = substr(line, at + 2)
        }
        if (!match(line, /\/\*|\/\/|"([^"\\]|\\.)*"|'([^'\\]|\\.)+'/))
            return out line
        out = out substr(line, 1, RSTART - 1)
        at = substr(line, RSTART, 2)
        if (at == "//")
            return out
        comment = at == "/*"
        line = substr(line, RSTART + RLENGTH)
    }
    return out
}

# An opening brace at depth 0 after `)` starts a function; its name stands before the first `(`.
function opened(text) {
    if (text !~ /\)[ \t]*$/ || text ~ /=/)
        return
    sub(/[ \t]*\(.*/, "", text)
    sub(/.*[ \t*]/, "", text)
    name = text
    first = head_line
}

shell {
    if (name == "" && match($0, /^[A-Za-z_][A-Za-z0-9_]*\(\) *\{/)) {
        name = substr($0, 1, index($0, "(") - 1)
        first = FNR
    } else if (name != "" && /^\}/)
        finished(FNR)
    next
}

{
    if (directive || (!comment && /^[ \t]*#/)) {
        directive = /\\$/
        next
    }
    line = bare($0)
    while (match(line, /[{};]/)) {
        before = substr(line, 1, RSTART - 1)
        mark = substr(line, RSTART, 1)
        line = substr(line, RSTART + 1)
        if (depth == 0) {
            if (head !~ /[^ \t]/)
                head_line = FNR
            if (mark == "{")
                opened(head before)
            head = ""
        }
        if (mark == "{")
            depth++
        else if (mark == "}" && --depth == 0 && name != "")
            finished(FNR)
    }
    if (depth == 0) {
        if (head !~ /[^ \t]/)
            head_line = FNR
        head = head line " "
    }
}
