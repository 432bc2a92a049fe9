/* Units in and out. Values are exact: the decimal number rounded once. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "sim/base/base.h"
#include "tests/test.h"

static void reading(void) {
    static const struct {
        const char *text;
        enum unit unit;
        double si;
    } rows[] = {
        {"100 ns", UNIT_SECOND, 1e-7},
        {"1e-7", UNIT_SECOND, 1e-7},
        {"0.1us", UNIT_SECOND, 1e-7},
        {"0.1 \u00B5s", UNIT_SECOND, 1e-7},
        {"0.1 \u03BCs", UNIT_SECOND, 1e-7},
        {"1e2 ns", UNIT_SECOND, 1e-7},
        {"1 s", UNIT_SECOND, 1},
        {"1.2 GHz", UNIT_HERTZ, 1.2e9},
        {"40uS", UNIT_SIEMENS, 40e-6},
        {"0.372 mm2", UNIT_SQUARE_METRE, 0.372e-6},
        {"0.372 mm^2", UNIT_SQUARE_METRE, 0.372e-6},
        {"25 um2", UNIT_SQUARE_METRE, 25e-12},
        {"7 nm\u00B2", UNIT_SQUARE_METRE, 7e-18},
        {"85.4e-6", UNIT_SQUARE_METRE, 85.4e-6},
        {"32 nm", UNIT_METRE, 32e-9},
        {"3 m", UNIT_METRE, 3},
        {"3 mm", UNIT_METRE, 3e-3},
        {"10 kohm", UNIT_OHM, 1e4},
        {"1 M\u03A9", UNIT_OHM, 1e6},
        {"1.67 pJ", UNIT_JOULE, 1.67e-12},
        {"390.6 fJ", UNIT_JOULE, 390.6e-15},
        {"330 mW", UNIT_WATT, 0.33},
        {"65.8", UNIT_WATT, 65.8},
        {"-0.5 V", UNIT_VOLT, -0.5},
        {"64 kB", UNIT_BYTE, 64000},
        {"64 KiB", UNIT_BYTE, 65536},
        {"64 KB", UNIT_BYTE, 65536},
        {"0.2 fF", UNIT_FARAD, 0.2e-15},
        {"1.5 MiB", UNIT_BYTE, 1572864},
        {"5 %", UNIT_PERCENT, 5},
        {"300 K", UNIT_KELVIN, 300},
        {"2.385", UNIT_NONE, 2.385},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        double si = NAN;
        bool parsed = unit_parse(rows[i].text, rows[i].unit, &si);
        if (!parsed || si != rows[i].si)
            fprintf(stderr, "\n%s: %.17g instead of %.17g\n", rows[i].text, si, rows[i].si);
        CU_ASSERT(parsed && si == rows[i].si);
    }
}

static void refusals(void) {
    static const struct {
        const char *text;
        enum unit unit;
    } rows[] = {
        {"100 ns", UNIT_HERTZ},
        {"5 V", UNIT_SECOND},
        {"100 nS", UNIT_SECOND},
        {"40 us", UNIT_SIEMENS},
        {"0.3 mm", UNIT_SQUARE_METRE},
        {"3 m2", UNIT_METRE},
        {"1 qs", UNIT_SECOND},
        {"1 kks", UNIT_SECOND},
        {"1 k", UNIT_SECOND},
        {"ns", UNIT_SECOND},
        {"", UNIT_SECOND},
        {"1 s s", UNIT_SECOND},
        {"1 ", UNIT_SECOND},
        {" 1 s", UNIT_SECOND},
        {"1 S", UNIT_SECOND},
        {"1 kB", UNIT_NONE},
        {"1 k", UNIT_NONE},
        {"5 m%", UNIT_PERCENT},
        {"1 Kis", UNIT_SECOND},
        {"1e400 s", UNIT_SECOND},
        {"1e308 Ts", UNIT_SECOND},
        {"nan s", UNIT_SECOND},
        {"0x1 s", UNIT_SECOND},
        {"1..2 s", UNIT_SECOND},
        {"1e99999999999999999999 s", UNIT_SECOND},
        {"1000000000000000000000000000000000000000000000000000000000000000001 s", UNIT_SECOND},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        double si = 99;
        bool parsed = unit_parse(rows[i].text, rows[i].unit, &si);
        if (parsed)
            fprintf(stderr, "\n\"%s\" was read as %g\n", rows[i].text, si);
        CU_ASSERT_FALSE(parsed);
    }
}

static void writing(void) {
    static const struct {
        double si;
        enum unit unit;
        const char *text;
    } rows[] = {
        {6.27e-3, UNIT_SECOND, "6.27 ms"},
        {1e-7, UNIT_SECOND, "100 ns"},
        {0.9999999, UNIT_SECOND, "1 s"},
        {90, UNIT_SECOND, "90 s"},
        {12345, UNIT_SECOND, "12345 s"},
        {0.372e-6, UNIT_SQUARE_METRE, "0.372 mm2"},
        {85.4e-6, UNIT_SQUARE_METRE, "85.4 mm2"},
        {2.385e-10, UNIT_SQUARE_METRE, "238.5 um2"},
        {25e-12, UNIT_SQUARE_METRE, "25 um2"},
        {1.67e-12, UNIT_JOULE, "1.67 pJ"},
        {390.625e-15, UNIT_JOULE, "390.6 fJ"},
        {0.33, UNIT_WATT, "330 mW"},
        {65.8, UNIT_WATT, "65.8 W"},
        {1.2e9, UNIT_HERTZ, "1.2 GHz"},
        {-0.5, UNIT_VOLT, "-500 mV"},
        {0, UNIT_WATT, "0 W"},
        {92.13, UNIT_PERCENT, "92.13 %"},
        {100, UNIT_PERCENT, "100 %"},
        {627.5, UNIT_NONE, "627.5"},
        {123456, UNIT_NONE, "123456"},
        {1e4, UNIT_OHM, "10 kohm"},
        {300, UNIT_KELVIN, "300 K"},
        {64000, UNIT_BYTE, "64 kB"},
        {65536, UNIT_BYTE, "64 KiB"},
        {256, UNIT_BYTE, "256 B"},
        {3 * 1048576.0, UNIT_BYTE, "3 MiB"},
        {1e-25, UNIT_JOULE, "1e-07 aJ"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        char buffer[64];
        unit_format(rows[i].si, rows[i].unit, buffer, sizeof buffer);
        if (strcmp(buffer, rows[i].text) != 0)
            fprintf(stderr, "\n%s instead of %s\n", buffer, rows[i].text);
        CU_ASSERT_STRING_EQUAL(buffer, rows[i].text);
    }
    char small[5];
    CU_ASSERT_STRING_EQUAL(unit_format(6.27e-3, UNIT_SECOND, small, sizeof small), "6.27");
}

/* What is written is read back to within its digits, for every unit. */
static void round_trip(void) {
    for (int unit = 0; unit < UNIT_COUNT; unit++)
        for (double si = 1.2345e-19; si < 1e15; si *= 3.7) {
            char buffer[64];
            double back = 0;
            unit_format(si, (enum unit)unit, buffer, sizeof buffer);
            CU_ASSERT(unit_parse(buffer, (enum unit)unit, &back));
            CU_ASSERT(fabs(back - si) <= 5.1e-3 * si);
        }
}

static void names(void) {
    CU_ASSERT_STRING_EQUAL(unit_symbol(UNIT_SQUARE_METRE), "m2");
    CU_ASSERT_STRING_EQUAL(unit_symbol(UNIT_NONE), "");
    CU_ASSERT_STRING_EQUAL(unit_quantity(UNIT_SIEMENS), "conductance");
    for (int unit = UNIT_NONE + 1; unit < UNIT_COUNT; unit++) {
        /* Every spelling that a message offers is understood. */
        char list[80];
        snprintf(list, sizeof list, "%s", unit_spellings((enum unit)unit));
        for (char *word = strtok(list, ", "); word != NULL; word = strtok(NULL, ", ")) {
            char text[40];
            double si;
            snprintf(text, sizeof text, "3 %s", word);
            CU_ASSERT(unit_parse(text, (enum unit)unit, &si));
        }
    }
}

static const struct test_case cases[] = {
    {"reading", reading},
    {"other dimensions, prefixes and numbers are refused", refusals},
    {"writing", writing},
    {"written is read back", round_trip},
    {"symbols and spellings", names},
    {NULL, NULL},
};
const struct test_suite suite_units = {"units", cases};
