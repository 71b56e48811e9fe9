#include "base/check.h"

#include <string.h>

#include "measure/event_log.h"

static void events_stand_in_order(void **state) {
    (void)state;
    struct event_log log = { 0 };
    event_log_mark(&log, 0, "tanh → ReLU");
    event_log_mark(&log, 70, "batch 32");
    assert_int_equal(log.count, 2);
    assert_int_equal(log.event[0].step, 0);
    assert_int_equal(log.event[0].changes, 1);
    assert_string_equal(log.event[0].text, "tanh → ReLU");
    assert_int_equal(log.event[1].step, 70);
    assert_string_equal(log.event[1].text, "batch 32");
}

static void at_one_step_the_sum_counts(void **state) {
    (void)state;
    struct event_log log = { 0 };
    event_log_mark(&log, 3, "batch 32");
    event_log_mark(&log, 9, "SGD → Adam");
    event_log_mark(&log, 9, "SGD → AdamW");
    assert_int_equal(log.count, 2);
    assert_string_equal(log.event[1].text, "SGD → AdamW");
    assert_int_equal(log.event[1].changes, 1);
    event_log_mark(&log, 9, "");
    assert_int_equal(log.count, 1);
    assert_string_equal(log.event[0].text, "batch 32");
    event_log_mark(&log, 12, ""); // nothing to say
    assert_int_equal(log.count, 1);
}

static void the_oldest_become_one(void **state) {
    (void)state;
    struct event_log log = { 0 };
    for (int i = 0; i < EVENT_LOG_MOST + 10; i++) {
        event_log_mark(&log, 10 * i, i % 2 ? "odd" : "even");
    }
    assert_int_equal(log.count, EVENT_LOG_MOST);
    assert_int_equal(log.event[0].changes, 11);
    assert_int_equal(log.event[0].step, 100);
    assert_string_equal(log.event[0].text, "11 changes");
    int changes = 0;
    for (int i = 0; i < log.count; i++) {
        changes += log.event[i].changes;
        assert_int_equal(log.event[i].step, 10 * (i + 10));
    }
    assert_int_equal(changes, EVENT_LOG_MOST + 10);
    assert_string_equal(log.event[1].text, "odd");
    assert_string_equal(log.event[EVENT_LOG_MOST - 1].text, "odd");
}

static void a_long_text_is_cut(void **state) {
    (void)state;
    struct event_log log = { 0 };
    char text[300];
    memset(text, 'x', sizeof text);
    text[sizeof text - 1] = '\0';
    event_log_mark(&log, 1, text);
    assert_int_equal(strlen(log.event[0].text), EVENT_LOG_TEXT - 1);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(events_stand_in_order),
        cmocka_unit_test(at_one_step_the_sum_counts),
        cmocka_unit_test(the_oldest_become_one),
        cmocka_unit_test(a_long_text_is_cut),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
