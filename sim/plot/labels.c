/* What runs differ in, and what they are called by it. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "sim/plot/plot_internal.h"

/* How the value of a parameter is said in few words. */
static const struct {
    const char *key, *format;
} words[] = {
    {"crossbar.rows", "%s rows"},
    {"crossbar.columns", "%s columns"},
    {"crossbar.cell_bits", "%s-bit cells"},
    {"adc.bits", "%s bits"},
    {"dac.bits", "%s-bit DAC"},
    {"pruning.rate", "%sx"},
    {"adc.model", "%s"},
    {"adc.transfer", "%s"},
    {"mapping.encoding", "%s"},
    {"mapping.compaction", "%s"},
    {"network.model", "%s"},
    {"chip.preset", "%s"},
    {"pruning.scheme", "%s"},
    {"device.preset", "%s"},
};

/* Words that are said shorter, and those that say that there is nothing. */
static const struct {
    const char *value, *shorter;
} values[] = {
    {"column_proportional", "CP"},
    {"differential_analog", "analog"},
    {"twos_complement", "two's"},
    {"mixed_granularity", "mixed"},
    {"none", "dense"},
};

static const char differing_sql[] =
    "SELECT key FROM param WHERE run_id IN (%s) AND key NOT IN ('run.threads', 'run.predictions', "
    "'run.name', 'run.detail') GROUP BY key HAVING count(DISTINCT value) > 1 ORDER BY "
    "CASE key WHEN 'crossbar.rows' THEN 1 WHEN 'adc.bits' THEN 2 WHEN 'pruning.scheme' THEN 3 "
    "WHEN 'pruning.rate' THEN 4 ELSE 5 END, key LIMIT %d";

/* "1,2,3"; NULL on short memory. */
static const char *id_list(const int64_t *ids, int n, struct arena *arena) {
    enum { DIGITS = 21 };
    char *list = ARENA_NEW(arena, (size_t)n * DIGITS + 1, char);
    size_t used = 0;
    for (int i = 0; list != NULL && i < n; i++)
        used += (size_t)snprintf(list + used, DIGITS + 1, "%s%" PRId64, i > 0 ? "," : "", ids[i]);
    return list;
}

enum status labels_differing(struct store *store, const int64_t *ids, int n, struct arena *arena,
                             struct plot_keys *keys, struct diagnostic *diag) {
    struct store_query *query;
    bool row = true;
    const char *list = id_list(ids, n, arena);
    const char *sql = list != NULL ? arena_printf(arena, differing_sql, list, PLOT_KEYS) : NULL;
    *keys = (struct plot_keys){0};
    if (sql == NULL)
        return FAIL_MEMORY(diag, "a plot");
    TRY(store_query_open(store, sql, &query, diag));
    enum status status = store_query_next(query, &row, diag);
    while (status == STATUS_OK && row && keys->n < PLOT_KEYS) {
        keys->keys[keys->n] = arena_strdup(arena, store_query_value(query, 0).text);
        if (keys->keys[keys->n++] == NULL)
            status = FAIL_MEMORY(diag, "a plot");
        else
            status = store_query_next(query, &row, diag);
    }
    store_query_close(query);
    return status;
}

const char *labels_list(const struct plot_keys *keys, struct arena *arena) {
    const char *list = keys->n > 0 ? keys->keys[0] : "";
    for (int i = 1; i < keys->n && list != NULL; i++)
        list = arena_printf(arena, "%s, %s", list, keys->keys[i]);
    return list;
}

/* One parameter in words; "" where there is nothing to say. */
static const char *say(const char *key, const char *value, struct arena *arena) {
    size_t length = strlen(value);
    if (length > 2 && value[0] == '[' && value[length - 1] == ']') /* a list of one */
        value = arena_printf(arena, "%.*s", (int)length - 2, value + 1);
    if (value == NULL || strcmp(value, "~") == 0)
        return value == NULL ? NULL : "";
    for (size_t i = 0; i < sizeof values / sizeof *values; i++)
        if (strcmp(values[i].value, value) == 0)
            value = values[i].shorter;
    if (strchr(value, '/') != NULL)
        value = strrchr(value, '/') + 1;
    bool number = value[0] >= '0' && value[0] <= '9';
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (strcmp(words[i].key, key) == 0)
            return number ? arena_printf(arena, words[i].format, value) : value;
    const char *dot = strrchr(key, '.');
    return arena_printf(arena, "%s %s", dot != NULL ? dot + 1 : key, value);
}

const char *labels_say(const char *key, const struct plot_value *value, struct arena *arena) {
    char text[64];
    if (formula_is(key)) {
        const char *label = formula_label(key, arena);
        return label == NULL ? NULL
                             : arena_printf(arena, "%s: %s", label,
                                            plot_value_text(value, text, sizeof text));
    }
    const char *said = say(key, plot_value_text(value, text, sizeof text), arena);
    if (said != NULL && said[0] == '\0')
        said = strncmp(key, "pruning.", strlen("pruning.")) == 0 ? "dense" : "unset";
    return said == NULL ? NULL : arena_strdup(arena, said);
}

enum status labels_of_run(struct store *store, const struct plot_keys *keys, int64_t run_id,
                          struct arena *arena, const char **label, struct diagnostic *diag) {
    bool dense = false;
    *label = "";
    for (int i = 0; i < keys->n; i++) {
        struct store_query *query;
        bool row = false;
        char buffer[STORE_REAL_DIGITS];
        const char *sql =
            arena_printf(arena, "SELECT value FROM param WHERE run_id = %" PRId64 " AND key = '%s'",
                         run_id, keys->keys[i]);
        if (sql == NULL)
            return FAIL_MEMORY(diag, "a plot");
        TRY(store_query_open(store, sql, &query, diag));
        enum status status = store_query_next(query, &row, diag);
        const char *said = "";
        if (status == STATUS_OK && row) {
            struct store_value value = store_query_value(query, 0);
            const char *text = store_value_text(&value, buffer);
            text = arena_strdup(arena, text != NULL ? text : "~"); /* outlives its row */
            said = text != NULL ? say(keys->keys[i], text, arena) : NULL;
            if (said != NULL && strcmp(said, "dense") == 0)
                dense = true;
            else if (dense && strncmp(keys->keys[i], "pruning.", strlen("pruning.")) == 0)
                said = ""; /* options of a scheme that is not there */
        }
        store_query_close(query);
        if (status != STATUS_OK)
            return status;
        bool goes_on = i > 0 && strcmp(keys->keys[i], "pruning.rate") == 0 &&
                       strcmp(keys->keys[i - 1], "pruning.scheme") == 0; /* "CP 4x" */
        if (said != NULL && said[0] != '\0')
            *label = arena_printf(arena, "%s%s%s", *label,
                                  (*label)[0] == '\0' ? ""
                                  : goes_on           ? " "
                                                      : ", ",
                                  said);
        if (said == NULL || *label == NULL)
            return FAIL_MEMORY(diag, "a plot");
    }
    if ((*label)[0] == '\0')
        *label = arena_printf(arena, "run %" PRId64, run_id);
    return *label != NULL ? STATUS_OK : FAIL_MEMORY(diag, "a plot");
}
