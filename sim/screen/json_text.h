/* JSON as commands print it. */
#ifndef MHO_SCREEN_JSON_TEXT_H
#define MHO_SCREEN_JSON_TEXT_H

#include <jansson.h>
#include <stdio.h>

#include "sim/base/base.h"

/* Counts as integers, so that 312 is not printed as 312.0; null for what is not a number. */
json_t *json_number(double value);

/* null for NULL. */
json_t *json_text(const char *text);

/* The object with one member more, the array with one element more. NULL, with everything released,
 * where memory was short for either: it reaches json_print, so that nothing incomplete is printed.
 */
json_t *json_with(json_t *object, const char *key, json_t *value);
json_t *json_plus(json_t *array, json_t *value);

/* The value with a newline to `out`; releases it. NULL: short memory. */
enum status json_print(json_t *value, FILE *out, struct diagnostic *diag);

#endif
