/* NPZ: a zip archive of NPY files, one for each array. */
#include "sim/network/npy.h"

static const char *const members[][3] = {
    [ARRAY_IMAGES] = {"x.npy", "images.npy", NULL},
    [ARRAY_LABELS] = {"y.npy", "labels.npy", NULL},
};

enum status npz_open(const char *path, enum array_role role, struct arena *arena,
                     struct array *array, struct diagnostic *diag) {
    *array = (struct array){0};
    TRY(stream_open_zip(path, members[role], arena, &array->stream, diag));
    enum status status = npy_read_header(array, arena, diag);
    if (status != STATUS_OK)
        stream_close(&array->stream);
    return status;
}
