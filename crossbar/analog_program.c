/* Programming an analog row block: levels of every array to effective cells, then to lane groups in
 * fixed point. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "crossbar/analog_block.h"
#include "sim/base/random.h"

/* Fixed point: no cell is held finer than this, and every sum fits 31 bits. */
enum { MOST_FRACTION_BITS = 22 };

/* Effective cells of all arrays: [arrays][physical columns][rows], rows as they are driven. */
struct programmed {
    const struct analog_spec *spec;
    int arrays, columns; /* physical columns of an array, its unit column last */
    float *cells, *sigmas;
    bool *used; /* [arrays][columns]: some cell was programmed */
    double unit, variance_unit;
};

static bool is_flipped(const struct analog_spec *spec, int filter, int column) {
    return spec->flipped != NULL && spec->flipped[filter * spec->encoding->columns + column] != 0;
}

static uint8_t level_of(const struct analog_spec *spec, int array, int row, int column) {
    const struct encoding *e = spec->encoding;
    int filter = array * spec->filters_per_array + column / e->columns;
    if (column == spec->filters_per_array * e->columns)
        return 1; /* the unit column */
    if (filter >= spec->filters)
        return 0;
    int weight = spec->weights[(size_t)filter * spec->stride + (size_t)row];
    unsigned cell = encoding_cell(e, weight, column % e->columns);
    unsigned top = (1U << e->cell_bits) - 1U;
    return (uint8_t)(is_flipped(spec, filter, column % e->columns) ? top - cell : cell);
}

/* Programs one array in its own order (row by row, column by column), whatever the order in which
 * rows are driven, so that a cell's draws belong to its place. */
static enum status program_array(struct programmed *p, int array, struct diagnostic *diag) {
    const struct analog_spec *spec = p->spec;
    size_t rows = (size_t)spec->rows, columns = (size_t)p->columns, n = rows * columns;
    uint8_t *levels = malloc(n);
    float *effective = malloc(n * sizeof *effective), *sigma = malloc(n * sizeof *sigma);
    enum status status = STATUS_OK;
    if (levels == NULL || effective == NULL || sigma == NULL) {
        status = FAIL_MEMORY(diag, "the cells of an array");
    } else {
        for (int r = 0; r < spec->rows; r++)
            for (int c = 0; c < p->columns; c++)
                levels[(size_t)spec->row_order[r] * columns + (size_t)c] =
                    level_of(spec, array, r, c);
        device_program(spec->device, spec->encoding->cell_bits, levels, n, spec->array_keys[array],
                       effective, p->sigmas == NULL ? NULL : sigma);
        for (int c = 0; c < p->columns; c++) {
            size_t column = (size_t)array * columns + (size_t)c;
            for (int r = 0; r < spec->rows; r++) {
                size_t at = (size_t)spec->row_order[r] * columns + (size_t)c;
                p->cells[column * rows + (size_t)r] = effective[at];
                if (p->sigmas != NULL)
                    p->sigmas[column * rows + (size_t)r] = sigma[at];
                p->used[column] |= levels[at] != 0;
            }
        }
    }
    free(levels);
    free(effective);
    free(sigma);
    return status;
}

/* The finest power of two in which every column's largest sum fits 31 bits. `power` 2 for
 * variances, in which digits count squared. */
static double fixed_point_unit(const float *values, size_t columns, size_t rows, int digit,
                               int power) {
    double largest = 0;
    for (size_t c = 0; c < columns; c++) {
        double sum = 0;
        for (size_t r = 0; r < rows; r++)
            sum += pow(fabs((double)values[c * rows + r]), power);
        largest = sum > largest ? sum : largest;
    }
    largest *= pow(digit, power);
    int bits = MOST_FRACTION_BITS;
    while (bits > -31 && ldexp(largest, bits) + (double)rows * digit * digit >= 2147483647.0)
        bits--;
    return ldexp(1.0, -bits);
}

