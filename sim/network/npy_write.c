#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sim/network/dataset.h"

/* Version 1.0; numpy wants the data to start at a multiple of 64 bytes. */
enum { PREFIX_BYTES = 10, DATA_START = 128 };

enum status npy_write_int32(const char *path, const int32_t *values, size_t count,
                            struct diagnostic *diag) {
    if (count > (SIZE_MAX - DATA_START) / sizeof *values)
        return FAIL_MEMORY(diag, "an NPY file");
    size_t bytes = DATA_START + count * sizeof *values;
    char *file = malloc(bytes);
    if (file == NULL)
        return FAIL_MEMORY(diag, "an NPY file");
    char header[DATA_START + 1];
    memset(file, ' ', DATA_START);
    memcpy(file, "\x93NUMPY\x01\x00", 8);
    file[8] = DATA_START - PREFIX_BYTES;
    file[9] = 0;
    int length = snprintf(header, sizeof header,
                          "{'descr': '<i4', 'fortran_order': False, 'shape': (%zu,), }", count);
    memcpy(file + PREFIX_BYTES, header, (size_t)length);
    file[DATA_START - 1] = '\n';
    if (count > 0)
        memcpy(file + DATA_START, values, count * sizeof *values);
    enum status status = file_write(path, file, bytes, diag);
    free(file);
    return status;
}
