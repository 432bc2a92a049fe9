/* Cell files of NVSim. */
#include <stdio.h>
#include <string.h>

#include "crossbar/device.h"
#include "tests/support/device_memory.h"
#include "tests/support/sample_config.h"
#include "tests/test.h"

/* The keys and figures of NVSim's own sample of ReRAM, in another order. */
static const char sample[] = "// resistances\n"
                             "-ResistanceOnAtSetVoltage (ohm): 100000\n"
                             "-ResistanceOffAtSetVoltage (ohm): 10000000\n"
                             "-ResistanceOnAtReadVoltage (ohm): 1000000\r\n"
                             "-ResistanceOffAtReadVoltage (ohm): 10000000\n"
                             "\n"
                             "-MemCellType: memristor\n"
                             "-CellArea (F^2): 4\n"
                             "-CellAspectRatio: 1\n"
                             "-CapacitanceOn (F): 1e-16\n"
                             "-ReadMode: current\n"
                             "  -ReadVoltage (V): 0.4   // on the bit line\n"
                             "-ReadEnergy (pJ): 0.1\n"
                             "-ReadPulse (ns): 7\n"
                             "-ResetMode: voltage\n"
                             "-ResetVoltage (V): 1.5\n"
                             "-ResetPulse (ns): 20\n"
                             "-ResetEnergy (pJ): 0.7\n"
                             "-SetVoltage (V): 2.0\n"
                             "-SetPulse (ns): 10\n"
                             "-SetEnergy (pJ): 0.6\n"
                             "-AccessType: None\n"
                             "//-AccessType: diode\n"
                             "-ReadFloating: false";

static void a_cell_file_is_read(void) {
    struct scratch scratch;
    struct diagnostic diag = {0};
    struct device device;
    scratch_open(&scratch);
    const char *path = scratch_write(&scratch, "a.cell", sample, strlen(sample));
    ASSERT_OK(device_load(path, &device, &diag), diag);
    CU_ASSERT_STRING_EQUAL(device.name, "a.cell");
    CU_ASSERT_STRING_EQUAL(device.source, "NVSim cell file a.cell");
    CU_ASSERT_EQUAL(device.g_max_siemens, 1e-6);
    CU_ASSERT_EQUAL(device.g_min_siemens, 1e-7);
    CU_ASSERT_EQUAL(device.cell_area_f2, 4);
    CU_ASSERT_EQUAL(device.read_voltage_v, 0.4);
    CU_ASSERT_DOUBLE_EQUAL(device.read_energy_j, 0.1e-12, 1e-27);
    CU_ASSERT_DOUBLE_EQUAL(device.read_time_s, 7e-9, 1e-24);
    CU_ASSERT_EQUAL(device.reset_voltage_v, 1.5);
    CU_ASSERT_DOUBLE_EQUAL(device.reset_time_s, 20e-9, 1e-23);
    CU_ASSERT_DOUBLE_EQUAL(device.reset_energy_j, 0.7e-12, 1e-27);
    CU_ASSERT_EQUAL(device.set_voltage_v, 2);
    CU_ASSERT_DOUBLE_EQUAL(device.set_time_s, 10e-9, 1e-23);
    CU_ASSERT_DOUBLE_EQUAL(device.set_energy_j, 0.6e-12, 1e-27);
    CU_ASSERT(device_is_ideal(&device) && device.reference_column);
    device_free(&device);
    scratch_close(&scratch);
}

static enum status load(const char *text, size_t length, struct device *device, char *message) {
    struct scratch scratch;
    struct diagnostic diag = {0};
    scratch_open(&scratch);
    enum status status =
        device_load(scratch_write(&scratch, "a.cell", text, length), device, &diag);
    strip_folder(&scratch, diag.message);
    strcpy(message, diag.message);
    scratch_close(&scratch);
    return status;
}

static void refuse(const char *text, const char *message) {
    char actual[DIAGNOSTIC_LENGTH];
    struct device device;
    CU_ASSERT_EQUAL(load(text, strlen(text), &device, actual), STATUS_USAGE);
    expect_text(actual, message);
    CU_ASSERT_PTR_NULL(device.name);
}

