#include "tests/support/runs.h"

#include <sqlite3.h>
#include <stdio.h>

#include "tests/test.h"

static const struct store_parameter parameters[] = {
    {"crossbar.rows", "37", PARAMETER_INTEGER, true},
    {"adc.bits", "lossless", PARAMETER_TEXT, true},
    {"dac.bits", "1", PARAMETER_INTEGER, false},
    {"adc.f_s", "1.28e9", PARAMETER_REAL, true},
};

static const struct store_metric metrics[] = {
    {"run", "accuracy_top1", "percent", 90.25},
    {"run", "accuracy_ideal", "percent", 91.5},
    {"run", "images", "", 400},
    {"run", "area_m2", "m2", 0.372e-6},
    {"run", "area_chip_m2", "m2", 85.4e-6},
    {"run", "power_peak_w", "W", 65.8},
    {"run", "power_average_w", "W", 2.385},
    {"run", "energy_per_inference_j", "J", 1.67e-6},
    {"run", "latency_s", "s", 3.7e-4},
    {"run", "throughput_ips", "1/s", 12345.5},
    {"run", "gops", "GOPS", 1012.75},
    {"run", "gops_per_w", "GOPS/W", 627.5},
    {"run", "gops_per_mm2", "GOPS/mm2", 478.95},
    {"run", "crossbars", "", 37},
    {"run", "crossbars_dense", "", 74},
    {"run", "crossbar_saving", "", 0.5},
    {"run", "compression_ratio", "", 15.75},
    {"run", "nonzero_weights", "", 4321},
    {"run", "adc_bits_max", "bits", 7},
    {"run", "adc_bits_mean", "bits", 5.125},
    {"run", "tiles", "", 3},
    {"conv1", "latency_s", "s", 1e-4},
};

static const struct store_layer layers[] = {
    {.name = "conv1",
     .kind = "conv",
     .rows = 27,
     .columns = 16,
     .groups = 1,
     .positions = 1024,
     .macs = 442368,
     .weights = 432,
     .nonzero_weights = 108,
     .crossbars = 2,
     .row_blocks = 1,
     .utilisation = 0.625,
     .adc_bits = 7,
     .lossless_bits = 6,
     .structural_bits = 7,
     .worst_bits = 8,
     .largest_sum = 61,
     .bits_set_by = "slice 0 of array 1, 27 rows",
     .path = "bit-serial",
     .activity = 0.375,
     .conversions = 131072,
     .area_m2 = 2.5e-7,
     .energy_j = 1.5e-6,
     .time_s = 8.192e-4},
    {.name = "fc", .kind = "fc", .rows = 64, .columns = 10, .groups = 1},
};

static const struct store_component components[] = {
    {"conv1", "array", "adc", "isaac", "ISAAC table 6", 2, 131072, 1.2e-9, 2e-7, 0.002, 1e-5},
    {"fc", "array", "adc", "isaac", "ISAAC table 6", 1, 80, 1.2e-9, 1e-9, 0.002, 1e-5},
    {NULL, "tile", "router", NULL, NULL, 0.25, 9, 1.51e-7, 3e-8, 0.042, 0},
};

#define COUNT(array) ((int)(sizeof(array) / sizeof *(array)))

struct store_run sample_run(void) {
    return (struct store_run){
        .experiment = "quickstart",
        .base_yaml = "crossbar: {rows: 128}\n",
        .base_hash = "00112233445566778899aabbccddeeff",
        .config_yaml = "crossbar: {rows: 37}\n",
        .point_hash = "0123456789abcdef0123456789abcdef",
        .trial = 2,
        .seed = INT64_MAX,
        .version = "0.1.0+abc-dirty",
        .commit = "abc",
        .host = "host x86_64",
        .libraries = "{\"sqlite\":\"3.40.1\"}",
        .model_hash = "fedcba9876543210fedcba9876543210",
        .status = "done",
        .started_unix_s = 1.75e9,
        .wall_s = 6.27,
        .parameters = parameters,
        .n_parameters = COUNT(parameters),
        .metrics = metrics,
        .n_metrics = COUNT(metrics),
        .layers = layers,
        .n_layers = COUNT(layers),
        .components = components,
        .n_components = COUNT(components),
    };
}

static sqlite3 *open_reader(const char *path, const char *sql, sqlite3_stmt **statement) {
    sqlite3 *db = NULL;
    CU_ASSERT_EQUAL_FATAL(sqlite3_open_v2(path, &db, SQLITE_OPEN_READWRITE, NULL), SQLITE_OK);
    if (sqlite3_prepare_v2(db, sql, -1, statement, NULL) != SQLITE_OK ||
        sqlite3_step(*statement) != SQLITE_ROW) {
        fprintf(stderr, "\n%s: %s\n", sql, sqlite3_errmsg(db));
        CU_FAIL_FATAL("query");
    }
    return db;
}

static void close_reader(sqlite3 *db, sqlite3_stmt *statement) {
    sqlite3_finalize(statement);
    sqlite3_close(db);
}

char *query_text(const char *path, const char *sql, char *buffer, int size) {
    sqlite3_stmt *statement = NULL;
    sqlite3 *db = open_reader(path, sql, &statement);
    const unsigned char *text = sqlite3_column_text(statement, 0);
    snprintf(buffer, (size_t)size, "%s", text != NULL ? (const char *)text : "NULL");
    close_reader(db, statement);
    return buffer;
}

int64_t query_integer(const char *path, const char *sql) {
    sqlite3_stmt *statement = NULL;
    sqlite3 *db = open_reader(path, sql, &statement);
    CU_ASSERT_EQUAL(sqlite3_column_type(statement, 0), SQLITE_INTEGER);
    int64_t value = sqlite3_column_int64(statement, 0);
    close_reader(db, statement);
    return value;
}

double query_real(const char *path, const char *sql) {
    sqlite3_stmt *statement = NULL;
    sqlite3 *db = open_reader(path, sql, &statement);
    CU_ASSERT_EQUAL(sqlite3_column_type(statement, 0), SQLITE_FLOAT);
    double value = sqlite3_column_double(statement, 0);
    close_reader(db, statement);
    return value;
}

void execute(const char *path, const char *sql) {
    sqlite3 *db = NULL;
    CU_ASSERT_EQUAL_FATAL(sqlite3_open(path, &db), SQLITE_OK);
    CU_ASSERT_EQUAL(sqlite3_exec(db, sql, NULL, NULL, NULL), SQLITE_OK);
    sqlite3_close(db);
}
