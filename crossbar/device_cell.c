/* Cell files of NVSim: lines "-Key (unit): value", "//" before comments.
 *
 * NVSim ignores keys that it does not know; here every key is either used, known to describe
 * something that mho does not model, or refused. */
#include <stddef.h>
#include <string.h>

#include "crossbar/device_internal.h"
#include "sim/config/yaml.h" /* for messages with a position */

/* Resistances as written; 0: not given. The ones at the read voltage are those of a sum of currents
 * and win over the general ones. */
struct cell {
    struct device device;
    double on, off, on_at_read, off_at_read;
};

enum use { USED, IGNORED, TYPE };

struct key {
    const char *name, *unit;
    enum use use;
    double si; /* one of its unit */
    size_t offset;
};

#define CELL(member)   offsetof(struct cell, member)
#define DEVICE(member) offsetof(struct cell, device.member)

static const struct key keys[] = {
    {"MemCellType", "", TYPE, 0, 0},
    {"CellArea", "F^2", USED, 1, DEVICE(cell_area_f2)},
    {"ResistanceOn", "ohm", USED, 1, CELL(on)},
    {"ResistanceOff", "ohm", USED, 1, CELL(off)},
    {"ResistanceOnAtReadVoltage", "ohm", USED, 1, CELL(on_at_read)},
    {"ResistanceOffAtReadVoltage", "ohm", USED, 1, CELL(off_at_read)},
    {"ReadVoltage", "V", USED, 1, DEVICE(read_voltage_v)},
    {"ReadPulse", "ns", USED, 1e-9, DEVICE(read_time_s)},
    {"ReadEnergy", "pJ", USED, 1e-12, DEVICE(read_energy_j)},
    {"SetVoltage", "V", USED, 1, DEVICE(set_voltage_v)},
    {"SetPulse", "ns", USED, 1e-9, DEVICE(set_time_s)},
    {"SetEnergy", "pJ", USED, 1e-12, DEVICE(set_energy_j)},
    {"ResetVoltage", "V", USED, 1, DEVICE(reset_voltage_v)},
    {"ResetPulse", "ns", USED, 1e-9, DEVICE(reset_time_s)},
    {"ResetEnergy", "pJ", USED, 1e-12, DEVICE(reset_energy_j)},
    {"ProcessNode", "", IGNORED, 0, 0},
    {"CellAspectRatio", "", IGNORED, 0, 0},
    {"ResistanceOnAtSetVoltage", "ohm", IGNORED, 0, 0},
    {"ResistanceOffAtSetVoltage", "ohm", IGNORED, 0, 0},
    {"ResistanceOnAtResetVoltage", "ohm", IGNORED, 0, 0},
    {"ResistanceOffAtResetVoltage", "ohm", IGNORED, 0, 0},
    {"ResistanceOnAtHalfReadVoltage", "ohm", IGNORED, 0, 0},
    {"ResistanceOffAtHalfReadVoltage", "ohm", IGNORED, 0, 0},
    {"ResistanceOnAtHalfResetVoltage", "ohm", IGNORED, 0, 0},
    {"CapacitanceOn", "F", IGNORED, 0, 0},
    {"CapacitanceOff", "F", IGNORED, 0, 0},
    {"ReadMode", "", IGNORED, 0, 0},
    {"ReadCurrent", "uA", IGNORED, 0, 0},
    {"ReadPower", "uW", IGNORED, 0, 0},
    {"ReadFloating", "", IGNORED, 0, 0},
    {"MinSenseVoltage", "mV", IGNORED, 0, 0},
    {"WordlineBoostRatio", "", IGNORED, 0, 0},
    {"SetMode", "", IGNORED, 0, 0},
    {"SetCurrent", "uA", IGNORED, 0, 0},
    {"ResetMode", "", IGNORED, 0, 0},
    {"ResetCurrent", "uA", IGNORED, 0, 0},
    {"AccessType", "", IGNORED, 0, 0},
    {"AccessCMOSWidth", "F", IGNORED, 0, 0},
    {"VoltageDropAccessDevice", "V", IGNORED, 0, 0},
    {"LeakageCurrentAccessDevice", "uA", IGNORED, 0, 0},
    {"Stitching", "", IGNORED, 0, 0},
};
enum { N_KEYS = sizeof keys / sizeof *keys };

/* Bounds, so that no product of figures overflows. */
static const double figure_max = 1e18, ohm_min = 1, ohm_max = 1e15;

struct reader {
    struct yaml_node at; /* file, line and column, for messages */
    int seen[N_KEYS];    /* the line of each key; 0: not yet */
    struct cell *cell;
    struct diagnostic *diag;
};

static char *trim(char *text) {
    text += strspn(text, " \t\r");
    size_t length = strlen(text);
    while (length > 0 && strchr(" \t\r", text[length - 1]) != NULL)
        length--;
    text[length] = '\0';
    return text;
}

static enum status find_key(struct reader *reader, const char *name, const struct key **key) {
    const char *names[N_KEYS];
    char quoted[TEXT_QUOTE_LENGTH];
    for (int i = 0; i < N_KEYS; i++) {
        names[i] = keys[i].name;
        if (strcmp(name, names[i]) != 0)
            continue;
        if (reader->seen[i] > 0)
            return YAML_FAIL(reader->diag, &reader->at, "-%s is given twice, first in line %d",
                             name, reader->seen[i]);
        reader->seen[i] = reader->at.line;
        *key = &keys[i];
        return STATUS_OK;
    }
    const char *closest = text_closest(name, names, N_KEYS);
    return YAML_FAIL(reader->diag, &reader->at, "unknown key %s%s%s%s", text_quote(name, quoted),
                     closest != NULL ? " (did you mean \"" : "", closest != NULL ? closest : "",
                     closest != NULL ? "\"?)" : "");
}

