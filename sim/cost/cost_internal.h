/* Between the files of the cost room.
 *
 * Before an estimate: balance.c gives layers their copies, place.c tiles their places. An estimate
 * (estimate.c) is made of
 *   how often: counts.c, actions of a layer; reads.c, reads that zero-skip leaves; moves.c, what
 *              goes from tile to tile, which traffic.c (routers) and links.c (chips) add up;
 *   of what:   converters.c; cells.c, a device's cells; companions.c, parts beside the chip's own;
 *   how long:  times.c; writes.c and reload.c, the writing of cells, once or for every batch;
 *   rows.c:    all of it as rows.
 * band.c repeats it with every model of converters. */
#ifndef MHO_COST_COST_INTERNAL_H
#define MHO_COST_COST_INTERNAL_H

#include "sim/chip/parts.h"
#include "sim/cost/cost.h"
#include "sim/cost/links.h"

/* How much of what a layer's inputs could drive they do. */
struct drive {
    double nonzero; /* share of digits that are not zero */
    double digit;   /* mean digit, as a share of the largest */
    double ones;    /* share of the inputs' bits that are 1 */
};

/* As dac.activity assumes (`measured` NULL), or as inference measured it in a layer. Bits of data
 * that nobody measured are as often 1 as 0. */
struct drive drive_of(const struct mapped_layer *mapped, const struct layer_activity *measured,
                      double configured);

/* Reads of one image in one layer: of every digit, or of those that inference found needed
 * (crossbar.zero_skip). */
struct layer_reads {
    double position;    /* of one position, one after the other, by the array with the most; >= 1 */
    double conversions; /* over all arrays */
    double signs;       /* of fragments, read along */
    double rows; /* digits of word lines that are looked at, whether to skip them; 0 without */
    double lines_read; /* reads of word lines that share their inputs, each of all digits needed; 0
                          without */
    double cycles;     /* digits of such a read, mean over reads and positions */
    const struct layer_activity *needed; /* NULL: every digit is read */
};

/* `measured` NULL, or of a layer without zero-skip: every digit. */
struct layer_reads reads_of(const struct mapped_layer *mapped,
                            const struct layer_activity *measured);

/* Conversions of one array over one image, and how many of them are of its unit column. `needed`:
 * of the first of the array's reads (mapping_array_reads) in the activity. */
struct array_conversions {
    double all, unit_column;
};
struct array_conversions conversions_of(const struct mapped_layer *mapped,
                                        const struct mapped_array *array,
                                        const struct layer_reads *reads, const uint64_t *needed);

/* Actions of one inference in one layer, by enum chip_action; those of ACTION_ROUTER_BIT,
 * ACTION_POOL and ACTION_LINK_BIT stay 0: traffic.h and below. */
struct layer_actions {
    double all[ACTION_COUNT];
    double buffer_writes; /* of the buffer's bits, those that are written */
};

struct layer_actions count_layer_actions(const struct chip *chip, const struct mapped_layer *mapped,
                                         const struct drive *drive, const struct layer_reads *made);

/* Values taken into the windows of all pooling nodes, for one image. */
double count_pool_actions(const struct network *network);

/* Bits of one image onto the chip and of its result off it. */
void count_link_bits(const struct chip *chip, const struct network *network, double *image,
                     double *result);

/* cost_estimate with a given model of converters. One without area is not refused: the areas that
 * it is part of are NAN. */
enum status estimate_with(const struct adc_model *model, const struct cost_inputs *inputs,
                          struct cost_report *report, struct diagnostic *diag);

/* Physical columns of an array: the unit column of `offset` is one more. */
int array_columns(const struct mapped_layer *mapped);

/* Mean conductance over the cells within the used rows and columns of a layer, unit columns
 * included, as the device has them: levels as programmed, stuck cells, drift. */
double cells_conductance(const struct mapped_layer *mapped, const struct device *device);

/* Writing the cells of a mapped layer once: energy of all copies, and time of its arrays, which are
 * written side by side, each a word line at a time. */
struct cell_writes {
    bool known; /* false: nobody states what a write takes */
    double energy_j, time_s;
    const char *model, *source; /* who states it */
};

/* By the device: every cell in use is reset, where the device has a reset, and those that hold a
 * level above 0 are set; a pulse whose energy is not stated takes V^2 G t. */
struct cell_writes cells_write(const struct mapped_layer *mapped, const struct device *device);

/* By the chip's array, of `whole` cells and as many rows as the layer's. */
struct cell_writes cells_write_by_array(const struct mapped_layer *mapped,
                                        const struct figures *array);

