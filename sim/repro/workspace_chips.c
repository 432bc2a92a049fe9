/* Quantities of chips: CHIP.FIGURE, CHIP.LEVEL.FIGURE, CHIP.LEVEL[PART].FIGURE, CHIP[PART].FIGURE.
 */
#include <stddef.h>
#include <string.h>

#include "sim/repro/workspace.h"

static const char *const level_names[CHIP_LEVELS] = {
    [CHIP_CHIP] = "chip", [CHIP_TILE] = "tile", [CHIP_MACRO] = "macro", [CHIP_ARRAY] = "array"};

/* Whole numbers of struct chip, then its other figures. */
static const struct {
    const char *name;
    size_t offset;
} whole_figures[] = {
    {"tiles", offsetof(struct chip, tiles)},
    {"macros_per_tile", offsetof(struct chip, macros_per_tile)},
    {"arrays_per_macro", offsetof(struct chip, arrays_per_macro)},
    {"rows", offsetof(struct chip, rows)},
    {"columns", offsetof(struct chip, columns)},
    {"ou_rows", offsetof(struct chip, ou_rows)},
    {"cell_bits", offsetof(struct chip, cell_bits)},
    {"dac_bits", offsetof(struct chip, dac_bits)},
    {"adc_bits", offsetof(struct chip, adc_bits)},
    {"weight_bits", offsetof(struct chip, weight_bits)},
    {"activation_bits", offsetof(struct chip, activation_bits)},
    {"pipeline_stages", offsetof(struct chip, pipeline_stages)},
};
enum { N_WHOLE = sizeof whole_figures / sizeof *whole_figures, N_CHIP_FIGURES = N_WHOLE + 3 };

static enum status chip_figure(const struct chip *chip, const struct expression *name,
                               double *value, struct diagnostic *diag) {
    const char *names[N_CHIP_FIGURES] = {"cycle_s", "node_m", "peak_ops"};
    const double others[] = {chip->cycle_s, chip->node_m, chip_totals(chip).peak_ops};
    const char *word = name->parts[1].text;
    for (int i = 0; i < N_WHOLE; i++) {
        names[3 + i] = whole_figures[i].name;
        if (strcmp(whole_figures[i].name, word) != 0 || name->n_parts != 2)
            continue;
        *value = *(const int *)(const void *)((const char *)chip + whole_figures[i].offset);
        return STATUS_OK;
    }
    for (int i = 0; i < 3; i++)
        if (strcmp(names[i], word) == 0 && name->n_parts == 2) {
            *value = others[i];
            return STATUS_OK;
        }
    return expression_unknown(name, 1, "figure of a chip", names, N_CHIP_FIGURES, diag);
}

static const char *const part_figures[] = {"area_m2", "power_w", "energy_j", "leakage_w", "count"};
enum {
    N_PART_FIGURES = sizeof part_figures / sizeof *part_figures,
    N_LEVEL_FIGURES = 2 /* of part_figures: area and power */
};

static int index_of(const char *word, const char *const *words, int n) {
    for (int i = 0; i < n; i++)
        if (strcmp(words[i], word) == 0)
            return i;
    return -1;
}

static double figure_of_part(const struct chip_component *part, int figure) {
    const double figures[N_PART_FIGURES] = {part->area_m2, part->power_w, part->energy_j,
                                            part->leakage_w, part->count};
    return figures[figure];
}

/* How many of the deeper level are in one of the other. */
static double children(const struct chip *chip, enum chip_level outer, enum chip_level inner) {
    const double in[CHIP_LEVELS] = {chip->tiles, chip->macros_per_tile, chip->arrays_per_macro, 1};
    double count = 1;
    for (int level = (int)outer; level < (int)inner; level++)
        count *= in[level];
    return count;
}

/* Sum over the parts of one of `outer`; over those of one name where it is not NULL. */
static double level_sum(const struct chip *chip, enum chip_level outer, const char *only,
                        int figure, bool *found) {
    double sum = 0;
    for (int i = 0; i < chip->n_components; i++) {
        const struct chip_component *part = &chip->components[i];
        if (part->level < outer || (only != NULL && strcmp(part->name, only) != 0))
            continue;
        *found = true;
        sum += children(chip, outer, part->level) * part->count * figure_of_part(part, figure);
    }
    return sum;
}

static enum status unknown_part(const struct chip *chip, const struct expression *name, int at,
                                struct diagnostic *diag) {
    enum { NAMES_MAX = 64 };
    const char *names[NAMES_MAX];
    size_t n = 0;
    for (int i = 0; i < chip->n_components && n < NAMES_MAX; i++)
        names[n++] = chip->components[i].name;
    return expression_unknown(name, at, "component", names, n, diag);
}

/* CHIP.LEVEL.FIGURE and CHIP.LEVEL[PART].FIGURE. */
static enum status level_value(const struct chip *chip, const struct expression *name, int level,
                               double *value, struct diagnostic *diag) {
    bool of_part = name->n_parts == 4 && name->parts[2].index, found = false;
    int last = name->n_parts - 1;
    if (name->n_parts != 3 && !of_part)
        return EXPRESSION_FAIL(diag, name, name->offset,
                               "expected %s.%s.FIGURE or %s.%s[PART].FIGURE", name->parts[0].text,
                               level_names[level], name->parts[0].text, level_names[level]);
    int figure = index_of(name->parts[last].text, part_figures, N_LEVEL_FIGURES);
    if (figure < 0)
        return expression_unknown(name, last, "figure of a level", part_figures, N_LEVEL_FIGURES,
                                  diag);
    *value = level_sum(chip, (enum chip_level)level, of_part ? name->parts[2].text : NULL, figure,
                       &found);
    return !of_part || found ? STATUS_OK : unknown_part(chip, name, 2, diag);
}

/* CHIP[PART].FIGURE. */
static enum status part_value(const struct chip *chip, const struct expression *name, double *value,
                              struct diagnostic *diag) {
    if (name->n_parts != 3)
        return EXPRESSION_FAIL(diag, name, name->offset, "expected %s[PART].FIGURE",
                               name->parts[0].text);
    int figure = index_of(name->parts[2].text, part_figures, N_PART_FIGURES);
    if (figure < 0)
        return expression_unknown(name, 2, "figure of a component", part_figures, N_PART_FIGURES,
                                  diag);
    for (int i = 0; i < chip->n_components; i++)
        if (strcmp(chip->components[i].name, name->parts[1].text) == 0) {
            *value = figure_of_part(&chip->components[i], figure);
            return STATUS_OK;
        }
    return unknown_part(chip, name, 1, diag);
}

enum status workspace_chip_value(struct workspace *workspace, int index,
                                 const struct expression *name, double *value,
                                 struct diagnostic *diag) {
    struct workspace_chip *own = &workspace->chips[index];
    if (!own->loaded)
        TRY(chip_load(workspace->paper->chips[index].preset, &own->chip, diag));
    own->loaded = true;
    if (name->parts[1].index)
        return part_value(&own->chip, name, value, diag);
    int level = index_of(name->parts[1].text, level_names, CHIP_LEVELS);
    if (level >= 0)
        return level_value(&own->chip, name, level, value, diag);
    return chip_figure(&own->chip, name, value, diag);
}
