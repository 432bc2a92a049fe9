/* Finding and reading the file of a device. */
#include <stdio.h>
#include <string.h>
#include <xxhash.h>

#include "crossbar/device_internal.h"

static bool ends_in(const char *text, const char *end) {
    size_t length = strlen(text), tail = strlen(end);
    return length > tail && strcmp(text + length - tail, end) == 0;
}

static enum status find(const char *preset, struct arena *arena, char **path,
                        struct diagnostic *diag) {
    if (strchr(preset, '/') != NULL || ends_in(preset, ".yaml") || ends_in(preset, ".cell")) {
        *path = arena_strdup(arena, preset);
        return *path != NULL ? STATUS_OK : FAIL_MEMORY(diag, "a device");
    }
    char *relative = arena_printf(arena, "devices/%s.yaml", preset);
    if (relative == NULL)
        return FAIL_MEMORY(diag, "a device");
    if (file_shipped(relative, arena, path, NULL) == STATUS_OK)
        return STATUS_OK;
    char *names = file_shipped_names("devices", arena);
    if (names == NULL)
        return FAIL_MEMORY(diag, "the names of devices");
    if (names[0] == '\0') /* not even their folder: say where it was looked for */
        return file_shipped(relative, arena, path, diag);
    return FAIL(diag, STATUS_USAGE,
                "device.preset: no shipped device is called \"%s\" (there is: %s); give one of "
                "them, or the path of a device file (*.yaml, *.cell)",
                preset, names);
}

static enum status load(const char *preset, struct device *device, struct diagnostic *diag) {
    char *path, *text;
    size_t length;
    if (preset == NULL)
        return FAIL(diag, STATUS_USAGE, "device.preset is not set: \"ideal\" is the default");
    TRY(find(preset, &device->arena, &path, diag));
    TRY(file_read(path, &device->arena, &text, &length, diag));
    XXH128_hash_t hash = XXH3_128bits(text, length);
    snprintf(device->content_hash, sizeof device->content_hash, "%016llx%016llx",
             (unsigned long long)hash.high64, (unsigned long long)hash.low64);
    return ends_in(path, ".cell") ? device_read_cell(path, text, length, device, diag)
                                  : device_read_yaml(path, text, length, device, diag);
}

enum status device_load(const char *preset, struct device *device, struct diagnostic *diag) {
    *device = (struct device){0};
    enum status status = load(preset, device, diag);
    if (status != STATUS_OK)
        device_free(device);
    return status;
}

void device_free(struct device *device) {
    if (device == NULL)
        return;
    arena_free(&device->arena);
    *device = (struct device){0};
}
