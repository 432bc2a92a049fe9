/* A file written piece by piece that is there as a whole or not at all, as file_write does for one
 * piece.
 *
 * Order of calls: file_stream_open; writes to `out`; file_stream_commit, which puts the file in its
 * place, or file_stream_abandon, which leaves nothing (also after a commit, and of a zeroed one).
 */
#ifndef MHO_BASE_FILE_STREAM_H
#define MHO_BASE_FILE_STREAM_H

#include <limits.h>
#include <stdio.h>

#include "sim/base/status.h"

struct file_stream {
    FILE *out;
    char target[PATH_MAX], temporary[PATH_MAX]; /* the latter beside the former until the commit */
};

enum status file_stream_open(const char *path, struct file_stream *stream, struct diagnostic *diag);
enum status file_stream_commit(struct file_stream *stream, struct diagnostic *diag);
void file_stream_abandon(struct file_stream *stream);

#endif
