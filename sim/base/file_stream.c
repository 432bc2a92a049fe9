#include "sim/base/file_stream.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "sim/base/files_internal.h"

/* A symbolic link is followed. */
static int find_target(const char *path, char target[PATH_MAX]) {
    struct stat info;
    if (stat(path, &info) != 0) {
        int length = snprintf(target, PATH_MAX, "%s", path);
        return length < PATH_MAX ? 0 : ENAMETOOLONG;
    }
    if (!S_ISREG(info.st_mode))
        return S_ISDIR(info.st_mode) ? EISDIR : EINVAL;
    return realpath(path, target) != NULL ? 0 : errno;
}

enum status file_stream_open(const char *path, struct file_stream *stream,
                             struct diagnostic *diag) {
    *stream = (struct file_stream){0};
    int error = find_target(path, stream->target);
    if (error != 0)
        return files_fail_write(path, error, diag);
    int fd = files_open_temporary(stream->target, stream->temporary, sizeof stream->temporary);
    if (fd < 0)
        return files_fail_write(path, errno, diag);
    stream->out = fdopen(fd, "w");
    if (stream->out != NULL)
        return STATUS_OK;
    error = errno;
    close(fd);
    unlink(stream->temporary);
    return files_fail_write(path, error, diag);
}

enum status file_stream_commit(struct file_stream *stream, struct diagnostic *diag) {
    int error = 0;
    if (fflush(stream->out) != 0 || ferror(stream->out))
        error = errno != 0 ? errno : EIO;
    int fd = dup(fileno(stream->out));
    if (fd < 0 && error == 0)
        error = errno;
    fclose(stream->out);
    stream->out = NULL;
    error = files_replace(fd, error, stream->temporary, stream->target);
    return error == 0 ? STATUS_OK : files_fail_write(stream->target, error, diag);
}

void file_stream_abandon(struct file_stream *stream) {
    if (stream->out == NULL)
        return;
    fclose(stream->out);
    stream->out = NULL;
    unlink(stream->temporary);
}
