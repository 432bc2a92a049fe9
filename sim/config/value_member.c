/* Values in and out of the members of an options struct. */
#include <math.h>
#include <string.h>

#include "sim/config/value.h"

/* Size of the member, and which bytes of the value it holds: all members of the union start where
 * the union does, so one copy serves every type. */
static size_t member_size(enum field_type type) {
    static const size_t sizes[] = {
        [FIELD_BOOL] = sizeof(bool),
        [FIELD_INT] = sizeof(int),
        [FIELD_UINT64] = sizeof(uint64_t),
        [FIELD_REAL] = sizeof(double),
        [FIELD_STRING] = sizeof(char *),
        [FIELD_PATH] = sizeof(char *),
        [FIELD_CHOICE] = sizeof(int),
        [FIELD_INT_WORD] = sizeof(int),
        [FIELD_REALS] = sizeof(struct config_reals),
    };
    return sizes[type];
}

struct field_value value_unset(const struct config_field *field) {
    struct field_value value = {.set = false};
    if (field->type == FIELD_REAL)
        value.real = NAN;
    return value;
}

void value_store(const struct config_field *field, const struct field_value *value, void *options) {
    memcpy((char *)options + field->offset, &value->boolean, member_size(field->type));
}

struct field_value value_load(const struct config_field *field, bool set, const void *options) {
    struct field_value value = value_unset(field);
    value.set = set;
    if (set)
        memcpy(&value.boolean, (const char *)options + field->offset, member_size(field->type));
    return value;
}
