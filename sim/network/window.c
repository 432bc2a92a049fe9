#include <string.h>

#include "sim/network/import.h"

static enum status read_auto_pad(struct importer *importer, enum auto_pad *auto_pad) {
    static const struct {
        const char *name;
        enum auto_pad value;
    } words[] = {
        {"", AUTO_PAD_NONE},
        {"NOTSET", AUTO_PAD_NONE},
        {"VALID", AUTO_PAD_VALID},
        {"SAME_UPPER", AUTO_PAD_SAME_UPPER},
        {"SAME_LOWER", AUTO_PAD_SAME_LOWER},
    };
    char text[32];
    TRY(attribute_string(importer, "auto_pad", text));
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (strcmp(words[i].name, text) == 0) {
            *auto_pad = words[i].value;
            return STATUS_OK;
        }
    return IMPORT_FAIL(importer, "auto_pad '%s' is unknown: export with explicit pads", text);
}

/* A list of `n` values, or ones. With one spatial dimension, it is the width. */
static enum status read_list(struct importer *importer, const char *name, int spatial,
                             int64_t out[2]) {
    const int64_t *values;
    size_t n;
    TRY(attribute_ints(importer, name, &values, &n));
    if (n != 0 && n != (size_t)spatial)
        return IMPORT_FAIL(importer,
                           "attribute '%s' has %zu values, not %d: export the model "
                           "again",
                           name, n, spatial);
    out[0] = out[1] = 1;
    for (size_t i = 0; i < n; i++)
        out[2 - spatial + (int)i] = values[i];
    return STATUS_OK;
}

static enum status read_pads(struct importer *importer, int spatial, struct window_spec *spec) {
    const int64_t *pads;
    size_t n;
    TRY(attribute_ints(importer, "pads", &pads, &n));
    if (n != 0 && n != 2 * (size_t)spatial)
        return IMPORT_FAIL(importer,
                           "attribute 'pads' has %zu values, not %d: export the model "
                           "again",
                           n, 2 * spatial);
    for (int i = 0; n != 0 && i < spatial; i++) {
        spec->pad_begin[2 - spatial + i] = pads[i];
        spec->pad_end[2 - spatial + i] = pads[spatial + i];
    }
    return STATUS_OK;
}

static enum status read_kernel(struct importer *importer, const int *kernel, int spatial,
                               struct window_spec *spec) {
    TRY(read_list(importer, "kernel_shape", spatial, spec->kernel));
    if (kernel == NULL) {
        if (attribute_find(importer, "kernel_shape") == NULL)
            return IMPORT_FAIL(importer, "attribute 'kernel_shape' is missing: export the model "
                                         "again");
        return STATUS_OK;
    }
    bool given = attribute_find(importer, "kernel_shape") != NULL;
    for (int i = 0; i < spatial; i++) {
        int64_t *size = &spec->kernel[2 - spatial + i];
        if (given && *size != kernel[i])
            return IMPORT_FAIL(importer, "kernel_shape differs from the weights' shape: export "
                                         "the model again");
        *size = kernel[i];
    }
    return STATUS_OK;
}

enum status import_window(struct importer *importer, const struct shape *in, const int *kernel,
                          struct window *window, struct shape *out) {
    int spatial = in->rank - 2;
    if (spatial < 1 || spatial > 2)
        return IMPORT_FAIL(importer,
                           "its input has %d dimensions: mho takes (batch, channels, "
                           "width) or (batch, channels, height, width)",
                           in->rank);
    struct window_spec spec = {0};
    int64_t ceil_mode;
    TRY(read_kernel(importer, kernel, spatial, &spec));
    TRY(read_list(importer, "strides", spatial, spec.stride));
    TRY(read_list(importer, "dilations", spatial, spec.dilation));
    TRY(read_pads(importer, spatial, &spec));
    TRY(read_auto_pad(importer, &spec.auto_pad));
    TRY(attribute_int(importer, "ceil_mode", 0, &ceil_mode));
    spec.ceil_mode = kernel == NULL && ceil_mode != 0;
    int size[2] = {spatial == 2 ? in->dims[2] : 1, in->dims[in->rank - 1]};
    int result[2];
    const char *problem = window_resolve(&spec, size, window, result);
    if (problem != NULL)
        return IMPORT_FAIL(importer, "%s: export the model again", problem);
    *out = *in;
    for (int i = 0; i < spatial; i++)
        out->dims[2 + i] = result[2 - spatial + i];
    return STATUS_OK;
}
