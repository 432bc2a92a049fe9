#!/bin/sh
# Makes the three files beside this script from Debian's dataset-fashion-mnist: the first 1,000 test
# images with their labels, and the first 1,024 training images for calibration (never tested on).
# The bytes are the same each time: gzip -n leaves out name and time.
# Usage: make.sh [OUTPUT-DIRECTORY]
set -eu
source=/usr/share/datasets/fashion-mnist
out=${1:-$(dirname "$0")}

# big_endian N: N as the four bytes of an IDX header.
big_endian() {
    # shellcheck disable=SC2059
    printf "$(printf '\\%03o\\%03o\\%03o\\%03o' $(($1 >> 24 & 255)) $(($1 >> 16 & 255)) $(($1 >> 8 & 255)) $(($1 & 255)))"
}

# first COUNT HEADER-BYTES ITEM-BYTES FROM TO: the first COUNT items of an IDX file. The header is the
# magic number, the count, and for images their height and width.
first() {
    plain=$(mktemp)
    gzip -dc "$source/$4" >"$plain"
    {
        head -c 4 "$plain"
        big_endian "$1"
        tail -c +9 "$plain" | head -c $(($2 - 8 + $1 * $3))
    } | gzip -9n >"$out/$5"
    rm -f "$plain"
}

first 1000 16 784 t10k-images-idx3-ubyte.gz test-1000-images-idx3-ubyte.gz
first 1000 8 1 t10k-labels-idx1-ubyte.gz test-1000-labels-idx1-ubyte.gz
first 1024 16 784 train-images-idx3-ubyte.gz calibration-1024-images-idx3-ubyte.gz
