/* Parameters, metrics and columns of run_summary by name, in words, with units. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "sim/plot/plot_internal.h"

/* Names that are not said by their own words. */
static const struct {
    const char *name, *label;
} labels[] = {
    {"accuracy_mean", "accuracy"},
    {"accuracy_top1", "accuracy"},
    {"accuracy_ideal", "accuracy without converters"},
    {"area_m2", "area"},
    {"area_mm2", "area"},
    {"area_chip_m2", "chip area"},
    {"area_chip_mm2", "chip area"},
    {"power_w", "peak power"},
    {"power_peak_w", "peak power"},
    {"power_average_w", "average power"},
    {"throughput_ips", "throughput, images"},
    {"gops", "throughput"},
    {"gops_per_w", "efficiency"},
    {"gops_per_mm2", "density"},
    {"adc_bits_max", "ADC bits, largest"},
    {"adc_bits_mean", "ADC bits, mean"},
    {"adc.bits", "ADC bits"},
    {"crossbar.rows", "crossbar rows"},
    {"crossbar.columns", "crossbar columns"},
    {"crossbar.cell_bits", "bits a cell"},
    {"dac.bits", "DAC bits"},
    {"pruning.rate", "pruning rate"},
    {"pruning.scheme", "pruning"},
    {"mapping.encoding", "encoding"},
    {"adc.columns_per_adc", "columns per ADC"},
    {"network.model", "network"},
};

/* Endings that say the unit, which stands in parentheses behind the words. */
static const char *const endings[] = {"_mm2", "_m2", "_ips", "_db", "_j", "_w", "_s", "_hz"};

/* "energy_per_inference_j" as "energy per inference". */
static const char *words_of(const char *name, struct arena *arena) {
    for (size_t i = 0; i < sizeof labels / sizeof *labels; i++)
        if (strcmp(labels[i].name, name) == 0)
            return labels[i].label;
    char *words = arena_strdup(arena, name);
    if (words == NULL)
        return NULL;
    for (size_t i = 0; i < sizeof endings / sizeof *endings; i++) {
        size_t length = strlen(words), own = strlen(endings[i]);
        if (length > own && strcmp(words + length - own, endings[i]) == 0) {
            words[length - own] = '\0';
            break;
        }
    }
    for (char *c = words; *c != '\0'; c++)
        if (*c == '_' || *c == '.')
            *c = ' ';
    return words;
}

/* What holds a name: a statement that gives a row with its unit (or NULL) where it is one. */
static const struct source {
    const char *test, *sql;
} sources[] = {
    {"SELECT '' FROM param WHERE key = '%s' LIMIT 1",
     "(SELECT value FROM param WHERE run_id = r.id AND key = '%s')"},
    {"SELECT unit FROM metric WHERE scope = 'run' AND name = '%s' LIMIT 1",
     "(SELECT value FROM metric WHERE run_id = r.id AND scope = 'run' AND name = '%s')"},
    {"SELECT NULL FROM pragma_table_info('run_summary') WHERE name = '%s'",
     "(SELECT %s FROM run_summary AS s WHERE s.run_id = r.id)"},
};
enum { SOURCES = sizeof sources / sizeof *sources };

static const char all_names[] = "SELECT name FROM pragma_table_info('run_summary') UNION SELECT "
                                "DISTINCT name FROM metric WHERE "
                                "scope = 'run' UNION SELECT DISTINCT key FROM param";

static enum status fail_unknown(struct store *store, const char *name, struct arena *arena,
                                struct diagnostic *diag) {
    enum { MOST = 600 };
    const char **names = ARENA_NEW(arena, MOST, const char *);
    struct store_query *query;
    bool row = true;
    size_t n = 0;
    TRY(store_query_open(store, all_names, &query, diag));
    enum status status = store_query_next(query, &row, diag);
    while (names != NULL && status == STATUS_OK && row && n < MOST) {
        names[n] = arena_strdup(arena, store_query_value(query, 0).text);
        n += names[n] != NULL;
        status = store_query_next(query, &row, diag);
    }
    store_query_close(query);
    if (status != STATUS_OK)
        return status;
    if (n == 0 || names == NULL)
        return FAIL_MEMORY(diag, "names");
    const char *closest = text_closest(name, names, n);
    if (closest != NULL)
        return FAIL(diag, STATUS_USAGE,
                    "no parameter or metric `%s` in this database (did you mean `%s`?)", name,
                    closest);
    return FAIL(diag, STATUS_USAGE,
                "no parameter or metric `%s` in this database; such are crossbar.rows, adc.bits, "
                "area_mm2 and energy_per_inference_j (`mho query --schema`, `mho query --view "
                "param`)",
                name);
}

