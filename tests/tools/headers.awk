# Prints every header that does not open with a comment or has no include guard. A *_template.h is meant
# to be included several times and has none.
function check() {
    if (file != "" && file !~ /_template\.h$/ && (guard == "" || defined != guard))
        print file ": no include guard"
}

FNR == 1 {
    check()
    file = FILENAME
    guard = defined = ""
    directives = 0
    if ($0 !~ /^\/\*./)
        print file ":1: does not open with a comment that says what it offers"
}

/^#/ {
    directives++
    if (directives == 1 && $1 == "#ifndef")
        guard = $2
    if (directives == 2 && $1 == "#define")
        defined = $2
}

END {
    check()
}
