/* One direction of one recurrent layer over some rows of a ragged batch. Mirrored by `Walk` in `library.py`.

   Rows are sorted by length, longest first, so that those with a step t are the first active[t]. The state after step t
   of row k lies at offset[t] + k of the packed arrays, whose rows are N real steps. B batch, T padded time, H hidden
   size (a multiple of 16), G gates, S saved blocks a step, e: float, or bfloat16 where the walk is told so. */
#ifndef RECURRA_WALK_H
#define RECURRA_WALK_H

#include <stdint.h>

typedef struct {
    int64_t hidden;           /* H */
    int64_t rows;             /* rows of this walk */
    int64_t steps;            /* length of the longest */
    int64_t time;             /* T */
    int64_t backward;         /* read each row from its end */
    int64_t recording;        /* keep what the gradient needs; otherwise packed arrays hold two steps alone */
    const int32_t *row;       /* [rows] its place in the batch */
    const int32_t *length;    /* [rows] */
    const int32_t *active;    /* [steps] rows that have this step */
    const int64_t *offset;    /* [steps + 1] */
    const int32_t *index;     /* [B, T] row of `projected` at each step */
    const void *projected;    /* e [.., projected_stride]: W_ih x + b_ih, G blocks of H */
    int64_t projected_stride;
    const void *weight;       /* e, packed: W_hh for the walk ahead, its transpose for the gradient */
    const float *bias;        /* [G, H] b_hh */
    void *saved;              /* e [N, S, H]; the gradient walk overwrites it with gradients */
    float *state;             /* lstm: c_t [N, H]; gru: h_t [2 * rows, H] of two steps */
    void *previous;           /* e [N, H] h_{t-1} */
    void *out;                /* e [B, T, ..] h_t, or null; with the gradient walk, the gradient by it */
    int64_t out_row;          /* distance of rows in `out` */
    int64_t out_step;         /* distance of steps in `out` */
    float *picked;            /* [B, ..] h at `where`, or null; with the gradient walk, the gradient by it */
    int32_t *where;           /* [B, ..] step (as read from the left) of each picked value */
    float *sum;               /* [B, ..] sum of h over the steps, or null; with the gradient walk, the gradient by it */
    int64_t picked_row;       /* distance of rows in `picked`, `where` and `sum` */
    int64_t largest;          /* pick each unit's largest value (otherwise its last) */
    float *by_bias;           /* [H] gru's gradient walk adds that by n's part of b_hh, the one that differs from b_ih's */
} Walk;

/* Gradients by the rows of `projected`: each is the sum over the steps that read it, in all walks of a direction. */
typedef struct {
    const Walk *walk;         /* [walks] those that read from these rows and columns */
    int64_t walks;
    int64_t rows;             /* U of `projected` */
    int64_t begin, end;       /* columns of the gradients, multiples of 16 */
    int64_t saved_stride;     /* S * H */
    int64_t saved_begin;      /* where the columns begin in a row of `saved` */
    void *gradient;           /* e [U, gradient_stride], each written once */
    int64_t gradient_stride;
    float *whole;             /* [columns] the sums over all rows */
} Scatter;

/* out = bias + x W, row by row: a row's result does not depend on the others, to the last bit. */
typedef struct {
    int64_t rows;
    int64_t terms;            /* K, a multiple of 2 in bfloat16 */
    int64_t columns;          /* N, a multiple of 16 */
    const int32_t *row;       /* [rows] which rows of `x` and `out`, or null for the first ones */
    const void *x;            /* e [.., x_row] */
    int64_t x_row;
    const void *weight;       /* e, packed [K, N] */
    const float *bias;        /* [N] */
    float *out;               /* [.., out_row] */
    int64_t out_row;
} Linear;

/* How a matrix [K, N] is laid out for products: `width` columns after another, in each all terms, in pairs where the
   processor multiplies pairs. Column n is the n-th of the matrix; or, with gates, those of a vector of units stand
   together, gate after gate. */
typedef struct {
    const float *matrix;      /* element (k, n) lies at k * term_stride + n * column_stride */
    int64_t terms, columns, term_stride, column_stride;
    int64_t width;            /* a multiple of 16 */
    int64_t gates;            /* or 0 */
    int64_t roll;             /* term k is the matrix's k - roll, counted around */
    void *out;                /* e [K * N] */
} Pack;

/* One step of Adam on rows begin..end of a table [.., width] of which `count` rows have a gradient. */
typedef struct {
    int64_t begin, end;
    int64_t width;
    float *value, *first, *second; /* [.., width] weights, first and second moments */
    const int64_t *row;       /* [count] distinct rows of the whole table, in rising order */
    const float *gradient;    /* [count, width] */
    int64_t count;
    float scale;              /* of the gradient */
    float beta1, beta2;
    float rate;               /* learning rate / (1 - beta1^t) */
    float root;               /* 1 / sqrt(1 - beta2^t) */
    float epsilon;
} Adam;

#endif
