/* Tables, bars, counts and short names, as they are printed. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sim/screen/names.h"
#include "sim/screen/table.h"
#include "tests/test.h"

static const struct table_column columns[] = {
    {"name", NULL, TABLE_LEFT, STYLE_PLAIN},
    {"n", "um2", TABLE_RIGHT, STYLE_BOLD},
    {"note", NULL, TABLE_LEFT, STYLE_PLAIN},
};

static void fill(struct table *table) {
    table_begin(table, columns, 3);
    table_cell(table, "%s", "α");
    table_cell(table, "%d", 7);
    table_cell(table, "%s", "");
    table_cell(table, "%s", "longer");
    table_cell(table, "%.1f", 12.25);
    table_cell(table, "%s", "here");
}

/* Prints a table to a screen of that width and expects the text. */
static void expect_table(const struct table *table, struct screen screen, const char *expected) {
    struct diagnostic diag = {0};
    char *text = NULL;
    size_t length;
    screen.out = open_memstream(&text, &length);
    CU_ASSERT_PTR_NOT_NULL_FATAL(screen.out);
    ASSERT_OK(table_print(table, &screen, &diag), diag);
    CU_ASSERT_EQUAL_FATAL(fclose(screen.out), 0);
    CU_ASSERT_STRING_EQUAL(text, expected);
    if (strcmp(text, expected) != 0)
        fprintf(stderr, "\ngot:\n%s", text);
    free(text);
}

static void columns_align_by_characters(void) {
    struct table table;
    fill(&table);
    expect_table(&table, (struct screen){.width = 100},
                 "name       n  note\n"
                 "         um2\n"
                 "α          7\n"
                 "longer  12.2  here\n");
    table_free(&table);
}

static void narrow_screens_take_one_blank(void) {
    struct table table;
    fill(&table);
    expect_table(&table, (struct screen){.width = 17},
                 "name      n note\n"
                 "        um2\n"
                 "α         7\n"
                 "longer 12.2 here\n");
    table_free(&table);
}

static void narrower_screens_leave_columns_out(void) {
    struct table table;
    fill(&table);
    table_allow_without(&table, 1);
    table_allow_without(&table, 2);
    CU_ASSERT_TRUE(table_shows(&table, &(struct screen){.width = 16}, 1));
    expect_table(&table, (struct screen){.width = 15},
                 "name    note\n"
                 "α\n"
                 "longer  here\n");
    CU_ASSERT_FALSE(table_shows(&table, &(struct screen){.width = 15}, 1));
    CU_ASSERT_TRUE(table_shows(&table, &(struct screen){.width = 11}, 2));
    expect_table(&table, (struct screen){.width = 10}, "name\nα\nlonger\n");
    table_free(&table);
}

static void colours_do_not_count_as_width(void) {
    struct table table;
    fill(&table);
    table.last_row_is_total = true;
    expect_table(&table, (struct screen){.width = 100, .colour = true},
                 "\033[2mname\033[0m       \033[2mn\033[0m  \033[2mnote\033[0m\n"
                 "         \033[2mum2\033[0m\n"
                 "α          \033[1m7\033[0m\n"
                 "\033[1mlonger\033[0m  \033[1m12.2\033[0m  \033[1mhere\033[0m\n");
    table_free(&table);
}

static void expect_folded(int width, const char *text, const char *expected) {
    char *folded = NULL;
    size_t length;
    struct screen screen = {.width = width, .out = open_memstream(&folded, &length)};
    CU_ASSERT_PTR_NOT_NULL_FATAL(screen.out);
    screen_folded(&screen, text, 5);
    CU_ASSERT_EQUAL_FATAL(fclose(screen.out), 0);
    CU_ASSERT_STRING_EQUAL(folded, expected);
    free(folded);
}

static void words_wrap(void) {
    char *text = NULL;
    size_t length;
    struct screen screen = {.width = 16, .out = open_memstream(&text, &length)};
    CU_ASSERT_PTR_NOT_NULL_FATAL(screen.out);
    screen_wrapped(&screen, "bits of a weight, sign", 2);
    screen_wrapped_after(&screen, fprintf(screen.out, "adc:"), "one code per unit", 2);
    screen_wrapped_after(&screen, fprintf(screen.out, "a"), "word", 4);
    screen_marked(&screen, "bits of a weight, sign", 4, "# ");
    CU_ASSERT_EQUAL_FATAL(fclose(screen.out), 0);
    CU_ASSERT_STRING_EQUAL(text, "  bits of a\n  weight, sign\n"
                                 "adc: one code\n  per unit\n"
                                 "a   word\n"
                                 "  # bits of a\n  # weight, sign\n");
    free(text);
}

static void long_lines_fold(void) {
    const char *lines = "Area 1.2 mm2 used\n\n\033[2mADC  \033[0m± 7\n";
    expect_folded(17, lines, lines);
    expect_folded(16, lines, "Area 1.2 mm2\n     used\n\n\033[2mADC  \033[0m± 7\n");
    expect_folded(7, lines, "Area 1.2\n     mm2\n     used\n\n\033[2mADC  \033[0m±\n     7\n");
}

