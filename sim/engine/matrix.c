#include "sim/engine/matrix.h"

#include <string.h>

#include "sim/engine/activity.h"
#include "sim/engine/matrix_bound.h"
#include "sim/engine/matrix_pack.h"
#include "sim/engine/requantise.h"
#include "sim/engine/skip_count.h"

const char *const engine_path_names[] = {"integer", "bit-serial", "analog"};

enum { ALIGN = 64, LEAST_TILE = 64, CACHED_BYTES = 512 * 1024 };

struct matrix_executor {
    struct matrix_setting setting;
    struct analog_layer analog; /* when the path is */
    const struct bitline_kernels *kernels;
    const struct kernels *loops;
    struct matrix_pack *packs;
    int n_packs;
    int digit_bits;          /* for the activity */
    struct skip_count *skip; /* the same; NULL: no digit is skipped */
    /* Offsets of the workspace's parts. */
    size_t patches, accumulators, picked, sums, reads, workspace; /* skip: from 0 */
    size_t acc_stride;
    int tile; /* positions that are gathered and computed together */
};

static size_t aligned(size_t bytes) {
    return (bytes + ALIGN - 1) / ALIGN * ALIGN;
}

/* Ideal layers know no arrays: their groups share a product as long as it stays small. */
static int ideal_groups_per_pack(const struct matrix_shape *shape) {
    int groups = INTEGER_PANEL / matrix_columns(shape);
    groups = groups < 1 ? 1 : groups;
    return groups < shape->groups ? groups : shape->groups;
}

/* Ideal cells: integers alone where no converter can lose anything. */
static enum status choose_ideal(struct matrix_setting *s, const struct engine_layer *how,
                                struct arena *arena, struct diagnostic *diag) {
    const struct mapped_layer *m = s->mapped;
    int64_t largest = m->lossless.largest_sum;
    s->path = ENGINE_INTEGER;
    if (adc_is_lossless(how->choice, how->adc_bits, largest, how->bound))
        return STATUS_OK;
    s->path = ENGINE_BIT_SERIAL;
    if (how->fit != NULL)
        return adc_fit_transfer(how->fit, largest, arena, &s->transfer, diag);
    return adc_transfer_make(how->choice, how->adc_bits, largest, how->bound, arena, &s->transfer,
                             diag);
}

static enum status choose_path(struct matrix_executor *e, struct engine_layer *how,
                               struct arena *arena, struct diagnostic *diag) {
    struct matrix_setting *s = &e->setting;
    s->path = ENGINE_INTEGER;
    if (how != NULL && how->analog != NULL) {
        s->path = ENGINE_ANALOG;
        TRY(analog_layer_make(s->mapped, how, arena, &e->analog, diag));
        s->analog = &e->analog;
        s->transfer = e->analog.transfer;
    } else if (how != NULL) {
        TRY(choose_ideal(s, how, arena, diag));
    }
    bool arrays = s->path != ENGINE_INTEGER;
    s->groups_per_pack =
        arrays ? s->mapped->groups_per_pack : ideal_groups_per_pack(&s->layer->shape);
    s->block_rows =
        arrays ? pack_block_rows(s->mapped) : s->groups_per_pack * matrix_rows(&s->layer->shape);
    s->wide = matrix_needs_wide(s);
    if (how != NULL)
        how->path = s->path;
    return STATUS_OK;
}

/* Many positions share the building of look-up tables, but gathered inputs and sums should stay in
 * the second-level cache. */
static int choose_tile(size_t bytes, size_t acc_stride) {
    int tile = DRIVE_POSITIONS;
    while (tile > LEAST_TILE &&
           (size_t)tile * (bytes + acc_stride * sizeof(int32_t)) > CACHED_BYTES)
        tile /= 2;
    return tile;
}

