/* Expressions: from text to tree, by recursive descent. */
#include <ctype.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "sim/expression/expression.h"

enum { NESTING_MAX = 64, NUMBER_LENGTH = 40 };

struct parser {
    const struct yaml_node *node;
    const char *text, *what;
    int at, nesting;
    struct arena *arena;
    struct diagnostic *diag;
};

enum status expression_fail(struct diagnostic *diag, const struct yaml_node *node, int offset,
                            const char *file, int line, const char *format, ...) {
    char message[DIAGNOSTIC_LENGTH];
    va_list args;
    va_start(args, format);
    vsnprintf(message, sizeof message, format, args);
    va_end(args);
    return diagnostic_set(diag, STATUS_USAGE, file, line, "%s:%d:%d: %s", node->file, node->line,
                          node->column + offset + (node->quoted ? 1 : 0), message);
}

enum status expression_unknown(const struct expression *name, int at, const char *what,
                               const char *const *known, size_t n_known, struct diagnostic *diag) {
    const char *word = name->parts[at].text;
    const char *closest = text_closest(word, known, n_known);
    char list[512] = "";
    size_t used = 0;
    for (size_t i = 0; closest == NULL && i < n_known && used + 1 < sizeof list; i++)
        used +=
            (size_t)snprintf(list + used, sizeof list - used, "%s%s", i > 0 ? ", " : "", known[i]);
    if (closest != NULL)
        return EXPRESSION_FAIL(diag, name, name->parts[at].offset,
                               "%s \"%s\" is unknown (did you mean \"%s\"?)", what, word, closest);
    return EXPRESSION_FAIL(diag, name, name->parts[at].offset, "%s \"%s\" is unknown%s%s", what,
                           word, n_known > 0 ? "; there is: " : "", list);
}

static enum status refuse(const struct parser *parser, int offset, const char *expected) {
    char quoted[TEXT_QUOTE_LENGTH];
    const char *found = parser->text + offset;
    if (*found == '\0')
        return expression_fail(parser->diag, parser->node, offset, __FILE__, __LINE__,
                               "%s: expected %s, and the text ends here", parser->what, expected);
    return expression_fail(parser->diag, parser->node, offset, __FILE__, __LINE__,
                           "%s: expected %s, got %s", parser->what, expected,
                           text_quote(found, quoted));
}

static void skip_blanks(struct parser *parser) {
    while (isspace((unsigned char)parser->text[parser->at]))
        parser->at++;
}

static struct expression *make(struct parser *parser, enum expression_kind kind, int offset) {
    struct expression *expression = ARENA_NEW(parser->arena, 1, struct expression);
    if (expression == NULL) {
        FAIL_MEMORY(parser->diag, "an expression");
        return NULL;
    }
    expression->kind = kind;
    expression->node = parser->node;
    expression->offset = offset;
    return expression;
}

/* Takes `n` arguments into the arena. */
static enum status set_arguments(struct parser *parser, struct expression *expression,
                                 const struct expression *const *arguments, int n) {
    const struct expression **copy = ARENA_NEW(parser->arena, n, const struct expression *);
    if (copy == NULL)
        return FAIL_MEMORY(parser->diag, "an expression");
    for (int i = 0; i < n; i++)
        copy[i] = arguments[i];
    expression->arguments = copy;
    expression->n_arguments = n;
    return STATUS_OK;
}

static enum status parse_any(struct parser *parser, const struct expression **out);

static enum status parse_number(struct parser *parser, const struct expression **out) {
    char number[NUMBER_LENGTH];
    int start = parser->at, length = (int)strspn(parser->text + start, "0123456789.");
    char exponent = parser->text[start + length];
    if (exponent == 'e' || exponent == 'E') {
        int sign = start + length + 1;
        sign += parser->text[sign] == '-' || parser->text[sign] == '+';
        int digits = (int)strspn(parser->text + sign, "0123456789");
        if (digits > 0)
            length = sign + digits - start;
    }
    struct expression *expression = make(parser, EXPRESSION_NUMBER, start);
    if (expression == NULL)
        return STATUS_MEMORY;
    if (length < NUMBER_LENGTH) {
        memcpy(number, parser->text + start, (size_t)length);
        number[length] = '\0';
    }
    if (length >= NUMBER_LENGTH || !text_to_real(number, &expression->number))
        return refuse(parser, start, "a number");
    parser->at = start + length;
    *out = expression;
    return STATUS_OK;
}

