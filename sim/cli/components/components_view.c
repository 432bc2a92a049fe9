/* The tables of `mho components`. */
#include <math.h>
#include <string.h>

#include "sim/cli/components/components.h"
#include "sim/screen/table.h"

enum { NODE_TEXT = 32, RANGE_TEXT = 96 };
static const double usual_node_m = 32e-9; /* for figures that belong to no node of their own */

/* A kind, what it is and its variants, in lines of their own where one is too narrow. */
static void print_kind(const struct screen *screen, const char *name, const char *help,
                       const char *variants) {
    enum { NAME_WIDTH = 15, TEXT = 512 };
    char text[TEXT];
    snprintf(text, sizeof text, "%s%s", help, variants);
    fprintf(screen->out, "%s%s%s", screen_style(screen, STYLE_BOLD), name, screen_reset(screen));
    screen_wrapped_after(screen, (int)strlen(name), text, NAME_WIDTH);
}

enum status components_list(const struct screen *screen, struct diagnostic *diag) {
    struct arena arena = ARENA_INIT;
    for (size_t i = 0; i < n_components_commands; i++)
        print_kind(screen, components_commands[i].name, components_commands[i].summary, "");
    char *names = file_shipped_names("components", &arena), *rest = NULL;
    enum status status = names != NULL ? STATUS_OK : FAIL_MEMORY(diag, "the names of components");
    for (char *name = names == NULL ? NULL : strtok_r(names, ", ", &rest);
         name != NULL && status == STATUS_OK; name = strtok_r(NULL, ", ", &rest)) {
        struct component_kind kind;
        status = component_load(name, &kind, diag);
        if (status != STATUS_OK)
            break;
        char variants[256] = "";
        for (int v = 0; v < kind.n_variants; v++) {
            size_t used = strlen(variants);
            snprintf(variants + used, sizeof variants - used, "%s%s", v > 0 ? ", " : ": ",
                     kind.variants[v].name);
        }
        print_kind(screen, kind.name, kind.help, variants);
        component_free(&kind);
    }
    arena_free(&arena);
    return status;
}

/* "name=value" into the kind's values. */
static enum status read_parameter(const struct component_kind *kind, const char *assignment,
                                  double *values, struct diagnostic *diag) {
    const char *equals = strchr(assignment, '=');
    char name[COMPONENT_NAME_MAX];
    size_t length = equals == NULL ? 0 : (size_t)(equals - assignment);
    if (length == 0 || length >= sizeof name)
        return FAIL(diag, STATUS_USAGE, "--param: expected NAME=VALUE, got \"%s\"", assignment);
    memcpy(name, assignment, length);
    name[length] = '\0';
    int p = component_parameter(kind, name);
    if (p < 0) {
        const char *names[COMPONENT_PARAMETERS_MAX];
        for (int i = 0; i < kind->n_parameters; i++)
            names[i] = kind->parameters[i].name;
        const char *closest = text_closest(name, names, (size_t)kind->n_parameters);
        return FAIL(diag, STATUS_USAGE, "--param: \"%s\" is no parameter of %s%s%s%s", name,
                    kind->name, closest != NULL ? " (did you mean \"" : "",
                    closest != NULL ? closest : "", closest != NULL ? "\"?)" : "");
    }
    const struct component_parameter *parameter = &kind->parameters[p];
    if (!unit_parse(equals + 1, parameter->unit, &values[p]))
        return FAIL(diag, STATUS_USAGE, "--param: %s: expected %s %s%s%s%s, got \"%s\"", name,
                    unit_article(parameter->unit), unit_quantity(parameter->unit),
                    parameter->unit != UNIT_NONE ? " (" : "", unit_spellings(parameter->unit),
                    parameter->unit != UNIT_NONE ? ")" : "", equals + 1);
    return STATUS_OK;
}

/* The node that a variant is shown at. */
static double shown_node(const struct components_request *request,
                         const struct component_variant *variant) {
    if (request->node_m > 0)
        return request->node_m;
    return variant->node_m > 0 ? variant->node_m : usual_node_m;
}

