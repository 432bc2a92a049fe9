/* mho-bench [NAME...]: times the hot paths; docs/benchmarks.md explains each line. */
#include <argp.h>
#include <libgen.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "tests/bench/bench.h"

static const struct {
    const char *name, *what;
    bench_run *run;
} benchmarks[] = {
    /* First: see run_command in programs.c. */
    {"programs", "whole runs of mho: seconds and memory (with --long)", bench_programs},
    {"integer", "products of bytes, at each instruction set", bench_integer},
    {"bitline", "reads with a clipping converter, against AND and population count", bench_bitline},
    {"lossless", "ResNet-18 where no converter loses anything", bench_lossless},
    {"clip", "ResNet-18 and ResNet-20 with 5-bit converters", bench_clip},
    {"analog", "ResNet-20 with programming errors and read noise", bench_analog},
    {"pruned", "pruned networks against dense ones", bench_pruned},
    {"zero_skip", "counting the digits that are needed, against inference without",
     bench_skip_count},
    {"threads", "two threads against one", bench_threads},
    {"levels", "ResNet-20 at each instruction set", bench_levels},
    {"stages", "import, mapping and programming of ResNet-18", bench_stages},
    {"mappings", "every compaction strategy on a pruned ResNet-18", bench_mappings},
    {"cost", "cost estimates of a mapping, and a whole run without images", bench_cost},
    {"views", "every view of the results database over 10,000 runs", bench_views},
    {"sweeps", "rows stored a second, and ten thousand points without images", bench_sweeps},
};
enum { N_BENCHMARKS = sizeof benchmarks / sizeof *benchmarks };

enum { OPTION_LONG = 256, OPTION_LIST };

struct arguments {
    struct bench bench;
    bool wanted[N_BENCHMARKS], some;
};

static const struct argp_option option_table[] = {
    {"runs", 'r', "N", 0, "timed runs of each task (5)", 0},
    {"long", OPTION_LONG, NULL, 0, "also whole runs of thousands of images", 0},
    {"list", OPTION_LIST, NULL, 0, "names of the benchmarks", 0},
    {0},
};

static void want(struct arguments *arguments, const char *name, struct argp_state *state) {
    for (int i = 0; i < N_BENCHMARKS; i++)
        if (strcmp(name, benchmarks[i].name) == 0) {
            arguments->wanted[i] = arguments->some = true;
            return;
        }
    argp_failure(state, 2, 0, "no benchmark %s: --list names them", name);
}

static error_t parse(int key, char *text, struct argp_state *state) {
    struct arguments *arguments = state->input;
    switch (key) {
    case 'r':
        arguments->bench.runs = atoi(text);
        if (arguments->bench.runs < 1 || arguments->bench.runs > 1000)
            argp_failure(state, 2, 0, "--runs %s: 1 to 1000", text);
        return 0;
    case OPTION_LONG:
        arguments->bench.long_runs = true;
        return 0;
    case OPTION_LIST:
        for (int i = 0; i < N_BENCHMARKS; i++)
            printf("%-10s %s\n", benchmarks[i].name, benchmarks[i].what);
        exit(0);
    case ARGP_KEY_ARG:
        want(arguments, text, state);
        return 0;
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

int main(int argc, char **argv) {
    static const struct argp argp = {.options = option_table,
                                     .parser = parse,
                                     .args_doc = "[NAME...]",
                                     .doc = "Times the hot paths of mho against references."};
    static char program[4096];
    struct arguments arguments = {.bench = {.runs = 5}};
    argp_parse(&argp, argc, argv, 0, NULL, &arguments);
    struct bench *bench = &arguments.bench;
    /* build/tests/mho-bench -> build */
    if (readlink("/proc/self/exe", program, sizeof program - 1) > 0)
        bench->build = dirname(dirname(program));

    bench_head(bench);
    for (int i = 0; i < N_BENCHMARKS; i++) {
        struct diagnostic diag = {0};
        if (arguments.some && !arguments.wanted[i])
            continue;
        if (benchmarks[i].run(bench, &diag) != STATUS_OK) {
            fprintf(stderr, "mho-bench: %s: %s\n", benchmarks[i].name, diag.message);
            return status_exit_code(diag.status);
        }
    }
    if (bench->wall_s > 0)
        printf("\nThe machine gave these runs %.2f processors.\n", bench->cpu_s / bench->wall_s);
    return bench->differ ? 1 : 0;
}
