/* Reading the keys of chip files. */
#include "sim/chip/chip_internal.h"

/* Largest figure, in SI units; its inverse the smallest positive one: no product of them overflows.
 */
static const double quantity_max = 1e30;

static enum status read_key(const struct yaml_node *value, const struct key *key, void *target,
                            struct diagnostic *diag) {
    void *member = (char *)target + key->offset;
    if (key->type == KEY_TEXT)
        return yaml_string(value, key->name, member, diag);
    if (key->type == KEY_COUNT) {
        int *count = member;
        TRY(yaml_int(value, key->name, count, diag));
        if (*count < 1 || *count > COUNT_MAX)
            return FAIL(diag, STATUS_USAGE, AT "%s is %d: it must be 1 to %d", POS(value),
                        key->name, *count, COUNT_MAX);
        return STATUS_OK;
    }
    double *quantity = member;
    TRY(yaml_quantity(value, key->name, key->unit, quantity, diag));
    double largest = key->unit == UNIT_NONE ? COUNT_MAX : quantity_max;
    bool large_enough = key->type == KEY_POSITIVE ? *quantity >= 1 / quantity_max : *quantity >= 0;
    if (!large_enough || *quantity > largest)
        return FAIL(diag, STATUS_USAGE, AT "%s is %s: it must be %s and at most %g", POS(value),
                    key->name, value->text, key->type == KEY_POSITIVE ? "above 0" : "0 or more",
                    largest);
    return STATUS_OK;
}

enum status read_keys(const struct yaml_node *mapping, const struct key *table, size_t count,
                      void *target, struct diagnostic *diag) {
    for (size_t i = 0; i < count; i++) {
        const struct yaml_node *value = yaml_get(mapping, table[i].name);
        if (value != NULL)
            TRY(read_key(value, &table[i], target, diag));
        else if (!table[i].optional)
            return FAIL(diag, STATUS_USAGE, AT "\"%s\" is missing here", POS(mapping),
                        table[i].name);
    }
    return STATUS_OK;
}

enum status check_mapping(const struct yaml_node *node, const struct key *table, size_t count,
                          const char *const *more, struct diagnostic *diag) {
    enum { ALLOWED_MAX = 32 };
    const char *allowed[ALLOWED_MAX];
    size_t n = 0;
    if (node->kind != YAML_MAPPING)
        return FAIL(diag, STATUS_USAGE, AT "expected keys with values here", POS(node));
    for (size_t i = 0; i < count; i++)
        allowed[n++] = table[i].name;
    for (; *more != NULL; more++)
        allowed[n++] = *more;
    return yaml_check_keys(node, allowed, n, diag);
}
