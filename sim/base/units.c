#include "sim/base/units.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sim/base/text.h"

/* Longer numbers than this are refused: no one writes them, and the buffers stay on the stack. */
enum { NUMBER_MAX_LENGTH = 64 };

struct unit_row {
    const char *symbol;
    const char *alternatives[3]; /* other spellings that are read */
    int dimension;               /* power a prefix is raised to: 2 for areas; 0: takes no prefix */
    int min_exponent, max_exponent; /* prefixes chosen when writing */
    const char *quantity, *spellings;
};

static const struct unit_row units[UNIT_COUNT] = {
    [UNIT_NONE] = {"", {NULL}, 0, 0, 0, "number", ""},
    [UNIT_SECOND] = {"s", {NULL}, 1, -18, 0, "time", "s, ms, us, ns, ps"},
    [UNIT_HERTZ] = {"Hz", {NULL}, 1, 0, 12, "frequency", "Hz, kHz, MHz, GHz"},
    [UNIT_JOULE] = {"J", {NULL}, 1, -18, 12, "energy", "J, mJ, uJ, nJ, pJ, fJ"},
    [UNIT_WATT] = {"W", {NULL}, 1, -18, 12, "power", "W, mW, uW, nW"},
    [UNIT_METRE] = {"m", {NULL}, 1, -18, 0, "length", "m, mm, um, nm"},
    [UNIT_SQUARE_METRE] = {"m2", {"m^2", "m\u00B2"}, 2, -6, -3, "area", "m2, mm2, um2, nm2"},
    [UNIT_VOLT] = {"V", {NULL}, 1, -18, 12, "voltage", "V, mV, uV"},
    [UNIT_OHM] =
        {"ohm", {"Ohm", "\u03A9", "\u2126"}, 1, -6, 12, "resistance", "ohm, kohm, Mohm, Gohm"},
    [UNIT_SIEMENS] = {"S", {NULL}, 1, -18, 0, "conductance", "S, mS, uS, nS"},
    [UNIT_BYTE] = {"B", {NULL}, 1, 0, 12, "size", "B, kB, MB, GB, KB, KiB, MiB, GiB"},
    [UNIT_PERCENT] = {"%", {NULL}, 0, 0, 0, "percentage", "%"},
    [UNIT_KELVIN] = {"K", {NULL}, 1, -6, 0, "temperature", "K, mK"},
    [UNIT_FARAD] = {"F", {NULL}, 1, -18, 0, "capacitance", "F, uF, nF, pF, fF, aF"},
};

/* In rising order; the last two only spell 1e-6 in other ways (micro sign, Greek mu). */
static const struct {
    const char *symbol;
    int exponent;
} prefixes[] = {{"a", -18}, {"f", -15},     {"p", -12},    {"n", -9}, {"u", -6},
                {"m", -3},  {"", 0},        {"k", 3},      {"M", 6},  {"G", 9},
                {"T", 12},  {"\u00B5", -6}, {"\u03BC", -6}};

enum { N_WRITTEN_PREFIXES = 11, N_PREFIXES = sizeof prefixes / sizeof *prefixes };

/* Binary multiples, for bytes only; KB is how memories of papers are sized. */
static const struct {
    const char *symbol;
    double factor;
} binary_multiples[] = {
    {"KiB", 0x1p10}, {"MiB", 0x1p20}, {"GiB", 0x1p30}, {"TiB", 0x1p40}, {"KB", 0x1p10}};
enum { N_WRITTEN_MULTIPLES = 4 };

const char *unit_symbol(enum unit unit) {
    return units[unit].symbol;
}

const char *unit_quantity(enum unit unit) {
    return units[unit].quantity;
}

const char *unit_article(enum unit unit) {
    return strchr("aeiou", units[unit].quantity[0]) != NULL ? "an" : "a";
}

const char *unit_spellings(enum unit unit) {
    return units[unit].spellings;
}

static bool is_symbol(const char *text, const struct unit_row *row) {
    if (strcmp(text, row->symbol) == 0)
        return true;
    for (size_t i = 0; i < sizeof row->alternatives / sizeof *row->alternatives; i++)
        if (row->alternatives[i] != NULL && strcmp(text, row->alternatives[i]) == 0)
            return true;
    return false;
}

/* Power of ten that the suffix (prefix and symbol) stands for. */
static bool suffix_exponent(const char *suffix, const struct unit_row *row, int *exponent) {
    *exponent = 0;
    if (*suffix == '\0' || is_symbol(suffix, row))
        return true;
    if (row->dimension == 0)
        return false;
    for (size_t i = 0; i < N_PREFIXES; i++) {
        size_t length = strlen(prefixes[i].symbol);
        if (length > 0 && strncmp(suffix, prefixes[i].symbol, length) == 0 &&
            is_symbol(suffix + length, row)) {
            *exponent = prefixes[i].exponent * row->dimension;
            return true;
        }
    }
    return false;
}

