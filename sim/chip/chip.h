/* Chips: what a chip file says of a chip's parts, levels, geometry and timing; parts at other
 * crossbar sizes (parts.h); the mesh of tiles and what lies where on it (mesh.h, floorplan.h).
 *
 * Order of calls: chip_make or chip_load, any reading, chip_free. Nothing else reads files. SI
 * units throughout. */
#ifndef MHO_CHIP_CHIP_H
#define MHO_CHIP_CHIP_H

#include "peripherals/adc.h"
#include "peripherals/component.h"
#include "sim/base/base.h"
#include "sim/config/config.h"

/* Levels of the chip tree, outermost first. */
enum chip_level { CHIP_CHIP, CHIP_TILE, CHIP_MACRO, CHIP_ARRAY, CHIP_LEVELS };
extern const char *const chip_level_names[]; /* sections of a preset */

/* What one action of a component is; the cost room counts the actions of each. */
enum chip_action {
    ACTION_NONE,        /* area and peak power only */
    ACTION_ARRAY_READ,  /* one read of a whole array (scaled by rows, columns and activity) */
    ACTION_ROW_DRIVE,   /* one digit driven on one word line */
    ACTION_SAMPLE,      /* one bit line sampled */
    ACTION_CONVERSION,  /* one analog-to-digital conversion */
    ACTION_SHIFT_ADD,   /* one code shifted and added */
    ACTION_PARTIAL_SUM, /* one partial sum of a row block added to another's */
    ACTION_INPUT_BIT,   /* one bit through the macro's input register */
    ACTION_OUTPUT_BIT,  /* one bit through the macro's or tile's output register */
    ACTION_BUFFER_BIT,  /* one bit read from or written to the tile's buffer */
    ACTION_BUS_BIT,     /* one bit over the tile's bus */
    ACTION_ROUTER_BIT,  /* one bit through one router */
    ACTION_ACTIVATION,  /* one non-linear function */
    ACTION_SIGN,        /* one sign of a fragment read, kept beside an array */
    ACTION_SKIP,        /* one word line's digit looked at, whether it may be skipped */
    ACTION_POOL,        /* one value taken into a pooling window */
    ACTION_LINK_BIT,    /* one bit on or off the chip */
    ACTION_COUNT
};
extern const char *const chip_action_names[]; /* as written in the presets */

/* How a component of an array follows the crossbar's size (DESIGN.md, the same preset at other
 * crossbar sizes). */
enum chip_scaling {
    SCALE_FIXED,
    SCALE_ROWS,    /* count in proportion to rows */
    SCALE_COLUMNS, /* count in proportion to physical columns */
    SCALE_CELLS,   /* area, power and energy of one in proportion to rows * columns */
    SCALE_ADC, /* exactly one component: ceil(columns / adc.columns_per_adc) parts, figures from the
                  ADC model */
    SCALE_COUNT
};
extern const char *const chip_scaling_names[]; /* as written in the presets */

struct chip_component {
    const char *name; /* one of its kind in the chip */
    enum chip_level level;
    int line;                           /* in the preset, for messages */
    double count;                       /* per parent (router shared by 4 tiles: 0.25) */
    double area_m2, power_w, leakage_w; /* of one, at full activity, at the preset's geometry */
    enum chip_action action;
    double actions_per_cycle; /* of one, at full activity; 0 where the energy is given directly */
    double energy_j;          /* per action: given, or power * cycle / actions per cycle */
    double write_energy_j;    /* per action that writes (buffers); else the same */
    enum chip_scaling scaling;
    const char *model; /* "printed", the ADC model's name, or "KIND VARIANT" */
    const char *source;
    const struct component_kind *kind; /* of configs/components; NULL: figures as printed */
    const struct component_variant *variant;
    double values[COMPONENT_PARAMETERS_MAX]; /* parameters as written; NAN: not */
    bool follows; /* some parameter follows the layer: part_evaluate gives its figures */
};

/* What the event-driven model of time needs beside the components (section `timing` of a chip file;
 * docs/cost.md says what each part does). All zero where the file has no such section. */
