#include "mapping/mapping.h"

#include <string.h>

#include "mapping/columns.h"
#include "mapping/compaction.h"
#include "mapping/fragments.h"
#include "mapping/reads.h"
#include "mapping/replication.h"
#include "mapping/values_read.h"
#include "peripherals/adc.h"

static int minimum(int a, int b) {
    return a < b ? a : b;
}

static int ceiling(int a, int b) {
    return (a + b - 1) / b;
}

/* Groups in `pack`; the last pack may hold fewer. */
static int pack_groups(const struct mapped_layer *m, int pack) {
    return minimum(m->groups_per_pack, m->layer->shape.groups - pack * m->groups_per_pack);
}

int mapping_pack_rows(const struct mapped_layer *layer, int pack) {
    return pack_groups(layer, pack) * matrix_rows(&layer->layer->shape);
}

int mapping_pack_filters(const struct mapped_layer *layer, int pack) {
    return pack_groups(layer, pack) * matrix_columns(&layer->layer->shape);
}

int mapping_pack_weight(const struct mapped_layer *layer, int pack, int row, int filter) {
    int rows = matrix_rows(&layer->layer->shape), filters = matrix_columns(&layer->layer->shape);
    if (row / rows != filter / filters)
        return 0; /* off the block diagonal */
    size_t out = (size_t)pack * (size_t)layer->pack_filters + (size_t)filter;
    return layer->layer->weights[out * (size_t)rows + (size_t)(row % rows)];
}

const int *mapping_array_rows(const struct mapped_layer *layer, const struct mapped_array *array,
                              int filter, int *rows) {
    int set = array->row_sets > 1 ? filter / layer->unit_filters : 0;
    const int *row = array->row + (size_t)set * (size_t)array->rows;
    *rows = array->rows;
    while (*rows > 0 && row[*rows - 1] < 0)
        --*rows;
    return row;
}

int mapping_array_column(const struct mapped_layer *layer, int index, int filter,
                         int16_t *weights) {
    const struct mapped_array *a = &layer->arrays[index];
    int rows = matrix_rows(&layer->layer->shape), number = a->filter[filter], n;
    const int *row = mapping_array_rows(layer, a, filter, &n);
    int first = number / matrix_columns(&layer->layer->shape) * rows; /* of its group */
    size_t out = (size_t)a->pack * (size_t)layer->pack_filters + (size_t)number;
    const int16_t *own = layer->layer->weights + out * (size_t)rows;
    const int *owner = layer->owner;
    if (owner != NULL)
        owner += (size_t)a->pack * (size_t)layer->row_blocks * (size_t)layer->pack_filters +
                 (size_t)number;
    bool run =
        n > 0 && row[n - 1] - row[0] == n - 1 && row[0] >= first && row[n - 1] < first + rows;
    if (owner == NULL && run) {
        memcpy(weights, own + (row[0] - first), (size_t)n * sizeof *weights);
        return n;
    }
    for (int r = 0; r < n; r++) {
        bool held = row[r] >= first && row[r] < first + rows;
        if (held && owner != NULL)
            held = owner[(size_t)(row[r] / layer->crossbar.rows) * (size_t)layer->pack_filters] ==
                   index;
        weights[r] = held ? own[row[r] - first] : 0;
    }
    return n;
}

/* Options of one layer, from their sections. */
struct layer_options {
    struct crossbar_options crossbar;
    struct mapping_options mapping;
    struct dac_options dac;
};

static enum status read_options(const struct config *config, const char *name,
                                struct layer_options *o, struct diagnostic *diag) {
    TRY(config_get_layer(config, "crossbar", name, &o->crossbar, diag));
    TRY(config_get_layer(config, "mapping", name, &o->mapping, diag));
    return config_get_layer(config, "dac", name, &o->dac, diag);
}

/* All columns of a weight lie in one operation unit. */
static enum status lay_out_units(const struct mapping_options *o, struct mapped_layer *m,
                                 struct diagnostic *diag) {
    m->unit_rows = o->ou_rows > 0 ? o->ou_rows : m->crossbar.rows;
    if (m->encoding.fragment_sign)
        TRY(fragments_lay_out(o, m, diag));
    m->unit_filters =
        o->ou_columns > 0 ? o->ou_columns / m->encoding.columns : m->filters_per_array;
    if (m->unit_rows > m->crossbar.rows || o->ou_columns > m->crossbar.columns)
        return FAIL(
            diag, STATUS_USAGE,
            "layer %s: an operation unit of %d x %d (mapping.ou_rows, mapping.ou_columns) is "
            "more than the crossbar of %d x %d",
            m->layer->name, m->unit_rows, o->ou_columns > 0 ? o->ou_columns : m->crossbar.columns,
            m->crossbar.rows, m->crossbar.columns);
    if (m->unit_filters == 0)
        return FAIL(diag, STATUS_USAGE,
                    "layer %s: mapping.ou_columns = %d cannot hold one weight, which takes %d "
                    "columns; use more columns, more bits per cell or another encoding",
                    m->layer->name, o->ou_columns, m->encoding.columns);
    return STATUS_OK;
}

