/* Tune: the strongest pruning that loses as much accuracy as is allowed, found by bisection over
 * one number of a configuration (a rate, as a rule).
 *
 * Every number is evaluated by a whole run without costs: prune, reconstruct, quantise, classify
 * the configuration's images. What is lost counts from the same network before pruning, quantised
 * alike. The images that decide should not be those that the result is reported on. */
#ifndef MHO_TUNE_TUNE_H
#define MHO_TUNE_TUNE_H

#include "sim/run/run.h"

enum { TUNE_EVALUATIONS_MAX = 64 };

struct tune_point {
    double number;
    double accuracy; /* percent */
    double lost;     /* points of the unpruned network's accuracy */
    long weights, nonzero;
    double wall_s;
};

struct tune_request {
    const struct config *config;
    const char *vary;    /* an override in which every % stands for the number:
                            "pruning.rate=%"; the larger the number, the more must go */
    double least, most;  /* of the number, 0 < least < most */
    double loss, within; /* points: what shall be lost, and how far from it is near enough */
    int evaluations;     /* at most, the unpruned network's left out: 1..TUNE_EVALUATIONS_MAX */
    /* After every evaluation; index 0: the unpruned network, `point` NULL. May be NULL. */
    void (*progress)(void *context, int index, const struct tune_point *point);
    void *context;
    const struct run_hooks *hooks; /* of the runs; may be NULL */
};

struct tune_result {
    double reference; /* accuracy of the unpruned network, percent */
    int images;
    struct tune_point points[TUNE_EVALUATIONS_MAX]; /* in the order of evaluation */
    int n_points;
    int best; /* the largest number that loses at most loss + within; -1: all lose more */
};

/* Bisects between least and most on a logarithmic scale (and interpolates once there is a loss on
 * either side), until a number loses what is asked, the numbers are within 1 % of each other, or
 * the evaluations are used up. Numbers have four
 * significant digits, so that they can be written down. Where all numbers lose too little, the
 * largest one is tried as the last; where all lose too much, the smallest. */
enum status tune_search(const struct tune_request *request, struct tune_result *result,
                        struct diagnostic *diag);

/* The override that `vary` stands for at a number; in `arena`, NULL on short memory. */
char *tune_override(const char *vary, double number, struct arena *arena);

#endif
