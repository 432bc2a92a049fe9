/* Where a database lies: its folder, and whether that is a local disk. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statfs.h>
#include <unistd.h>

#include "results/store_internal.h"

enum status store_make_folder(const char *path, struct diagnostic *diag) {
    char *folder = strdup(path);
    if (folder == NULL)
        return FAIL_MEMORY(diag, "a file name");
    enum status status = STATUS_OK;
    for (char *slash = folder + 1; *slash != '\0' && status == STATUS_OK; slash++) {
        if (*slash != '/')
            continue;
        *slash = '\0';
        if (mkdir(folder, 0777) != 0 && errno != EEXIST)
            status = FAIL(diag, STATUS_STORE, "cannot create the folder %s: %s; name another",
                          folder, strerror(errno));
        *slash = '/';
    }
    free(folder);
    return status;
}

/* 0 when files can be made in `folder`, or why not. */
static int folder_errno(const char *folder) {
    struct stat info;
    if (stat(folder, &info) != 0)
        return errno;
    if (!S_ISDIR(info.st_mode))
        return ENOTDIR;
    return eaccess(folder, W_OK | X_OK) == 0 ? 0 : errno;
}

/* What a database's folder is called when nobody names another: the one that is made where it is
 * missing. Any other that is missing is a name mistyped, rather. */
static const char own_folder[] = "results";

/* The folder part of a path without a leading "./", "." where there is none; for the caller to
 * free. */
static char *folder_of(const char *path) {
    while (strncmp(path, "./", 2) == 0)
        path += 1 + strspn(path + 1, "/");
    const char *slash = strrchr(path, '/');
    if (slash == NULL)
        return strdup(".");
    return strndup(path, slash == path ? 1 : (size_t)(slash - path));
}

static enum status fail_missing(const char *path, const char *folder, struct diagnostic *diag) {
    return FAIL(diag, STATUS_USAGE,
                "database %s: there is no folder %s: make it (mkdir -p), or name another file with "
                "--db",
                path, folder);
}

/* Says which folder the working directory is. */
static enum status fail_unwritable(const char *path, const char *folder, int reason,
                                   struct diagnostic *diag) {
    char *working = strcmp(folder, ".") == 0 ? realpath(folder, NULL) : NULL;
    enum status status = FAIL(diag, STATUS_STORE,
                              "database %s cannot be written: %s: %s; make the folder writable, or "
                              "use --db OTHER",
                              path, working != NULL ? working : folder, strerror(reason));
    free(working);
    return status;
}

enum status store_check_folder(const char *path, struct diagnostic *diag) {
    if (path[strlen(path) - 1] == '/')
        return FAIL(diag, STATUS_USAGE, "database %s: that is a folder: name a file in it", path);
    char *folder = folder_of(path);
    if (folder == NULL)
        return FAIL_MEMORY(diag, "a file name");
    int reason = folder_errno(folder);
    bool make = reason == ENOENT && strcmp(folder, own_folder) == 0;
    if (make)
        reason = folder_errno(".");
    enum status status = STATUS_OK;
    if (reason == ENOENT)
        status = fail_missing(path, folder, diag);
    else if (reason != 0)
        status = fail_unwritable(path, make ? "." : folder, reason, diag);
    free(folder);
    return status;
}

enum status store_prepare_folder(const char *path, struct diagnostic *diag) {
    char *folder = folder_of(path);
    if (folder == NULL)
        return FAIL_MEMORY(diag, "a file name");
    enum status status = STATUS_OK;
    if (folder_errno(folder) == ENOENT)
        status = strcmp(folder, own_folder) == 0 ? store_make_folder(path, diag)
                                                 : fail_missing(path, folder, diag);
    free(folder);
    return status;
}

int store_folder_errno(const char *path) {
    char *folder = folder_of(path);
    if (folder == NULL)
        return ENOMEM;
    int reason = eaccess(folder, W_OK | X_OK) == 0 ? ENOENT : errno;
    free(folder);
    return reason;
}

bool store_filesystem_is_local(uint32_t magic) {
    /* statfs(2); file systems whose files several machines may hold open */
    static const uint32_t shared[] = {
        0x00006969, /* NFS */
        0x0000517b, /* SMB */
        0xff534d42, /* CIFS */
        0xfe534d42, /* SMB2 */
        0x01021997, /* 9P: folders of a virtual machine's host */
        0x786f4256, /* VirtualBox shared folders */
        0x65735546, /* FUSE: sshfs and others */
        0x5346414f, /* AFS */
        0x73757245, /* Coda */
        0x00c36400, /* Ceph */
        0x0bd00bd0, /* Lustre */
        0x47504653, /* GPFS */
        0x19830326, /* BeeGFS */
        0x01161970, /* GFS2 */
        0x7461636f, /* OCFS2 */
    };
    for (size_t i = 0; i < sizeof shared / sizeof *shared; i++)
        if (shared[i] == magic)
            return false;
    return true;
}

bool store_is_local(const char *path) {
    struct statfs info;
    return statfs(path, &info) == 0 && store_filesystem_is_local((uint32_t)info.f_type);
}
