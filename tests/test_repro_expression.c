/* Expressions of paper files: values against arithmetic by hand, and every error with its place. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "sim/expression/expression.h"
#include "tests/test.h"

/* a = 2.5, b = -3, deep.part[two words].x = 7; table `t` of three rows with column x = 1, 4, 9. */
static enum status value_of(const struct expression_scope *scope, const struct expression *name,
                            double *value, struct diagnostic *diag) {
    static const char *const known[] = {"alpha", "b", "deep"};
    const char *word = name->parts[0].text;
    if (scope->table_at == 0 && strcmp(word, "x") == 0)
        *value = (scope->row + 1) * (scope->row + 1);
    else if (strcmp(word, "alpha") == 0)
        *value = 2.5;
    else if (strcmp(word, "b") == 0)
        *value = -3;
    else if (strcmp(word, "deep") == 0 && name->n_parts == 4 &&
             strcmp(name->parts[1].text, "part") == 0 && !name->parts[1].index &&
             strcmp(name->parts[2].text, "two words") == 0 && name->parts[2].index &&
             strcmp(name->parts[3].text, "x") == 0)
        *value = 7;
    else
        return expression_unknown(name, 0, "name", known, 3, diag);
    return STATUS_OK;
}

static enum status table_of(const struct expression_scope *scope, const struct expression *name,
                            int *table, int *rows, struct diagnostic *diag) {
    (void)scope;
    *table = 0;
    *rows = 3;
    if (name->kind == EXPRESSION_NAME && strcmp(name->parts[0].text, "t") == 0)
        return STATUS_OK;
    return EXPRESSION_FAIL(diag, name, name->offset, "no table");
}

static const struct expression_scope scope = {.value = value_of, .table = table_of, .table_at = -1};

/* Parses and evaluates the value of key `e` of a file "f.yaml" of one line. */
static enum status evaluate(const char *text, double *value, struct diagnostic *diag) {
    struct arena arena = ARENA_INIT;
    const struct yaml_node *root = NULL;
    const struct expression *expression = NULL;
    char file[512];
    snprintf(file, sizeof file, "e: %s\n", text);
    enum status status = yaml_parse(file, strlen(file), "f.yaml", &arena, &root, diag);
    if (status == STATUS_OK)
        status = expression_parse(yaml_get(root, "e"), "ours", &arena, &expression, diag);
    if (status == STATUS_OK)
        status = expression_value(expression, &scope, value, diag);
    arena_free(&arena);
    return status;
}

static void values(void) {
    static const struct {
        const char *text;
        double value;
    } cases[] = {
        {"1.5", 1.5},
        {".25e2", 25},
        {"1e-3", 0.001},
        {"2 + 3 * 4", 14},
        {"(2 + 3) * 4", 20},
        {"20 - 5 - 3", 12},
        {"24 / 4 / 3", 2},
        {"2 ^ 3 ^ 2", 512},
        {"-2 ^ 2", -4},
        {"2 ^ -1", 0.5},
        {"3 - -2", 5},
        {"1 < 2", 1},
        {"2 <= 1", 0},
        {"2 >= 2", 1},
        {"3 > 4", 0},
        {"1 + 1 == 2", 1},
        {"1 + 1 != 2", 0},
        {"alpha < 3 and b < 3", 1},
        {"alpha < 3 and b > 3", 0},
        {"b > 3 or alpha > 3 or 0.5", 1},
        {"1 or 1 and 0", 1}, /* and binds more */
        {"(1 or 1) and 0", 0},
        {"alpha * b", -7.5},
        {"deep.part[two words].x + deep.part[ two words ].x", 14},
        {"\"alpha + 1\"", 3.5},
        {"abs(b)", 3},
        {"ceil(2.1) + floor(2.9) + round(2.6)", 8},
        {"sqrt(2.25) + exp(0)", 2.5},
        {"log2(8) + log10(100)", 5},
        {"min(3, 1, 2) + max(4, 6, 5)", 7},
        {"if(b < 0, 10, 1 / 0)", 10}, /* the side not chosen has no value */
        {"sum_over(t, x)", 14},
        {"mean_over(t, x * 3)", 14},
        {"max_over(t, -x)", -1},
        {"mean_over(t, x, x > 2)", 6.5},
        {"lossless_bits(384)", 9},
        {"buffer_map(11, 3, 5)", 605},
        {"buffer_rows(11, 3, 5)", 165},
        {"buffer_window(11, 3, 5)", 125}, /* (11 * 2 + 3) * 5 */
        {"lossless_bits(192)", 8},
        /* 871.75 * 4 / 8 + 728.25 / 16 of 1600, and 2.9 * 4 / 8 + 0.2 / 16 of 3.1 */
        {"adc_area_m2(isaac, 4, 1.28e9, 32e-9) * 1e12", 1200 * (435.875 + 45.515625) / 1600},
        {"adc_power_w(isaac, 4, 1.28e9, 32e-9) * 1e3", 2 * (1.45 + 0.0125) / 3.1},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        double value = NAN;
        struct diagnostic diag = {0};
        ASSERT_OK(evaluate(cases[i].text, &value, &diag), diag);
        if (fabs(value - cases[i].value) > 1e-12 * fabs(cases[i].value)) {
            fprintf(stderr, "\n%s is %.17g\n", cases[i].text, value);
            CU_FAIL("wrong value");
        }
    }
}

