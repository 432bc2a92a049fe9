/* Device files: everything a file can say, every refusal, and the shipped ones. */
#include <dirent.h>
#include <stdio.h>
#include <string.h>

#include "crossbar/device.h"
#include "tests/support/device_memory.h"
#include "tests/support/sample_config.h"
#include "tests/test.h"

#define NAMED "name: d\nsource: s\n"
#define RANGE NAMED "g_max: 40 uS\ng_min: 1 uS\n"

static const char whole[] = "name: whole\n"
                            "source: a test\n"
                            "note: nothing\n"
                            "r_on: 25 kohm\n"
                            "r_off: 1 Mohm\n"
                            "levels: 32\n"
                            "reference_column: no\n"
                            "cell_area: 12.5\n"
                            "read: {voltage: 200 mV, time: 5 ns, energy: 1 fJ}\n"
                            "set: {voltage: 2 V, time: 40 ns, energy: 2 pJ}\n"
                            "reset: {voltage: 1.7 V, time: 1 us, energy: 3 pJ}\n"
                            "endurance: 3e6\n"
                            "programming:\n"
                            "  model: polynomial\n"
                            "  sigma: 2\n"
                            "  polynomial: [0.348 uS, 16.03 uS, -4.5e-6]\n"
                            "stuck: {on: 0.01, off: 0.02}\n"
                            "drift: {t0: 10 s, time: 1e5, nu: 0.05, nu_sigma: 0.01}\n"
                            "read_noise: {constant: 0.03, slope: 0.04}\n";

static void everything_is_read(void) {
    struct scratch scratch;
    struct diagnostic diag = {0};
    struct device device;
    scratch_open(&scratch);
    const char *path = scratch_write(&scratch, "whole.yaml", whole, strlen(whole));
    ASSERT_OK(device_load(path, &device, &diag), diag);
    CU_ASSERT_STRING_EQUAL(device.name, "whole");
    CU_ASSERT_STRING_EQUAL(device.source, "a test");
    CU_ASSERT_STRING_EQUAL(device.note, "nothing");
    CU_ASSERT_DOUBLE_EQUAL(device.g_max_siemens, 40e-6, 1e-18);
    CU_ASSERT_DOUBLE_EQUAL(device.g_min_siemens, 1e-6, 1e-18);
    CU_ASSERT_EQUAL(device.levels, 32);
    CU_ASSERT_FALSE(device.reference_column);
    const double figures[][2] = {
        {device.cell_area_f2, 12.5},     {device.read_voltage_v, 0.2},  {device.read_time_s, 5e-9},
        {device.read_energy_j, 1e-15},   {device.set_voltage_v, 2},     {device.set_time_s, 40e-9},
        {device.set_energy_j, 2e-12},    {device.reset_voltage_v, 1.7}, {device.reset_time_s, 1e-6},
        {device.reset_energy_j, 3e-12},  {device.programming_sigma, 2}, {device.stuck_on, 0.01},
        {device.stuck_off, 0.02},        {device.drift_t0_s, 10},       {device.drift_time_s, 1e5},
        {device.drift_nu, 0.05},         {device.drift_nu_sigma, 0.01}, {device.read_noise, 0.03},
        {device.read_noise_slope, 0.04}, {device.endurance, 3e6},
    };
    for (size_t i = 0; i < sizeof figures / sizeof *figures; i++)
        CU_ASSERT_EQUAL(figures[i][0], figures[i][1]);
    CU_ASSERT_EQUAL(device.programming_model, PROGRAMMING_POLYNOMIAL);
    CU_ASSERT_EQUAL_FATAL(device.polynomial.count, 3);
    CU_ASSERT_EQUAL(device.polynomial.values[0], 0.348e-6);
    CU_ASSERT_EQUAL(device.polynomial.values[1], 16.03e-6);
    CU_ASSERT_EQUAL(device.polynomial.values[2], -4.5e-6);
    device_free(&device);
    CU_ASSERT_PTR_NULL(device.name);
    device_free(&device);
    device_free(NULL);
    scratch_close(&scratch);
}

