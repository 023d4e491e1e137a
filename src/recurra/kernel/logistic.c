/* Logistic regression by coordinate descent in the dual: Yu, Huang, Lin (2011), "Dual coordinate descent methods for
   logistic regression and maximum entropy models", algorithm 5, which liblinear runs for -s 7.

   With u_j = s_j w_j of the column's scale s_j, a margin is the sum of u_j x_j, and a step d changes u_j by
   d s_j^2 x_j. So the scaled data need not be stored. alpha is kept as a share of C, with which it scales: the shares
   for one C are a good start for another. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "exported.h"
#include "logistic.h"

#define INLINE static inline __attribute__((always_inline))
#define MOST_LANES 8

/* splitmix64 (Steele, Lea, Flood 2014) */
static uint64_t next_random(uint64_t *state) {
    uint64_t z = *state += UINT64_C(0x9e3779b97f4a7c15);
    z = (z ^ z >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
    z = (z ^ z >> 27) * UINT64_C(0x94d049bb133111eb);
    return z ^ z >> 31;
}

static void shuffle(int64_t *order, int64_t count, uint64_t *state) {
    for (int64_t i = count - 1; i > 0; i--) {
        int64_t k = (int64_t)(next_random(state) % (uint64_t)(i + 1)), kept = order[i];
        order[i] = order[k];
        order[k] = kept;
    }
}

INLINE int64_t number(const Rows *d, int64_t i) { return d->row ? d->row[i] : i; }

/* Solve for one row's alpha / C, given its label's margin and its squared norm. Returns the step of alpha. Eqs. 27-33. */
static double solve_row(double *share, double c, double norm, double margin, double exact, double *violation, int *steps) {
    int low = 0.5 * norm * c * (share[1] - share[0]) + margin >= 0;
    double *own = share + !low, *other = share + low, sign = low ? 1 : -1;
    double before = *own, z = before, rest = *other;
    if (rest < 0.5) {
        z *= 0.1;
        rest = 1 - z;
    }
    double gradient = norm * c * (z - before) + sign * margin + log(z / rest);
    if (fabs(gradient) > *violation) *violation = fabs(gradient);
    *steps = 0;
    while (*steps <= 100 && fabs(gradient) >= exact) {
        double next = z - gradient / (norm * c + 1 / (rest * z));
        z = next <= 0 ? 0.1 * z : next < 1 ? next : 0.5 * (1 + z);
        rest = 1 - z;
        gradient = norm * c * (z - before) + sign * margin + log(z / rest);
        ++*steps;
    }
    if (!*steps) return 0;
    *own = z;
    *other = rest;
    return sign * c * (z - before);
}

/* margin[k] += sum_j u_jk x_j, in several partial sums so that additions need not wait for each other. */
INLINE void dot(const Logistic *l, int64_t row, int lanes, double *margin) {
    enum { PARTS = 4 };
    const Rows *d = &l->data;
    const int32_t *index = d->indices;
    double sum[PARTS * MOST_LANES] = {0};
    int64_t p = d->indptr[row], end = d->indptr[row + 1];
    int parts = lanes < 4 ? PARTS : 1;
    for (; p + parts <= end; p += parts)
        for (int q = 0; q < parts; q++) {
            const double *w = l->weight + (int64_t)index[p + q] * lanes;
            double x = d->values ? d->values[p + q] : 1;
            for (int k = 0; k < lanes; k++) sum[q * lanes + k] += w[k] * x;
        }
    for (; p < end; p++) {
        const double *w = l->weight + (int64_t)index[p] * lanes;
        double x = d->values ? d->values[p] : 1;
        for (int k = 0; k < lanes; k++) sum[k] += w[k] * x;
    }
    for (int k = 0; k < lanes; k++) {
        double total = 0;
        for (int q = 0; q < parts; q++) total += sum[q * lanes + k];
        margin[k] += total + l->weight[d->features * lanes + k];
    }
}

INLINE void add(const Logistic *l, int64_t row, int lanes, const double *step) {
    const Rows *d = &l->data;
    double bias = l->bias * l->bias;
    for (int64_t p = d->indptr[row]; p < d->indptr[row + 1]; p++) {
        int64_t at = (int64_t)d->indices[p] * lanes;
        double x = d->values ? d->values[p] : 1;
        if (l->scale)
            for (int k = 0; k < lanes; k++) l->weight[at + k] += step[k] * x * l->scale[at + k] * l->scale[at + k];
        else
            for (int k = 0; k < lanes; k++) l->weight[at + k] += step[k] * x;
    }
    for (int k = 0; k < lanes; k++) l->weight[d->features * lanes + k] += step[k] * bias;
}

INLINE void norms(const Logistic *l, int64_t row, int lanes, double *norm) {
    const Rows *d = &l->data;
    for (int k = 0; k < lanes; k++) norm[k] = l->bias * l->bias;
    for (int64_t p = d->indptr[row]; p < d->indptr[row + 1]; p++) {
        int64_t at = (int64_t)d->indices[p] * lanes;
        double x = d->values ? d->values[p] : 1;
        for (int k = 0; k < lanes; k++) {
            double scaled = l->scale ? x * l->scale[at + k] : x;
            norm[k] += scaled * scaled;
        }
    }
}

INLINE double cost(const Logistic *l, int64_t row) { return l->each ? l->c * l->each[row] : l->c; }

INLINE int own_class(const Logistic *l, int64_t row, int k) { return l->data.label[row] == l->first + k; }

INLINE void descend(Logistic *l, int lanes, int64_t *order, double *norm) {
    const Rows *d = &l->data;
    uint64_t state = l->seed;
    double exact = 1e-2, least = l->tolerance < 1e-8 ? l->tolerance : 1e-8;
    double step[MOST_LANES], margin[MOST_LANES];
    int64_t most = l->iterations;
    double small = 0.001 < 1e-8 / l->c ? 0.001 : 1e-8 / l->c;
    memset(l->weight, 0, (size_t)((d->features + 1) * lanes) * sizeof *l->weight);
    for (int64_t i = 0; i < d->rows; i++) {
        int64_t row = number(d, i);
        order[i] = i;
        norms(l, row, lanes, norm + i * lanes);
        for (int k = 0; k < lanes; k++) {
            double *share = l->share + 2 * (i * lanes + k);
            if (!l->warm) share[0] = small, share[1] = 1 - small;
            step[k] = (own_class(l, row, k) ? 1 : -1) * cost(l, row) * share[0];
        }
        add(l, row, lanes, step);
    }
    l->violation = 0;
    for (l->iterations = 0; l->iterations < most;) {
        int64_t newton = 0;
        double violation = 0;
        shuffle(order, d->rows, &state);
        for (int64_t s = 0; s < d->rows; s++) {
            int64_t i = order[s], row = number(d, i);
            int moved = 0;
            for (int k = 0; k < lanes; k++) margin[k] = l->offset ? l->offset[row * lanes + k] : 0;
            dot(l, row, lanes, margin);
            for (int k = 0; k < lanes; k++) {
                int y = own_class(l, row, k) ? 1 : -1, steps;
                int64_t at = i * lanes + k;
                step[k] = y * solve_row(l->share + 2 * at, cost(l, row), norm[at], y * margin[k], exact, &violation, &steps);
                newton += steps;
                moved |= steps;
            }
            if (moved) add(l, row, lanes, step);
        }
        l->iterations++;
        l->violation = violation;
        if (violation < l->tolerance) return;
        if (newton <= d->rows * lanes / 10) exact = 0.1 * exact > least ? 0.1 * exact : least;
    }
}

static int check(const Rows *d) {
    for (int64_t i = 0; i < d->rows; i++) {
        int64_t row = number(d, i);
        for (int64_t p = d->indptr[row]; p < d->indptr[row + 1]; p++)
            if (d->indices[p] < 0 || d->indices[p] >= d->features) return BAD_INPUT;
    }
    return 0;
}

/* Fill `weight` and `share`. Returns 0, 1 where there is not enough memory, 3 where an argument is out of range. */
EXPORTED int recurra_logistic(Logistic *l) {
    int64_t rows = l->data.rows, lanes = l->lanes;
    if ((lanes != 1 && lanes != 2 && lanes != 4 && lanes != 8) || !(l->c > 0) || check(&l->data)) return BAD_INPUT;
    int64_t *order = malloc((size_t)(rows + 1) * sizeof *order);
    double *norm = malloc((size_t)(rows * lanes + 1) * sizeof *norm);
    int code = order && norm ? 0 : NO_MEMORY;
    if (!code) switch (lanes) {
        case 1: descend(l, 1, order, norm); break;
        case 2: descend(l, 2, order, norm); break;
        case 4: descend(l, 4, order, norm); break;
        default: descend(l, 8, order, norm);
        }
    free(order);
    free(norm);
    return code;
}

/* Add to `count`. Returns 0, or 3 where an argument is out of range. */
EXPORTED int recurra_class_counts(const ClassCounts *c) {
    const Rows *d = &c->data;
    if (check(d)) return BAD_INPUT;
    for (int64_t i = 0; i < d->rows; i++) {
        int64_t row = number(d, i);
        if (d->label[row] < 0 || d->label[row] >= c->classes) return BAD_INPUT;
        for (int64_t p = d->indptr[row]; p < d->indptr[row + 1]; p++)
            c->count[d->indices[p] * c->classes + d->label[row]]++;
    }
    return 0;
}

/* Fill `out`. Returns 0, or 3 where an argument is out of range. */
EXPORTED int recurra_products(const Products *p) {
    const Rows *d = &p->data;
    if (check(d)) return BAD_INPUT;
    for (int64_t i = 0; i < d->rows; i++) {
        int64_t row = number(d, i);
        double *out = p->out + i * p->columns;
        for (int64_t k = 0; k < p->columns; k++) out[k] = 0;
        for (int64_t q = d->indptr[row]; q < d->indptr[row + 1]; q++) {
            const double *weight = p->weight + d->indices[q] * p->columns;
            double x = d->values ? d->values[q] : 1;
            for (int64_t k = 0; k < p->columns; k++) out[k] += weight[k] * x;
        }
    }
    return 0;
}
