/* Devices as YAML files: configs/devices, docs/devices.md. */
#include <math.h>
#include <stddef.h>
#include <string.h>

#include "crossbar/device_internal.h"
#include "sim/config/value.h"

/* A device as written: conductances or resistances. */
struct written {
    struct device device;
    double g_max, g_min, r_on, r_off;
};

#define WRITTEN(member) offsetof(struct written, member)
#define DEVICE(member)  offsetof(struct written, device.member)

/* The rows below, most of which are numbers. */
#define KEY(text, kind, member, ...)                                                               \
    { .name = (text), .type = (kind), .offset = (member), __VA_ARGS__ }
#define REAL(text, member, physical, low, high)                                                    \
    KEY(text, FIELD_REAL, member, .unit = (physical), .minimum = (low), .maximum = (high))

/* A dot parts the name of a mapping and a key in it. */
static const struct config_field keys[] = {
    KEY("name", FIELD_STRING, DEVICE(name), .flags = FIELD_REQUIRED),
    KEY("source", FIELD_STRING, DEVICE(source), .flags = FIELD_REQUIRED),
    KEY("note", FIELD_STRING, DEVICE(note), .flags = 0),
    REAL("g_max", WRITTEN(g_max), UNIT_SIEMENS, 1e-15, 1),
    REAL("g_min", WRITTEN(g_min), UNIT_SIEMENS, 0, 1),
    REAL("r_on", WRITTEN(r_on), UNIT_OHM, 1, 1e15),
    REAL("r_off", WRITTEN(r_off), UNIT_OHM, 1, 1e15),
    KEY("levels", FIELD_INT, DEVICE(levels), .minimum = 2, .maximum = 256),
    KEY("reference_column", FIELD_BOOL, DEVICE(reference_column), .flags = 0),
    REAL("cell_area", DEVICE(cell_area_f2), UNIT_NONE, 0, 1e6),
    REAL("read.voltage", DEVICE(read_voltage_v), UNIT_VOLT, 0, 100),
    REAL("read.time", DEVICE(read_time_s), UNIT_SECOND, 0, 1),
    REAL("read.energy", DEVICE(read_energy_j), UNIT_JOULE, 0, 1),
    REAL("set.voltage", DEVICE(set_voltage_v), UNIT_VOLT, 0, 100),
    REAL("set.time", DEVICE(set_time_s), UNIT_SECOND, 0, 1),
    REAL("set.energy", DEVICE(set_energy_j), UNIT_JOULE, 0, 1),
    REAL("reset.voltage", DEVICE(reset_voltage_v), UNIT_VOLT, 0, 100),
    REAL("reset.time", DEVICE(reset_time_s), UNIT_SECOND, 0, 1),
    REAL("reset.energy", DEVICE(reset_energy_j), UNIT_JOULE, 0, 1),
    REAL("endurance", DEVICE(endurance), UNIT_NONE, 1, 1e18),
    KEY("programming.model", FIELD_CHOICE, DEVICE(programming_model),
        .words = programming_words + 1),
    REAL("programming.sigma", DEVICE(programming_sigma), UNIT_NONE, 0, 10),
    KEY("programming.polynomial", FIELD_REALS, DEVICE(polynomial), .unit = UNIT_SIEMENS,
        .minimum = -1, .maximum = 1),
    REAL("stuck.on", DEVICE(stuck_on), UNIT_NONE, 0, 1),
    REAL("stuck.off", DEVICE(stuck_off), UNIT_NONE, 0, 1),
    REAL("drift.t0", DEVICE(drift_t0_s), UNIT_SECOND, 1e-12, 1e12),
    REAL("drift.time", DEVICE(drift_time_s), UNIT_SECOND, 1e-12, 1e12),
    REAL("drift.nu", DEVICE(drift_nu), UNIT_NONE, 0, 1),
    REAL("drift.nu_sigma", DEVICE(drift_nu_sigma), UNIT_NONE, 0, 1),
    REAL("read_noise.constant", DEVICE(read_noise), UNIT_NONE, 0, 10),
    REAL("read_noise.slope", DEVICE(read_noise_slope), UNIT_NONE, 0, 10),
};
enum { N_KEYS = sizeof keys / sizeof *keys, GROUP_LENGTH = 16 };

/* The mapping that a key lies in ("" for the top), into `group`; returns the key's name there. */
static const char *split(const char *name, char group[GROUP_LENGTH]) {
    const char *dot = strchr(name, '.');
    size_t length = dot == NULL ? 0 : (size_t)(dot - name);
    memcpy(group, name, length);
    group[length] = '\0';
    return dot == NULL ? name : dot + 1;
}

/* Refuses what is no key of `group`, and below the top also what is no mapping. */
static enum status check_group(const struct yaml_node *mapping, const char *group,
                               struct diagnostic *diag) {
    const char *allowed[N_KEYS];
    char groups[N_KEYS][GROUP_LENGTH];
    size_t n = 0;
    for (int i = 0; i < N_KEYS; i++) {
        const char *name = split(keys[i].name, groups[i]);
        if (strcmp(groups[i], group) == 0)
            allowed[n++] = name;
        else if (group[0] == '\0')
            allowed[n++] = groups[i];
    }
    return yaml_check_keys(mapping, allowed, n, diag);
}

static const struct yaml_node *find(const struct yaml_node *root, const char *name) {
    char group[GROUP_LENGTH];
    const char *key = split(name, group);
    return yaml_get(group[0] == '\0' ? root : yaml_get(root, group), key);
}

