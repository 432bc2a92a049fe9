/* A folder of one test's own in /tmp, and files made in it.
 *
 * Order of calls: scratch_open, any of the others, scratch_close (removes the folder with all that
 * is in it). Names are relative to the folder. Failures end the test through CUnit. */
#ifndef MHO_TESTS_SUPPORT_SCRATCH_H
#define MHO_TESTS_SUPPORT_SCRATCH_H

#include <stddef.h>

#include "sim/base/arena.h"

struct scratch {
    char folder[32];
    struct arena arena; /* of the paths handed out */
};

void scratch_open(struct scratch *scratch);
void scratch_close(struct scratch *scratch);

/* Path of a name in the folder; lives until scratch_close. */
const char *scratch_path(struct scratch *scratch, const char *name);

/* Write a file, as it is or packed with gzip; the same path comes back. */
const char *scratch_write(struct scratch *scratch, const char *name, const void *data,
                          size_t bytes);
const char *scratch_gzip(struct scratch *scratch, const char *name, const void *data, size_t bytes);

/* Cuts a file of the folder to `bytes` bytes, or adds `bytes` bytes 'x' at its end. */
void scratch_cut(const char *path, size_t bytes);
void scratch_append(const char *path, size_t bytes);
size_t scratch_size(const char *path);

#endif