static int word_length(const char *text) {
    if (!isalpha((unsigned char)*text) && *text != '_')
        return 0;
    int length = 1;
    while (isalnum((unsigned char)text[length]) || text[length] == '_')
        length++;
    return length;
}

static char *copy_text(struct parser *parser, int start, int length) {
    char *copy = arena_printf(parser->arena, "%.*s", length, parser->text + start);
    if (copy == NULL)
        FAIL_MEMORY(parser->diag, "an expression");
    return copy;
}

/* ".name" or "[any text]". */
static enum status parse_part(struct parser *parser, struct expression_part *part) {
    bool index = parser->text[parser->at++] == '[';
    int start = parser->at, length;
    if (index) {
        start += (int)strspn(parser->text + start, " ");
        length = (int)strcspn(parser->text + start, "]");
        if (length == 0 || parser->text[start + length] == '\0')
            return refuse(parser, start, "a name and \"]\"");
        parser->at = start + length + 1;
        while (parser->text[start + length - 1] == ' ')
            length--;
    } else {
        length = word_length(parser->text + start);
        if (length == 0)
            return refuse(parser, start, "a name after \".\"");
        parser->at = start + length;
    }
    *part = (struct expression_part){copy_text(parser, start, length), index, start};
    return part->text != NULL ? STATUS_OK : STATUS_MEMORY;
}

static enum status parse_call(struct parser *parser, int start, const char *function,
                              const struct expression **out) {
    const struct expression *arguments[EXPRESSION_ARGUMENTS_MAX];
    int n = 0;
    const struct expression_function *known = expression_function(function);
    struct expression *expression = make(parser, EXPRESSION_CALL, start);
    if (expression == NULL)
        return STATUS_MEMORY;
    if (known == NULL) {
        const char *names[64];
        for (int i = 0; i < n_expression_functions && i < 64; i++)
            names[i] = expression_functions[i].name;
        const struct expression_part part = {function, false, start};
        const struct expression name = {.node = parser->node, .parts = &part, .n_parts = 1};
        return expression_unknown(&name, 0, "function", names, (size_t)n_expression_functions,
                                  parser->diag);
    }
    do {
        parser->at++; /* "(" or "," */
        if (n == EXPRESSION_ARGUMENTS_MAX)
            return refuse(parser, parser->at, "no more than 8 arguments");
        TRY(parse_any(parser, &arguments[n++]));
    } while (parser->text[parser->at] == ',');
    if (parser->text[parser->at] != ')')
        return refuse(parser, parser->at, "\",\" or \")\"");
    parser->at++;
    if (n < known->minimum || n > known->maximum)
        return expression_fail(parser->diag, parser->node, start, __FILE__, __LINE__,
                               "%s has %d arguments here: it is %s", function, n, known->usage);
    expression->function = known->name;
    *out = expression;
    return set_arguments(parser, expression, arguments, n);
}

static enum status parse_name(struct parser *parser, const struct expression **out) {
    struct expression_part parts[EXPRESSION_PARTS_MAX];
    int start = parser->at, length = word_length(parser->text + start), n = 1;
    parts[0] = (struct expression_part){copy_text(parser, start, length), false, start};
    if (parts[0].text == NULL)
        return STATUS_MEMORY;
    parser->at += length;
    if (parser->text[parser->at] == '(')
        return parse_call(parser, start, parts[0].text, out);
    while (parser->text[parser->at] == '.' || parser->text[parser->at] == '[') {
        if (n == EXPRESSION_PARTS_MAX)
            return refuse(parser, parser->at, "no more parts of a name");
        TRY(parse_part(parser, &parts[n++]));
    }
    struct expression *expression = make(parser, EXPRESSION_NAME, start);
    struct expression_part *copy = ARENA_NEW(parser->arena, n, struct expression_part);
    if (expression == NULL || copy == NULL)
        return FAIL_MEMORY(parser->diag, "an expression");
    memcpy(copy, parts, (size_t)n * sizeof *copy);
    expression->parts = copy;
    expression->n_parts = n;
    *out = expression;
    return STATUS_OK;
}

