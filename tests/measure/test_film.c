#include "base/check.h"

#include <math.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "base/require.h"
#include "measure/film.h"

static const struct look nothing = { .kind = LOOK_NONE };

/* Contents follow from the step, so that what comes back proves where it is from. */

static uint32_t mix(uint64_t a) {
    a = (a ^ (a >> 31)) * 0x9E3779B97F4A7C15u;
    a = (a ^ (a >> 29)) * 0xBF58476D1CE4E5B9u;
    return (uint32_t)(a >> 32);
}

/* Words with so many noisy bytes each, every `gap`-th one. */
static void fill_words(void *to, size_t size, uint64_t seed, int bytes, int gap) {
    unsigned char *at = to;
    for (size_t i = 0; i + 4 <= size; i += 4) {
        uint32_t word = i / 4 % (size_t)gap == 0 ? mix(seed + i) : 0;
        word = bytes < 4 ? word & ((1u << 8 * bytes) - 1) : word;
        memcpy(at + i, &word, 4);
    }
}

/* A layer with doubles that change and counts as large as `bytes` bytes hold. */
static void fill_layer(struct layer_stats *layer, uint64_t seed, int bytes, int gap) {
    fill_words(layer, sizeof *layer, seed, 4, 1);
    fill_words(layer->z_histogram.counts, sizeof layer->z_histogram.counts, seed + 1, bytes, 1);
    fill_words(layer->h_histogram.counts, sizeof layer->h_histogram.counts, seed + 2, bytes, gap);
    fill_words(layer->weight_histogram.counts, sizeof layer->weight_histogram.counts, seed + 3,
               bytes, 1);
    fill_words(layer->delta_histogram.counts, sizeof layer->delta_histogram.counts, seed + 4, bytes,
               gap);
    fill_words(layer->gradient_histogram.counts, sizeof layer->gradient_histogram.counts, seed + 6,
               bytes, gap);
    fill_words(layer->weight_gradient_histogram.counts,
               sizeof layer->weight_gradient_histogram.counts, seed + 5, bytes, gap);
    fill_words(layer->gradient_histogram.counts, sizeof layer->gradient_histogram.counts, seed + 6,
               bytes, gap);
}

static void fill(struct snapshot *snapshot, int64_t step, int runs, int a, int b, int bytes,
                 int gap) {
    struct part parts[SNAPSHOT_PARTS];
    const int layers[] = { a, b };
    snapshot->runs = runs;
    for (int r = 0; r < runs; r++) {
        snapshot->run[r].layers = layers[r];
    }
    int count = snapshot_parts(snapshot, parts);
    for (int i = 0; i < count; i++) {
        void *part = (unsigned char *)snapshot + parts[i].offset;
        if (parts[i].size == sizeof(struct layer_stats)) {
            fill_layer(part, (uint64_t)step * 1000003u + (uint64_t)i * 977u, bytes, gap);
        } else { // mostly the same all along
            fill_words(part, parts[i].size, (uint64_t)i, 2, 3);
            fill_words(part, 64, (uint64_t)step, 4, 1);
        }
    }
    snapshot->runs = runs;
    for (int r = 0; r < runs; r++) {
        snapshot->run[r].layers = layers[r];
    }
    snapshot->step = step;
}

static void assert_same(const struct snapshot *got, const struct snapshot *want) {
    struct part parts[SNAPSHOT_PARTS];
    int count = snapshot_parts(want, parts);
    for (int i = 0; i < count; i++) {
        assert_memory_equal((const unsigned char *)got + parts[i].offset,
                            (const unsigned char *)want + parts[i].offset, parts[i].size);
    }
}

static struct film *create(size_t budget) {
    struct film *film = film_create(budget);
    assert_non_null(film);
    return film;
}

static struct film_frame *frame_create(void) {
    struct film_frame *frame = calloc(1, sizeof *frame);
    assert_non_null(frame);
    return frame;
}

static struct snapshot *snapshot_create(void) {
    struct snapshot *snapshot = calloc(1, sizeof *snapshot);
    assert_non_null(snapshot);
    return snapshot;
}

static void an_empty_film_has_nothing(void **state) {
    (void)state;
    struct film *film = create(FILM_LEAST);
    struct film_frame *frame = frame_create();
    static struct film_ridges ridges;
    assert_false(film_at(film, 0, &nothing, frame));
    film_layer(film, 1, (const int64_t[]){ 0, 1 }, 2, &ridges);
    assert_int_equal(ridges.count, 0);
    assert_true(film_bytes(film) <= FILM_LEAST);
    film_destroy(film);
    film_destroy(NULL);
    free(frame);
}

