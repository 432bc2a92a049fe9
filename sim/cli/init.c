/* mho init: a commented configuration for one's own network. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "sim/cli/cli.h"
#include "sim/cli/file_kind.h"
#include "sim/cli/starter.h"
#include "sim/screen/names.h"

enum { OPTION_FORCE = 256 };

struct init_arguments {
    const char *model, *output;
    bool force;
    struct arena arena;
};

static const struct argp_option option_table[] = {
    {"output", 'o', "FILE", 0, "file to write, `-` for stdout (the model's name with .yaml)", 0},
    {"force", OPTION_FORCE, NULL, 0, "overwrite FILE", 0},
    {0},
};

static const char documentation[] =
    "Writes a configuration for MODEL with every section, every default and what each field means. "
    "It runs as it is, without test images; fill in `dataset` to get an accuracy."
    "\vExamples:\n"
    "  mho init mynet.onnx && mho run mynet.yaml\n"
    "  mho init configs/networks/resnet20_int8.onnx -o configs/mine.yaml\n"
    "  mho init mynet.onnx -o - | less";

static error_t parse_option(int key, char *value, struct argp_state *state) {
    struct init_arguments *arguments = state->input;
    switch (key) {
    case 'o':
        arguments->output = value;
        return 0;
    case OPTION_FORCE:
        arguments->force = true;
        return 0;
    default:
        return cli_parse_model(key, value, state, &arguments->model);
    }
}

static const struct argp parser = {option_table, parse_option, "MODEL", documentation, 0, 0, 0};

/* "dir/net.onnx" -> "net.yaml", in the working directory. */
static char *default_output(const char *model, struct arena *arena) {
    const char *name = file_name(model);
    const char *dot = strrchr(name, '.');
    size_t length = dot != NULL && dot != name ? (size_t)(dot - name) : strlen(name);
    return arena_printf(arena, "%.*s.yaml", (int)length, name);
}

/* Paths in a configuration are relative to it: a model is named as given only where the file goes
 * to the working directory, absolutely elsewhere. */
static const char *model_path(const struct init_arguments *arguments, struct arena *arena) {
    if (strchr(arguments->output, '/') == NULL)
        return arguments->model;
    char *absolute = realpath(arguments->model, NULL);
    const char *copy = absolute != NULL ? arena_strdup(arena, absolute) : arguments->model;
    free(absolute);
    return copy;
}

static enum status write_starter(struct init_arguments *arguments, struct diagnostic *diag) {
    struct arena *arena = &arguments->arena;
    struct network network;
    struct stat existing;
    if (arguments->output == NULL)
        arguments->output = default_output(arguments->model, arena);
    if (arguments->output == NULL)
        return FAIL_MEMORY(diag, "a file name");
    bool to_stdout = strcmp(arguments->output, "-") == 0;
    if (!to_stdout && !arguments->force && stat(arguments->output, &existing) == 0)
        return FAIL(diag, STATUS_USAGE,
                    "%s exists already: choose another with -o, or --force to overwrite it",
                    arguments->output);
    TRY(file_kind_explain(arguments->model, FILE_MODEL,
                          network_import(arguments->model, &network, diag), diag));
    const char *path = model_path(arguments, arena);
    char *text = path != NULL ? starter_config(&network, path, arena) : NULL;
    network_free(&network);
    if (text == NULL)
        return FAIL_MEMORY(diag, "the configuration's text");
    if (to_stdout) {
        fputs(text, stdout);
        return STATUS_OK;
    }
    TRY(file_write(arguments->output, text, strlen(text), diag));
    printf("Wrote %s: fill in `dataset` for an accuracy, then  mho run ", arguments->output);
    print_shell_word(arguments->output, stdout);
    putchar('\n');
    return STATUS_OK;
}

int command_init(int argc, char **argv) {
    struct init_arguments arguments = {0};
    struct diagnostic diag = {0};
    cli_parse(&parser, argc, argv, 0, &arguments);
    enum status status = write_starter(&arguments, &diag);
    int code = status == STATUS_OK ? cli_finish_output() : cli_fail(&diag);
    arena_free(&arguments.arena);
    return code;
}
