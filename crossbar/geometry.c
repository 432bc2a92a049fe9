#include "crossbar/geometry.h"

#include <stddef.h>

static const char *const choice_words[] = {
    [CROSSBAR_CHOOSE_NONE] = "none",
    [CROSSBAR_CHOOSE_AREA] = "area",
    [CROSSBAR_CHOOSE_ENERGY] = "energy",
    NULL,
};

const char *const zero_skip_names[] = {
    [ZERO_SKIP_NONE] = "none",
    [ZERO_SKIP_LEADING] = "leading",
    [ZERO_SKIP_ALL] = "all",
    NULL,
};

static const struct config_field fields[] = {
    {.name = "rows",
     .type = FIELD_INT,
     .offset = offsetof(struct crossbar_options, rows),
     .default_text = "128",
     .minimum = 1,
     .maximum = 4096,
     .flags = FIELD_PER_LAYER,
     .help = "word lines of one array; also the length of a row block"},
    {.name = "columns",
     .type = FIELD_INT,
     .offset = offsetof(struct crossbar_options, columns),
     .default_text = "128",
     .minimum = 1,
     .maximum = 4096,
     .flags = FIELD_PER_LAYER,
     .help = "bit lines of one array"},
    {.name = "cell_bits",
     .type = FIELD_INT,
     .offset = offsetof(struct crossbar_options, cell_bits),
     .default_text = "2",
     .minimum = 1,
     .maximum = 8,
     .flags = FIELD_PER_LAYER,
     .help = "bits held by one cell"},
    {.name = "sizes",
     .type = FIELD_STRING,
     .offset = offsetof(struct crossbar_options, sizes),
     .flags = FIELD_PER_LAYER,
     .help = "sizes of arrays that choose may give a layer, as 64x64, 128x128; unset: its rows x "
             "columns"},
    {.name = "choose",
     .type = FIELD_CHOICE,
     .offset = offsetof(struct crossbar_options, choose),
     .default_text = "none",
     .words = choice_words,
     .help = "each layer's size of arrays: none: rows x columns; area, energy: that of its sizes "
             "with which the network takes the least (docs/mapping.md)"},
    {.name = "zero_skip",
     .type = FIELD_CHOICE,
     .offset = offsetof(struct crossbar_options, zero_skip),
     .default_text = "none",
     .words = zero_skip_names,
     .flags = FIELD_PER_LAYER,
     .help = "input digits that are not read, as they are zero on all word lines read together: "
             "none; leading: those above the highest other one (FORMS); all"},
};

const struct config_section crossbar_section = {
    .name = "crossbar",
    .help = "size of one crossbar array and of its cells",
    .fields = fields,
    .n_fields = sizeof fields / sizeof *fields,
    .size = sizeof(struct crossbar_options),
};

const char *const encoding_names[] = {
    [ENCODING_DIFFERENTIAL] = "differential",
    [ENCODING_OFFSET] = "offset",
    [ENCODING_TWOS_COMPLEMENT] = "twos_complement",
    [ENCODING_POLARIZED] = "polarized",
    NULL,
};

static void add_column(struct encoding *e, int shift, int sign, int bits, int slice) {
    e->column[e->columns++] =
        (struct encoding_column){.shift = shift, .sign = sign, .bits = bits, .slice = slice};
}

/* Cuts `bits` bits into slices of `cell_bits`, most significant first (the short one on top), each
 * as a plus column and, when `pairs`, a minus column behind it. */
static void add_slices(struct encoding *e, int bits, bool pairs) {
    int count = (bits + e->cell_bits - 1) / e->cell_bits;
    for (int i = 0; i < count; i++) {
        int shift = e->cell_bits * (count - 1 - i);
        int width = i == 0 ? bits - shift : e->cell_bits;
        int slice = e->slices++;
        add_column(e, shift, +1, width, slice);
        if (pairs)
            add_column(e, shift, -1, width, slice);
    }
}

struct encoding encoding_make(enum encoding_kind kind, int weight_bits, int cell_bits) {
    struct encoding e = {.kind = kind, .weight_bits = weight_bits, .cell_bits = cell_bits};
    switch (kind) {
    case ENCODING_DIFFERENTIAL:
        add_slices(&e, weight_bits - 1, true);
        break;
    case ENCODING_OFFSET:
        add_slices(&e, weight_bits, false);
        e.unit_column = true;
        e.unit_weight = (int64_t)1 << (weight_bits - 1);
        break;
    case ENCODING_TWOS_COMPLEMENT:
        add_column(&e, weight_bits - 1, -1, 1, e.slices++);
        add_slices(&e, weight_bits - 1, false);
        break;
    case ENCODING_POLARIZED:
        add_slices(&e, weight_bits - 1, false);
        e.fragment_sign = true;
        break;
    }
    return e;
}

unsigned encoding_cell(const struct encoding *encoding, int weight, int column) {
    const struct encoding_column *c = &encoding->column[column];
    unsigned word = 0;
    switch (encoding->kind) {
    case ENCODING_DIFFERENTIAL: /* the magnitude, in the column of its sign */
        word = weight * c->sign > 0 ? (unsigned)(weight * c->sign) : 0U;
        break;
    case ENCODING_OFFSET:
        word = (unsigned)(weight + (int)encoding->unit_weight);
        break;
    case ENCODING_TWOS_COMPLEMENT: /* the word's bits; conversion to unsigned is modulo 2^32 */
        word = (unsigned)weight;
        break;
    case ENCODING_POLARIZED: /* the magnitude, whatever the sign */
        word = (unsigned)(weight < 0 ? -weight : weight);
        break;
    }
    return word >> c->shift & ((1U << c->bits) - 1U);
}

int encoding_read_sign(const struct encoding *encoding, const int16_t *weights, int rows) {
    if (encoding->fragment_sign)
        for (int r = 0; r < rows; r++)
            if (weights[r] != 0)
                return weights[r] < 0 ? -1 : 1;
    return 1;
}

int zero_skip_digits(enum zero_skip skip, int dac_bits, unsigned value, int cycles) {
    int nonzero = 0, highest = 0;
    for (int t = 0; t < cycles; t++)
        if ((value >> (t * dac_bits) & ((1U << dac_bits) - 1U)) != 0) {
            nonzero++;
            highest = t + 1;
        }
    return skip == ZERO_SKIP_NONE ? cycles : skip == ZERO_SKIP_LEADING ? highest : nonzero;
}

int adc_bits_for_sum(int64_t largest_sum) {
    int bits = 1;
    while (((int64_t)1 << bits) - 1 < largest_sum)
        bits++;
    return bits;
}
