/* Runs and their quantities. */
#include <ctype.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "sim/plot/plot_internal.h"

bool plot_value_is_none(const struct plot_value *value) {
    return value->word == NULL && isnan(value->number);
}

int plot_value_compare(const struct plot_value *a, const struct plot_value *b) {
    if (a->word == NULL && b->word == NULL)
        return (a->number > b->number) - (a->number < b->number);
    if (a->word == NULL || b->word == NULL)
        return a->word == NULL ? -1 : 1;
    return strcmp(a->word, b->word);
}

char *plot_value_text(const struct plot_value *value, char *text, size_t size) {
    if (value->word == NULL)
        snprintf(text, size, "%.6g", value->number);
    else
        snprintf(text, size, "%s",
                 strchr(value->word, '/') != NULL ? strrchr(value->word, '/') + 1 : value->word);
    return text;
}

/* Doubles quotes of SQL. NULL on short memory. */
static char *quoted(const char *text, struct arena *arena) {
    char *copy = ARENA_NEW(arena, 2 * strlen(text) + 3, char), *end = copy;
    if (copy == NULL)
        return NULL;
    *end++ = '\'';
    for (; *text != '\0'; text++) {
        if (*text == '\'')
            *end++ = '\'';
        *end++ = *text;
    }
    *end = '\'';
    return copy;
}

/* "adc.bits=5" as a condition. */
static enum status add_filter(struct store *store, const char *filter, struct arena *arena,
                              const char **conditions, struct diagnostic *diag) {
    static const char *const operators[] = {"!=", ">=", "<=", "=", ">", "<"};
    struct plot_quantity quantity;
    size_t at = strcspn(filter, "!<>="), length = at;
    while (length > 0 && isspace((unsigned char)filter[length - 1]))
        length--;
    const char *operator= NULL, *name = arena_printf(arena, "%.*s", (int)length, filter);
    for (size_t i = 0; operator== NULL && i<sizeof operators / sizeof * operators; i++)
        if (strncmp(filter + at, operators[i], strlen(operators[i])) == 0)
            operator= operators[i];
    if (operator== NULL || length == 0)
        return FAIL(diag, STATUS_USAGE,
                    "--where %s: expected a parameter or metric, one of = != >= <= > <, and a "
                    "value",
                    filter);
    if (name == NULL)
        return FAIL_MEMORY(diag, "a filter");
    const char *value = filter + at + strlen(operator);
    while (isspace((unsigned char)*value))
        value++;
    double number;
    TRY(quantity_find(store, name, arena, &quantity, diag));
    const char *text =
        text_to_real(value, &number) ? arena_printf(arena, "%.17g", number) : quoted(value, arena);
    if (text != NULL)
        *conditions =
            arena_printf(arena, "%s AND %s %s %s", *conditions, quantity.sql, operator, text);
    return text != NULL && *conditions != NULL ? STATUS_OK : FAIL_MEMORY(diag, "a filter");
}

static enum status count_of(struct store *store, const char *sql, int64_t *count,
                            struct diagnostic *diag) {
    struct store_query *query;
    bool row = false;
    TRY(store_query_open(store, sql, &query, diag));
    enum status status = store_query_next(query, &row, diag);
    if (status == STATUS_OK && row)
        *count = store_query_value(query, 0).integer;
    store_query_close(query);
    return status;
}

/* Why no row is left. */
static enum status fail_empty(struct store *store, const struct plot_rows *rows,
                              const char *conditions, struct arena *arena,
                              struct diagnostic *diag) {
    int64_t runs = 0, kept = 0, have = 0;
    TRY(count_of(store, "SELECT count(*) FROM run WHERE status = 'done'", &runs, diag));
    if (runs == 0)
        return FAIL(diag, STATUS_USAGE,
                    "there is nothing to draw: the database has no done runs (`mho run` stores "
                    "one)");
    const char *sql = arena_printf(arena, "SELECT count(*) FROM run AS r WHERE %s", conditions);
    if (sql == NULL)
        return FAIL_MEMORY(diag, "a plot");
    TRY(count_of(store, sql, &kept, diag));
    if (kept == 0)
        return FAIL(diag, STATUS_USAGE,
                    "there is nothing to draw: --where leaves none of the %lld done runs",
                    (long long)runs);
    for (int i = 0; i < rows->n_quantities; i++) {
        sql = arena_printf(arena, "SELECT count(*) FROM run AS r WHERE %s AND %s IS NOT NULL",
                           conditions, rows->quantities[i].sql);
        if (sql == NULL)
            return FAIL_MEMORY(diag, "a plot");
        TRY(count_of(store, sql, &have, diag));
        if (have == 0)
            return FAIL(diag, STATUS_USAGE,
                        "there is nothing to draw: none of %lld run%s has a value of `%s`",
                        (long long)kept, kept == 1 ? "" : "s", rows->quantities[i].name);
    }
    return FAIL(diag, STATUS_USAGE, "there is nothing to draw: no run has all that is asked");
}

