#include "common.h"
#if defined(__clang__)
#pragma clang attribute push(__attribute__((target("avx2,fma,avx512f,avx512bw,avx512dq,avx512vl,avx512bf16"))), apply_to = function)
#else
#pragma GCC target("avx2,fma,avx512f,avx512bw,avx512dq,avx512vl,avx512bf16")
#endif
#define NAME(name) avx512_bf16_##name
#include "avx512.h"
#include "avx512_bf16.h"
#include "body.h"
#if defined(__clang__)
#pragma clang attribute pop
#endif
