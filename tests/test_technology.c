/* Technologies: supplies and scaling by hand, the shipped files, every refusal. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "peripherals/technology.h"
#include "tests/support/scratch.h"
#include "tests/test.h"

static void supplies_of_nodes(void) {
    struct diagnostic diag = {0};
    struct technology hp, lstp;
    ASSERT_OK(technology_load("itrs_hp", &hp, &diag), diag);
    ASSERT_OK(technology_load("itrs_lstp", &lstp, &diag), diag);
    CU_ASSERT_DOUBLE_EQUAL(technology_supply(&hp, 32e-9), 0.9, 1e-12);
    CU_ASSERT_DOUBLE_EQUAL(technology_supply(&lstp, 32e-9), 1.0, 1e-12);
    CU_ASSERT_DOUBLE_EQUAL(technology_supply(&hp, 22e-9), 0.8, 1e-12);
    CU_ASSERT_DOUBLE_EQUAL(technology_supply(&hp, 180e-9), 1.5, 1e-12);
    /* 130 nm lies ln(130 / 90) / ln(2) = 0.53051 of the way from 90 to 180 nm. */
    CU_ASSERT_DOUBLE_EQUAL(technology_supply(&hp, 130e-9), 1.2 + 0.3 * 0.530515, 1e-6);
    CU_ASSERT_DOUBLE_EQUAL(hp.wire_farad_per_m, 0.2e-9, 1e-20);
    CU_ASSERT_EQUAL(strlen(hp.content_hash), 32);
    CU_ASSERT(strcmp(hp.content_hash, lstp.content_hash) != 0);
    technology_free(&hp);
    technology_free(&lstp);
    technology_free(NULL);
}

static void figures_scale_by_the_rule(void) {
    struct diagnostic diag = {0};
    struct technology t;
    ASSERT_OK(technology_load("itrs_hp", &t, &diag), diag);
    double shrink = 22.0 / 45, supply = 0.8;
    const double expected[] = {shrink * shrink, shrink * supply * supply, shrink * supply, shrink};
    for (int f = 0; f < TECHNOLOGY_FIGURES; f++) {
        CU_ASSERT_DOUBLE_EQUAL(technology_scale(&t, (enum technology_figure)f, 45e-9, 22e-9),
                               expected[f], 1e-12);
        CU_ASSERT_EQUAL(technology_scale(&t, (enum technology_figure)f, 45e-9, 45e-9), 1);
    }
    CU_ASSERT_DOUBLE_EQUAL(technology_clock(&t, 32e-9), 1.2e9, 1);
    CU_ASSERT_DOUBLE_EQUAL(technology_clock(&t, 64e-9), 0.6e9, 1);
    t.scales = false;
    CU_ASSERT_EQUAL(technology_scale(&t, TECHNOLOGY_AREA, 45e-9, 22e-9), 1);
    CU_ASSERT_DOUBLE_EQUAL(technology_clock(&t, 64e-9), 1.2e9, 1);
    t.scales = true;
    ASSERT_OK(technology_check(&t, 22e-9, "chip.node", &diag), diag);
    CU_ASSERT_EQUAL(technology_check(&t, 21e-9, "chip.node", &diag), STATUS_USAGE);
    CU_ASSERT_STRING_EQUAL(diag.message,
                           "chip.node is 21 nm: technology itrs_hp holds for 22 to 180 nm");
    technology_free(&t);
}

#define HEAD  "name: t\nsource: s\nwire_capacitance: 0.1 fF\nclock: 1 GHz\nclock_node: 40 nm\n"
#define RULE  "{node: 1, supply: 2}"
#define RULES "scaling: {area: " RULE ", energy: " RULE ", leakage: " RULE ", time: " RULE "}\n"
#define NODES "nodes:\n  - {node: 30 nm, supply: 1 V}\n  - {node: 60 nm, supply: 2 V}\n"

static void wrong_files_are_refused(void) {
    static const struct {
        const char *text, *message;
    } files[] = {
        {HEAD NODES, "\"scaling\" needs area, energy, leakage and time"},
        {HEAD RULES, "\"nodes\" needs a list of 2 to 32 nodes"},
        {HEAD RULES "nodes:\n  - {node: 30 nm, supply: 1 V}\n", "list of 2 to 32"},
        {HEAD RULES "nodes:\n  - {node: 30 nm, supply: 1 V}\n  - {node: 20 nm, supply: 1 V}\n",
         ":9:5: nodes must rise"},
        {HEAD RULES "nodes:\n  - {node: 30 nm}\n  - {node: 40 nm, supply: 1 V}\n",
         "\"supply\" is missing here"},
        {HEAD RULES NODES "clok: 1 GHz\n", "did you mean \"clock\""},
        {HEAD "scaling: {area: " RULE "}\n" NODES, "\"energy\" is missing here"},
        {HEAD "scaling: {aria: " RULE "}\n" NODES, "did you mean \"area\""},
        {"name: t\nsource: s\nwire_capacitance: 0.1 fF\nclock: 1 GHz\nclock_node: 70 nm\n" RULES
             NODES,
         "clock_node is 70 nm: technology t holds for 30 to 60 nm"},
        {"name: t\nsource: s\nwire_capacitance: 0.1 pV\n", "wire_capacitance"},
        {"[1, 2]", "expected keys with values"},
    };
    struct scratch scratch;
    struct diagnostic diag = {0};
    struct technology t;
    scratch_open(&scratch);
    const char *good = HEAD RULES NODES;
    ASSERT_OK(technology_load(scratch_write(&scratch, "good.yaml", good, strlen(good)), &t, &diag),
              diag);
    CU_ASSERT_DOUBLE_EQUAL(technology_scale(&t, TECHNOLOGY_ENERGY, 60e-9, 30e-9), 0.125, 1e-12);
    technology_free(&t);
    for (size_t i = 0; i < sizeof files / sizeof *files; i++) {
        const char *path =
            scratch_write(&scratch, "bad.yaml", files[i].text, strlen(files[i].text));
        diag = (struct diagnostic){0};
        CU_ASSERT_EQUAL(technology_load(path, &t, &diag), STATUS_USAGE);
        if (strstr(diag.message, files[i].message) == NULL) {
            fprintf(stderr, "\nfile %zu: %s\n", i, diag.message);
            CU_FAIL("message does not say what is wrong");
        }
    }
    CU_ASSERT_EQUAL(technology_load("itrs", &t, &diag), STATUS_USAGE);
    CU_ASSERT_PTR_NOT_NULL(strstr(diag.message, "chip.technology: no shipped technology is called "
                                                "\"itrs\" (there is: itrs_hp, itrs_lstp)"));
    CU_ASSERT_EQUAL(technology_load("/nothing.yaml", &t, &diag), STATUS_USAGE);
    CU_ASSERT_PTR_NOT_NULL(strstr(diag.message, "cannot read /nothing.yaml"));
    scratch_close(&scratch);
}

static const struct test_case cases[] = {
    {"supplies of nodes", supplies_of_nodes},
    {"figures scale by the rule", figures_scale_by_the_rule},
    {"wrong files are refused", wrong_files_are_refused},
    {NULL, NULL},
};
const struct test_suite suite_technology = {"technology", cases};
