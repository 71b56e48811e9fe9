#include "base/check.h"

#include <math.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "base/child.h"
#include "base/random.h"
#include "base/require.h"
#include "measure/history.h"

/*
 * The history beside a slow twin of it: a list of steps, every second of which is given up when the
 * list is full. Values are functions of the step, so that what comes back proves where it is from.
 */

enum { MOST_ROWS = 30000 };

static float value_at(int run, int layer, int quantity, int64_t step) {
    return (float)step * 0.5f + (float)(run * 100000 + layer * 10 + quantity);
}

static float scalar_at(int run, int scalar, int64_t step) {
    return (float)step * -0.25f + (float)(run * 1000 + scalar);
}

static void record_fill(struct history_record *record, int64_t step, int runs, const int *layers) {
    record->step = step;
    for (int r = 0; r < runs; r++) {
        for (int s = 0; s < HISTORY_SCALARS; s++) {
            record->scalar[r][s] = scalar_at(r, s, step);
        }
        for (int l = 0; l < layers[r]; l++) {
            for (int q = 0; q < HISTORY_QUANTITIES; q++) {
                record->layer[r][l][q] = value_at(r, l, q, step);
            }
        }
    }
}

static size_t row_bytes(int runs, const int *layers) {
    size_t floats = 0;
    for (int r = 0; r < runs; r++) {
        floats += HISTORY_SCALARS + (size_t)layers[r] * HISTORY_QUANTITIES;
    }
    return sizeof(int64_t) + floats * sizeof(float);
}

/* The slow twin. */
struct steps {
    int64_t step[MOST_ROWS];
    size_t count, capacity;
    int64_t stride;
};

static void steps_append(struct steps *steps, int64_t step) {
    if (step > HISTORY_KEPT && step % steps->stride != 0) {
        return;
    }
    if (steps->count == steps->capacity) {
        size_t to = 0;
        steps->stride *= 2;
        for (size_t i = 0; i < steps->count; i++) {
            if (steps->step[i] <= HISTORY_KEPT || steps->step[i] % steps->stride == 0) {
                steps->step[to++] = steps->step[i];
            }
        }
        steps->count = to;
    }
    steps->step[steps->count++] = step;
}

static int64_t newest_until(const struct steps *steps, int64_t step) {
    int64_t newest = steps->step[0];
    for (size_t i = 0; i < steps->count && steps->step[i] <= step; i++) {
        newest = steps->step[i];
    }
    return newest;
}

static void assert_column(const struct history_view *view, int c, const int *layers) {
    int64_t step = view->step[c];
    for (int r = 0; r < view->runs; r++) {
        for (int s = 0; s < HISTORY_SCALARS; s++) {
            assert_true(view->scalar[r][s][c] == scalar_at(r, s, step));
        }
        for (int q = 0; q < HISTORY_QUANTITIES; q++) {
            for (int l = 0; l < layers[r] && (view->quantities >> q & 1); l++) {
                assert_true(view->layer[q][r][l][c] == value_at(r, l, q, step));
            }
        }
    }
}

static int64_t within(int64_t step, int64_t low, int64_t high) {
    return step < low ? low : step > high ? high : step;
}

/* Ask for a part in so many columns and compare it with the slow twin's. */
static void assert_part(struct history *history, const struct steps *steps,
                        const struct history_query *query, int runs, const int *layers) {
    static struct history_view view;
    history_sample(history, query, &view);
    int64_t first = steps->step[0], last = steps->step[steps->count - 1];
    if (query->high >= query->low) {
        int64_t begin = within(query->low, first, last);
        last = within(query->high, begin, last);
        first = begin;
    }
    size_t rows = 1; // the one that `first` falls on, and those behind it
    for (size_t i = 0; i < steps->count; i++) {
        rows += steps->step[i] > first && steps->step[i] <= last;
    }
    size_t most = (size_t)(query->columns < HISTORY_COLUMNS ? query->columns : HISTORY_COLUMNS);
    assert_int_equal(view.columns, most < rows ? most : rows);
    assert_int_equal(view.runs, runs);
    assert_memory_equal(view.layers, layers, (size_t)runs * sizeof *layers);
    assert_int_equal(view.quantities, query->quantities);
    assert_int_equal(view.first_step, first);
    assert_int_equal(view.last_step, last);
    assert_true(query->now || view.bytes_used == steps->count * row_bytes(runs, layers));
    assert_true(view.bytes_used <= view.bytes_budget);
    double span = (double)(view.last_step - view.first_step);
    for (int c = 0; c < view.columns; c++) {
        double share = view.columns > 1 ? (double)c / (view.columns - 1) : 1.0;
        int64_t step = view.first_step + (int64_t)(span * share + 0.5);
        assert_int_equal(view.step[c], newest_until(steps, step));
        assert_column(&view, c, layers);
    }
    assert_true(view.columns == 0 ||
                view.step[view.columns - 1] == newest_until(steps, view.last_step));
}

