#include "sim/base/files.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "sim/base/files_internal.h"

/* Nothing mho reads is larger; a sparse or endless file must not exhaust the machine. */
static const uint64_t file_max_bytes = UINT64_C(4) << 30;
static const size_t stream_max_bytes = (size_t)1 << 30;
enum { STREAM_FIRST_BYTES = 64 * 1024, TEMPORARY_ATTEMPTS = 100 };

static enum status fail_read(const char *path, int error, struct diagnostic *diag) {
    return FAIL(diag, STATUS_USAGE, "cannot read %s: %s", path, strerror(error));
}

/* read() until `size` bytes or the end; -1 on failure with errno set. */
static ssize_t read_fully(int fd, char *data, size_t size) {
    size_t done = 0;
    while (done < size) {
        ssize_t n = read(fd, data + done, size - done);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return -1;
        if (n == 0)
            break;
        done += (size_t)n;
    }
    return (ssize_t)done;
}

static enum status read_regular(int fd, const char *path, size_t size, struct arena *arena,
                                char **data, size_t *bytes, struct diagnostic *diag) {
    char *content = arena_alloc(arena, size + 1, 1);
    if (content == NULL)
        return FAIL(diag, STATUS_MEMORY, "out of memory for %s (%zu bytes)", path, size);
    ssize_t n = read_fully(fd, content, size);
    if (n < 0)
        return fail_read(path, errno, diag);
    *data = content;
    *bytes = (size_t)n;
    return STATUS_OK;
}

/* A pipe, a device, or a file of /proc, whose size is not known beforehand. */
static enum status read_stream(int fd, const char *path, struct arena *arena, char **data,
                               size_t *bytes, struct diagnostic *diag) {
    enum status status = STATUS_OK;
    char *content = NULL;
    size_t capacity = 0, used = 0;
    do {
        capacity = capacity == 0 ? STREAM_FIRST_BYTES : 2 * capacity;
        if (capacity > stream_max_bytes) {
            status = FAIL(diag, STATUS_USAGE, "cannot read %s: it does not end within 1 GiB", path);
            goto done;
        }
        char *larger = realloc(content, capacity);
        if (larger == NULL) {
            status = FAIL_MEMORY(diag, path);
            goto done;
        }
        content = larger;
        ssize_t n = read_fully(fd, content + used, capacity - used);
        if (n < 0) {
            status = fail_read(path, errno, diag);
            goto done;
        }
        used += (size_t)n;
    } while (used == capacity);
    char *copy = arena_alloc(arena, used + 1, 1);
    if (copy == NULL) {
        status = FAIL_MEMORY(diag, path);
        goto done;
    }
    *data = memcpy(copy, content, used);
    *bytes = used;
done:
    free(content);
    return status;
}

enum status file_read(const char *path, struct arena *arena, char **data, size_t *bytes,
                      struct diagnostic *diag) {
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return fail_read(path, errno, diag);
    enum status status;
    struct stat info;
    if (fstat(fd, &info) != 0)
        status = fail_read(path, errno, diag);
    else if (S_ISDIR(info.st_mode))
        status =
            FAIL(diag, STATUS_USAGE, "cannot read %s: it is a directory, expected a file", path);
    else if (!S_ISREG(info.st_mode) || info.st_size == 0)
        status = read_stream(fd, path, arena, data, bytes, diag);
    else if ((uint64_t)info.st_size > file_max_bytes)
        status = FAIL(diag, STATUS_USAGE, "cannot read %s: it is larger than 4 GiB", path);
    else
        status = read_regular(fd, path, (size_t)info.st_size, arena, data, bytes, diag);
    close(fd);
    return status;
}

enum status files_fail_write(const char *path, int error, struct diagnostic *diag) {
    if (error == ENOSPC || error == EDQUOT)
        return FAIL(diag, STATUS_IO, "cannot write %s: the disk is full or the quota used up",
                    path);
    return FAIL(diag, STATUS_IO, "cannot write %s: %s", path, strerror(error));
}

