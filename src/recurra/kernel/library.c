/* The library's interface: which variants this processor can run, and the functions of each variant. */
#include "common.h"
#include "exported.h"
#include "helper_thread.h"

#define VERSION 10 /* of this interface; mirrored in `library.py` */

#ifndef DIGEST
#define DIGEST "" /* of the sources, defined by build.py */
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

static int forward(int variant, int cell, const Recurrence *job) { CHOOSE(forward, cell, job) }
static int backward(int variant, int cell, const Recurrence *job) { CHOOSE(backward, cell, job) }
static int gather(int variant, const Gather *g) { CHOOSE(gather, g) }
static int adam(int variant, const Adam *a) {
    switch (variant) {
    case AVX512_FLOAT: return avx512_float_adam(a);
    case AVX2_FLOAT: return avx2_float_adam(a);
    default: return 2;
    }
}

/* The jobs of one call: threads take one after another until none is left. */
enum { FORWARD, BACKWARD, GATHER, ADAM };
typedef struct {
    int function, variant, cell;
    const char *jobs;
    int64_t size, count, next;
    int error; /* of any job, or 0 */
} Work;

static int run_one(const Work *w, const void *job) {
    switch (w->function) {
    case FORWARD: return forward(w->variant, w->cell, job);
    case BACKWARD: return backward(w->variant, w->cell, job);
    case GATHER: return gather(w->variant, job);
    default: return adam(w->variant, job);
    }
}

static void run_jobs(void *data) {
    Work *w = data;
    int64_t n;
    while ((n = __atomic_fetch_add(&w->next, 1, __ATOMIC_RELAXED)) < w->count) {
        int code = run_one(w, w->jobs + n * w->size);
        if (code) __atomic_store_n(&w->error, code, __ATOMIC_RELAXED);
    }
}

/* GOMP_parallel of the OpenMP library that the caller's program uses, or null: then one thread runs all jobs. */
static void (*parallel)(void (*)(void *), void *, unsigned, unsigned);

EXPORTED void recurra_threads(void (*gomp_parallel)(void (*)(void *), void *, unsigned, unsigned)) {
    parallel = gomp_parallel;
}

static int run(Work work, int threads) {
    if (parallel && threads > 1 && work.count > 1) parallel(run_jobs, &work, (unsigned)threads, 0);
    else run_jobs(&work);
    return work.error;
}

/* Run each recurrence over all its steps. Returns 0, 1 where there is not enough memory, 2 for an unknown variant. */
EXPORTED int recurra_forward(int variant, int cell, const Recurrence *jobs, int64_t count, int threads) {
    return run((Work){FORWARD, variant, cell, (const char *)jobs, sizeof *jobs, count, 0, 0}, threads);
}

/* The same with the helper thread instead of OpenMP's threads, which do not survive a fork. */
EXPORTED int recurra_forward_helped(int variant, int cell, const Recurrence *jobs, int64_t count) {
    Work work = {FORWARD, variant, cell, (const char *)jobs, sizeof *jobs, count, 0, 0};
    recurra_with_helper(run_jobs, &work);
    return work.error;
}

/* Turn what `recurra_forward` saved into gradients of the gates' inputs. Returns as above. */
EXPORTED int recurra_backward(int variant, int cell, const Recurrence *jobs, int64_t count, int threads) {
    return run((Work){BACKWARD, variant, cell, (const char *)jobs, sizeof *jobs, count, 0, 0}, threads);
}

/* Sum the gradients of the gates' inputs by row of `projected`. Returns as above. */
EXPORTED int recurra_gather(int variant, const Gather *jobs, int64_t count, int threads) {
    return run((Work){GATHER, variant, 0, (const char *)jobs, sizeof *jobs, count, 0, 0}, threads);
}

/* Take a step of Adam on each part of a table. Returns as above. */
EXPORTED int recurra_adam(int variant, const Adam *parts, int64_t count, int threads) {
    return run((Work){ADAM, variant, 0, (const char *)parts, sizeof *parts, count, 0, 0}, threads);
}

/* Multiply rows by a packed matrix. Returns as above. */
EXPORTED int recurra_linear(int variant, const Linear *l) { CHOOSE(linear, l) }

/* Pack a matrix for products. Returns as above. */
EXPORTED int recurra_pack(int variant, const Pack *p) { CHOOSE(pack, p) }
