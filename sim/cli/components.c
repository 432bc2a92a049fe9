/* mho components KIND: what the parts of a chip cost, by kind. */
#include <stdio.h>
#include <string.h>

#include "sim/cli/cli.h"

static const struct command kinds[] = {
    {"adc", "area, energy and time of converters, by every published model", components_adc},
};
enum { N_KINDS = sizeof kinds / sizeof *kinds };

static void print_usage(FILE *out) {
    fputs("Usage: mho components KIND [OPTION...]\n\nKinds:\n", out);
    for (size_t i = 0; i < N_KINDS; i++)
        fprintf(out, "  %-10s %s\n", kinds[i].name, kinds[i].summary);
    fputs("\nExamples:\n"
          "  mho components adc --bits 3..10\n\n"
          "`mho components KIND --help` tells more about one.\n",
          out);
}

static int unknown_kind(const char *word) {
    const char *names[N_KINDS];
    for (size_t i = 0; i < N_KINDS; i++)
        names[i] = kinds[i].name;
    const char *closest = text_closest(word, names, N_KINDS);
    if (closest != NULL)
        fprintf(stderr, "mho components: there is no kind `%s` (did you mean `%s`?)\n", word,
                closest);
    else
        fprintf(stderr,
                "mho components: there is no kind `%s`; `mho components --help` lists them\n",
                word);
    return status_exit_code(STATUS_USAGE);
}

int command_components(int argc, char **argv) {
    if (argc < 2) {
        fputs("mho components: KIND is missing\n", stderr);
        print_usage(stderr);
        return status_exit_code(STATUS_USAGE);
    }
    const char *word = argv[1];
    if (strcmp(word, "--help") == 0 || strcmp(word, "-h") == 0) {
        print_usage(stdout);
        return cli_finish_output();
    }
    for (size_t i = 0; i < N_KINDS; i++)
        if (strcmp(kinds[i].name, word) == 0) {
            char name[64];
            snprintf(name, sizeof name, "mho components %s", kinds[i].name);
            argv[1] = name;
            return kinds[i].run(argc - 1, argv + 1);
        }
    return unknown_kind(word);
}
