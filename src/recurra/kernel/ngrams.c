/* The distinct n-grams of rows of token ids, and sums of their weights. */
#include <stdlib.h>
#include <string.h>

#include "exported.h"
#include "ngrams.h"

#define FIRST_WORD 2 /* 0 fills a row and 1 is an unknown word */

static void insertion_sort(int32_t *x, int64_t count) {
    for (int64_t i = 1; i < count; i++) {
        int32_t value = x[i];
        int64_t k = i;
        for (; k && x[k - 1] > value; k--) x[k] = x[k - 1];
        x[k] = value;
    }
}

/* Sort numbers from 0 up by their bytes, the lowest first. `other` has the same room. Returns the sorted one of both. */
static int32_t *radix_sort(int32_t *x, int32_t *other, int64_t count, int bits) {
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

/* Room for the features of the longest row, twice. */
typedef struct {
    int32_t *room;
    int64_t half;
    int bits; /* of the largest feature */
} Scratch;

static int check(const Ngrams *n) {
    if (n->order < 1 || n->order > 3 || n->words < 0 || n->buckets < (n->order > 1)) return BAD_INPUT;
    for (int64_t i = 0; i < n->rows; i++)
        if (n->start[i] < 0 || n->length[i] < 0) return BAD_INPUT;
    return 0;
}

static int new_scratch(Scratch *s, const Ngrams *n) {
    int64_t longest = 0;
    for (int64_t i = 0; i < n->rows; i++)
        if (n->length[i] > longest) longest = n->length[i];
    s->half = n->order * longest;
    s->room = malloc((size_t)(2 * s->half + 1) * sizeof *s->room);
    for (s->bits = 1; s->bits < 31 && (n->words + n->buckets) >> s->bits;) s->bits++;
    return s->room ? 0 : NO_MEMORY;
}

/* The distinct features of a row, rising, in the scratch. Returns how many, or -1 for an id that is out of range. */
static int64_t distinct(const Ngrams *n, int64_t row, const Scratch *s, int32_t **found) {
    const int32_t *id = n->ids + n->start[row];
    const int64_t *m = n->multiplier;
    int32_t *x = s->room;
    int64_t count = 0, known = 0; /* words just before this one without a gap */
    for (int64_t t = 0; t < n->length[row]; t++) {
        if (id[t] < 0 || id[t] >= n->words) return -1;
        if (id[t] < FIRST_WORD) {
            known = 0;
            continue;
        }
        int64_t c = id[t];
        x[count++] = id[t];
        if (known >= 1 && n->order >= 2)
            x[count++] = (int32_t)(n->words + (id[t - 1] * m[0] + c * m[1]) % n->buckets);
        if (known >= 2 && n->order >= 3)
            x[count++] = (int32_t)(n->words + (id[t - 2] * m[2] + id[t - 1] * m[3] + c * m[4]) % n->buckets);
        known++;
    }
    if (count <= 32) insertion_sort(x, count);
    else x = radix_sort(x, s->room + s->half, count, s->bits);
    int64_t kept = 0;
    for (int64_t i = 0; i < count; i++)
        if (!kept || x[i] != x[kept - 1]) x[kept++] = x[i];
    *found = x;
    return kept;
}

/* Fill `pointer` and `index`. Returns 0, 1 where there is not enough memory, 3 where an argument is out of range. */
EXPORTED int recurra_distinct_ngrams(const DistinctNgrams *d) {
    const Ngrams *n = &d->ngrams;
    Scratch scratch;
    int64_t end = 0;
    int32_t *found;
    int code = check(n);
    if (code || (code = new_scratch(&scratch, n))) return code;
    d->pointer[0] = 0;
    for (int64_t i = 0; i < n->rows; i++) {
        int64_t count = distinct(n, i, &scratch, &found);
        if (count < 0) {
            code = BAD_INPUT;
            break;
        }
        memcpy(d->index + end, found, (size_t)count * sizeof *found);
        d->pointer[i + 1] = end += count;
    }
    free(scratch.room);
    return code;
}

/* Fill `sum` and `distinct`; sums are taken in double precision, features rising. Returns as above. */
EXPORTED int recurra_ngram_sums(const NgramSums *s) {
    const Ngrams *n = &s->ngrams;
    Scratch scratch;
    int32_t *found;
    int code = check(n);
    if (code || (code = new_scratch(&scratch, n))) return code;
    double *total = malloc((size_t)(s->columns + 1) * sizeof *total);
    if (!total) code = NO_MEMORY;
    for (int64_t i = 0; !code && i < n->rows; i++) {
        int64_t count = distinct(n, i, &scratch, &found);
        if (count < 0) {
            code = BAD_INPUT;
            break;
        }
        for (int64_t k = 0; k < s->columns; k++) total[k] = 0;
        for (int64_t j = 0; j < count; j++) {
            const float *weight = s->weight + found[j] * s->columns;
            for (int64_t k = 0; k < s->columns; k++) total[k] += weight[k];
        }
        for (int64_t k = 0; k < s->columns; k++) s->sum[i * s->columns + k] = (float)total[k];
        s->distinct[i] = (int32_t)count;
    }
    free(total);
    free(scratch.room);
    return code;
}