#define ON  "-ResistanceOn (ohm): 6e3\n"
#define OFF "-ResistanceOff (ohm): 9e5\n"

/* The general resistances count where none at the read voltage is given. */
static void general_resistances(void) {
    char message[DIAGNOSTIC_LENGTH];
    struct device device;
    static const char text[] = OFF ON "-ResistanceOnAtReadVoltage (ohm): 5000\n";
    CU_ASSERT_EQUAL(load(text, strlen(text), &device, message), STATUS_OK);
    CU_ASSERT_EQUAL(device.g_max_siemens, 1 / 5e3);
    CU_ASSERT_EQUAL(device.g_min_siemens, 1 / 9e5);
    device_free(&device);
}

static void lines_are_checked(void) {
    refuse(ON "-CelArea (F^2): 4\n",
           "a.cell:2:1: unknown key \"CelArea\" (did you mean \"CellArea\"?)");
    refuse(ON "\n  -FlashPassVoltage (V): 4\n", "a.cell:3:3: unknown key \"FlashPassVoltage\"");
    refuse(ON ON, "a.cell:2:1: -ResistanceOn is given twice, first in line 1");
    refuse("ResistanceOn (ohm): 5\n", "a.cell:1:1: expected \"-Key (unit): value\" or a comment "
                                      "(//), got \"ResistanceOn (ohm): 5\"");
    refuse("-ResistanceOn (ohm) 5\n", "a.cell:1:1: expected \"-Key (unit): value\" or a comment "
                                      "(//), got \"-ResistanceOn (ohm) 5\"");
    refuse("-ResistanceOn (kohm): 5\n",
           "a.cell:1:1: -ResistanceOn: expected the unit (ohm), got \"(kohm)\"");
    refuse("-ResistanceOn: 5\n", "a.cell:1:1: -ResistanceOn: expected the unit (ohm), got \"\"");
    refuse("-ResistanceOn (ohm): 5k\n",
           "a.cell:1:1: -ResistanceOn: expected a number from 0 to 1e+18, got \"5k\"");
    refuse("-SetVoltage (V): vdd\n",
           "a.cell:1:1: -SetVoltage: expected a number from 0 to 1e+18, got \"vdd\"");
    refuse("-SetVoltage (V): -1\n",
           "a.cell:1:1: -SetVoltage: expected a number from 0 to 1e+18, got \"-1\"");
    refuse("-MemCellType: SRAM\n",
           "a.cell:1:1: -MemCellType: \"SRAM\" is no resistor: memristor, PCRAM and MRAM are");
}

static void resistances_are_checked(void) {
    refuse("", "a.cell: \"-ResistanceOnAtReadVoltage (ohm)\" is missing");
    refuse(ON, "a.cell: \"-ResistanceOffAtReadVoltage (ohm)\" is missing");
    refuse(OFF "-ResistanceOn (ohm): 0.5\n",
           "a.cell: -ResistanceOn is 0.5 ohm: it must be 1 to 1e+15");
    refuse(ON "-ResistanceOff (ohm): 1e16\n",
           "a.cell: -ResistanceOff is 1e+16 ohm: it must be 1 to 1e+15");
    refuse(ON "-ResistanceOff (ohm): 6e3\n",
           "a.cell: the off resistance 6000 ohm is not above the on resistance 6000 ohm");
    static const char zero[] = ON "\0" OFF;
    char message[DIAGNOSTIC_LENGTH];
    struct device device;
    CU_ASSERT_EQUAL(load(zero, sizeof zero - 1, &device, message), STATUS_USAGE);
    expect_text(message, "a.cell: a zero byte in a text");
}

static void short_memory(void) {
    device_short_memory("a.cell", sample);
}

static const struct test_case cases[] = {
    {"a cell file is read", a_cell_file_is_read},
    {"general resistances", general_resistances},
    {"lines are checked", lines_are_checked},
    {"resistances are checked", resistances_are_checked},
    {"short memory", short_memory},
    {NULL, NULL},
};
const struct test_suite suite_device_cell = {"device_cell", cases};