static void lay_out(struct matrix_executor *e) {
    size_t bytes = 0, columns = 0, reads = 0, picked = 0; /* picked: of one position */
    for (int i = 0; i < e->n_packs; i++) {
        const struct matrix_pack *pack = &e->packs[i];
        bytes = (size_t)pack->plan.bytes > bytes ? (size_t)pack->plan.bytes : bytes;
        columns = (size_t)pack->filters > columns ? (size_t)pack->filters : columns;
        size_t most = pack_blocks_picked(pack->wiring, pack->n_blocks);
        picked = most > picked ? most : picked;
        if (pack->blocks != NULL) {
            size_t needed = row_block_workspace(pack->blocks, pack->n_blocks);
            reads = needed > reads ? needed : reads;
        }
        for (int b = 0; pack->analog != NULL && b < pack->n_blocks; b++) {
            size_t needed = analog_workspace(pack->analog[b]);
            reads = needed > reads ? needed : reads;
        }
    }
    e->acc_stride = (columns + INTEGER_PANEL - 1) / INTEGER_PANEL * INTEGER_PANEL;
    e->tile = choose_tile(bytes, e->acc_stride);
    size_t sum = e->setting.wide ? sizeof(int64_t) : sizeof(int32_t);
    e->accumulators = aligned((size_t)e->tile * bytes + PATCH_SLACK);
    size_t sums = aligned((size_t)e->tile * e->acc_stride * sum);
    e->picked = e->accumulators + sums;
    e->sums = e->picked + (size_t)e->tile * picked;
    e->reads = e->sums + (picked > 0 ? sums : 0);
    e->workspace = e->reads + reads;
    size_t skip = e->skip != NULL ? skip_count_workspace(e->skip) : 0; /* after all else */
    e->workspace = skip > e->workspace ? skip : e->workspace;
}

enum status matrix_executor_create(const struct matrix_layer *layer,
                                   const struct mapped_layer *mapped, struct engine_layer *how,
                                   enum simd_level level, struct arena *arena,
                                   struct matrix_executor **out, struct diagnostic *diag) {
    struct matrix_executor *e = ARENA_NEW(arena, 1, struct matrix_executor);
    if (e == NULL)
        return FAIL_MEMORY(diag, "a layer's executor");
    e->setting = (struct matrix_setting){.layer = layer, .mapped = mapped, .level = level};
    e->kernels = bitline_kernels(e->setting.level);
    e->loops = kernels_of(level);
    e->digit_bits = mapped == NULL ? 1 : mapped->dac_bits;
    TRY(choose_path(e, how, arena, diag));
    int per_pack = e->setting.groups_per_pack;
    e->n_packs = (layer->shape.groups + per_pack - 1) / per_pack;
    e->packs = ARENA_NEW(arena, e->n_packs, struct matrix_pack);
    if (e->packs == NULL)
        return FAIL_MEMORY(diag, "the packs of a layer");
    for (int i = 0; i < e->n_packs; i++)
        TRY(matrix_pack_make(&e->setting, i, arena, &e->packs[i], diag));
    if (mapped != NULL && mapped->crossbar.zero_skip != ZERO_SKIP_NONE)
        TRY(skip_count_make(mapped, arena, &e->skip, diag));
    lay_out(e);
    *out = e;
    return STATUS_OK;
}

size_t matrix_executor_workspace(const struct matrix_executor *executor, int images) {
    (void)images; /* a tile has the same size whatever the batch */
    return executor->workspace;
}

/* Exact products in 64 bits, the plain way: weights above 8 bits are rare. */
static void multiply_wide(const struct matrix_pack *pack, const uint8_t *x, int positions,
                          int64_t *acc, size_t acc_stride) {
    size_t bytes = (size_t)pack->plan.bytes;
    for (int p = 0; p < positions; p++)
        for (int f = 0; f < pack->filters; f++) {
            const int16_t *w = pack->weights + (size_t)f * bytes;
            int64_t sum = 0;
            for (size_t i = 0; i < bytes; i++)
                sum += (int64_t)x[(size_t)p * bytes + i] * w[i];
            acc[(size_t)p * acc_stride + (size_t)f] = sum;
        }
}

