/* npy_diff OURS.npy THEIRS.npy: prints how many of OURS' integers differ from the first ones of
 * THEIRS, and how many were compared. Reads one-dimensional NPY files of |u1, <i4 or <i8 (version
 * 1), independently of mho's own reader. Exit code 2 when a file is not one of these. */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct npy {
    FILE *file;
    size_t item_bytes;
    long count;
};

/* Opens `path`, reads its header and stands at the first item. */
static int npy_open(const char *path, struct npy *npy) {
    unsigned char start[10];
    char header[65536];
    npy->file = fopen(path, "rb");
    if (npy->file == NULL || fread(start, 1, sizeof start, npy->file) != sizeof start ||
        memcmp(start, "\x93NUMPY\x01", 7) != 0)
        return 0;
    size_t length = (size_t)start[8] + 256u * (size_t)start[9];
    if (fread(header, 1, length, npy->file) != length)
        return 0;
    header[length] = '\0';
    const char *shape = strstr(header, "'shape': (");
    if (shape == NULL || sscanf(shape, "'shape': (%ld,)", &npy->count) != 1)
        return 0;
    if (strstr(header, "'|u1'") != NULL)
        npy->item_bytes = 1;
    else if (strstr(header, "'<i4'") != NULL)
        npy->item_bytes = 4;
    else if (strstr(header, "'<i8'") != NULL)
        npy->item_bytes = 8;
    return npy->item_bytes != 0;
}

/* The next item: little-endian, and as classes are meant never negative. */
static int npy_next(const struct npy *npy, uint64_t *value) {
    unsigned char bytes[8];
    if (fread(bytes, 1, npy->item_bytes, npy->file) != npy->item_bytes)
        return 0;
    *value = 0;
    for (size_t i = npy->item_bytes; i-- > 0;)
        *value = *value << 8 | bytes[i];
    return 1;
}

static int differing(const struct npy *ours, const struct npy *theirs, long *count) {
    *count = 0;
    for (long i = 0; i < ours->count; i++) {
        uint64_t a, b;
        if (!npy_next(ours, &a) || !npy_next(theirs, &b))
            return 0;
        *count += a != b;
    }
    return 1;
}

int main(int argc, char **argv) {
    if (argc != 3) {
        fprintf(stderr, "usage: npy_diff OURS.npy THEIRS.npy\n");
        return 2;
    }
    struct npy files[2] = {{0}, {0}};
    int status = 0;
    for (int i = 0; i < 2 && status == 0; i++)
        if (!npy_open(argv[1 + i], &files[i])) {
            fprintf(stderr, "%s: not a one-dimensional NPY file of |u1, <i4 or <i8\n", argv[1 + i]);
            status = 2;
        }
    long count;
    if (status == 0 && differing(&files[0], &files[1], &count))
        printf("%ld %ld\n", count, files[0].count);
    else if (status == 0) {
        fprintf(stderr, "%s: shorter than %s\n", argv[2], argv[1]);
        status = 2;
    }
    for (int i = 0; i < 2; i++)
        if (files[i].file != NULL)
            fclose(files[i].file);
    return status;
}
