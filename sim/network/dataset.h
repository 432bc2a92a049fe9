/* Datasets: images and labels from IDX, CIFAR-10 binary, NPY or NPZ files, plain or .gz (IDX). */
#ifndef MHO_NETWORK_DATASET_H
#define MHO_NETWORK_DATASET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "sim/base/base.h"
#include "sim/config/config.h"

enum dataset_format { DATASET_IDX, DATASET_CIFAR10, DATASET_NPY, DATASET_NPZ };

/* Options of section `dataset`. */
struct dataset_options {
    int format;         /* enum dataset_format */
    const char *images; /* file of test images (cifar10: images and labels) */
    const char *labels; /* file of labels; NULL for cifar10, or npz with arrays x and y */
    int count;          /* images to use; 0: all from `offset` on */
    int offset;         /* first image to use */
    struct config_reals mean, std; /* per channel or one for all, after pixels are scaled to 0..1 */
    const char *calibration;       /* image file of the same format; labels unused; NULL: none */
    int calibration_count;         /* images to use of it, 1024 */
};
extern const struct config_section dataset_section;

/* Images, as stored: 8-bit pixels or floats, image-major, NCHW. */
struct dataset {
    int count;
    int channels, height, width;
    const uint8_t *pixels; /* [count][channels][height][width]; NULL when the file holds floats */
    const float *floats;   /* the same for float files: taken as they are, before mean and std */
    const int32_t *labels; /* [count], or NULL when none were asked for */
    float *mean, *std;     /* [channels] */
    char content_hash[33]; /* XXH3-128 over the images and labels used */
    struct arena arena;
};

enum dataset_part { DATASET_TEST, DATASET_CALIBRATION };

/* Loads the part asked for. Checks counts, shapes (against `shape` = {channels, height, width} of
 * the network's input) and that labels are below `classes`. */
enum status dataset_load(const struct dataset_options *options, enum dataset_part part,
                         const int shape[3], int classes, struct dataset *dataset,
                         struct diagnostic *diag);
void dataset_free(struct dataset *dataset);

/* How many of `images` are `among` the images of another dataset, by content. */
enum status dataset_overlap(const struct dataset *among, const struct dataset *images, int *shared,
                            struct diagnostic *diag);

/* Image `index` as the network's float32 input, NCHW: (pixel/255 - mean) / std in float32. */
void dataset_image(const struct dataset *dataset, int index, float *out);

/* Writes values [rows][columns] as an int32 NPY file (predictions), atomically; one row as an array
 * of one dimension. */
enum status npy_write_int32(const char *path, const int32_t *values, size_t rows, size_t columns,
                            struct diagnostic *diag);

#endif
