/* What trials, and the images of one, say about the accuracy. */
#include <gsl/gsl_cdf.h>
#include <gsl/gsl_math.h>
#include <gsl/gsl_statistics_int.h>

#include "sim/run/run.h"

/* E. B. Wilson, J. Am. Stat. Assoc. 22 (1927): the score interval, sound near 0 and 1 too. */
void run_wilson_interval(int correct, int images, double *low, double *high) {
    const double z = 1.959963984540054; /* two-sided 95 % of the normal distribution */
    double n = images, p = correct / n;
    double centre = p + z * z / (2 * n);
    double half = z * sqrt(p * (1 - p) / n + z * z / (4 * n * n));
    double scale = 1 + z * z / n;
    *low = fmax(0, (centre - half) / scale);
    *high = fmin(1, (centre + half) / scale);
}

/* Student's t interval of the mean, from n - 1 degrees of freedom. An accuracy has bounds that the
 * distribution does not know. */
void run_summarise_trials(struct run_accuracy *accuracy) {
    const size_t stride = sizeof *accuracy->trial / sizeof accuracy->trial->correct;
    const int *correct = &accuracy->trial[0].correct;
    size_t n = (size_t)accuracy->trials;
    accuracy->mean = gsl_stats_int_mean(correct, stride, n) / accuracy->images;
    accuracy->deviation = accuracy->trials_low = accuracy->trials_high = GSL_NAN;
    if (n == 1)
        return;
    accuracy->deviation = gsl_stats_int_sd(correct, stride, n) / accuracy->images;
    double t = gsl_cdf_tdist_Pinv(0.975, (double)n - 1);
    double half = t * accuracy->deviation / sqrt((double)n);
    accuracy->trials_low = fmax(0, accuracy->mean - half);
    accuracy->trials_high = fmin(1, accuracy->mean + half);
}
