/* Whole configurations for tests: a shipped file, or the defaults alone, with overrides. */
#ifndef MHO_TESTS_SUPPORT_CONFIGS_H
#define MHO_TESTS_SUPPORT_CONFIGS_H

#include "sim/run/run.h"

#define LENET_CONFIG "configs/examples/lenet.yaml"

/* The file (NULL: defaults alone) with overrides, which end with NULL. Failures end the test. */
struct config *config_of(const char *path, const char *const *overrides);

#endif
