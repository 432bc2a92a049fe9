/* mho sweep --slurm: a sweep as a job array of a Slurm cluster.
 *
 * Each task of the array runs one share into a database of its own; a job that depends on all of
 * them merges these and runs the sweep once more on what was merged, which finds all points done or
 * evaluates what a lost task left. docs/cluster.md. */
#ifndef MHO_CLI_SWEEP_SWEEP_SLURM_H
#define MHO_CLI_SWEEP_SWEEP_SLURM_H

#include <argp.h>
#include <stdbool.h>

#include "sim/base/base.h"
#include "sim/screen/screen.h"

struct slurm_options {
    bool wanted;
    const char *folder; /* of scripts, shares and logs; NULL: slurm-NAME beside the database */
    int tasks, at_once; /* 0: not given */
    bool no_submit;
    const char **directives; /* [n_directives] "--partition=short" */
    size_t n_directives;
    struct arena arena;
};

/* A child of the parser of `mho sweep`, whose input is a struct slurm_options. */
extern const struct argp slurm_options_parser;

/* The sweep that tasks run. Paths may be relative to the working directory, where tasks run, too.
 */
struct slurm_sweep {
    const char *name; /* of the experiment */
    const char *path;
    const char *const *overrides; /* [n_overrides] of --set */
    size_t n_overrides;
    const char *database; /* to merge into */
    int jobs;             /* points at the same time in a task: its processors */
    long points;
};

/* What is done with it, in one arena. */
struct slurm_plan {
    const struct slurm_options *options;
    const struct slurm_sweep *sweep;
    int tasks;
    char *folder, *here, *program, *database; /* from the root */
    char *array_script, *merge_script;
    struct arena arena;
};

/* Decides on tasks and paths, makes the folder and writes the scripts. */
enum status slurm_write(const struct slurm_options *options, const struct slurm_sweep *sweep,
                        struct slurm_plan *plan, struct diagnostic *diag);

/* Submits them by sbatch; ids of the jobs. */
enum status slurm_submit(const struct slurm_plan *plan, long *array_id, long *merge_id,
                         struct diagnostic *diag);

/* Writes, submits unless --no-submit, and says what to look at. */
enum status slurm_sweep(const struct slurm_options *options, const struct slurm_sweep *sweep,
                        const struct screen *screen, struct diagnostic *diag);

void slurm_options_free(struct slurm_options *options);

#endif
