#include "tests/support/slow_crossbar.h"

enum { MAX_ROWS = 4096 };

/* One bit line: the cells of one filter's column, and what its sum is worth. */
struct bit_line {
    int cells[MAX_ROWS];
    int64_t worth;
    bool flipped;
};

static int64_t power_of_two(int exponent) {
    int64_t p = 1;
    while (exponent-- > 0)
        p *= 2;
    return p;
}

/* Digit number `position` of `value` in base 2^bits. */
static int digit_of(int64_t value, int bits, int position) {
    for (int i = 0; i < position; i++)
        value /= power_of_two(bits);
    return (int)(value % power_of_two(bits));
}

/* Largest number that the bits of slice `slice` of a word of `bits` bits can hold is implied: the
 * digits of a word below 2^bits are never larger. */
static int slices_of(int bits, int cell_bits) {
    int count = 0;
    for (int done = 0; done < bits; done += cell_bits)
        count++;
    return count;
}

static int make_lines(const struct slow_crossbar *x, int rows, const int *weights,
                      struct bit_line *lines) {
    int count = 0, c = x->cell_bits;
    if (x->encoding == SLOW_DIFFERENTIAL) {
        for (int s = 0; s < slices_of(x->weight_bits - 1, c); s++)
            for (int negative = 0; negative <= 1; negative++, count++) {
                lines[count].worth = (negative ? -1 : 1) * power_of_two(c * s);
                for (int r = 0; r < rows; r++) {
                    int w = negative ? -weights[r] : weights[r];
                    lines[count].cells[r] = w > 0 ? digit_of(w, c, s) : 0;
                }
            }
    } else if (x->encoding == SLOW_OFFSET) {
        for (int s = 0; s < slices_of(x->weight_bits, c); s++, count++) {
            lines[count].worth = power_of_two(c * s);
            for (int r = 0; r < rows; r++)
                lines[count].cells[r] =
                    digit_of(weights[r] + power_of_two(x->weight_bits - 1), c, s);
        }
    } else if (x->encoding == SLOW_POLARIZED) {
        for (int s = 0; s < slices_of(x->weight_bits - 1, c); s++, count++) {
            lines[count].worth = power_of_two(c * s);
            for (int r = 0; r < rows; r++)
                lines[count].cells[r] = digit_of(weights[r] < 0 ? -weights[r] : weights[r], c, s);
        }
    } else {
        lines[0].worth = -power_of_two(x->weight_bits - 1);
        for (int r = 0; r < rows; r++)
            lines[0].cells[r] = weights[r] < 0;
        count = 1;
        for (int s = 0; s < slices_of(x->weight_bits - 1, c); s++, count++) {
            lines[count].worth = power_of_two(c * s);
            for (int r = 0; r < rows; r++) {
                int64_t low =
                    weights[r] < 0 ? weights[r] + power_of_two(x->weight_bits - 1) : weights[r];
                lines[count].cells[r] = digit_of(low, c, s);
            }
        }
    }
    return count;
}

static void flip_lines(const struct slow_crossbar *x, int rows, struct bit_line *lines, int count) {
    int top = (int)power_of_two(x->cell_bits) - 1;
    for (int i = 0; i < count; i++) {
        int64_t sum = 0;
        for (int r = 0; r < rows; r++)
            sum += lines[i].cells[r];
        lines[i].flipped = x->flip && 2 * sum > (int64_t)rows * top;
        for (int r = 0; lines[i].flipped && r < rows; r++)
            lines[i].cells[r] = top - lines[i].cells[r];
    }
}

static int64_t full_range_bound(const struct slow_crossbar *x) {
    return x->nominal_rows * (power_of_two(x->cell_bits) - 1) * (power_of_two(x->dac_bits) - 1);
}

/* n / d rounded half to even, n >= 0. */
static int64_t round_even(int64_t n, int64_t d) {
    int64_t q = n / d, twice = 2 * (n % d);
    if (twice > d || (twice == d && q % 2 == 1))
        q++;
    return q;
}

