/* What the files of this room share about writing. */
#ifndef MHO_BASE_FILES_INTERNAL_H
#define MHO_BASE_FILES_INTERNAL_H

#include <stddef.h>

#include "sim/base/status.h"

/* STATUS_IO with the reason of an errno. */
enum status files_fail_write(const char *path, int error, struct diagnostic *diag);

/* Creates a new file beside `target`, with the permissions the umask gives; its name in `name`.
 * A descriptor, or -1 with errno. */
int files_open_temporary(const char *target, char *name, size_t size);

/* Puts the finished file `temporary`, of which `fd` is closed here, in the place of `target`, or
 * removes it where that fails or `error` is not 0. Returns 0 or an errno. */
int files_replace(int fd, int error, const char *temporary, const char *target);

#endif
