/* What a configuration refuses, word for word: nothing mistyped passes in silence. */
#include <stdio.h>
#include <string.h>

#include "tests/support/sample_config.h"
#include "tests/test.h"

static void unknown_keys(void) {
    sample_refuse("array:\n  rows: 3\n  colums: 4\n",
                  "a.yaml:3:3: unknown key \"colums\" in section \"array\" (did you mean "
                  "\"columns\"?)");
    sample_refuse("adc: {rows: 3}\n", "a.yaml:1:7: unknown key \"rows\" in section \"adc\" (that "
                                      "key belongs to section \"array\")");
    sample_refuse("array: {bits: 3}\n", "a.yaml:1:9: unknown key \"bits\" in section \"array\" "
                                        "(that key belongs to section \"adc\" or \"run\")");
    sample_refuse("array: {transfr: clip}\n", "a.yaml:1:9: unknown key \"transfr\" in section "
                                              "\"array\" (did you mean \"adc.transfer\"?)");
    sample_refuse("adc: {temperature: 300}\n", "a.yaml:1:7: unknown key \"temperature\" in section "
                                               "\"adc\" (its keys: bits, transfer)");
    sample_refuse("adc: {\"bi\\nts\": 3}\n", "a.yaml:1:7: unknown key \"bi\\nts\" in section "
                                             "\"adc\" (did you mean \"bits\"?)");
}

static void unknown_sections(void) {
    sample_refuse("arry: {rows: 3}\n",
                  "a.yaml:1:1: unknown section \"arry\" (did you mean \"array\"?)");
    sample_refuse("layer: {}\n", "a.yaml:1:1: unknown section \"layer\" (did you mean "
                                 "\"layers\"?)");
    sample_refuse("run: {}\nrows: 3\n",
                  "a.yaml:2:1: unknown section \"rows\" (it is a key of section \"array\")");
    sample_refuse("array.rows: 3\n", "a.yaml:1:1: unknown section \"array.rows\" (write \"array:\" "
                                     "and the key below it)");
    sample_refuse("colunms: 3\n", "a.yaml:1:1: unknown section \"colunms\" (did you mean the key "
                                  "\"array.columns\"?)");
    sample_refuse("electrolyte: {}\n",
                  "a.yaml:1:1: unknown section \"electrolyte\" (there are array, adc, run)");
    sample_refuse("array: 128\n", "a.yaml:1:8: section \"array\": expected keys with values below "
                                  "it, got \"128\"");
    sample_refuse("- array\n", "a.yaml:1:1: expected sections such as \"array:\", got a list");
    sample_refuse("128\n", "a.yaml:1:1: expected sections such as \"array:\", got \"128\"");
}

static void integers(void) {
    static const struct {
        const char *value, *got;
    } rows[] = {
        {"128x", "\"128x\""},
        {"12.5", "\"12.5\""},
        {"0x10", "\"0x10\""},
        {"010", "\"010\""},
        {"1e2", "\"1e2\""},
        {"0", "\"0\""},
        {"-5", "\"-5\""},
        {"4097", "\"4097\""},
        {"99999999999999999999", "\"99999999999999999999\""},
        {"\"128\"", "the quoted text \"128\" (remove the quotes)"},
        {"", "nothing"},
        {"~", "nothing"},
        {"[1, 2]", "a list"},
        {"{a: 1}", "a mapping"},
        {"128 ns", "\"128 ns\""},
        {"true", "\"true\""},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        char yaml[64], message[200];
        snprintf(yaml, sizeof yaml, "array:\n  rows: %s\n", rows[i].value);
        /* An absent value is located where it should stand: after the colon. */
        snprintf(message, sizeof message,
                 "a.yaml:2:%d: array.rows: expected an integer from 1 to 4096, got %s",
                 rows[i].value[0] == '\0' ? 8 : 9, rows[i].got);
        sample_refuse(yaml, message);
    }
    sample_refuse("run: {seed: -1}\n", "a.yaml:1:13: run.seed: expected an integer from 0 to "
                                       "9223372036854775807, got \"-1\"");
    sample_refuse("run: {seed: 9223372036854775808}\n",
                  "a.yaml:1:13: run.seed: expected an integer from 0 to 9223372036854775807, got "
                  "\"9223372036854775808\"");
}

