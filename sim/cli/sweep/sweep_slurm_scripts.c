/* The two scripts: a job array of shares, and what merges them. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "sim/cli/sweep/sweep_slurm.h"
#include "sim/screen/names.h"

enum { TASKS_DEFAULT = 16 };

/* slurm-NAME beside the database, or as asked, from the root. */
static char *folder_of(const struct slurm_options *options, const struct slurm_sweep *sweep,
                       struct arena *arena) {
    if (options->folder != NULL)
        return file_absolute(options->folder, arena);
    const char *name = arena_printf(arena, "slurm-%s", file_name(sweep->name));
    const char *beside = name != NULL ? file_beside(sweep->database, name, arena) : NULL;
    return beside != NULL ? file_absolute(beside, arena) : NULL;
}

/* Names that a line #SBATCH can hold: sbatch gives % and backslashes a meaning. */
static enum status make_folder(const char *folder, struct diagnostic *diag) {
    if (strpbrk(folder, "%\\\"\n") != NULL)
        return FAIL(diag, STATUS_USAGE,
                    "%s: sbatch cannot take a folder with %%, \\, quotes or line ends in its name; "
                    "choose another with --slurm=DIR",
                    folder);
    if (mkdir(folder, 0777) != 0 && errno != EEXIST)
        return FAIL(diag, STATUS_IO,
                    "cannot create the folder %s: %s; choose another with "
                    "--slurm=DIR",
                    folder, strerror(errno));
    return STATUS_OK;
}

static enum status make_plan(struct slurm_plan *plan, struct diagnostic *diag) {
    const struct slurm_sweep *sweep = plan->sweep;
    int tasks = plan->options->tasks > 0 ? plan->options->tasks : TASKS_DEFAULT;
    plan->tasks = sweep->points < tasks ? (int)sweep->points : tasks;
    if (plan->tasks < 1)
        return FAIL(diag, STATUS_USAGE, "%s has no points", sweep->path);
    plan->folder = folder_of(plan->options, sweep, &plan->arena);
    plan->here = file_absolute(".", &plan->arena);
    plan->program = file_absolute("/proc/self/exe", &plan->arena);
    plan->database = file_absolute(sweep->database, &plan->arena);
    if (plan->folder == NULL || plan->here == NULL || plan->program == NULL ||
        plan->database == NULL)
        return FAIL_MEMORY(diag, "the scripts");
    TRY(make_folder(plan->folder, diag));
    plan->array_script = arena_printf(&plan->arena, "%s/shares.sh", plan->folder);
    plan->merge_script = arena_printf(&plan->arena, "%s/merge.sh", plan->folder);
    return plan->array_script != NULL && plan->merge_script != NULL
               ? STATUS_OK
               : FAIL_MEMORY(diag, "the scripts");
}

/* What sbatch reads, the user's options last: they count. */
static void print_head(const struct slurm_plan *plan, const char *what, const char *log,
                       FILE *out) {
    fprintf(out,
            "#!/bin/sh\n"
            "#SBATCH --job-name=mho-%s\n"
            "#SBATCH --output=\"%s/%s.log\"\n"
            "#SBATCH --open-mode=append\n"
            "#SBATCH --requeue\n"
            "#SBATCH --ntasks=1\n"
            "#SBATCH --cpus-per-task=%d\n",
            what, plan->folder, log, plan->sweep->jobs);
    for (size_t i = 0; i < plan->options->n_directives; i++)
        fprintf(out, "#SBATCH %s\n", plan->options->directives[i]);
}

static void print_folder(const struct slurm_plan *plan, FILE *out) {
    fprintf(out, "set -eu\ncd ");
    print_shell_word(plan->here, out);
    fprintf(out, "\nfolder=");
    print_shell_word(plan->folder, out);
    fprintf(out, "\n");
}

/* `mho sweep` without share and database; the points were checked before. */
static void print_sweep(const struct slurm_plan *plan, FILE *out) {
    const struct slurm_sweep *sweep = plan->sweep;
    print_shell_word(plan->program, out);
    fprintf(out, " sweep ");
    print_shell_word(sweep->path, out);
    for (size_t i = 0; i < sweep->n_overrides; i++) {
        fprintf(out, " --set ");
        print_shell_word(sweep->overrides[i], out);
    }
    fprintf(out, " --unchecked --quiet --jobs %d", sweep->jobs);
}

static void print_array(const struct slurm_plan *plan, FILE *out) {
    print_head(plan, "sweep", "share-%a", out);
    fprintf(out, "#SBATCH --array=1-%d", plan->tasks);
    if (plan->options->at_once > 0)
        fprintf(out, "%%%d", plan->options->at_once);
    fprintf(out, "\n# One share of the sweep. Run again, it continues where it was.\n");
    print_folder(plan, out);
    fprintf(out, "task=$SLURM_ARRAY_TASK_ID\n"
                 "echo \"share $task on ${SLURMD_NODENAME:-$(hostname)}, start "
                 "$((${SLURM_RESTART_COUNT:-0} + 1))\"\n"
                 "exec ");
    print_sweep(plan, out);
    fprintf(out, " --shard \"$task/%d\" --db \"$folder/share-$task-of-%d.db\"\n", plan->tasks,
            plan->tasks);
}

static void print_merge(const struct slurm_plan *plan, FILE *out) {
    print_head(plan, "merge", "merge", out);
    fprintf(out, "# All shares into one database. The sweep once more finds all points done, or\n"
                 "# evaluates those that a lost task left.\n");
    print_folder(plan, out);
    fprintf(out,
            "task=1\nset --\nwhile [ \"$task\" -le %d ]; do\n"
            "    set -- \"$@\" \"$folder/share-$task-of-%d.db\"\n"
            "    task=$((task + 1))\ndone\n",
            plan->tasks, plan->tasks);
    print_shell_word(plan->program, out);
    fprintf(out, " merge ");
    print_shell_word(plan->database, out);
    fprintf(out, " \"$@\"\nexec ");
    print_sweep(plan, out);
    fprintf(out, " --db ");
    print_shell_word(plan->database, out);
    fprintf(out, "\n");
}

static enum status write_script(const struct slurm_plan *plan, const char *path,
                                void (*print)(const struct slurm_plan *, FILE *),
                                struct diagnostic *diag) {
    char *text = NULL;
    size_t size;
    FILE *out = open_memstream(&text, &size);
    if (out == NULL)
        return FAIL_MEMORY(diag, "the scripts");
    print(plan, out);
    enum status status =
        fclose(out) == 0 ? file_write(path, text, size, diag) : FAIL_MEMORY(diag, "the scripts");
    free(text);
    return status;
}

enum status slurm_write(const struct slurm_options *options, const struct slurm_sweep *sweep,
                        struct slurm_plan *plan, struct diagnostic *diag) {
    *plan = (struct slurm_plan){.options = options, .sweep = sweep};
    TRY(make_plan(plan, diag));
    TRY(write_script(plan, plan->array_script, print_array, diag));
    return write_script(plan, plan->merge_script, print_merge, diag);
}
