/* Sweep files: points against lists counted by hand, samples against GSL, rules, shares, refusals.
 */
#include <gsl/gsl_qrng.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sim/run/run.h"
#include "sim/sweep/execute.h"
#include "tests/support/sample_config.h"
#include "tests/test.h"

static const char base_yaml[] = "network: {model: none.onnx}\n"
                                "dataset: {images: none, count: 7}\n"
                                "run: {seed: 40}\n";

/* Loads base.yaml and s.yaml, which begins with the base's name. */
static enum status load(const char *yaml, const char *override, struct sweep **sweep,
                        struct diagnostic *diag) {
    struct scratch scratch;
    char text[4096];
    scratch_open(&scratch);
    snprintf(text, sizeof text, "base: base.yaml\n%s", yaml);
    sample_write(&scratch, "base.yaml", base_yaml);
    sample_write(&scratch, "s.yaml", text);
    enum status status =
        sweep_load(scratch_path(&scratch, "s.yaml"), &override, override != NULL, sweep, diag);
    strip_folder(&scratch, diag->message);
    scratch_close(&scratch);
    return status;
}

static struct sweep *loaded(const char *yaml) {
    struct diagnostic diag = {0};
    struct sweep *sweep = NULL;
    ASSERT_OK(load(yaml, NULL, &sweep, &diag), diag);
    return sweep;
}

/* All points of a share as text, one a line. */
static char *points_of(const struct sweep *sweep, int shard, int shards, struct arena *arena) {
    struct diagnostic diag = {0};
    struct sweep_shard share;
    struct sweep_point point;
    bool found = true;
    char *text = arena_strdup(arena, "");
    ASSERT_OK(sweep_shard_begin(sweep, shard, shards, &share, &diag), diag);
    for (;;) {
        ASSERT_OK(sweep_shard_next(&share, &point, &found, &diag), diag);
        if (!found)
            break;
        text =
            arena_printf(arena, "%s%ld: %s\n", text, point.number, sweep_point_text(&point, arena));
        sweep_point_free(&point);
    }
    sweep_shard_end(&share);
    return text;
}

static void expect_points(const char *yaml, const char *expected) {
    struct arena arena = ARENA_INIT;
    struct sweep *sweep = loaded(yaml);
    expect_text(points_of(sweep, 1, 1, &arena), expected);
    sweep_free(sweep);
    arena_free(&arena);
}

static void refuse(const char *yaml, const char *message) {
    struct diagnostic diag = {0};
    struct sweep *sweep = NULL;
    CU_ASSERT_EQUAL(load(yaml, NULL, &sweep, &diag), STATUS_USAGE);
    CU_ASSERT_PTR_NULL(sweep);
    expect_text(diag.message, message);
}

/* What mapping depends on changes more slowly than converters, whatever the order in the file. */
static void lists_multiply(void) {
    expect_points("grid:\n  adc.bits: [3, lossless]\n  crossbar.rows: [37, 64, 128]\n",
                  "0: crossbar.rows=37, adc.bits=3\n"
                  "1: crossbar.rows=37, adc.bits=lossless\n"
                  "2: crossbar.rows=64, adc.bits=3\n"
                  "3: crossbar.rows=64, adc.bits=lossless\n"
                  "4: crossbar.rows=128, adc.bits=3\n"
                  "5: crossbar.rows=128, adc.bits=lossless\n");
    expect_points("set: {adc.bits: 5}\n", "0: \n"); /* the base alone is a point */
}

static void lists_in_step(void) {
    expect_points("zip: {crossbar.rows: [64, 128], crossbar.columns: [32, 16]}\n"
                  "grid: {adc.bits: [4, 5]}\n",
                  "0: crossbar.rows=64, crossbar.columns=32, adc.bits=4\n"
                  "1: crossbar.rows=64, crossbar.columns=32, adc.bits=5\n"
                  "2: crossbar.rows=128, crossbar.columns=16, adc.bits=4\n"
                  "3: crossbar.rows=128, crossbar.columns=16, adc.bits=5\n");
    expect_points("zip:\n- {adc.bits: [4, 5]}\n- {dac.bits: [1, 2]}\n",
                  "0: dac.bits=1, adc.bits=4\n1: dac.bits=1, adc.bits=5\n"
                  "2: dac.bits=2, adc.bits=4\n3: dac.bits=2, adc.bits=5\n");
}

