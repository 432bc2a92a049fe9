/* Functions of expressions: arithmetic, rows of data, and what other rooms can tell. */
#include <math.h>
#include <stdint.h>
#include <string.h>

#include "crossbar/geometry.h"
#include "peripherals/adc.h"
#include "sim/expression/expression.h"
#include "sim/time/flow.h"

static enum status argument(const struct expression *call, int i,
                            const struct expression_scope *scope, double *value,
                            struct diagnostic *diag) {
    return expression_value(call->arguments[i], scope, value, diag);
}

/* Functions of one number, by name. */
static enum status call_plain(const struct expression *call, const struct expression_scope *scope,
                              double *value, struct diagnostic *diag) {
    static const struct {
        const char *name;
        double (*function)(double);
    } plain[] = {{"abs", fabs},  {"ceil", ceil},   {"exp", exp},    {"floor", floor},
                 {"log2", log2}, {"log10", log10}, {"round", rint}, {"sqrt", sqrt}};
    double x = 0;
    TRY(argument(call, 0, scope, &x, diag));
    for (size_t i = 0; i < sizeof plain / sizeof *plain; i++)
        if (strcmp(call->function, plain[i].name) == 0)
            *value = plain[i].function(x);
    return STATUS_OK;
}

static enum status call_extreme(const struct expression *call, const struct expression_scope *scope,
                                double *value, struct diagnostic *diag) {
    bool largest = strcmp(call->function, "max") == 0;
    TRY(argument(call, 0, scope, value, diag));
    for (int i = 1; i < call->n_arguments; i++) {
        double x = 0;
        TRY(argument(call, i, scope, &x, diag));
        *value = largest ? fmax(*value, x) : fmin(*value, x);
    }
    return STATUS_OK;
}

/* Only the side that is chosen has a value. */
static enum status call_if(const struct expression *call, const struct expression_scope *scope,
                           double *value, struct diagnostic *diag) {
    double condition = 0;
    TRY(argument(call, 0, scope, &condition, diag));
    return argument(call, condition != 0 ? 1 : 2, scope, value, diag);
}

/* sum_over(table, value), and mean_over, max_over: with a third argument, of the rows only where it
 * is not 0. */
static enum status call_over(const struct expression *call, const struct expression_scope *scope,
                             double *value, struct diagnostic *diag) {
    int rows = 0, counted = 0;
    double sum = 0, largest = -INFINITY;
    struct expression_scope inner = *scope;
    TRY(scope->table(scope, call->arguments[0], &inner.table_at, &rows, diag));
    for (inner.row = 0; inner.row < rows; inner.row++) {
        double x = 0, counts = 1;
        if (call->n_arguments > 2)
            TRY(argument(call, 2, &inner, &counts, diag));
        if (counts == 0)
            continue;
        TRY(argument(call, 1, &inner, &x, diag));
        sum += x;
        largest = fmax(largest, x);
        counted++;
    }
    if (counted == 0)
        return EXPRESSION_FAIL(diag, call, call->offset, "%s is over no row", call->function);
    *value = call->function[0] == 's' ? sum : call->function[2] == 'x' ? largest : sum / counted;
    return STATUS_OK;
}

/* lossless_bits(largest sum): ceil(log2(sum + 1)), as layers are given converters. */
static enum status call_bits(const struct expression *call, const struct expression_scope *scope,
                             double *value, struct diagnostic *diag) {
    double sum = 0;
    TRY(argument(call, 0, scope, &sum, diag));
    if (sum < 0 || sum > (double)INT32_MAX)
        return EXPRESSION_FAIL(diag, call, call->offset, "no largest sum is %g", sum);
    *value = adc_bits_for_sum((int64_t)sum);
    return STATUS_OK;
}

