#include "tests/support/configs.h"

#include <stdio.h>

#include "tests/test.h"

struct config *config_of(const char *path, const char *const *overrides) {
    struct diagnostic diag = {0};
    struct config *config = NULL;
    ASSERT_OK(config_create(run_sections, n_run_sections, &config, &diag), diag);
    if (path != NULL)
        ASSERT_OK(config_load(config, path, &diag), diag);
    for (size_t i = 0; overrides != NULL && overrides[i] != NULL; i++)
        ASSERT_OK(config_override(config, overrides[i], &diag), diag);
    return config;
}
