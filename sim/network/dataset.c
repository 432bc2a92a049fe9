#include "sim/network/dataset.h"

#include <math.h>
#include <stdio.h>
#include <string.h>
#include <xxhash.h>

#include "sim/network/dataset_internal.h"

static const char *const format_words[] = {
    [DATASET_IDX] = "idx", [DATASET_CIFAR10] = "cifar10", [DATASET_NPY] = "npy",
    [DATASET_NPZ] = "npz", [DATASET_NPZ + 1] = NULL,
};

/* How a format is read: as two arrays, or by a function of its own. */
static const struct {
    array_open *open;
    enum status (*load)(const struct dataset_request *request, struct dataset *dataset,
                        struct diagnostic *diag);
    bool labels_inside; /* without dataset.labels, the image file holds them */
} formats[] = {
    [DATASET_IDX] = {.open = idx_open},
    [DATASET_CIFAR10] = {.load = cifar10_load, .labels_inside = true},
    [DATASET_NPY] = {.open = npy_open},
    [DATASET_NPZ] = {.open = npz_open, .labels_inside = true},
};

#define FIELD(member) .name = #member, .offset = offsetof(struct dataset_options, member)

static const struct config_field fields[] = {
    {FIELD(format), .type = FIELD_CHOICE, .default_text = "idx", .words = format_words,
     .help = "format of the files; any but npz may be packed with gzip or xz"},
    {FIELD(images), .type = FIELD_PATH,
     .help = "test images: IDX or NPY array (n,h,w) or (n,c,h,w), NPZ with x, CIFAR-10 batch"},
    {FIELD(labels), .type = FIELD_PATH,
     .help = "labels of the test images; cifar10 and npz hold them beside the images"},
    {FIELD(count), .type = FIELD_INT, .default_text = "0", .maximum = 1e9,
     .help = "test images to use; 0: all"},
    {FIELD(offset), .type = FIELD_INT, .default_text = "0", .maximum = 1e9,
     .help = "first test image to use"},
    {FIELD(mean), .type = FIELD_REALS, .default_text = "0", .minimum = -1e6, .maximum = 1e6,
     .help = "subtracted from pixel/255; one, or one for each channel"},
    {FIELD(std), .type = FIELD_REALS, .default_text = "1", .minimum = 0, .maximum = 1e6,
     .help = "divisor after the mean; one, or one for each channel; not 0"},
    {FIELD(calibration), .type = FIELD_PATH,
     .help = "images that set quantisation and ADC ranges, in the same format; never the test's"},
    {FIELD(calibration_count), .type = FIELD_INT, .default_text = "1024", .minimum = 1,
     .maximum = 1e9, .help = "calibration images to use, at most"},
};

const struct config_section dataset_section = {
    .name = "dataset",
    .help = "test and calibration images",
    .fields = fields,
    .n_fields = sizeof fields / sizeof *fields,
    .size = sizeof(struct dataset_options),
};

static enum status read_label_array(array_open *open, const struct dataset_request *request,
                                    uint64_t images, struct dataset *dataset,
                                    struct diagnostic *diag) {
    const char *path = request->labels != NULL ? request->labels : request->images;
    struct array array;
    TRY(open(path, ARRAY_LABELS, &dataset->arena, &array, diag));
    enum status status = array_labels(&array, request, images, dataset, diag);
    stream_close(&array.stream);
    return status;
}

static enum status read_arrays(array_open *open, const struct dataset_request *request,
                               struct dataset *dataset, struct diagnostic *diag) {
    struct array array;
    TRY(open(request->images, ARRAY_IMAGES, &dataset->arena, &array, diag));
    uint64_t images = array.shape[0];
    enum status status = array_images(&array, request, dataset, diag);
    stream_close(&array.stream);
    if (status == STATUS_OK && request->with_labels)
        status = read_label_array(open, request, images, dataset, diag);
    return status;
}

/* One value for all channels, or one for each; `fallback` when unset. */
static enum status per_channel(const char *key, const struct config_reals *reals, float fallback,
                               struct dataset *dataset, float **out, struct diagnostic *diag) {
    size_t channels = (size_t)dataset->channels;
    if (reals->count > 1 && reals->count != channels)
        return FAIL(diag, STATUS_USAGE, "dataset.%s: %zu values, but the images have %zu channel%s",
                    key, reals->count, channels, channels == 1 ? "" : "s");
    *out = ARENA_NEW(&dataset->arena, channels, float);
    if (*out == NULL)
        return FAIL_MEMORY(diag, "normalisation");
    for (size_t c = 0; c < channels; c++) {
        if (reals->count > 0)
            (*out)[c] = (float)reals->values[reals->count == 1 ? 0 : c];
        else
            (*out)[c] = fallback;
        if (!isfinite((*out)[c]))
            return FAIL(diag, STATUS_USAGE, "dataset.%s: not a finite float32 number", key);
    }
    return STATUS_OK;
}

