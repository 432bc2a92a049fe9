/* Points: from the digits of their number to fields and labels. */
#include <stdlib.h>
#include <string.h>

#include "sim/run/run.h"
#include "sim/sweep/sweep_internal.h"

void sweep_point_free(struct sweep_point *point) {
    arena_free(&point->arena);
    *point = (struct sweep_point){0};
}

enum status sweep_config(const struct sweep *sweep, const struct sweep_point *point,
                         struct config **config, struct diagnostic *diag) {
    TRY(config_copy(sweep->start, config, diag));
    enum status status = STATUS_OK;
    for (int i = 0; i < point->n_settings && status == STATUS_OK; i++)
        status = config_set(*config, point->settings[i].key, point->settings[i].at,
                            point->settings[i].value, diag);
    if (status == STATUS_OK)
        status = config_finish(*config, diag);
    if (status != STATUS_OK) {
        config_free(*config);
        *config = NULL;
    }
    return status;
}

/* A value as it is written: lists of numbers in brackets. */
static const char *value_text(const struct yaml_node *node, struct arena *arena) {
    if (node->kind == YAML_SCALAR)
        return node->text;
    char *text = arena_strdup(arena, "[");
    for (size_t i = 0; text != NULL && i < node->count; i++)
        text = arena_printf(arena, "%s%s%s", text, i == 0 ? "" : ", ",
                            node->values[i]->kind == YAML_SCALAR ? node->values[i]->text : "...");
    return text != NULL ? arena_printf(arena, "%s]", text) : NULL;
}

static bool add_label(struct sweep_point *point, struct sweep_label *labels, const char *name,
                      const char *value) {
    labels[point->n_labels++] = (struct sweep_label){name, value};
    return value != NULL;
}

static bool add_settings(struct sweep_point *point, struct sweep_setting *settings,
                         struct sweep_label *labels, const struct sweep_setting *added, int n,
                         bool labelled) {
    for (int i = 0; i < n; i++) {
        settings[point->n_settings++] = added[i];
        if (labelled &&
            !add_label(point, labels, added[i].key, value_text(added[i].value, &point->arena)))
            return false;
    }
    return true;
}

static int settings_of(const struct sweep_group *group, const long *digits) {
    int n = group->n_set + (group->sample != NULL ? group->sample->n_ranges : 0);
    for (int d = 0; d < group->n_dimensions; d++)
        n += group->dimensions[d].values[digits[d]].n_settings + 1;
    return n;
}

enum status sweep_make_point(const struct sweep *sweep, const struct sweep_group *group,
                             const long *digits, const double *u, struct sweep_point *point,
                             struct diagnostic *diag) {
    int room = settings_of(group, digits);
    *point = (struct sweep_point){0};
    struct sweep_setting *settings = ARENA_NEW(&point->arena, room, struct sweep_setting);
    struct sweep_label *labels = ARENA_NEW(&point->arena, room, struct sweep_label);
    bool made = settings != NULL && labels != NULL;
    (void)sweep;
    made = made && add_settings(point, settings, labels, group->set, group->n_set, false);
    for (int r = 0; made && group->sample != NULL && r < group->sample->n_ranges; r++) {
        struct sweep_setting own;
        made = sweep_range_setting(&group->sample->ranges[r], u[r], &point->arena, &own, diag) ==
                   STATUS_OK &&
               add_settings(point, settings, labels, &own, 1, true);
    }
    for (int d = 0; made && d < group->n_dimensions; d++) {
        const struct sweep_dimension *dimension = &group->dimensions[d];
        const struct sweep_value *value = &dimension->values[digits[d]];
        made = add_settings(point, settings, labels, value->settings, value->n_settings,
                            !dimension->named);
        if (made && dimension->named)
            made = add_label(point, labels, dimension->name, value->name);
    }
    point->settings = settings;
    point->labels = labels;
    if (made)
        return STATUS_OK;
    sweep_point_free(point);
    return FAIL_MEMORY(diag, "a design point");
}

char *sweep_point_text(const struct sweep_point *point, struct arena *arena) {
    char *text = arena_strdup(arena, "");
    for (int i = 0; text != NULL && i < point->n_labels; i++)
        text = arena_printf(arena, "%s%s%s=%s", text, i == 0 ? "" : ", ", point->labels[i].name,
                            point->labels[i].value);
    return text;
}

/* --- the walk --- */

