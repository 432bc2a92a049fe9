/* Closest names, numbers, patterns, quotes. */
#include <stdio.h>
#include <string.h>

#include "sim/base/base.h"
#include "tests/test.h"

static const char *closest(const char *word) {
    static const char *const names[] = {
        "rows",          "columns",  "cell_bits",           "encoding", "rate",
        "fragment_rows", "lossless", "lossless_structural", "transfer", "bits"};
    const char *found = text_closest(word, names, sizeof names / sizeof *names);
    return found == NULL ? "" : found;
}

static void slips_of_the_hand(void) {
    CU_ASSERT_STRING_EQUAL(closest("colums"), "columns");      /* a letter missing */
    CU_ASSERT_STRING_EQUAL(closest("roows"), "rows");          /* a letter too many */
    CU_ASSERT_STRING_EQUAL(closest("encodimg"), "encoding");   /* a wrong letter */
    CU_ASSERT_STRING_EQUAL(closest("rwos"), "rows");           /* two letters swapped: distance 1 */
    CU_ASSERT_STRING_EQUAL(closest("ROWS"), "rows");           /* case */
    CU_ASSERT_STRING_EQUAL(closest("cell-bits"), "cell_bits"); /* punctuation */
    CU_ASSERT_STRING_EQUAL(closest("losless"), "lossless");
    CU_ASSERT_STRING_EQUAL(closest("lossless_strctural"), "lossless_structural");
    CU_ASSERT_STRING_EQUAL(closest("transefr"), "transfer");
    CU_ASSERT_STRING_EQUAL(closest("bit"), "bits");
}

static void no_suggestion(void) {
    CU_ASSERT_STRING_EQUAL(closest(""), "");
    CU_ASSERT_STRING_EQUAL(closest("x"), "");
    CU_ASSERT_STRING_EQUAL(closest("voltage"), "");
    /* 4 letters allow a distance of 1 + 4/4 = 2: "rose" is 2 from "rows", "nose" is 3. */
    CU_ASSERT_STRING_EQUAL(closest("rose"), "rows");
    CU_ASSERT_STRING_EQUAL(closest("dust"), "");
    char endless[5000];
    memset(endless, 'a', sizeof endless - 1);
    endless[sizeof endless - 1] = '\0';
    CU_ASSERT_STRING_EQUAL(closest(endless), "");
    CU_ASSERT_PTR_NULL(text_closest("rows", NULL, 0));
}

static void ties_go_to_the_first(void) {
    static const char *const names[] = {"adc", "dac"};
    CU_ASSERT_STRING_EQUAL(text_closest("ac", names, 2), "adc");
}

static void integers(void) {
    static const struct {
        const char *text;
        long long value;
    } good[] = {{"0", 0},        {"128", 128}, {"-37", -37},
                {"+5", 5},       {"-0", 0},    {"9223372036854775807", 9223372036854775807LL},
                {"-1000", -1000}};
    static const char *const bad[] = {
        "",    " 1",  "1 ", "128x", "12.5", "0x10", "1e3",
        "010", "1_0", "-",  "+-1",  "--1",  "nan",  "9223372036854775808"};
    for (size_t i = 0; i < sizeof good / sizeof *good; i++) {
        long long value = 99;
        CU_ASSERT(text_to_int(good[i].text, &value));
        CU_ASSERT_EQUAL(value, good[i].value);
    }
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        long long value = 99;
        CU_ASSERT_FALSE(text_to_int(bad[i], &value));
        CU_ASSERT_EQUAL(value, 99);
    }
}

static void reals(void) {
    static const struct {
        const char *text;
        double value;
    } good[] = {{"2.385", 2.385}, {"-1e-9", -1e-9}, {".5", 0.5},  {"5.", 5.0},
                {"1E+3", 1000.0}, {"0", 0.0},       {"0e9", 0.0}, {"007", 7.0}};
    static const char *const bad[] = {"",      ".",      "-",     "e5",    "1e", "1e+",
                                      "nan",   "inf",    "1.2.3", "0x1p3", " 1", "1 ",
                                      "1e999", "1e-999", "-inf",  "1,5"};
    for (size_t i = 0; i < sizeof good / sizeof *good; i++) {
        double value = 99;
        CU_ASSERT(text_to_real(good[i].text, &value));
        CU_ASSERT_EQUAL(value, good[i].value);
    }
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        double value = 99;
        CU_ASSERT_FALSE(text_to_real(bad[i], &value));
        CU_ASSERT_EQUAL(value, 99);
    }
}

