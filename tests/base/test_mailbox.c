#include "check.h"

#include <pthread.h>
#include <sched.h>
#include <semaphore.h>

#include "base/mailbox.h"

enum { HAND_OVERS = 2000000, READ_AT_LEAST = 3000, WORDS = 8 };
#define LAST (1u << 31)

static void newest_value_wins(void **state) {
    (void)state;
    struct mailbox box;
    int slot[MAILBOX_SLOTS] = { 0 };
    mailbox_init(&box);
    assert_false(mailbox_waiting(&box));
    assert_int_equal(slot[mailbox_latest(&box)], 0);

    slot[box.back] = 1;
    assert_true(mailbox_publish(&box)); // the reader had caught up
    assert_true(mailbox_waiting(&box));
    slot[box.back] = 2;
    assert_false(mailbox_publish(&box));
    slot[box.back] = 3;
    assert_false(mailbox_publish(&box));

    assert_int_equal(slot[mailbox_latest(&box)], 3);
    assert_false(mailbox_waiting(&box));
    assert_int_equal(slot[mailbox_latest(&box)], 3);
    slot[box.back] = 4;
    assert_true(mailbox_publish(&box));
    assert_int_equal(slot[mailbox_latest(&box)], 4);
}

static void the_three_slots_stay_apart(void **state) {
    (void)state;
    struct mailbox box;
    mailbox_init(&box);
    for (unsigned i = 0; i < 1000; i++) {
        if (i * 2654435761u & 1u << 31) {
            mailbox_publish(&box);
        } else {
            mailbox_latest(&box);
        }
        unsigned spare = atomic_load(&box.spare) & ~MAILBOX_FRESH;
        assert_int_equal(1u << box.front | 1u << box.back | 1u << spare, 7);
    }
}

/*
 * A writer that publishes until the reader has seen enough different values, and a reader. Both
 * give up the processor in the middle of a slot now and then, so that a slot held by both is
 * found out even where only one of them runs at a time.
 */
struct feed {
    struct mailbox box;
    unsigned slot[MAILBOX_SLOTS][WORDS]; // all words of a slot are the value's number
    sem_t nudge;
    atomic_bool enough; // set by the reader
};

static void *write_values(void *argument) {
    struct feed *feed = argument;
    unsigned mark = 0;
    for (unsigned value = 1; mark == 0; value++) {
        mark = value >= HAND_OVERS && atomic_load(&feed->enough) ? LAST : 0;
        unsigned *slot = feed->slot[feed->box.back];
        for (int i = 0; i < WORDS; i++) {
            slot[i] = value | mark;
            if (i == WORDS / 2 && value % 256 == 0) {
                sched_yield();
            }
        }
        if (mailbox_publish(&feed->box)) {
            sem_post(&feed->nudge);
        }
    }
    return NULL;
}

struct outcome {
    unsigned last;
    int torn, stepped_back;
    int values; // different ones
};

static void read_value(struct feed *feed, struct outcome *outcome) {
    const unsigned *slot = feed->slot[mailbox_latest(&feed->box)];
    unsigned word = slot[0];
    sched_yield();
    for (int i = 1; i < WORDS; i++) {
        outcome->torn += slot[i] != word;
    }
    outcome->stepped_back += (word & ~LAST) < outcome->last;
    outcome->values += word != outcome->last;
    outcome->last = word;
    atomic_store(&feed->enough, outcome->values >= READ_AT_LEAST);
}

static struct outcome run_threads(bool wait_for_nudges) {
    struct feed feed = { 0 };
    struct outcome outcome = { 0 };
    pthread_t writer;
    mailbox_init(&feed.box);
    assert_int_equal(sem_init(&feed.nudge, 0, 0), 0);
    assert_int_equal(pthread_create(&writer, NULL, write_values, &feed), 0);
    while (!(outcome.last & LAST)) {
        if (wait_for_nudges) {
            sem_wait(&feed.nudge);
        }
        read_value(&feed, &outcome);
    }
    pthread_join(writer, NULL);
    sem_destroy(&feed.nudge);
    return outcome;
}

static void no_value_is_torn_or_older_than_the_last(void **state) {
    (void)state;
    struct outcome outcome = run_threads(false);
    assert_int_equal(outcome.torn, 0);
    assert_int_equal(outcome.stepped_back, 0);
    assert_true(outcome.values >= READ_AT_LEAST);
}

/* A lost nudge leaves the reader waiting for ever: meson's time limit is then the assertion. */
static void nudges_alone_lead_to_the_last_value(void **state) {
    (void)state;
    struct outcome outcome = run_threads(true);
    assert_int_equal(outcome.torn, 0);
    assert_int_equal(outcome.stepped_back, 0);
    assert_true(outcome.values >= READ_AT_LEAST);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(newest_value_wins),
        cmocka_unit_test(the_three_slots_stay_apart),
        cmocka_unit_test(no_value_is_torn_or_older_than_the_last),
        cmocka_unit_test(nudges_alone_lead_to_the_last_value),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