struct sweep_walk {
    const struct sweep *sweep;
    int group;
    long index;         /* of the next point in its group */
    long before;        /* points of earlier groups */
    long sampled;       /* index of the sample point in `u`; -1: none */
    gsl_qrng *sequence; /* Sobol; NULL: none */
    double *u;
    long *digits;
    struct arena arena;
};

/* Room for the group that the walk comes to. */
static enum status enter_group(struct sweep_walk *walk, struct diagnostic *diag) {
    const struct sweep_group *group = &walk->sweep->groups[walk->group];
    const struct sweep_sample *sample = group->sample;
    arena_free(&walk->arena);
    gsl_qrng_free(walk->sequence);
    walk->sequence = NULL;
    walk->index = 0;
    walk->sampled = -1;
    walk->digits = ARENA_NEW(&walk->arena, group->n_dimensions, long);
    walk->u = ARENA_NEW(&walk->arena, sample != NULL ? sample->n_ranges : 0, double);
    if (sample != NULL && sample->method == SAMPLE_SOBOL)
        walk->sequence = gsl_qrng_alloc(gsl_qrng_sobol, (unsigned)sample->n_ranges);
    if (walk->digits == NULL || walk->u == NULL ||
        (sample != NULL && sample->method == SAMPLE_SOBOL && walk->sequence == NULL))
        return FAIL_MEMORY(diag, "a sweep");
    return STATUS_OK;
}

enum status sweep_walk_begin(const struct sweep *sweep, struct sweep_walk **walk,
                             struct diagnostic *diag) {
    *walk = calloc(1, sizeof **walk);
    if (*walk == NULL)
        return FAIL_MEMORY(diag, "a sweep");
    (*walk)->sweep = sweep;
    enum status status = enter_group(*walk, diag);
    if (status != STATUS_OK) {
        sweep_walk_end(*walk);
        *walk = NULL;
    }
    return status;
}

void sweep_walk_end(struct sweep_walk *walk) {
    if (walk == NULL)
        return;
    gsl_qrng_free(walk->sequence);
    arena_free(&walk->arena);
    free(walk);
}

/* The point at walk->index, whose dimensions change fastest at the end. */
static enum status point_here(struct sweep_walk *walk, struct sweep_point *point,
                              struct diagnostic *diag) {
    const struct sweep_group *group = &walk->sweep->groups[walk->group];
    long rest = walk->index;
    for (int d = group->n_dimensions; d-- > 0;) {
        walk->digits[d] = rest % group->dimensions[d].n_values;
        rest /= group->dimensions[d].n_values;
    }
    for (; group->sample != NULL && walk->sampled < rest; walk->sampled++)
        sweep_sample_coordinates(group->sample, walk->sampled + 1, walk->sequence, walk->u);
    return sweep_make_point(walk->sweep, group, walk->digits, walk->u, point, diag);
}

enum status sweep_walk_next(struct sweep_walk *walk, struct sweep_point *point, bool *found,
                            struct diagnostic *diag) {
    *found = false;
    while (walk->group < walk->sweep->n_groups) {
        const struct sweep_group *group = &walk->sweep->groups[walk->group];
        if (walk->index == group->size) {
            walk->before += group->size;
            if (++walk->group < walk->sweep->n_groups)
                TRY(enter_group(walk, diag));
            continue;
        }
        TRY(point_here(walk, point, diag));
        point->number = walk->before + walk->index++;
        enum status status = sweep_keeps(walk->sweep, group, point, found, diag);
        if (status != STATUS_OK || !*found)
            sweep_point_free(point);
        if (status != STATUS_OK || *found)
            return status;
    }
    return STATUS_OK;
}

static bool has_rules(const struct sweep *sweep) {
    for (int g = 0; g < sweep->n_groups; g++)
        if (sweep->groups[g].n_rules > 0)
            return true;
    return false;
}

enum status sweep_count(const struct sweep *sweep, long *count, struct diagnostic *diag) {
    struct sweep_walk *walk;
    struct sweep_point point;
    bool found = true;
    *count = sweep->size;
    if (!has_rules(sweep))
        return STATUS_OK;
    TRY(sweep_walk_begin(sweep, &walk, diag));
    enum status status = STATUS_OK;
    for (*count = 0; status == STATUS_OK && found;) {
        status = sweep_walk_next(walk, &point, &found, diag);
        if (status == STATUS_OK && found) {
            ++*count;
            sweep_point_free(&point);
        }
    }
    sweep_walk_end(walk);
    return status;
}
