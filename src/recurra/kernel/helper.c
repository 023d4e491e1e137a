/* One thread that helps whoever answers a single text: it walks one direction while the caller walks the other.

   To wake it takes about as long as the walk that it is wanted for. So it looks out for more work for a while before it
   sleeps: texts that come one after another find it awake. It is never waited for unless it has begun; work that it
   comes too late for is done by the caller. It has one caller at a time; others that call meanwhile work alone. */
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdint.h>
#include <time.h>

#include <immintrin.h>

#include "helper.h"

#define LOOK_OUT 500000 /* nanoseconds without work after which the helper sleeps */

enum { FREE, LAYING, LAID, TAKEN, DONE };
static int table = FREE; /* what is on the table: alone looked at without the lock */
static void (*laid_take)(void *);
static void *laid_work;

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t bell = PTHREAD_COND_INITIALIZER;
static int started, rung, asleep;

static int moves(int from, int to) {
    return __atomic_compare_exchange_n(&table, &from, to, 0, __ATOMIC_ACQ_REL, __ATOMIC_ACQUIRE);
}

static int64_t now(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return t.tv_sec * INT64_C(1000000000) + t.tv_nsec;
}

static void *help(void *unused) {
    (void)unused;
    for (;;) {
        pthread_mutex_lock(&lock);
        asleep = 1;
        while (!rung) pthread_cond_wait(&bell, &lock);
        rung = asleep = 0;
        pthread_mutex_unlock(&lock);
        for (int64_t until = now() + LOOK_OUT; now() < until;) {
            if (moves(LAID, TAKEN)) {
                laid_take(laid_work);
                __atomic_store_n(&table, DONE, __ATOMIC_RELEASE);
                until = now() + LOOK_OUT;
            }
            for (int n = 0; n < 16; n++) _mm_pause();
        }
    }
    return 0;
}

/* A forked process has the memory but not the thread. */
static void forked(void) {
    pthread_mutex_init(&lock, 0);
    pthread_cond_init(&bell, 0);
    started = rung = asleep = 0;
    table = FREE;
}

/* Under the lock. Its signals are for the threads of whoever loaded the library. */
static void start(void) {
    static int registered;
    pthread_t helper;
    sigset_t all, before;
    if (!registered) registered = !pthread_atfork(0, 0, forked);
    if (!registered) return;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    started = !pthread_create(&helper, 0, help, 0);
    if (started) pthread_detach(helper);
    pthread_sigmask(SIG_SETMASK, &before, 0);
}

/* Wake the helper if it sleeps, which is asked under the lock alone: one that has just begun to look out is not rung
   for, and one that has just ceased to may be missed, which costs a text its help and nothing else. */
static void ring(void) {
    pthread_mutex_lock(&lock);
    if (!started) start();
    if (started && asleep) {
        rung = 1;
        pthread_cond_signal(&bell);
    }
    pthread_mutex_unlock(&lock);
}

/* Call `take` on `work`, here and by the helper at once where it is to be had; return once both have returned. */
void recurra_with_helper(void (*take)(void *), void *work) {
    if (!moves(FREE, LAYING)) {
        take(work);
        return;
    }
    laid_take = take;
    laid_work = work;
    __atomic_store_n(&table, LAID, __ATOMIC_RELEASE);
    ring();
    take(work);
    if (moves(LAID, FREE)) return;
    for (int spins = 0; __atomic_load_n(&table, __ATOMIC_ACQUIRE) != DONE; spins++) {
        if (spins > 1000) sched_yield();
        else _mm_pause();
    }
    __atomic_store_n(&table, FREE, __ATOMIC_RELEASE);
}