static enum status program_arrays(struct programmed *p, struct diagnostic *diag) {
    const struct analog_spec *spec = p->spec;
    size_t columns = (size_t)p->arrays * (size_t)p->columns, rows = (size_t)spec->rows;
    p->cells = calloc(columns * rows, sizeof *p->cells);
    p->used = calloc(columns, sizeof *p->used);
    if (device_has_read_noise(spec->device))
        p->sigmas = calloc(columns * rows, sizeof *p->sigmas);
    if (p->cells == NULL || p->used == NULL ||
        (p->sigmas == NULL && device_has_read_noise(spec->device)))
        return FAIL_MEMORY(diag, "the cells of an array");
    for (int a = 0; a < p->arrays; a++)
        TRY(program_array(p, a, diag));
    int digit = (1 << spec->dac_bits) - 1;
    p->unit = fixed_point_unit(p->cells, columns, rows, digit, 1);
    if (p->sigmas != NULL)
        p->variance_unit = fixed_point_unit(p->sigmas, columns, rows, digit, 2);
    return STATUS_OK;
}

/* Puts physical column `column` of `array` into lane `lane` of a group. */
static void fill_lane(const struct programmed *p, int array, int column, struct analog_group *g,
                      int lane, int32_t *cells, int32_t *variances) {
    const struct analog_spec *spec = p->spec;
    size_t from = ((size_t)array * (size_t)p->columns + (size_t)column) * (size_t)spec->rows;
    for (int r = 0; r < spec->rows; r++) {
        cells[r * BITLINE_LANES + lane] =
            (int32_t)lrint((double)p->cells[from + (size_t)r] / p->unit);
        if (variances != NULL)
            variances[r * BITLINE_LANES + lane] =
                (int32_t)lrint(pow((double)p->sigmas[from + (size_t)r], 2) / p->variance_unit);
    }
    int converter = (column + spec->first_filter * spec->encoding->columns) / spec->columns_per_adc;
    if (converter >= spec->converters_per_array) /* the unit column shares the last one */
        converter = spec->converters_per_array - 1;
    const struct analog_converter *c =
        &spec->converters[array * spec->converters_per_array + converter];
    g->lanes.scale[lane] = c->scale;
    g->lanes.offset[lane] = c->offset;
    if (c->thresholds != NULL)
        ((const float **)g->lanes.thresholds)[lane] = c->thresholds;
}

static bool any_thresholds(const struct analog_spec *spec, int arrays) {
    for (int i = 0; i < arrays * spec->converters_per_array; i++)
        if (spec->converters[i].thresholds != NULL)
            return true;
    return false;
}

/* Memory and the common figures of group number `index` (unit groups count on). */
static enum status group_begin(const struct programmed *p, const struct analog_block *block,
                               int index, struct arena *arena, struct analog_group *g,
                               struct diagnostic *diag) {
    size_t rows = (size_t)block->lookups.count * (size_t)block->lookups.rows_per_lookup;
    g->cells = ARENA_NEW(arena, rows * BITLINE_LANES, int32_t);
    g->variances = p->sigmas == NULL ? NULL : ARENA_NEW(arena, rows * BITLINE_LANES, int32_t);
    bool uneven = any_thresholds(p->spec, p->arrays);
    if (uneven)
        g->lanes.thresholds = ARENA_NEW(arena, BITLINE_LANES, const float *);
    if (g->cells == NULL || (p->sigmas != NULL && g->variances == NULL) ||
        (uneven && g->lanes.thresholds == NULL))
        return FAIL_MEMORY(diag, "the cells of an array");
    g->lanes.codes = p->spec->codes;
    g->lanes.unit = (float)p->unit;
    g->lanes.variance_unit = (float)p->variance_unit;
    uint64_t part = (uint64_t)index;
    g->lanes.noise_key = random_key(p->spec->noise_key, &part, 1);
    g->lanes.normals = counter_normals(p->spec->level);
    return STATUS_OK;
}

/* A segment: up to 16 filters' cells of one encoding column. */
static void fill_segment(const struct programmed *p, int filter, int column,
                         struct analog_group *g) {
    const struct analog_spec *spec = p->spec;
    const struct encoding_column *c = &spec->encoding->column[column];
    int left = spec->filters - filter, slot = g->n_segments++, signs = 0;
    struct bitline_segment *s = &g->segments[slot];
    *s = (struct bitline_segment){.filter = filter,
                                  .lanes = left < BITLINE_SEGMENT ? left : BITLINE_SEGMENT,
                                  .shift = c->shift};
    for (int i = 0; i < s->lanes; i++) {
        int array = (filter + i) / spec->filters_per_array;
        int physical = (filter + i) % spec->filters_per_array * spec->encoding->columns + column;
        fill_lane(p, array, physical, g, slot * BITLINE_SEGMENT + i, (int32_t *)g->cells,
                  (int32_t *)g->variances);
        const int16_t *weights = spec->weights + (size_t)(filter + i) * spec->stride;
        int sign = c->sign * encoding_read_sign(spec->encoding, weights, spec->rows);
        sign = is_flipped(spec, filter + i, column) ? -sign : sign;
        bool used = p->used[array * p->columns + physical]; /* else it is never converted */
        s->lane_sign[i] = (int8_t)(used ? sign : 0);
        signs += s->lane_sign[i];
    }
    s->sign = signs == s->lanes ? 1 : signs == -s->lanes ? -1 : 0;
}

