/* The table. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "tests/bench/bench.h"

/* Three significant digits where there are fewer before the point. */
static const char *number(double value, char text[16]) {
    int decimals = value >= 100 || value == 0 ? 0 : value >= 10 ? 1 : value >= 1 ? 2 : 3;
    snprintf(text, 16, "%.*f", decimals, value);
    return text;
}

struct bench_row bench_row_of(const char *name, const char *unit, double work,
                              const struct timing *timing, uint64_t hash) {
    struct bench_row row = {.name = name, .unit = unit, .level = simd_choose(), .hash = hash};
    if (work > 0) {
        row.figure = work / timing->median_s;
        row.low = work / timing->high_s;
        row.high = work / timing->low_s;
    } else {
        row.figure = timing->median_s / -work;
        row.low = timing->low_s / -work;
        row.high = timing->high_s / -work;
    }
    return row;
}

void bench_head(const struct bench *bench) {
    double load[1] = {0};
    if (getloadavg(load, 1) != 1)
        load[0] = 0;
    printf("%d runs of each; kernels up to %s; load average %.1f\n"
           "On one thread times are processor time. min and max are over the runs.\n\n",
           bench->runs, simd_names[simd_choose()], load[0]);
    printf("%-44s %8s %-8s %8s %8s  %-20s %6s  %-14s %-6s  %s\n", "benchmark", "median", "unit",
           "min", "max", "reference", "ratio", "target", "SIMD", "XXH3-64");
}

/* "0.60 of it: met" */
static void target_text(const struct bench_row *row, char text[32]) {
    char value[16];
    double ratio = row->reference > 0 ? row->figure / row->reference : 0;
    bool met = true;
    switch (row->target_kind) {
    case TARGET_NONE:
        text[0] = '\0';
        return;
    case TARGET_AT_LEAST:
        met = row->figure >= row->target;
        break;
    case TARGET_AT_MOST:
        met = row->figure <= row->target;
        break;
    case TARGET_RATIO:
        met = ratio >= row->target;
        break;
    }
    snprintf(text, 32, "%s%s%s %s",
             row->target_kind == TARGET_AT_MOST ? "<" : ">=", number(row->target, value),
             row->target_kind == TARGET_RATIO ? "x" : "", met ? "met" : "missed");
}

void bench_report(const struct bench_row *row) {
    char figure[16], low[16], high[16], value[16], reference[40] = "", ratio[24] = "", target[32];
    if (row->reference > 0) {
        snprintf(reference, sizeof reference, "%s %s", number(row->reference, value),
                 row->reference_name);
        snprintf(ratio, sizeof ratio, "%sx", number(row->figure / row->reference, value));
    }
    target_text(row, target);
    printf("%-44s %8s %-8s %8s %8s  %-20s %6s  %-14s %-6s  %016" PRIx64 "\n", row->name,
           number(row->figure, figure), row->unit, number(row->low, low), number(row->high, high),
           reference, ratio, target, simd_names[row->level], row->hash);
    fflush(stdout);
}

void bench_skip(const char *name, const char *why) {
    printf("%-44s skipped: %s\n", name, why);
}

void bench_same(struct bench *bench, const char *what, uint64_t a, uint64_t b) {
    if (a == b)
        return;
    bench->differ = true;
    fprintf(stderr, "mho-bench: results differ between %s: %016" PRIx64 ", %016" PRIx64 "\n", what,
            a, b);
}
