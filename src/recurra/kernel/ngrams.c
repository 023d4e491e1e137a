/* The distinct n-grams of rows of token ids, and sums of their weights. */
#include <stdlib.h>
#include <string.h>

#include "exported.h"
#include "ngrams.h"
#include "sort.h"

#define FIRST_WORD 2 /* 0 fills a row and 1 is an unknown word */

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
    s->bits = recurra_bits(n->words + n->buckets);
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
    x = recurra_sort(x, s->room + s->half, count, s->bits);
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