/* All that is in use, byte by byte; what is not is left alone. */
static void what_comes_out_is_what_went_in(void **state) {
    (void)state;
    static const int shapes[][3] = { { 1, 1, 0 }, { 1, 0, 0 },  { 2, 0, 3 },
                                     { 2, 4, 2 }, { 1, 40, 0 }, { 2, 200, 200 } };
    struct film_frame *frame = frame_create();
    struct snapshot *snapshot = snapshot_create();
    for (int i = 0; i < ARRAY_LEN(shapes); i++) {
        const int *shape = shapes[i];
        struct film *film = create(32 << 20);
        for (int64_t step = 0; step < 6; step++) {
            fill(snapshot, 3 * step, shape[0], shape[1], shape[2], 1 + (int)step % 4, 1);
            assert_true(film_add(film, snapshot));
        }
        for (int64_t wanted = 17; wanted >= -1; wanted--) {
            int64_t step = wanted < 0 ? 0 : wanted / 3 > 5 ? 5 : wanted / 3;
            fill(snapshot, 3 * step, shape[0], shape[1], shape[2], 1 + (int)step % 4, 1);
            struct moments *unused = &frame->snapshot.run[1].layer[199].h;
            if (shape[2] < 200) {
                memset(unused, 77, sizeof *unused);
            }
            assert_true(film_at(film, wanted, &nothing, frame));
            assert_int_equal(frame->snapshot.step, 3 * step);
            assert_same(&frame->snapshot, snapshot);
            assert_true(shape[2] == 200 || *(unsigned char *)unused == 77);
        }
        film_destroy(film);
    }
    free(snapshot);
    free(frame);
}

/* A snapshot that is there already is not unpacked again; one of another run with its step is. */
static void it_is_unpacked_once(void **state) {
    (void)state;
    struct film *film = create(4 << 20);
    struct film_frame *frame = frame_create();
    struct snapshot *snapshot = snapshot_create();
    fill(snapshot, 0, 1, 3, 0, 2, 1);
    assert_true(film_add(film, snapshot));
    assert_true(film_at(film, 0, &nothing, frame));
    frame->snapshot.epoch = 1234.5;
    assert_true(film_at(film, 9, &nothing, frame));
    assert_true(frame->snapshot.epoch == 1234.5);
    film_reset(film);
    assert_false(film_at(film, 0, &nothing, frame));
    fill(snapshot, 0, 2, 1, 5, 3, 1);
    assert_true(film_add(film, snapshot));
    assert_true(film_at(film, 0, &nothing, frame));
    assert_same(&frame->snapshot, snapshot);
    film_destroy(film);
    free(snapshot);
    free(frame);
}

static void one_layer_is_what_the_whole_has(void **state) {
    (void)state;
    static struct film_ridges ridges;
    static const int64_t steps[] = { -5, 0, 2, 3, 4, 11, 12, 40, 41, 90, 1000 };
    static const int64_t found[] = { 0, 2, 4, 10, 12, 40, 48 };
    struct film *film = create(8 << 20);
    struct film_frame *frame = frame_create();
    struct snapshot *snapshot = snapshot_create();
    for (int64_t step = 0; step < 50; step += 2) {
        fill(snapshot, step, 2, 5, 3, 2, 1);
        assert_true(film_add(film, snapshot));
    }
    for (int layer = 1; layer <= 6; layer++) {
        film_layer(film, layer, steps, ARRAY_LEN(steps), &ridges);
        assert_int_equal(ridges.count, ARRAY_LEN(found));
        assert_int_equal(ridges.layer, layer);
        assert_memory_equal(ridges.step, found, sizeof found);
        for (int i = 0; i < ridges.count; i++) {
            assert_true(film_at(film, ridges.step[i], &nothing, frame));
            for (int r = 0; r < 2; r++) {
                assert_int_equal(ridges.there[r][i], layer <= (r == 0 ? 5 : 3));
                if (ridges.there[r][i]) {
                    assert_memory_equal(&ridges.stats[r][i],
                                        &frame->snapshot.run[r].layer[layer - 1],
                                        sizeof(struct layer_stats));
                }
            }
        }
    }
    film_destroy(film);
    free(snapshot);
    free(frame);
}

/* The steps that are in the film, from the newest back. Returns how many. */
static int list_steps(struct film *film, struct film_frame *frame, int64_t *steps) {
    int count = 0;
    for (int64_t step = INT64_MAX;; step = frame->snapshot.step - 1) {
        assert_true(film_at(film, step, &nothing, frame));
        if (count > 0 && frame->snapshot.step == steps[count - 1]) {
            return count; // the first once more
        }
        steps[count++] = frame->snapshot.step;
    }
}

