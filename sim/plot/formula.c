/* Arithmetic over quantities, as SQL: "crossbars + mapping_index_area_m2 / 7.51e-9". */
#include <ctype.h>
#include <string.h>

#include "sim/expression/expression.h"
#include "sim/plot/plot_internal.h"

struct translation {
    struct store *store;
    struct arena *arena;
    struct diagnostic *diag;
};

static enum status translate(const struct translation *translation,
                             const struct expression *expression, const char **sql);

static enum status translate_name(const struct translation *translation,
                                  const struct expression *name, const char **sql) {
    struct plot_quantity quantity;
    const char *joined = name->parts[0].text;
    for (int i = 1; i < name->n_parts && joined != NULL; i++)
        joined = arena_printf(translation->arena, "%s.%s", joined, name->parts[i].text);
    if (joined == NULL)
        return FAIL_MEMORY(translation->diag, "a formula");
    TRY(quantity_find(translation->store, joined, translation->arena, &quantity,
                      translation->diag));
    /* A word is no number: the run is left out. Integers must not be divided as such. */
    *sql = arena_printf(translation->arena,
                        "(SELECT CASE WHEN typeof(v) <> 'text' THEN 1.0 * v END FROM "
                        "(SELECT %s AS v))",
                        quantity.sql);
    return STATUS_OK;
}

static enum status translate_binary(const struct translation *translation,
                                    const struct expression *binary, const char **sql) {
    const char *sides[2];
    for (int i = 0; i < 2; i++)
        TRY(translate(translation, binary->arguments[i], &sides[i]));
    bool power = strcmp(binary->operator, "^") == 0;
    *sql = power ? arena_printf(translation->arena, "pow(%s, %s)", sides[0], sides[1])
                 : arena_printf(translation->arena, "(%s %s %s)", sides[0], binary->operator,
                                sides[1]);
    return STATUS_OK;
}

static enum status translate(const struct translation *translation,
                             const struct expression *expression, const char **sql) {
    const char *inner;
    *sql = NULL;
    switch (expression->kind) {
    case EXPRESSION_NUMBER:
        *sql = arena_printf(translation->arena, "(1.0 * %.17g)", expression->number);
        break;
    case EXPRESSION_NAME:
        TRY(translate_name(translation, expression, sql));
        break;
    case EXPRESSION_CALL:
        return EXPRESSION_FAIL(translation->diag, expression, expression->offset,
                               "%s is nothing for a plot: there are + - * / ^ and parentheses",
                               expression->function);
    case EXPRESSION_BINARY:
        TRY(translate_binary(translation, expression, sql));
        break;
    case EXPRESSION_NEGATION:
        TRY(translate(translation, expression->arguments[0], &inner));
        *sql = arena_printf(translation->arena, "(-%s)", inner);
        break;
    }
    return *sql != NULL ? STATUS_OK : FAIL_MEMORY(translation->diag, "a formula");
}

bool formula_is(const char *text) {
    return strpbrk(text, " (=") != NULL;
}

/* The text before the first "=" that is no comparison; 0: none. */
static size_t label_length(const char *text) {
    size_t at = strcspn(text, "=<>");
    return text[at] == '=' && text[at + 1] != '=' ? at : 0;
}

const char *formula_label(const char *text, struct arena *arena) {
    size_t length = label_length(text);
    if (length == 0)
        return text;
    while (length > 0 && isspace((unsigned char)text[length - 1]))
        length--;
    return arena_printf(arena, "%.*s", (int)length, text);
}

enum status formula_find(struct store *store, const char *text, struct arena *arena,
                         struct plot_quantity *quantity, struct diagnostic *diag) {
    const struct translation translation = {store, arena, diag};
    const struct expression *expression;
    size_t length = label_length(text);
    const char *formula = length > 0 ? text + length + 1 : text;
    struct yaml_node *node = ARENA_NEW(arena, 1, struct yaml_node);
    *quantity =
        (struct plot_quantity){.name = text, .label = formula_label(text, arena), .unit = ""};
    if (node == NULL || quantity->label == NULL)
        return FAIL_MEMORY(diag, "a formula");
    *node = (struct yaml_node){
        .kind = YAML_SCALAR, .file = "formula", .line = 1, .column = 1, .text = formula};
    TRY(expression_parse(node, "a formula", arena, &expression, diag));
    return translate(&translation, expression, &quantity->sql);
}