static enum status parse_primary(struct parser *parser, const struct expression **out) {
    skip_blanks(parser);
    int start = parser->at;
    char first = parser->text[start];
    if (isdigit((unsigned char)first) || first == '.')
        return parse_number(parser, out);
    if (word_length(parser->text + start) > 0)
        return parse_name(parser, out);
    if (first != '(')
        return refuse(parser, start, "a number, a name or \"(\"");
    if (++parser->nesting > NESTING_MAX)
        return refuse(parser, start, "fewer parentheses");
    parser->at++;
    TRY(parse_any(parser, out));
    if (parser->text[parser->at] != ')')
        return refuse(parser, parser->at, "\")\"");
    parser->at++;
    parser->nesting--;
    return STATUS_OK;
}

static enum status binary(struct parser *parser, int offset, const char *operator,
                          const struct expression * left, const struct expression *right,
                          const struct expression **out) {
    const struct expression *sides[] = {left, right};
    struct expression *expression = make(parser, EXPRESSION_BINARY, offset);
    if (expression == NULL)
        return STATUS_MEMORY;
    expression->operator= operator;
    *out = expression;
    return set_arguments(parser, expression, sides, 2);
}

/* -a, a ^ b: the power binds more than the sign before it, and its exponent may have a sign. */
static enum status parse_signed(struct parser *parser, const struct expression **out) {
    skip_blanks(parser);
    int start = parser->at;
    if (++parser->nesting > NESTING_MAX)
        return refuse(parser, start, "fewer signs and powers");
    if (parser->text[start] == '-') {
        const struct expression *inner = NULL;
        parser->at++;
        TRY(parse_signed(parser, &inner));
        struct expression *expression = make(parser, EXPRESSION_NEGATION, start);
        if (expression == NULL)
            return STATUS_MEMORY;
        *out = expression;
        TRY(set_arguments(parser, expression, &inner, 1));
    } else {
        const struct expression *base = NULL, *exponent = NULL;
        TRY(parse_primary(parser, &base));
        skip_blanks(parser);
        *out = base;
        if (parser->text[parser->at] == '^') {
            int offset = parser->at++;
            TRY(parse_signed(parser, &exponent));
            TRY(binary(parser, offset, "^", base, exponent, out));
        }
    }
    parser->nesting--;
    skip_blanks(parser);
    return STATUS_OK;
}

/* Operators from the weakest to the strongest, each level from left to right. */
static const char *const levels[][7] = {
    {"or", NULL},     {"and", NULL},    {"<=", ">=", "==", "!=", "<", ">", NULL},
    {"+", "-", NULL}, {"*", "/", NULL},
};
enum { LEVELS = sizeof levels / sizeof *levels };

/* Whether the operator stands at `text`; a word ends where its letters do. */
static bool stands_at(const char *text, const char *operator) {
    size_t length = strlen(operator);
    if (strncmp(text, operator, length) != 0)
        return false;
    return !isalpha((unsigned char)operator[0]) ||
           !(isalnum((unsigned char)text[length]) || text[length] == '_' || text[length] == '.');
}

static enum status parse_level(struct parser *parser, int level, const struct expression **out) {
    if (level == LEVELS)
        return parse_signed(parser, out);
    TRY(parse_level(parser, level + 1, out));
    for (int i = 0; levels[level][i] != NULL;) {
        const char *operator= levels[level][i];
        if (!stands_at(parser->text + parser->at, operator)) {
            i++;
            continue;
        }
        const struct expression *right = NULL;
        int offset = parser->at;
        parser->at += (int)strlen(operator);
        TRY(parse_level(parser, level + 1, &right));
        TRY(binary(parser, offset, operator, * out, right, out));
        i = 0;
    }
    return STATUS_OK;
}

static enum status parse_any(struct parser *parser, const struct expression **out) {
    return parse_level(parser, 0, out);
}

enum status expression_parse(const struct yaml_node *node, const char *what, struct arena *arena,
                             const struct expression **expression, struct diagnostic *diag) {
    const char *text;
    TRY(yaml_string(node, what, &text, diag));
    struct parser parser = {.node = node, .text = text, .what = what, .arena = arena, .diag = diag};
    TRY(parse_any(&parser, expression));
    return text[parser.at] == '\0' ? STATUS_OK
                                   : refuse(&parser, parser.at, "an operator or the end");
}