static enum status check_keys(const struct yaml_node *root, struct diagnostic *diag) {
    char group[GROUP_LENGTH];
    TRY(check_group(root, "", diag));
    for (int i = 0; i < N_KEYS; i++) {
        split(keys[i].name, group);
        const struct yaml_node *mapping = group[0] == '\0' ? NULL : yaml_get(root, group);
        if (mapping != NULL)
            TRY(check_group(mapping, group, diag));
    }
    return STATUS_OK;
}

static enum status read_keys(const struct yaml_node *root, struct written *written,
                             struct diagnostic *diag) {
    for (int i = 0; i < N_KEYS; i++) {
        struct field_value value;
        const struct yaml_node *node = find(root, keys[i].name);
        if (node == NULL && (keys[i].flags & FIELD_REQUIRED) != 0)
            return YAML_FAIL(diag, root, "\"%s\" is missing", keys[i].name);
        if (node == NULL)
            continue;
        TRY(value_parse(keys[i].name, &keys[i], node, &written->device.arena, &value, diag));
        if (value.set)
            value_store(&keys[i], &value, written);
        else
            return YAML_FAIL(diag, node, "%s: expected a value, got nothing", keys[i].name);
    }
    return STATUS_OK;
}

/* A conductance given as such or as a resistance; both names are keys. */
static enum status read_conductance(const struct yaml_node *root, const char *as_conductance,
                                    double siemens, const char *as_resistance, double ohm,
                                    double *g, struct diagnostic *diag) {
    const struct yaml_node *both = yaml_get(root, as_resistance);
    if (isnan(siemens) && isnan(ohm))
        return YAML_FAIL(diag, root, "\"%s\" or \"%s\" is missing", as_conductance, as_resistance);
    if (!isnan(siemens) && !isnan(ohm))
        return YAML_FAIL(diag, both, "\"%s\" and \"%s\" are both given: remove one", as_conductance,
                         as_resistance);
    *g = isnan(siemens) ? 1 / ohm : siemens;
    return STATUS_OK;
}

static enum status check_range(const struct yaml_node *root, struct written *written,
                               struct diagnostic *diag) {
    struct device *device = &written->device;
    TRY(read_conductance(root, "g_max", written->g_max, "r_on", written->r_on,
                         &device->g_max_siemens, diag));
    TRY(read_conductance(root, "g_min", written->g_min, "r_off", written->r_off,
                         &device->g_min_siemens, diag));
    if (device->g_min_siemens >= device->g_max_siemens)
        return YAML_FAIL(diag, root,
                         "the off conductance %g S is not below the on conductance %g S",
                         device->g_min_siemens, device->g_max_siemens);
    return STATUS_OK;
}

static enum status check_programming(const struct yaml_node *root, struct device *device,
                                     struct diagnostic *diag) {
    const struct yaml_node *group = yaml_get(root, "programming");
    bool polynomial = device->programming_model == PROGRAMMING_POLYNOMIAL;
    const char *name = programming_names[device->programming_model];
    if (polynomial != (device->polynomial.count > 0))
        return YAML_FAIL(diag, group, "\"model: polynomial\" and \"polynomial\" go together");
    if (polynomial && isnan(device->programming_sigma))
        device->programming_sigma = 1;
    if (device->programming_model == PROGRAMMING_NONE) {
        if (!isnan(device->programming_sigma))
            return YAML_FAIL(diag, group, "\"sigma\" has no effect with \"model: none\"");
        device->programming_sigma = 0;
    }
    if (isnan(device->programming_sigma))
        return YAML_FAIL(diag, group, "\"model: %s\" needs \"sigma\"", name);
    return STATUS_OK;
}

static enum status check_rest(const struct yaml_node *root, struct device *device,
                              struct diagnostic *diag) {
    if (device->stuck_on + device->stuck_off > 1)
        return YAML_FAIL(diag, yaml_get(root, "stuck"),
                         "stuck cells: on %g and off %g are together more than all cells",
                         device->stuck_on, device->stuck_off);
    if (isnan(device->drift_time_s))
        device->drift_time_s = device->drift_t0_s;
    if (device->drift_time_s < device->drift_t0_s)
        return YAML_FAIL(diag, find(root, "drift.time"), "drift.time is %g s: before t0, %g s",
                         device->drift_time_s, device->drift_t0_s);
    return STATUS_OK;
}

enum status device_read_yaml(const char *path, const char *text, size_t length,
                             struct device *device, struct diagnostic *diag) {
    const struct yaml_node *root;
    struct written written = {
        .device = *device, .g_max = NAN, .g_min = NAN, .r_on = NAN, .r_off = NAN};
    written.device.reference_column = true;
    written.device.programming_sigma = NAN;
    written.device.drift_t0_s = 1;
    written.device.drift_time_s = NAN;
    enum status status = yaml_parse(text, length, path, &written.device.arena, &root, diag);
    if (status == STATUS_OK)
        status = check_keys(root, diag);
    if (status == STATUS_OK)
        status = read_keys(root, &written, diag);
    if (status == STATUS_OK)
        status = check_range(root, &written, diag);
    if (status == STATUS_OK)
        status = check_programming(root, &written.device, diag);
    if (status == STATUS_OK)
        status = check_rest(root, &written.device, diag);
    *device = written.device; /* also after a failure: it owns the arena */
    return status;
}