static void many_rows_and_half_rows(void) {
    struct table table;
    struct diagnostic diag = {0};
    const struct screen screen = {.width = 100, .out = stdout};
    table_begin(&table, columns, 3);
    for (int i = 0; i < 200; i++)
        table_cell(&table, "%d", i);
    CU_ASSERT_EQUAL(table.n_cells, 200);
    CU_ASSERT_STRING_EQUAL(table.cells[63], "63");
    CU_ASSERT_STRING_EQUAL(table.cells[199], "199");
    CU_ASSERT_EQUAL(table_print(&table, &screen, &diag), STATUS_INTERNAL);
    CU_ASSERT_STRING_EQUAL(diag.message, "a table has 200 cells in rows of 3");
    table_free(&table);
}

static void bars_show_every_share(void) {
    const struct screen utf8 = {.utf8 = true}, ascii = {.utf8 = false};
    char bar[SCREEN_BAR_BYTES];
    CU_ASSERT_STRING_EQUAL(screen_bar(&utf8, 0, bar), "");
    CU_ASSERT_STRING_EQUAL(screen_bar(&utf8, NAN, bar), "");
    CU_ASSERT_STRING_EQUAL(screen_bar(&utf8, 1e-9, bar), "▏");
    CU_ASSERT_STRING_EQUAL(screen_bar(&utf8, 0.5, bar), "████");
    CU_ASSERT_STRING_EQUAL(screen_bar(&utf8, 19.0 / 64, bar), "██▍"); /* 2 and 3/8 of 8 */
    CU_ASSERT_STRING_EQUAL(screen_bar(&utf8, 1, bar), "████████");
    CU_ASSERT_STRING_EQUAL(screen_bar(&utf8, 1.7, bar), "████████");
    CU_ASSERT_STRING_EQUAL(screen_bar(&ascii, 0.01, bar), "#");
    CU_ASSERT_STRING_EQUAL(screen_bar(&ascii, 0.5, bar), "####");
    CU_ASSERT_STRING_EQUAL(screen_bar(&ascii, 1, bar), "########");
}

static void numbers_are_short(void) {
    char text[32];
    CU_ASSERT_STRING_EQUAL(text_thousands(0, text, sizeof text), "0");
    CU_ASSERT_STRING_EQUAL(text_thousands(999, text, sizeof text), "999");
    CU_ASSERT_STRING_EQUAL(text_thousands(1000, text, sizeof text), "1,000");
    CU_ASSERT_STRING_EQUAL(text_thousands(-1234567, text, sizeof text), "-1,234,567");
    CU_ASSERT_STRING_EQUAL(text_figure(0.4, text, sizeof text), "0.4");
    CU_ASSERT_STRING_EQUAL(text_figure(98.922, text, sizeof text), "98.92");
    CU_ASSERT_STRING_EQUAL(text_figure(999.96, text, sizeof text), "1,000");
    CU_ASSERT_STRING_EQUAL(text_figure(41287680.4, text, sizeof text), "41,287,680");
    CU_ASSERT_STRING_EQUAL(text_count(0, text, sizeof text), "0");
    CU_ASSERT_STRING_EQUAL(text_count(999, text, sizeof text), "999");
    CU_ASSERT_STRING_EQUAL(text_count(2385, text, sizeof text), "2.38 k"); /* 2.385 is below */
    CU_ASSERT_STRING_EQUAL(text_count(40.55e6, text, sizeof text), "40.5 M");
    CU_ASSERT_STRING_EQUAL(text_count(999.6e6, text, sizeof text), "1.00 G");
    CU_ASSERT_STRING_EQUAL(text_count(5e15, text, sizeof text), "5000 T");
}

static void expect_name(const char *name, int width, const char *expected) {
    struct arena arena = ARENA_INIT;
    CU_ASSERT_STRING_EQUAL(short_layer_name(name, width, &arena), expected);
    arena_free(&arena);
}

static void layer_names_are_short(void) {
    expect_name("/body/body.3/sc/sc.0/Conv", 18, "body.3/sc.0");
    expect_name("/body/body.0/c1/Conv", 18, "body.0/c1");
    expect_name("/fc/Gemm_3", 18, "fc");
    expect_name("/body/bodyguard/Conv", 18, "body/bodyguard"); /* no repetition */
    expect_name("Conv", 18, "Conv");                           /* nothing else to call it by */
    expect_name("Conv_12/quantized", 18, "Conv_12/quantized");
    expect_name("", 18, "");
    expect_name("abcdefghijklmnopqrstuvwxyz", 14, "abcd..stuvwxyz");
    CU_ASSERT_STRING_EQUAL(file_name("a/b/c.onnx"), "c.onnx");
    CU_ASSERT_STRING_EQUAL(file_name("c.onnx"), "c.onnx");
}

static const struct test_case cases[] = {
    {"columns align by characters", columns_align_by_characters},
    {"narrow screens take one blank", narrow_screens_take_one_blank},
    {"narrower screens leave columns out", narrower_screens_leave_columns_out},
    {"words wrap", words_wrap},
    {"long lines fold beside their labels", long_lines_fold},
    {"colours do not count as width", colours_do_not_count_as_width},
    {"many rows, and half rows", many_rows_and_half_rows},
    {"bars show every share", bars_show_every_share},
    {"numbers are short", numbers_are_short},
    {"layer names are short", layer_names_are_short},
    {NULL, NULL},
};
const struct test_suite suite_cli_table = {"cli_table", cases};
