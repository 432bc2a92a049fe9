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
            status =
                FAIL(diag, STATUS_STORE, "cannot create the folder %s: %s; use another with --db",
                     folder, strerror(errno));
        *slash = '/';
    }
    free(folder);
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
