/* Copies: data movement between values as runs of elements, worked out at compile time. */
#ifndef MHO_ENGINE_COPY_H
#define MHO_ENGINE_COPY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "sim/engine/program.h"

/* Which source element lands on each element of a target, in logical indices: along dimension d
 * the source coordinate is i_d - begin[d], the element is left alone where that is outside
 * 0..extent[d]-1, and the source's logical linear index is the sum of coordinate * stride[d]. */
struct copy_view {
    int rank;
    int shape[NETWORK_MAX_RANK]; /* of the target, or {count} for values kept in linear order */
    int begin[NETWORK_MAX_RANK], extent[NETWORK_MAX_RANK];
    size_t stride[NETWORK_MAX_RANK];
};

/* What fills the elements that no run writes: pad wants it, concat leaves them to its other inputs.
 */
struct copy_fill {
    bool wanted;
    float as_float;
    uint8_t as_byte;
};

struct copy_run {
    uint32_t from, to, length; /* elements of one image */
};

struct copy_plan {
    struct copy_run *runs;
    size_t n_runs;
    size_t covered;              /* elements of the target that the runs write */
    size_t from_count, to_count; /* elements of one image */
    size_t element;              /* bytes */
    struct copy_fill fill;
};

/* The same elements in the same logical order (reshape, or only a change of layout). */
struct copy_view copy_view_linear(const struct tensor *target);

/* Numpy broadcasting of `source` to the shape of `target`. */
struct copy_view copy_view_broadcast(const struct tensor *source, const struct tensor *target);

/* `source` lies in `target` with its dimensions in the same order, from begin[d] on (zeros). */
struct copy_view copy_view_inside(const struct tensor *source, const struct tensor *target);

/* The plan comes without a fill. */
enum status copy_plan_create(const struct copy_view *view, const struct value *source,
                             const struct value *target, struct arena *arena,
                             struct copy_plan *plan, struct diagnostic *diag);

/* Whether the plan moves nothing: the target's bytes are the source's. */
bool copy_plan_identity(const struct copy_plan *plan);

/* Runs the plan for one image. */
void copy_plan_apply(const struct copy_plan *plan, const void *source, void *target);

#endif