/* What a file need not say. */
static void defaults(void) {
    struct scratch scratch;
    struct diagnostic diag = {0};
    struct device device;
    scratch_open(&scratch);
    const char *path = scratch_write(&scratch, "d.yaml", RANGE, strlen(RANGE));
    ASSERT_OK(device_load(path, &device, &diag), diag);
    CU_ASSERT(device.reference_column && device_is_ideal(&device));
    CU_ASSERT_PTR_NULL(device.note);
    CU_ASSERT_EQUAL(device.drift_t0_s, 1);
    CU_ASSERT_EQUAL(device.drift_time_s, 1);
    CU_ASSERT_EQUAL(device.levels, 0);
    device_free(&device);
    scratch_close(&scratch);
}

static void refuse(const char *yaml, const char *message) {
    struct scratch scratch;
    struct diagnostic diag = {0};
    struct device device;
    scratch_open(&scratch);
    const char *path = scratch_write(&scratch, "d.yaml", yaml, strlen(yaml));
    CU_ASSERT_EQUAL(device_load(path, &device, &diag), STATUS_USAGE);
    strip_folder(&scratch, diag.message);
    expect_text(diag.message, message);
    CU_ASSERT_PTR_NULL(device.name);
    scratch_close(&scratch);
}

static void keys_are_checked(void) {
    refuse(NAMED "gmax: 1 uS\n", "d.yaml:3:1: unknown key \"gmax\" (did you mean \"g_max\"?)");
    refuse(RANGE "stuck: {onn: 0.1}\n", "d.yaml:5:9: unknown key \"onn\" (did you mean \"on\"?)");
    refuse(RANGE "stuck: 0.1\n",
           "d.yaml:5:8: here: expected a mapping of keys to values, got \"0.1\"");
    refuse("- a\n", "d.yaml:1:1: here: expected a mapping of keys to values, got a list");
    refuse("name: d\n", "d.yaml:1:1: \"source\" is missing");
    refuse("source: d\n", "d.yaml:1:1: \"name\" is missing");
    refuse(RANGE "levels:\n", "d.yaml:5:8: levels: expected a value, got nothing");
    refuse(RANGE "levels: 300\n",
           "d.yaml:5:9: levels: expected an integer from 2 to 256, got \"300\"");
    refuse(RANGE "read: {voltage: 3 A}\n",
           "d.yaml:5:17: read.voltage: expected a voltage from 0 V to 100 V (V, mV, uV), got "
           "\"3 A\"");
    refuse(RANGE "reference_column: 1\n",
           "d.yaml:5:19: reference_column: expected true or false, got \"1\"");
    refuse(RANGE "programming: {model: lognormall, sigma: 1}\n",
           "d.yaml:5:22: programming.model: expected one of none, normal, proportional, lognormal, "
           "polynomial, got \"lognormall\" (did you mean \"lognormal\"?)");
}

static void figures_are_checked_together(void) {
    refuse(NAMED "g_min: 1 uS\n", "d.yaml:1:1: \"g_max\" or \"r_on\" is missing");
    refuse(NAMED "g_max: 1 uS\n", "d.yaml:1:1: \"g_min\" or \"r_off\" is missing");
    refuse(RANGE "r_on: 3 kohm\n", "d.yaml:5:7: \"g_max\" and \"r_on\" are both given: remove one");
    refuse(RANGE "r_off: 3 kohm\n",
           "d.yaml:5:8: \"g_min\" and \"r_off\" are both given: remove one");
    refuse(NAMED "g_max: 1 uS\nr_off: 1 Mohm\n",
           "d.yaml:1:1: the off conductance 1e-06 S is not below the on conductance 1e-06 S");
    refuse(RANGE "stuck: {on: 0.5, off: 0.75}\n",
           "d.yaml:5:8: stuck cells: on 0.5 and off 0.75 are together more than all cells");
    refuse(RANGE "drift: {time: 100 ms}\n", "d.yaml:5:15: drift.time is 0.1 s: before t0, 1 s");
    refuse(RANGE "programming: {model: normal}\n",
           "d.yaml:5:14: \"model: normal\" needs \"sigma\"");
    refuse(RANGE "programming: {sigma: 0.1}\n",
           "d.yaml:5:14: \"sigma\" has no effect with \"model: none\"");
    refuse(RANGE "programming: {model: polynomial}\n",
           "d.yaml:5:14: \"model: polynomial\" and \"polynomial\" go together");
    refuse(RANGE "programming: {model: normal, sigma: 1, polynomial: [1 uS]}\n",
           "d.yaml:5:14: \"model: polynomial\" and \"polynomial\" go together");
}

