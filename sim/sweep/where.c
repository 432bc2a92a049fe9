/* Rules that points must satisfy: expressions over their fields.
 *
 * "crossbar.rows <= 128 or adc.bits == lossless". A field that a point does not set has the base's
 * value. Words, and names of values of named dimensions, are equal or not; beside numbers a word is
 * larger than any, as lossless converters have more bits than all others. */
#include <string.h>
#include <xxhash.h>

#include "sim/sweep/sweep_internal.h"

struct place {
    const struct sweep *sweep;
    const struct sweep_group *group;
    const struct sweep_point *point; /* NULL: names are only checked */
};

/* A number that stands for a word: above any setting, exact, and not another word's. */
static double word_number(const char *text) {
    return 0x1p52 + (double)(XXH3_64bits(text, strlen(text)) >> 13U);
}

static double number_of(const char *text) {
    double number;
    return text_to_real(text, &number) ? number : word_number(text);
}

static const struct sweep_dimension *named_dimension(const struct sweep_group *group,
                                                     const char *name) {
    for (int d = 0; d < group->n_dimensions; d++)
        if (group->dimensions[d].named && strcmp(group->dimensions[d].name, name) == 0)
            return &group->dimensions[d];
    return NULL;
}

/* What the point, or else the base, has for a field. */
static enum status field_value(const struct place *place, const struct config_section *section,
                               const struct config_field *field, double *value,
                               struct diagnostic *diag) {
    char text[128];
    size_t length = strlen(section->name);
    for (int i = place->point != NULL ? place->point->n_settings : 0; i-- > 0;) {
        const struct sweep_setting *setting = &place->point->settings[i];
        if (strncmp(setting->key, section->name, length) != 0 || setting->key[length] != '.' ||
            strcmp(setting->key + length + 1, field->name) != 0)
            continue;
        if (setting->value->kind != YAML_SCALAR)
            return YAML_FAIL(diag, setting->value, "where: a list cannot be compared");
        if (!unit_parse(setting->value->text, field->unit, value))
            *value = word_number(setting->value->text);
        return STATUS_OK;
    }
    config_value_text(place->sweep->start, section, field, text, sizeof text);
    *value = number_of(text);
    return STATUS_OK;
}

/* "section.key". */
static enum status dotted_value(const struct place *place, const struct expression *name,
                                double *value, struct diagnostic *diag) {
    enum { NAMES_MAX = 256 };
    const char *names[NAMES_MAX];
    size_t n_sections, n = 0;
    const struct config_section *const *sections =
        config_sections(place->sweep->start, &n_sections);
    for (size_t s = 0; s < n_sections; s++) {
        if (strcmp(sections[s]->name, name->parts[0].text) != 0)
            continue;
        for (size_t f = 0; f < sections[s]->n_fields; f++) {
            if (strcmp(sections[s]->fields[f].name, name->parts[1].text) == 0)
                return field_value(place, sections[s], &sections[s]->fields[f], value, diag);
            if (n < NAMES_MAX)
                names[n++] = sections[s]->fields[f].name;
        }
        return expression_unknown(name, 1, "key", names, n, diag);
    }
    for (size_t s = 0; s < n_sections && n < NAMES_MAX; s++)
        names[n++] = sections[s]->name;
    return expression_unknown(name, 0, "section", names, n, diag);
}

static const char *label_of(const struct sweep_point *point, const char *name) {
    for (int i = 0; i < point->n_labels; i++)
        if (strcmp(point->labels[i].name, name) == 0)
            return point->labels[i].value;
    return "";
}

/* Whether some choice, or some value of a named dimension, is called so. */
static bool is_word(const struct place *place, const char *word) {
    size_t n_sections;
    const struct config_section *const *sections =
        config_sections(place->sweep->start, &n_sections);
    for (int d = 0; d < place->group->n_dimensions; d++)
        for (long v = 0; v < place->group->dimensions[d].n_values; v++) {
            const struct sweep_value *value = &place->group->dimensions[d].values[v];
            if (value->name != NULL && strcmp(value->name, word) == 0)
                return true;
            for (int i = 0; i < value->n_settings; i++)
                if (value->settings[i].value->kind == YAML_SCALAR &&
                    strcmp(value->settings[i].value->text, word) == 0)
                    return true;
        }
    for (size_t s = 0; s < n_sections; s++)
        for (size_t f = 0; f < sections[s]->n_fields; f++)
            for (const char *const *w = sections[s]->fields[f].words; w != NULL && *w != NULL; w++)
                if (strcmp(*w, word) == 0)
                    return true;
    return strcmp(word, "true") == 0 || strcmp(word, "false") == 0 || strcmp(word, "none") == 0;
}

static enum status value_of(const struct expression_scope *scope, const struct expression *name,
                            double *value, struct diagnostic *diag) {
    const struct place *place = scope->context;
    const char *first = name->parts[0].text;
    if (name->n_parts == 2 && !name->parts[1].index)
        return dotted_value(place, name, value, diag);
    if (name->n_parts > 1)
        return EXPRESSION_FAIL(diag, name, name->offset,
                               "where: expected SECTION.KEY, the name of a dimension, or a word");
    *value = word_number(first);
    if (named_dimension(place->group, first) != NULL) {
        if (place->point != NULL)
            *value = number_of(label_of(place->point, first));
        return STATUS_OK;
    }
    if (is_word(place, first))
        return STATUS_OK;
    return EXPRESSION_FAIL(diag, name, name->offset,
                           "where: \"%s\" is neither a dimension nor a word that a field or "
                           "dimension can have",
                           first);
}

static enum status no_tables(const struct expression_scope *scope, const struct expression *name,
                             int *table, int *rows, struct diagnostic *diag) {
    (void)scope;
    *table = *rows = 0;
    return EXPRESSION_FAIL(diag, name, name->offset, "where: there are no data tables here");
}

static enum status rule_value(const struct expression *rule, struct place place, double *value,
                              struct diagnostic *diag) {
    const struct expression_scope scope = {
        .value = value_of, .table = no_tables, .context = &place, .table_at = -1};
    return expression_value(rule, &scope, value, diag);
}

/* A rule, or a list of them; they are added to those that are there. */
enum status sweep_read_rules(struct loading *loading, const struct yaml_node *node,
                             const struct sweep_group *group,
                             const struct expression *const **rules, int *n) {
    bool list = node->kind == YAML_SEQUENCE;
    size_t more = list ? node->count : 1;
    struct place place = {loading->sweep, group, NULL};
    const struct expression **all =
        ARENA_NEW(&loading->sweep->arena, (size_t)*n + more, const struct expression *);
    if (all == NULL)
        return FAIL_MEMORY(loading->diag, "a sweep");
    for (int i = 0; i < *n; i++)
        all[i] = (*rules)[i];
    for (size_t i = 0; i < more; i++) {
        const struct expression *rule;
        double ignored;
        TRY(expression_parse(list ? node->values[i] : node, "where", &loading->sweep->arena, &rule,
                             loading->diag));
        TRY(rule_value(rule, place, &ignored, loading->diag));
        all[*n] = rule;
        ++*n;
    }
    *rules = all;
    return STATUS_OK;
}

enum status sweep_keeps(const struct sweep *sweep, const struct sweep_group *group,
                        const struct sweep_point *point, bool *kept, struct diagnostic *diag) {
    *kept = true;
    for (int i = 0; i < group->n_rules && *kept; i++) {
        double value;
        TRY(rule_value(group->rules[i], (struct place){sweep, group, point}, &value, diag));
        *kept = value != 0;
    }
    return STATUS_OK;
}
