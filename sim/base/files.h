/* Files: reading whole ones, writing atomically, and finding the data files shipped with mho. */
#ifndef MHO_BASE_FILES_H
#define MHO_BASE_FILES_H

#include <stddef.h>

#include "sim/base/arena.h"
#include "sim/base/status.h"

/* Reads `path` (a regular file, or a pipe to its end) whole into `arena`; a zero byte follows the
 * data. STATUS_USAGE with the reason when it is missing, a directory, unreadable or above 4 GiB. */
enum status file_read(const char *path, struct arena *arena, char **data, size_t *bytes,
                      struct diagnostic *diag);

/* Writes `bytes` bytes to `path` so that a reader sees the old file or the new one, never a part:
 * a temporary file beside it, flushed, then renamed. STATUS_IO on failure, nothing left behind.
 * A symbolic link is followed; a device or a pipe is written to directly. */
enum status file_write(const char *path, const void *data, size_t bytes, struct diagnostic *diag);

/* What file_write would say now, without writing: for results that take long to get. */
enum status file_check_writable(const char *path, struct diagnostic *diag);

/* `path` relative to the directory of `origin` (a file), unless absolute: "a/b/c.yaml" and "../d"
 * are "a/d". NULL on short memory. */
char *file_beside(const char *origin, const char *path, struct arena *arena);

/* `path` from the root: symbolic links and ".." resolved where the file exists, otherwise joined to
 * the working directory. NULL on short memory. */
char *file_absolute(const char *path, struct arena *arena);

/* Finds a file of the shipped configuration tree, e.g. "presets/isaac.yaml": $MHO_CONFIGS, then
 * configs/ beside or above the executable (a build tree), then PREFIX/share/mho/configs.
 * STATUS_USAGE when in none. */
enum status file_shipped(const char *relative, struct arena *arena, char **path,
                         struct diagnostic *diag);

/* Names of the *.yaml files in a shipped folder ("presets"), without the ending, sorted: "a, b".
 * Empty when there is no such folder; NULL on short memory. */
char *file_shipped_names(const char *folder, struct arena *arena);

#endif
