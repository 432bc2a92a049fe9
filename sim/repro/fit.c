/* Fits: least squares over rows of a data table (Levenberg-Marquardt of GSL). */
#include <gsl/gsl_errno.h>
#include <gsl/gsl_multifit_nlinear.h>
#include <math.h>
#include <string.h>

#include "sim/repro/workspace.h"

enum { ITERATIONS_MAX = 200 };

/* One fit while it runs. Parameters are searched as factors of their starts, so all are near 1. */
struct problem {
    struct workspace *workspace;
    const struct paper_fit *fit;
    struct workspace_fit *own;
    const int *rows; /* of the data table, [own->rows] */
    enum status status;
    struct diagnostic *diag;
};

static int residuals(const gsl_vector *factors, void *context, gsl_vector *out) {
    struct problem *problem = context;
    const struct paper_fit *fit = problem->fit;
    size_t n = 0;
    for (int p = 0; p < fit->n_parameters; p++)
        problem->own->values[p] = fit->parameters[p].start * gsl_vector_get(factors, (size_t)p);
    for (int r = 0; r < problem->own->rows; r++)
        for (int i = 0; i < fit->n_residuals; i++) {
            struct expression_scope scope =
                workspace_scope(problem->workspace, fit->data, problem->rows[r]);
            double value = 0;
            if (problem->status == STATUS_OK)
                problem->status =
                    expression_value(fit->residuals[i], &scope, &value, problem->diag);
            gsl_vector_set(out, n++, value);
        }
    return problem->status == STATUS_OK ? GSL_SUCCESS : GSL_EBADFUNC;
}

static enum status search(struct problem *problem, struct diagnostic *diag) {
    const struct paper_fit *fit = problem->fit;
    size_t p = (size_t)fit->n_parameters, n = (size_t)(problem->own->rows * fit->n_residuals);
    gsl_multifit_nlinear_parameters how = gsl_multifit_nlinear_default_parameters();
    gsl_multifit_nlinear_fdf system = {.f = residuals, .n = n, .p = p, .params = problem};
    gsl_multifit_nlinear_workspace *solver =
        gsl_multifit_nlinear_alloc(gsl_multifit_nlinear_trust, &how, n, p);
    gsl_vector *start = gsl_vector_alloc(p);
    int why = 0, code = GSL_ENOMEM;
    if (solver != NULL && start != NULL) {
        gsl_vector_set_all(start, 1);
        code = gsl_multifit_nlinear_init(start, &system, solver);
        if (code == GSL_SUCCESS)
            code = gsl_multifit_nlinear_driver(ITERATIONS_MAX, 1e-12, 1e-12, 1e-12, NULL, NULL,
                                               &why, solver);
        /* The last point tried need not be the best. */
        for (size_t i = 0; code == GSL_SUCCESS && i < p; i++)
            problem->own->values[i] =
                fit->parameters[i].start * gsl_vector_get(gsl_multifit_nlinear_position(solver), i);
    }
    gsl_vector_free(start);
    gsl_multifit_nlinear_free(solver);
    if (problem->status != STATUS_OK)
        return problem->status;
    if (code == GSL_ENOMEM)
        return FAIL_MEMORY(diag, "a fit");
    if (code != GSL_SUCCESS)
        return YAML_FAIL(diag, fit->node, "fit %s does not converge: %s", fit->name,
                         gsl_strerror(code));
    return STATUS_OK;
}

/* Rows of the table for which `where` is not 0. */
static enum status choose_rows(struct workspace *workspace, const struct paper_fit *fit, int *rows,
                               int *count, struct diagnostic *diag) {
    for (int r = 0; r < workspace->paper->data[fit->data].n_rows; r++) {
        struct expression_scope scope = workspace_scope(workspace, fit->data, r);
        double use = 1;
        if (fit->where != NULL)
            TRY(expression_value(fit->where, &scope, &use, diag));
        if (use != 0)
            rows[(*count)++] = r;
    }
    if (*count * fit->n_residuals > fit->n_parameters)
        return STATUS_OK;
    return YAML_FAIL(diag, fit->node,
                     "fit %s has %d parameters for %d residuals: as many parameters fit anything",
                     fit->name, fit->n_parameters, *count * fit->n_residuals);
}

static enum status calibrate(struct workspace *workspace, int index, struct diagnostic *diag) {
    const struct paper_fit *fit = &workspace->paper->fits[index];
    struct workspace_fit *own = &workspace->fits[index];
    int *rows = ARENA_NEW(&workspace->arena, workspace->paper->data[fit->data].n_rows, int);
    own->values = ARENA_NEW(&workspace->arena, fit->n_parameters, double);
    if (rows == NULL || own->values == NULL)
        return FAIL_MEMORY(diag, "a fit");
    TRY(choose_rows(workspace, fit, rows, &own->rows, diag));
    struct problem problem = {workspace, fit, own, rows, STATUS_OK, diag};
    gsl_error_handler_t *before = gsl_set_error_handler_off();
    enum status status = search(&problem, diag);
    gsl_set_error_handler(before);
    TRY(status);
    for (int p = 0; p < fit->n_parameters; p++)
        if (!(own->values[p] > 0))
            return YAML_FAIL(diag, fit->node, "fit %s gives %s = %g: no such quantity is negative",
                             fit->name, fit->parameters[p].name, own->values[p]);
    return STATUS_OK;
}

enum status workspace_fit_make(struct workspace *workspace, int index, struct diagnostic *diag) {
    struct workspace_fit *own = &workspace->fits[index];
    if (own->state != FIT_UNTOUCHED)
        return STATUS_OK;
    own->state = FIT_RUNNING;
    enum status status = calibrate(workspace, index, diag);
    own->state = status == STATUS_OK ? FIT_DONE : FIT_UNTOUCHED;
    return status;
}

enum status workspace_fit_value(struct workspace *workspace, int index,
                                const struct expression *name, double *value,
                                struct diagnostic *diag) {
    enum { NAMES_MAX = 32 };
    const char *names[NAMES_MAX] = {"rows"};
    const struct paper_fit *fit = &workspace->paper->fits[index];
    const struct workspace_fit *own = &workspace->fits[index];
    size_t n = 1;
    TRY(workspace_fit_make(workspace, index, diag));
    for (int p = 0; p < fit->n_parameters; p++) {
        if (n < NAMES_MAX)
            names[n++] = fit->parameters[p].name;
        if (name->n_parts == 2 && strcmp(fit->parameters[p].name, name->parts[1].text) == 0) {
            *value = own->values[p];
            return STATUS_OK;
        }
    }
    if (name->n_parts == 2 && strcmp(name->parts[1].text, "rows") == 0) {
        *value = own->rows;
        return STATUS_OK;
    }
    return expression_unknown(name, 1, "parameter", names, n, diag);
}
