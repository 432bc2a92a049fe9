/* The tables as a tree of what belongs to what, and the views. */
#include <string.h>

#include "sim/cli/query/query_view.h"

enum { LEVEL_INDENT = 3, DEPTH = 8 };

/* Tables without a parent, or those of one: of several foreign keys the one of fewest columns. */
static const char roots[] =
    "SELECT name FROM sqlite_schema AS t WHERE type = 'table' AND NOT EXISTS "
    "(SELECT 1 FROM pragma_foreign_key_list(t.name)) ORDER BY rowid";
static const char children[] =
    "SELECT t.name FROM sqlite_schema AS t WHERE t.type = 'table' AND '%s' = (SELECT f.\"table\" "
    "FROM pragma_foreign_key_list(t.name) AS f GROUP BY f.id ORDER BY count(*), f.id LIMIT 1) "
    "ORDER BY t.rowid";
static const char views[] = "SELECT name FROM sqlite_schema WHERE type = 'view' ORDER BY rowid";
static const char keys[] =
    "SELECT group_concat(name, ', ') FROM (SELECT name FROM pragma_table_info('%s') WHERE pk > 0 "
    "ORDER BY pk)";
static const char columns[] = "SELECT name FROM pragma_table_info('%s') WHERE pk = 0 ORDER BY cid";

/* "name, energy_j [J], ..." of all rows of a query; NULL on short memory. */
static const char *list_columns(struct store *store, const char *table, struct arena *arena,
                                struct diagnostic *diag) {
    struct store_query *query;
    const char *sql = arena_printf(arena, columns, table), *list = "";
    if (sql == NULL || store_query_open(store, sql, &query, diag) != STATUS_OK)
        return NULL;
    bool row = true;
    while (list != NULL && store_query_next(query, &row, diag) == STATUS_OK && row) {
        struct store_value name = store_query_value(query, 0);
        const char *unit = store_column_unit(name.text);
        bool with_unit = unit != NULL && unit[0] != '\0';
        list = arena_printf(arena, "%s%s%s%s%s%s", list, list[0] != '\0' ? ", " : "", name.text,
                            with_unit ? " [" : "", with_unit ? unit : "", with_unit ? "]" : "");
    }
    store_query_close(query);
    return list;
}

static const char *key_of(struct store *store, const char *table, struct arena *arena,
                          struct diagnostic *diag) {
    struct store_query *query;
    const char *sql = arena_printf(arena, keys, table), *key = NULL;
    if (sql == NULL || store_query_open(store, sql, &query, diag) != STATUS_OK)
        return NULL;
    bool row = false;
    if (store_query_next(query, &row, diag) == STATUS_OK && row) {
        struct store_value value = store_query_value(query, 0);
        key = arena_strdup(arena, value.type == STORE_TEXT ? value.text : "");
    }
    store_query_close(query);
    return key;
}

static enum status print_one(struct store *store, const char *name, int depth,
                             const struct screen *screen, struct diagnostic *diag) {
    struct arena arena = ARENA_INIT;
    int indent = LEVEL_INDENT * depth;
    const char *key = key_of(store, name, &arena, diag);
    const char *list = key != NULL ? list_columns(store, name, &arena, diag) : NULL;
    if (list != NULL) {
        fprintf(screen->out, "%*s%s%s%s%s%s%s:", indent, "", screen_style(screen, STYLE_BOLD), name,
                screen_reset(screen), key[0] != '\0' ? " (" : "", key, key[0] != '\0' ? ")" : "");
        int printed = indent + (int)strlen(name) + (key[0] != '\0' ? 3 + (int)strlen(key) : 0) + 1;
        screen_wrapped_after(screen, printed, list, indent + 4);
    }
    arena_free(&arena);
    return list != NULL ? STATUS_OK : FAIL_MEMORY(diag, "the schema");
}

/* Everything that `sql` names, and with `descend` what belongs to it. */
static enum status print_all(struct store *store, const char *sql, int depth, bool descend,
                             const struct screen *screen, struct diagnostic *diag) {
    struct store_query *query;
    struct arena arena = ARENA_INIT;
    TRY(store_query_open(store, sql, &query, diag));
    bool row = true;
    enum status status = store_query_next(query, &row, diag);
    while (status == STATUS_OK && row) {
        struct store_value name = store_query_value(query, 0);
        const char *below = arena_printf(&arena, children, name.text);
        status = print_one(store, name.text, depth, screen, diag);
        if (status == STATUS_OK && below == NULL)
            status = FAIL_MEMORY(diag, "the schema");
        if (status == STATUS_OK && descend && depth < DEPTH)
            status = print_all(store, below, depth + 1, true, screen, diag);
        if (status == STATUS_OK)
            status = store_query_next(query, &row, diag);
    }
    store_query_close(query);
    arena_free(&arena);
    return status;
}

enum status query_schema(const struct screen *screen, struct diagnostic *diag) {
    struct store *store;
    TRY(store_open_memory(&store, diag));
    fputs("Tables, each below what its rows belong to, by their (key):\n\n", screen->out);
    enum status status = print_all(store, roots, 0, true, screen, diag);
    if (status == STATUS_OK) {
        fputs("\nViews:\n\n", screen->out);
        status = print_all(store, views, 0, false, screen, diag);
    }
    store_close(store);
    return status;
}