/*
 * A million steps in a small budget: the first hundred stay, the newest is there, memory never
 * grows beyond the budget, and the gaps are all about as long in log time.
 */
static void a_million_steps_are_thinned_in_log_time(void **state) {
    (void)state;
    enum { BUDGET = 6 << 20, APART = 97 };
    static int64_t steps[FILM_FRAMES + 1];
    struct film *film = create(BUDGET);
    struct film_frame *frame = frame_create();
    struct snapshot *snapshot = snapshot_create();
    size_t most = 0;
    for (int64_t step = 0; step <= 1000000; step += step < FILM_KEPT ? 1 : APART) {
        fill(snapshot, step, 1, 2, 0, 2, 2);
        assert_true(film_add(film, snapshot));
        size_t bytes = film_bytes(film);
        most = bytes > most ? bytes : most;
        assert_true(bytes <= BUDGET);
        assert_true(film_at(film, step, &nothing, frame));
        assert_int_equal(frame->snapshot.step, step);
    }
    assert_true(most > BUDGET - 20000);
    int count = list_steps(film, frame, steps);
    assert_true(count > 300);
    for (int i = 0; i <= FILM_KEPT; i++) {
        assert_int_equal(steps[count - 1 - i], i);
    }
    int later = count - 1 - FILM_KEPT;
    double even = log(1e6 / FILM_KEPT) / later, least = APART / 100.0;
    for (int i = 0; i < later; i++) {
        double gap = log((double)steps[i] / (double)steps[i + 1]);
        double arrival = (double)APART / (double)steps[i + 1]; // no closer than they came
        assert_true(gap < 3.0 * even + arrival);
        least = i > 0 && gap < least ? gap : least; // the newest may come right after another
    }
    assert_true(least > even / 4.0);
    film_destroy(film);
    free(snapshot);
    free(frame);
}

/*
 * Ten layers in the budget of the program, to which every step is offered: it takes those that it
 * wants, so each of the first steps is there, and near any later one, at hardly any cost.
 */
static void what_is_wanted_covers_a_million_steps(void **state) {
    (void)state;
    const size_t budget = FILM_SHARE((size_t)256 << 20);
    struct film *film = create(budget);
    struct film_frame *frame = frame_create();
    struct snapshot *snapshot = snapshot_create();
    int added = 0;
    for (int64_t step = 0; step <= 1000000; step++) {
        if (film_wants(film, step)) {
            fill(snapshot, step, 2, 10, 10, 2, 2);
            assert_true(film_add(film, snapshot));
            added++;
        }
    }
    double decades = log(1e6 / FILM_KEPT) / log(1.0 + 1.0 / FILM_PART);
    assert_true(added > FILM_KEPT + 0.9 * decades && added < FILM_KEPT + 1.1 * decades);
    assert_true(film_bytes(film) < budget / 4);
    for (int64_t step = 0; step <= 1000000; step += 1 + step / 50) {
        assert_true(film_at(film, step, &nothing, frame));
        int64_t found = frame->snapshot.step;
        assert_true(found == step || (step > FILM_KEPT && found >= step - step / FILM_PART));
        fill(snapshot, found, 2, 10, 10, 2, 2);
        assert_same(&frame->snapshot, snapshot);
    }
    film_destroy(film);
    free(snapshot);
    free(frame);
}

/* The largest networks, with the noisiest contents that twins of 200 layers can have. */
static void the_first_hundred_steps_of_the_largest_fit(void **state) {
    (void)state;
    const size_t budget = (size_t)192 << 20;
    struct film *film = create(budget);
    struct film_frame *frame = frame_create();
    struct snapshot *snapshot = snapshot_create();
    for (int64_t step = 0; step <= 130; step++) {
        fill(snapshot, step, 2, 200, 200, 2, 2);
        bool added = film_add(film, snapshot);
        assert_true(added || step > FILM_KEPT);
        assert_true(film_bytes(film) <= budget);
    }
    for (int64_t step = 0; step <= FILM_KEPT; step += 25) {
        fill(snapshot, step, 2, 200, 200, 2, 2);
        assert_true(film_at(film, step, &nothing, frame));
        assert_same(&frame->snapshot, snapshot);
    }
    film_destroy(film);
    free(snapshot);
    free(frame);
}

