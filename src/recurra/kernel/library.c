/* The library's face: which variants this processor can run, and the walks by variant. */
#include "common.h"
#include "helper.h"

#define EXPORTED __attribute__((visibility("default")))

#define VERSION 3 /* of this interface; mirrored in `library.py` */
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

/* The jobs of one call: threads take one after another until none is left. */
enum { AHEAD, BACK, GATHER, ADAM };
typedef struct {
    int what, variant, cell;
    const char *jobs;
    int64_t size, count, next;
    int worst;
} Work;

static int one(const Work *w, const void *job) {
    switch (w->what) {
    case AHEAD: return ahead(w->variant, w->cell, job);
    case BACK: return back(w->variant, w->cell, job);
    case GATHER: return gather(w->variant, job);
    default: return adam(w->variant, job);
    }
}

static void take(void *data) {
    Work *w = data;
    int64_t n;
    while ((n = __atomic_fetch_add(&w->next, 1, __ATOMIC_RELAXED)) < w->count) {
        int code = one(w, w->jobs + n * w->size);
        if (code) __atomic_store_n(&w->worst, code, __ATOMIC_RELAXED);
    }
}

/* GOMP_parallel of the OpenMP library that the caller's other work runs on, or null: then one thread does all. */
static void (*parallel)(void (*)(void *), void *, unsigned, unsigned);

EXPORTED void recurra_threads(void (*of)(void (*)(void *), void *, unsigned, unsigned)) { parallel = of; }

static int at_once(Work work, int threads) {
    if (parallel && threads > 1 && work.count > 1) parallel(take, &work, (unsigned)threads, 0);
    else take(&work);
    return work.worst;
}

/* Walk over all steps of each walk. Returns 0, 1 where there is no memory, 2 for an unknown variant. */
EXPORTED int recurra_ahead(int variant, int cell, const Walk *walks, int64_t count, int threads) {
    return at_once((Work){AHEAD, variant, cell, (const char *)walks, sizeof *walks, count, 0, 0}, threads);
}

/* The same, with the helper, on no thread of the caller's other work: such threads do not live through a fork. */
EXPORTED int recurra_ahead_helped(int variant, int cell, const Walk *walks, int64_t count) {
    Work work = {AHEAD, variant, cell, (const char *)walks, sizeof *walks, count, 0, 0};
    recurra_with_helper(take, &work);
    return work.worst;
}

/* Turn what `recurra_ahead` saved into gradients by the gates. Returns as above. */
EXPORTED int recurra_back(int variant, int cell, const Walk *walks, int64_t count, int threads) {
    return at_once((Work){BACK, variant, cell, (const char *)walks, sizeof *walks, count, 0, 0}, threads);
}

/* Add the gradients by the gates up by row of `projected`. Returns as above. */
EXPORTED int recurra_gather(int variant, const Scatter *to, int64_t count, int threads) {
    return at_once((Work){GATHER, variant, 0, (const char *)to, sizeof *to, count, 0, 0}, threads);
}

/* Take a step of Adam on each part of a table. Returns as above. */
EXPORTED int recurra_adam(int variant, const Adam *parts, int64_t count, int threads) {
    return at_once((Work){ADAM, variant, 0, (const char *)parts, sizeof *parts, count, 0, 0}, threads);
}

/* Multiply rows by a packed matrix. Returns as above. */
EXPORTED int recurra_linear(int variant, const Linear *l) { CHOOSE(linear, l) }

/* Lay a matrix out for products. Returns as above. */
EXPORTED int recurra_pack(int variant, const Pack *p) { CHOOSE(pack, p) }
