#include "engine/crew.h"

#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/require.h"
#include "engine/denormals.h"

// Looks at the board before a thread sleeps, a quarter of a millisecond: longer than between two
// steps, for to be woken takes a good part of one; shorter than anyone notices. Now and then it
// lets others go first, for who it waits for may be waiting for its core.
enum { LOOKS = 8192, LOOKS_IN_A_ROW = 128, LINE = 64 };

// Waking costs more than a small job is worth: not again before so many seconds.
static const double wake_seconds = 100e-6;

// The products and the update keep their buffers on the stack.
enum { STACK = 2 * 1024 * 1024 };

/*
 * The board says which job there is and how many of its parts are taken, all in one word: a thread
 * takes a part by counting it there. While it holds one, the job cannot be another.
 */
enum { TAKEN_BITS = 16, PARTS_BITS = 16 };
#define PARTS_MASK ((1u << PARTS_BITS) - 1)
#define TAKEN_MASK ((1u << TAKEN_BITS) - 1)

struct crew {
    _Alignas(LINE) atomic_uint_fast64_t board; // job number, parts, parts taken
    crew_part *function;                       // of this job: written while no part is held
    void *context;
    _Alignas(LINE) atomic_int undone; // parts of this job

    _Alignas(LINE) pthread_mutex_t lock; // only for sleeping
    pthread_cond_t job, done;
    atomic_int sleepers; // helpers
    atomic_bool waiting; // the owner, for the last part
    atomic_bool stop;
    double woken; // when the owner did so last
    int helpers;
    pthread_t helper[CREW_MOST_THREADS - 1];
};

static inline void breathe(int looks) {
    if (looks % LOOKS_IN_A_ROW == LOOKS_IN_A_ROW - 1) {
        sched_yield();
        return;
    }
#if defined(__x86_64__) || defined(__i386__)
    __builtin_ia32_pause();
#elif defined(__aarch64__)
    __asm__ volatile("yield");
#endif
}

static bool has_parts(uint_fast64_t board) {
    return (board & TAKEN_MASK) < (board >> TAKEN_BITS & PARTS_MASK);
}

/* The number of a part that is now the caller's, or -1. */
static int take_part(struct crew *crew) {
    uint_fast64_t board = atomic_load_explicit(&crew->board, memory_order_acquire);
    while (has_parts(board)) {
        if (atomic_compare_exchange_weak_explicit(&crew->board, &board, board + 1,
                                                  memory_order_acquire, memory_order_acquire)) {
            return (int)(board & TAKEN_MASK);
        }
    }
    return -1;
}

/* Take and do parts while there are any. Were there? */
static bool do_parts(struct crew *crew) {
    int part = take_part(crew);
    if (part < 0) {
        return false;
    }
    for (; part >= 0; part = take_part(crew)) {
        crew->function(crew->context, part);
        // the last one looks whether the owner sleeps, who looks whether it was the last one
        if (atomic_fetch_sub(&crew->undone, 1) == 1 && atomic_load(&crew->waiting)) {
            pthread_mutex_lock(&crew->lock);
            pthread_cond_signal(&crew->done);
            pthread_mutex_unlock(&crew->lock);
        }
    }
    return true;
}

static void sleep_until_job(struct crew *crew) {
    pthread_mutex_lock(&crew->lock);
    atomic_fetch_add(&crew->sleepers, 1);
    while (!has_parts(atomic_load(&crew->board)) && !atomic_load(&crew->stop)) {
        pthread_cond_wait(&crew->job, &crew->lock);
    }
    atomic_fetch_sub(&crew->sleepers, 1);
    pthread_mutex_unlock(&crew->lock);
}

static void *helper_main(void *context) {
    struct crew *crew = context;
    denormals_flush();
    for (int looks = 0; !atomic_load_explicit(&crew->stop, memory_order_relaxed); looks++) {
        if (do_parts(crew)) {
            looks = 0;
        } else if (looks < LOOKS) {
            breathe(looks);
        } else {
            sleep_until_job(crew);
            looks = 0;
        }
    }
    return NULL;
}

int crew_available(void) {
    int count = 0;
#ifdef CPU_COUNT
    cpu_set_t cores;
    if (sched_getaffinity(0, sizeof cores, &cores) == 0) {
        count = CPU_COUNT(&cores);
    }
#endif
    if (count == 0) {
        count = (int)sysconf(_SC_NPROCESSORS_ONLN);
    }
    return count < 1 ? 1 : count > CREW_MOST_THREADS ? CREW_MOST_THREADS : count;
}