/* Groups of such a shape that share arrays: at least 1. */
static int groups_that_fit(const struct mapped_layer *m, const struct matrix_shape *shape) {
    int fit = minimum(m->crossbar.rows / matrix_rows(shape),
                      m->filters_per_array / matrix_columns(shape));
    return minimum(fit < 1 ? 1 : fit, shape->groups);
}

/* Packs, blocks and columns: everything that follows from sizes alone. */
static enum status lay_out(const struct layer_options *o, struct mapped_layer *m,
                           struct diagnostic *diag) {
    const struct matrix_layer *layer = m->layer;
    m->crossbar = o->crossbar;
    m->encoding = encoding_make((enum encoding_kind)o->mapping.encoding, layer->weight_bits,
                                o->crossbar.cell_bits);
    m->flip = o->mapping.flip;
    m->dac_bits = o->dac.bits;
    m->cycles = ceiling(layer->input.bits, o->dac.bits);
    m->filters_per_array = o->crossbar.columns / m->encoding.columns;
    if (m->flip && m->encoding.kind != ENCODING_OFFSET)
        return FAIL(diag, STATUS_USAGE,
                    "layer %s: mapping.flip works with mapping.encoding offset only: set "
                    "mapping.flip=false, or mapping.encoding=offset",
                    layer->name);
    if (m->filters_per_array == 0)
        return FAIL(diag, STATUS_USAGE,
                    "layer %s: crossbar.columns = %d cannot hold one %d-bit weight, which takes %d "
                    "columns of %d-bit cells (%s); use more columns or more bits per cell",
                    layer->name, o->crossbar.columns, layer->weight_bits, m->encoding.columns,
                    o->crossbar.cell_bits, encoding_names[m->encoding.kind]);
    TRY(lay_out_units(&o->mapping, m, diag));
    int rows = matrix_rows(&layer->shape), columns = matrix_columns(&layer->shape);
    m->groups_per_pack = groups_that_fit(m, &layer->shape);
    m->packs = ceiling(layer->shape.groups, m->groups_per_pack);
    m->pack_rows = m->groups_per_pack * rows;
    m->pack_filters = m->groups_per_pack * columns;
    m->row_blocks = ceiling(m->pack_rows, o->crossbar.rows);
    m->column_groups = ceiling(m->pack_filters, m->filters_per_array);
    m->columns_per_array = m->filters_per_array * m->encoding.columns;
    return STATUS_OK;
}

/* Arrays of the layer as it was before purification, without compaction; the last pack may hold
 * fewer groups. */
static int dense_arrays(const struct mapped_layer *m) {
    const struct matrix_shape shape = matrix_unpurified(&m->layer->shape);
    int arrays = 0, most = groups_that_fit(m, &shape);
    for (int group = 0; group < shape.groups; group += most) {
        int groups = minimum(most, shape.groups - group);
        arrays += ceiling(groups * matrix_rows(&shape), m->crossbar.rows) *
                  ceiling(groups * matrix_columns(&shape), m->filters_per_array);
    }
    return arrays;
}

static struct array_sums sums_of(const struct mapped_layer *m) {
    struct array_sums sums = {0};
    for (int i = 0; i < m->n_arrays; i++) {
        const struct mapped_array *a = &m->arrays[i];
        sums.columns_used += a->columns_used;
        sums.partial_sums += a->sums;
        sums.rows_driven += a->rows_driven;
        sums.conversions += a->conversions;
        sums.cells_read += a->cells_read;
        sums.signs += a->signs;
        sums.cells_nonzero += a->cells_nonzero;
        sums.level_sum += a->level_sum;
    }
    return sums;
}

enum status mapping_sum_arrays(struct mapped_layer *layer, struct arena *arena,
                               struct diagnostic *diag) {
    layer->sums = sums_of(layer);
    layer->n_runs = 0;
    layer->runs = ARENA_NEW(arena, layer->n_arrays + 1, struct array_run);
    if (layer->runs == NULL)
        return FAIL_MEMORY(diag, "the arrays of a layer");
    for (int i = 0; i < layer->n_arrays; i++) {
        const struct mapped_array *own = &layer->arrays[i], *last = own - (i > 0);
        bool same = i > 0 && last->row == own->row && last->rows == own->rows &&
                    last->row_sets == own->row_sets && last->pack == own->pack;
        if (!same)
            layer->runs[layer->n_runs++] = (struct array_run){.first = i};
        layer->runs[layer->n_runs - 1].count++;
    }
    return STATUS_OK;
}

/* Cells where a word line crosses the columns of a filter that it is for. */
static double covered_cells(const struct mapped_layer *m, const struct mapped_array *a) {
    double cells = 0;
    for (int f = 0; f < a->filters; f++) {
        int rows;
        mapping_array_rows(m, a, f, &rows);
        cells += (double)rows * m->encoding.columns;
    }
    return cells;
}

