/* Options of --slurm, submission, and what is shown. */
#include "sim/cli/sweep/sweep_slurm.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>

#include "sim/screen/names.h"

enum { OPTION_SLURM = 512, OPTION_TASKS, OPTION_SBATCH, OPTION_NO_SUBMIT };
enum { TASKS_MAX = 1000000 };

static const struct argp_option option_table[] = {
    {NULL, 0, NULL, 0, "On a Slurm cluster (docs/cluster.md):", 1},
    {"slurm", OPTION_SLURM, "DIR", OPTION_ARG_OPTIONAL,
     "submit the sweep as a job array; scripts, shares and logs lie in DIR (slurm-NAME beside the "
     "database)",
     1},
    {"tasks", OPTION_TASKS, "N[%M]", 0, "tasks of the array, M of them at the same time (16, all)",
     1},
    {"sbatch", OPTION_SBATCH, "OPTION", 0,
     "an option of sbatch for all jobs (partition, time, memory); may be given many times", 1},
    {"no-submit", OPTION_NO_SUBMIT, NULL, 0, "write the scripts, submit nothing", 1},
    {0},
};

static void parse_tasks(struct slurm_options *options, const char *text, struct argp_state *state) {
    char first[16] = "";
    const char *percent = strchr(text, '%');
    size_t length = percent != NULL ? (size_t)(percent - text) : strlen(text);
    long long tasks = 0, at_once = 0;
    if (length < sizeof first)
        memcpy(first, text, length);
    bool right = text_to_int(first, &tasks) && tasks >= 1 && tasks <= TASKS_MAX;
    if (percent != NULL)
        right = right && text_to_int(percent + 1, &at_once) && at_once >= 1 && at_once <= tasks;
    if (!right)
        argp_error(state, "--tasks: expected N or N%%M with 1 <= M <= N <= %d, got `%s`", TASKS_MAX,
                   text);
    options->tasks = (int)tasks;
    options->at_once = (int)at_once;
}

static void add_directive(struct slurm_options *options, const char *text,
                          struct argp_state *state) {
    if (text[0] != '-' || strchr(text, '\n') != NULL)
        argp_error(state,
                   "--sbatch: expected an option of sbatch such as --sbatch=--time=2:00:00, "
                   "got `%s`",
                   text);
    const char **longer = ARENA_NEW(&options->arena, options->n_directives + 1, const char *);
    if (longer == NULL) {
        argp_failure(state, status_exit_code(STATUS_MEMORY), 0, "out of memory for arguments");
        return;
    }
    for (size_t i = 0; i < options->n_directives; i++)
        longer[i] = options->directives[i];
    longer[options->n_directives++] = text;
    options->directives = longer;
}

