#include "common.h"
#if defined(__clang__)
#pragma clang attribute push(__attribute__((target("avx2,fma,avx512f,avx512bw,avx512dq,avx512vl"))), apply_to = function)
#else
#pragma GCC target("avx2,fma,avx512f,avx512bw,avx512dq,avx512vl")
#endif
#define NAME(name) avx512_float_##name
#include "avx512.h"
#include "float.h"
#include "body.h"
#include "adam.h"
#include "smoothing_body.h"
#if defined(__clang__)
#pragma clang attribute pop
#endif
