/* Lists of array sizes. */
#include <stdio.h>
#include <string.h>

#include "crossbar/geometry.h"

enum { SIZE_MAX_LINES = 4096 }; /* as crossbar.rows and columns */

static bool is_listed(const struct crossbar_size *sizes, int n, struct crossbar_size size) {
    for (int i = 0; i < n; i++)
        if (sizes[i].rows == size.rows && sizes[i].columns == size.columns)
            return true;
    return false;
}

enum status crossbar_sizes_read(const char *text, struct crossbar_size sizes[CROSSBAR_SIZES_MAX],
                                int *n, struct diagnostic *diag) {
    const char *rest = text + strspn(text, " ");
    *n = 0;
    for (bool more = true; more;) {
        struct crossbar_size size;
        int end = 0, length = (int)strcspn(rest, ",");
        int read = sscanf(rest, "%4d x%4d %n", &size.rows, &size.columns, &end);
        if (read != 2 || (rest[end] != '\0' && rest[end] != ','))
            return FAIL(diag, STATUS_USAGE,
                        "\"%.*s\" is no size of an array: write rows x columns, as 64x64, 128x32",
                        length, rest);
        if (size.rows < 1 || size.columns < 1 || size.rows > SIZE_MAX_LINES ||
            size.columns > SIZE_MAX_LINES)
            return FAIL(diag, STATUS_USAGE, "arrays of %.*s: expected 1 to %d rows and columns",
                        length, rest, SIZE_MAX_LINES);
        if (!is_listed(sizes, *n, size)) {
            if (*n == CROSSBAR_SIZES_MAX)
                return FAIL(diag, STATUS_USAGE, "more than %d sizes of arrays", CROSSBAR_SIZES_MAX);
            sizes[(*n)++] = size;
        }
        more = rest[end] == ',';
        rest += end + more;
        rest += strspn(rest, " ");
    }
    return STATUS_OK;
}
