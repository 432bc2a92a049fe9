/* `mho repro` on the screen: a table for each published one, with its notes below. */
#include <math.h>
#include <string.h>

#include "sim/cli/repro/repro_view.h"
#include "sim/screen/table.h"

enum { NOTE_INDENT = 4, LABEL_LEAST = 16, DIGITS_LEAST = 4, DIGITS_MOST = 8, DECIMALS_MOST = 12 };

int repro_count(const struct repro_view *view, enum repro_verdict verdict) {
    int count = 0;
    for (int i = 0; i < view->n; i++)
        count += view->results[i].count[verdict];
    return count;
}

static int significant_digits(const char *text) {
    int digits = 0;
    for (const char *c = text; *c != '\0' && *c != 'e' && *c != 'E'; c++)
        if (*c >= '0' && *c <= '9' && (digits > 0 || *c != '0'))
            digits++;
    return digits;
}

/* Without an exponent, and without zeros at the end of a fraction. */
static void print_plain(double value, int digits, char buffer[REPRO_FIGURE_LENGTH]) {
    int before = value != 0 ? (int)floor(log10(fabs(value))) + 1 : 1;
    int decimals = digits - before;
    decimals = decimals < 0 ? 0 : decimals > DECIMALS_MOST ? DECIMALS_MOST : decimals;
    snprintf(buffer, REPRO_FIGURE_LENGTH, "%.*f", decimals, value);
    if (decimals == 0)
        return;
    char *end = buffer + strlen(buffer);
    while (end[-1] == '0')
        *--end = '\0';
    if (end[-1] == '.')
        end[-1] = '\0';
}

char *repro_figure(double value, const struct repro_row *row, char buffer[REPRO_FIGURE_LENGTH]) {
    int digits = significant_digits(row->published_text);
    digits = digits < DIGITS_LEAST ? DIGITS_LEAST : digits > DIGITS_MOST ? DIGITS_MOST : digits;
    if (isnan(value))
        snprintf(buffer, REPRO_FIGURE_LENGTH, "-");
    else if (fabs(value) >= 1e15)
        snprintf(buffer, REPRO_FIGURE_LENGTH, "%.*g", digits, value);
    else
        print_plain(value, digits, buffer);
    return buffer;
}

char *repro_ratio(const struct repro_row *row, char buffer[REPRO_FIGURE_LENGTH]) {
    if (isnan(row->ratio))
        snprintf(buffer, REPRO_FIGURE_LENGTH, "%s", isnan(row->ours) ? "-" : "");
    else if (fabs(row->ratio) < 100)
        snprintf(buffer, REPRO_FIGURE_LENGTH, "%.3f", row->ratio);
    else
        snprintf(buffer, REPRO_FIGURE_LENGTH, "%.3g", row->ratio);
    return buffer;
}

/* Bytes of the first `width` characters. */
static int bytes_of(const char *text, int width) {
    int bytes = 0;
    while (text[bytes] != '\0' && (width > 0 || ((unsigned char)text[bytes] & 0xc0) == 0x80)) {
        width -= ((unsigned char)text[bytes] & 0xc0) != 0x80;
        bytes++;
    }
    return bytes;
}

static void add_row(struct table *table, const struct repro_row *row, int label_width) {
    char text[REPRO_FIGURE_LENGTH];
    int width = text_width(row->what);
    if (width > label_width)
        table_cell(table, "  %.*s...", bytes_of(row->what, label_width - 3), row->what);
    else
        table_cell(table, "  %s", row->what);
    table_cell(table, "%s", row->published_text);
    table_cell(table, "%s", repro_figure(row->ours, row, text));
    table_cell(table, "%s", row->unit->text);
    table_cell(table, "%s", repro_ratio(row, text));
    table_cell(table, "%s", row->band);
    table_cell(table, "%s",
               row->verdict == REPRO_OUTSIDE ? "OUT" : repro_verdict_names[row->verdict]);
}

static int larger(int a, int b) {
    return a > b ? a : b;
}

/* Columns that are left for the names of rows beside all else, at least LABEL_LEAST. */
static int label_width(const struct repro_result *result, int first, int last,
                       const struct screen *screen) {
    char text[REPRO_FIGURE_LENGTH];
    int published = 9, ours = 4, unit = 0, ratio = 5, band = 4, verdict = 2;
    for (int i = first; i < last; i++) {
        const struct repro_row *row = &result->rows[i];
        published = larger(published, text_width(row->published_text));
        ours = larger(ours, text_width(repro_figure(row->ours, row, text)));
        unit = larger(unit, text_width(row->unit->text));
        ratio = larger(ratio, text_width(repro_ratio(row, text)));
        band = larger(band, text_width(row->band));
        verdict = larger(verdict, (int)strlen(repro_verdict_names[row->verdict]));
    }
    int others = 2 + published + ours + unit + ratio + band + verdict + 6;
    return larger(LABEL_LEAST, screen->width - others);
}

