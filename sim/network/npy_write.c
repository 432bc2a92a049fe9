#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sim/network/dataset.h"

/* Version 1.0; numpy wants the data to start at a multiple of 64 bytes. */
enum { PREFIX_BYTES = 10, DATA_START = 128 };

enum status npy_write_int32(const char *path, const int32_t *values, size_t rows, size_t columns,
                            struct diagnostic *diag) {
    if (columns > 0 && rows > (SIZE_MAX - DATA_START) / sizeof *values / columns)
        return FAIL_MEMORY(diag, "an NPY file");
    size_t count = rows * columns;
    char outer[32] = "", header[DATA_START + 1];
    if (rows != 1)
        snprintf(outer, sizeof outer, "%zu, ", rows);
    size_t bytes = DATA_START + count * sizeof *values;
    char *file = malloc(bytes);
    if (file == NULL)
        return FAIL_MEMORY(diag, "an NPY file");
    memset(file, ' ', DATA_START);
    memcpy(file, "\x93NUMPY\x01\x00", 8);
    file[8] = DATA_START - PREFIX_BYTES;
    file[9] = 0;
    int length = snprintf(header, sizeof header,
                          "{'descr': '<i4', 'fortran_order': False, 'shape': (%s%zu%s), }", outer,
                          columns, rows == 1 ? "," : "");
    memcpy(file + PREFIX_BYTES, header, (size_t)length);
    file[DATA_START - 1] = '\n';
    if (count > 0)
        memcpy(file + DATA_START, values, count * sizeof *values);
    enum status status = file_write(path, file, bytes, diag);
    free(file);
    return status;
}