static enum status place_groups(const struct programmed *p, struct arena *arena,
                                struct analog_block *block, struct diagnostic *diag) {
    const struct analog_spec *spec = p->spec;
    int per_group = BITLINE_LANES / BITLINE_SEGMENT;
    int segments =
        spec->encoding->columns * ((spec->filters + BITLINE_SEGMENT - 1) / BITLINE_SEGMENT);
    block->n_groups = (segments + per_group - 1) / per_group;
    block->groups = ARENA_NEW(arena, block->n_groups, struct analog_group);
    if (block->groups == NULL)
        return FAIL_MEMORY(diag, "the columns of an array");
    for (int i = 0; i < block->n_groups; i++)
        TRY(group_begin(p, block, i, arena, &block->groups[i], diag));
    int placed = 0;
    for (int column = 0; column < spec->encoding->columns; column++)
        for (int filter = 0; filter < spec->filters; filter += BITLINE_SEGMENT)
            fill_segment(p, filter, column, &block->groups[placed++ / per_group]);
    return STATUS_OK;
}

static enum status place_units(const struct programmed *p, struct arena *arena,
                               struct analog_block *block, struct diagnostic *diag) {
    const struct analog_spec *spec = p->spec;
    const struct encoding *e = spec->encoding;
    if (!e->unit_column)
        return STATUS_OK;
    block->n_unit_groups = (p->arrays + BITLINE_LANES - 1) / BITLINE_LANES;
    block->unit_groups = ARENA_NEW(arena, block->n_unit_groups, struct analog_group);
    int64_t *factor = ARENA_NEW(arena, spec->filters, int64_t);
    if (block->unit_groups == NULL || factor == NULL)
        return FAIL_MEMORY(diag, "the unit columns");
    for (int i = 0; i < block->n_unit_groups; i++)
        TRY(group_begin(p, block, block->n_groups + i, arena, &block->unit_groups[i], diag));
    for (int a = 0; a < p->arrays; a++) {
        struct analog_group *g = &block->unit_groups[a / BITLINE_LANES];
        fill_lane(p, a, p->columns - 1, g, a % BITLINE_LANES, (int32_t *)g->cells,
                  (int32_t *)g->variances);
    }
    for (int f = 0; f < spec->filters; f++) {
        factor[f] = e->unit_weight;
        for (int c = 0; c < e->columns; c++)
            if (is_flipped(spec, f, c)) /* the true sum is (2^c - 1) * S_unit - S */
                factor[f] -= e->column[c].sign * ((int64_t)1 << e->column[c].shift) *
                             ((1 << e->cell_bits) - 1);
    }
    block->unit_factor = factor;
    return STATUS_OK;
}

enum status analog_program(const struct analog_spec *spec, struct arena *arena,
                           struct analog_block **out, struct diagnostic *diag) {
    struct analog_block *block = ARENA_NEW(arena, 1, struct analog_block);
    if (block == NULL)
        return FAIL_MEMORY(diag, "an array");
    *block = (struct analog_block){
        .rows = spec->rows,
        .filters = spec->filters,
        .filters_per_array = spec->filters_per_array,
        .lookups = drive_lookups(spec->rows, spec->dac_bits, spec->activation_bits),
        .noisy_cells = device_has_read_noise(spec->device),
    };
    struct programmed p = {
        .spec = spec,
        .arrays = (spec->filters + spec->filters_per_array - 1) / spec->filters_per_array,
        .columns = spec->filters_per_array * spec->encoding->columns +
                   (spec->encoding->unit_column ? 1 : 0),
    };
    enum status status = program_arrays(&p, diag);
    if (status == STATUS_OK)
        status = place_groups(&p, arena, block, diag);
    if (status == STATUS_OK)
        status = place_units(&p, arena, block, diag);
    free(p.cells);
    free(p.sigmas);
    free(p.used);
    *out = block;
    return status;
}
