/* Shared between the files of devices only. */
#ifndef MHO_CROSSBAR_DEVICE_INTERNAL_H
#define MHO_CROSSBAR_DEVICE_INTERNAL_H

#include "crossbar/device.h"

/* Names of enum programming_model in their order, NULL-terminated. */
extern const char *const *const programming_names;
/* The same after "preset": the words of device.programming_model. */
extern const char *const programming_words[];

/* How far a cell that should have conductance `g` [S] misses it: the standard deviation in siemens,
 * or where the model is relative that of the logarithm. */
double programming_spread(const struct device *device, double g);

/* The conductance of a cell that should have `g`, with its spread and a standard normal number. */
double programming_draw(const struct device *device, double g, double spread, double normal);

/* A device of configs/devices (YAML) and of NVSim (.cell), from `text` of the file `path`. The
 * device is zeroed but for its arena; the second writes into `text`. */
enum status device_read_yaml(const char *path, const char *text, size_t length,
                             struct device *device, struct diagnostic *diag);
enum status device_read_cell(const char *path, char *text, size_t length, struct device *device,
                             struct diagnostic *diag);

#endif