static enum status check_type(const struct reader *reader, const char *type) {
    static const char *const resistors[] = {"memristor", "PCRAM", "MRAM"};
    char quoted[TEXT_QUOTE_LENGTH];
    for (size_t i = 0; i < sizeof resistors / sizeof *resistors; i++)
        if (strcmp(type, resistors[i]) == 0)
            return STATUS_OK;
    return YAML_FAIL(reader->diag, &reader->at,
                     "-MemCellType: %s is no resistor: memristor, PCRAM and MRAM are",
                     text_quote(type, quoted));
}

static enum status read_figure(const struct reader *reader, const struct key *key, const char *unit,
                               const char *value) {
    char quoted[TEXT_QUOTE_LENGTH];
    size_t length = strlen(key->unit);
    bool same_unit = unit[0] == '(' && strncmp(unit + 1, key->unit, length) == 0 &&
                     strcmp(unit + 1 + length, ")") == 0;
    if (!same_unit)
        return YAML_FAIL(reader->diag, &reader->at, "-%s: expected the unit (%s), got %s",
                         key->name, key->unit, text_quote(unit, quoted));
    double figure;
    if (!text_to_real(value, &figure) || figure < 0 || figure > figure_max)
        return YAML_FAIL(reader->diag, &reader->at, "-%s: expected a number from 0 to %g, got %s",
                         key->name, figure_max, text_quote(value, quoted));
    figure *= key->si;
    memcpy((char *)reader->cell + key->offset, &figure, sizeof figure);
    return STATUS_OK;
}

/* One line without its comment. */
static enum status read_line(struct reader *reader, char *line) {
    char quoted[TEXT_QUOTE_LENGTH];
    char *name = trim(line);
    if (name[0] == '\0')
        return STATUS_OK;
    reader->at.column = (int)(name - line) + 1;
    char *colon = strchr(name, ':');
    if (name[0] != '-' || colon == NULL)
        return YAML_FAIL(reader->diag, &reader->at,
                         "expected \"-Key (unit): value\" or a comment (//), got %s",
                         text_quote(name, quoted));
    *colon = '\0';
    name++;
    char *unit = name + strcspn(name, " \t(");
    char first = *unit;
    *unit = '\0';
    const struct key *key = NULL;
    TRY(find_key(reader, name, &key));
    *unit = first;
    if (key->use == TYPE)
        return check_type(reader, trim(colon + 1));
    return key->use == USED ? read_figure(reader, key, trim(unit), trim(colon + 1)) : STATUS_OK;
}

/* The figure at the read voltage, else the general one, as a conductance. */
static enum status conductance(const struct reader *reader, const char *name, double at_read,
                               double general, double *g) {
    double ohm = at_read > 0 ? at_read : general;
    if (ohm == 0)
        return FAIL(reader->diag, STATUS_USAGE, "%s: \"-%sAtReadVoltage (ohm)\" is missing",
                    reader->at.file, name);
    if (ohm < ohm_min || ohm > ohm_max)
        return FAIL(reader->diag, STATUS_USAGE, "%s: -%s is %g ohm: it must be %g to %g",
                    reader->at.file, name, ohm, ohm_min, ohm_max);
    *g = 1 / ohm;
    return STATUS_OK;
}

static enum status finish(const struct reader *reader, struct cell *cell) {
    struct device *device = &cell->device;
    const char *slash = strrchr(reader->at.file, '/');
    const char *name = slash == NULL ? reader->at.file : slash + 1;
    TRY(conductance(reader, "ResistanceOn", cell->on_at_read, cell->on, &device->g_max_siemens));
    TRY(conductance(reader, "ResistanceOff", cell->off_at_read, cell->off, &device->g_min_siemens));
    if (device->g_min_siemens >= device->g_max_siemens)
        return FAIL(reader->diag, STATUS_USAGE,
                    "%s: the off resistance %g ohm is not above the on resistance %g ohm",
                    reader->at.file, 1 / device->g_min_siemens, 1 / device->g_max_siemens);
    device->name = arena_printf(&device->arena, "%s", name);
    device->source = arena_printf(&device->arena, "NVSim cell file %s", name);
    if (device->name == NULL || device->source == NULL)
        return FAIL_MEMORY(reader->diag, "a device");
    device->reference_column = true;
    device->drift_t0_s = device->drift_time_s = 1;
    return STATUS_OK;
}

enum status device_read_cell(const char *path, char *text, size_t length, struct device *device,
                             struct diagnostic *diag) {
    struct cell cell = {.device = *device};
    struct reader reader = {.at.file = path, .cell = &cell, .diag = diag};
    enum status status = STATUS_OK;
    if (strlen(text) != length)
        return FAIL(diag, STATUS_USAGE, "%s: a zero byte in a text", path);
    for (char *line = text, *next; line != NULL && status == STATUS_OK; line = next) {
        next = strchr(line, '\n');
        if (next != NULL)
            *next++ = '\0';
        char *comment = strstr(line, "//");
        if (comment != NULL)
            *comment = '\0';
        reader.at.line++;
        status = read_line(&reader, line);
    }
    if (status == STATUS_OK)
        status = finish(&reader, &cell);
    *device = cell.device;
    return status;
}
