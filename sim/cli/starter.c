/* The text of a starter configuration. */
#include "sim/cli/starter.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sim/cli/field_help.h"
#include "sim/run/run.h"
#include "sim/screen/names.h"

enum { WIDTH = 80 };

/* Values that a starter gives instead of the defaults. A `hint` follows as a comment; a value that
 * is `commented` has to be filled in first. */
struct starter_value {
    const char *section, *key, *value, *hint;
    bool commented;
};

struct starter {
    FILE *out;
    struct starter_value values[12];
    size_t n_values;
};

static void give(struct starter *starter, struct starter_value value) {
    starter->values[starter->n_values++] = value;
}

static const struct starter_value *find(const struct starter *starter, const char *section,
                                        const char *key) {
    for (size_t i = 0; i < starter->n_values; i++)
        if (strcmp(starter->values[i].section, section) == 0 &&
            strcmp(starter->values[i].key, key) == 0)
            return &starter->values[i];
    return NULL;
}

/* Which data set has images of this shape. */
static const char *guess_format(const struct tensor *input) {
    const int *s = input->shape;
    if (input->rank == 4 && s[1] == 1 && s[2] == 28 && s[3] == 28)
        return "idx"; /* MNIST and its relatives */
    if (input->rank == 4 && s[1] == 3 && s[2] == 32 && s[3] == 32)
        return "cifar10";
    return "npy";
}

static void fill_values(struct starter *starter, const struct network *network, const char *model) {
    const char *format = guess_format(&network->tensors[network->input]);
    bool cifar10 = strcmp(format, "cifar10") == 0;
    bool idx = strcmp(format, "idx") == 0;
    give(starter, (struct starter_value){"network", "model", model, NULL, false});
    give(starter, (struct starter_value){"dataset", "format", format,
                                         "guessed from the network's input", false});
    give(starter, (struct starter_value){"dataset", "images",
                                         cifar10 ? "test_batch.bin"
                                         : idx   ? "t10k-images-idx3-ubyte.gz"
                                                 : "images.npy",
                                         "FILL IN: your test images", true});
    if (!cifar10)
        give(starter, (struct starter_value){"dataset", "labels",
                                             idx ? "t10k-labels-idx1-ubyte.gz" : "labels.npy",
                                             "FILL IN: their labels", true});
    if (!network->quantised)
        give(starter, (struct starter_value){"dataset", "calibration",
                                             cifar10 ? "data_batch_1.bin"
                                             : idx   ? "train-images-idx3-ubyte.gz"
                                                     : "calibration.npy",
                                             "FILL IN: training images that quantise this float "
                                             "model",
                                             true});
    give(starter,
         (struct starter_value){"dataset", "mean", "0.5",
                                "FILL IN: as in training; one, or one for each channel", true});
    give(starter, (struct starter_value){"dataset", "std", "0.5", "FILL IN: as in training", true});
    give(starter, (struct starter_value){"run", "accuracy", "false",
                                         "true once `dataset` is filled in", false});
}

/* Text as a YAML scalar: single quotes, doubled inside, where plain text could mean else. */
static void print_scalar(FILE *out, const char *text, bool quote) {
    if (!quote) {
        fputs(text, out);
        return;
    }
    fputc('\'', out);
    for (const char *c = text; *c != '\0'; c++)
        fprintf(out, *c == '\'' ? "''" : "%c", *c);
    fputc('\'', out);
}

static void print_field(struct starter *starter, const struct config_section *section,
                        const struct config_field *field) {
    const struct starter_value *given = find(starter, section->name, field->name);
    const char *value = given != NULL ? given->value : field->default_text;
    const struct screen page = {.out = starter->out, .width = WIDTH};
    char range[512], comment[1536];
    snprintf(comment, sizeof comment, "%s [%s]", field->help,
             field_range(field, range, sizeof range));
    screen_marked(&page, comment, 4, "# ");
    if (value == NULL) {
        fprintf(starter->out, "  # %s:\n", field->name);
        return;
    }
    fprintf(starter->out, "  %s%s: ", given != NULL && given->commented ? "# " : "", field->name);
    print_scalar(starter->out, value, given != NULL && field->type == FIELD_PATH);
    if (given != NULL && given->hint != NULL)
        fprintf(starter->out, "   # %s", given->hint);
    fputc('\n', starter->out);
}

static void print_introduction(struct starter *starter, const struct network *network,
                               const char *model) {
    const struct tensor *input = &network->tensors[network->input];
    int layers = network->quantised ? network->n_matrix : network->n_linear;
    fprintf(starter->out, "# %s: %d layers for crossbars, %s, input", file_name(model), layers,
            network->quantised ? "already quantised" : "float (mho quantises it)");
    for (int i = 1; i < input->rank; i++)
        fprintf(starter->out, "%s%d", i == 1 ? " " : "x", input->shape[i]);
    fputs(".\n# Every field with its default; remove what you do not need. Paths are relative\n"
          "# to this file. One field can be changed without editing:\n"
          "#   mho run FILE --set crossbar.rows=64\n",
          starter->out);
}

char *starter_config(const struct network *network, const char *model, struct arena *arena) {
    char *text = NULL;
    size_t length = 0;
    struct starter starter = {.out = open_memstream(&text, &length)};
    if (starter.out == NULL)
        return NULL;
    fill_values(&starter, network, model);
    print_introduction(&starter, network, model);
    for (size_t s = 0; s < n_run_sections; s++) {
        const struct config_section *section = run_sections[s];
        fprintf(starter.out, "\n# %s\n%s:\n", section->help, section->name);
        for (size_t f = 0; f < section->n_fields; f++)
            print_field(&starter, section, &section->fields[f]);
    }
    char *copy = NULL;
    if (fclose(starter.out) == 0)
        copy = arena_strdup(arena, text);
    free(text);
    return copy;
}
