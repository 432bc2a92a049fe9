/* Diagnostics: what reaches a terminal is one line of printable text. */
#include <string.h>

#include "sim/base/base.h"
#include "tests/test.h"

static void expect(const char *name, const char *message) {
    struct diagnostic diag = {0};
    CU_ASSERT_EQUAL(FAIL(&diag, STATUS_IO, "node %s", name), STATUS_IO);
    CU_ASSERT_STRING_EQUAL(diag.message, message);
}

static void unprintable_bytes_are_escaped(void) {
    expect("conv1", "node conv1");
    expect("größe±", "node größe±");
    expect("a\nb\t\033[31m\x7f", "node a\\x0ab\\x09\\x1b[31m\\x7f");
    expect("\xff\xfe", "node \\xff\\xfe");
    expect("\xc3", "node \\xc3");          /* half a character */
    expect("\xc0\xaf", "node \\xc0\\xaf"); /* overlong */
    expect("\xc2\x9b"
           "31m",
           "node \\xc2\\x9b31m"); /* the other escape sequence */
    expect("\xe2\x82\xac", "node \xe2\x82\xac");
}

/* Escapes make a message longer; it is cut between characters. */
static void long_messages_are_cut(void) {
    struct diagnostic diag = {0};
    char name[DIAGNOSTIC_LENGTH];
    memset(name, 0x01, sizeof name - 1);
    name[sizeof name - 1] = '\0';
    CU_ASSERT_EQUAL(FAIL(&diag, STATUS_USAGE, "%s", name), STATUS_USAGE);
    size_t length = strlen(diag.message);
    CU_ASSERT(length < sizeof diag.message && length > sizeof diag.message - 6);
    CU_ASSERT_EQUAL(length % 4, 0);
    CU_ASSERT_STRING_EQUAL(diag.message + length - 4, "\\x01");
    /* A message in an argument of its own. */
    diag = (struct diagnostic){0};
    (void)FAIL(&diag, STATUS_IO, "inner");
    (void)FAIL(&diag, STATUS_IO, "outer: %s", diag.message);
    CU_ASSERT_STRING_EQUAL(diag.message, "outer: inner");
}

static const struct test_case cases[] = {
    {"unprintable bytes are escaped", unprintable_bytes_are_escaped},
    {"long messages are cut", long_messages_are_cut},
    {NULL, NULL},
};
const struct test_suite suite_status = {"status", cases};