/* Notes of the rows first..last-1; one that the row before has as well is not repeated. */
static void print_notes(const struct repro_result *result, int first, int last,
                        const struct screen *screen) {
    const char *before = NULL;
    for (int i = first; i < last; i++) {
        const struct repro_row *row = &result->rows[i];
        if (row->note == NULL || strcmp(row->note, PAPER_AS_ABOVE) == 0 ||
            (before != NULL && strcmp(before, row->note) == 0))
            continue;
        before = row->note;
        fprintf(screen->out, "%s  %s:", screen_style(screen, STYLE_DIM), row->what);
        screen_wrapped_after(screen, 3 + text_width(row->what), row->note, NOTE_INDENT);
        fputs(screen_reset(screen), screen->out);
    }
}

static enum status print_table(const struct repro_view *view, const struct repro_result *result,
                               int first, int last, const struct screen *screen,
                               struct diagnostic *diag) {
    const struct paper_table *published = &result->paper->tables[result->rows[first].table];
    const struct table_column columns[] = {
        {"", NULL, TABLE_LEFT, STYLE_PLAIN},       {"published", NULL, TABLE_RIGHT, STYLE_PLAIN},
        {"ours", NULL, TABLE_RIGHT, STYLE_PLAIN},  {"", NULL, TABLE_LEFT, STYLE_DIM},
        {"ratio", NULL, TABLE_RIGHT, STYLE_PLAIN}, {"band", NULL, TABLE_RIGHT, STYLE_DIM},
        {"", NULL, TABLE_LEFT, STYLE_PLAIN},
    };
    int width = label_width(result, first, last, screen);
    struct table table;
    table_begin(&table, columns, sizeof columns / sizeof *columns);
    for (int i = first; i < last; i++)
        if (!view->brief || result->rows[i].verdict == REPRO_OUTSIDE)
            add_row(&table, &result->rows[i], width);
    enum status status = STATUS_OK;
    if (table.n_cells > 0) {
        fprintf(screen->out, "\n%s%s%s", screen_style(screen, STYLE_BOLD), published->title,
                screen_reset(screen));
        fprintf(screen->out, "%s:", screen_style(screen, STYLE_DIM));
        screen_wrapped_after(screen, 1 + text_width(published->title), published->source,
                             NOTE_INDENT);
        fputs(screen_reset(screen), screen->out);
        status = table_print(&table, screen, diag);
    }
    table_free(&table);
    if (status == STATUS_OK && !view->brief)
        print_notes(result, first, last, screen);
    return status;
}

static void print_parameters(const struct repro_result *result, const struct screen *screen) {
    for (int i = 0; i < result->n_parameters; i++) {
        const struct repro_parameter *parameter = &result->parameters[i];
        if (i == 0 || strcmp(parameter->fit, parameter[-1].fit) != 0)
            fprintf(screen->out, "\n%sCalibrated: %s%s, least squares on %d of the %d rows of %s\n",
                    screen_style(screen, STYLE_BOLD), parameter->fit, screen_reset(screen),
                    parameter->rows, parameter->of, parameter->data);
        fprintf(screen->out, "  %-12s %8.4g %-3s %s\n", parameter->name, parameter->value,
                parameter->unit->text, parameter->what);
    }
}

static enum status print_paper(const struct repro_view *view, int index,
                               const struct screen *screen, struct diagnostic *diag) {
    const struct repro_result *result = &view->results[index];
    fprintf(screen->out, "%s%s%s: %s\n", screen_style(screen, STYLE_BOLD), result->paper->name,
            screen_reset(screen), result->paper->title);
    if (!view->brief)
        TRY(repro_screen_comparisons(result, screen, diag));
    for (int first = 0, last; first < result->n_rows; first = last) {
        last = first;
        while (last < result->n_rows && result->rows[last].table == result->rows[first].table)
            last++;
        TRY(print_table(view, result, first, last, screen, diag));
    }
    if (!view->brief)
        print_parameters(result, screen);
    if (!view->brief || index + 1 == view->n)
        fputc('\n', screen->out);
    return STATUS_OK;
}

enum status repro_screen(const struct repro_view *view, const struct screen *screen,
                         struct diagnostic *diag) {
    int out = repro_count(view, REPRO_OUTSIDE), skipped = repro_count(view, REPRO_SKIPPED);
    for (int i = 0; i < view->n; i++)
        TRY(print_paper(view, i, screen, diag));
    fprintf(screen->out, "%d rows within their band, %s%d outside%s, %d claims without one",
            repro_count(view, REPRO_WITHIN), screen_style(screen, out > 0 ? STYLE_BAD : STYLE_GOOD),
            out, screen_reset(screen), repro_count(view, REPRO_CLAIM));
    if (skipped > 0)
        fprintf(screen->out, ", %d skipped", skipped);
    fputc('\n', screen->out);
    if (view->database != NULL && view->n == 1)
        fprintf(screen->out, "Stored as run %lld of experiment `repro-%s` in %s.\n",
                (long long)view->written[0].run_id, view->results[0].paper->name, view->database);
    else if (view->database != NULL)
        fprintf(screen->out, "Stored as %d runs of experiments `repro-...` in %s.\n", view->n,
                view->database);
    return STATUS_OK;
}