/* Writes everything to `fd`; returns 0 or an errno. */
static int write_fully(int fd, const char *data, size_t bytes) {
    while (bytes > 0) {
        ssize_t n = write(fd, data, bytes);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return errno;
        data += n;
        bytes -= (size_t)n;
    }
    return 0;
}

int files_open_temporary(const char *target, char *name, size_t size) {
    for (int attempt = 0; attempt < TEMPORARY_ATTEMPTS; attempt++) {
        int length = snprintf(name, size, "%s.%ld-%d.tmp", target, (long)getpid(), attempt);
        if (length < 0 || (size_t)length >= size) {
            errno = ENAMETOOLONG;
            return -1;
        }
        int fd = open(name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
        if (fd >= 0 || errno != EEXIST)
            return fd;
    }
    return -1;
}

/* Makes the rename itself durable; a file system that cannot is no failure of the write. */
static void sync_directory(const char *path) {
    const char *slash = strrchr(path, '/');
    char directory[PATH_MAX];
    if (slash == NULL)
        snprintf(directory, sizeof directory, ".");
    else
        snprintf(directory, sizeof directory, "%.*s", (int)(slash - path + 1), path);
    int fd = open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0)
        return;
    (void)fsync(fd);
    close(fd);
}

int files_replace(int fd, int error, const char *temporary, const char *target) {
    if (error == 0 && fsync(fd) != 0 && errno != EINVAL && errno != ENOTSUP)
        error = errno;
    if (fd >= 0 && close(fd) != 0 && error == 0)
        error = errno;
    if (error == 0 && rename(temporary, target) != 0)
        error = errno;
    if (error != 0)
        (void)unlink(temporary);
    else
        sync_directory(target);
    return error;
}

/* Returns 0 or an errno. */
static int replace_file(const char *target, const void *data, size_t bytes) {
    char temporary[PATH_MAX];
    int fd = files_open_temporary(target, temporary, sizeof temporary);
    if (fd < 0)
        return errno;
    return files_replace(fd, write_fully(fd, data, bytes), temporary, target);
}

/* A device or a pipe: renaming over it would replace it by a file. Returns 0 or an errno. */
static int write_in_place(const char *path, const void *data, size_t bytes) {
    int fd = open(path, O_WRONLY | O_CLOEXEC);
    if (fd < 0)
        return errno;
    int error = write_fully(fd, data, bytes);
    if (close(fd) != 0 && error == 0)
        error = errno;
    return error;
}

enum status file_write(const char *path, const void *data, size_t bytes, struct diagnostic *diag) {
    struct stat info;
    int error;
    if (stat(path, &info) != 0) {
        error = replace_file(path, data, bytes);
    } else if (S_ISDIR(info.st_mode)) {
        error = EISDIR;
    } else if (!S_ISREG(info.st_mode)) {
        error = write_in_place(path, data, bytes);
    } else {
        char target[PATH_MAX];
        error = realpath(path, target) == NULL ? errno : replace_file(target, data, bytes);
    }
    return error == 0 ? STATUS_OK : files_fail_write(path, error, diag);
}

/* Returns 0 or an errno: whether a new file can be made beside `target`. */
static int check_folder(const char *target) {
    const char *slash = strrchr(target, '/');
    char folder[PATH_MAX] = ".";
    if (slash != NULL)
        snprintf(folder, sizeof folder, "%.*s", (int)(slash - target + 1), target);
    return eaccess(folder, W_OK | X_OK) == 0 ? 0 : errno;
}

enum status file_check_writable(const char *path, struct diagnostic *diag) {
    struct stat info;
    char target[PATH_MAX];
    int error = 0;
    if (stat(path, &info) != 0)
        error = check_folder(path);
    else if (S_ISDIR(info.st_mode))
        error = EISDIR;
    else if (!S_ISREG(info.st_mode))
        error = eaccess(path, W_OK) == 0 ? 0 : errno;
    else
        error = realpath(path, target) == NULL ? errno : check_folder(target);
    return error == 0 ? STATUS_OK : files_fail_write(path, error, diag);
}
