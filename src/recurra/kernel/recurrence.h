/* The arguments of the kernel's functions. Mirrored by the ctypes structures in `library.py`.

   Rows are sorted by length, longest first, so that those with a step t are the first active[t]. The state after step t
   of row k lies at offset[t] + k of the packed arrays, whose rows are the N real steps. B batch, T padded time, H
   hidden size (a multiple of 16), G gates, S saved blocks of a step, U rows of `projected`, e: float, or bfloat16 in a
   variant of that format. */
#ifndef RECURRA_RECURRENCE_H
#define RECURRA_RECURRENCE_H

#include <stdint.h>

/* One direction of one recurrent layer over some rows of a ragged batch, for `forward` and then for `backward`. */
typedef struct {
    int64_t hidden;           /* H */
    int64_t rows;             /* rows of this recurrence */
    int64_t steps;            /* length of the longest */
    int64_t time;             /* T */
    int64_t backward;         /* read each row from its end: the backward direction */
    int64_t recording;        /* save what the gradient needs; otherwise packed arrays have two steps only */
    const int32_t *row;       /* [rows] its number in the batch */
    const int32_t *length;    /* [rows] */
    const int32_t *active;    /* [steps] rows that have this step */
    const int64_t *offset;    /* [steps + 1] */
    const int32_t *index;     /* [B, T] row of `projected` at each step */
    const void *projected;    /* e [U, projected_stride]: W_ih x + b_ih, G blocks of H */
    int64_t projected_stride;
    const void *weight;       /* e, packed: W_hh for `forward`, its transpose for `backward`; mingru, minlstm: none */
    const float *bias;        /* [G, H] b_hh; mingru, minlstm: none */
    void *saved;              /* e [N, S, H] gates; `backward` overwrites them with the gradients of their inputs */
    float *state;             /* lstm: c_t [N, H]; the others but rnn: h_t [2 * rows, H] of two steps */
    void *previous;           /* e [N, H] h_{t-1} */
    void *out;                /* e [B, T, ..] h_t, or null; for `backward`, the gradient with respect to it */
    int64_t out_row;          /* distance of rows in `out` */
    int64_t out_step;         /* distance of steps in `out` */
    float *reduced;           /* [B, ..] h at `source_step`, or null; for `backward`, the gradient with respect to it */
    int32_t *source_step;     /* [B, ..] the step of each value in `reduced`, counted from the left */
    float *sum;               /* [B, ..] sum of h over the steps, or null; for `backward`, the gradient of it */
    int64_t reduced_row;      /* distance of rows in `reduced`, `source_step` and `sum` */
    int64_t take_max;         /* `reduced` is the maximum of each unit (otherwise its last value) */
    float *grad_bias;         /* [H] gru: `backward` adds the gradient of n's part of b_hh, which is not that of b_ih */
} Recurrence;

/* Gradients of the rows of `projected`: each is the sum over the steps that read the row, in all recurrences of a
   direction. */
typedef struct {
    const Recurrence *recurrence; /* [count] those that read from these rows and columns */
    int64_t count;
    int64_t rows;             /* U */
    int64_t begin, end;       /* columns of the gradients, multiples of 16 */
    int64_t saved_stride;     /* S * H */
    int64_t saved_begin;      /* where the columns begin in a row of `saved` */
    void *gradient;           /* e [U, gradient_stride], each written once */
    int64_t gradient_stride;
    float *total;             /* [columns] the sums over all rows */
} Gather;

/* out = bias + x W, row by row: a row's result does not depend on the other rows, to the last bit. */
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

/* The packed layout of a matrix [K, N] for products: panels of `width` columns one after another, each with all its
   terms, in pairs where the processor multiplies pairs. Column n of the layout is column n of the matrix; or, with
   gates, the columns of one vector of units lie together, gate after gate. */
typedef struct {
    const float *matrix;      /* element (k, n) lies at k * term_stride + n * column_stride */
    int64_t terms, columns, term_stride, column_stride;
    int64_t width;            /* a multiple of 16 */
    int64_t gates;            /* or 0 */
    int64_t roll;             /* term k is the matrix's term k - roll, modulo K */
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