static void named_values_set_several_fields(void) {
    struct diagnostic diag = {0};
    struct sweep *sweep = loaded("grid:\n  net:\n    dense: {pruning.scheme: none}\n"
                                 "    cp4: {pruning.scheme: column_proportional, pruning.rate: 4}\n"
                                 "  layers.*.adc.bits: [7]\n");
    struct sweep_walk *walk;
    struct sweep_point point;
    struct config *config;
    bool found;
    ASSERT_OK(sweep_walk_begin(sweep, &walk, &diag), diag);
    ASSERT_OK(sweep_walk_next(walk, &point, &found, &diag), diag);
    sweep_point_free(&point);
    ASSERT_OK(sweep_walk_next(walk, &point, &found, &diag), diag);
    ASSERT_OK(sweep_config(sweep, &point, &config, &diag), diag);
    const struct pruning_options *pruning = config_get(config, "pruning");
    CU_ASSERT_STRING_EQUAL(pruning->scheme, "column_proportional");
    CU_ASSERT_EQUAL(pruning->rate.count, 1);
    CU_ASSERT_EQUAL(pruning->rate.values[0], 4);
    struct adc_options adc;
    ASSERT_OK(config_get_layer(config, "adc", "some layer", &adc, &diag), diag);
    CU_ASSERT_EQUAL(adc.bits, 7);
    CU_ASSERT_EQUAL(point.n_labels, 2);
    CU_ASSERT_STRING_EQUAL(point.labels[0].name, "net");
    CU_ASSERT_STRING_EQUAL(point.labels[0].value, "cp4");
    config_free(config);
    sweep_point_free(&point);
    sweep_walk_end(walk);
    sweep_free(sweep);
}

static void seeds_repeat(void) {
    expect_points("repeat: 3\ngrid: {adc.bits: [4]}\n", "0: run.seed=40, adc.bits=4\n"
                                                        "1: run.seed=41, adc.bits=4\n"
                                                        "2: run.seed=42, adc.bits=4\n");
    expect_points("repeat: [9, 2]\n", "0: run.seed=9\n1: run.seed=2\n");
}

static void groups_are_a_union(void) {
    expect_points("where: crossbar.rows != 64\n"
                  "groups:\n"
                  "- grid: {crossbar.rows: [37, 64], adc.bits: [3]}\n"
                  "- set: {mapping.encoding: offset}\n"
                  "  grid: {crossbar.rows: [64, 128], adc.bits: [5, 6]}\n"
                  "  where: adc.bits > 5\n",
                  "0: crossbar.rows=37, adc.bits=3\n"
                  "5: crossbar.rows=128, adc.bits=6\n");
}

static void rules(void) {
    static const struct {
        const char *rule;
        const char *kept; /* rows of the points kept */
    } cases[] = {
        {"crossbar.rows <= 64", "37 64 "},
        {"crossbar.rows == 37 or crossbar.rows == 128", "37 128 "},
        {"crossbar.rows > 37 and crossbar.rows < 128", "64 "},
        {"dataset.count == 7", "37 64 128 "}, /* the base's */
        {"dataset.count + 1 == crossbar.rows / 8", "64 "},
        {"adc.bits == 3", "37 "},
        {"adc.bits == lossless", "64 "},
        {"adc.bits >= 9", "64 128 "}, /* a word is larger than any number */
        {"mapping.encoding == differential", "37 64 128 "},
        {"mapping.encoding == offset", ""},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char yaml[512], kept[64] = "";
        struct diagnostic diag = {0};
        struct sweep_walk *walk;
        struct sweep_point point;
        bool found = true;
        snprintf(yaml, sizeof yaml,
                 "zip: {crossbar.rows: [37, 64, 128], adc.bits: [3, lossless, 9]}\nwhere: %s\n",
                 cases[i].rule);
        struct sweep *sweep = loaded(yaml);
        ASSERT_OK(sweep_walk_begin(sweep, &walk, &diag), diag);
        while (sweep_walk_next(walk, &point, &found, &diag) == STATUS_OK && found) {
            strcat(strcat(kept, point.labels[0].value), " ");
            sweep_point_free(&point);
        }
        expect_text(kept, cases[i].kept);
        sweep_walk_end(walk);
        sweep_free(sweep);
    }
}

