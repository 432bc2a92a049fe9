#include "sim/screen/json_text.h"

#include <math.h>

json_t *json_number(double value) {
    if (!isfinite(value))
        return json_null();
    if (value == rint(value) && fabs(value) < 9e15)
        return json_integer((json_int_t)value);
    return json_real(value);
}

json_t *json_text(const char *text) {
    return text != NULL ? json_string(text) : json_null();
}

json_t *json_with(json_t *object, const char *key, json_t *value) {
    if (object != NULL && json_object_set_new(object, key, value) == 0)
        return object;
    if (object == NULL) /* json_object_set_new has released the value */
        json_decref(value);
    json_decref(object);
    return NULL;
}

json_t *json_plus(json_t *array, json_t *value) {
    if (array != NULL && json_array_append_new(array, value) == 0)
        return array;
    if (array == NULL)
        json_decref(value);
    json_decref(array);
    return NULL;
}

enum status json_print(json_t *value, FILE *out, struct diagnostic *diag) {
    if (value == NULL)
        return FAIL_MEMORY(diag, "the JSON object");
    int failed = json_dumpf(value, out, JSON_INDENT(1) | JSON_REAL_PRECISION(15));
    json_decref(value);
    if (failed)
        return FAIL(diag, STATUS_IO, "the JSON object could not be written");
    fputc('\n', out);
    return STATUS_OK;
}