/* All of it, and some parts, too. */
static void assert_sample(struct history *history, const struct steps *steps, int columns, int runs,
                          const int *layers) {
    unsigned some = (unsigned)columns % (1u << HISTORY_QUANTITIES);
    int64_t last = steps->step[steps->count - 1];
    struct history_query query = { .columns = columns, .quantities = some, .high = -1 };
    assert_part(history, steps, &query, runs, layers);
    for (int64_t low = -3; low <= last + 3; low += last / 3 + 2) {
        for (int64_t width = 0; width <= last; width += last / 2 + 1) {
            query.low = low;
            query.high = low + width;
            assert_part(history, steps, &query, runs, layers);
        }
    }
}

static struct history *create(size_t budget, int runs, const int *layers) {
    struct history *history = history_create(budget);
    assert_non_null(history);
    history_reset(history, runs, layers);
    return history;
}

static void nothing_recorded_is_no_columns(void **state) {
    (void)state;
    static struct history_view view;
    const int layers[] = { 4, 0 };
    struct history *history = create(1 << 20, 1, layers);
    history_sample(history, &(struct history_query){ 100, 1, 0, -1, NULL }, &view);
    assert_int_equal(view.columns, 0);
    assert_int_equal(view.bytes_used, 0);
    assert_int_equal(view.bytes_budget, 1 << 20);
    history_destroy(history);
    history_destroy(NULL);
}

/* One record, two, and more than there are columns. */
static void every_step_is_there_while_there_is_room(void **state) {
    (void)state;
    static struct history_record record;
    static struct steps steps;
    const int layers[] = { 7, 3 };
    struct history *history = create(4 << 20, 2, layers);
    steps = (struct steps){ .capacity = MOST_ROWS, .stride = 1 };
    for (int64_t step = 0; step < 2000; step++) {
        record_fill(&record, step, 2, layers);
        history_append(history, &record);
        steps_append(&steps, step);
        if (step < 20 || step % 397 == 0) {
            for (int columns = 1; columns <= 600; columns += 37) {
                assert_sample(history, &steps, columns, 2, layers);
            }
        }
    }
    assert_sample(history, &steps, HISTORY_COLUMNS, 2, layers);
    history_destroy(history);
}

/*
 * The smallest budgets, thinned again and again: the first hundred steps stay, the rest gets
 * coarser and never shorter, and all values are measured ones.
 */
static void thinning_keeps_what_it_should(void **state) {
    (void)state;
    static struct history_record record;
    static struct steps steps;
    const int layers[] = { 1, 2 };
    for (size_t capacity = 2 * HISTORY_KEPT + 1; capacity < 2 * HISTORY_KEPT + 60; capacity += 9) {
        struct history *history = create(capacity * row_bytes(2, layers), 2, layers);
        steps = (struct steps){ .capacity = capacity, .stride = 1 };
        int64_t thinnings = 0;
        for (int64_t step = 0; step < 40000; step++) {
            int64_t stride = steps.stride;
            record_fill(&record, step, 2, layers);
            history_append(history, &record);
            steps_append(&steps, step);
            bool thinned = steps.stride != stride;
            thinnings += thinned;
            if (thinned || step % 4999 == 0) {
                assert_sample(history, &steps, HISTORY_COLUMNS, 2, layers);
                assert_sample(history, &steps, 10 + (int)(step % 400), 2, layers);
            }
            assert_true(step < HISTORY_KEPT || steps.step[HISTORY_KEPT] == HISTORY_KEPT);
        }
        assert_true(thinnings >= 7);
        history_destroy(history);
    }
}