static void figure_cell(struct table *table, double value, enum unit unit) {
    char text[NODE_TEXT];
    table_cell(table, "%s", value > 0 ? unit_format(value, unit, text, sizeof text) : "-");
}

static void variant_cells(struct table *table, const struct component_variant *variant,
                          double node_m, const struct component_cost *cost) {
    char text[NODE_TEXT];
    table_cell(table, "%s", variant->name);
    table_cell(table, "%s", unit_format(node_m, UNIT_METRE, text, sizeof text));
    for (int f = 0; f < FIGURE_COUNT; f++)
        if (cost != NULL)
            figure_cell(table, component_figure(cost, (enum component_figure)f),
                        component_figure_units[f]);
        else
            table_cell(table, "n/a");
}

/* What is known of a variant beside its figures: range, node, source, note. */
static void print_variant(const struct component_kind *kind,
                          const struct component_variant *variant, const struct diagnostic *why,
                          const struct screen *screen) {
    FILE *out = screen->out;
    char range[RANGE_TEXT];
    screen_wrapped_after(screen, fprintf(out, "\n%s:", variant->name) - 1, variant->source, 4);
    if (variant->note != NULL)
        screen_wrapped(screen, variant->note, 4);
    for (int p = 0; p < kind->n_parameters; p++)
        if (component_takes(variant, p) && variant->range[p].maximum < 1e29)
            fprintf(out, "    %s: %s\n", kind->parameters[p].name,
                    component_range_text(&variant->range[p], kind->parameters[p].unit, range,
                                         sizeof range));
    if (variant->node_m > 0)
        fprintf(out, "    figures of %s\n",
                unit_format(variant->node_m, UNIT_METRE, range, sizeof range));
    else if (variant->node_range.minimum > 0)
        fprintf(out, "    node: %s\n",
                component_range_text(&variant->node_range, UNIT_METRE, range, sizeof range));
    if (why != NULL)
        screen_wrapped_after(screen, fprintf(out, "    n/a:"), why->message, 4);
}

/* "dac: digital-to-analog ..., with bits 1". */
static void print_heading(const struct component_kind *kind, const double *values,
                          const struct screen *screen) {
    char text[NODE_TEXT], with[64 * COMPONENT_PARAMETERS_MAX] = "with";
    screen_wrapped_after(screen, fprintf(screen->out, "%s:", kind->name), kind->help, 4);
    for (int p = 0; p < kind->n_parameters; p++) {
        double value = isnan(values[p]) ? kind->parameters[p].standard : values[p];
        size_t used = strlen(with);
        snprintf(with + used, sizeof with - used, "%s %s %s", p == 0 ? "" : ",",
                 kind->parameters[p].name,
                 unit_format(value, kind->parameters[p].unit, text, sizeof text));
    }
    if (kind->n_parameters > 0)
        screen_wrapped(screen, with, 0);
    screen_wrapped_after(screen, fprintf(screen->out, "energy and time of"), kind->action_help, 0);
    fputs("power: always active, leakage included\n\n", screen->out);
}

/* Evaluates every variant that is wanted into the table; `why` [n_variants] keeps refusals. Fails
 * with the last one when none is left. */
static enum status fill(const struct components_request *request, const struct component_kind *kind,
                        const double *values, struct table *table, struct diagnostic *why,
                        struct diagnostic *diag) {
    int shown = 0;
    struct diagnostic *last = NULL;
    for (int v = 0; v < kind->n_variants; v++) {
        const struct component_variant *variant = &kind->variants[v];
        struct component_cost cost;
        double node_m = shown_node(request, variant);
        if (request->variant != NULL && strcmp(variant->name, request->variant) != 0)
            continue;
        if (component_evaluate(kind, variant, values, node_m, request->technology, &cost,
                               &why[v]) == STATUS_OK) {
            variant_cells(table, variant, node_m, &cost);
            shown++;
        } else {
            variant_cells(table, variant, node_m, NULL);
            last = &why[v];
        }
    }
    if (shown == 0 && last != NULL)
        return FAIL(diag, last->status, "%s", last->message);
    if (shown == 0)
        return FAIL(diag, STATUS_USAGE, "--variant: %s has no variant \"%s\"", kind->name,
                    request->variant);
    return STATUS_OK;
}