static enum status set_normalisation(const struct dataset_options *options, struct dataset *dataset,
                                     struct diagnostic *diag) {
    TRY(per_channel("mean", &options->mean, 0.0f, dataset, &dataset->mean, diag));
    TRY(per_channel("std", &options->std, 1.0f, dataset, &dataset->std, diag));
    for (int c = 0; c < dataset->channels; c++)
        if (!(dataset->std[c] > 0.0f))
            return FAIL(diag, STATUS_USAGE,
                        "dataset.std: must be above 0, pixels are divided by it");
    return STATUS_OK;
}

static size_t values_per_image(const struct dataset *dataset) {
    return (size_t)dataset->channels * (size_t)dataset->height * (size_t)dataset->width;
}

static enum status hash_content(struct dataset *dataset, struct diagnostic *diag) {
    XXH3_state_t *state = XXH3_createState();
    if (state == NULL)
        return FAIL_MEMORY(diag, "hashing images");
    const int32_t head[] = {dataset->pixels != NULL, dataset->labels != NULL, dataset->count,
                            dataset->channels,       dataset->height,         dataset->width};
    size_t count = (size_t)dataset->count, values = count * values_per_image(dataset);
    XXH3_128bits_reset(state);
    XXH3_128bits_update(state, head, sizeof head);
    if (dataset->pixels != NULL)
        XXH3_128bits_update(state, dataset->pixels, values);
    else
        XXH3_128bits_update(state, dataset->floats, values * sizeof *dataset->floats);
    if (dataset->labels != NULL)
        XXH3_128bits_update(state, dataset->labels, count * sizeof *dataset->labels);
    XXH128_hash_t hash = XXH3_128bits_digest(state);
    XXH3_freeState(state);
    snprintf(dataset->content_hash, sizeof dataset->content_hash, "%016llx%016llx",
             (unsigned long long)hash.high64, (unsigned long long)hash.low64);
    return STATUS_OK;
}

static enum status load(const struct dataset_options *options,
                        const struct dataset_request *request, struct dataset *dataset,
                        struct diagnostic *diag) {
    int format = options->format;
    if (formats[format].load != NULL)
        TRY(formats[format].load(request, dataset, diag));
    else
        TRY(read_arrays(formats[format].open, request, dataset, diag));
    TRY(set_normalisation(options, dataset, diag));
    return hash_content(dataset, diag);
}

enum status dataset_load(const struct dataset_options *options, enum dataset_part part,
                         const int shape[3], int classes, struct dataset *dataset,
                         struct diagnostic *diag) {
    *dataset = (struct dataset){0};
    struct dataset_request request = {.classes = classes};
    for (int i = 0; i < 3; i++)
        request.shape[i] = shape[i] > 0 ? (uint64_t)shape[i] : 0;
    if (part == DATASET_TEST) {
        request.images = options->images;
        request.labels = options->labels;
        request.with_labels = options->labels != NULL || formats[options->format].labels_inside;
        request.offset = options->offset;
        request.count = options->count;
    } else {
        request.images = options->calibration;
        request.count = options->calibration_count;
        request.at_most = true;
    }
    if (request.images == NULL)
        return FAIL(diag, STATUS_USAGE, "dataset.%s is not set; give %s",
                    part == DATASET_TEST ? "images" : "calibration",
                    part == DATASET_TEST ? "a file of test images, or set run.accuracy: false"
                                         : "a file of images to calibrate with");
    enum status status = load(options, &request, dataset, diag);
    if (status != STATUS_OK)
        dataset_free(dataset);
    return status;
}

void dataset_free(struct dataset *dataset) {
    if (dataset == NULL)
        return;
    arena_free(&dataset->arena);
    *dataset = (struct dataset){0};
}

void dataset_image(const struct dataset *dataset, int index, float *out) {
    size_t plane = (size_t)dataset->height * (size_t)dataset->width;
    size_t start = (size_t)index * values_per_image(dataset);
    for (int c = 0; c < dataset->channels; c++) {
        float mean = dataset->mean[c], std = dataset->std[c];
        for (size_t i = 0; i < plane; i++) {
            size_t at = (size_t)c * plane + i;
            float value = dataset->pixels != NULL ? (float)dataset->pixels[start + at] / 255.0f
                                                  : dataset->floats[start + at];
            out[at] = (value - mean) / std;
        }
    }
}
