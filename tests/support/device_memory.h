/* Devices read while memory is short: what the tests of both kinds of files share. */
#ifndef MHO_TESTS_SUPPORT_DEVICE_MEMORY_H
#define MHO_TESTS_SUPPORT_DEVICE_MEMORY_H

/* Loads a file called `name` that holds `text`, with every allocation failing in turn: it says so
 * or does without, and nothing leaks or is half made. */
void device_short_memory(const char *name, const char *text);

#endif
