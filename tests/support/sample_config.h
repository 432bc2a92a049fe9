/* A small configuration table with a field of every type, and what the tests of it share. */
#ifndef MHO_TESTS_SUPPORT_SAMPLE_CONFIG_H
#define MHO_TESTS_SUPPORT_SAMPLE_CONFIG_H

#include "sim/config/config.h"
#include "tests/support/scratch.h"

struct sample_array {
    int rows, columns;         /* 1..4096; rows per layer */
    bool flip;                 /* default false */
    double t_read_s;           /* 1 ns..1 s, default 100 ns; per layer */
    double r_on_ohm;           /* no limits, default 10 kohm */
    struct config_reals drift; /* 0..1, unset */
};

struct sample_adc {
    int bits;     /* 1..16 | lossless | worst, default lossless; per layer */
    int transfer; /* clip | full_range | calibrated, default clip; per layer */
};

struct sample_run {
    const char *model; /* path, required */
    const char *name;  /* text, default "first try" */
    uint64_t seed;     /* default 1 */
    int threads;       /* 0.., default 0; not hashed */
    int unset;         /* 1..9, no default */
    int bits;          /* 1..9, default 3: a key that another section has too */
};

/* Sections "array", "adc" and "run". */
extern const struct config_section *const sample_sections[];
enum { N_SAMPLE_SECTIONS = 3 };

/* A new configuration over them; ends the test when it cannot be made. */
struct config *sample_create(void);

/* Writes a text as `name` in the folder. */
void sample_write(struct scratch *scratch, const char *name, const char *yaml);
/* The same, and loads it; ends the test on failure. */
void sample_load(struct config *config, struct scratch *scratch, const char *name,
                 const char *yaml);
/* --set; ends the test on failure. */
void sample_set(struct config *config, const char *assignment);

/* Loads `yaml` from a file a.yaml and expects the refusal `message`, in which file names have no
 * folder. The second form loads `name` from a folder with files in it already. */
void sample_refuse(const char *yaml, const char *message);
void sample_refuse_file(struct scratch *scratch, const char *name, const char *message);
/* The same for a --set. */
void sample_refuse_set(const char *assignment, const char *message);

/* Asserts that two texts are equal, and shows both when not. */
void expect_text(const char *actual, const char *expected);

/* Takes every "FOLDER/" out of a text, in place. */
void strip_folder(const struct scratch *scratch, char *text);

#endif
