/* The arguments of logistic regression. Mirrored by the ctypes structures in `logistic.py`. */
#ifndef RECURRA_LOGISTIC_H
#define RECURRA_LOGISTIC_H

#include <stdint.h>

/* Chosen rows of a sparse matrix: row i has values[p] in column indices[p] for indptr[i] <= p < indptr[i + 1]. */
typedef struct {
    int64_t rows;             /* chosen rows */
    const int64_t *row;       /* [rows] their numbers, or null: the first ones */
    int64_t features;         /* F */
    const int64_t *indptr;
    const int32_t *indices;
    const float *values;      /* or null: every value is 1 */
    const int32_t *label;     /* of all rows: the class */
} Rows;

/* Of each class against all others: minimise |w|^2 / 2 + C sum_i g_i log(1 + exp(-y_i (w . x_i + o_i))), by coordinate
   descent in the dual. `lanes` (1, 2, 4 or 8) classes side by side, each a problem of its own. */
typedef struct {
    Rows data;
    int64_t first, lanes;     /* the classes first .. first + lanes - 1 */
    const float *scale;       /* [F, lanes] factor of each column, or null */
    const float *offset;      /* o [all rows, lanes], or null */
    const float *each;        /* g [all rows], by which rows count, or null: 1 */
    double c;
    double bias;              /* value of one more feature that every row has; 0: none */
    double tolerance;         /* of the largest gradient of the dual, as liblinear's -e */
    int64_t iterations;       /* at most; on return, how many there were */
    uint64_t seed;            /* of the order of the rows */
    int64_t warm;             /* begin with `share` as it is */
    double *share;            /* [rows, lanes, 2] alpha / (C g), and 1 minus it */
    double *weight;           /* [F + 1, lanes] out: w with its scale in it, then the weight of the bias times it */
    double violation;         /* out: the largest gradient in the last iteration */
} Logistic;

/* In how many of the chosen rows of each class each feature is. */
typedef struct {
    Rows data;
    int64_t classes;          /* K */
    int32_t *count;           /* [F, K], zeros before */
} ClassCounts;

/* The chosen rows times a matrix. */
typedef struct {
    Rows data;                /* without labels */
    int64_t columns;          /* K */
    const double *weight;     /* [F, K] */
    double *out;              /* [rows, K] */
} Products;

#endif
