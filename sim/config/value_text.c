/* From a value back to YAML text, and what a field accepts in words. */
#include <inttypes.h>
#include <limits.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "sim/config/value.h"

/* Enough for any number in any of the forms below. */
enum { NUMBER_LENGTH = 40 };

bool value_has_limits(const struct config_field *field) {
    return field->minimum != 0.0 || field->maximum != 0.0;
}

bool value_within_limits(const struct config_field *field, double number) {
    return !value_has_limits(field) || (number >= field->minimum && number <= field->maximum);
}

/* The fewest digits that read back as the same double; whole numbers without an exponent. */
static char *shortest_real(double number, char buffer[NUMBER_LENGTH]) {
    if (number == 0.0)
        number = 0.0; /* -0 and 0 are the same setting */
    if (number == floor(number) && fabs(number) < 1e15) {
        snprintf(buffer, NUMBER_LENGTH, "%.0f", number);
        return buffer;
    }
    for (int digits = 1; digits <= 17; digits++) {
        snprintf(buffer, NUMBER_LENGTH, "%.*g", digits, number);
        if (strtod(buffer, NULL) == number)
            break;
    }
    return buffer;
}

static void write_real(double number, const struct text_sink *sink) {
    char buffer[NUMBER_LENGTH];
    sink_text(sink, shortest_real(number, buffer));
}

static void write_reals(const struct config_reals *reals, const struct text_sink *sink) {
    sink_text(sink, "[");
    for (size_t i = 0; i < reals->count; i++) {
        sink_text(sink, i == 0 ? "" : ", ");
        write_real(reals->values[i], sink);
    }
    sink_text(sink, "]");
}

void value_to_sink(const struct config_field *field, const struct field_value *value,
                   const struct text_sink *sink) {
    char number[NUMBER_LENGTH] = "";
    if (!value->set) {
        sink_text(sink, "~");
        return;
    }
    switch (field->type) {
    case FIELD_BOOL:
        sink_text(sink, value->boolean ? "true" : "false");
        return;
    case FIELD_INT:
        snprintf(number, sizeof number, "%d", value->integer);
        break;
    case FIELD_UINT64:
        snprintf(number, sizeof number, "%" PRIu64, value->seed);
        break;
    case FIELD_REAL:
        write_real(value->real, sink);
        return;
    case FIELD_STRING:
    case FIELD_PATH:
        value_write_text(value->text, sink);
        return;
    case FIELD_CHOICE:
        value_write_text(field->words[value->integer], sink);
        return;
    case FIELD_INT_WORD:
        if (value->integer < 0) {
            value_write_text(field->words[-1 - value->integer], sink);
            return;
        }
        snprintf(number, sizeof number, "%d", value->integer);
        break;
    case FIELD_REALS:
        write_reals(&value->reals, sink);
        return;
    }
    sink_text(sink, number);
}

char *value_text(const struct config_field *field, const struct field_value *value,
                 struct arena *arena) {
    struct text_buffer buffer = {0};
    struct text_sink sink = buffer_sink(&buffer);
    value_to_sink(field, value, &sink);
    return buffer_finish(&buffer, arena);
}

static char *limit_text(double limit, enum unit unit, char buffer[NUMBER_LENGTH]) {
    return unit == UNIT_NONE ? shortest_real(limit, buffer)
                             : unit_format(limit, unit, buffer, NUMBER_LENGTH);
}

/* "`from`1 to 4096", "at least 1", "at most 9", or "". */
static void write_limits(const struct config_field *field, const char *from,
                         const struct text_sink *sink) {
    char low[NUMBER_LENGTH], high[NUMBER_LENGTH];
    bool integer = field->type == FIELD_INT || field->type == FIELD_INT_WORD;
    enum unit unit = integer ? UNIT_NONE : field->unit;
    if (!value_has_limits(field))
        return;
    if (isfinite(field->minimum) && isfinite(field->maximum)) {
        sink_text(sink, from);
        sink_text(sink, limit_text(field->minimum, unit, low));
        sink_text(sink, " to ");
        sink_text(sink, limit_text(field->maximum, unit, high));
    } else if (isfinite(field->minimum)) {
        sink_text(sink, "at least ");
        sink_text(sink, limit_text(field->minimum, unit, low));
    } else if (isfinite(field->maximum)) {
        sink_text(sink, "at most ");
        sink_text(sink, limit_text(field->maximum, unit, high));
    }
}

static void write_words(const struct config_field *field, const char *separator,
                        const struct text_sink *sink) {
    for (size_t i = 0; field->words[i] != NULL; i++) {
        sink_text(sink, i == 0 ? "" : separator);
        sink_text(sink, field->words[i]);
    }
}

static void write_expected_number(const struct config_field *field, const char *what,
                                  const struct text_sink *sink) {
    sink_text(sink, what);
    sink_text(sink, value_has_limits(field) ? " " : "");
    write_limits(field, "from ", sink);
}

static void write_expected_real(const struct config_field *field, const struct text_sink *sink) {
    sink_text(sink, unit_article(field->unit));
    sink_text(sink, " ");
    write_expected_number(field, unit_quantity(field->unit), sink);
    if (field->unit != UNIT_NONE && field->unit != UNIT_PERCENT) { /* % has no other spelling */
        sink_text(sink, " (");
        sink_text(sink, unit_spellings(field->unit));
        sink_text(sink, ")");
    }
}

char *value_expected(const struct config_field *field, char buffer[VALUE_EXPECTED_LENGTH]) {
    struct text_window window = {.data = buffer, .size = VALUE_EXPECTED_LENGTH};
    struct text_sink sink = window_sink(&window);
    switch (field->type) {
    case FIELD_BOOL:
        sink_text(&sink, "true or false");
        break;
    case FIELD_INT:
        write_expected_number(field, "an integer", &sink);
        break;
    case FIELD_UINT64:
        sink_text(&sink, "an integer from 0 to 9223372036854775807");
        break;
    case FIELD_REALS:
    case FIELD_REAL:
        write_expected_real(field, &sink);
        sink_text(&sink, field->type == FIELD_REALS ? ", or a list of them" : "");
        break;
    case FIELD_STRING:
        sink_text(&sink, "a text");
        break;
    case FIELD_PATH:
        sink_text(&sink, "the path of a file");
        break;
    case FIELD_INT_WORD:
        write_expected_number(field, "an integer", &sink);
        sink_text(&sink, ", or ");
        write_words(field, " or ", &sink);
        break;
    case FIELD_CHOICE:
        sink_text(&sink, "one of ");
        write_words(field, ", ", &sink);
        break;
    }
    return buffer;
}

char *value_range(const struct config_field *field, char buffer[VALUE_EXPECTED_LENGTH]) {
    struct text_window window = {.data = buffer, .size = VALUE_EXPECTED_LENGTH};
    struct text_sink sink = window_sink(&window);
    write_limits(field, "", &sink);
    if (field->type == FIELD_BOOL)
        sink_text(&sink, "true | false");
    if (field->words != NULL) {
        sink_text(&sink, window.used > 0 ? " | " : "");
        write_words(field, " | ", &sink);
    }
    return buffer;
}
