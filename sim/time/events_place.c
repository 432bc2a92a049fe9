/* Placement: which tile has which arrays, and what a position moves there. */
#include "sim/time/events_internal.h"

/* The walk over the arrays of one layer, copy by copy. Marks say who was the last to use something:
 * parts and macros of the walk are counted from 1. */
struct walk {
    const struct chip *chip;
    const struct mapping *mapping;
    const struct mapped_layer *mapped; /* one of its layers */
    const struct floorplan *plan;
    int step;
    long n_arrays;  /* of all copies */
    int *order;     /* [mapped->n_arrays] by the first filter */
    long *row_part; /* [rows of all packs] last part, and last macro, that read a row */
    long *row_macro;
    long *filter_part; /* [filters of all packs] the same for sums */
    long *filter_macro;
    int *home;         /* [filters] part that completes a filter */
    long *foreign;     /* [parts of the placement, from the layer's first one] filters whose sums
                          the present part sends there */
    long macros;       /* begun so far, anew in each part */
    long macro;        /* of the layer, the present one; -1: none yet */
    long macro_bits;   /* inputs in its registers */
    long macro_arrays; /* of it, in this part */
    double columns;    /* used of it */
};

static int smaller(int a, int b) {
    return a < b ? a : b;
}

static int larger(int a, int b) {
    return a > b ? a : b;
}

static void widen(struct channels *channels, int first, int end) {
    bool empty = channels->first == channels->end;
    channels->first = empty ? first : smaller(channels->first, first);
    channels->end = empty ? end : larger(channels->end, end);
}

/* By the pack and first filter, in the mapping's order where they are the same: counting. */
static void order_arrays(const struct mapped_layer *mapped, int *begins, int *order) {
    for (int i = 0; i < mapped->n_arrays; i++)
        begins[mapped->arrays[i].pack * mapped->pack_filters + mapped->arrays[i].filter[0] + 1]++;
    for (int f = 1; f <= mapped->packs * mapped->pack_filters; f++)
        begins[f] += begins[f - 1];
    for (int i = 0; i < mapped->n_arrays; i++)
        order[begins[mapped->arrays[i].pack * mapped->pack_filters +
                     mapped->arrays[i].filter[0]]++] = i;
}

/* Positions whose inputs fit the registers of the macro that the walk leaves: its share of them, at
 * least one and at most two, for while one is read another can come. */
static void finish_macro(const struct walk *walk, struct part *part) {
    long used = walk->n_arrays - walk->macro * walk->chip->arrays_per_macro;
    if (used > walk->chip->arrays_per_macro)
        used = walk->chip->arrays_per_macro;
    double bits = walk->chip->timing.register_bytes * 8 * (double)walk->macro_arrays / (double)used;
    if (bits < 2 * (double)walk->macro_bits)
        part->slots = 1;
    if (walk->columns > part->columns)
        part->columns = walk->columns;
}

/* Inputs: a row is read once for a tile, and once into each macro's registers. */
static void add_rows(struct walk *walk, const struct mapped_array *array, long mark,
                     struct part *part) {
    const struct matrix_layer *layer = walk->mapped->layer;
    int taps = layer->shape.window.kernel[0] * layer->shape.window.kernel[1];
    int first = array->pack * walk->mapped->pack_rows;
    for (int i = 0; i < array->rows * array->row_sets; i++) {
        if (array->row[i] < 0)
            continue; /* a unit with fewer rows than others */
        int row = first + array->row[i];
        part->read_bits += walk->row_part[row] != mark ? layer->input.bits : 0;
        walk->macro_bits += walk->row_macro[row] != walk->macros ? layer->input.bits : 0;
        walk->row_part[row] = mark;
        walk->row_macro[row] = walk->macros;
        widen(&part->in, row / taps, row / taps + 1);
    }
}

/* Whether a filter of an array has a word line: under compaction of operation units some have none.
 */
static bool has_sum(const struct mapped_layer *mapped, const struct mapped_array *array,
                    int filter) {
    int set = array->row_sets > 1 ? filter / mapped->unit_filters : 0;
    return array->rows > 0 && array->row[set * array->rows] >= 0;
}

