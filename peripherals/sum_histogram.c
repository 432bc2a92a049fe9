#include "peripherals/sum_histogram.h"

#include <math.h>

struct sum_moments histogram_moments(const struct sum_histogram *histogram) {
    struct sum_moments m = {.largest = -1};
    double sum = 0, squares = 0;
    for (int64_t s = 0; s < histogram->size; s++) {
        if (histogram->counts[s] == 0)
            continue;
        double count = (double)histogram->counts[s], value = (double)s;
        if (m.largest < 0)
            m.smallest = s;
        m.largest = s;
        m.count += count;
        sum += count * value;
        squares += count * value * value;
    }
    if (m.count == 0)
        return m;
    m.mean = sum / m.count;
    m.power = squares / m.count;
    for (int64_t s = m.smallest; s <= m.largest; s++)
        m.variance += (double)histogram->counts[s] * ((double)s - m.mean) * ((double)s - m.mean);
    m.variance /= m.count;
    return m;
}

void histogram_range(const struct sum_histogram *histogram, double percentile, int64_t *low,
                     int64_t *high) {
    struct sum_moments m = histogram_moments(histogram);
    double left_out = m.count * (100 - percentile) / 200, below = 0, above = 0;
    *low = *high = 0;
    if (m.largest < 0)
        return;
    *low = m.smallest;
    *high = m.largest;
    while (*low < m.largest && below + (double)histogram->counts[*low] <= left_out)
        below += (double)histogram->counts[(*low)++];
    while (*high > *low && above + (double)histogram->counts[*high] <= left_out)
        above += (double)histogram->counts[(*high)--];
}

double histogram_outside(const struct sum_histogram *histogram, double low, double high) {
    double total = 0, outside = 0;
    for (int64_t s = 0; s < histogram->size; s++) {
        total += (double)histogram->counts[s];
        if ((double)s < low || (double)s > high)
            outside += (double)histogram->counts[s];
    }
    return total > 0 ? outside / total : 0;
}

void histogram_clipping(const struct sum_histogram *histogram,
                        double rates[HISTOGRAM_RESOLUTIONS]) {
    for (int bits = 0; bits < HISTOGRAM_RESOLUTIONS; bits++)
        rates[bits] = histogram_outside(histogram, 0, ldexp(1, bits) - 1);
}

double adc_transfer_value(const struct adc_transfer *transfer, int64_t sum) {
    int64_t code = sum;
    if (transfer->kind == ADC_CLIP && sum > transfer->maximum)
        code = transfer->maximum;
    else if (transfer->kind == ADC_TABLE)
        code = transfer->table[sum < transfer->table_size ? sum : transfer->table_size - 1];
    return (double)code * (double)transfer->scale_numerator / (double)transfer->scale_denominator;
}

double histogram_sqnr_db(const struct sum_histogram *histogram,
                         const struct adc_transfer *transfer) {
    double signal = 0, noise = 0;
    for (int64_t s = 0; s < histogram->size; s++) {
        if (histogram->counts[s] == 0)
            continue;
        double count = (double)histogram->counts[s], value = (double)s;
        double error = value - adc_transfer_value(transfer, s);
        signal += count * value * value;
        noise += count * error * error;
    }
    if (signal == 0)
        return NAN;
    return noise == 0 ? INFINITY : 10 * log10(signal / noise);
}
