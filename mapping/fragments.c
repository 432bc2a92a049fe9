#include "mapping/fragments.h"

static int smaller(int a, int b) {
    return a < b ? a : b;
}

/* First row of a pack's `rows` behind the fragment that holds `row`. */
static int fragment_end(const struct mapped_layer *m, int row, int rows) {
    int in_block = row % m->crossbar.rows, block = row - in_block;
    int end = block + in_block - in_block % m->unit_rows + m->unit_rows;
    return smaller(smaller(end, block + m->crossbar.rows), rows);
}

enum status fragments_lay_out(const struct mapping_options *options, struct mapped_layer *layer,
                              struct diagnostic *diag) {
    const char *name = layer->layer->name;
    int fragment = options->fragment_rows, rows = layer->crossbar.rows;
    if (options->ou_rows > 0 && options->ou_rows != fragment)
        return FAIL(diag, STATUS_USAGE,
                    "layer %s: mapping.encoding polarized reads a fragment of %d rows at a time "
                    "(mapping.fragment_rows), not mapping.ou_rows = %d: leave mapping.ou_rows at 0",
                    name, fragment, options->ou_rows);
    if (fragment > rows)
        return FAIL(diag, STATUS_USAGE,
                    "layer %s: a fragment of mapping.fragment_rows = %d is more than the %d rows "
                    "of the crossbar",
                    name, fragment, rows);
    if (options->compaction != COMPACTION_NONE && rows % fragment != 0)
        return FAIL(diag, STATUS_USAGE,
                    "layer %s: mapping.compaction %s joins row blocks, and those of %d rows end "
                    "within a fragment of %d: set mapping.fragment_rows to a divisor of "
                    "crossbar.rows",
                    name, compaction_names[options->compaction], rows, fragment);
    layer->unit_rows = fragment;
    return STATUS_OK;
}

/* Refuses rows [row, end) of filter `filter` of the layer, where row `mixed` has the second sign.
 */
static enum status refuse(const struct mapped_layer *m, int filter, int row, int end, int mixed,
                          struct diagnostic *diag) {
    int rows = matrix_rows(&m->layer->shape);
    if (m->groups_per_pack > 1 && rows % m->unit_rows != 0)
        return FAIL(diag, STATUS_USAGE,
                    "layer %s: rows %d to %d of filter %d hold weights of both signs (row %d) in a "
                    "fragment of mapping.encoding polarized; groups of %d rows share arrays, so "
                    "take a divisor of %d for mapping.fragment_rows and pruning.fragment_rows of "
                    "the layer, or another encoding",
                    m->layer->name, row, end - 1, filter, mixed, rows, rows);
    return FAIL(diag, STATUS_USAGE,
                "layer %s: rows %d to %d of filter %d hold weights of both signs (row %d), and a "
                "fragment of mapping.encoding polarized has one: prune with "
                "pruning.scheme=polarization, pruning.fragment_rows=%d (and "
                "pruning.skip_first=false, if the layer is the first), or choose another encoding",
                m->layer->name, row, end - 1, filter, mixed, m->unit_rows);
}

static enum status check_filter(const struct mapped_layer *m, int filter, struct diagnostic *diag) {
    int rows = matrix_rows(&m->layer->shape), columns = matrix_columns(&m->layer->shape);
    int pack = filter / m->pack_filters, pack_rows = mapping_pack_rows(m, pack);
    int first = filter % m->pack_filters / columns * rows; /* of its group, in the pack */
    const int16_t *weights = m->layer->weights + (size_t)filter * (size_t)rows;
    for (int row = first, end; row < first + rows; row = end) {
        int sign = 0;
        end = smaller(fragment_end(m, row, pack_rows), first + rows);
        for (int r = row; r < end; r++) {
            int own = (weights[r - first] > 0) - (weights[r - first] < 0);
            if (own * sign < 0)
                return refuse(m, filter, row - first, end - first, r - first, diag);
            sign = own != 0 ? own : sign;
        }
    }
    return STATUS_OK;
}

enum status fragments_check(const struct mapped_layer *layer, struct diagnostic *diag) {
    for (int f = 0; f < layer->layer->shape.out_channels; f++)
        TRY(check_filter(layer, f, diag));
    return STATUS_OK;
}

void fragments_widen(const struct mapped_layer *layer, uint8_t *used, int rows) {
    for (int row = 0, end; row < rows; row = end) {
        uint8_t any = 0;
        end = fragment_end(layer, row, rows);
        for (int r = row; r < end; r++)
            any |= used[r];
        for (int r = row; r < end; r++)
            used[r] = any;
    }
}