/* value * numerator / denominator, rounded half to even (DESIGN, full_range). */
static int64_t scaled(int64_t value, const struct adc_transfer *t) {
    if (t->scale_numerator == t->scale_denominator)
        return value;
    int64_t product = value * t->scale_numerator, den = t->scale_denominator;
    int64_t quotient = product / den, rest = product % den;
    if (rest < 0) { /* floor division */
        quotient--;
        rest += den;
    }
    if (2 * rest > den || (2 * rest == den && quotient % 2 != 0))
        quotient++;
    return quotient;
}

/* A block's inputs, and where its sums go: `acc`, or `sums` of its own, cleared. */
struct block_read {
    const uint8_t *x;
    size_t stride;
    void *sums;
};

static struct block_read begin_read(const struct matrix_executor *e, const struct matrix_pack *pack,
                                    int b, int positions, char *workspace, void *acc) {
    const struct pack_block *block = &pack->wiring[b];
    struct block_read read = {.sums = acc};
    read.x =
        pack_block_drive(block, (const uint8_t *)workspace + e->patches, (size_t)pack->plan.bytes,
                         positions, (uint8_t *)workspace + e->picked, &read.stride);
    if (block->filter != NULL) {
        size_t size = e->setting.wide ? sizeof(int64_t) : sizeof(int32_t);
        read.sums = workspace + e->sums;
        memset(read.sums, 0, (size_t)positions * e->acc_stride * size);
    }
    return read;
}

static void read_narrow(const struct matrix_executor *e, const struct matrix_pack *pack, int b,
                        int positions, char *workspace, int32_t *acc) {
    struct block_read read = begin_read(e, pack, b, positions, workspace, acc);
    row_block_accumulate(&pack->blocks[b], read.x, read.stride, positions, read.sums, e->acc_stride,
                         workspace + e->reads);
    if (read.sums != acc)
        pack_block_add(&pack->wiring[b], positions, e->acc_stride, read.sums, acc);
}

static void read_wide(const struct matrix_executor *e, const struct matrix_pack *pack, int b,
                      uint64_t first_read, int positions, char *workspace, int64_t *acc) {
    struct block_read read = begin_read(e, pack, b, positions, workspace, acc);
    if (pack->blocks != NULL) {
        row_block_accumulate_wide(&pack->blocks[b], read.x, read.stride, positions, read.sums,
                                  e->acc_stride, workspace + e->reads);
    } else {
        analog_drive(pack->analog[b], e->kernels, read.x, read.stride, positions,
                     workspace + e->reads);
        analog_accumulate(pack->analog[b], e->kernels, first_read, positions, read.sums,
                          e->acc_stride, workspace + e->reads);
    }
    if (read.sums != acc)
        pack_block_add_wide(&pack->wiring[b], positions, e->acc_stride, read.sums, acc);
}

/* The same for 32-bit sums, in double precision where it gives the same. The product below 2^51 is
 * exact, and so is the rounding: a quotient that is no tie lies at least 1 / (2 denominator) from
 * one, further than dividing can be wrong by (2^-53 of the quotient). */
static void scale_narrow(const struct adc_transfer *t, int32_t *acc, int n) {
    const double rounding = 6755399441055744.0; /* 1.5 * 2^52: adding it leaves no fraction */
    if (t->scale_numerator == t->scale_denominator)
        return;
    if (t->scale_numerator >= 1 << 20) {
        for (int i = 0; i < n; i++)
            acc[i] = (int32_t)scaled(acc[i], t);
        return;
    }
    double numerator = (double)t->scale_numerator, denominator = (double)t->scale_denominator;
    for (int i = 0; i < n; i++) {
        double quotient = (double)acc[i] * numerator / denominator;
        acc[i] = (int32_t)((quotient + rounding) - rounding);
    }
}