/* Cells written for every batch of images, where one chip makes several passes. */
struct reload {
    double *write_s;  /* [plan->chips] of the cells of each chip or pass */
    double *load_s;   /* [plan->chips] of the cells of each chip or pass, or of their weights over
                         its link, whichever takes longer, for rows are written as they come */
    double load_bits; /* weights, indices and signs of all passes; 0 where there is one */
};

/* `writes` [n_layers]. Refuses reloads for which nobody states what a write takes. */
enum status reload_make(const struct chip *chip, const struct mapping *mapping,
                        const struct floorplan *plan, const struct cell_writes *writes,
                        const struct device *const *devices, const struct chip_options *options,
                        struct arena *arena, struct reload *reload, struct diagnostic *diag);

/* The row of one layer: its energy for one image of a batch. */
struct cost_row reload_row(const struct mapped_layer *mapped, const struct cell_writes *writes,
                           int batch);

/* Converters: resolutions by adc.allocation, and what they cost. */
struct converters {
    const struct adc_model *model;
    const struct adc_options *options;
    const struct config *config;
    const struct engine_layer *layers;
    int columns_per_adc;                       /* bit lines that share one */
    int largest_bits;                          /* over all layers: spare arrays have it */
    double slot_s;                             /* time of one at the chip's rate */
    struct adc_cost by_bits[ADC_BITS_MAX + 1]; /* at the chip's rate */
};

/* The converters of one layer. */
struct layer_converters {
    double count, area_m2, power_w;
    double energy_j;  /* of all its conversions of one inference, without leakage */
    double leakage_w; /* always */
    int bits;         /* that are built: the largest of its arrays */
    double bits_mean; /* over its arrays */
};

/* Converters at the rate of the chip's own. Refuses resolutions outside the model's range. */
enum status converters_make(const struct adc_model *model, const struct chip *chip,
                            const struct mapping *mapping, const struct engine_layer *layers,
                            const struct config *config, struct converters *converters,
                            struct diagnostic *diag);

enum status converters_of_layer(const struct converters *converters,
                                const struct mapped_layer *mapped, int index,
                                const struct layer_reads *reads, struct layer_converters *out,
                                struct diagnostic *diag);

/* ceil(columns / adc.columns_per_adc): the unit column shares a converter and asks for none. */
int converters_per_array(const struct converters *converters, int columns);

/* Time of `conversions` by one converter of a layer: at the chip's rate, or as fast as its model
 * can. */
double converters_time_s(const struct converters *converters, int layer, double conversions);

/* Parts that a mapping needs beside the chip's own, for one bit each (docs/cost.md). */
struct companion_part {
    const char *model, *source; /* in the report's arena */
    double bits;                /* of the part that the figures are of */
    double area_m2, leakage_w;  /* of that part */
    double energy_j;            /* of one bit read, or written and read */
};
struct companion_parts {
    bool compacted; /* some layer is; else memory and registers are not loaded */
    /* Some layer does, and the chip has no part for it; else signs or skip_logic are not loaded. */
    bool keeps_signs, skips_zeros;
    struct companion_part memory, registers, signs, skip_logic;
};
enum { COMPANION_ROWS = 5 };

enum status companions_load(const struct chip *chip, const struct mapping *mapping,
                            struct arena *arena, struct companion_parts *parts,
                            struct diagnostic *diag);

/* The rows of one layer: sign indicator; skip logic; index memory, input gather, output scatter.
 * Returns how many; none where neither signs nor indices are stored and no digit is skipped. */
struct companion_use {
    const struct layer_timing *timing;
    const struct layer_reads *made, *all; /* as measured; of every digit */
    double interval_s;                    /* between images */
};
int companions_cost(const struct chip *chip, const struct mapped_layer *mapped,
                    const struct companion_parts *parts, const struct companion_use *use,
                    struct cost_row rows[COMPANION_ROWS]);

/* Cycle of every layer, and what it takes to convert: timings [mapping->n_layers]. */
void times_of_layers(const struct chip *chip, const struct converters *converters,
                     const struct mapping *mapping, struct layer_timing *timings);

/* What the times of a network on its chips, or in its passes through one, follow from. */
struct course {
    const struct chip *chip;
    const struct network *network;
    const struct mapping *mapping;
    const struct floorplan *plan;
    const struct moves *moves;
    const struct links *links;
    const struct reload *reload;
    int batch; /* images that a pass takes before the next begins */
};

/* Times of a report that has its timings: layers' time_s, and latency and throughput of
 * each kind of pipeline. Beyond its array reads a position passes the other stages of the chip's
 * pipeline once (ISAAC: 22 stages with 16 reads, and five more where a pooling unit follows). A map
 * that goes to another chip takes its link's time; with several passes the latency is that of a
 * batch. */
enum status times_estimate(const struct course *course, struct cost_report *report,
                           struct diagnostic *diag);

#endif
