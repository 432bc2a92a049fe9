/* Kinds of files, told apart by their top-level keys, and what to do with each. */
#include "sim/cli/file_kind.h"

#include <string.h>
#include <sys/stat.h>

#include "sim/config/yaml.h"
#include "sim/run/run.h"

enum { MARKS_MOST = 6 };

/* In the order in which they are tried: sweeps and papers name configurations, not the reverse. */
static const struct {
    enum file_kind kind;
    const char *marks[MARKS_MOST]; /* keys of which one is enough */
} kinds[] = {
    {FILE_SWEEP, {"grid", "zip", "sample", "repeat", "groups", "search"}},
    {FILE_PAPER, {"tables", "comparisons"}},
    {FILE_CHIP, {"geometry", "tile", "macro", "array"}},
};

static bool has_suffix(const char *path, const char *suffix) {
    size_t length = strlen(path), own = strlen(suffix);
    return length > own && strcmp(path + length - own, suffix) == 0;
}

static bool is_configuration(const struct yaml_node *root) {
    for (size_t i = 0; i < n_run_sections; i++)
        if (yaml_get(root, run_sections[i]->name) != NULL)
            return true;
    return yaml_get(root, "layers") != NULL;
}

/* FILE_KINDS: none that is known. */
static enum file_kind kind_of(const char *path, const struct yaml_node *root) {
    if (root == NULL)
        return has_suffix(path, ".onnx") ? FILE_MODEL : FILE_KINDS;
    for (size_t k = 0; k < sizeof kinds / sizeof *kinds; k++)
        for (int m = 0; m < MARKS_MOST && kinds[k].marks[m] != NULL; m++)
            if (yaml_get(root, kinds[k].marks[m]) != NULL)
                return kinds[k].kind;
    return is_configuration(root) ? FILE_CONFIGURATION : FILE_KINDS;
}

static enum status fail_sweep(const char *path, bool search, struct diagnostic *diag) {
    if (search)
        return FAIL(diag, STATUS_USAGE,
                    "%s is a sweep file with a search, not a configuration: `mho search %s`, or "
                    "`mho sweep %s` for every point of its space",
                    path, path, path);
    return FAIL(diag, STATUS_USAGE,
                "%s is a sweep file, many configurations in one: `mho sweep %s`, with --dry-run to "
                "see its points",
                path, path);
}

static enum status fail_configuration(const char *path, enum file_kind wanted,
                                      struct diagnostic *diag) {
    if (wanted == FILE_MODEL)
        return FAIL(diag, STATUS_USAGE,
                    "%s is a configuration, not a model (*.onnx): `mho config %s` shows it, "
                    "`mho run %s` runs it",
                    path, path, path);
    if (wanted == FILE_PAPER)
        return FAIL(diag, STATUS_USAGE,
                    "%s is the configuration of one point: `mho run %s`; a paper's file has "
                    "published figures, and names it under runs (docs/repro.md)",
                    path, path);
    return FAIL(diag, STATUS_USAGE,
                "%s is the configuration of one point: `mho run %s`; a sweep file names it as "
                "base, and what varies under grid (docs/sweep.md)",
                path, path);
}

enum status file_kind_explain(const char *path, enum file_kind wanted, enum status status,
                              struct diagnostic *diag) {
    struct arena arena = ARENA_INIT;
    const struct yaml_node *root = NULL;
    struct stat about;
    if (status != STATUS_USAGE || stat(path, &about) != 0 || !S_ISREG(about.st_mode))
        return status;
    if (yaml_load(path, &arena, &root, NULL) != STATUS_OK)
        root = NULL;
    enum file_kind kind = kind_of(path, root);
    if (kind == FILE_SWEEP && kind != wanted)
        status = fail_sweep(path, yaml_get(root, "search") != NULL, diag);
    else if (kind == FILE_CONFIGURATION && kind != wanted)
        status = fail_configuration(path, wanted, diag);
    else if (kind == FILE_PAPER && kind != wanted)
        status = FAIL(diag, STATUS_USAGE,
                      "%s holds a paper's figures to compare with: `mho repro %s`", path, path);
    else if (kind == FILE_CHIP)
        status = FAIL(diag, STATUS_USAGE,
                      "%s is a chip: a configuration names it, as `mho run CONFIG --set "
                      "chip.preset=%s` does",
                      path, path);
    else if (kind == FILE_MODEL && kind != wanted)
        status = FAIL(diag, STATUS_USAGE,
                      "%s is a model: `mho init %s` writes a configuration for it", path, path);
    arena_free(&arena);
    return status;
}
