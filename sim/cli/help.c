/* The table of commands, `mho --help` and `mho --version`. */
#include "sim/cli/help.h"

#include <string.h>

#include <jansson.h>

#include "sim/cli/cli.h"
#include "sim/run/record.h"

const struct command commands[] = {
    {"run", "evaluate one design point, print a screen and store a row", command_run},
    {"sweep", "evaluate many points from one file in parallel; resumes", command_sweep},
    {"search", "the best points of a sweep's space by several objectives (NSGA-II)",
     command_search},
    {"report", "stored runs: the list, one in all its parts, two compared", command_report},
    {"query", "stored runs asked in SQL, as a table, CSV, JSON or Markdown", command_query},
    {"export", "all stored runs as files of comma-separated values", command_export},
    {"merge", "databases of other machines and shards into one", command_merge},
    {"inspect", "layers of a model: shapes, zeros, ADC bits that lose nothing", command_inspect},
    {"prune", "prune a network, fit it if asked, write ONNX", command_prune},
    {"select", "choose a pruning scheme for each layer, by rule or search", command_select},
    {"tune", "the strongest pruning that loses as much accuracy as is allowed", command_tune},
    {"init", "write a commented configuration for your own network", command_init},
    {"components", "what parts of chips cost, by kind, parameters and node", command_components},
    {"plot", "pictures of stored runs by gnuplot, and of the arrays of a mapping", command_plot},
    {"config", "show the resolved configuration and where each value came from", command_config},
    {"repro", "published tables line by line beside what mho computes", command_repro},
};
const size_t n_commands = sizeof commands / sizeof *commands;

void help_print(FILE *out) {
    fputs("mho simulates ReRAM crossbar accelerators for (pruned) neural networks: from\n"
          "an ONNX model to accuracy, area, power, energy and time, and where they come\n"
          "from.\n\n"
          "Usage: mho COMMAND [ARGUMENT...]\n\nCommands:\n",
          out);
    for (size_t i = 0; i < n_commands; i++)
        fprintf(out, "  %-10s %s\n", commands[i].name, commands[i].summary);
    fputs("\nExamples:\n"
          "  mho run configs/quickstart.yaml                  the embedded example\n"
          "  mho run configs/quickstart.yaml --set adc.bits=4 the same, coarser converters\n"
          "  mho report --run last                            where its energy goes\n"
          "  mho inspect configs/networks/resnet20_int8.onnx  what is in a model\n"
          "  mho init mynet.onnx && mho run mynet.yaml        your own network\n\n"
          "`mho COMMAND --help` tells more about one, `mho --version` what this is built\n"
          "from. Exit codes: 0 done; 2 arguments, configuration, model or data are wrong;\n"
          "1 other failures.\n",
          out);
}

int help_command(int argc, char **argv) {
    for (size_t i = 0; argc > 1 && i < n_commands; i++) {
        if (strcmp(commands[i].name, argv[1]) != 0)
            continue;
        char name[64], option[] = "--help";
        snprintf(name, sizeof name, "mho %s", commands[i].name);
        char *arguments[] = {name, option, NULL};
        return commands[i].run(2, arguments);
    }
    if (argc > 1)
        return help_unknown(argv[1]);
    help_print(stdout);
    return cli_finish_output();
}

int help_version(void) {
    struct arena arena = ARENA_INIT;
    printf("mho %s (%s)\n", mho_version, mho_commit);
    const char *text = run_libraries_json(&arena);
    json_t *libraries = text != NULL ? json_loads(text, 0, NULL) : NULL;
    const char *name;
    json_t *version;
    const char *separator = "with ";
    json_object_foreach(libraries, name, version) {
        printf("%s%s %s", separator, name, json_string_value(version));
        separator = ", ";
    }
    puts("\nLicense GPL-3.0: free software, without any warranty.");
    json_decref(libraries);
    arena_free(&arena);
    return cli_finish_output();
}

int help_unknown(const char *word) {
    const char *names[sizeof commands / sizeof *commands];
    for (size_t i = 0; i < n_commands; i++)
        names[i] = commands[i].name;
    const char *closest = text_closest(word, names, n_commands);
    if (closest != NULL)
        fprintf(stderr, "mho: there is no command `%s` (did you mean `%s`?)\n", word, closest);
    else
        fprintf(stderr, "mho: there is no command `%s`; `mho --help` lists them\n", word);
    return status_exit_code(STATUS_USAGE);
}