/* A million steps of twins with ten layers in 8 MiB. */
static void a_million_steps_fit_the_budget(void **state) {
    (void)state;
    static struct history_record record;
    static struct steps steps;
    static struct history_view view;
    const int layers[] = { 10, 10 };
    const size_t budget = 8u << 20;
    struct history *history = create(budget, 2, layers);
    steps = (struct steps){ .capacity = budget / row_bytes(2, layers), .stride = 1 };
    assert_true(steps.capacity <= MOST_ROWS);
    size_t most = 0;
    for (int64_t step = 0; step < 1000000; step++) {
        record_fill(&record, step, 2, layers);
        history_append(history, &record);
        steps_append(&steps, step);
        most = steps.count > most ? steps.count : most;
    }
    assert_sample(history, &steps, HISTORY_COLUMNS, 2, layers);
    assert_true(most == steps.capacity && steps.count > steps.capacity / 2);
    history_sample(history, &(struct history_query){ HISTORY_COLUMNS, 1, 0, -1, NULL }, &view);
    assert_true(view.last_step >= 1000000 - 64);
    for (int c = 1; c < view.columns; c++) { // evenly spread
        int64_t gap = view.step[c] - view.step[c - 1];
        assert_true(gap > 1800 && gap < 2100);
    }
    history_destroy(history);
}

/*
 * The step that is reached ends the history whether it is recorded yet, was left out, or is not the
 * newest one any more; that of another run does not.
 */
static void it_ends_where_the_run_is(void **state) {
    (void)state;
    static struct history_record record, now;
    static struct history_view view;
    static struct steps steps, shown;
    const int layers[] = { 3, 2 };
    const size_t capacity = 2 * HISTORY_KEPT + 20;
    struct history *history = create(capacity * row_bytes(2, layers), 2, layers);
    struct history_query query = { HISTORY_COLUMNS, 2, 0, -1, &now };
    record_fill(&now, 3, 2, layers);
    history_sample(history, &query, &view);
    assert_int_equal(view.columns, 0); // of another run: this one has none yet
    record_fill(&now, 0, 2, layers);
    history_sample(history, &query, &view);
    assert_true(view.columns == 1 && view.last_step == 0 && view.bytes_used == 0);
    assert_column(&view, 0, layers);
    steps = (struct steps){ .capacity = capacity, .stride = 1 };
    for (int64_t step = 0; step < 3000; step++) {
        record_fill(&record, step, 2, layers);
        history_append(history, &record);
        steps_append(&steps, step);
        for (int64_t at = step + 1; step % 7 == 0 && at >= 0; at -= 1 + at / 3) {
            shown = steps;
            while (shown.step[shown.count - 1] > at) {
                shown.count--;
            }
            if (shown.step[shown.count - 1] < at) {
                shown.step[shown.count++] = at;
            }
            record_fill(&now, at, 2, layers);
            assert_part(history, &shown, &query, 2, layers);
        }
    }
    assert_true(steps.stride > 8);
    record_fill(&now, steps.step[steps.count - 1] + steps.stride + 1, 2, layers);
    assert_true(now.step > 2999);
    history_sample(history, &query, &view);
    assert_int_equal(view.last_step, steps.step[steps.count - 1]);
    query = (struct history_query){ 20, 2, 1000, 2000, &now };
    record_fill(&now, 1500, 2, layers);
    history_sample(history, &query, &view);
    assert_true(view.first_step == 1000 && view.last_step == 1500);
    history_destroy(history);
}

static void a_reset_forgets(void **state) {
    (void)state;
    static struct history_record record;
    static struct steps steps;
    const int layers[] = { 5, 5 }, others[] = { 9, 0 };
    struct history *history = create(1 << 18, 2, layers);
    for (int64_t step = 0; step < 5000; step++) {
        record_fill(&record, step, 2, layers);
        history_append(history, &record);
    }
    history_reset(history, 1, others);
    steps = (struct steps){ .capacity = (1 << 18) / row_bytes(1, others), .stride = 1 };
    for (int64_t step = 0; step < 3000; step++) { // other shapes, and steps from 0 again
        record_fill(&record, step, 1, others);
        history_append(history, &record);
        steps_append(&steps, step);
    }
    assert_sample(history, &steps, 300, 1, others);
    history_destroy(history);
}

static void append_step(void *step) {
    static struct history_record record;
    const int layers[] = { 1, 1 };
    struct history *history = history_create(1 << 20);
    history_reset(history, 1, layers);
    record.step = 7;
    history_append(history, &record);
    record.step = *(int64_t *)step;
    history_append(history, &record);
    history_destroy(history);
}