/* Sums: each macro adds its own of one filter and sends them to the tile, which adds them to what
 * it has; those that began in another tile go there. */
static void add_sums(struct walk *walk, const struct mapped_array *array, long mark, int index,
                     struct placement *placement) {
    struct part *part = &placement->parts[index];
    for (int i = 0; i < array->filters; i++) {
        if (!has_sum(walk->mapped, array, i))
            continue;
        int filter = array->pack * walk->mapped->pack_filters + array->filter[i];
        int home = walk->home[filter] - 1;
        bool new_here = walk->filter_part[filter] != mark;
        bool new_in_macro = walk->filter_macro[filter] != walk->macros;
        walk->filter_part[filter] = mark;
        walk->filter_macro[filter] = walk->macros;
        part->sum_bits += new_in_macro ? placement->sum_width : 0;
        part->adds += new_in_macro && !new_here;
        if (home < 0 || placement->parts[home].copy != part->copy) {
            walk->home[filter] = index + 1;
            widen(&part->out, filter, filter + 1);
            part->complete++;
        } else if (home != index && new_here)
            walk->foreign[home - placement->first[walk->step]]++;
    }
}

/* Where the sums of a part go that are not completed in it. */
static enum status finish_part(struct walk *walk, int index, struct placement *placement,
                               struct diagnostic *diag) {
    struct part *part = &placement->parts[index];
    int first = placement->first[walk->step];
    for (int p = first; p < index; p++)
        part->n_ways += walk->foreign[p - first] > 0;
    part->ways = ARENA_NEW(&placement->arena, part->n_ways, struct sum_way);
    if (part->ways == NULL)
        return FAIL_MEMORY(diag, "the placement of a layer");
    part->n_ways = 0;
    for (int p = first; p < index; p++) {
        if (walk->foreign[p - first] == 0)
            continue;
        part->ways[part->n_ways++] = (struct sum_way){
            .to = p, .source = placement->parts[p].sources++, .filters = walk->foreign[p - first]};
        walk->foreign[p - first] = 0;
    }
    return STATUS_OK;
}

static int tile_of(const struct walk *walk, long array) {
    int layer = (int)(walk->mapped - walk->mapping->layers);
    return (int)floorplan_place(walk->plan, floorplan_tile(walk->plan, layer, array));
}

static enum status place_array(struct walk *walk, long index, struct placement *placement,
                               struct diagnostic *diag) {
    const struct mapped_layer *mapped = walk->mapped;
    const struct mapped_array *array = &mapped->arrays[walk->order[index % mapped->n_arrays]];
    int copy = (int)(index / mapped->n_arrays);
    long macro = index / walk->chip->arrays_per_macro;
    int tile = tile_of(walk, index);
    struct part *part = &placement->parts[placement->n_parts - 1];
    bool new_part = index == 0 || part->copy != copy || part->tile != tile;
    if (index > 0 && (new_part || walk->macro != macro))
        finish_macro(walk, part);
    if (index > 0 && new_part)
        TRY(finish_part(walk, placement->n_parts - 1, placement, diag));
    if (new_part || walk->macro != macro) {
        walk->macros++;
        walk->macro = macro;
        walk->macro_bits = walk->macro_arrays = 0;
        walk->columns = 0;
    }
    if (new_part)
        placement->parts[placement->n_parts++] =
            (struct part){.step = walk->step, .copy = copy, .tile = tile, .sources = 1, .slots = 2};
    int own = placement->n_parts - 1;
    walk->macro_arrays++;
    if (array->units > 0) /* of one read */
        walk->columns += (double)array->conversions / array->units;
    add_rows(walk, array, own + 1, &placement->parts[own]);
    add_sums(walk, array, own + 1, own, placement);
    if (index + 1 < walk->n_arrays)
        return STATUS_OK;
    finish_macro(walk, &placement->parts[own]);
    return finish_part(walk, own, placement, diag);
}

/* A layer of which pruning left nothing has constant results: one part without arrays gives them,
 * in the tile where the layer would be. */
