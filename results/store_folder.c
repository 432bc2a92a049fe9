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

/* A folder that is not there can be made in the nearest one above it that is. */
enum status store_check_folder(const char *path, struct diagnostic *diag) {
    char *above = strdup(path), *slash;
    if (above == NULL)
        return FAIL_MEMORY(diag, "a file name");
    int reason = ENOENT;
    while (reason == ENOENT && (slash = strrchr(above, '/')) != NULL && slash != above) {
        *slash = '\0';
        reason = folder_errno(above);
    }
    if (reason == ENOENT) { /* the name is relative, or only the root is left */
        strcpy(above, above[0] == '/' ? "/" : ".");
        reason = folder_errno(above);
    }
    enum status status = STATUS_OK;
    if (reason != 0)
        status =
            FAIL(diag, STATUS_STORE,
                 "database %s cannot be written: %s: %s; make the folder writable, or use --db "
                 "OTHER",
                 path, above, strerror(reason));
    free(above);
    return status;
}

int store_folder_errno(const char *path) {
    const char *slash = strrchr(path, '/');
    char *folder = slash != NULL ? strndup(path, (size_t)(slash - path) + 1) : strdup(".");
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
