/* Drive: a program over many images, in batches on several threads. */
#ifndef MHO_ENGINE_DRIVE_H
#define MHO_ENGINE_DRIVE_H

#include "sim/engine/program.h"

struct engine {
    struct program program;
};

/* What to do beside running. The callbacks get the context of the thread that calls them. */
struct drive {
    const struct engine_request *request;
    program_observer *observe; /* may be NULL */
    /* After each batch, whose first image is `first` (counted from the request's first); the
     * program's output is in place. May be NULL. */
    void (*finish)(void *context, const struct frame *frame, int first);
    void **contexts;                 /* [drive_threads] */
    struct layer_activity *activity; /* [n_matrix], added to; NULL: not measured */
};

/* Threads that a request is run on. */
int drive_threads(const struct engine *engine, const struct engine_request *request);

/* Refuses a request that does not fit the network or its dataset. */
enum status drive_check(const struct engine *engine, const struct engine_request *request,
                        struct diagnostic *diag);

enum status drive_images(const struct engine *engine, const struct drive *drive,
                         struct diagnostic *diag);

#endif