static void place_constants(const struct walk *walk, struct placement *placement) {
    const struct matrix_shape *shape = &walk->mapped->layer->shape;
    if (walk->mapped->filters_mapped > 0)
        return;
    placement->n_parts = placement->first[walk->step];
    for (int copy = 0; copy < walk->mapped->copies; copy++)
        placement->parts[placement->n_parts++] = (struct part){.step = walk->step,
                                                               .copy = copy,
                                                               .tile = tile_of(walk, 0),
                                                               .out = {0, shape->out_channels},
                                                               .complete = shape->out_channels,
                                                               .sources = 1,
                                                               .slots = 2};
}

/* Parts of a layer: at most the tiles that it touches, and one more for each copy that begins in
 * one. */
static long most_parts(const struct chip *chip, const struct mapped_layer *mapped) {
    long per_tile = (long)chip->arrays_per_macro * chip->macros_per_tile;
    return (long)mapped->n_arrays * mapped->copies / per_tile + 2 + mapped->copies;
}

static enum status place_layer(const struct chip *chip, const struct mapping *mapping, int layer,
                               const struct floorplan *plan, int step, struct placement *placement,
                               struct diagnostic *diag) {
    struct arena arena = ARENA_INIT;
    const struct mapped_layer *mapped = &mapping->layers[layer];
    long rows = (long)mapped->packs * mapped->pack_rows;
    long filters = (long)mapped->packs * mapped->pack_filters;
    int *begins = ARENA_NEW(&arena, filters + 1, int);
    struct walk walk = {
        .chip = chip,
        .mapping = mapping,
        .mapped = mapped,
        .plan = plan,
        .step = step,
        .n_arrays = (long)mapped->n_arrays * mapped->copies,
        .order = ARENA_NEW(&arena, mapped->n_arrays, int),
        .row_part = ARENA_NEW(&arena, rows, long),
        .row_macro = ARENA_NEW(&arena, rows, long),
        .filter_part = ARENA_NEW(&arena, filters, long),
        .filter_macro = ARENA_NEW(&arena, filters, long),
        .home = ARENA_NEW(&arena, filters, int),
        .foreign = ARENA_NEW(&arena, most_parts(chip, mapped), long),
        .macro = -1,
    };
    enum status status = STATUS_OK;
    if (begins == NULL || walk.order == NULL || walk.row_part == NULL || walk.row_macro == NULL ||
        walk.filter_part == NULL || walk.filter_macro == NULL || walk.home == NULL ||
        walk.foreign == NULL)
        status = FAIL_MEMORY(diag, "the placement of a layer");
    else
        order_arrays(mapped, begins, walk.order);
    for (long i = 0; status == STATUS_OK && i < walk.n_arrays; i++)
        status = place_array(&walk, i, placement, diag);
    if (status == STATUS_OK)
        place_constants(&walk, placement);
    arena_free(&arena);
    return status;
}

/* What a pool or a join does in the tile of a part that makes some of its inputs. */
static struct part between(const struct flow_step *step, int index, const struct part *from,
                           long channels) {
    struct channels own = {(int)(from->out.first * (long)step->channels / channels),
                           (int)(from->out.end * (long)step->channels / channels)};
    int complete = (int)((long)from->complete * step->channels / channels);
    return (struct part){.step = index,
                         .copy = from->copy,
                         .tile = from->tile,
                         .in = own,
                         .out = own,
                         .complete = complete,
                         .sources = 1,
                         .read_bits = (long)complete * step->window * step->bits,
                         .adds = (long)complete * (step->window - 1),
                         .slots = 2};
}

/* A pool or a join works where the last layer among its inputs has its results: the channels of
 * each tile stay in it, and copies take turns as the layer's do. Returns how many there are. */
static int place_between(const struct flow *flow, int index, struct placement *placement) {
    const struct flow_step *step = &flow->steps[index];
    int base = step->inputs[0].from;
    for (int i = 1; i < step->n_inputs; i++)
        base = larger(base, step->inputs[i].from);
    for (int p = placement->first[base]; p < placement->first[base + 1]; p++)
        if (placement->parts[p].complete > 0)
            placement->parts[placement->n_parts++] =
                between(step, index, &placement->parts[p], flow->steps[base].channels);
    return placement->copies[base];
}