static struct plot_value take_value(struct store_query *query, int column, struct arena *arena) {
    struct store_value value = store_query_value(query, column);
    struct plot_value taken = {.number = store_value_number(&value)};
    if (value.type == STORE_TEXT) {
        /* A list of one number is that number. */
        const char *text = value.text;
        size_t length = strlen(text);
        if (length > 2 && text[0] == '[' && text[length - 1] == ']') {
            const char *inside = arena_printf(arena, "%.*s", (int)length - 2, text + 1);
            if (inside != NULL && text_to_real(inside, &taken.number))
                return taken;
        }
        taken.word = arena_strdup(arena, text);
    }
    return taken;
}

static enum status read_all(struct store *store, const char *sql, struct arena *arena,
                            struct plot_rows *rows, struct diagnostic *diag) {
    struct store_query *query;
    bool row = true;
    int capacity = 0;
    TRY(store_query_open(store, sql, &query, diag));
    enum status status = store_query_next(query, &row, diag);
    while (status == STATUS_OK && row) {
        if (rows->n == capacity) {
            capacity = capacity == 0 ? 256 : 2 * capacity;
            struct plot_row *larger = ARENA_NEW(arena, capacity, struct plot_row);
            if (larger == NULL) {
                status = FAIL_MEMORY(diag, "a plot");
                break;
            }
            if (rows->n > 0)
                memcpy(larger, rows->rows, (size_t)rows->n * sizeof *larger);
            rows->rows = larger;
        }
        struct plot_row *own = &rows->rows[rows->n];
        bool whole = true;
        own->run_id = store_query_value(query, 0).integer;
        for (int i = 0; i < rows->n_quantities; i++) {
            own->values[i] = take_value(query, i + 1, arena);
            whole = whole && !plot_value_is_none(&own->values[i]);
        }
        rows->n += whole;
        status = store_query_next(query, &row, diag);
    }
    store_query_close(query);
    return status;
}

enum status rows_read(struct store *store, const struct plot_request *request,
                      const char *const *names, int n_names, struct arena *arena,
                      struct plot_rows *rows, struct diagnostic *diag) {
    const char *conditions = "r.status = 'done' AND r.trial = 0", *list = "r.id";
    *rows = (struct plot_rows){.n_quantities = n_names};
    int64_t runs = 0; /* an empty database knows no names either */
    TRY(count_of(store, "SELECT count(*) FROM run WHERE status = 'done'", &runs, diag));
    if (runs == 0)
        return fail_empty(store, rows, conditions, arena, diag);
    for (int i = 0; i < n_names; i++) {
        rows->quantities[i] =
            (struct plot_quantity){.name = "", .sql = "0", .label = "", .unit = ""};
        if (names[i] != NULL)
            TRY(quantity_find(store, names[i], arena, &rows->quantities[i], diag));
        list = arena_printf(arena, "%s, %s", list, rows->quantities[i].sql);
        if (list == NULL)
            return FAIL_MEMORY(diag, "a plot");
    }
    for (int i = 0; i < request->n_where; i++)
        TRY(add_filter(store, request->where[i], arena, &conditions, diag));
    const char *sql =
        arena_printf(arena, "SELECT %s FROM run AS r WHERE %s ORDER BY r.id", list, conditions);
    if (sql == NULL)
        return FAIL_MEMORY(diag, "a plot");
    TRY(read_all(store, sql, arena, rows, diag));
    return rows->n > 0 ? STATUS_OK : fail_empty(store, rows, conditions, arena, diag);
}