/*
 * Helpers wake and sleep so often that some systems leave them on the core of the thread that wakes
 * them, where they can only take turns: they keep off it, if there is a core for each.
 */
static void keep_off_this_core(pthread_attr_t *attributes, int threads) {
#if defined(CPU_COUNT) && defined(__linux__)
    cpu_set_t cores;
    int here = sched_getcpu();
    if (here >= 0 && sched_getaffinity(0, sizeof cores, &cores) == 0 &&
        CPU_COUNT(&cores) >= threads) {
        CPU_CLR((size_t)here, &cores);
        pthread_attr_setaffinity_np(attributes, sizeof cores, &cores);
    }
#else
    (void)attributes, (void)threads;
#endif
}

struct crew *crew_create(int threads) {
    REQUIRE(threads >= 1 && threads <= CREW_MOST_THREADS);
    struct crew *crew = threads > 1 ? aligned_alloc(LINE, sizeof *crew) : NULL;
    if (!crew) {
        return NULL;
    }
    *crew = (struct crew){ .function = NULL };
    pthread_mutex_init(&crew->lock, NULL);
    pthread_cond_init(&crew->job, NULL);
    pthread_cond_init(&crew->done, NULL);
    pthread_attr_t attributes;
    pthread_attr_init(&attributes);
    pthread_attr_setstacksize(&attributes, STACK);
    keep_off_this_core(&attributes, threads);
    while (crew->helpers < threads - 1 &&
           pthread_create(&crew->helper[crew->helpers], &attributes, helper_main, crew) == 0) {
        crew->helpers++;
    }
    pthread_attr_destroy(&attributes);
    return crew;
}

void crew_destroy(struct crew *crew) {
    if (!crew) {
        return;
    }
    pthread_mutex_lock(&crew->lock);
    atomic_store(&crew->stop, true);
    pthread_cond_broadcast(&crew->job);
    pthread_mutex_unlock(&crew->lock);
    for (int i = 0; i < crew->helpers; i++) {
        pthread_join(crew->helper[i], NULL);
    }
    pthread_cond_destroy(&crew->done);
    pthread_cond_destroy(&crew->job);
    pthread_mutex_destroy(&crew->lock);
    free(crew);
}

int crew_threads(const struct crew *crew) {
    return crew ? crew->helpers + 1 : 1;
}

/* Until the helpers have done the parts they hold. */
static void wait_until_done(struct crew *crew) {
    for (int looks = 0; looks < LOOKS; looks++) {
        if (atomic_load_explicit(&crew->undone, memory_order_acquire) == 0) {
            return;
        }
        breathe(looks);
    }
    pthread_mutex_lock(&crew->lock);
    atomic_store(&crew->waiting, true);
    while (atomic_load(&crew->undone) > 0) {
        pthread_cond_wait(&crew->done, &crew->lock);
    }
    atomic_store(&crew->waiting, false);
    pthread_mutex_unlock(&crew->lock);
}

static void wake_helpers(struct crew *crew) {
    double now = clock_seconds();
    if (now - crew->woken >= wake_seconds) {
        crew->woken = now;
        pthread_mutex_lock(&crew->lock);
        pthread_cond_broadcast(&crew->job);
        pthread_mutex_unlock(&crew->lock);
    }
}

void crew_run(struct crew *crew, int parts, crew_part *function, void *context) {
    REQUIRE(parts <= CREW_MOST_PARTS);
    if (parts < 2 || crew_threads(crew) == 1) {
        for (int part = 0; part < parts; part++) {
            function(context, part);
        }
        return;
    }
    crew->function = function;
    crew->context = context;
    atomic_store_explicit(&crew->undone, parts, memory_order_relaxed);
    uint_fast64_t job =
        atomic_load_explicit(&crew->board, memory_order_relaxed) >> (TAKEN_BITS + PARTS_BITS);
    // who goes to sleep counts itself first and looks at the board then: one of us sees the other
    atomic_store(&crew->board, ((job + 1) << PARTS_BITS | (uint_fast64_t)parts) << TAKEN_BITS);
    if (atomic_load(&crew->sleepers) > 0) {
        wake_helpers(crew);
    }
    do_parts(crew);
    wait_until_done(crew);
}
