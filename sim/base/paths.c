/* Names of files: beside another, from the root, among those shipped with mho. */
#include <dirent.h>
#include <limits.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "sim/base/files.h"

/* The first bytes of `name` are a folder and its slash: shortens them to those of the folder above.
 * False where `..` may lead elsewhere (behind a link), or to the working directory. */
static bool step_up(const char *name, size_t *length) {
    char folder[PATH_MAX];
    struct stat info;
    if (*length < 2 || *length > sizeof folder)
        return false;
    memcpy(folder, name, *length - 1);
    folder[*length - 1] = '\0';
    const char *slash = strrchr(folder, '/');
    if (slash == NULL || slash[1] == '.' || slash[1] == '\0' || lstat(folder, &info) != 0 ||
        !S_ISDIR(info.st_mode))
        return false;
    *length = (size_t)(slash - folder) + 1;
    return true;
}

char *file_beside(const char *origin, const char *path, struct arena *arena) {
    const char *slash = strrchr(origin, '/');
    if (path[0] == '/' || slash == NULL)
        return arena_strdup(arena, path);
    size_t length = (size_t)(slash - origin) + 1;
    while (strncmp(path, "../", 3) == 0 && step_up(origin, &length))
        path += 3;
    return arena_printf(arena, "%.*s%s", (int)length, origin, path);
}

char *file_absolute(const char *path, struct arena *arena) {
    char buffer[PATH_MAX];
    if (realpath(path, buffer) != NULL)
        return arena_strdup(arena, buffer);
    if (path[0] == '/' || getcwd(buffer, sizeof buffer) == NULL)
        return arena_strdup(arena, path);
    return arena_printf(arena, "%s/%s", buffer, path);
}

/* The folder of the running program, without a slash at its end; false when /proc does not say. */
static bool executable_folder(char folder[PATH_MAX]) {
    ssize_t length = readlink("/proc/self/exe", folder, PATH_MAX - 1);
    if (length <= 0)
        return false;
    folder[length] = '\0';
    char *slash = strrchr(folder, '/');
    if (slash == NULL)
        return false;
    *slash = '\0';
    return true;
}

enum status file_shipped(const char *relative, struct arena *arena, char **path,
                         struct diagnostic *diag) {
    /* A build tree has the program in build/ and the tests in build/tests/; an installed one has
     * PREFIX/bin and PREFIX/share. */
    static const char *const places[] = {"configs", "../configs", "../../configs",
                                         "../share/mho/configs"};
    const char *override = getenv("MHO_CONFIGS");
    if (override != NULL && override[0] != '\0') {
        *path = arena_printf(arena, "%s/%s", override, relative);
        if (*path == NULL)
            return FAIL_MEMORY(diag, "a file name");
        if (access(*path, R_OK) == 0)
            return STATUS_OK;
    }
    char folder[PATH_MAX];
    bool found = executable_folder(folder);
    for (size_t i = 0; found && i < sizeof places / sizeof *places; i++) {
        *path = arena_printf(arena, "%s/%s/%s", folder, places[i], relative);
        if (*path == NULL)
            return FAIL_MEMORY(diag, "a file name");
        if (access(*path, R_OK) == 0)
            return STATUS_OK;
    }
    *path = NULL;
    return FAIL(diag, STATUS_USAGE,
                "cannot find \"%s\" among the files shipped with mho (in %s, ../configs or "
                "../share/mho/configs of %s; MHO_CONFIGS may name their folder)",
                relative, override != NULL && override[0] != '\0' ? override : "$MHO_CONFIGS",
                found ? folder : "the program");
}

static int is_yaml(const struct dirent *entry) {
    size_t length = strlen(entry->d_name);
    return length > 5 && strcmp(entry->d_name + length - 5, ".yaml") == 0;
}

char *file_shipped_names(const char *folder, struct arena *arena) {
    char *path, *names = arena_strdup(arena, "");
    struct dirent **entries = NULL;
    if (file_shipped(folder, arena, &path, NULL) != STATUS_OK)
        return names;
    int n = scandir(path, &entries, is_yaml, alphasort);
    for (int i = 0; i < n; i++) {
        const char *name = entries[i]->d_name;
        if (names != NULL)
            names = arena_printf(arena, "%s%s%.*s", names, i == 0 ? "" : ", ",
                                 (int)strlen(name) - 5, name);
        free(entries[i]);
    }
    free(entries);
    return names;
}
