/* What every variant needs; included before a target is set for its functions. */
#ifndef RECURRA_COMMON_H
#define RECURRA_COMMON_H

#include <immintrin.h>
#include <stdlib.h>
#include <string.h>

#include "recurrence.h"

#define INLINE static inline __attribute__((always_inline, unused))

enum { RNN, GRU, LSTM, MINGRU }; /* mirrored in `library.py` */

#define DECLARE(variant) \
    int variant##_forward(int cell, const Recurrence *job); \
    int variant##_backward(int cell, const Recurrence *job); \
    int variant##_gather(const Gather *g); \
    int variant##_linear(const Linear *l); \
    int variant##_pack(const Pack *p)

DECLARE(avx512_float);
DECLARE(avx512_bf16);
DECLARE(avx2_float);

int avx512_float_adam(const Adam *a);
int avx2_float_adam(const Adam *a);

#endif
