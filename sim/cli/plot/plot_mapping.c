/* Arrays as tiles, layer by layer: a frame is the array, its filled part the word lines (height)
 * and bit lines (width) in use, in the layer's colour, the stronger the more of the cells where
 * they cross are programmed. Colours are those that the colour-blind tell apart (Okabe and Ito
 * 2008). */
#include "sim/cli/plot/plot_mapping.h"

#include <stdio.h>
#include <stdlib.h>

#include "sim/screen/names.h"

enum {
    WIDTH = 1000,
    LEFT = 190,
    TOP = 64,
    BOTTOM = 58,
    NAME_WIDTH = 24,
    ROW_GAP = 8,
    TEXT_ROW = 30
};

static const char *const colours[] = {"#0072B2", "#E69F00", "#009E73", "#CC79A7",
                                      "#56B4E9", "#D55E00", "#7F6A00"};
enum { COLOURS = sizeof colours / sizeof *colours };

/* Side of a tile of the largest rows and columns of all arrays, and the step to the next. */
struct tiles {
    double side, step;
    int per_row;
    int rows, columns; /* that a side stands for */
    bool differ;       /* arrays have several sizes */
};

static struct tiles choose_tiles(const struct mapping *mapping) {
    static const struct {
        long arrays;
        double side;
    } sizes[] = {{200, 26}, {800, 16}, {2500, 10}, {8000, 6}};
    long arrays = 0;
    struct tiles tiles = {.side = 4};
    for (int i = 0; i < mapping->n_layers; i++) {
        const struct crossbar_options *own = &mapping->layers[i].crossbar;
        const struct crossbar_options *first = &mapping->layers[0].crossbar;
        arrays += mapping->layers[i].n_arrays;
        tiles.rows = own->rows > tiles.rows ? own->rows : tiles.rows;
        tiles.columns = own->columns > tiles.columns ? own->columns : tiles.columns;
        tiles.differ = tiles.differ || own->rows != first->rows || own->columns != first->columns;
    }
    for (size_t i = sizeof sizes / sizeof *sizes; i-- > 0;)
        if (arrays <= sizes[i].arrays)
            tiles.side = sizes[i].side;
    tiles.step = tiles.side + (tiles.side > 8 ? 3 : 2);
    tiles.per_row = (int)((WIDTH - LEFT - 20) / tiles.step);
    return tiles;
}

static double layer_height(const struct mapped_layer *layer, const struct tiles *tiles) {
    int rows = (layer->n_arrays + tiles->per_row - 1) / tiles->per_row;
    double height = rows * tiles->step;
    return height > TEXT_ROW ? height : TEXT_ROW;
}

static void print_text(FILE *out, const char *text) {
    for (; *text != '\0'; text++)
        switch (*text) {
        case '&':
            fputs("&amp;", out);
            break;
        case '<':
            fputs("&lt;", out);
            break;
        default:
            fputc((unsigned char)*text < ' ' ? '?' : *text, out);
        }
}

static void draw_array(FILE *out, const struct mapped_layer *layer,
                       const struct mapped_array *array, const struct tiles *tiles, double x,
                       double y) {
    double tall = tiles->side * layer->crossbar.rows / tiles->rows;
    double wide = tiles->side * layer->crossbar.columns / tiles->columns;
    double columns = layer->crossbar.columns + (layer->encoding.unit_column ? 1 : 0);
    double height = tall * array->rows / layer->crossbar.rows;
    double width = wide * array->columns_used / columns;
    double crossed = (double)array->rows * array->columns_used;
    double share = crossed > 0 ? (double)array->cells_nonzero / crossed : 0;
    fprintf(out, "<rect x=\"%.4g\" y=\"%.5g\" width=\"%g\" height=\"%g\" class=\"f\"/>", x, y, wide,
            tall);
    if (crossed > 0)
        fprintf(out,
                "<rect x=\"%.4g\" y=\"%.5g\" width=\"%.3g\" height=\"%.3g\" opacity=\"%.2f\"/>\n",
                x, y, width, height, 0.3 + 0.7 * share);
}

