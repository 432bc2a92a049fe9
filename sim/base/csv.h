/* Comma-separated values as RFC 4180 has them, but for lines that end as Unix text does. */
#ifndef MHO_BASE_CSV_H
#define MHO_BASE_CSV_H

#include <stdio.h>

/* One field: in double quotes where it holds a comma, a quote, the end of a line, or nothing, so
 * that an empty text differs from no value (NULL: an empty field). */
void csv_field(FILE *out, const char *text);

#endif
