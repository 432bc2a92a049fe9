/* Components: figures as printed, laws and interpolation by hand, ranges and refusals. */
#include <dirent.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "peripherals/component.h"
#include "tests/support/malloc_fail.h"
#include "tests/support/scratch.h"
#include "tests/test.h"

/* Cost of a shipped component; `values` "name=number" in SI units, NULL-terminated. */
static struct component_cost cost_of(const char *name, const char *variant_name, double node_nm,
                                     const char *technology_name, const char *const *values) {
    struct diagnostic diag = {0};
    struct component_kind kind;
    struct technology technology;
    struct component_cost cost;
    double at[COMPONENT_PARAMETERS_MAX];
    ASSERT_OK(technology_load(technology_name, &technology, &diag), diag);
    ASSERT_OK(component_load(name, &kind, &diag), diag);
    for (int p = 0; p < COMPONENT_PARAMETERS_MAX; p++)
        at[p] = NAN;
    for (; values != NULL && *values != NULL; values++) {
        char parameter[32];
        double value;
        CU_ASSERT_EQUAL_FATAL(sscanf(*values, "%31[^=]=%lf", parameter, &value), 2);
        CU_ASSERT_FATAL(component_parameter(&kind, parameter) >= 0);
        at[component_parameter(&kind, parameter)] = value;
    }
    const struct component_variant *variant = component_variant(&kind, variant_name);
    CU_ASSERT_PTR_NOT_NULL_FATAL(variant);
    ASSERT_OK(component_evaluate(&kind, variant, at, node_nm * 1e-9, &technology, &cost, &diag),
              diag);
    component_free(&kind);
    technology_free(&technology);
    return cost;
}

#define VALUES(...)           ((const char *const[]){__VA_ARGS__, NULL})
#define SAME(value, expected) CU_ASSERT_DOUBLE_EQUAL(value, expected, 1e-9 * fabs(expected) + 1e-40)

/* Figures of one part as their sources print them, at 32 nm. */
static void figures_are_as_printed(void) {
    static const struct {
        const char *kind, *variant;
        double area_um2, energy_pj, leakage_mw, power_mw; /* power with leakage; -1: not checked */
    } printed[] = {
        {"dac", "isaac", 170.0 / 1024, 0.390625, 0, 4.0 / 1024},
        {"dac", "puma", 0.167, 0.351, 0.00039, 0.0039},
        {"sample_hold", "isaac", 40.0 / 1024, 0.01 / 1024 * 100, 0, 0.01 / 1024},
        {"crossbar", "isaac", 25, 30, 0, 0.3},
        {"crossbar", "puma", 25, 30, 0, 0.3},
        {"shift_add", "isaac", 60, 0.05 / 2.4, 0, 0.05},
        {"shift_add", "puma", 60, 0.05, 0, 0.05},
        {"accumulator", "isaac", 60, 0.05 / 1.2, 0, 0.05},
        {"register", "isaac", 2100, 1.24 * 100 / 1024, 0, 1.24},
        {"edram_buffer", "isaac", 83000, 20.45, 0, 20.7},
        {"edram_buffer", "puma", 86000, 8.6, 0.46, 9.06},
        {"edram_buffer", "lp_dram", 53520, 26.21, 2.013, -1},
        {"sram_buffer", "itrs_hp", 100680, 23.664, 18.1036, -1},
        {"sram_buffer", "itrs_lstp", 100640, 29.558, 0.0126, -1},
        {"bus", "isaac", 90000, 0.054 * 384, 0, 7},
        {"bus", "puma", 90000, 3, 0.5, 3.5},
        {"router", "isaac", 151000, 20.74 / 8, 0, 42},
        {"router", "puma", 116000, 51.48, 1.04, 52.52},
        {"max_pool", "isaac", 240, 0.4 / 1.2, 0, 0.4},
        {"activation", "isaac", 300, 0.26 / 1.2, 0, 0.26},
        {"activation", "puma", 300, 0.26, 0, 0.26},
        {"link", "hypertransport", 5720000, 6500.0 / 128, 0, 2600},
        {"dram", "lpddr", 0, 3.7, 0, 0},
    };
    for (size_t i = 0; i < sizeof printed / sizeof *printed; i++) {
        struct component_cost cost =
            cost_of(printed[i].kind, printed[i].variant, 32, "itrs_hp", NULL);
        CU_ASSERT_DOUBLE_EQUAL(cost.area_m2 * 1e12, printed[i].area_um2,
                               1e-6 * printed[i].area_um2);
        CU_ASSERT_DOUBLE_EQUAL(cost.energy_j * 1e12, printed[i].energy_pj,
                               1e-5 * printed[i].energy_pj);
        CU_ASSERT_DOUBLE_EQUAL(cost.leakage_w * 1e3, printed[i].leakage_mw, 1e-9);
        if (printed[i].power_mw >= 0)
            CU_ASSERT_DOUBLE_EQUAL(cost.power_w * 1e3, printed[i].power_mw,
                                   1e-6 * printed[i].power_mw);
    }
}