/* The number that a point sets as its label `i`, after `skip` points. */
static double label_number(const struct sweep *sweep, long skip, int i) {
    struct diagnostic diag = {0};
    struct sweep_walk *walk;
    struct sweep_point point;
    bool found;
    ASSERT_OK(sweep_walk_begin(sweep, &walk, &diag), diag);
    for (long n = 0;; n++) {
        ASSERT_OK(sweep_walk_next(walk, &point, &found, &diag), diag);
        CU_ASSERT_FATAL(found);
        if (n == skip)
            break;
        sweep_point_free(&point);
    }
    double number = strtod(point.labels[i].value, NULL);
    sweep_point_free(&point);
    sweep_walk_end(walk);
    return number;
}

static void sobol_points_are_those_of_gsl(void) {
    struct sweep *sweep = loaded("sample:\n  points: 100\n  ranges:\n"
                                 "    device.programming_sigma: {from: 0, to: 1}\n"
                                 "    device.stuck_on: {from: 0.001, to: 0.1, scale: log}\n"
                                 "    crossbar.rows: {from: 3, to: 9}\n");
    gsl_qrng *sequence = gsl_qrng_alloc(gsl_qrng_sobol, 3);
    CU_ASSERT_EQUAL(sweep_size(sweep), 100);
    for (long n = 0; n < 100; n++) {
        double u[3];
        gsl_qrng_get(sequence, u);
        if (n % 13 != 0)
            continue;
        CU_ASSERT_DOUBLE_EQUAL(label_number(sweep, n, 0), u[0], 1e-6);
        CU_ASSERT_DOUBLE_EQUAL(label_number(sweep, n, 1), 0.001 * pow(100, u[1]), 1e-6);
        CU_ASSERT_EQUAL(label_number(sweep, n, 2), 3 + floor(7 * u[2]));
    }
    gsl_qrng_free(sequence);
    sweep_free(sweep);
}

/* Each of 25 strata of each range has one point; another seed permutes them otherwise. */
static void latin_hypercubes_fill_every_stratum(void) {
    static const char *const seeds[] = {"1", "2"};
    double firsts[2];
    for (int s = 0; s < 2; s++) {
        char yaml[512];
        int seen[2][25] = {{0}};
        snprintf(yaml, sizeof yaml,
                 "sample:\n  method: latin_hypercube\n  points: 25\n  seed: %s\n  ranges:\n"
                 "    device.programming_sigma: {from: 0, to: 1}\n"
                 "    device.stuck_on: {from: 0.01, to: 0.51}\n",
                 seeds[s]);
        struct sweep *sweep = loaded(yaml);
        for (long n = 0; n < 25; n++) {
            seen[0][(int)(label_number(sweep, n, 0) * 25)]++;
            seen[1][(int)((label_number(sweep, n, 1) - 0.01) * 50)]++;
        }
        for (int stratum = 0; stratum < 25; stratum++) {
            CU_ASSERT_EQUAL(seen[0][stratum], 1);
            CU_ASSERT_EQUAL(seen[1][stratum], 1);
        }
        firsts[s] = label_number(sweep, 0, 0);
        sweep_free(sweep);
    }
    CU_ASSERT_NOT_EQUAL(firsts[0], firsts[1]);
}

/* On a logarithmic scale 1 has log(2) / log(9) of 1 to 8, 31.5 %, and 8 log(9/8) / log(9), 5.4 %;
 * a list has equal shares. */
static void random_points_follow_the_scale(void) {
    enum { N = 2000 };
    struct arena arena = ARENA_INIT;
    struct sweep *sweep = loaded("sample:\n  method: random\n  points: 2000\n  ranges:\n"
                                 "    adc.bits: {from: 1, to: 8, scale: log}\n"
                                 "    mapping.encoding: [offset, differential]\n");
    const char *text = points_of(sweep, 1, 1, &arena);
    int ones = 0, eights = 0, offsets = 0;
    for (const char *line = strstr(text, "adc.bits="); line != NULL;
         line = strstr(line + 1, "adc.bits=")) {
        ones += strncmp(line, "adc.bits=1,", 11) == 0;
        eights += strncmp(line, "adc.bits=8,", 11) == 0;
        offsets += strncmp(strchr(line, ' '), " mapping.encoding=offset", 24) == 0;
    }
    CU_ASSERT_DOUBLE_EQUAL((double)ones / N, log(2) / log(9), 0.04);
    CU_ASSERT_DOUBLE_EQUAL((double)eights / N, log(9.0 / 8) / log(9), 0.02);
    CU_ASSERT_DOUBLE_EQUAL((double)offsets / N, 0.5, 0.04);
    sweep_free(sweep);
    arena_free(&arena);
}

