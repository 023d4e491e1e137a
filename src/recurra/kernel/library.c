/* The library's face: which variants this processor can run, and the walks by variant. No state; threads are OpenMP's. */
#include "common.h"

#define EXPORTED __attribute__((visibility("default")))

#define VERSION 2 /* of this interface; mirrored in `library.py` */
enum { AVX512_FLOAT, AVX512_BF16, AVX2_FLOAT };

#ifndef DIGEST
#define DIGEST "" /* of the sources, given by whoever compiles them */
#endif

EXPORTED int recurra_version(void) { return VERSION; }

EXPORTED const char *recurra_digest(void) { return DIGEST; }

/* Bit v: this processor can run variant v. */
EXPORTED int recurra_variants(void) {
    __builtin_cpu_init();
    int avx512 = __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") &&
                 __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512vl");
    int avx2 = __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma");
    int bf16 = avx512 && __builtin_cpu_supports("avx512bf16");
    return avx512 << AVX512_FLOAT | bf16 << AVX512_BF16 | avx2 << AVX2_FLOAT;
}

#define CHOOSE(function, ...) \
    switch (variant) { \
    case AVX512_FLOAT: return avx512_float_##function(__VA_ARGS__); \
    case AVX512_BF16: return avx512_bf16_##function(__VA_ARGS__); \
    case AVX2_FLOAT: return avx2_float_##function(__VA_ARGS__); \
    default: return 2; \
    }

static int ahead(int variant, int cell, const Walk *w) { CHOOSE(ahead, cell, w) }
static int back(int variant, int cell, const Walk *w) { CHOOSE(back, cell, w) }
static int gather(int variant, const Scatter *to) { CHOOSE(gather, to) }
static int adam(int variant, const Adam *a) {
    switch (variant) {
    case AVX512_FLOAT: return avx512_float_adam(a);
    case AVX2_FLOAT: return avx2_float_adam(a);
    default: return 2;
    }
}

/* Do `call` for each of `count` jobs n, on as many threads at once; where OpenMP is the caller's too, on its threads. */
#define AT_ONCE(count, threads, call) do { \
        int worst = 0; \
        _Pragma("omp parallel for num_threads(threads) if (threads > 1) schedule(static, 1) reduction(max : worst)") \
        for (int64_t n = 0; n < (count); n++) { \
            int code = call; \
            if (code > worst) worst = code; \
        } \
        return worst; \
    } while (0)

/* Walk over all steps of each walk. Returns 0, 1 where there is no memory, 2 for an unknown variant. */
EXPORTED int recurra_ahead(int variant, int cell, const Walk *walks, int64_t count, int threads) {
    AT_ONCE(count, threads, ahead(variant, cell, walks + n));
}

/* Turn what `recurra_ahead` saved into gradients by the gates. Returns as above. */
EXPORTED int recurra_back(int variant, int cell, const Walk *walks, int64_t count, int threads) {
    AT_ONCE(count, threads, back(variant, cell, walks + n));
}

/* Add the gradients by the gates up by row of `projected`. Returns as above. */
EXPORTED int recurra_gather(int variant, const Scatter *to, int64_t count, int threads) {
    AT_ONCE(count, threads, gather(variant, to + n));
}

/* Take a step of Adam on each part of a table. Returns as above. */
EXPORTED int recurra_adam(int variant, const Adam *parts, int64_t count, int threads) {
    AT_ONCE(count, threads, adam(variant, parts + n));
}

/* Multiply rows by a packed matrix. Returns as above. */
EXPORTED int recurra_linear(int variant, const Linear *l) { CHOOSE(linear, l) }

/* Lay a matrix out for products. Returns as above. */
EXPORTED int recurra_pack(int variant, const Pack *p) { CHOOSE(pack, p) }