/* Horowitz at 45 nm, one clock of 1.2 GHz * 32 / 45. */
static void adders(void) {
    struct component_cost cost = cost_of("adder", NULL, 45, "itrs_hp", VALUES("bits=32"));
    SAME(cost.area_m2, 137e-12);
    SAME(cost.energy_j, 0.1e-12);
    SAME(cost.time_s, 45.0 / 32 / 1.2e9);
    cost = cost_of("adder", NULL, 45, "itrs_hp", VALUES("bits=11.313708498984761"));
    SAME(cost.energy_j, sqrt(0.03 * 0.05) * 1e-12); /* half way from 8 to 16 in logarithms */
    cost = cost_of("adder", NULL, 32, "itrs_hp", VALUES("bits=8"));
    SAME(cost.energy_j, 0.03e-12 * 32 / 45 * 0.81);
}

/* 45 nm from 32 nm: lengths 45/32, supply 1/0.9. Power of a part at its full rate: energy / time.
 */
static void figures_follow_the_node(void) {
    double length = 45.0 / 32, supply = 1 / 0.9;
    struct component_cost cost = cost_of("dac", "puma", 45, "itrs_hp", NULL);
    SAME(cost.area_m2, 0.167e-12 * length * length);
    SAME(cost.energy_j, 0.351e-12 * length * supply * supply);
    SAME(cost.leakage_w, 0.39e-6 * length * supply);
    SAME(cost.time_s, 100e-9 * length);
    SAME(cost.power_w, cost.energy_j / cost.time_s + cost.leakage_w);
    cost = cost_of("dac", "puma", 45, "itrs_lstp", NULL);
    SAME(cost.energy_j, 0.351e-12 * length * 1.1 * 1.1);
    cost = cost_of("link", NULL, 180, "itrs_hp", NULL); /* belongs to no node */
    SAME(cost.area_m2, 22.88e-6 / 4);
}

static void laws_follow_parameters(void) {
    struct component_cost cost = cost_of("dac", "isaac", 32, "itrs_hp", VALUES("bits=3"));
    SAME(cost.area_m2, 7 * 170e-12 / 1024);
    SAME(cost.energy_j, 7 * 0.390625e-12);
    cost = cost_of("crossbar", "puma", 32, "itrs_hp", VALUES("rows=256", "columns=64"));
    SAME(cost.area_m2, 25e-12);
    SAME(cost.write_energy_j, 22.6e-9);
    SAME(cost.write_time_s, 2 * 10.97e-6);
    cost = cost_of("crossbar", "isaac", 32, "itrs_hp", VALUES("rows=256", "columns=256"));
    SAME(cost.energy_j, 120e-12);
    cost = cost_of("bus", "isaac", 32, "itrs_hp", VALUES("width=96"));
    SAME(cost.area_m2, 0.0225e-6);
    SAME(cost.energy_j, 0.054e-12 * 96);
    cost = cost_of("register", NULL, 32, "itrs_hp", VALUES("size=724.0773439350247"));
    SAME(cost.area_m2, sqrt(0.00077 * 0.0021) * 1e-6); /* sqrt(256 * 2048) bytes */
    cost = cost_of("router", "puma", 32, "itrs_hp", VALUES("ports=4", "injection_rate=0.025"));
    SAME(cost.time_s, 115e-9);
    SAME(cost.area_m2, 0.047e-6);
    cost = cost_of("router", "puma", 32, "itrs_hp",
                   VALUES("ports=5.656854249492381", "injection_rate=0.014142135623730951"));
    SAME(cost.time_s, sqrt(34 * 54.0) * 1e-9);
    SAME(cost.leakage_w, sqrt(0.41 * 1.04) * 1e-3);
}

