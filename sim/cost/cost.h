/* Cost: area, energy, power and time of a mapped network on a chip, as sums of named rows.
 *
 * Pure: a chip (data), a mapping and what inference measured go in, one report comes out. Nothing is
 * read from files but by chip_load, nothing accumulates. SI units throughout. */
#ifndef MHO_COST_COST_H
#define MHO_COST_COST_H

#include "mapping/mapping.h"
#include "peripherals/adc.h"
#include "sim/base/base.h"
#include "sim/config/config.h"
#include "sim/engine/engine.h"

/* Levels of the chip tree, outermost first. */
enum chip_level { CHIP_CHIP, CHIP_TILE, CHIP_MACRO, CHIP_ARRAY, CHIP_LEVELS };

/* What one action of a component is; the cost room counts the actions of each. */
enum chip_action {
    ACTION_NONE,           /* area and peak power only */
    ACTION_ARRAY_READ,     /* one read of a whole array (scaled by rows, columns and activity) */
    ACTION_ROW_DRIVE,      /* one digit driven on one word line */
    ACTION_SAMPLE,         /* one bit line sampled */
    ACTION_CONVERSION,     /* one analog-to-digital conversion */
    ACTION_SHIFT_ADD,      /* one code shifted and added */
    ACTION_INPUT_BIT,      /* one bit through the macro's input register */
    ACTION_OUTPUT_BIT,     /* one bit through the macro's or tile's output register */
    ACTION_BUFFER_BIT,     /* one bit read from or written to the tile's buffer */
    ACTION_BUS_BIT,        /* one bit over the tile's bus */
    ACTION_ROUTER_BIT,     /* one bit through one router */
    ACTION_ACTIVATION,     /* one non-linear function */
    ACTION_POOL,           /* one pooling operation */
    ACTION_LINK_BIT,       /* one bit on or off the chip */
    ACTION_COUNT
};
extern const char *const chip_action_names[]; /* as written in the presets */

struct chip_component {
    const char *name;
    enum chip_level level;
    int line;                  /* in the preset, for messages */
    double count;              /* per parent (router shared by 4 tiles: 0.25) */
    double area_m2, power_w;   /* of one, at full activity, as printed at the preset's own geometry */
    double leakage_w;
    enum chip_action action;
    double energy_j;           /* per action */
    bool is_adc;               /* area and energy follow adc.bits by the ADC model */
    double per_row, per_column; /* 1 when count is in proportion to crossbar rows / columns, else 0 */
    const char *source;
};

struct chip {
    const char *name, *source;
    double node_m, cycle_s;        /* cycle_s: fixed time of one array read */
    double clock_hz;
    int tiles, macros_per_tile, arrays_per_macro;
    int rows, columns, cell_bits, dac_bits, adc_bits; /* geometry the printed figures are for */
    int weight_bits, activation_bits;                 /* for the printed peak figures */
    const char *adc_model;
    struct chip_component *components;
    int n_components;
    struct arena arena;
};

struct chip_options {
    const char *preset; /* name of a shipped preset, or a path to a chip file */
};
extern const struct config_section chip_section;

/* Loads configs/presets/NAME.yaml, or the file itself when `preset` holds a '/' or ends in .yaml. */
enum status chip_load(const char *preset, struct chip *chip, struct diagnostic *diag);
void chip_free(struct chip *chip);

/* The chip as printed: totals of its own geometry. */
struct chip_totals {
    double macro_area_m2, macro_power_w;  /* one macro */
    double tile_area_m2, tile_power_w;    /* one tile, macros included */
    double chip_area_m2, chip_power_w;
    double peak_ops; /* multiply and add, per second */
};
struct chip_totals chip_totals(const struct chip *chip);

/* One named row of a report: a component in a layer (layer < 0: shared by all). */
struct cost_row {
    int layer;
    const char *component;
    const char *model;   /* "printed", or the ADC model's name */
    const char *source;
    double count;        /* parts */
    double actions;      /* per inference */
    double area_m2, energy_j, power_peak_w, leakage_w;
};

struct layer_cost {
    long crossbars, macros;
    int adc_bits;
    double area_m2, energy_j, time_s;
    double conversions; /* per inference */
    double activity;    /* share of non-zero digits used, measured or configured */
};

struct cost_report {
    struct cost_row *rows; /* of what the mapping occupies; sums are the totals below */
    int n_rows;
    struct layer_cost *layers;
    int n_layers;
    double area_used_m2, area_chip_m2; /* chip: whole tiles and links */
    long tiles, macros;
    double power_peak_w;      /* used parts, all fully active */
    double energy_j;          /* one inference */
    double power_average_w;
    double latency_s, throughput_hz;
    double gops, gops_effective, gops_peak; /* GOPS, two operations a MAC; peak: the preset chip's */
    double gops_per_w, gops_per_mm2;        /* gops / power_peak_w, gops / used mm2 */
    bool activity_measured;
    struct arena arena;
};

/* `layers` [n_layers] gives the resolution of each layer's ADCs; `activity` [n_layers] and `images`
 * what inference measured, or NULL and 0: then dac.activity of `config` counts. */
enum status cost_estimate(const struct chip *chip, const struct network *network,
                          const struct mapping *mapping, const struct engine_layer *layers,
                          const struct layer_activity *activity, int images,
                          const struct config *config, struct cost_report *report,
                          struct diagnostic *diag);
void cost_report_free(struct cost_report *report);

#endif
