/* Members of a zip archive through libzip, which checks their CRC at the end. */
#include "sim/network/stream.h"

#include <stdlib.h>
#include <string.h>
#include <zip.h>

struct member {
    zip_t *archive;
    zip_file_t *file; /* NULL before the first open */
    zip_uint64_t index;
};

static enum status member_read(struct stream *stream, void *buffer, size_t wanted, size_t *got,
                               struct diagnostic *diag) {
    struct member *member = stream->handle;
    *got = 0;
    while (*got < wanted) {
        zip_int64_t n = zip_fread(member->file, (char *)buffer + *got, wanted - *got);
        if (n < 0)
            return FAIL(diag, STATUS_USAGE, "%s: damaged zip data: %s", stream->name,
                        zip_error_strerror(zip_file_get_error(member->file)));
        if (n == 0)
            break;
        *got += (size_t)n;
    }
    return STATUS_OK;
}

static void member_close(struct stream *stream) {
    struct member *member = stream->handle;
    if (member->file != NULL)
        zip_fclose(member->file);
    zip_discard(member->archive);
    free(member);
}

static const struct stream_type zip_type = {member_read, NULL, member_close};

static enum status member_start(struct stream *stream, struct diagnostic *diag) {
    struct member *member = stream->handle;
    if (member->file != NULL)
        zip_fclose(member->file);
    member->file = zip_fopen_index(member->archive, member->index, 0);
    if (member->file == NULL)
        return FAIL(diag, STATUS_USAGE, "%s: cannot unpack: %s", stream->name,
                    zip_strerror(member->archive));
    return STATUS_OK;
}

static enum status open_archive(const char *path, zip_t **archive, struct diagnostic *diag) {
    int code = 0;
    *archive = zip_open(path, ZIP_RDONLY, &code);
    if (*archive != NULL)
        return STATUS_OK;
    zip_error_t error;
    zip_error_init_with_code(&error, code);
    enum status status = FAIL(diag, STATUS_USAGE, "%s: cannot open as a zip archive: %s", path,
                              zip_error_strerror(&error));
    zip_error_fini(&error);
    return status;
}

static enum status find(zip_t *archive, const char *path, const char *const *names,
                        zip_uint64_t *index, const char **name, struct diagnostic *diag) {
    for (int i = 0; names[i] != NULL; i++) {
        zip_int64_t at = zip_name_locate(archive, names[i], 0);
        if (at >= 0) {
            *index = (zip_uint64_t)at;
            *name = names[i];
            return STATUS_OK;
        }
    }
    return FAIL(diag, STATUS_USAGE, "%s: has no array %.*s%s%.*s", path,
                (int)strcspn(names[0], "."), names[0], names[1] != NULL ? " or " : "",
                names[1] != NULL ? (int)strcspn(names[1], ".") : 0,
                names[1] != NULL ? names[1] : "");
}

static enum status open_member(struct stream *stream, const char *path, const char *const *names,
                               struct arena *arena, struct diagnostic *diag) {
    struct member *member = stream->handle;
    const char *name = NULL;
    TRY(find(member->archive, path, names, &member->index, &name, diag));
    stream->name = arena_printf(arena, "%s:%s", path, name);
    if (stream->name == NULL)
        return FAIL_MEMORY(diag, "a file name");
    TRY(member_start(stream, diag));
    TRY(stream_measure(stream, diag));
    return member_start(stream, diag);
}

enum status stream_open_zip(const char *path, const char *const *names, struct arena *arena,
                            struct stream *stream, struct diagnostic *diag) {
    *stream = (struct stream){0};
    struct member *member = calloc(1, sizeof *member);
    if (member == NULL)
        return FAIL_MEMORY(diag, "a zip archive");
    enum status status = open_archive(path, &member->archive, diag);
    if (status != STATUS_OK) {
        free(member);
        return status;
    }
    *stream = (struct stream){.type = &zip_type, .handle = member, .name = path};
    status = open_member(stream, path, names, arena, diag);
    if (status != STATUS_OK)
        stream_close(stream);
    return status;
}

enum status stream_zip_has(const char *path, const char *name, bool *has, struct diagnostic *diag) {
    zip_t *archive;
    TRY(open_archive(path, &archive, diag));
    *has = zip_name_locate(archive, name, 0) >= 0;
    zip_discard(archive);
    return STATUS_OK;
}
