/* Expressions: values of trees. */
#include <math.h>
#include <string.h>

#include "sim/expression/expression.h"

static double apply(const char *operator, double a, double b) {
    switch (operator[0]) {
    case '+':
        return a + b;
    case '-':
        return a - b;
    case '*':
        return a * b;
    case '/':
        return a / b;
    case '^':
        return pow(a, b);
    case '<':
        return operator[1] == '=' ? a <= b : a<b;
    case '>':
        return operator[1] == '=' ? a >= b : a> b;
    case 'a': /* and */
        return a != 0 && b != 0;
    case 'o': /* or */
        return a != 0 || b != 0;
    case '!':
        return a != b;
    default: /* "==" */
        return a == b;
    }
}

static enum status binary_value(const struct expression *expression,
                                const struct expression_scope *scope, double *value,
                                struct diagnostic *diag) {
    double left = 0, right = 0;
    TRY(expression_value(expression->arguments[0], scope, &left, diag));
    TRY(expression_value(expression->arguments[1], scope, &right, diag));
    *value = apply(expression->operator, left, right);
    return STATUS_OK;
}

const struct expression_function *expression_function(const char *name) {
    for (int i = 0; i < n_expression_functions; i++)
        if (strcmp(expression_functions[i].name, name) == 0)
            return &expression_functions[i];
    return NULL;
}

static enum status any_value(const struct expression *expression,
                             const struct expression_scope *scope, double *value,
                             struct diagnostic *diag) {
    switch (expression->kind) {
    case EXPRESSION_NUMBER:
        *value = expression->number;
        return STATUS_OK;
    case EXPRESSION_NAME:
        return scope->value(scope, expression, value, diag);
    case EXPRESSION_CALL:
        return expression_function(expression->function)->call(expression, scope, value, diag);
    case EXPRESSION_BINARY:
        return binary_value(expression, scope, value, diag);
    default:
        TRY(expression_value(expression->arguments[0], scope, value, diag));
        *value = -*value;
        return STATUS_OK;
    }
}

enum status expression_value(const struct expression *expression,
                             const struct expression_scope *scope, double *value,
                             struct diagnostic *diag) {
    TRY(any_value(expression, scope, value, diag));
    if (isfinite(*value))
        return STATUS_OK;
    return EXPRESSION_FAIL(diag, expression, expression->offset, "the value here is %g", *value);
}
