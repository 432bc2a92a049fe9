#include "tests/bench/images.h"

#include <stdio.h>
#include <string.h>

enum { CHANNELS = 3, SIDE = 32, PIXELS = CHANNELS * SIDE * SIDE, CLASSES = 10 };

static enum status read_records(FILE *stream, int count, uint8_t *pixels, int32_t *labels,
                                struct diagnostic *diag) {
    for (int i = 0; i < count; i++) {
        int label = getc(stream);
        if (label == EOF || fread(pixels + (size_t)i * PIXELS, 1, PIXELS, stream) != PIXELS)
            return FAIL(diag, STATUS_USAGE, "%s: xz gave %d of %d images: is xz installed?",
                        IMAGES_CIFAR, i, count);
        labels[i] = label;
    }
    return STATUS_OK;
}

enum status images_cifar(int count, struct dataset *images, struct diagnostic *diag) {
    static const float mean[CHANNELS] = {.4914F, .4822F, .4465F};
    static const float std[CHANNELS] = {.2470F, .2435F, .2616F};
    *images = (struct dataset){
        .count = count, .channels = CHANNELS, .height = SIDE, .width = SIDE, .arena = ARENA_INIT};
    uint8_t *pixels = ARENA_NEW(&images->arena, (size_t)count * PIXELS, uint8_t);
    int32_t *labels = ARENA_NEW(&images->arena, count, int32_t);
    images->mean = ARENA_NEW(&images->arena, CHANNELS, float);
    images->std = ARENA_NEW(&images->arena, CHANNELS, float);
    images->pixels = pixels;
    images->labels = labels;
    enum status status = STATUS_OK;
    if (pixels == NULL || labels == NULL || images->mean == NULL || images->std == NULL) {
        status = FAIL_MEMORY(diag, "images");
    } else {
        memcpy(images->mean, mean, sizeof mean);
        memcpy(images->std, std, sizeof std);
        FILE *stream = popen("xz -dc " IMAGES_CIFAR, "r");
        if (stream == NULL)
            status = FAIL(diag, STATUS_USAGE, "cannot run xz");
        else
            status = read_records(stream, count, pixels, labels, diag);
        if (stream != NULL)
            pclose(stream); /* xz may have been stopped half-way, so its status says nothing */
    }
    if (status != STATUS_OK)
        dataset_free(images);
    return status;
}

enum status images_fashion(int count, struct dataset *images, struct diagnostic *diag) {
    static const int shape[3] = {1, 28, 28};
    const struct dataset_options options = {
        .format = DATASET_IDX,
        .images = "configs/data/fashion-mnist/test-1000-images-idx3-ubyte.gz",
        .labels = "configs/data/fashion-mnist/test-1000-labels-idx1-ubyte.gz",
        .count = count,
    };
    return dataset_load(&options, DATASET_TEST, shape, CLASSES, images, diag);
}
