/* What every variant needs; included before a target is set for its functions. */
#ifndef RECURRA_COMMON_H
#define RECURRA_COMMON_H

#include <immintrin.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "exported.h"
#include "recurrence.h"
#include "smoothing.h"

#define INLINE static inline __attribute__((always_inline, unused))

enum { RNN, GRU, LSTM, MINGRU, MINLSTM }; /* mirrored in `library.py` */

enum { AVX512_FLOAT, AVX512_BF16, AVX2_FLOAT }; /* variants, mirrored in `library.py` */

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
int avx512_float_smoothing(const Smoothing *s);
int avx2_float_smoothing(const Smoothing *s);

#endif
