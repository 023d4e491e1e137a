/* Sorting the features of a row. */
#ifndef RECURRA_SORT_H
#define RECURRA_SORT_H

#include <stdint.h>

static inline void insertion_sort(int32_t *x, int64_t count) {
    for (int64_t i = 1; i < count; i++) {
        int32_t value = x[i];
        int64_t k = i;
        for (; k && x[k - 1] > value; k--) x[k] = x[k - 1];
        x[k] = value;
    }
}

/* Sort numbers from 0 up by their bytes, the lowest first. `other` has the same room. Returns the sorted one of both. */
static inline int32_t *radix_sort(int32_t *x, int32_t *other, int64_t count, int bits) {
    for (int shift = 0; shift < bits; shift += 8) {
        int64_t begin[257] = {0};
        for (int64_t i = 0; i < count; i++) begin[(x[i] >> shift & 255) + 1]++;
        for (int b = 0; b < 256; b++) begin[b + 1] += begin[b];
        for (int64_t i = 0; i < count; i++) other[begin[x[i] >> shift & 255]++] = x[i];
        int32_t *sorted = other;
        other = x;
        x = sorted;
    }
    return x;
}

/* Sort numbers from 0 up that have `bits` bits. `other` has the same room. Returns the sorted one of both. */
static inline int32_t *recurra_sort(int32_t *x, int32_t *other, int64_t count, int bits) {
    if (count > 32) return radix_sort(x, other, count, bits);
    insertion_sort(x, count);
    return x;
}

/* The bits of the numbers up to `largest`, which is below 2^31. */
static inline int recurra_bits(int64_t largest) {
    int bits = 1;
    while (bits < 31 && largest >> bits) bits++;
    return bits;
}

#endif