static void sum_up(struct mapped_layer *m) {
    double covered = 0;
    m->reads =
        m->cycles; /* also where a layer without weights has no array: its results are paced */
    for (int i = 0; i < m->n_arrays; i++) {
        const struct mapped_array *a = &m->arrays[i];
        covered += covered_cells(m, a);
        m->reads = a->units * m->cycles > m->reads ? a->units * m->cycles : m->reads;
    }
    long physical = (long)m->n_arrays * (m->crossbar.columns + (m->encoding.unit_column ? 1 : 0));
    m->columns_idle = physical - m->sums.columns_used;
    double cells = (double)m->n_arrays * (double)m->crossbar.rows * (double)m->crossbar.columns;
    m->utilisation =
        cells > 0 ? covered / cells : 0; /* a layer without weights may have no array */
}

static enum status place_and_analyse(struct mapped_layer *m, struct arena *arena,
                                     struct diagnostic *diag) {
    TRY(compaction_place(m, arena, diag));
    return columns_analyse(m, diag);
}

/* Sizes alone, and whether the weights suit them. `size` NULL: as configured. */
static enum status begin_layer(const struct network *network, int index,
                               const struct config *config, const struct crossbar_size *size,
                               struct layer_options *options, struct mapped_layer *m,
                               struct diagnostic *diag) {
    m->layer = &network->matrix[index];
    TRY(read_options(config, m->layer->name, options, diag));
    if (size != NULL) {
        options->crossbar.rows = size->rows;
        options->crossbar.columns = size->columns;
    }
    TRY(lay_out(options, m, diag));
    return m->encoding.fragment_sign ? fragments_check(m, diag) : STATUS_OK;
}

enum status mapping_check_size(const struct network *network, int index,
                               const struct config *config, const struct crossbar_size *size,
                               struct diagnostic *diag) {
    struct layer_options options;
    struct mapped_layer layer = {0};
    return begin_layer(network, index, config, size, &options, &layer, diag);
}

static enum status map_layer(const struct network *network, int index, const struct config *config,
                             const struct crossbar_size *size, struct arena *arena,
                             struct mapped_layer *m, struct diagnostic *diag) {
    struct layer_options options;
    TRY(begin_layer(network, index, config, size, &options, m, diag));
    m->n_arrays_dense = dense_arrays(m);
    m->weights = network_weight_statistics(network, index, m->crossbar.rows);
    m->compaction = COMPACTION_NONE;
    TRY(place_and_analyse(m, arena, diag));
    m->uncompacted_bits = m->lossless.exact;
    m->compaction = (enum compaction)options.mapping.compaction;
    if (m->compaction != COMPACTION_NONE)
        TRY(place_and_analyse(m, arena, diag));
    TRY(mapping_sum_arrays(m, arena, diag));
    TRY(reads_analyse(m, arena, diag));
    sum_up(m);
    return values_read(m, diag);
}

void mapping_count_crossbars(struct mapping *mapping) {
    mapping->crossbars = mapping->crossbars_dense = 0;
    for (int i = 0; i < mapping->n_layers; i++) {
        const struct mapped_layer *layer = &mapping->layers[i];
        mapping->crossbars += (long)layer->n_arrays * layer->copies;
        mapping->crossbars_dense += (long)layer->n_arrays_dense * layer->copies;
    }
}

static enum status replicate(const struct network *network, const struct config *config,
                             struct mapping *mapping, struct diagnostic *diag) {
    const struct mapping_options *options = config_get(config, "mapping");
    int *copies = ARENA_NEW(&mapping->arena, network->n_matrix, int);
    if (copies == NULL)
        return FAIL_MEMORY(diag, "copies of layers");
    if (options->replication == REPLICATION_ISAAC)
        TRY(replication_isaac(network, copies, diag));
    for (int i = 0; i < network->n_matrix; i++)
        mapping->layers[i].copies = copies[i] > 1 ? copies[i] : 1;
    mapping_count_crossbars(mapping);
    return STATUS_OK;
}

enum status mapping_create(const struct network *network, const struct config *config,
                           struct mapping *mapping, struct diagnostic *diag) {
    return mapping_create_sized(network, config, NULL, mapping, diag);
}

enum status mapping_create_sized(const struct network *network, const struct config *config,
                                 const struct crossbar_size *sizes, struct mapping *mapping,
                                 struct diagnostic *diag) {
    *mapping = (struct mapping){.n_layers = network->n_matrix};
    enum status status = STATUS_OK;
    mapping->layers = ARENA_NEW(&mapping->arena, network->n_matrix, struct mapped_layer);
    if (mapping->layers == NULL)
        status = FAIL_MEMORY(diag, "the mapping");
    for (int i = 0; i < network->n_matrix && status == STATUS_OK; i++)
        status = map_layer(network, i, config, sizes != NULL ? &sizes[i] : NULL, &mapping->arena,
                           &mapping->layers[i], diag);
    if (status == STATUS_OK)
        status = replicate(network, config, mapping, diag);
    if (status != STATUS_OK)
        mapping_free(mapping);
    return status;
}

void mapping_free(struct mapping *mapping) {
    if (mapping == NULL)
        return;
    arena_free(&mapping->arena);
    *mapping = (struct mapping){0};
}