static enum status draw_layer(FILE *out, const struct mapping *mapping, int index,
                              const struct tiles *tiles, double top, struct diagnostic *diag) {
    const struct mapped_layer *layer = &mapping->layers[index];
    struct arena arena = ARENA_INIT;
    const char *name = short_layer_name(layer->layer->name, NAME_WIDTH, &arena);
    if (name == NULL) {
        arena_free(&arena);
        return FAIL_MEMORY(diag, "names of layers");
    }
    fprintf(out, "<text x=\"16\" y=\"%.5g\" class=\"n\">", top + 12);
    print_text(out, name);
    fprintf(out, "</text><text x=\"16\" y=\"%.5g\" class=\"s\">%d array%s", top + 25,
            layer->n_arrays, layer->n_arrays == 1 ? "" : "s");
    if (layer->n_arrays < layer->n_arrays_dense)
        fprintf(out, " of %d", layer->n_arrays_dense);
    if (layer->copies > 1)
        fprintf(out, ", %d copies", layer->copies);
    if (tiles->differ)
        fprintf(out, ", %dx%d", layer->crossbar.rows, layer->crossbar.columns);
    fprintf(out, ", %.0f %% used</text>\n<g fill=\"%s\">\n", 100 * layer->utilisation,
            colours[index % COLOURS]);
    for (int i = 0; i < layer->n_arrays; i++)
        draw_array(out, layer, &layer->arrays[i], tiles, LEFT + i % tiles->per_row * tiles->step,
                   top + i / tiles->per_row * tiles->step);
    fputs("</g>\n", out);
    arena_free(&arena);
    return STATUS_OK;
}

static void draw_head(FILE *out, const struct mapping *mapping, const char *title, double height,
                      bool differ) {
    fprintf(out,
            "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 %d %.5g\" width=\"%d\" "
            "height=\"%.5g\">\n<style>text{font-family:sans-serif;fill:#222}"
            ".t{font-size:18px;font-weight:bold}.n{font-size:12px}.s{font-size:10px;fill:#666}"
            ".f{fill:#f2f2f2;stroke:#bbb;stroke-width:.5}</style>\n"
            "<rect width=\"100%%\" height=\"100%%\" fill=\"white\"/>\n<text x=\"16\" y=\"28\" "
            "class=\"t\">",
            WIDTH, height, WIDTH, height);
    print_text(out, file_name(title));
    fprintf(out, ": %ld crossbars</text>\n<text x=\"16\" y=\"46\" class=\"s\">",
            mapping->crossbars);
    if (mapping->crossbars != mapping->crossbars_dense)
        fprintf(out, "%ld without compaction; ", mapping->crossbars_dense);
    fprintf(out, "in the order of the layers%s</text>\n",
            differ ? "; tiles are as large as their arrays" : "");
}

static void draw_foot(FILE *out, double top) {
    fprintf(out,
            "<g fill=\"%s\"><rect x=\"16\" y=\"%.5g\" width=\"26\" height=\"26\" class=\"f\"/>"
            "<rect x=\"16\" y=\"%.5g\" width=\"19\" height=\"13\" opacity=\".8\"/></g>\n"
            "<text x=\"52\" y=\"%.5g\" class=\"s\">A tile is one array: filled as high as its word "
            "lines in use, as wide as its bit lines with a programmed cell,</text>\n"
            "<text x=\"52\" y=\"%.5g\" class=\"s\">and the darker the more of the cells where they "
            "cross are programmed. %% used: cells of the word lines and columns that hold "
            "filters.</text>\n</svg>\n",
            colours[0], top + 8, top + 8, top + 19, top + 32);
}

enum status plot_mapping(const struct mapping *mapping, const char *title, char **text,
                         size_t *size, struct diagnostic *diag) {
    struct tiles tiles = choose_tiles(mapping);
    double height = TOP + BOTTOM, top = TOP;
    FILE *out = open_memstream(text, size);
    if (out == NULL)
        return FAIL_MEMORY(diag, "the picture");
    for (int i = 0; i < mapping->n_layers; i++)
        height += layer_height(&mapping->layers[i], &tiles) + ROW_GAP;
    draw_head(out, mapping, title, height, tiles.differ);
    enum status status = STATUS_OK;
    for (int i = 0; i < mapping->n_layers && status == STATUS_OK; i++) {
        status = draw_layer(out, mapping, i, &tiles, top, diag);
        top += layer_height(&mapping->layers[i], &tiles) + ROW_GAP;
    }
    draw_foot(out, top);
    if (fclose(out) != 0 && status == STATUS_OK)
        status = FAIL_MEMORY(diag, "the picture");
    return status;
}