static int64_t convert(const struct slow_crossbar *x, int64_t sum) {
    int64_t top = power_of_two(x->adc_bits) - 1;
    if (x->transfer == SLOW_CLIP)
        return sum < top ? sum : top;
    if (x->transfer == SLOW_TABLE)
        return x->table[sum];
    if (x->transfer == SLOW_FULL_RANGE && full_range_bound(x) > top)
        return round_even(sum * top, full_range_bound(x));
    return sum;
}

int64_t slow_scale(const struct slow_crossbar *x, int64_t sum) {
    int64_t top = power_of_two(x->adc_bits) - 1, bound = full_range_bound(x);
    if (x->transfer == SLOW_TABLE) {
        int64_t unit = power_of_two(x->fraction_bits);
        return sum < 0 ? -round_even(-sum, unit) : round_even(sum, unit);
    }
    if (x->transfer != SLOW_FULL_RANGE || bound <= top)
        return sum;
    return sum < 0 ? -round_even(-sum * bound, top) : round_even(sum * bound, top);
}

/* One read: rows [first, end) in every cycle. */
static int64_t read_unit(const struct slow_crossbar *x, const struct bit_line *lines, int count,
                         int first, int end, const int *inputs) {
    int top = (int)power_of_two(x->cell_bits) - 1;
    int64_t result = 0;
    for (int t = 0; t * x->dac_bits < x->activation_bits; t++) {
        int64_t cycle = 0, unit = 0;
        for (int r = first; r < end; r++)
            unit += digit_of(inputs[r], x->dac_bits, t);
        for (int i = 0; i < count; i++) {
            int64_t sum = 0;
            bool programmed = false;
            for (int r = first; r < end; r++) {
                sum += lines[i].cells[r] * digit_of(inputs[r], x->dac_bits, t);
                programmed |= lines[i].cells[r] != 0;
            }
            int64_t code = programmed ? convert(x, sum) : 0; /* only such columns are converted */
            if (lines[i].flipped)
                code = top * convert(x, unit) - code;
            cycle += lines[i].worth * code;
        }
        if (x->encoding == SLOW_OFFSET)
            cycle -= power_of_two(x->weight_bits - 1) * convert(x, unit);
        result += power_of_two(t * x->dac_bits) * cycle;
    }
    return result;
}

/* The sign that is kept for rows [first, end): whether any of their weights is negative. */
static int kept_sign(const struct slow_crossbar *x, const int *weights, int first, int end) {
    int negative = 0;
    for (int r = first; r < end; r++)
        negative |= weights[r] < 0;
    return x->encoding == SLOW_POLARIZED && negative ? -1 : 1;
}

int64_t slow_array_sum(const struct slow_crossbar *x, int rows, const int *weights,
                       const int *inputs) {
    static struct bit_line lines[32];
    int count = make_lines(x, rows, weights, lines);
    flip_lines(x, rows, lines, count);
    int64_t result = 0;
    int step = x->unit_rows > 0 ? x->unit_rows : rows;
    for (int first = 0; first < rows; first += step) {
        int end = first + step < rows ? first + step : rows;
        result +=
            kept_sign(x, weights, first, end) * read_unit(x, lines, count, first, end, inputs);
    }
    return result;
}

int64_t slow_largest_sum(const struct slow_crossbar *x, int rows, const int *weights) {
    static struct bit_line lines[32];
    int count = make_lines(x, rows, weights, lines);
    flip_lines(x, rows, lines, count);
    int64_t digit = power_of_two(x->dac_bits) - 1;
    int64_t largest = x->encoding == SLOW_OFFSET ? rows * digit : 0;
    for (int i = 0; i < count; i++) {
        int64_t sum = 0;
        for (int r = 0; r < rows; r++)
            sum += lines[i].cells[r] * digit;
        largest = sum > largest ? sum : largest;
    }
    return largest;
}
