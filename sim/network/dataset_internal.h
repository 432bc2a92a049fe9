/* What the dataset readers share: requests, and arrays of numbers found in files. Private. */
#ifndef MHO_NETWORK_DATASET_INTERNAL_H
#define MHO_NETWORK_DATASET_INTERNAL_H

#include "sim/network/dataset.h"
#include "sim/network/stream.h"

/* One part of a dataset as asked for. */
struct dataset_request {
    const char *images;
    const char *labels; /* NULL: no labels wanted, or they lie in `images` */
    bool with_labels;
    int offset;
    int count;         /* 0: all from `offset` on */
    bool at_most;      /* fewer than `count` will do */
    uint64_t shape[3]; /* the network's input: channels, height, width */
    int classes;
};

/* Product of the sizes; false when one is 0 or beyond int, or the product beyond uint64_t. */
bool shape_values(const uint64_t shape[3], uint64_t *values);

/* Which images of `available` the request means; `file` is for messages. */
enum status request_range(const struct dataset_request *request, uint64_t available,
                          const char *file, int *count, struct diagnostic *diag);

/* Compares the images' shape with the network's input and sets it in `dataset`. A flat input (two
 * of its three sizes are 1) takes images of any shape with as many values. */
enum status request_shape(const struct dataset_request *request, const uint64_t shape[3],
                          const char *file, struct dataset *dataset, struct diagnostic *diag);

/* Checks one label, of image `index` of the file, against the number of classes. */
enum status request_label(const struct dataset_request *request, int64_t label, int index,
                          const char *file, struct diagnostic *diag);

enum element { ELEMENT_U8, ELEMENT_I32, ELEMENT_I64, ELEMENT_F32, ELEMENT_F64 };
size_t element_bytes(enum element element);
const char *element_name(enum element element); /* as numpy calls it */

enum { ARRAY_MAX_RANK = 4 };

/* An array in a file: `stream` stands at its first value; row-major, little-endian. */
struct array {
    struct stream stream;
    enum element element;
    int rank;
    uint64_t shape[ARRAY_MAX_RANK];
};

enum array_role { ARRAY_IMAGES, ARRAY_LABELS };

/* Opens the array of a file: checks its header, and the length of the file against it. `role`
 * matters to formats that hold several. Close the stream in the end; it is closed on failure. */
typedef enum status array_open(const char *path, enum array_role role, struct arena *arena,
                               struct array *array, struct diagnostic *diag);
array_open idx_open, npy_open, npz_open;

/* Fails unless exactly the array's values follow in its stream. */
enum status array_check_length(const struct array *array, struct diagnostic *diag);

/* Reads the images, or the labels, that the request means into `dataset`. `images` is the number
 * of images in the image file; labels must be as many. */
enum status array_images(struct array *array, const struct dataset_request *request,
                         struct dataset *dataset, struct diagnostic *diag);
enum status array_labels(struct array *array, const struct dataset_request *request,
                         uint64_t images, struct dataset *dataset, struct diagnostic *diag);

/* CIFAR-10 binary: records of a label and an image. */
enum status cifar10_load(const struct dataset_request *request, struct dataset *dataset,
                         struct diagnostic *diag);

#endif
