/* Parts of a chip: figures of one component at the size of a layer's arrays. Pure functions. */
#ifndef MHO_CHIP_PARTS_H
#define MHO_CHIP_PARTS_H

#include "crossbar/device.h"
#include "sim/chip/chip.h"

/* A component per parent (array, macro, tile or chip). */
struct figures {
    double count;
    double area_m2, power_w, leakage_w; /* of one part */
    double energy_j, write_energy_j;    /* of one action; of one that writes */
    double program_j, program_s;        /* of writing all cells of an array; 0: not stated */
};

/* Size of an array in one layer, or of the largest. */
struct geometry {
    int rows, columns; /* columns: physical, unit column included */
    int converters;
};

/* What parameters of components follow; 0: not known. */
struct part_conditions {
    double rows, columns; /* of an array, physical */
    double dac_bits;
    double read_time_s;          /* the device's, else the chip's cycle */
    const struct device *device; /* NULL: standard values of what follows it */
    double conductance;          /* siemens, mean over the cells in use */
};

/* Those of the chip's own geometry, without a device. */
struct part_conditions part_conditions_of_chip(const struct chip *chip);

/* Figures of a component of configs/components (part->kind); its count is the chip's. Refuses what
 * lies outside its range, and figures that the device does not state. */
enum status part_evaluate(const struct chip *chip, const struct chip_component *part,
                          const struct part_conditions *conditions, struct figures *figures,
                          struct diagnostic *diag);

/* The component in an array of that size (DESIGN.md, the same preset at other crossbar sizes); the
 * figures of SCALE_ADC parts come from the ADC model instead. */
enum status part_figures(const struct chip *chip, const struct chip_component *part,
                         const struct geometry *geometry, const struct part_conditions *conditions,
                         struct figures *figures, struct diagnostic *diag);

/* The same at the chip's own geometry. */
struct figures part_own_figures(const struct chip_component *part);

/* Shared parts belong to no matrix layer: links, and pooling units. */
bool part_is_shared(const struct chip_component *part);

/* Parents of a level that a number of arrays and macros occupy: macros whole, tiles and chips pro
 * rata. */
double level_parents(const struct chip *chip, enum chip_level level, double arrays, double macros);

#endif
