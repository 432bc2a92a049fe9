/* Values as text, and rows as comma-separated values. */
#include <inttypes.h>

#include "results/store_query.h"
#include "sim/base/csv.h"

const char *store_value_text(const struct store_value *value, char buffer[STORE_REAL_DIGITS]) {
    switch (value->type) {
    case STORE_INTEGER:
        snprintf(buffer, STORE_REAL_DIGITS, "%" PRId64, value->integer);
        return buffer;
    case STORE_REAL:
        return store_real_text(value->real, buffer);
    case STORE_TEXT:
        return value->text;
    default:
        return NULL;
    }
}

enum status store_query_csv(struct store_query *query, FILE *out, int64_t *rows,
                            struct diagnostic *diag) {
    *rows = 0;
    int n = store_query_columns(query);
    bool row = true;
    for (int i = 0; i < n; i++) {
        fputs(i > 0 ? "," : "", out);
        csv_field(out, store_query_name(query, i));
    }
    fputc('\n', out);
    TRY(store_query_next(query, &row, diag));
    for (; row && !ferror(out); (*rows)++) {
        for (int i = 0; i < n; i++) {
            char buffer[STORE_REAL_DIGITS];
            struct store_value value = store_query_value(query, i);
            fputs(i > 0 ? "," : "", out);
            csv_field(out, store_value_text(&value, buffer));
        }
        fputc('\n', out);
        TRY(store_query_next(query, &row, diag));
    }
    return STATUS_OK;
}