/* The grid's own points, half way between four of them, and another width. */
static void buffers_are_interpolated(void) {
    struct component_cost cost =
        cost_of("sram_buffer", "itrs_hp", 65, "itrs_hp", VALUES("size=1048576"));
    SAME(cost.energy_j, 353.328e-12);
    SAME(cost.write_energy_j, 334.498e-12);
    SAME(cost.time_s, 2.5757e-9);
    cost = cost_of("sram_buffer", "itrs_lstp", 22, "itrs_hp", VALUES("size=16384", "width=128"));
    SAME(cost.energy_j, 3.830e-12);
    cost = cost_of("sram_buffer", "itrs_lstp", 22, "itrs_hp", VALUES("size=16384", "width=64"));
    SAME(cost.energy_j, 1.915e-12);
    SAME(cost.area_m2, 0.01274e-6);
    /* 37.947 nm and 92,681.9 bytes: half way from 32 to 45 nm, from 64 to 128 KB. */
    cost = cost_of("sram_buffer", "itrs_hp", sqrt(32 * 45.0), "itrs_hp",
                   VALUES("size=92681.900023683"));
    SAME(cost.energy_j, pow(23.664 * 31.861 * 41.709 * 56.292, 0.25) * 1e-12);
    SAME(cost.leakage_w, pow(18.1036 * 36.2073 * 59.8119 * 119.624, 0.25) * 1e-3);
    /* From 16 KB of 128 bits to 32 KB of 256 bits energies of a bit are interpolated. */
    cost = cost_of("sram_buffer", "itrs_hp", 22, "itrs_hp",
                   VALUES("size=23170.475005920790", "width=200"));
    SAME(cost.energy_j, 200 * sqrt(3.550 / 128 * 6.617 / 256) * 1e-12);
    cost = cost_of("edram_buffer", "lp_dram", 45, "itrs_hp", VALUES("size=262144"));
    SAME(cost.energy_j, 80.285e-12);
    CU_ASSERT_EQUAL(cost.write_energy_j, 0);
}

/* 37 x 11 cells of 48 F2 at 28 nm, 40 uS: G V^2 t of a read, of a set and of a reset. */
static void crossbars_from_conductances(void) {
    struct component_cost cost =
        cost_of("crossbar", "device", 28, "itrs_hp",
                VALUES("rows=37", "columns=11", "cell_area=48", "conductance=40e-6",
                       "read_voltage=0.5", "read_time=10e-9", "set_voltage=2", "set_time=50e-9",
                       "reset_voltage=1.5", "reset_time=100e-9"));
    SAME(cost.area_m2, 407 * 48 * 28e-9 * 28e-9);
    SAME(cost.energy_j, 407 * 40e-6 * 0.25 * 10e-9);
    SAME(cost.write_energy_j, 407 * (8e-12 + 9e-12));
    SAME(cost.write_time_s, 37 * 150e-9);
    SAME(cost.power_w, 407 * 40e-6 * 0.25);
    cost = cost_of("crossbar", "device", 28, "itrs_hp",
                   VALUES("rows=3", "columns=5", "set_energy=0.6e-12", "reset_energy=0.7e-12"));
    SAME(cost.write_energy_j, 15 * 1.3e-12);
}

/* C V^2 of the wire along 200 cells of 9 F2: 600 F. */
static void lines_and_wires(void) {
    struct component_cost cost =
        cost_of("driver", NULL, 65, "itrs_hp", VALUES("cells=200", "cell_area=9", "voltage=0.3"));
    SAME(cost.energy_j, 600 * 65e-9 * 0.2e-9 * 0.09);
    SAME(cost.area_m2, 18785 * 65e-9 * 65e-9);
    /* 21 % of 1.161 mm2 for 768 lines at 130 nm. */
    cost = cost_of("driver", NULL, 130, "itrs_hp", NULL);
    CU_ASSERT_DOUBLE_EQUAL(cost.area_m2 * 768, 0.21 * 1.161e-6, 1e-10);
    cost = cost_of("column_mux", NULL, 65, "itrs_hp",
                   VALUES("cells=200", "cell_area=9", "voltage=0.3"));
    SAME(cost.energy_j, 600 * 65e-9 * 0.2e-9 * 0.09);
    SAME(cost.area_m2, 96 * 65e-9 * 65e-9);
    cost = cost_of("bus", "wire", 65, "itrs_hp", VALUES("width=7", "length=0.002", "voltage=1.1"));
    SAME(cost.energy_j, 7 * 0.002 * 0.2e-9 * 1.21 / 4);
    SAME(cost.area_m2, 7 * 0.002 * 4 * 65e-9);
}