static void files_that_are_not_there(void) {
    struct diagnostic diag = {0};
    struct device device;
    CU_ASSERT_EQUAL(device_load("nothing", &device, &diag), STATUS_USAGE);
    CU_ASSERT_PTR_NOT_NULL(
        strstr(diag.message, "no shipped device is called \"nothing\" (there is: ideal, "));
    CU_ASSERT_EQUAL(device_load("./nothing", &device, &diag), STATUS_USAGE);
    CU_ASSERT_PTR_NOT_NULL(strstr(diag.message, "./nothing"));
    CU_ASSERT_EQUAL(device_load("nothing.cell", &device, &diag), STATUS_USAGE);
    CU_ASSERT_PTR_NOT_NULL(strstr(diag.message, "nothing.cell"));
}

/* Every file of configs/devices loads by its name, which it states, and says where it is from. */
static void shipped_devices(void) {
    DIR *folder = opendir("configs/devices");
    int count = 0;
    CU_ASSERT_PTR_NOT_NULL_FATAL(folder);
    for (struct dirent *entry; (entry = readdir(folder)) != NULL;) {
        char name[256] = "";
        size_t length = strlen(entry->d_name);
        if (length < 6 || strcmp(entry->d_name + length - 5, ".yaml") != 0)
            continue;
        memcpy(name, entry->d_name, length - 5);
        struct diagnostic diag = {0};
        struct device device;
        ASSERT_OK(device_load(name, &device, &diag), diag);
        CU_ASSERT_STRING_EQUAL(device.name, name);
        CU_ASSERT(strlen(device.source) > 8);
        CU_ASSERT(device_is_ideal(&device) == (device.polynomial.count == 0));
        device_free(&device);
        count++;
    }
    closedir(folder);
    CU_ASSERT(count >= 10);
}

/* Figures of the table in the literature, and the measured polynomial after two days at 20 uS:
 * 0.782 + 10.137 - 10.87675 + 4.63275 - 0.745875 = 3.929125 uS. */
static void shipped_figures(void) {
    struct diagnostic diag = {0};
    struct device device;
    ASSERT_OK(device_load("neurosim", &device, &diag), diag);
    CU_ASSERT_DOUBLE_EQUAL(device.g_max_siemens / device.g_min_siemens, 150, 1e-9);
    CU_ASSERT_EQUAL(device.cell_area_f2, 48);
    device_free(&device);
    ASSERT_OK(device_load("isaac", &device, &diag), diag);
    CU_ASSERT_DOUBLE_EQUAL(1 / device.g_max_siemens, 1333, 1e-9);
    CU_ASSERT_DOUBLE_EQUAL(1 / device.g_min_siemens, 20000, 1e-8);
    device_free(&device);
    ASSERT_OK(device_load("neurram_2days", &device, &diag), diag);
    CU_ASSERT_EQUAL_FATAL(device.polynomial.count, 5);
    double sigma = 0, power = 1;
    for (int i = 0; i < 5; i++, power *= 0.5)
        sigma += device.polynomial.values[i] * power;
    CU_ASSERT_DOUBLE_EQUAL(sigma, 3.929125e-6, 1e-15);
    device_free(&device);
}

/* Every allocation in turn fails, and nothing leaks or is half made. */
static void short_memory(void) {
    device_short_memory("whole.yaml", whole);
}

static const struct test_case cases[] = {
    {"everything is read", everything_is_read},
    {"defaults", defaults},
    {"keys are checked", keys_are_checked},
    {"figures are checked together", figures_are_checked_together},
    {"files that are not there", files_that_are_not_there},
    {"shipped devices", shipped_devices},
    {"shipped figures", shipped_figures},
    {"short memory", short_memory},
    {NULL, NULL},
};
const struct test_suite suite_device_yaml = {"device_yaml", cases};