/* "e: " takes three columns, a quote one more. */
static void errors(void) {
    static const struct {
        const char *text, *message;
    } cases[] = {
        {"1 +", "f.yaml:1:7: ours: expected a number, a name or \"(\", and the text ends here"},
        {"(1 + 2", "f.yaml:1:10: ours: expected \")\", and the text ends here"},
        {"1 2", "f.yaml:1:6: ours: expected an operator or the end, got \"2\""},
        {"1.2.3", "f.yaml:1:4: ours: expected a number, got \"1.2.3\""},
        {"a.7", "f.yaml:1:6: ours: expected a name after \".\", got \"7\""},
        {"a[x", "expected a name and \"]\", got \"x\""},
        {"2 * alpa", "f.yaml:1:8: name \"alpa\" is unknown (did you mean \"alpha\"?)"},
        {"\"2 * alpa\"", "f.yaml:1:9: name \"alpa\" is unknown (did you mean"},
        {"zzzzzz", "name \"zzzzzz\" is unknown; there is: alpha, b, deep"},
        {"mx(1, 2)", "f.yaml:1:4: function \"mx\" is unknown (did you mean \"max\"?)"},
        {"if(1, 2)", "f.yaml:1:4: if has 2 arguments here: it is if(condition, then, else)"},
        {"max(1, 2", "expected \",\" or \")\", and the text ends here"},
        {"min(1,2,3,4,5,6,7,8,9)", "no more than 8 arguments"},
        {"1 + 1 / (alpha - 2.5)", "f.yaml:1:10: the value here is inf"},
        {"sqrt(b)", "f.yaml:1:4: the value here is -nan"},
        {"sum_over(u, x)", "f.yaml:1:13: no table"},
        {"sum_over(t, x, x > 100)", "f.yaml:1:4: sum_over is over no row"},
        {"buffer_map(11, 0, 5)", "f.yaml:1:19: no map, kernel or number of inputs is 0"},
        {"lossless_bits(-1)", "no largest sum is -1"},
        {"adc_area_m2(isac, 8, 1, 1)", "ADC model \"isac\" is unknown (did you mean \"isaac\"?)"},
        {"adc_area_m2(3, 8, 1, 1)", "the name of an ADC model belongs here"},
        {"adc_area_m2(isaac, 8.5, 1, 1)", "f.yaml:1:23: a converter has 1 to 16 bits, not 8.5"},
        {"adc_area_m2(murmann, 2, 1, 1)", "ADC model murmann holds for 4 to 16 bits, not for 2"},
        {"adc_area_m2(isaac, 8, 0, 1)", "rate and node must be above 0"},
        {"[1, 2]", "ours: expected a text, got a list"},
        {"a.b.c.d.e.f.g.h.i", "no more parts of a name"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        double value = 0;
        struct diagnostic diag = {0};
        CU_ASSERT_EQUAL(evaluate(cases[i].text, &value, &diag), STATUS_USAGE);
        const char *nan = strstr(cases[i].message, "-nan"); /* its sign is the machine's */
        char message[256];
        snprintf(message, sizeof message, "%.*s", nan != NULL ? (int)(nan - cases[i].message) : 255,
                 cases[i].message);
        if (strstr(diag.message, message) == NULL) {
            fprintf(stderr, "\n%s: %s\n", cases[i].text, diag.message);
            CU_FAIL("message does not say what is wrong");
        }
    }
}

static void nesting_has_an_end(void) {
    char text[400];
    double value;
    struct diagnostic diag = {0};
    memset(text, '(', 200);
    snprintf(text + 200, sizeof text - 200, "1");
    CU_ASSERT_EQUAL(evaluate(text, &value, &diag), STATUS_USAGE);
    CU_ASSERT_PTR_NOT_NULL(strstr(diag.message, "fewer "));
    memset(text, '-', 200);
    CU_ASSERT_EQUAL(evaluate(text, &value, &diag), STATUS_USAGE);
    CU_ASSERT_PTR_NOT_NULL(strstr(diag.message, "fewer "));
}

static const struct test_case cases[] = {
    {"values", values},
    {"errors with their places", errors},
    {"nesting has an end", nesting_has_an_end},
    {NULL, NULL},
};
const struct test_suite suite_repro_expression = {"repro_expression", cases};