static void refuse(const char *name, const char *variant, const char *parameter, double value,
                   double node_nm, const char *message) {
    struct diagnostic diag = {0};
    struct component_kind kind;
    struct technology technology;
    struct component_cost cost;
    double at[COMPONENT_PARAMETERS_MAX];
    ASSERT_OK(technology_load("itrs_hp", &technology, &diag), diag);
    ASSERT_OK(component_load(name, &kind, &diag), diag);
    for (int p = 0; p < COMPONENT_PARAMETERS_MAX; p++)
        at[p] = NAN;
    if (parameter != NULL)
        at[component_parameter(&kind, parameter)] = value;
    CU_ASSERT_EQUAL(component_evaluate(&kind, component_variant(&kind, variant), at, node_nm * 1e-9,
                                       &technology, &cost, &diag),
                    STATUS_USAGE);
    CU_ASSERT_STRING_EQUAL(diag.message, message);
    CU_ASSERT_PTR_NULL(component_variant(&kind, "nothing"));
    CU_ASSERT_EQUAL(component_parameter(&kind, "nothing"), -1);
    component_free(&kind);
    technology_free(&technology);
}

static void ranges_are_kept(void) {
    refuse("sram_buffer", "itrs_hp", "size", 2097152, 32,
           "component sram_buffer: size is 2 MiB, but itrs_hp holds for 1 KiB to 1 MiB");
    refuse("sram_buffer", "itrs_hp", "width", 32, 32,
           "component sram_buffer: width is 32, but itrs_hp holds for 64 to 256");
    refuse("sram_buffer", "itrs_hp", NULL, 0, 90,
           "component sram_buffer: the node is 90 nm, but itrs_hp holds for 22 nm to 65 nm");
    refuse("edram_buffer", "isaac", "size", 131072, 32,
           "component edram_buffer: size is 128 KiB, but isaac holds for 64 KiB");
    refuse("dac", "puma", "bits", 2, 32, "component dac: bits is 2, but puma holds for 1");
    refuse("dac", "isaac", NULL, 0, 14,
           "component dac: the node is 14 nm: technology itrs_hp holds for 22 to 180 nm");
    refuse("router", "isaac", "injection_rate", 0.01, 32,
           "component router: isaac does not depend on injection_rate");
    refuse("adder", NULL, "bits", 64, 45,
           "component adder: bits is 64, but horowitz holds for 8 to 32");
}

/* Every shipped file loads, and every variant has a finite cost at its standard values. */
static void shipped_files_are_sound(void) {
    DIR *folder = opendir("configs/components");
    CU_ASSERT_PTR_NOT_NULL_FATAL(folder);
    int variants = 0;
    for (struct dirent *entry; (entry = readdir(folder)) != NULL;) {
        struct diagnostic diag = {0};
        struct component_kind kind;
        char path[300];
        if (strstr(entry->d_name, ".yaml") == NULL)
            continue;
        snprintf(path, sizeof path, "configs/components/%s", entry->d_name);
        ASSERT_OK(component_load(path, &kind, &diag), diag);
        CU_ASSERT_EQUAL(strncmp(kind.name, entry->d_name, strlen(kind.name)), 0);
        for (int v = 0; v < kind.n_variants; v++, variants++) {
            struct component_cost cost = cost_of(path, kind.variants[v].name, 32, "itrs_hp", NULL);
            CU_ASSERT(cost.energy_j > 0);
            CU_ASSERT(strlen(kind.variants[v].source) > 10);
        }
        component_free(&kind);
    }
    closedir(folder);
    CU_ASSERT(variants >= 25);
}

#define KIND     "name: k\nhelp: h\naction_help: a\naction: none\n"
#define SIZED    KIND "parameters:\n  size: {unit: B, default: 1 KiB, help: h}\n"
#define VARIANTS "variants:\n  v:\n    source: s\n"
#define TABLE    VARIANTS "    model: table\n    table:\n      axes: [size]\n"
#define COLUMNS  TABLE "      columns: [size, area]\n      units: [B, um2]\n      rows:\n"

