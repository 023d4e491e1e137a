/* The arguments of the function that runs exponential smoothings. Mirrored by the ctypes structure in `smoothing.py`. */
#ifndef RECURRA_SMOOTHING_H
#define RECURRA_SMOOTHING_H

#include <stdint.h>

/* P smoothings of one series, and what their mean would have said after each step: see `tasks/forecast/anchor.py`, the
   names of which the constants have. The smoothings of logarithms come last. */
typedef struct {
    const double *values;         /* [steps], NaN where missing; finite ones are > 0 where there are logarithms */
    int64_t steps;
    int64_t season;               /* at least 1 */
    int64_t horizon;              /* H, at least 1 */
    int64_t count;                /* P, at least 1 */
    int64_t logarithms;           /* of which these are the first, P where there are none */
    const double *alpha, *beta, *phi, *line, *gamma; /* [P] */
    const double *damped;         /* [H, P] sums of powers of phi */
    double *level, *slope;        /* [P] in and out */
    double *seasonal;             /* [season, P] in and out */
    double sharpness, slow, prior, least, tiny, highest;
    double *middle, *spread;      /* [steps, H] out */
    double *errors;               /* [steps] out, NaN where not known */
    double *weight;               /* [P] out: how much each counts after the last step */
} Smoothing;

#endif
