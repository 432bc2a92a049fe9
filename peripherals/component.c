/* Evaluating components: standard values, ranges, and the model. */
#include "peripherals/component.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "peripherals/component_internal.h"

const struct component_variant *component_variant(const struct component_kind *kind,
                                                  const char *name) {
    if (name == NULL)
        return &kind->variants[0];
    for (int i = 0; i < kind->n_variants; i++)
        if (strcmp(kind->variants[i].name, name) == 0)
            return &kind->variants[i];
    return NULL;
}

static bool within(double value, const struct component_range *range) {
    return value >= range->minimum && value <= range->maximum;
}

bool component_takes(const struct component_variant *variant, int parameter) {
    return variant->range[parameter].minimum <= variant->range[parameter].maximum;
}

void component_complete(const struct component_kind *kind, const struct component_variant *variant,
                        const double *values, double *complete) {
    for (int p = 0; p < kind->n_parameters; p++) {
        const struct component_range *range = &variant->range[p];
        complete[p] = values[p];
        if (!isnan(values[p]))
            continue;
        complete[p] = kind->parameters[p].standard;
        if (component_takes(variant, p) && !within(complete[p], range))
            complete[p] = variant->law->at[p] > 0 ? variant->law->at[p] : range->minimum;
    }
}

char *component_range_text(const struct component_range *range, enum unit unit, char *buffer,
                           size_t size) {
    char low[32], high[32];
    unit_format(range->minimum, unit, low, sizeof low);
    unit_format(range->maximum, unit, high, sizeof high);
    if (range->minimum == range->maximum)
        snprintf(buffer, size, "%s", low);
    else
        snprintf(buffer, size, "%s to %s", low, high);
    return buffer;
}

static enum status check_parameter(const struct component_kind *kind,
                                   const struct component_variant *variant, int p, double value,
                                   struct diagnostic *diag) {
    const struct component_parameter *parameter = &kind->parameters[p];
    char text[32], range[80];
    if (!component_takes(variant, p))
        return FAIL(diag, STATUS_USAGE, "component %s: %s does not depend on %s", kind->name,
                    variant->name, parameter->name);
    if (within(value, &variant->range[p]))
        return STATUS_OK;
    return FAIL(diag, STATUS_USAGE, "component %s: %s is %s, but %s holds for %s", kind->name,
                parameter->name, unit_format(value, parameter->unit, text, sizeof text),
                variant->name,
                component_range_text(&variant->range[p], parameter->unit, range, sizeof range));
}

static enum status check_node(const struct component_kind *kind,
                              const struct component_variant *variant, double node_m,
                              const struct technology *technology, struct diagnostic *diag) {
    char what[2 * COMPONENT_NAME_MAX], range[80], text[32];
    bool needs_node = variant->law->model->needs_node || variant->node_range.minimum > 0;
    if (needs_node && !(node_m > 0))
        return FAIL(diag, STATUS_USAGE, "component %s: %s needs a node", kind->name, variant->name);
    if (needs_node && !within(node_m, &variant->node_range))
        return FAIL(diag, STATUS_USAGE, "component %s: the node is %s, but %s holds for %s",
                    kind->name, unit_format(node_m, UNIT_METRE, text, sizeof text), variant->name,
                    component_range_text(&variant->node_range, UNIT_METRE, range, sizeof range));
    bool scaled = variant->node_m > 0 && variant->node_m != node_m && technology->scales;
    if (!scaled && !(variant->law->cycles > 0 && technology->scales))
        return STATUS_OK;
    snprintf(what, sizeof what, "component %.40s: the node", kind->name);
    TRY(technology_check(technology, node_m, what, diag));
    return scaled ? technology_check(technology, variant->node_m, what, diag) : STATUS_OK;
}

enum status component_evaluate(const struct component_kind *kind,
                               const struct component_variant *variant, const double *values,
                               double node_m, const struct technology *technology,
                               struct component_cost *cost, struct diagnostic *diag) {
    double complete[COMPONENT_PARAMETERS_MAX];
    for (int p = 0; p < kind->n_parameters; p++)
        if (!isnan(values[p]))
            TRY(check_parameter(kind, variant, p, values[p], diag));
    TRY(check_node(kind, variant, node_m, technology, diag));
    component_complete(kind, variant, values, complete);
    *cost = variant->law->model->cost(variant, complete, node_m, technology);
    for (int f = 0; f < FIGURE_COUNT; f++)
        if (!isfinite(component_figure(cost, (enum component_figure)f)))
            return FAIL(diag, STATUS_USAGE, "component %s %s: %s is no finite number", kind->name,
                        variant->name, component_figure_names[f]);
    return STATUS_OK;
}
