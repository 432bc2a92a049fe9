/* Streams: the bytes of a data file in order, whatever it is packed in (plain, gzip, xz, a zip
 * member).
 *
 * Private to the readers of this room. Opening a packed stream unpacks it once to the end, so that
 * damage is found before anything is believed and `bytes` is the true length: a reader can check a
 * header's promises against it before it allocates. Order of calls: one of the opens, then reads
 * and skips forward, then stream_close (a zeroed or closed stream is accepted). */
#ifndef MHO_NETWORK_STREAM_H
#define MHO_NETWORK_STREAM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "sim/base/base.h"

struct stream;

struct stream_type {
    /* Reads up to `wanted` bytes; `got` less than that only at the end. */
    enum status (*read)(struct stream *stream, void *buffer, size_t wanted, size_t *got,
                        struct diagnostic *diag);
    /* Moves to an absolute position within `bytes`; NULL where skipping means reading. */
    enum status (*seek)(struct stream *stream, uint64_t position, struct diagnostic *diag);
    void (*close)(struct stream *stream);
};

struct stream {
    const struct stream_type *type; /* NULL: closed */
    void *handle;
    const char *name;  /* for messages: the file, or file:member */
    uint64_t bytes;    /* length, unpacked */
    uint64_t position; /* of the next byte */
};

/* Opens a regular file, plain, gzip or xz (told by its first bytes). `path` must outlive it. */
enum status stream_open(const char *path, struct stream *stream, struct diagnostic *diag);

/* Opens the first of `names` (NULL-terminated) that the zip archive `path` holds. `arena` keeps the
 * stream's name. None of them: STATUS_USAGE that lists them. */
enum status stream_open_zip(const char *path, const char *const *names, struct arena *arena,
                            struct stream *stream, struct diagnostic *diag);

/* Whether the archive has a member of that name. */
enum status stream_zip_has(const char *path, const char *name, bool *has, struct diagnostic *diag);

/* Reads exactly `bytes` bytes; fewer left is "truncated". */
enum status stream_read(struct stream *stream, void *buffer, size_t bytes, struct diagnostic *diag);
enum status stream_skip(struct stream *stream, uint64_t bytes, struct diagnostic *diag);
void stream_close(struct stream *stream);

/* For implementations: reads on to the end and sets `bytes`; the caller rewinds. */
enum status stream_measure(struct stream *stream, struct diagnostic *diag);

/* Turns an open gzip or xz file at its start into a stream; takes over `file` in every case. */
enum status stream_open_gzip(FILE *file, const char *path, struct stream *stream,
                             struct diagnostic *diag);
enum status stream_open_xz(FILE *file, const char *path, struct stream *stream,
                           struct diagnostic *diag);

#endif
