/* The JSON object of `mho run` has the names and the values of the database. */
#include <jansson.h>
#include <math.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sim/cli/run/run_view.h"
#include "sim/run/record.h"
#include "tests/support/configs.h"
#include "tests/support/scratch.h"
#include "tests/test.h"

/* A stored run of LeNet, its object, and the database that holds it. */
struct stored {
    struct scratch scratch;
    struct config *base, *config;
    struct run_result result;
    struct store_run record;
    struct arena arena;
    json_t *object;
    sqlite3 *db;
};

static json_t *object_of(const struct run_view *view) {
    struct diagnostic diag = {0};
    char *text = NULL;
    size_t length;
    FILE *out = open_memstream(&text, &length);
    CU_ASSERT_PTR_NOT_NULL_FATAL(out);
    ASSERT_OK(run_json(view, out, &diag), diag);
    CU_ASSERT_EQUAL_FATAL(fclose(out), 0);
    json_error_t error;
    json_t *object = json_loads(text, JSON_REJECT_DUPLICATES, &error);
    CU_ASSERT_PTR_NOT_NULL_FATAL(object);
    free(text);
    return object;
}

static void begin(struct stored *stored) {
    static const char *const overrides[] = {"dataset.count=5", "adc.bits=3", "dac.activity=0.25",
                                            "adc.model=all", NULL};
    struct diagnostic diag = {0};
    struct store *store = NULL;
    *stored = (struct stored){
        .base = config_of(LENET_CONFIG, NULL),
        .config = config_of(LENET_CONFIG, overrides),
    };
    scratch_open(&stored->scratch);
    const char *path = scratch_path(&stored->scratch, "r.db");
    const struct run_source source = {.config_path = LENET_CONFIG,
                                      .base = stored->base,
                                      .version = "1.2.3",
                                      .commit = "abc",
                                      .started_unix_s = 1e9};
    ASSERT_OK(run_evaluate(stored->config, NULL, &stored->result, &diag), diag);
    ASSERT_OK(run_record(&stored->result, &source, &stored->arena, &stored->record, &diag), diag);
    struct store_written written;
    const struct run_view view = {.result = &stored->result,
                                  .records = &stored->record,
                                  .n_records = 1,
                                  .database = path,
                                  .written = &written};
    ASSERT_OK(store_open(path, &store, &diag), diag);
    ASSERT_OK(store_write_all(store, &stored->record, 1, &written, &diag), diag);
    store_close(store);
    stored->object = object_of(&view);
    CU_ASSERT_EQUAL_FATAL(sqlite3_open(path, &stored->db), SQLITE_OK);
}

static void end(struct stored *stored) {
    json_decref(stored->object);
    sqlite3_close(stored->db);
    run_result_free(&stored->result);
    config_free(stored->config);
    config_free(stored->base);
    arena_free(&stored->arena);
    scratch_close(&stored->scratch);
}

/* A column's value against a member of an object: null, number, text, or JSON kept as text. */
static void expect_equal(sqlite3_stmt *row, int column, const json_t *object) {
    const char *name = sqlite3_column_name(row, column);
    const json_t *value = json_object_get(object, name);
    if (value == NULL)
        fprintf(stderr, "\nno `%s` in the object", name);
    CU_ASSERT_PTR_NOT_NULL_FATAL(value);
    switch (sqlite3_column_type(row, column)) {
    case SQLITE_NULL:
        CU_ASSERT_TRUE(json_is_null(value));
        break;
    case SQLITE_TEXT:
        if (!json_is_object(value))
            CU_ASSERT_STRING_EQUAL(json_string_value(value), sqlite3_column_text(row, column));
        break;
    default: {
        double stored = sqlite3_column_double(row, column);
        CU_ASSERT_TRUE(json_is_number(value));
        CU_ASSERT_DOUBLE_EQUAL(json_number_value(value), stored, 1e-12 * fabs(stored));
    }
    }
}

/* Rows of a query against an array of objects, or one object; `skipped` is a column that the object
 * need not have. */
static void expect_rows(struct stored *stored, const char *sql, const json_t *expected,
                        const char *skipped) {
    sqlite3_stmt *row;
    size_t rows = 0;
    CU_ASSERT_EQUAL_FATAL(sqlite3_prepare_v2(stored->db, sql, -1, &row, NULL), SQLITE_OK);
    for (; sqlite3_step(row) == SQLITE_ROW; rows++) {
        const json_t *object = json_is_array(expected) ? json_array_get(expected, rows) : expected;
        for (int c = 0; c < sqlite3_column_count(row); c++)
            if (strcmp(sqlite3_column_name(row, c), skipped) != 0)
                expect_equal(row, c, object);
    }
    sqlite3_finalize(row);
    CU_ASSERT_EQUAL(rows, json_is_array(expected) ? json_array_size(expected) : 1);
}

static void the_object_is_the_row(void) {
    struct stored stored;
    begin(&stored);
    expect_rows(&stored, "SELECT * FROM run_summary", stored.object, "");
    expect_rows(&stored, "SELECT * FROM layer ORDER BY position",
                json_object_get(stored.object, "layers"), "run_id");
    expect_rows(&stored, "SELECT * FROM component ORDER BY position",
                json_object_get(stored.object, "components"), "run_id");
    end(&stored);
}

static void metrics_and_parameters_are_complete(void) {
    struct stored stored;
    begin(&stored);
    const json_t *params = json_object_get(stored.object, "params");
    CU_ASSERT_EQUAL(json_object_size(params), 4);
    CU_ASSERT_EQUAL(json_integer_value(json_object_get(params, "adc.bits")), 3);
    CU_ASSERT_EQUAL(json_real_value(json_object_get(params, "dac.activity")), 0.25);
    size_t metrics = json_object_size(json_object_get(stored.object, "metrics"));
    const char *scope;
    json_t *by_scope;
    json_object_foreach(json_object_get(stored.object, "metrics_by_scope"), scope, by_scope) {
        CU_ASSERT_STRING_NOT_EQUAL(scope, "run");
        metrics += json_object_size(by_scope);
    }
    CU_ASSERT_EQUAL(metrics, (size_t)stored.record.n_metrics);
    CU_ASSERT_EQUAL(json_object_size(json_object_get(stored.object, "parameters")),
                    (size_t)stored.record.n_parameters);
    CU_ASSERT_TRUE(json_is_object(json_object_get(stored.object, "libraries")));
    end(&stored);
}

static void what_is_not_stored_is_marked(void) {
    struct stored stored;
    begin(&stored);
    struct run_view view = {
        .result = &stored.result, .records = &stored.record, .n_records = 1, .dry_run = true};
    json_t *object = object_of(&view);
    CU_ASSERT_TRUE(json_is_null(json_object_get(object, "run_id")));
    CU_ASSERT_STRING_EQUAL(json_string_value(json_object_get(object, "status")), "dry_run");
    json_decref(object);
    view.dry_run = false; /* the database failed after the simulation */
    object = object_of(&view);
    CU_ASSERT_TRUE(json_is_null(json_object_get(object, "run_id")));
    CU_ASSERT_TRUE(json_is_null(json_object_get(object, "db")));
    CU_ASSERT_STRING_EQUAL(json_string_value(json_object_get(object, "status")), "done");
    json_decref(object);
    end(&stored);
}

static const struct test_case cases[] = {
    {"the object is the row", the_object_is_the_row},
    {"metrics and parameters are complete", metrics_and_parameters_are_complete},
    {"what is not stored is marked", what_is_not_stored_is_marked},
    {NULL, NULL},
};
const struct test_suite suite_cli_json = {"cli_json", cases};