static error_t parse_option(int key, char *value, struct argp_state *state) {
    struct slurm_options *options = state->input;
    switch (key) {
    case OPTION_SLURM:
        options->wanted = true;
        options->folder = value;
        return 0;
    case OPTION_TASKS:
        parse_tasks(options, value, state);
        return 0;
    case OPTION_SBATCH:
        add_directive(options, value, state);
        return 0;
    case OPTION_NO_SUBMIT:
        options->no_submit = true;
        return 0;
    case ARGP_KEY_END:
        if (!options->wanted &&
            (options->tasks > 0 || options->n_directives > 0 || options->no_submit))
            argp_error(state, "--tasks, --sbatch and --no-submit go with --slurm");
        return 0;
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

const struct argp slurm_options_parser = {.options = option_table, .parser = parse_option};

void slurm_options_free(struct slurm_options *options) {
    arena_free(&options->arena);
}

/* Runs `sbatch --parsable ARGUMENTS SCRIPT`, whose errors go to stderr; "ID" or "ID;CLUSTER" is
 * what it prints. */
static enum status sbatch(const char *arguments, const char *script, long *id,
                          struct diagnostic *diag) {
    char *command = NULL;
    size_t size;
    FILE *text = open_memstream(&command, &size);
    if (text == NULL)
        return FAIL_MEMORY(diag, "the command sbatch");
    fprintf(text, "sbatch --parsable %s", arguments);
    print_shell_word(script, text);
    if (fclose(text) != 0) {
        free(command);
        return FAIL_MEMORY(diag, "the command sbatch");
    }
    fflush(stdout);
    FILE *answer = popen(command, "r");
    free(command);
    if (answer == NULL)
        return FAIL(diag, STATUS_IO, "sbatch could not be started");
    bool read = fscanf(answer, "%ld", id) == 1;
    int code = pclose(answer);
    if (WIFEXITED(code) && WEXITSTATUS(code) == 127)
        return FAIL(diag, STATUS_USAGE,
                    "there is no sbatch here: submit from a machine of the cluster, or write the "
                    "scripts alone with --no-submit");
    if (code != 0 || !read)
        return FAIL(diag, STATUS_IO, "sbatch refused %s; what it said is above", script);
    return STATUS_OK;
}

enum status slurm_submit(const struct slurm_plan *plan, long *array_id, long *merge_id,
                         struct diagnostic *diag) {
    char after[96];
    struct diagnostic reason = {0};
    TRY(sbatch("", plan->array_script, array_id, diag));
    /* Also after tasks that failed: what they did is merged, and what they left is made up for. */
    snprintf(after, sizeof after, "--dependency=afterany:%ld --kill-on-invalid-dep=yes ",
             *array_id);
    enum status status = sbatch(after, plan->merge_script, merge_id, &reason);
    if (status != STATUS_OK)
        return FAIL(diag, status,
                    "%s. Job %ld was submitted before: `scancel %ld`, or `sbatch %s%s`",
                    reason.message, *array_id, *array_id, after, plan->merge_script);
    return STATUS_OK;
}

static void show_count(long count, const char *what, FILE *out) {
    fprintf(out, "%ld %s%s", count, what, count == 1 ? "" : "s");
}

static void show(const struct slurm_plan *plan, long array_id, long merge_id,
                 const struct screen *screen) {
    const struct slurm_sweep *sweep = plan->sweep;
    FILE *out = screen->out;
    fprintf(out, "%s%s%s: ", screen_style(screen, STYLE_BOLD), sweep->name, screen_reset(screen));
    show_count(sweep->points, "point", out);
    fprintf(out, " in ");
    show_count(plan->tasks, "task", out);
    long least = sweep->points / plan->tasks;
    fprintf(out, " of %ld", least);
    if (sweep->points % plan->tasks > 0)
        fprintf(out, " or %ld", least + 1);
    fprintf(out, ", ");
    show_count(sweep->jobs, "processor", out);
    fprintf(out, " a task\n\nScripts    %s\n           %s\n", plan->array_script,
            plan->merge_script);
    if (plan->options->no_submit) {
        fprintf(out, "Submit     ");
        fprintf(out, "sbatch --dependency=afterany:$(sbatch --parsable ");
        print_shell_word(plan->array_script, out);
        fprintf(out, ") ");
        print_shell_word(plan->merge_script, out);
        fprintf(out, "\n");
        return;
    }
    fprintf(out, "Submitted  job %ld, tasks 1 to %d; job %ld merges into %s after them\n", array_id,
            plan->tasks, merge_id, sweep->database);
    fprintf(out, "Watch      squeue --jobs=%ld,%ld; logs lie beside the scripts\n", array_id,
            merge_id);
}

enum status slurm_sweep(const struct slurm_options *options, const struct slurm_sweep *sweep,
                        const struct screen *screen, struct diagnostic *diag) {
    struct slurm_plan plan = {0};
    long array_id = 0, merge_id = 0;
    enum status status = slurm_write(options, sweep, &plan, diag);
    if (status == STATUS_OK && !options->no_submit)
        status = slurm_submit(&plan, &array_id, &merge_id, diag);
    if (status == STATUS_OK)
        show(&plan, array_id, merge_id, screen);
    arena_free(&plan.arena);
    return status;
}