static void wrong_files_are_refused(void) {
    static const struct {
        const char *text, *message;
    } files[] = {
        {KIND, "\"variants\" needs at least one"},
        {"name: k\n", "\"help\" is missing here"},
        {KIND VARIANTS, "\"model\" is missing here"},
        {KIND VARIANTS "    model: powerlaw\n", ":8:12: model \"powerlaw\" is unknown"},
        {KIND VARIANTS "    model: power_law\n    aria: 1 m2\n", "did you mean \"area\""},
        {KIND VARIANTS "    model: power_law\n    area: 1 mW\n", "area"},
        {KIND VARIANTS "    model: power_law\n    at: {bits: 1}\n",
         "\"bits\" is no parameter of k"},
        {KIND VARIANTS "    model: line\n", "\"cells\" is no parameter of k"},
        {KIND "actions: width\n" VARIANTS "    model: power_law\n",
         "\"width\" is no parameter of k"},
        {KIND "parameters:\n  a: {unit: Kg, default: 1, help: h}\n", "unit \"Kg\" is unknown"},
        {KIND "parameters:\n  a: {unit: B, default: 1 V, help: h}\n", "default"},
        {SIZED VARIANTS "    model: power_law\n    exponents: {area: {size: 1}}\n",
         "\"size\" has an exponent: \"at\" must say where the figures hold"},
        {SIZED VARIANTS "    model: power_law\n    at: {size: 0}\n", "size must be above 0"},
        {SIZED VARIANTS "    model: power_law\n    range: {size: 3}\n",
         "size needs its least and its largest value"},
        {SIZED VARIANTS "    model: power_law\n    range: {size: [3, 2]}\n",
         "must be 0 or more and"},
        {SIZED VARIANTS "    model: table\n", "\"model: table\" and \"table\" go together"},
        {SIZED TABLE, "a table needs a list \"columns\""},
        {SIZED TABLE "      columns: [size, area]\n      units: [B]\n      rows: [[1, 2]]\n",
         "a unit for each of its 2 columns"},
        {SIZED TABLE "      columns: [size, volume]\n      units: [B, um2]\n      rows: [[1, 2]]\n",
         "column \"volume\" is neither an axis nor a figure"},
        {SIZED COLUMNS "        - [1, 2, 3]\n", "a row needs 2 values"},
        {SIZED COLUMNS "        - [1, x]\n", "expected an area above 0 in um2, got \"x\""},
        {SIZED COLUMNS "        - [1, 0]\n", "expected an area above 0 in um2, got \"0\""},
        {SIZED COLUMNS "        - [1, 2]\n        - [1, 3]\n", "2 rows do not fill the grid of 1"},
    };
    struct scratch scratch;
    scratch_open(&scratch);
    for (size_t i = 0; i < sizeof files / sizeof *files; i++) {
        struct diagnostic diag = {0};
        struct component_kind kind;
        const char *path = scratch_write(&scratch, "k.yaml", files[i].text, strlen(files[i].text));
        CU_ASSERT_EQUAL(component_load(path, &kind, &diag), STATUS_USAGE);
        CU_ASSERT_PTR_NULL(kind.name);
        if (strstr(diag.message, files[i].message) == NULL) {
            fprintf(stderr, "\nfile %zu: %s\n", i, diag.message);
            CU_FAIL("message does not say what is wrong");
        }
    }
    scratch_close(&scratch);
}

/* Every allocation fails in turn: an error, and nothing left behind (the sanitizer's word). */
static void short_memory(void) {
    if (!malloc_fail_works()) {
        printf("skipped: allocations cannot be made to fail here ");
        return;
    }
    for (long n = 1;; n++) {
        struct diagnostic diag = {0};
        struct component_kind kind;
        struct technology technology;
        malloc_fail_at(n);
        enum status status = component_load("sram_buffer", &kind, &diag);
        if (status == STATUS_OK)
            status = technology_load("itrs_hp", &technology, &diag);
        bool failed = malloc_fail_end();
        component_free(&kind);
        if (!failed) {
            ASSERT_OK(status, diag);
            technology_free(&technology);
            break;
        }
        CU_ASSERT_EQUAL(status, STATUS_MEMORY);
    }
}

static const struct test_case cases[] = {
    {"figures are as printed", figures_are_as_printed},
    {"adders", adders},
    {"figures follow the node", figures_follow_the_node},
    {"laws follow parameters", laws_follow_parameters},
    {"buffers are interpolated", buffers_are_interpolated},
    {"crossbars from conductances", crossbars_from_conductances},
    {"lines and wires", lines_and_wires},
    {"ranges are kept", ranges_are_kept},
    {"shipped files are sound", shipped_files_are_sound},
    {"wrong files are refused", wrong_files_are_refused},
    {"short memory", short_memory},
    {NULL, NULL},
};
const struct test_suite suite_components = {"components", cases};