static double binary_factor(const char *suffix, enum unit unit) {
    for (size_t i = 0; i < sizeof binary_multiples / sizeof *binary_multiples; i++)
        if (unit == UNIT_BYTE && strcmp(suffix, binary_multiples[i].symbol) == 0)
            return binary_multiples[i].factor;
    return 0.0;
}

/* Length of the decimal number at the start of `text`; an "e" belongs to it only before digits. */
static size_t number_length(const char *text) {
    static const char digits[] = "0123456789";
    size_t n = *text == '-' || *text == '+';
    n += strspn(text + n, "0123456789.");
    if (text[n] == 'e' || text[n] == 'E') {
        size_t sign = text[n + 1] == '-' || text[n + 1] == '+';
        size_t exponent = strspn(text + n + 1 + sign, digits);
        if (exponent > 0)
            n += 1 + sign + exponent;
    }
    return n;
}

/* The number times 10^exponent, rounded once: the exponents are added as text. Multiplying doubles
 * would make "100 ns" differ from "1e-7" in the last bit, and so their hashes. */
static bool scaled_number(const char *number, int exponent, double *value) {
    char text[NUMBER_MAX_LENGTH + 16];
    double plain;
    if (!text_to_real(number, &plain))
        return false;
    size_t mantissa = strcspn(number, "eE");
    long written = number[mantissa] == '\0' ? 0 : strtol(number + mantissa + 1, NULL, 10);
    snprintf(text, sizeof text, "%.*se%ld", (int)mantissa, number, written + exponent);
    return text_to_real(text, value);
}

bool unit_parse(const char *text, enum unit unit, double *si) {
    char number[NUMBER_MAX_LENGTH + 1];
    size_t length = number_length(text);
    if (length == 0 || length > NUMBER_MAX_LENGTH)
        return false;
    memcpy(number, text, length);
    number[length] = '\0';
    const char *suffix = text + length;
    if (*suffix == ' ' || *suffix == '\t') {
        suffix += strspn(suffix, " \t");
        if (*suffix == '\0')
            return false;
    }
    int exponent;
    double factor = binary_factor(suffix, unit);
    if (factor > 0.0) {
        double count;
        if (!text_to_real(number, &count))
            return false;
        *si = count * factor;
        return isfinite(*si);
    }
    return suffix_exponent(suffix, &units[unit], &exponent) && scaled_number(number, exponent, si);
}

/* Three significant digits, four from 100 on: "6.27", "62.7", "627.5". */
static int significant_digits(double magnitude) {
    return magnitude >= 99.95 ? 4 : 3;
}

static char *format_plain(double value, const struct unit_row *row, char *buffer, size_t size) {
    const char *space = row->symbol[0] == '\0' ? "" : " ";
    double magnitude = fabs(value);
    if (magnitude >= 9999.5 && magnitude < 1e15)
        snprintf(buffer, size, "%.0f%s%s", value, space, row->symbol);
    else
        snprintf(buffer, size, "%.4g%s%s", value, space, row->symbol);
    return buffer;
}

/* Whole binary multiples are written as such: "64 KiB". */
static bool format_binary(double bytes, char *buffer, size_t size) {
    for (int i = N_WRITTEN_MULTIPLES - 1; i >= 0; i--)
        if (bytes >= binary_multiples[i].factor && fmod(bytes, binary_multiples[i].factor) == 0) {
            snprintf(buffer, size, "%.0f %s", bytes / binary_multiples[i].factor,
                     binary_multiples[i].symbol);
            return true;
        }
    return false;
}

char *unit_format(double si, enum unit unit, char *buffer, size_t size) {
    const struct unit_row *row = &units[unit];
    if (unit == UNIT_BYTE && format_binary(si, buffer, size))
        return buffer;
    if (row->dimension == 0 || si == 0.0 || !isfinite(si))
        return format_plain(si, row, buffer, size);
    size_t chosen = 0;
    for (size_t i = 0; i < N_WRITTEN_PREFIXES; i++) {
        int exponent = prefixes[i].exponent;
        if (exponent < row->min_exponent || exponent > row->max_exponent)
            continue;
        /* The smallest number shown with this prefix; areas go down to 0.01 mm2. */
        double least = row->dimension == 2 ? 0.01 : 0.99995;
        double shown = fabs(si) / pow(10.0, exponent * row->dimension);
        if (exponent == row->min_exponent || shown >= least)
            chosen = i;
    }
    double shown = si / pow(10.0, prefixes[chosen].exponent * row->dimension);
    if (fabs(shown) >= 9999.5 && fabs(shown) < 1e15)
        snprintf(buffer, size, "%.0f %s%s", shown, prefixes[chosen].symbol, row->symbol);
    else
        snprintf(buffer, size, "%.*g %s%s", significant_digits(fabs(shown)), shown,
                 prefixes[chosen].symbol, row->symbol);
    return buffer;
}
