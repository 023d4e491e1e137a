/* One helper thread for answers to single texts: it computes one direction while the caller computes the other.

   Waking a thread takes about as long as the work that it should do. So the helper spins for a while before it sleeps:
   texts that come one after another find it awake. The caller waits only for work that the helper has begun; what it
   has not begun in time, the caller does itself. It serves one caller at a time; others meanwhile work alone. */
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdint.h>
#include <time.h>

#include <immintrin.h>

#include "helper_thread.h"

#define SPIN 500000 /* nanoseconds without work after which the helper sleeps */

enum { FREE, POSTING, POSTED, TAKEN, DONE };
static int slot = FREE; /* atomic; all else is accessed under the lock or by the slot's owner */
static void (*posted_run)(void *);
static void *posted_work;

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t wake = PTHREAD_COND_INITIALIZER;
static int started, woken, asleep;

static int change(int from, int to) {
    return __atomic_compare_exchange_n(&slot, &from, to, 0, __ATOMIC_ACQ_REL, __ATOMIC_ACQUIRE);
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
        while (!woken) pthread_cond_wait(&wake, &lock);
        woken = asleep = 0;
        pthread_mutex_unlock(&lock);
        for (int64_t until = now() + SPIN; now() < until;) {
            if (change(POSTED, TAKEN)) {
                posted_run(posted_work);
                __atomic_store_n(&slot, DONE, __ATOMIC_RELEASE);
                until = now() + SPIN;
            }
            for (int n = 0; n < 16; n++) _mm_pause();
        }
    }
    return 0;
}

/* A forked process inherits the memory but not the thread. */
static void forked(void) {
    pthread_mutex_init(&lock, 0);
    pthread_cond_init(&wake, 0);
    started = woken = asleep = 0;
    slot = FREE;
}

/* Called under the lock. The helper blocks all signals: they are for the program's own threads. */
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

/* Wake the helper if it sleeps. One that is just about to may be missed, which costs a text its help and no more. */
static void wake_helper(void) {
    pthread_mutex_lock(&lock);
    if (!started) start();
    if (started && asleep) {
        woken = 1;
        pthread_cond_signal(&wake);
    }
    pthread_mutex_unlock(&lock);
}

/* Call `run` on `work` here and, if the helper is free, there at the same time; return once both have returned. */
void recurra_with_helper(void (*run)(void *), void *work) {
    if (!change(FREE, POSTING)) {
        run(work);
        return;
    }
    posted_run = run;
    posted_work = work;
    __atomic_store_n(&slot, POSTED, __ATOMIC_RELEASE);
    wake_helper();
    run(work);
    if (change(POSTED, FREE)) return;
    for (int spins = 0; __atomic_load_n(&slot, __ATOMIC_ACQUIRE) != DONE; spins++) {
        if (spins > 1000) sched_yield();
        else _mm_pause();
    }
    __atomic_store_n(&slot, FREE, __ATOMIC_RELEASE);
}