/* Where even the kept steps do not fit, later ones are refused, and what is there stays whole. */
static void a_budget_too_small_refuses(void **state) {
    (void)state;
    struct film *film = create(2 << 20);
    struct film_frame *frame = frame_create();
    struct snapshot *snapshot = snapshot_create();
    int64_t refused = -1;
    for (int64_t step = 0; step <= 150; step++) {
        fill(snapshot, step, 2, 30, 30, 2, 1);
        if (!film_add(film, snapshot) && refused < 0) {
            refused = step;
        }
        assert_true(film_bytes(film) <= 2 << 20);
    }
    assert_true(refused > 1 && refused <= FILM_KEPT);
    for (int64_t step = 0; step < refused; step++) {
        fill(snapshot, step, 2, 30, 30, 2, 1);
        assert_true(film_at(film, step, &nothing, frame));
        assert_same(&frame->snapshot, snapshot);
    }
    film_destroy(film);
    free(snapshot);
    free(frame);
}

/* None before another; which ones are wanted, by hand. */
static void steps_must_not_fall(void **state) {
    (void)state;
    static const int64_t wanted[] = { 98, 99, 100, 104, 108, 112, 116, 120, 124, 128, 133 };
    struct film *film = create(FILM_LEAST);
    struct snapshot *snapshot = snapshot_create();
    int next = 0;
    for (int64_t step = 0; step <= 136; step++) {
        bool wants = film_wants(film, step);
        bool listed = next < ARRAY_LEN(wanted) && step == wanted[next];
        assert_int_equal(wants, step < 98 || listed);
        next += listed;
        if (wants) {
            snapshot->step = step;
            assert_true(film_add(film, snapshot));
            snapshot->step--;
            assert_false(film_add(film, snapshot));
            assert_false(film_wants(film, step));
        }
    }
    film_reset(film);
    assert_true(film_wants(film, 0));
    snapshot->step = 0;
    assert_true(film_add(film, snapshot));
    film_destroy(film);
    free(snapshot);
}

/* A reader that looks while the writer adds, thins and resets. */
struct reader {
    struct film *film;
    atomic_bool stop;
    atomic_long looks;
    long torn;
};

static bool whole(const struct snapshot *got, struct snapshot *want) {
    struct part parts[SNAPSHOT_PARTS];
    bool same = got->runs == 1 + (int)(got->step % 2 == 1);
    int count = snapshot_parts(got, parts);
    fill(want, got->step, got->runs, got->run[0].layers, got->run[1].layers, 2, 1);
    for (int i = 0; same && i < count; i++) {
        same = memcmp((const unsigned char *)got + parts[i].offset,
                      (const unsigned char *)want + parts[i].offset, parts[i].size) == 0;
    }
    return same;
}

static void *read_on(void *context) {
    struct reader *reader = context;
    struct film_frame *frame = calloc(1, sizeof *frame);
    struct film_ridges *ridges = calloc(1, sizeof *ridges);
    struct snapshot *want = calloc(1, sizeof *want);
    for (int64_t i = 0; frame && ridges && want && !atomic_load(&reader->stop); i++) {
        int64_t step = i * 7919 % 3000;
        if (film_at(reader->film, step, &nothing, frame)) {
            reader->torn += !whole(&frame->snapshot, want);
        }
        film_layer(reader->film, 2, (const int64_t[]){ 5, step + 6, step + 100 }, 3, ridges);
        atomic_fetch_add(&reader->looks, 1);
    }
    free(frame);
    free(ridges);
    free(want);
    return NULL;
}

static void a_reader_may_look_at_any_time(void **state) {
    (void)state;
    struct snapshot *snapshot = snapshot_create();
    struct reader reader = { .film = create(3 << 20) };
    pthread_t thread;
    assert_int_equal(pthread_create(&thread, NULL, read_on, &reader), 0);
    for (int round = 0; round < 5 || atomic_load(&reader.looks) < 300; round++) {
        film_reset(reader.film);
        for (int64_t step = 0; step < 3000; step += step < FILM_KEPT ? 1 : 7) {
            fill(snapshot, step, 1 + (int)(step % 2 == 1), 2, 1 + round % 4, 2, 1);
            film_add(reader.film, snapshot);
        }
    }
    atomic_store(&reader.stop, true);
    pthread_join(thread, NULL);
    assert_int_equal(reader.torn, 0);
    film_destroy(reader.film);
    free(snapshot);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_empty_film_has_nothing),
        cmocka_unit_test(what_comes_out_is_what_went_in),
        cmocka_unit_test(it_is_unpacked_once),
        cmocka_unit_test(one_layer_is_what_the_whole_has),
        cmocka_unit_test(a_million_steps_are_thinned_in_log_time),
        cmocka_unit_test(what_is_wanted_covers_a_million_steps),
        cmocka_unit_test(the_first_hundred_steps_of_the_largest_fit),
        cmocka_unit_test(a_budget_too_small_refuses),
        cmocka_unit_test(steps_must_not_fall),
        cmocka_unit_test(a_reader_may_look_at_any_time),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
