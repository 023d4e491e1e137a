/* The arguments of the functions of n-grams. Mirrored by the ctypes structures in `ngrams.py`. */
#ifndef RECURRA_NGRAMS_H
#define RECURRA_NGRAMS_H

#include <stdint.h>

/* Rows of token ids, and how the n-grams of 1 to `order` neighbours in a row are numbered.

   An id is its own feature; neighbours a, b have the feature words + (a m0 + b m1) mod buckets, and a, b, c have
   words + (a m2 + b m3 + c m4) mod buckets. Ids 0 and 1 are no words: no n-gram holds them. Every product and sum must
   fit in 63 bits, words + buckets in 31. */
typedef struct {
    const int32_t *ids;           /* of all rows */
    const int64_t *start;         /* [rows] where each row begins in `ids` */
    const int64_t *length;        /* [rows] */
    int64_t rows;
    int64_t words;                /* V: ids are 0..V-1 */
    int64_t order;                /* 1 to 3 */
    int64_t buckets;              /* at least 1 where order > 1 */
    const int64_t *multiplier;    /* [5] m0 to m4 */
} Ngrams;

/* The distinct features of each row, rising: those of row i are index[pointer[i]] to index[pointer[i + 1] - 1]. */
typedef struct {
    Ngrams ngrams;
    int64_t *pointer;             /* [rows + 1] */
    int32_t *index;               /* room for `order` times the length of all rows */
} DistinctNgrams;

/* Sums over the distinct features of each row. */
typedef struct {
    Ngrams ngrams;
    const float *weight;          /* [V + buckets, columns] */
    int64_t columns;
    float *sum;                   /* [rows, columns] */
    int32_t *distinct;            /* [rows] how many features each row has */
} NgramSums;

#endif
