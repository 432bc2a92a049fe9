#include "tests/support/device_memory.h"

#include <stdio.h>
#include <string.h>

#include "crossbar/device.h"
#include "tests/support/malloc_fail.h"
#include "tests/support/scratch.h"
#include "tests/test.h"

void device_short_memory(const char *name, const char *text) {
    struct scratch scratch;
    if (!malloc_fail_works()) {
        printf("skipped: allocations cannot be made to fail here ");
        return;
    }
    scratch_open(&scratch);
    const char *path = scratch_write(&scratch, name, text, strlen(text));
    for (long n = 1;; n++) {
        struct diagnostic diag = {0};
        struct device device;
        malloc_fail_at(n);
        enum status status = device_load(path, &device, &diag);
        if (!malloc_fail_end()) {
            ASSERT_OK(status, diag);
            device_free(&device);
            break;
        }
        CU_ASSERT(status == STATUS_MEMORY || status == STATUS_OK);
        device_free(&device);
    }
    scratch_close(&scratch);
}
