#include "base/check.h"

#include <stdatomic.h>
#include <unistd.h>

#include "base/require.h"
#include "engine/crew.h"
#include "engine/denormals.h"
#include "tools.h"

enum { MOST_PARTS = 300 };

struct job {
    int done[MOST_PARTS];     // how often part i was done
    atomic_int arrived;       // parts that have begun
    atomic_int together;      // parts that wait for each other
    float smallest, half[64]; // half of the smallest number, by part
};

static void count_part(void *context, int part) {
    struct job *job = context;
    job->done[part]++;
}

static void every_part_is_done_once(void **state) {
    (void)state;
    static const int parts[] = { 0, 1, 2, 3, 7, 64, MOST_PARTS };
    for (int threads = 1; threads <= 5; threads++) {
        struct crew *crew = crew_create(threads);
        assert_int_equal(crew_threads(crew), threads);
        for (int i = 0; i < 3000; i++) {
            struct job job = { .smallest = 0 };
            int count = parts[i % ARRAY_LEN(parts)];
            crew_run(crew, count, count_part, &job);
            for (int part = 0; part < MOST_PARTS; part++) {
                assert_int_equal(job.done[part], part < count);
            }
        }
        crew_destroy(crew);
    }
}

/* Ends only if as many threads are in it at the same time as there are parts. */
static void meet(void *context, int part) {
    struct job *job = context;
    atomic_fetch_add(&job->arrived, 1);
    while (atomic_load(&job->arrived) < atomic_load(&job->together)) {
        usleep(10);
    }
    job->done[part]++;
    job->half[part] = job->smallest * 0.5f;
}

/* Also when they had gone to sleep; and what is too small is zero on all of them. */
static void all_threads_take_part(void **state) {
    (void)state;
    for (int threads = 2; threads <= 5; threads++) {
        struct crew *crew = crew_create(threads);
        for (int i = 0; i < 20; i++) {
            struct job job = { .together = threads, .smallest = FLT_MIN };
            crew_run(crew, threads, meet, &job);
            for (int part = 0; part < threads; part++) {
                assert_int_equal(job.done[part], 1);
                assert_true(job.half[part] == 0.0f);
            }
            usleep(i % 2 ? 3000 : 200); // a crew is not woken twice within 100 us
        }
        crew_destroy(crew);
    }
}

static void add_part(void *context, int part) {
    int *sum = context;
    usleep(part == 0 ? 2000 : 0); // the owner falls asleep over it, or the others do
    __atomic_fetch_add(sum, part, __ATOMIC_RELAXED);
}

static void the_owner_waits_for_the_slowest_part(void **state) {
    (void)state;
    struct crew *crew = crew_create(2);
    for (int i = 0; i < 100; i++) {
        int sum = 0;
        crew_run(crew, 6, add_part, &sum);
        assert_int_equal(sum, 15);
    }
    crew_destroy(crew);
}

static void one_thread_needs_no_crew(void **state) {
    (void)state;
    assert_null(crew_create(1));
    assert_int_equal(crew_threads(NULL), 1);
    struct job job = { .smallest = 0 };
    crew_run(NULL, 5, count_part, &job);
    assert_int_equal(job.done[4], 1);
    crew_destroy(NULL);
    assert_true(crew_available() >= 1 && crew_available() <= CREW_MOST_THREADS);
}

int main(void) {
    denormals_flush();
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_part_is_done_once),
        cmocka_unit_test(all_threads_take_part),
        cmocka_unit_test(the_owner_waits_for_the_slowest_part),
        cmocka_unit_test(one_thread_needs_no_crew),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