static void shares_are_the_whole(void) {
    struct arena arena = ARENA_INIT;
    struct sweep *sweep = loaded("repeat: 2\nsample: {points: 5, ranges: {dac.bits: [1, 2, 4]}}\n"
                                 "grid: {adc.bits: [3, 4, 5]}\n"
                                 "where: adc.bits != 4 or dac.bits > 1\n");
    const char *whole = points_of(sweep, 1, 1, &arena);
    CU_ASSERT(strlen(whole) > 500);
    for (int shards = 1; shards <= 40; shards += shards < 8 ? 1 : 16) {
        char *joined = arena_strdup(&arena, "");
        for (int shard = 1; shard <= shards; shard++)
            joined = arena_printf(&arena, "%s%s", joined, points_of(sweep, shard, shards, &arena));
        expect_text(joined, whole);
    }
    sweep_free(sweep);
    arena_free(&arena);
}

static void searches_choose_values(void) {
    struct diagnostic diag = {0};
    struct arena arena = ARENA_INIT;
    struct sweep *sweep =
        loaded("repeat: 2\nsample:\n  points: 1\n  ranges:\n"
               "    crossbar.rows: {from: 3, to: 9}\n"
               "    device.stuck_on: {from: 0.1, to: 0.3}\n"
               "grid:\n  adc.bits: [3, 5]\n  mapping.encoding: [offset, differential]\n"
               "where: adc.bits == 3\n");
    static const struct sweep_variable expected[] = {{"mapping.encoding", 2, false},
                                                     {"adc.bits", 2, true},
                                                     {"crossbar.rows", 7, true},
                                                     {"device.stuck_on", 0, true}};
    const struct sweep_variable *variables;
    struct sweep_point point;
    int n;
    bool kept;
    ASSERT_OK(sweep_variables(sweep, &variables, &n, &diag), diag);
    CU_ASSERT_EQUAL_FATAL(n, 4);
    for (int i = 0; i < n; i++) {
        expect_text(variables[i].name, expected[i].name);
        CU_ASSERT_EQUAL(variables[i].levels, expected[i].levels);
        CU_ASSERT_EQUAL(variables[i].ordered, expected[i].ordered);
    }
    ASSERT_OK(sweep_point_of(sweep, (const double[]){0.5, 0.49, 0.99, 0.25}, &point, &kept, &diag),
              diag);
    CU_ASSERT(kept);
    expect_text(
        sweep_point_text(&point, &arena),
        "crossbar.rows=9, device.stuck_on=0.15, run.seed=40, mapping.encoding=differential, "
        "adc.bits=3");
    sweep_point_free(&point);
    ASSERT_OK(sweep_point_of(sweep, (const double[]){0, 0.5, 0, 0}, &point, &kept, &diag), diag);
    CU_ASSERT_FALSE(kept);
    sweep_point_free(&point);
    sweep_free(sweep);
    sweep = loaded("groups: [{grid: {adc.bits: [3]}}, {grid: {adc.bits: [4]}}]\n");
    CU_ASSERT_EQUAL(sweep_variables(sweep, &variables, &n, &diag), STATUS_USAGE);
    sweep_free(sweep);
    arena_free(&arena);
}

