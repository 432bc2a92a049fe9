/* The alternating direction method of multipliers over masks. W is free and minimises the error,
 * Z lies in the scheme's set, U is the scaled dual variable that pulls them together; rho rises so
 * that early iterations explore masks and the last ones settle on one. */
#include <cblas.h>
#include <math.h>
#include <string.h>

#include "pruning/lapack.h"
#include "pruning/reconstruct_internal.h"

enum { ITERATIONS = 15, FEWEST = 5 }; /* at each rho */
static const double rhos[] = {0.03, 0.1, 0.3, 1, 3, 10};
static const double SETTLED_RHO = 1; /* from here on, stop once the mask stays */

struct admm {
    const struct reconstruct_request *request;
    const struct normal *normal;
    const double *factors;
    float *inverse;       /* [groups][rows][rows] (G + rho I)^-1 */
    float *w, *z, *u, *v; /* [columns][rows] */
    uint8_t *last_mask;   /* [columns][rows] */
    double *scores;       /* [columns][rows] */
    struct arena arena;
};

static enum status allocate(struct admm *a, struct diagnostic *diag) {
    size_t rows = (size_t)a->normal->rows, columns = (size_t)a->normal->columns;
    a->inverse = arena_alloc(&a->arena, (size_t)a->normal->groups * rows, rows * sizeof(float));
    a->w = arena_alloc(&a->arena, columns, rows * sizeof(float));
    a->z = arena_alloc(&a->arena, columns, rows * sizeof(float));
    a->u = arena_alloc(&a->arena, columns, rows * sizeof(float));
    a->v = arena_alloc(&a->arena, columns, rows * sizeof(float));
    a->last_mask = ARENA_NEW(&a->arena, rows * columns, uint8_t);
    a->scores = arena_alloc(&a->arena, columns, rows * sizeof(double));
    if (a->inverse == NULL || a->w == NULL || a->z == NULL || a->u == NULL || a->v == NULL ||
        a->last_mask == NULL || a->scores == NULL)
        return FAIL_MEMORY(diag, "the reconstruction of a layer");
    return STATUS_OK;
}

/* G has a unit diagonal and is positive semidefinite, so single precision holds its inverse from
 * rho = 0.03 on. */
static enum status invert(const struct admm *a, double rho, struct diagnostic *diag) {
    size_t k = (size_t)a->normal->rows;
    for (int group = 0; group < a->normal->groups; group++) {
        const double *g = a->normal->g + (size_t)group * k * k;
        float *inverse = a->inverse + (size_t)group * k * k;
        for (size_t i = 0; i < k * k; i++)
            inverse[i] = (float)g[i];
        for (size_t r = 0; r < k; r++)
            inverse[r * k + r] += (float)rho;
        int info = 0;
        spotrf_("L", &a->normal->rows, inverse, &a->normal->rows, &info);
        if (info == 0)
            spotri_("L", &a->normal->rows, inverse, &a->normal->rows, &info);
        for (size_t column = 0; column < k; column++) /* the other triangle: sgemm is faster */
            for (size_t r = column + 1; r < k; r++)
                inverse[r * k + column] = inverse[column * k + r];
        if (info != 0)
            return FAIL(diag, STATUS_INTERNAL,
                        "layer %s: a damped Gram matrix is not positive definite",
                        a->request->matrix->name);
    }
    return STATUS_OK;
}

/* W = (G + rho I)^-1 (C + rho (Z - U)). */
static void minimise(const struct admm *a, double rho) {
    int k = a->normal->rows, filters = a->normal->columns / a->normal->groups;
    size_t of_group = (size_t)filters * (size_t)k;
    for (size_t i = 0; i < (size_t)a->normal->columns * (size_t)k; i++)
        a->v[i] = (float)a->normal->c[i] + (float)rho * (a->z[i] - a->u[i]);
    for (int group = 0; group < a->normal->groups; group++) {
        size_t first = (size_t)group * of_group;
        cblas_sgemm(CblasColMajor, CblasNoTrans, CblasNoTrans, k, filters, k, 1,
                    a->inverse + (size_t)group * (size_t)k * (size_t)k, k, a->v + first, k, 0,
                    a->w + first, k);
    }
}

/* V = W + U; Z = V on the mask by V's scores; U = V - Z. */
static enum status project(const struct admm *a, uint8_t *mask, struct diagnostic *diag) {
    size_t n = (size_t)a->normal->columns * (size_t)a->normal->rows;
    for (size_t i = 0; i < n; i++)
        a->v[i] = a->w[i] + a->u[i];
    normal_scores(a->normal, a->factors, a->v, a->scores);
    TRY(a->request->project(a->request->context, a->v, a->scores, mask, diag));
    for (size_t i = 0; i < n; i++) {
        a->z[i] = mask[i] ? a->v[i] : 0;
        a->u[i] = a->v[i] - a->z[i];
    }
    return STATUS_OK;
}

/* Whether at most one entry in a thousand is not as it was. */
static bool is_settled(const uint8_t *before, const uint8_t *after, size_t n) {
    size_t changed = 0;
    for (size_t i = 0; i < n; i++)
        changed += before[i] != after[i];
    return changed <= n / 1000;
}

/* All iterations at one rho; `settled`: the last one left the mask as it was, nearly. */
static enum status run_rho(struct admm *a, double rho, int iterations, uint8_t *mask, bool *settled,
                           struct diagnostic *diag) {
    size_t n = (size_t)a->normal->columns * (size_t)a->normal->rows;
    TRY(invert(a, rho, diag));
    for (int i = 0; i < iterations; i++) {
        memcpy(a->last_mask, mask, n);
        minimise(a, rho);
        TRY(project(a, mask, diag));
        *settled = is_settled(a->last_mask, mask, n);
        if (*settled && i + 1 >= FEWEST)
            break;
    }
    return STATUS_OK;
}

static enum status iterate(struct admm *a, uint8_t *mask, struct diagnostic *diag) {
    size_t n = (size_t)a->normal->columns * (size_t)a->normal->rows;
    bool settled = false;
    memcpy(a->w, a->normal->dense, n * sizeof *a->w);
    TRY(project(a, mask, diag)); /* the first iteration: W as it is */
    for (size_t step = 0; step < sizeof rhos / sizeof *rhos; step++) {
        for (size_t i = 0; i < n && step > 0; i++)
            a->u[i] *= (float)(rhos[step - 1] / rhos[step]);
        TRY(run_rho(a, rhos[step], step == 0 ? ITERATIONS - 1 : ITERATIONS, mask, &settled, diag));
        if (settled && rhos[step] >= SETTLED_RHO)
            break;
    }
    return STATUS_OK;
}

enum status reconstruct_admm(const struct reconstruct_request *request, const struct normal *normal,
                             const double *factors, uint8_t *mask, struct diagnostic *diag) {
    struct admm admm = {.request = request, .normal = normal, .factors = factors};
    enum status status = allocate(&admm, diag);
    if (status == STATUS_OK)
        status = iterate(&admm, mask, diag);
    arena_free(&admm.arena);
    return status;
}
