/* Versions of the libraries in use. */
#include <cblas.h>
#include <gsl/gsl_version.h>
#include <jansson.h>
#include <lzma.h>
#include <protobuf-c/protobuf-c.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <xxhash.h>
#include <yaml.h>
#include <zip.h>
#include <zlib.h>

#include "sim/run/record.h"

/* "OpenBLAS 0.3.21 NO_LAPACKE ..." -> "0.3.21" */
static void openblas_version(char *text, size_t size) {
    const char *config = openblas_get_config();
    const char *start = strchr(config, ' ');
    start = start != NULL ? start + 1 : config;
    snprintf(text, size, "%.*s", (int)strcspn(start, " "), start);
}

char *run_libraries_json(struct arena *arena) {
    char openblas[32], xxhash[32];
    openblas_version(openblas, sizeof openblas);
    unsigned number = XXH_versionNumber(); /* major * 10000 + minor * 100 + release */
    snprintf(xxhash, sizeof xxhash, "%u.%u.%u", number / 10000, number / 100 % 100, number % 100);
    json_t *versions = json_pack("{ss ss ss ss ss ss ss ss ss ss}", "gsl", gsl_version, "jansson",
                                 jansson_version_str(), "libyaml", yaml_get_version_string(),
                                 "libzip", zip_libzip_version(), "openblas", openblas, "protobuf-c",
                                 protobuf_c_version(), "sqlite", sqlite3_libversion(), "xxhash",
                                 xxhash, "xz", lzma_version_string(), "zlib", zlibVersion());
    char *text = json_dumps(versions, JSON_SORT_KEYS);
    char *copy = text != NULL ? arena_strdup(arena, text) : NULL;
    free(text);
    json_decref(versions);
    return copy;
}
