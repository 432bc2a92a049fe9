/* Rows as text for programs: each is printed as it comes. */
#include <jansson.h>
#include <math.h>
#include <string.h>

#include "sim/cli/query/query_view.h"

/* A cell: what would end it or its row is escaped. */
static void markdown_cell(FILE *out, const char *text) {
    for (; *text != '\0'; text++)
        if (*text == '|')
            fputs("\\|", out);
        else
            fputc((unsigned char)*text < ' ' ? ' ' : *text, out);
}

enum status query_markdown(struct store_query *query, FILE *out, struct diagnostic *diag) {
    int n = store_query_columns(query);
    bool row = true;
    for (int i = 0; i < n; i++) {
        const char *name = store_query_name(query, i), *unit = store_column_unit(name);
        fputs(i > 0 ? " | " : "| ", out);
        markdown_cell(out, name);
        if (unit != NULL && unit[0] != '\0')
            fprintf(out, " (%s)", unit);
    }
    fputs(" |\n", out);
    for (int i = 0; i < n; i++)
        fputs("|---", out);
    fputs("|\n", out);
    TRY(store_query_next(query, &row, diag));
    while (row && !ferror(out)) {
        for (int i = 0; i < n; i++) {
            char buffer[STORE_REAL_DIGITS];
            struct store_value value = store_query_value(query, i);
            const char *text = store_value_text(&value, buffer);
            fputs(i > 0 ? " | " : "| ", out);
            markdown_cell(out, text != NULL ? text : "");
        }
        fputs(" |\n", out);
        TRY(store_query_next(query, &row, diag));
    }
    return STATUS_OK;
}

static enum status json_string_to(FILE *out, const char *text, struct diagnostic *diag) {
    json_t *string = json_string(text);
    if (string == NULL || json_dumpf(string, out, JSON_ENCODE_ANY) != 0) {
        json_decref(string);
        return FAIL(diag, STATUS_STORE, "a text of the answer is no UTF-8");
    }
    json_decref(string);
    return STATUS_OK;
}

/* jansson writes 15 digits, or 17 even of 0.1. */
static enum status json_value_to(FILE *out, const struct store_value *value,
                                 struct diagnostic *diag) {
    char buffer[STORE_REAL_DIGITS];
    bool none = value->type == STORE_NULL || (value->type == STORE_REAL && !isfinite(value->real));
    if (value->type == STORE_TEXT)
        return json_string_to(out, value->text, diag);
    fputs(none ? "null" : store_value_text(value, buffer), out);
    return STATUS_OK;
}

enum status query_json(struct store_query *query, FILE *out, struct diagnostic *diag) {
    int n = store_query_columns(query);
    bool row = true, first = true;
    fputc('[', out);
    TRY(store_query_next(query, &row, diag));
    for (; row && !ferror(out); first = false) {
        fputs(first ? "\n {" : ",\n {", out);
        for (int i = 0; i < n; i++) {
            struct store_value value = store_query_value(query, i);
            fputs(i > 0 ? ", " : "", out);
            TRY(json_string_to(out, store_query_name(query, i), diag));
            fputs(": ", out);
            TRY(json_value_to(out, &value, diag));
        }
        fputc('}', out);
        TRY(store_query_next(query, &row, diag));
    }
    fputs(first ? "]\n" : "\n]\n", out);
    return STATUS_OK;
}
