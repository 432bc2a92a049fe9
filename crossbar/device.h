/* Devices: what a ReRAM cell makes of the level that it should hold.
 *
 * Order of calls: device_make (a data file, the options over it, and their check) once per layer;
 * device_is_ideal tells whether integer arithmetic is exact; if not, device_program for each array;
 * device_free. docs/devices.md has the formulas and the format of the files.
 *
 * A level k of c-bit cells stands for the conductance g_min + k (g_max - g_min) / (2^c - 1). */
#ifndef MHO_CROSSBAR_DEVICE_H
#define MHO_CROSSBAR_DEVICE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "sim/base/base.h"
#include "sim/config/config.h"

/* Programming error, with z standard normal, drawn for each cell. */
enum programming_model {
    PROGRAMMING_NONE,
    PROGRAMMING_NORMAL,       /* g + sigma g_max z */
    PROGRAMMING_PROPORTIONAL, /* g + sigma g z */
    PROGRAMMING_LOGNORMAL,    /* g exp(sigma z): the median stays */
    PROGRAMMING_POLYNOMIAL    /* g + sigma P(g / g_max) z, P in siemens */
};

/* A device: data from a file, with the options applied. Every number is finite. */
struct device {
    const char *name, *source, *note; /* note may be NULL */
    char content_hash[33];            /* XXH3-128 of the file */

    double g_max_siemens, g_min_siemens; /* on, off; 0 <= g_min < g_max */
    int levels;                          /* that can be told apart, 2..256; 0: not stated */
    bool reference_column;               /* a column of cells at g_min is subtracted */

    int programming_model;           /* enum programming_model */
    double programming_sigma;        /* a plain number, see the model */
    struct config_reals polynomial;  /* P: coefficients in siemens, lowest power first */
    double stuck_on, stuck_off;      /* shares of cells; their sum is at most 1 */
    double drift_t0_s, drift_time_s; /* G(t) = G(t0) (t / t0)^-nu; 0 < t0 <= time */
    double drift_nu, drift_nu_sigma; /* mean and standard deviation over cells */
    double read_noise;               /* sigma of a read = read_noise g_max + read_noise_slope g */
    double read_noise_slope;

    /* For costs; 0 where the source does not say. */
    double cell_area_f2; /* in squares of the feature size */
    double read_voltage_v, read_time_s, read_energy_j;
    double set_voltage_v, set_time_s, set_energy_j;
    double reset_voltage_v, reset_time_s, reset_energy_j;
    double endurance; /* times that a cell can be written */

    struct arena arena; /* of the texts and lists above */
};

/* Section `device`: a preset and what replaces its figures. NAN: the preset's. */
struct device_options {
    const char *preset;    /* name of a file of configs/devices, or a path (*.yaml, *.cell) */
    int programming_model; /* 0: the preset's; else 1 + enum programming_model */
    double programming_sigma;
    double stuck_on, stuck_off;
    double drift_time_s, drift_nu, drift_nu_sigma;
    double read_noise, read_noise_slope;
    double on_off_ratio;  /* g_max / g_min, by another g_min */
    int reference_column; /* 0: the preset's; 1: false; 2: true */
};
extern const struct config_section device_section;

/* Loads configs/devices/NAME.yaml, or the file itself when `preset` holds a '/' or ends in .yaml or
 * .cell (NVSim's format). Messages say file, line and column. */
enum status device_load(const char *preset, struct device *device, struct diagnostic *diag);

/* device_load, the options over it, and the check that each of them has an effect and that the
 * device has 2^cell_bits levels. `device` needs no initialisation. */
enum status device_make(const struct device_options *options, int cell_bits, struct device *device,
                        struct diagnostic *diag);
void device_free(struct device *device);

/* Every cell of level k reads as exactly k, always: integer arithmetic is exact. */
bool device_is_ideal(const struct device *device);

/* Something is drawn: cells or reads differ from one set of random streams to another. */
bool device_is_random(const struct device *device);

/* Reads of one cell differ. */
bool device_has_read_noise(const struct device *device);

/* What `n` programmed cells weigh in a column's sum, in units of one level: an ideal cell of level
 * k is exactly k. With g the conductance after programming error, drift and stuck cells, effective
 * = (g - g_ref) / (g_max - g_min) * (2^c - 1) where g_ref is that of a reference cell (g_min,
 * drifted by the mean nu, without error) or 0 without a reference column. `levels` are
 * 0..2^cell_bits - 1, cell_bits 1..8. read_sigma[i] (unless NULL) is the standard deviation of one
 * read of the cell, in the same units.
 *
 * `key` names the array's random streams (random_key of seed, trial, layer, array). Each effect has
 * a stream of its own, in which every cell takes the same number of draws in index order whatever
 * its level: changing one effect leaves the draws of the others as they were. */
void device_program(const struct device *device, int cell_bits, const uint8_t *levels, size_t n,
                    uint64_t key, float *effective, float *read_sigma);

#endif
