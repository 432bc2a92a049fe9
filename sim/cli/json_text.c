#include "sim/cli/json_text.h"

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