static void steps_must_rise(void **state) {
    (void)state;
    struct child child;
    assert_true(child_run(&child, append_step, &(int64_t){ 7 }) && child_aborted(&child));
    assert_true(child_run(&child, append_step, &(int64_t){ 8 }) && child_succeeded(&child));
}

/* A reader that samples while the writer appends, thins and resets. */
struct reader {
    struct history *history;
    atomic_bool stop;
    atomic_long samples;
    long torn; // columns whose values are not those of their step
    long backward;
};

static void *read_on(void *context) {
    struct reader *reader = context;
    struct history_view *view = calloc(1, sizeof *view);
    int columns = 1;
    while (view && !atomic_load(&reader->stop)) {
        columns = columns * 7 % 509 + 1;
        history_sample(reader->history,
                       &(struct history_query){ columns, 1u << HISTORY_DELTA_RMS, 0, -1, NULL },
                       view);
        for (int c = 0; c < view->columns; c++) {
            int64_t step = view->step[c];
            bool whole = view->runs >= 1 && view->runs <= 2;
            for (int r = 0; whole && r < view->runs; r++) {
                whole = view->scalar[r][HISTORY_LOSS][c] == scalar_at(r, HISTORY_LOSS, step);
                for (int l = 0; whole && l < view->layers[r]; l++) {
                    whole = view->layer[HISTORY_DELTA_RMS][r][l][c] ==
                            value_at(r, l, HISTORY_DELTA_RMS, step);
                }
            }
            reader->torn += !whole;
            reader->backward += c > 0 && step < view->step[c - 1];
        }
        atomic_fetch_add(&reader->samples, 1);
    }
    free(view);
    return NULL;
}

static void a_reader_may_look_at_any_time(void **state) {
    (void)state;
    static struct history_record record;
    const int shapes[][2] = { { 6, 2 }, { 1, 9 }, { 20, 20 } };
    struct reader reader = { .history = create(60000, 2, shapes[0]) };
    pthread_t thread;
    assert_int_equal(pthread_create(&thread, NULL, read_on, &reader), 0);
    for (int round = 0; round < 60 || atomic_load(&reader.samples) < 300; round++) {
        const int *layers = shapes[round % 2];
        history_reset(reader.history, 1 + round % 2, layers);
        for (int64_t step = 0; step < 3000; step++) {
            record_fill(&record, step, 1 + round % 2, layers);
            history_append(reader.history, &record);
        }
    }
    atomic_store(&reader.stop, true);
    pthread_join(thread, NULL);
    assert_int_equal(reader.torn, 0);
    assert_int_equal(reader.backward, 0);
    history_destroy(reader.history);
}

/* Changes stay whatever is thinned, and go with a reset. */
static void events_outlive_thinning(void **state) {
    (void)state;
    const int layers[SNAPSHOT_RUNS] = { 1, 0 };
    static struct history_record record;
    static struct history_view view;
    struct history *history = history_create(400 * row_bytes(1, layers));
    assert_non_null(history);
    history_reset(history, 1, layers);
    for (int64_t step = 0; step < 5000; step++) {
        if (step == 7 || step == 333) {
            history_mark(history, step, step == 7 ? "batch 8" : "tanh → ReLU");
        }
        record_fill(&record, step, 1, layers);
        history_append(history, &record);
    }
    history_sample(history, &(struct history_query){ 10, 1 << HISTORY_H_MEAN, 0, -1, NULL }, &view);
    assert_int_equal(view.events.count, 2);
    assert_int_equal(view.events.event[0].step, 7);
    assert_string_equal(view.events.event[0].text, "batch 8");
    assert_int_equal(view.events.event[1].step, 333);
    assert_string_equal(view.events.event[1].text, "tanh → ReLU");
    history_reset(history, 1, layers);
    history_sample(history, &(struct history_query){ 10, 1 << HISTORY_H_MEAN, 0, -1, NULL }, &view);
    assert_int_equal(view.events.count, 0);
    history_destroy(history);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(nothing_recorded_is_no_columns),
        cmocka_unit_test(every_step_is_there_while_there_is_room),
        cmocka_unit_test(thinning_keeps_what_it_should),
        cmocka_unit_test(a_million_steps_fit_the_budget),
        cmocka_unit_test(it_ends_where_the_run_is),
        cmocka_unit_test(a_reset_forgets),
        cmocka_unit_test(events_outlive_thinning),
        cmocka_unit_test(steps_must_rise),
        cmocka_unit_test(a_reader_may_look_at_any_time),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
