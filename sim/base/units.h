/* Units: SI inside, prefixed text at the borders. */
#ifndef MHO_BASE_UNITS_H
#define MHO_BASE_UNITS_H

#include <stdbool.h>
#include <stddef.h>

enum unit {
    UNIT_NONE, /* a plain number */
    UNIT_SECOND,
    UNIT_HERTZ,
    UNIT_JOULE,
    UNIT_WATT,
    UNIT_METRE,
    UNIT_SQUARE_METRE,
    UNIT_VOLT,
    UNIT_OHM,
    UNIT_SIEMENS,
    UNIT_BYTE,
    UNIT_PERCENT,
    UNIT_KELVIN,
    UNIT_FARAD,
    UNIT_COUNT
};

/* Symbol as written after a number ("s", "Hz", "m2", ""). */
const char *unit_symbol(enum unit unit);

/* What a unit measures ("time", "number"), and the ways to write it, for messages ("s, ms, us, ns,
 * ps"; "" for a plain number). */
const char *unit_quantity(enum unit unit);
const char *unit_spellings(enum unit unit);
/* "a" or "an", before the quantity. */
const char *unit_article(enum unit unit);

/* Parses "100 ns", "0.372 mm2", "1.2 GHz", "40uS" or a bare number (taken as SI) into SI units.
 * False when the number, the prefix or the dimension is wrong. The result is the double nearest to
 * the decimal number, so "100 ns" and "1e-7" are the same. */
bool unit_parse(const char *text, enum unit unit, double *si);

/* Writes `si` with three or four significant digits and the prefix that keeps the number between 1
 * and 1000 ("6.27 ms", "0.372 mm2", "1.67 pJ"); areas use um2, mm2. Returns `buffer`. */
char *unit_format(double si, enum unit unit, char *buffer, size_t size);

#endif
