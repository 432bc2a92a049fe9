/* Reads of one image: of every digit, or of those that inference found needed. */
#include <math.h>

#include "sim/cost/cost_internal.h"

struct array_conversions conversions_of(const struct mapped_layer *mapped,
                                        const struct mapped_array *array,
                                        const struct layer_reads *reads, const uint64_t *needed) {
    double positions = (double)matrix_positions(&mapped->layer->shape);
    bool unit_column = mapped->encoding.unit_column;
    struct array_conversions sums = {0, 0};
    if (reads->needed == NULL) {
        double digits = positions * mapped->cycles;
        sums.all = digits * (double)array->conversions;
        sums.unit_column = unit_column ? digits * (double)array->units : 0;
        return sums;
    }
    for (int i = 0; i < mapping_array_reads(mapped, array); i++) {
        sums.all += (double)needed[i] * array->unit_conversions[i];
        if (unit_column)
            sums.unit_column += (double)needed[i] * mapping_read_of(mapped, array, i).passes;
    }
    double image = positions / (double)reads->needed->positions;
    sums.all *= image;
    sums.unit_column *= image;
    return sums;
}

/* Adds what the arrays of a run do in their reads, for the digits needed at all positions. */
static void add_run(const struct mapped_layer *m, const struct array_run *run,
                    const uint64_t *needed, struct layer_reads *reads) {
    for (int a = run->first; a < run->first + run->count; a++) {
        const struct mapped_array *array = &m->arrays[a];
        for (int i = 0; i < mapping_array_reads(m, array); i++) {
            struct mapped_read read = mapping_read_of(m, array, i);
            double digits = (double)needed[i];
            reads->conversions += digits * array->unit_conversions[i];
            reads->rows += digits * read.rows * read.passes;
            if (m->encoding.fragment_sign && read.rows > 0)
                reads->signs += digits * read.filters;
        }
    }
}

static double lines_read(const struct mapped_layer *m) {
    double made = 0;
    for (int r = 0; r < m->n_runs; r++) {
        const struct mapped_array *array = &m->arrays[m->runs[r].first];
        for (int i = 0; i < mapping_array_reads(m, array); i++)
            made += mapping_read_of(m, array, i).rows > 0;
    }
    return made * (double)matrix_positions(&m->layer->shape);
}

static struct layer_reads measured_reads(const struct mapped_layer *m,
                                         const struct layer_activity *measured) {
    struct layer_reads reads = {.needed = measured};
    const uint64_t *needed = measured->needed;
    double digits = 0, positions = (double)measured->positions;
    for (int r = 0; r < m->n_runs; r++) {
        const struct mapped_array *array = &m->arrays[m->runs[r].first];
        add_run(m, &m->runs[r], needed, &reads);
        for (int i = 0; i < mapping_array_reads(m, array); i++)
            digits += (double)*needed++;
    }
    double image = (double)matrix_positions(&m->layer->shape) / positions;
    reads.position = fmax((double)measured->reads / positions, 1);
    reads.conversions *= image;
    reads.signs *= image;
    reads.rows *= image;
    reads.lines_read = lines_read(m);
    reads.cycles = reads.lines_read > 0 ? digits * image / reads.lines_read : 0;
    return reads;
}

struct layer_reads reads_of(const struct mapped_layer *mapped,
                            const struct layer_activity *measured) {
    bool skips = mapped->crossbar.zero_skip != ZERO_SKIP_NONE;
    if (skips && measured != NULL && measured->needed != NULL && measured->positions > 0)
        return measured_reads(mapped, measured);
    double digits = (double)matrix_positions(&mapped->layer->shape) * mapped->cycles;
    return (struct layer_reads){.position = mapped->reads,
                                .conversions = digits * (double)mapped->sums.conversions,
                                .signs = digits * (double)mapped->sums.signs,
                                .rows = skips ? digits * (double)mapped->sums.rows_driven : 0,
                                .lines_read = skips ? lines_read(mapped) : 0,
                                .cycles = mapped->cycles};
}