static enum status show(const struct components_request *request, const struct component_kind *kind,
                        const struct screen *screen, struct table *table, struct diagnostic *diag) {
    double values[COMPONENT_PARAMETERS_MAX];
    struct diagnostic *why = ARENA_NEW(&table->arena, kind->n_variants, struct diagnostic);
    if (why == NULL)
        return FAIL_MEMORY(diag, "components");
    for (int p = 0; p < COMPONENT_PARAMETERS_MAX; p++)
        values[p] = NAN;
    for (size_t i = 0; i < request->n_parameters; i++)
        TRY(read_parameter(kind, request->parameters[i], values, diag));
    TRY(fill(request, kind, values, table, why, diag));
    print_heading(kind, values, screen);
    TRY(table_print(table, screen, diag));
    for (int v = 0; v < kind->n_variants; v++)
        if (request->variant == NULL || strcmp(kind->variants[v].name, request->variant) == 0)
            print_variant(kind, &kind->variants[v], why[v].status != STATUS_OK ? &why[v] : NULL,
                          screen);
    return STATUS_OK;
}

/* Refuses a word that is no kind, with the nearest one; paths are left to component_load. */
static enum status check_kind(const char *word, struct diagnostic *diag) {
    enum { KINDS_MAX = 256 };
    const char *words[KINDS_MAX];
    size_t n = 0;
    char *rest = NULL;
    struct arena arena = ARENA_INIT;
    char *names = file_shipped_names("components", &arena);
    if (names == NULL)
        return FAIL_MEMORY(diag, "the names of components");
    for (size_t i = 0; i < n_components_commands; i++)
        words[n++] = components_commands[i].name;
    for (char *name = strtok_r(names, ", ", &rest); name != NULL && n < KINDS_MAX;
         name = strtok_r(NULL, ", ", &rest))
        words[n++] = name;
    bool known = strchr(word, '/') != NULL || strchr(word, '.') != NULL || n < 2;
    for (size_t i = 0; i < n; i++)
        known = known || strcmp(words[i], word) == 0;
    const char *closest = text_closest(word, words, n);
    enum status status = STATUS_OK;
    if (!known)
        status =
            FAIL(diag, STATUS_USAGE, "there is no kind `%s`%s%s%s; `mho components` lists them",
                 word, closest != NULL ? " (did you mean `" : "", closest != NULL ? closest : "",
                 closest != NULL ? "`?)" : "");
    arena_free(&arena);
    return status;
}

enum status components_kind(const struct components_request *request, const struct screen *screen,
                            struct diagnostic *diag) {
    static const struct table_column columns[] = {
        {"Variant", NULL, TABLE_LEFT, STYLE_PLAIN},    {"node", NULL, TABLE_RIGHT, STYLE_PLAIN},
        {"area", NULL, TABLE_RIGHT, STYLE_PLAIN},      {"energy", NULL, TABLE_RIGHT, STYLE_PLAIN},
        {"write", "energy", TABLE_RIGHT, STYLE_PLAIN}, {"leakage", NULL, TABLE_RIGHT, STYLE_PLAIN},
        {"time", NULL, TABLE_RIGHT, STYLE_PLAIN},      {"write", "time", TABLE_RIGHT, STYLE_PLAIN},
        {"power", NULL, TABLE_RIGHT, STYLE_PLAIN},
    };
    struct component_kind kind;
    struct table table;
    TRY(check_kind(request->kind, diag));
    TRY(component_load(request->kind, &kind, diag));
    table_begin(&table, columns, sizeof columns / sizeof *columns);
    enum status status = show(request, &kind, screen, &table, diag);
    table_free(&table);
    component_free(&kind);
    return status;
}