/* adc_area_m2(model, bits, rate_hz, node_m), adc_power_w(the same). */
static enum status call_adc(const struct expression *call, const struct expression_scope *scope,
                            double *value, struct diagnostic *diag) {
    enum { MODELS_MAX = 32 };
    const char *names[MODELS_MAX];
    const struct expression *name = call->arguments[0];
    double bits = 0, rate_hz = 0, node_m = 0;
    if (name->kind != EXPRESSION_NAME || name->n_parts != 1)
        return EXPRESSION_FAIL(diag, name, name->offset, "the name of an ADC model belongs here");
    const struct adc_model *model = adc_model_find(name->parts[0].text);
    for (int i = 0; i < n_adc_models && i < MODELS_MAX; i++)
        names[i] = adc_models[i].name;
    if (model == NULL)
        return expression_unknown(name, 0, "ADC model", names, (size_t)n_adc_models, diag);
    TRY(argument(call, 1, scope, &bits, diag));
    TRY(argument(call, 2, scope, &rate_hz, diag));
    TRY(argument(call, 3, scope, &node_m, diag));
    if (bits != rint(bits) || bits < 1 || bits > ADC_BITS_MAX)
        return EXPRESSION_FAIL(diag, call, call->arguments[1]->offset,
                               "a converter has 1 to %d bits, not %g", ADC_BITS_MAX, bits);
    if (rate_hz <= 0 || node_m <= 0)
        return EXPRESSION_FAIL(diag, call, call->offset, "rate and node must be above 0");
    struct adc_conditions conditions = adc_conditions_default;
    struct adc_cost cost;
    struct diagnostic reason = {0};
    conditions.rate_hz = rate_hz;
    conditions.node_m = node_m;
    if (adc_model_cost(model, (int)bits, &conditions, &cost, &reason) != STATUS_OK)
        return EXPRESSION_FAIL(diag, call, call->offset, "%s", reason.message);
    *value = strcmp(call->function, "adc_area_m2") == 0 ? cost.area_m2 : cost.power_w;
    return STATUS_OK;
}

/* buffer_map(width, kernel, inputs), buffer_rows, buffer_window: values that a layer of square maps
 * and kernels keeps of its input. */
static enum status call_buffer(const struct expression *call, const struct expression_scope *scope,
                               double *value, struct diagnostic *diag) {
    double sizes[3];
    for (int i = 0; i < 3; i++) {
        TRY(argument(call, i, scope, &sizes[i], diag));
        if (sizes[i] < 1 || sizes[i] > 1e6 || sizes[i] != rint(sizes[i]))
            return EXPRESSION_FAIL(diag, call, call->arguments[i]->offset,
                                   "no map, kernel or number of inputs is %g", sizes[i]);
    }
    int width = (int)sizes[0], kernel = (int)sizes[1], inputs = (int)sizes[2];
    const struct matrix_shape shape = {
        .in_channels = inputs,
        .in_height = width,
        .in_width = width,
        .groups = 1,
        .window = {.kernel = {kernel, kernel}, .stride = {1, 1}, .dilation = {1, 1}}};
    struct pipeline_buffer buffer = pipeline_buffer(&shape);
    *value = call->function[7] == 'm'   ? buffer.map
             : call->function[7] == 'r' ? buffer.rows
                                        : buffer.window;
    return STATUS_OK;
}

const struct expression_function expression_functions[] = {
    {"abs", "abs(x)", 1, 1, call_plain},
    {"ceil", "ceil(x)", 1, 1, call_plain},
    {"exp", "exp(x)", 1, 1, call_plain},
    {"floor", "floor(x)", 1, 1, call_plain},
    {"log2", "log2(x)", 1, 1, call_plain},
    {"log10", "log10(x)", 1, 1, call_plain},
    {"round", "round(x)", 1, 1, call_plain},
    {"sqrt", "sqrt(x)", 1, 1, call_plain},
    {"min", "min(a, b, ...)", 1, EXPRESSION_ARGUMENTS_MAX, call_extreme},
    {"max", "max(a, b, ...)", 1, EXPRESSION_ARGUMENTS_MAX, call_extreme},
    {"if", "if(condition, then, else)", 3, 3, call_if},
    {"sum_over", "sum_over(table, value, which)", 2, 3, call_over},
    {"mean_over", "mean_over(table, value, which)", 2, 3, call_over},
    {"max_over", "max_over(table, value, which)", 2, 3, call_over},
    {"lossless_bits", "lossless_bits(largest sum)", 1, 1, call_bits},
    {"adc_area_m2", "adc_area_m2(model, bits, rate_hz, node_m)", 4, 4, call_adc},
    {"buffer_map", "buffer_map(width, kernel, inputs)", 3, 3, call_buffer},
    {"buffer_rows", "buffer_rows(width, kernel, inputs)", 3, 3, call_buffer},
    {"buffer_window", "buffer_window(width, kernel, inputs)", 3, 3, call_buffer},
    {"adc_power_w", "adc_power_w(model, bits, rate_hz, node_m)", 4, 4, call_adc},
};
const int n_expression_functions = sizeof expression_functions / sizeof *expression_functions;
