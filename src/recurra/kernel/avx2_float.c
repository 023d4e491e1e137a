#include "common.h"
#if defined(__clang__)
#pragma clang attribute push(__attribute__((target("avx2,fma"))), apply_to = function)
#else
#pragma GCC target("avx2,fma")
#endif
#define NAME(name) avx2_float_##name
#include "avx2.h"
#include "float.h"
#include "body.h"
#include "adam.h"
#include "smoothing_body.h"
#if defined(__clang__)
#pragma clang attribute pop
#endif