struct chip_timing {
    double clock_hz;        /* of bus, routers and digital units */
    double buffer_bytes;    /* of one tile */
    double buffer_access_s; /* one access of one bank */
    int buffer_width;       /* bits of an access */
    int buffer_banks;       /* that work at the same time */
    int bus_width;          /* bits a tick of the clock, of one tile's bus */
    double register_bytes;  /* input register of one macro */
    int flit;               /* bits, one flit a tick from a router to the next */
    int router_hop;         /* ticks from one router to the next */
    int link_width;         /* bits a tick of link_clock_hz, over all links of a chip */
    double link_clock_hz;
};

struct chip {
    const char *name, *source;
    const char *note;      /* what its paper prints otherwise; may be NULL */
    double node_m;         /* that figures are for */
    double printed_node_m; /* of the file */
    double cycle_s;        /* fixed time of one array read */
    int pipeline_stages;   /* cycles from a buffer read to the buffer write of its result, those of
                              the array reads at the preset's own geometry included */
    int pooling_stages;    /* the same where a pooling unit follows; 0: as without */
    struct chip_timing timing;
    int tiles, macros_per_tile, arrays_per_macro;
    int rows, columns, cell_bits, dac_bits, adc_bits; /* geometry the printed figures are for */
    int ou_rows;                      /* word lines that a cycle reads at most; 0: all */
    int weight_bits, activation_bits; /* for the printed peak figures */
    const char *adc_model;            /* gives the printed converter at adc_bits */
    char content_hash[33]; /* XXH3-128 over the file, its components and the technology */
    struct chip_component *components; /* chip, tile, macro, array; each in the file's order */
    int n_components;
    struct component_kind *kinds; /* that components are of, each loaded once */
    int n_kinds;
    struct technology technology;
    struct arena arena;
};

/* What may overlap in time (docs/cost.md, Time). */
enum chip_pipeline {
    PIPELINE_LAYERS, /* nothing: one layer of one image after the other */
    PIPELINE_IMAGES, /* layers work on successive images; each waits for whole maps */
    PIPELINE_ROWS,   /* a layer starts when the rows that its first window needs are there */
    PIPELINE_COUNT
};

/* What becomes of a mapping with more arrays than the chip has (docs/cost.md, Several chips). */
enum chip_overflow { OVERFLOW_CHIPS, OVERFLOW_RELOAD, OVERFLOW_ERROR };

enum chip_model { TIMING_ANALYTIC, TIMING_EVENT };
enum { CHIP_STREAM_MAX = 1000, CHIP_BATCH_MAX = 1000000 };

struct chip_options {
    const char *preset;     /* name of a shipped preset, or a path to a chip file */
    const char *technology; /* name or path: how figures follow the node */
    double node_m;          /* NAN: the chip's own */
    bool node_scaling;      /* false: every figure stays as its source has it */
    int pipeline;           /* enum chip_pipeline */
    int timing;             /* enum chip_model */
    int overflow;           /* enum chip_overflow */
    int batch;              /* images for which cells are written, 1..CHIP_BATCH_MAX */
    int write_arrays;       /* of a chip, written at the same time; 0: all */
    int stream;             /* images of the event-driven model, 1..CHIP_STREAM_MAX */
};
extern const struct config_section chip_section;

/* Loads configs/presets/NAME.yaml, or the file itself when `preset` holds a '/' or ends in .yaml,
 * with what it needs of configs/components and configs/technology. */
enum status chip_make(const struct chip_options *options, struct chip *chip,
                      struct diagnostic *diag);

/* chip_make with default options. */
enum status chip_load(const char *preset, struct chip *chip, struct diagnostic *diag);
void chip_free(struct chip *chip);

/* Bit lines that share one converter: adc.columns_per_adc, or as many as on the chip's arrays. */
int chip_columns_per_adc(const struct chip *chip, const struct adc_options *options);

/* The chip as printed: totals of its own geometry. */
struct chip_totals {
    double macro_area_m2, macro_power_w; /* one macro */
    double tile_area_m2, tile_power_w;   /* one tile, macros included */
    double chip_area_m2, chip_power_w;
    double peak_ops; /* multiply and add, per second */
};
struct chip_totals chip_totals(const struct chip *chip);

#endif
