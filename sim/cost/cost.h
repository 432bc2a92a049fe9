/* Cost: area, energy, power and time of a mapped network on a chip, as sums of named rows.
 *
 * Pure: a chip (data), a mapping and what inference measured go in, one report comes out. Nothing
 * is read from files, nothing accumulates. SI units throughout. */
#ifndef MHO_COST_COST_H
#define MHO_COST_COST_H

#include "mapping/mapping.h"
#include "peripherals/adc.h"
#include "peripherals/component.h"
#include "sim/base/base.h"
#include "sim/chip/chip.h"
#include "sim/chip/floorplan.h"
#include "sim/config/config.h"
#include "sim/engine/engine.h"
#include "sim/time/flow.h"

/* One named row of a report: a component in a layer (layer < 0: shared by all). What each figure
 * counts: docs/cost.md. */
struct cost_row {
    int layer;
    enum chip_level level;
    const char *component;
    const char *model; /* that of the chip's component, or the ADC model's name */
    const char *source;
    double count;   /* parts */
    double actions; /* per inference */
    double area_m2;
    double energy_j; /* per inference; leakage over the interval between images included */
    double energy_configured_j; /* the same with dac.activity instead of what was measured */
    double power_peak_w, leakage_w;
};

struct layer_cost {
    long crossbars, macros;
    int adc_bits; /* resolution the converters are built for: the largest of the layer's arrays */
    double adc_bits_mean;     /* over the layer's arrays */
    double area_m2, energy_j; /* sums of the layer's rows */
    double time_s;            /* of one image: positions of a copy, one after the other */
    double buffer_bytes;      /* input that a layer must hold to start: (Nx (Ky - 1) + Kx) Nif */
    double map_bytes;         /* its whole input map: what it holds where it waits for that */
    double conversions;       /* per inference */
    long index_bits;          /* stored for the compacted arrays of all copies */
    double index_area_m2;     /* of memory and registers for indices and signs */
    long sign_bits;           /* stored for the fragments of all copies (polarized) */
    double activity;          /* share of digits that are not zero, measured or configured */
    double mean_digit;        /* as a share of the largest */
    struct skip_cost {
        bool used, measured; /* crossbar.zero_skip; by inference, else no digit is skipped */
        double cycles;       /* digits of a read, mean over reads and positions */
        double reads;        /* of one position, one after the other, mean over positions */
        double lines_read;   /* reads of word lines that share inputs, of one image */
        double conversions;  /* of one image, were no digit skipped */
    } skip;
};

struct cost_report {
    struct cost_row *rows; /* of what the mapping occupies: the totals below are their sums */
    int n_rows;
    struct cost_row *idle; /* what whole tiles and chips hold beyond that: area only */
    int n_idle;
    struct layer_cost *layers;
    struct layer_timing *timings; /* [n_layers] */
    int n_layers;
    double area_used_m2; /* sum over rows */
    double area_chip_m2; /* sum over rows and idle: whole tiles, and the links of whole chips */
    long tiles, macros;  /* that are there */
    long chips;          /* joined by their links */
    long passes;         /* that one chip makes, its cells written anew for each; 1: they stay */
    double link_bits;    /* between chips, or of maps and weights of several passes; of one image */
    double reload_s,
        reload_energy_j;        /* of passes: writes of a batch; cells and links, of one image */
    double power_peak_w;        /* used parts, all fully active */
    double energy_j;            /* one inference */
    double energy_configured_j; /* the same with dac.activity instead of what was measured */
    double power_average_w;
    bool write_known;       /* whether the device or the chip's arrays state what a write takes */
    double write_energy_j;  /* of writing the cells of all layers once */
    double write_time_s;    /* of the same, all arrays side by side */
    double write_endurance; /* how often that can be done; 0: not stated */
    double latency_s, throughput_hz; /* as chip.pipeline says */
    double latency_by_pipeline_s[PIPELINE_COUNT], throughput_by_pipeline_hz[PIPELINE_COUNT];
    double buffer_bytes, map_bytes; /* sums over layers */
    double router_bits;             /* of one image, each as often as routers that it passes */
    double gops, gops_effective; /* 1e9 operations a second, two a MAC; dense, non-zero weights */
    double gops_peak;            /* of the preset chip as printed */
    double gops_per_w, gops_per_mm2; /* gops / power_peak_w, gops / used mm2 */
    bool activity_measured;
    const struct adc_model *adc_model; /* that the converters' rows are by */
    struct arena arena;
};

/* What an estimate is made from. */
struct cost_inputs {
    const struct chip *chip;
    const struct network *network;
    const struct mapping *mapping;
    /* [n_layers]: the resolution of each layer's ADCs, by which they are built too. Uniform
     * allocation is already in it (run_resolve_converters), array and slice go below it. */
    const struct engine_layer *layers;
    const struct layer_activity *activity; /* [n_layers] what inference measured; or NULL */
    int images;                            /* that it was measured on; 0: dac.activity counts */
    const struct config *config;
    const struct device *const *devices; /* [n_layers]; NULL: standard cells */
    const struct floorplan *plan;        /* of the mapping; NULL: tiles in order */
};

/* The model of converters that adc.model names, or the chip's own. */
const struct adc_model *converters_model(const struct cost_inputs *inputs);

/* Under mapping.replication: balanced, gives the layers of `inputs->mapping` their copies: those of
 * mapping.array_budget, or of the chips that one copy of each layer takes. Nothing otherwise. By
 * the reads that zero-skip leaves, where the inputs have images. Before any estimate of these. */
enum status cost_balance(const struct cost_inputs *inputs, struct mapping *mapping,
                         struct diagnostic *diag);

/* What mapping.placement: swap made of the order of tiles. */
struct cost_placing {
    double router_bits_in_order, router_bits; /* of one image */
};

/* Where everything lies: tiles in the order of the layers and, under mapping.placement: swap, tiles
 * swapped as long as bits pass fewer routers by it. What `plan` holds lies in `arena`. `placing` is
 * of the present traffic, all 0 where tiles stay in order. After cost_balance. Cost of swap:
 * all pairs of a chip's tiles, COST_PLACE_SWEEPS times at most. */
enum { COST_PLACE_SWEEPS = 100, COST_PLACE_KICKS = 8 };
enum status cost_place(const struct cost_inputs *inputs, struct arena *arena,
                       struct floorplan *plan, struct cost_placing *placing,
                       struct diagnostic *diag);

/* The names in the report point into chip and adc_models. */
enum status cost_estimate(const struct cost_inputs *inputs, struct cost_report *report,
                          struct diagnostic *diag);
void cost_report_free(struct cost_report *report);

/* What one model of converters makes of an estimate; NAN where it does not tell. */
struct cost_by_model {
    const struct adc_model *model;
    const char *refusal; /* why it holds for no estimate here; NULL: it does */
    double area_m2, energy_j, power_peak_w, throughput_hz; /* of the whole */
    double adc_area_m2, adc_energy_j, adc_power_peak_w;    /* of the converters */
};

/* The estimate by every model: band [n_adc_models], refusals in `arena`. */
enum status cost_band(const struct cost_inputs *inputs, struct cost_by_model *band,
                      struct arena *arena, struct diagnostic *diag);

#endif