static void reals(void) {
    static const char expected[] = "array.t_read: expected a time from 1 ns to 1 s (s, ms, us, ns, "
                                   "ps), got";
    static const struct {
        const char *value, *got;
    } rows[] = {
        {"5 V", "\"5 V\""},     {"100 nS", "\"100 nS\""},
        {"1.1 s", "\"1.1 s\""}, {"0.9 ns", "\"0.9 ns\""},
        {"nan", "\"nan\""},     {"-1 us", "\"-1 us\""},
        {"1e999", "\"1e999\""}, {"\"5 us\"", "the quoted text \"5 us\" (remove the quotes)"},
        {"fast", "\"fast\""},   {"[1]", "a list"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        char yaml[64], message[200];
        snprintf(yaml, sizeof yaml, "array: {t_read: %s}\n", rows[i].value);
        snprintf(message, sizeof message, "a.yaml:1:17: %s %s", expected, rows[i].got);
        sample_refuse(yaml, message);
    }
    sample_refuse("array: {r_on: 3 F}\n", "a.yaml:1:15: array.r_on: expected a resistance (ohm, "
                                          "kohm, Mohm, Gohm), got \"3 F\"");
    sample_refuse("array:\n  drift: [0, 0.5,\n    1.5]\n",
                  "a.yaml:3:5: array.drift: expected a number from 0 to 1, or a list of them, got "
                  "\"1.5\"");
    sample_refuse("array: {drift: [[0]]}\n", "a.yaml:1:17: array.drift: expected a number from 0 "
                                             "to 1, or a list of them, got a list");
}

static void words(void) {
    sample_refuse("adc: {bits: lossles}\n",
                  "a.yaml:1:13: adc.bits: expected an integer from 1 to 16, or lossless or worst, "
                  "got \"lossles\" (did you mean \"lossless\"?)");
    sample_refuse("adc: {bits: 40}\n", "a.yaml:1:13: adc.bits: expected an integer from 1 to 16, "
                                       "or lossless or worst, got \"40\"");
    sample_refuse("adc: {bits: -1}\n", "a.yaml:1:13: adc.bits: expected an integer from 1 to 16, "
                                       "or lossless or worst, got \"-1\"");
    sample_refuse("adc: {bits: \"6\"}\n",
                  "a.yaml:1:13: adc.bits: expected an integer from 1 to 16, or lossless or worst, "
                  "got the quoted text \"6\" (remove the quotes)");
    sample_refuse("adc: {transfer: fullrange}\n",
                  "a.yaml:1:17: adc.transfer: expected one of clip, full_range, calibrated, got "
                  "\"fullrange\" (did you mean \"full_range\"?)");
    sample_refuse("adc: {transfer: 1}\n", "a.yaml:1:17: adc.transfer: expected one of clip, "
                                          "full_range, calibrated, got \"1\"");
    sample_refuse("array: {flip: maybe}\n",
                  "a.yaml:1:15: array.flip: expected true or false, got \"maybe\"");
    sample_refuse("array: {flip: \"true\"}\n",
                  "a.yaml:1:15: array.flip: expected true or false, got the quoted text \"true\" "
                  "(remove the quotes)");
    sample_refuse("run: {name: [a]}\n", "a.yaml:1:13: run.name: expected a text, got a list");
    sample_refuse("run: {model: \"\"}\n",
                  "a.yaml:1:14: run.model: expected the path of a file, got the quoted text \"\"");
}

static void yaml_errors(void) {
    sample_refuse("array:\n  rows: 3\n  rows: 4\n",
                  "a.yaml:3:3: key \"rows\" is given twice, first at a.yaml:2:3");
    sample_refuse("array: {}\n---\n", "a.yaml:2:1: a second document starts here; one is allowed");
}

static void bases(void) {
    struct scratch scratch;
    scratch_open(&scratch);
    sample_write(&scratch, "a.yaml", "run: {}\nbase: b.yaml\n");
    sample_refuse_file(&scratch, "a.yaml",
                       "a.yaml:2:7: base: cannot read b.yaml: No such file or directory");
    sample_write(&scratch, "b.yaml", "base: c.yaml\n");
    sample_write(&scratch, "c.yaml", "base: a.yaml\n");
    sample_refuse_file(&scratch, "a.yaml", "c.yaml:1:7: base: a.yaml leads back to itself");
    sample_write(&scratch, "b.yaml", "array:\n  rows: zero\n");
    sample_refuse_file(&scratch, "a.yaml",
                       "b.yaml:2:9: array.rows: expected an integer from 1 to "
                       "4096, got \"zero\"");
    sample_write(&scratch, "a.yaml", "base: [b.yaml]\n");
    sample_refuse_file(&scratch, "a.yaml", "a.yaml:1:7: base: expected a text, got a list");
    sample_write(&scratch, "a.yaml", "array: {base: b.yaml}\n");
    sample_refuse_file(&scratch, "a.yaml",
                       "a.yaml:1:9: unknown key \"base\" in section \"array\" (it stands at the "
                       "top level of a file; check the indentation)");
    sample_refuse_file(&scratch, "none.yaml", "cannot read none.yaml: No such file or directory");
    /* A chain without a cycle, but too long. */
    for (int i = 0; i < 20; i++) {
        char name[16], yaml[32];
        snprintf(name, sizeof name, "n%d", i);
        snprintf(yaml, sizeof yaml, "base: n%d\n", i + 1);
        sample_write(&scratch, name, yaml);
    }
    sample_refuse_file(&scratch, "n0", "n16:1:7: base: more than 16 files deep");
    scratch_close(&scratch);
}

static void command_line(void) {
    sample_refuse_set("array.rows=0", "--set array.rows=0: array.rows: expected an integer from 1 "
                                      "to 4096, got \"0\"");
    sample_refuse_set("array.colums=3", "--set array.colums=3: unknown key \"colums\" in section "
                                        "\"array\" (did you mean \"columns\"?)");
    sample_refuse_set("arry.rows=3",
                      "--set arry.rows=3: unknown section \"arry\" (did you mean \"array\"?)");
    sample_refuse_set("rows=3",
                      "--set rows=3: unknown section \"rows\" (it is a key of section \"array\")");
    sample_refuse_set("array.rows", "--set array.rows: write --set section.key=value");
    sample_refuse_set("array=3", "--set array=3: \"array\" is a section; write --set "
                                 "array.KEY=VALUE");
    sample_refuse_set("base=b.yaml", "--set base=b.yaml: base can only be given in a file");
    sample_refuse_set("layers=3", "--set layers=3: write --set layers.PATTERN.SECTION.KEY=VALUE");
    sample_refuse_set("layers.conv1=3",
                      "--set layers.conv1=3: write --set layers.PATTERN.SECTION.KEY=VALUE");
    sample_refuse_set("layers.conv1.bits=3",
                      "--set layers.conv1.bits=3: write --set layers.PATTERN.SECTION.KEY=VALUE");
    sample_refuse_set("layers.conv1.adcs.bits=3", "--set layers.conv1.adcs.bits=3: unknown section "
                                                  "\"adcs\" (did you mean \"adc\"?)");
    sample_refuse_set("adc.bits=[1", "--set adc.bits=[1: did not find expected ',' or ']' while "
                                     "parsing a flow sequence");
    sample_refuse_set("run.name={a: 1, a: 2}",
                      "--set run.name={a: 1, a: 2}: key \"a\" is given twice");
    sample_refuse_set("=", "--set =: unknown section \"\" (there are array, adc, run)");
    sample_refuse_set("adc.=1", "--set adc.=1: unknown key \"\" in section \"adc\" (its keys: "
                                "bits, transfer)");
    sample_refuse_set("adc.bits=\n\x1b[31m",
                      "--set adc.bits=??[31m: control characters are not allowed at byte 1");
}

/* A message stays one line of bounded length, however long the value. */
static void long_values(void) {
    enum { LENGTH = 20000 };
    static char assignment[LENGTH + 1];
    struct diagnostic diag = {0};
    struct config *config = sample_create();
    memset(assignment, 'x', LENGTH);
    memcpy(assignment, "array.rows=", 11);
    CU_ASSERT_EQUAL(config_override(config, assignment, &diag), STATUS_USAGE);
    CU_ASSERT(strlen(diag.message) < 400);
    CU_ASSERT_PTR_NOT_NULL(strstr(diag.message, "expected an integer from 1 to 4096, got \"xxx"));
    CU_ASSERT_PTR_NULL(strchr(diag.message, '\n'));
    config_free(config);
}

static const struct test_case cases[] = {
    {"unknown keys", unknown_keys},
    {"unknown sections", unknown_sections},
    {"integers", integers},
    {"reals and their units", reals},
    {"words, truth values, texts", words},
    {"errors of YAML", yaml_errors},
    {"base files", bases},
    {"--set", command_line},
    {"long values", long_values},
    {NULL, NULL},
};
const struct test_suite suite_config_refusals = {"config_refusals", cases};