static void patterns(void) {
    CU_ASSERT(text_matches("conv1", "conv1"));
    CU_ASSERT_FALSE(text_matches("conv1", "conv10"));
    CU_ASSERT_FALSE(text_matches("conv10", "conv1"));
    CU_ASSERT(text_matches("*", ""));
    CU_ASSERT(text_matches("*", "anything"));
    CU_ASSERT(text_matches("layer?.*.conv1", "layer2.0.conv1"));
    CU_ASSERT_FALSE(text_matches("layer?.*.conv1", "layer12.0.conv1"));
    CU_ASSERT(text_matches("*ab", "aab"));
    CU_ASSERT(text_matches("a*b*c", "a-b-b-c"));
    CU_ASSERT_FALSE(text_matches("a*b*c", "a-b-b-"));
    CU_ASSERT(text_matches("**", "x"));
    CU_ASSERT_FALSE(text_matches("?", ""));
    CU_ASSERT_FALSE(text_matches("", "x"));
    CU_ASSERT(text_matches("", ""));
}

/* A pattern that takes exponential time where every star is tried again. */
static void hostile_pattern(void) {
    char pattern[2 * 50 + 2], name[2001];
    for (int i = 0; i < 50; i++) {
        pattern[2 * i] = '*';
        pattern[2 * i + 1] = 'a';
    }
    strcpy(pattern + 100, "b");
    memset(name, 'a', sizeof name - 1);
    name[sizeof name - 1] = '\0';
    CU_ASSERT_FALSE(text_matches(pattern, name));
}

static void quotes(void) {
    char buffer[TEXT_QUOTE_LENGTH];
    CU_ASSERT_STRING_EQUAL(text_quote("128x", buffer), "\"128x\"");
    CU_ASSERT_STRING_EQUAL(text_quote("a\nb\t\x1b[31m\x7f", buffer), "\"a\\nb\\t\\x1b[31m\\x7f\"");
    CU_ASSERT_STRING_EQUAL(text_quote("\u00B5S", buffer), "\"\u00B5S\"");
    char longer[1000];
    for (size_t length = 60; length < 200; length++) {
        /* Two-byte characters at both parities: never cut in the middle of one. */
        memset(longer, 'x', length % 2);
        for (size_t i = length % 2; i + 1 < length; i += 2)
            memcpy(longer + i, "\u00B5", 2);
        longer[length] = '\0';
        text_quote(longer, buffer);
        size_t quoted = strlen(buffer);
        CU_ASSERT(quoted < TEXT_QUOTE_LENGTH);
        if (length < 80)
            continue;
        CU_ASSERT_STRING_EQUAL(buffer + quoted - 4, "...\"");
        CU_ASSERT_EQUAL((unsigned char)buffer[quoted - 5], 0xB5);
    }
    memset(longer, 0x80, sizeof longer - 1); /* not UTF-8 at all */
    longer[sizeof longer - 1] = '\0';
    CU_ASSERT(strlen(text_quote(longer, buffer)) < TEXT_QUOTE_LENGTH);
    memset(longer, 0x01, sizeof longer - 1); /* the longest escapes */
    CU_ASSERT(strlen(text_quote(longer, buffer)) < TEXT_QUOTE_LENGTH);
}

static const struct test_case cases[] = {
    {"slips of the hand find their name", slips_of_the_hand},
    {"what is no slip gets no suggestion", no_suggestion},
    {"ties go to the first", ties_go_to_the_first},
    {"integers, whole or refused", integers},
    {"reals, whole or refused", reals},
    {"patterns", patterns},
    {"a hostile pattern takes no time", hostile_pattern},
    {"quotes keep a message on one line", quotes},
    {NULL, NULL},
};
const struct test_suite suite_text = {"text", cases};