static void run_narrow(const struct matrix_executor *e, const struct matrix_pack *pack,
                       int positions, char *workspace, char *y) {
    const uint8_t *x = (const uint8_t *)workspace + e->patches;
    int32_t *acc = (int32_t *)(workspace + e->accumulators);
    if (pack->has_product)
        integer_multiply(&pack->product, x, (size_t)pack->plan.bytes, positions, acc,
                         e->acc_stride);
    else
        memset(acc, 0, (size_t)positions * e->acc_stride * sizeof *acc);
    for (int b = 0; b < pack->n_blocks; b++)
        read_narrow(e, pack, b, positions, workspace, acc);
    for (int p = 0; !pack->has_product && p < positions; p++)
        scale_narrow(&e->setting.transfer, acc + (size_t)p * e->acc_stride, pack->filters);
    const struct sum_rows sums = {
        .acc = acc,
        .rows = (size_t)positions,
        .columns = (size_t)pack->filters,
        .acc_stride = e->acc_stride,
        .y_stride = (size_t)e->setting.layer->shape.out_channels,
    };
    requantise(e->setting.layer, e->loops, pack->first_filter, &sums, pack->narrow_offset, y);
}

static void run_wide(const struct matrix_executor *e, const struct matrix_pack *pack,
                     uint64_t first_read, int positions, char *workspace, char *y,
                     size_t y_stride) {
    const uint8_t *x = (const uint8_t *)workspace + e->patches;
    int64_t *acc = (int64_t *)(workspace + e->accumulators);
    if (pack->has_product)
        multiply_wide(pack, x, positions, acc, e->acc_stride);
    else
        memset(acc, 0, (size_t)positions * e->acc_stride * sizeof *acc);
    for (int b = 0; b < pack->n_blocks; b++)
        read_wide(e, pack, b, first_read, positions, workspace, acc);
    for (int p = 0; p < positions; p++, acc += e->acc_stride, y += y_stride) {
        for (int f = 0; !pack->has_product && f < pack->filters; f++)
            acc[f] = scaled(acc[f], &e->setting.transfer);
        requantise_wide(e->setting.layer, pack->first_filter, pack->filters, acc, pack->offset, y);
    }
}

void matrix_executor_run(const struct matrix_executor *executor, uint64_t first_image, int images,
                         const uint8_t *x, void *y, void *workspace,
                         struct layer_activity *activity) {
    const struct matrix_executor *e = executor;
    const struct matrix_layer *layer = e->setting.layer;
    const struct matrix_shape *shape = &layer->shape;
    size_t element = layer->quantised_output ? sizeof(uint8_t) : sizeof(float);
    size_t y_stride = (size_t)shape->out_channels * element;
    long per_image = matrix_positions(shape), total = per_image * images;
    for (int i = 0; i < e->n_packs; i++) {
        const struct matrix_pack *pack = &e->packs[i];
        memset((char *)workspace + e->patches, 0, (size_t)e->tile * (size_t)pack->plan.bytes);
        for (long first = 0; first < total; first += e->tile) {
            int positions = total - first < e->tile ? (int)(total - first) : e->tile;
            patch_gather(&pack->plan, shape, x, first, positions,
                         (uint8_t *)workspace + e->patches);
            char *out = (char *)y + (size_t)first * y_stride + (size_t)pack->first_filter * element;
            uint64_t first_read = first_image * (uint64_t)per_image + (uint64_t)first;
            if (e->setting.wide)
                run_wide(e, pack, first_read, positions, workspace, out, y_stride);
            else
                run_narrow(e, pack, positions, workspace, out);
        }
    }
    size_t image_bytes =
        (size_t)shape->in_height * (size_t)shape->in_width * (size_t)shape->in_channels;
    for (int image = 0; activity != NULL && image < images; image++, x += image_bytes) {
        activity_count(shape, &layer->input, e->digit_bits, e->loops, x, activity);
        if (e->skip != NULL && activity->needed != NULL)
            skip_count_image(e->skip, x, workspace, activity);
    }
}