static void refusals(void) {
    refuse("grid: {adc.bit: [3]}\n",
           "s.yaml:2:8: unknown key \"bit\" in section \"adc\" (did you mean \"bits\"?)");
    refuse("grid: {adc.bits: [3, 4x]}\n",
           "s.yaml:2:22: adc.bits: expected an integer from 1 to 16, or lossless or "
           "lossless_structural or worst, got \"4x\"");
    refuse("grid: {adc.bits: 3}\n", "s.yaml:2:18: adc.bits: expected a list of values, got \"3\"");
    refuse("grid: {adc.bits: []}\n",
           "s.yaml:2:18: adc.bits: the list is empty: no point would be left");
    refuse("gird: {}\n", "s.yaml:2:1: unknown key \"gird\" (did you mean \"grid\"?)");
    refuse(
        "grid: {net: [4]}\n",
        "s.yaml:2:13: net is no field (SECTION.KEY), so names of values with the fields that each "
        "sets are expected below it, got a list");
    refuse("zip: {adc.bits: [3, 4], dac.bits: [1, 2, 4]}\n",
           "s.yaml:2:35: zip: dac.bits has 3 values, and adc.bits has 2: lists in step are of one "
           "length");
    refuse("grid: {adc.bits: [3]}\nzip: {adc.bits: [4]}\n",
           "s.yaml:3:7: adc.bits varies in line 2 as well: leave one out");
    refuse("grid: {run.threads: [1, 2]}\n",
           "s.yaml:2:8: run.threads cannot vary: it never changes a result: use --jobs");
    refuse("where: adc.bitz == 3\n",
           "s.yaml:2:12: key \"bitz\" is unknown (did you mean \"bits\"?)");
    refuse("where: mapping.encoding == offest\n", "s.yaml:2:28: where: \"offest\" is neither a "
                                                  "dimension nor a word that a field or dimension "
                                                  "can have");
    refuse("where: [adc.bits == 3, adc.bits ==]\n",
           "s.yaml:2:35: where: expected a number, a name or \"(\", and the text ends here");
    refuse("repeat: 0\n", "s.yaml:2:9: repeat: expected 1 to 1000000, got 0");
    refuse("sample: {points: 3}\n", "s.yaml:2:9: sample: \"ranges\" is missing here");
    refuse("sample: {ranges: {adc.bits: {from: 3, to: 9}}}\n",
           "s.yaml:2:9: sample: \"points\" is missing here");
    refuse("sample: {points: 3, method: sobl, ranges: {adc.bits: {from: 3, to: 9}}}\n",
           "s.yaml:2:29: method: \"sobl\" is unknown (did you mean \"sobol\"?)");
    refuse("sample: {points: 3, seed: 4, ranges: {adc.bits: {from: 3, to: 9}}}\n",
           "s.yaml:2:27: seed: a Sobol sequence has none; leave it out, or choose the method "
           "random or "
           "latin_hypercube");
    refuse("sample: {points: 3, ranges: {adc.bits: {from: 9, to: 3}}}\n",
           "s.yaml:2:40: adc.bits: \"to\" (3) must be above \"from\" (9)");
    refuse("sample: {points: 3, ranges: {device.stuck_on: {from: 0, to: 1, scale: log}}}\n",
           "s.yaml:2:47: device.stuck_on: a logarithmic scale begins above 0");
    refuse("sample: {points: 3, ranges: {mapping.encoding: {from: 0, to: 1}}}\n",
           "s.yaml:2:48: mapping.encoding is no number: give a list of its values");
    refuse("sample: {points: 3, ranges: {adc.bits: {from: 3, to: 99}}}\n",
           "s.yaml:2:54: adc.bits: expected an integer from 1 to 16, or lossless or "
           "lossless_structural or worst, got \"99\"");
    refuse("groups: [{grid: {adc.bits: [3]}}]\ngrid: {adc.bits: [4]}\n",
           "s.yaml:3:7: grid: with groups, it belongs into one of them");
    refuse("set: {run.predictions: p.npy}\n",
           "run.predictions is set (s.yaml:2): every point would write to the same file");
}

static void overrides_change_the_base_alone(void) {
    struct diagnostic diag = {0};
    struct sweep *sweep;
    CU_ASSERT_EQUAL(load("grid: {adc.bits: [3]}\n", "adc.bits=4", &sweep, &diag), STATUS_USAGE);
    expect_text(diag.message,
                "s.yaml:2:8: --set adc.bits=4: the sweep sets adc.bits for its points "
                "itself: change it here");
    ASSERT_OK(load("grid: {adc.bits: [3]}\n", "dataset.count=2", &sweep, &diag), diag);
    const struct dataset_options *dataset = config_get(sweep_base(sweep), "dataset");
    CU_ASSERT_EQUAL(dataset->count, 7); /* so that the database shows what was changed */
    sweep_free(sweep);
}

static const struct test_case cases[] = {
    {"lists multiply", lists_multiply},
    {"lists in step", lists_in_step},
    {"named values set several fields", named_values_set_several_fields},
    {"seeds repeat", seeds_repeat},
    {"groups are a union", groups_are_a_union},
    {"rules", rules},
    {"Sobol points are those of GSL", sobol_points_are_those_of_gsl},
    {"Latin hypercubes fill every stratum", latin_hypercubes_fill_every_stratum},
    {"random points follow the scale", random_points_follow_the_scale},
    {"shares are the whole", shares_are_the_whole},
    {"searches choose values", searches_choose_values},
    {"refusals", refusals},
    {"overrides change the base alone", overrides_change_the_base_alone},
    {NULL, NULL},
};
const struct test_suite suite_sweep = {"sweep", cases};
