/* mho: finds the command and hands over. */
#include <locale.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sim/cli/cli.h"
#include "sim/cli/help.h"

static const struct command *find_command(const char *name) {
    for (size_t i = 0; i < n_commands; i++)
        if (strcmp(commands[i].name, name) == 0)
            return &commands[i];
    return NULL;
}

/* argp and getopt print argv[0] before every message: "mho run: ...". */
static int run_command(const struct command *command, int argc, char **argv) {
    char name[64];
    snprintf(name, sizeof name, "mho %s", command->name);
    argv[0] = name;
    return command->run(argc, argv);
}

int main(int argc, char **argv) {
    setlocale(LC_CTYPE, ""); /* whether the terminal takes UTF-8; numbers stay in the C locale */
    if (argc < 2) {
        help_print(stderr);
        return status_exit_code(STATUS_USAGE);
    }
    const char *word = argv[1];
    if (strcmp(word, "--help") == 0 || strcmp(word, "-h") == 0 || strcmp(word, "help") == 0)
        return help_command(argc - 1, argv + 1);
    if (strcmp(word, "--version") == 0 || strcmp(word, "-V") == 0 || strcmp(word, "version") == 0)
        return help_version();
    const struct command *command = find_command(word);
    if (command == NULL)
        return help_unknown(word);
    return run_command(command, argc - 1, argv + 1);
}
