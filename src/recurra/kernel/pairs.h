/* The arguments of the functions that count pairs of neighbours. Mirrored by the ctypes structures in `pairs.py`. */
#ifndef RECURRA_PAIRS_H
#define RECURRA_PAIRS_H

#include <stdint.h>

/* Rows of numbers: row i is x[offset[i]] to x[offset[i + 1] - 1]; a negative number is none. The key of neighbours a, b
   is a << 32 | b. */
typedef struct {
    const int32_t *x;
    const int64_t *offset;        /* [rows + 1], rising from 0 */
    int64_t rows;
} Sequences;

/* The pairs in enough rows. Each of `passes` calls (a power of 2) finds a share of them, chosen by a hash of the key: its
   table fits in the cache. */
typedef struct {
    Sequences sequences;
    int64_t passes, pass;
    int64_t least;                /* in how many rows a pair must be */
    uint64_t *key;                /* [..] out, in no order; room for as many as there are positions */
    int32_t *in_rows;             /* [..] out: how many rows each is in */
    int64_t found;                /* out: how many */
} PairCounts;

/* The number of the pair that begins at each position. */
typedef struct {
    Sequences sequences;
    const uint64_t *key;          /* [count] distinct; the number of each is its place */
    int64_t count;
    int32_t *number;              /* [positions] out; -1: another pair, or the end of the row */
} PairNumbers;

/* The distinct features of each row, rising, from several numbers at each position. */
typedef struct {
    const int64_t *offset;        /* [rows + 1], rising from 0 */
    int64_t rows;
    int64_t levels;               /* at most 5 */
    const int32_t *x[5];          /* [positions] each; a negative number is none */
    int64_t base[5];              /* added to the numbers of each level */
    int64_t features;             /* numbers are below this */
    int64_t *pointer;             /* [rows + 1] out */
    int32_t *index;               /* out; room for `levels` numbers at each position */
    float *count;                 /* the same: how often each is there; or null */
} RowFeatures;

#endif