/* Whether the name is one of the source's; `unit` is copied. */
static enum status try_source(struct store *store, const struct source *source, const char *name,
                              struct arena *arena, bool *found, const char **unit,
                              struct diagnostic *diag) {
    struct store_query *query;
    const char *sql = arena_printf(arena, source->test, name);
    if (sql == NULL)
        return FAIL_MEMORY(diag, "a quantity");
    TRY(store_query_open(store, sql, &query, diag));
    enum status status = store_query_next(query, found, diag);
    *unit = NULL;
    if (status == STATUS_OK && *found) {
        const char *text = store_query_value(query, 0).text;
        *unit = text != NULL ? arena_strdup(arena, text) : NULL;
    }
    store_query_close(query);
    return status;
}

enum status quantity_find(struct store *store, const char *name, struct arena *arena,
                          struct plot_quantity *quantity, struct diagnostic *diag) {
    static const char letters[] =
        "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_./*?-";
    bool found = false;
    const char *unit = NULL;
    int s = 0;
    if (formula_is(name))
        return formula_find(store, name, arena, quantity, diag);
    if (name[0] == '\0' || strspn(name, letters) != strlen(name))
        return FAIL(diag, STATUS_USAGE, "`%s` is no name of a parameter or metric", name);
    for (; s < SOURCES && !found; s++)
        TRY(try_source(store, &sources[s], name, arena, &found, &unit, diag));
    if (!found)
        return fail_unknown(store, name, arena, diag);
    *quantity = (struct plot_quantity){.name = name,
                                       .sql = arena_printf(arena, sources[s - 1].sql, name),
                                       .label = words_of(name, arena)};
    if (unit == NULL)
        unit = store_column_unit(name);
    quantity->unit = unit == NULL ? "" : strcmp(unit, "percent") == 0 ? "%" : unit;
    if (quantity->sql == NULL || quantity->label == NULL)
        return FAIL_MEMORY(diag, "a quantity");
    return STATUS_OK;
}

struct plot_scale scale_for(const char *unit, double largest) {
    static const struct {
        double factor;
        const char *prefix;
    } prefixes[] = {{1e15, "f"}, {1e12, "p"}, {1e9, "n"},  {1e6, "\u00b5"}, {1e3, "m"},
                    {1, ""},     {1e-3, "k"}, {1e-6, "M"}, {1e-9, "G"}};
    static const char *const prefixed[] = {"J", "s", "W", "Hz", "V", "B", "OPS"};
    struct plot_scale scale = {.factor = 1};
    largest = fabs(largest);
    snprintf(scale.unit, sizeof scale.unit, "%s",
             strcmp(unit, "mm2") == 0        ? "mm\u00b2"
             : strcmp(unit, "GOPS/mm2") == 0 ? "GOPS/mm\u00b2"
                                             : unit);
    if (strcmp(unit, "m2") == 0) {
        bool small = largest < 1e-8;
        scale.factor = small ? 1e12 : 1e6;
        snprintf(scale.unit, sizeof scale.unit, "%s", small ? "\u00b5m\u00b2" : "mm\u00b2");
    }
    for (size_t i = 0; i < sizeof prefixed / sizeof *prefixed; i++) {
        if (strcmp(unit, prefixed[i]) != 0 || !(largest > 0))
            continue;
        size_t p = 0;
        while (p + 1 < sizeof prefixes / sizeof *prefixes && largest * prefixes[p].factor >= 1000)
            p++;
        scale.factor = prefixes[p].factor;
        snprintf(scale.unit, sizeof scale.unit, "%s%s", prefixes[p].prefix, unit);
    }
    return scale;
}

char *quantity_axis(const struct plot_quantity *quantity, const struct plot_scale *scale,
                    char text[PLOT_LABEL]) {
    bool unit = scale != NULL && scale->unit[0] != '\0' && strcmp(scale->unit, "bits") != 0;
    snprintf(text, PLOT_LABEL, unit ? "%.80s (%s)" : "%.80s", quantity->label,
             unit ? scale->unit : "");
    if (text[0] >= 'a' && text[0] <= 'z')
        text[0] = (char)(text[0] - 'a' + 'A');
    return text;
}