/* The input comes over the links of the first chip, whose router 0 stands for it. */
static void place_input(const struct flow_step *step, struct placement *placement) {
    placement->parts[placement->n_parts++] =
        (struct part){.tile = 0,
                      .out = {0, step->channels},
                      .complete = step->channels,
                      .sources = 1,
                      .read_bits = (long)step->channels * step->bits,
                      .slots = 2};
}

/* Where the parts of each copy begin. */
static enum status index_copies(struct placement *placement, int step, int copies,
                                struct diagnostic *diag) {
    int first = placement->first[step], end = placement->n_parts;
    int *index = ARENA_NEW(&placement->arena, copies + 1, int);
    if (index == NULL)
        return FAIL_MEMORY(diag, "the placement of a layer");
    for (int p = end - 1; p >= first; p--)
        index[placement->parts[p].copy] = p;
    index[copies] = end;
    placement->copy[step] = index;
    placement->copies[step] = copies;
    placement->first[step + 1] = end;
    return STATUS_OK;
}

static enum status allocate(const struct chip *chip, const struct flow *flow,
                            const struct mapping *mapping, struct placement *placement,
                            struct diagnostic *diag) {
    long parts = 1, largest = 1;
    for (int i = 0; i < mapping->n_layers; i++) {
        long own = most_parts(chip, &mapping->layers[i]);
        parts += own;
        largest = own > largest ? own : largest;
    }
    parts += largest * flow->n_steps; /* pools and joins have those of a layer */
    placement->parts = ARENA_NEW(&placement->arena, parts, struct part);
    placement->first = ARENA_NEW(&placement->arena, flow->n_steps + 1, int);
    placement->copies = ARENA_NEW(&placement->arena, flow->n_steps, int);
    placement->copy = ARENA_NEW(&placement->arena, flow->n_steps, int *);
    return placement->parts != NULL && placement->first != NULL && placement->copies != NULL &&
                   placement->copy != NULL
               ? STATUS_OK
               : FAIL_MEMORY(diag, "the placement of layers");
}

static enum status place_all(const struct chip *chip, const struct flow *flow,
                             const struct mapping *mapping, const struct floorplan *plan,
                             struct placement *placement, struct diagnostic *diag) {
    TRY(allocate(chip, flow, mapping, placement, diag));
    for (int s = 0; s < flow->n_steps; s++) {
        const struct flow_step *step = &flow->steps[s];
        int copies = 1;
        if (step->kind == FLOW_MATRIX) {
            copies = mapping->layers[step->layer].copies;
            TRY(place_layer(chip, mapping, step->layer, plan, s, placement, diag));
        } else if (step->kind == FLOW_INPUT)
            place_input(step, placement);
        else
            copies = place_between(flow, s, placement);
        TRY(index_copies(placement, s, copies, diag));
    }
    for (int p = 0; p < placement->n_parts; p++)
        placement->tiles = larger(placement->tiles, placement->parts[p].tile + 1);
    return STATUS_OK;
}

enum status placement_create(const struct chip *chip, const struct flow *flow,
                             const struct mapping *mapping, const struct floorplan *plan,
                             struct placement *placement, struct diagnostic *diag) {
    *placement = (struct placement){.sum_width = chip->activation_bits};
    enum status status = place_all(chip, flow, mapping, plan, placement, diag);
    if (status != STATUS_OK)
        placement_free(placement);
    return status;
}

void placement_free(struct placement *placement) {
    arena_free(&placement->arena);
    *placement = (struct placement){0};
}

/* Concatenated maps keep their channels; otherwise a flattened map has several inputs a channel. */
struct channels channels_from(const struct flow_input *input, int channels, struct channels of) {
    long width = input->channel_width;
    long first = larger(of.first - input->channel_offset, 0);
    long end = smaller(of.end - input->channel_offset, input->channel_width);
    if (end <= first || width == 0)
        return (struct channels){0};
    return (struct channels){(int)(first * channels / width),
                             (int)((end * channels + width - 1) / width)};
}
