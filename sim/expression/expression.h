/* Expressions of paper and sweep files: arithmetic over named quantities, written in YAML scalars.
 *
 *   isaac.peak_ops / isaac.chip.power_w        names with dots, an index in brackets:
 *   isaac.macro[ADC].power_w + 2 * x^2         isaac[eDRAM buffer].area_m2
 *   mean_over(measured, abs(model / tops - 1)) rows of a data table, one at a time
 *
 * + - * / ^ (right to left), < <= > >= == != (1 or 0), and, or (of what is not 0), parentheses,
 * decimal numbers, functions (expression_functions). What names mean is the scope's matter.
 *
 * Errors give file, line and column of the word in question where the scalar stands on one line. */
#ifndef MHO_EXPRESSION_EXPRESSION_H
#define MHO_EXPRESSION_EXPRESSION_H

#include <stdbool.h>

#include "sim/base/base.h"
#include "sim/config/yaml.h"

enum expression_kind {
    EXPRESSION_NUMBER,
    EXPRESSION_NAME,
    EXPRESSION_CALL,
    EXPRESSION_BINARY,
    EXPRESSION_NEGATION
};

/* "isaac.macro[ADC].power_w" has the parts isaac, macro, ADC (an index), power_w. */
struct expression_part {
    const char *text;
    bool index; /* written in brackets */
    int offset; /* in the scalar's text */
};
enum { EXPRESSION_PARTS_MAX = 8, EXPRESSION_ARGUMENTS_MAX = 8 };

struct expression {
    enum expression_kind kind;
    const struct yaml_node *node; /* the scalar it was read from */
    int offset;                   /* of its first character (of the operator, where it has one) */
    double number;                /* EXPRESSION_NUMBER */
    const char *operator;         /* EXPRESSION_BINARY: "+", "<=", ... */
    const char *function;         /* EXPRESSION_CALL */
    const struct expression_part *parts; /* EXPRESSION_NAME */
    int n_parts;
    const struct expression *const *arguments; /* of a call; both sides; what is negated */
    int n_arguments;
};

/* Where names are looked up. */
struct expression_scope {
    enum status (*value)(const struct expression_scope *scope, const struct expression *name,
                         double *value, struct diagnostic *diag);
    /* Index of a data table and its number of rows; an unknown one fails. */
    enum status (*table)(const struct expression_scope *scope, const struct expression *name,
                         int *table, int *rows, struct diagnostic *diag);
    void *context;
    int table_at, row;           /* selected row, whose columns are names; table_at -1: none */
    const char *run, *reference; /* what these words stand for; NULL: nothing */
    int depth;                   /* of names that stand for expressions */
};

/* Parses a scalar. `what` names it in messages ("ours"); the tree lies in `arena`. */
enum status expression_parse(const struct yaml_node *node, const char *what, struct arena *arena,
                             const struct expression **expression, struct diagnostic *diag);

/* The value; one that is not finite (a division by zero) is refused. */
enum status expression_value(const struct expression *expression,
                             const struct expression_scope *scope, double *value,
                             struct diagnostic *diag);

/* Fails with "file:line:column: " of `offset` within the scalar before the message. */
#define EXPRESSION_FAIL(diag, expression, offset, ...)                                             \
    expression_fail((diag), (expression)->node, (offset), __FILE__, __LINE__, __VA_ARGS__)
enum status expression_fail(struct diagnostic *diag, const struct yaml_node *node, int offset,
                            const char *file, int line, const char *format, ...)
    __attribute__((format(printf, 6, 7)));

/* Refuses part `at` of a name, which is none of `known`, with the closest of them. */
enum status expression_unknown(const struct expression *name, int at, const char *what,
                               const char *const *known, size_t n_known, struct diagnostic *diag);

/* Functions, by name. Arguments come unevaluated. */
struct expression_function {
    const char *name, *usage; /* usage: "max(a, b, ...)" */
    int minimum, maximum;     /* number of arguments */
    enum status (*call)(const struct expression *call, const struct expression_scope *scope,
                        double *value, struct diagnostic *diag);
};
extern const struct expression_function expression_functions[];
extern const int n_expression_functions;
const struct expression_function *expression_function(const char *name);

#endif
