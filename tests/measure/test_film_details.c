#include "base/check.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/require.h"
#include "measure/film.h"

/* What views looked at closer, in the film: contents follow from the step. */

static const struct look nothing = { .kind = LOOK_NONE }, data = { .kind = LOOK_DATA };

static struct look layer_of(int layer) {
    return (struct look){ .kind = LOOK_LAYER, .layer = layer, .unit = 1 };
}

/* Words that nothing can pack, as those of weights. */
static void fill_words(void *to, size_t size, uint64_t seed) {
    unsigned char *at = to;
    for (size_t i = 0; i + 4 <= size; i += 4) {
        uint64_t word = (seed + i + 1) * 0x9E3779B97F4A7C15u;
        word = (word ^ (word >> 29)) * 0xBF58476D1CE4E5B9u;
        uint32_t half = (uint32_t)(word >> 32) | 0x01010101u;
        memcpy(at + i, &half, 4);
    }
}

/* All but what the parts follow from. */
static void fill_layer_detail(struct layer_detail *detail, int layer, int side, int64_t step) {
    struct part parts[LAYER_DETAIL_PARTS];
    memset(detail, 0, offsetof(struct layer_detail, order));
    detail->layer = layer;
    detail->unit = 1 + (int)(step % 5);
    detail->units = detail->weights = detail->rows = detail->columns = side;
    detail->activations = 7;
    detail->drivers = 3;
    detail->features = 12;
    int count = layer_detail_parts(detail, parts);
    for (int i = 1; i < count; i++) {
        fill_words((char *)detail + parts[i].offset, parts[i].size,
                   (uint64_t)step * 100003u + (uint64_t)i * 977u);
    }
}

static void assert_same_layer(const struct layer_detail *got, int layer, int side, int64_t step) {
    static struct layer_detail want; // large
    struct part parts[LAYER_DETAIL_PARTS];
    fill_layer_detail(&want, layer, side, step);
    int count = layer_detail_parts(&want, parts);
    for (int i = 0; i < count; i++) {
        assert_memory_equal((const char *)got + parts[i].offset,
                            (const char *)&want + parts[i].offset, parts[i].size);
    }
}

static void fill_data_detail(struct data_detail *detail, enum data_form form, int rbm,
                             int64_t step) {
    static struct part parts[DATA_DETAIL_PARTS];
    memset(detail, 0, sizeof *detail);
    detail->made = true;
    detail->form = form;
    detail->step = step;
    detail->runs = 2;
    detail->picture = (struct data_shape){ 5, 3, 1, 1 };
    detail->examples = form == DATA_PICTURES ? 9 : 0;
    detail->points = form == DATA_PLANE ? 17 : 0;
    detail->side = form == DATA_PLANE ? 13 : 0;
    for (int r = 0; r < 2; r++) {
        struct data_run *run = &detail->run[r];
        run->step = step;
        run->confusion[3][r] = (uint32_t)step + 1;
        run->hard = 4 + r;
        fill_words(run->hardest, sizeof run->hardest, (uint64_t)step + 5u);
        run->rbm.layer = r < rbm ? 2 : 0;
        if (run->rbm.layer > 0) {
            run->rbm.filters = 6;
            run->rbm.examples = 4;
            run->rbm.filter_shape = run->rbm.input_shape = (struct data_shape){ 3, 3, 3, 1 };
            run->rbm.error = 0.25 + (double)step;
        }
    }
    int count = data_detail_parts(detail, parts);
    for (int i = 0; i < count; i++) { // pictures, points, cells: what the parts do not follow from
        size_t at = parts[i].offset;
        bool first =
            at >= offsetof(struct data_detail, pictures) && at < offsetof(struct data_detail, low);
        bool point = at == offsetof(struct data_detail, point);
        if (first || point) {
            fill_words((char *)detail + at, parts[i].size, (uint64_t)step * 31u + at);
        }
    }
    for (int r = 0; r < 2; r++) {
        struct data_run *run = &detail->run[r];
        fill_words(run->cell, sizeof run->cell, (uint64_t)step + 11u);
        fill_words(run->point, sizeof run->point, (uint64_t)step + 12u);
        fill_words(run->hardest_picture, sizeof run->hardest_picture, (uint64_t)step + 13u);
        fill_words(run->example, sizeof run->example, (uint64_t)step + 14u);
        fill_words(run->rbm.filter, sizeof run->rbm.filter, (uint64_t)step + 15u);
        fill_words(run->rbm.made, sizeof run->rbm.made, (uint64_t)step + 16u);
    }
}

/* Field by field, by what the header says is in use. */
static void assert_same_data(const struct data_detail *got, const struct data_detail *want) {
    assert_true(got->made && got->form == want->form && got->step == want->step);
    assert_int_equal(got->examples, want->examples);
    for (int i = 0; i < want->examples; i++) {
        assert_memory_equal(got->pictures[i], want->pictures[i], 15);
    }
    assert_memory_equal(got->point, want->point, (size_t)want->points * sizeof want->point[0]);
    assert_int_equal(got->runs, want->runs);
    for (int r = 0; r < want->runs; r++) {
        const struct data_run *a = &got->run[r], *b = &want->run[r];
        assert_memory_equal(a->confusion, b->confusion, sizeof a->confusion);
        assert_memory_equal(a->hardest, b->hardest, sizeof a->hardest);
        assert_int_equal(a->rbm.layer, b->rbm.layer);
        for (int i = 0; want->form == DATA_PICTURES && i < b->hard; i++) {
            assert_memory_equal(a->hardest_picture[i], b->hardest_picture[i], 15);
        }
        if (want->form == DATA_PICTURES) {
            assert_memory_equal(a->example, b->example, 9 * sizeof a->example[0]);
        }
        if (want->form == DATA_PLANE) {
            assert_memory_equal(a->cell, b->cell, 13 * 13 * sizeof a->cell[0]);
            assert_memory_equal(a->point, b->point, 17 * sizeof a->point[0]);
        }
        for (int i = 0; b->rbm.layer > 0 && i < 6; i++) {
            assert_memory_equal(a->rbm.filter[i], b->rbm.filter[i], 27);
            assert_memory_equal(a->rbm.made[i % 4], b->rbm.made[i % 4], 27);
            assert_true(a->rbm.error == b->rbm.error);
        }
    }
}

struct stage {
    struct film *film;
    struct film_frame *frame;
    struct snapshot *snapshot;
};

/* With one hidden layer, the output's stats as its only other part. */
static struct stage stage_create(size_t budget) {
    struct stage stage = { film_create(budget), calloc(1, sizeof *stage.frame),
                           calloc(1, sizeof *stage.snapshot) };
    assert_true(stage.film && stage.frame && stage.snapshot);
    stage.snapshot->has_runs = true;
    stage.snapshot->runs = 1;
    stage.snapshot->run[0].layers = 1;
    return stage;
}

static void stage_finish(struct stage *stage) {
    film_destroy(stage->film);
    free(stage->frame);
    free(stage->snapshot);
}

static void add(struct stage *stage, int64_t step) {
    stage->snapshot->step = step;
    stage->snapshot->run[0].loss = 1.0 / (double)(step + 1);
    assert_true(film_add(stage->film, stage->snapshot));
}

static bool add_layer(struct stage *stage, int64_t step, int layer, int side) {
    add(stage, step);
    fill_layer_detail(&stage->snapshot->detail[0], layer, side, step);
    return film_add_detail(stage->film, stage->snapshot, LOOK_LAYER);
}

/* The detail of layer 1 around a step; false: none. */
static bool layer_at(struct stage *stage, int64_t step) {
    const struct look look = layer_of(1);
    assert_true(film_at(stage->film, step, &look, stage->frame));
    return stage->frame->snapshot.detail[0].layer > 0;
}

static void a_layer_comes_out_as_it_went_in(void **state) {
    (void)state;
    struct stage stage = stage_create(64 << 20);
    const struct snapshot *got = &stage.frame->snapshot;
    stage.snapshot->runs = 2;
    for (int64_t step = 0; step < 40; step++) {
        int side = 3 + 17 * (int)(step % 7);
        fill_layer_detail(&stage.snapshot->detail[1], 2, side + 1, step + 1000);
        stage.snapshot->detail[1].layer = step % 3 == 0 ? 0 : 2;
        assert_true(add_layer(&stage, step, 2, side));
    }
    for (int64_t step = 39; step >= 0; step--) {
        const struct look look = layer_of(2);
        int side = 3 + 17 * (int)(step % 7);
        assert_true(film_at(stage.film, step, &look, stage.frame));
        assert_int_equal(got->step, step);
        assert_same_layer(&got->detail[0], 2, side, step);
        assert_int_equal(got->detail[1].layer, step % 3 == 0 ? 0 : 2);
        if (step % 3 != 0) {
            assert_same_layer(&got->detail[1], 2, side + 1, step + 1000);
        }
        assert_false(layer_at(&stage, step)); // another layer was not looked at
        assert_true(film_at(stage.film, step, &data, stage.frame));
        assert_false(got->data_detail.made);
        assert_true(film_at(stage.film, step, &nothing, stage.frame));
        assert_int_equal(got->detail[0].layer, 0);
    }
    stage_finish(&stage);
}

static void data_come_out_as_they_went_in(void **state) {
    (void)state;
    static struct data_detail want;
    struct stage stage = stage_create(64 << 20);
    for (int64_t step = 0; step < 18; step++) {
        add(&stage, step);
        fill_data_detail(&stage.snapshot->data_detail, (enum data_form)(step % 3),
                         (int)(step / 3 % 3), step);
        assert_true(film_add_detail(stage.film, stage.snapshot, LOOK_DATA));
    }
    for (int64_t i = 0; i < 36; i++) {
        int64_t step = i * 7 % 18;
        fill_data_detail(&want, (enum data_form)(step % 3), (int)(step / 3 % 3), step);
        assert_true(film_at(stage.film, step, &data, stage.frame));
        assert_int_equal(stage.frame->snapshot.step, step);
        assert_same_data(&stage.frame->snapshot.data_detail, &want);
    }
    stage_finish(&stage);
}

/* A view prefers what it wants to see to what is newest, but not from long before. */
static void a_little_older_is_better_than_nothing(void **state) {
    (void)state;
    struct stage stage = stage_create(16 << 20);
    struct log_histogram *gradients = &stage.snapshot->run[0].layer[0].gradient_histogram;
    const struct look wants_gradients = { .kind = LOOK_GRADIENTS };
    assert_true(add_layer(&stage, 99, 1, 5)); // each of the first steps is itself
    add(&stage, FILM_KEPT);
    assert_true(!layer_at(&stage, FILM_KEPT) && stage.frame->snapshot.step == FILM_KEPT);
    add(&stage, FILM_KEPT + 3); // the first of the later ones may be one of them
    assert_true(layer_at(&stage, FILM_KEPT + 4) && stage.frame->snapshot.step == 99);
    assert_true(add_layer(&stage, 1000, 1, 5));
    gradients->n = 3;
    add(&stage, 1010);
    gradients->n = 0;
    add(&stage, 1040);
    add(&stage, 1080);
    assert_true(layer_at(&stage, 1040) && stage.frame->snapshot.step == 1000);
    assert_true(stage.frame->snapshot.run[0].loss == 1.0 / 1001.0); // all of the same step
    assert_true(!layer_at(&stage, 1080) &&
                stage.frame->snapshot.step == 1080); // > 1000 + 1000 / 16
    assert_true(film_at(stage.film, 1040, &nothing, stage.frame));
    assert_int_equal(stage.frame->snapshot.step, 1040);
    assert_true(film_at(stage.film, 1040, &wants_gradients, stage.frame));
    assert_int_equal(stage.frame->snapshot.step, 1010);
    stage_finish(&stage);
}

/* Once more at a step that is there: what came last, and the details of before where it has none.
 */
static void the_newest_of_a_step_wins(void **state) {
    (void)state;
    struct stage stage = stage_create(16 << 20);
    add(&stage, 0);
    add(&stage, 1);
    assert_true(add_layer(&stage, 2, 1, 5));
    size_t bytes = film_bytes(stage.film);
    for (int again = 0; again < 50; again++) {
        stage.snapshot->run[0].accuracy = 0.01 * again;
        assert_true(film_add(stage.film, stage.snapshot));
        assert_true(layer_at(&stage, 2));
        assert_true(stage.frame->snapshot.run[0].accuracy == 0.01 * again);
        assert_same_layer(&stage.frame->snapshot.detail[0], 1, 5, 2);
        assert_true(film_bytes(stage.film) <= bytes + 4096);
    }
    fill_layer_detail(&stage.snapshot->detail[0], 1, 9, 2);
    assert_true(film_add_detail(stage.film, stage.snapshot, LOOK_LAYER));
    assert_true(layer_at(&stage, 7));
    assert_same_layer(&stage.frame->snapshot.detail[0], 1, 9, 2);
    add(&stage, 3);
    assert_true(layer_at(&stage, 2) && stage.frame->snapshot.step == 2);
    stage.snapshot->step = 2;
    assert_false(film_add(stage.film, stage.snapshot));     // no longer the newest
    fill_layer_detail(&stage.snapshot->detail[0], 1, 6, 2); // but may be looked at once more
    assert_true(film_add_detail(stage.film, stage.snapshot, LOOK_LAYER));
    assert_true(layer_at(&stage, 2));
    assert_same_layer(&stage.frame->snapshot.detail[0], 1, 6, 2);
    stage.snapshot->step = 7;
    assert_false(film_add_detail(stage.film, stage.snapshot, LOOK_LAYER)); // which is not there
    stage_finish(&stage);
}

/* All of the first steps, later one in 32 parts, whatever snapshots come in between; by hand. */
static void details_are_wanted_like_snapshots(void **state) {
    (void)state;
    static const int64_t wanted[] = { 98, 99, 100, 104, 108, 112, 116, 120, 124, 128, 133 };
    struct stage stage = stage_create(16 << 20);
    const struct look look = layer_of(1), other = layer_of(2);
    int next = 0;
    for (int64_t step = 0; step <= 136; step++) {
        bool wants = film_wants_detail(stage.film, step, &look);
        bool listed = next < ARRAY_LEN(wanted) && step == wanted[next];
        assert_int_equal(wants, step < 98 || listed);
        next += listed;
        add(&stage, step);
        if (wants) {
            assert_true(add_layer(&stage, step, 1, 5));
            assert_false(film_wants_detail(stage.film, step, &look));
        }
        assert_true(film_wants_detail(stage.film, step, &other));
        assert_true(film_wants_detail(stage.film, step, &data));
        assert_false(film_wants_detail(stage.film, step, &nothing));
    }
    stage_finish(&stage);
}

/* What the film lacks of a step that is there: the unit counts, too, as far as there is one. */
static void a_film_lacks_what_was_not_looked_at(void **state) {
    (void)state;
    struct stage stage = stage_create(16 << 20);
    struct look look = layer_of(1);
    for (int64_t step = 0; step < 10; step++) {
        add(&stage, step);
    }
    assert_true(film_lacks(stage.film, 4, &look) && film_lacks(stage.film, 9, &data));
    assert_false(film_lacks(stage.film, 10, &look));
    for (int64_t step = 8; step >= 0; step -= 2) { // in any order
        stage.snapshot->step = step;
        fill_layer_detail(&stage.snapshot->detail[0], 1, 5, step);
        assert_true(film_add_detail(stage.film, stage.snapshot, LOOK_LAYER));
    }
    for (int64_t step = 0; step < 10; step++) {
        look.unit = 1 + (int)(step % 5);
        assert_int_equal(film_lacks(stage.film, step, &look), step % 2 == 1);
        look.unit = 1 + (int)((step + 1) % 5);
        assert_true(film_lacks(stage.film, step, &look));
        look.unit = 500; // there is none: that is the last one
        assert_int_equal(film_lacks(stage.film, step, &look), step % 2 == 1 || step % 5 != 4);
        assert_true(film_lacks(stage.film, step, &data));
        assert_int_equal(layer_at(&stage, step), step % 2 == 0);
        assert_int_equal(stage.frame->snapshot.step, step);
    }
    stage_finish(&stage);
}

/* A change at a step that is there: it is wanted again, and nothing of it is shown meanwhile. */
static void a_step_can_be_taken_again(void **state) {
    (void)state;
    struct stage stage = stage_create(16 << 20);
    for (int64_t step = 0; step <= 1000; step += 500) {
        assert_true(add_layer(&stage, step, 1, 5));
        assert_false(film_wants(stage.film, step));
    }
    film_retake(stage.film, 500); // long gone by
    assert_false(film_wants(stage.film, 1001));
    film_retake(stage.film, 1000);
    assert_true(film_wants(stage.film, 1000) && film_wants(stage.film, 1001));
    assert_true(film_at(stage.film, 1000, &nothing, stage.frame));
    assert_int_equal(stage.frame->snapshot.step, 500);
    add(&stage, 1000);
    assert_false(film_wants(stage.film, 1000) || film_wants(stage.film, 1001));
    assert_false(layer_at(&stage, 1000));
    assert_int_equal(stage.frame->snapshot.step, 1000);
    assert_true(layer_at(&stage, 500));
    stage_finish(&stage);
}

enum { STEPS = 4000 };

/* Which of the steps up to STEPS has a detail. */
static int count_details(struct stage *stage, bool there[STEPS + 1]) {
    int count = 0;
    for (int64_t step = 0; step <= STEPS; step++) {
        there[step] = layer_at(stage, step) && stage->frame->snapshot.step == step;
        count += there[step];
    }
    return count;
}

/*
 * More details than there is room for: they take half of the budget, those of the first steps stay
 * as long as they are no more than half of that, the others lie evenly in log time, and no snapshot
 * of the first steps is lost.
 */
static void details_are_thinned_like_snapshots(void **state) {
    (void)state;
    static const int sides[] = { 20, 55, 110 }; // 0.4, 1.6 and 5.4 MB for the first 101 of 3.6
    static bool there[STEPS + 1];
    for (int i = 0; i < ARRAY_LEN(sides); i++) {
        struct stage stage = stage_create(8 << 20);
        for (int64_t step = 0; step <= STEPS; step++) {
            if (film_wants(stage.film, step) || step % 10 == 0) {
                assert_true(add_layer(&stage, step, 1, sides[i]));
            }
            assert_true(film_bytes(stage.film) <= 8 << 20);
        }
        int count = count_details(&stage, there), first = 0;
        for (int64_t step = 0; step <= FILM_KEPT; step++) {
            first += there[step];
            assert_true(film_at(stage.film, step, &nothing, stage.frame));
            assert_int_equal(stage.frame->snapshot.step, step);
        }
        assert_true(there[STEPS]);
        assert_true(i < 2 ? first == FILM_KEPT + 1 : first > 20 && first < FILM_KEPT);
        assert_true(count - first > (i < 2 ? 60 : 15));
        double even = log((double)STEPS / FILM_KEPT) / (count - first);
        int64_t before = FILM_KEPT;
        for (int64_t step = FILM_KEPT + 1; step <= STEPS; step++) {
            if (there[step]) {
                assert_true(log((double)step / (double)before) < 3.5 * even + 0.04);
                before = step;
            }
        }
        stage_finish(&stage);
    }
}

/* What is too large for it altogether is refused and costs nothing that was there. */
static void one_that_is_too_large_is_refused(void **state) {
    (void)state;
    struct stage stage = stage_create(4 << 20);
    for (int64_t step = 0; step < 20; step++) {
        assert_true(add_layer(&stage, step, 1, 30));
    }
    assert_false(add_layer(&stage, 20, 1, 400));
    assert_true(film_at(stage.film, 20, &nothing, stage.frame));
    assert_int_equal(stage.frame->snapshot.step, 20);
    for (int64_t step = 0; step < 20; step++) {
        assert_true(layer_at(&stage, step));
        assert_int_equal(stage.frame->snapshot.step, step);
    }
    stage.snapshot->detail[0].layer = 0;
    stage.snapshot->data_detail.made = false;
    assert_false(film_add_detail(stage.film, stage.snapshot, LOOK_LAYER));
    assert_false(film_add_detail(stage.film, stage.snapshot, LOOK_DATA));
    assert_false(film_add_detail(stage.film, stage.snapshot, LOOK_GRADIENTS));
    stage_finish(&stage);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_layer_comes_out_as_it_went_in),
        cmocka_unit_test(data_come_out_as_they_went_in),
        cmocka_unit_test(a_little_older_is_better_than_nothing),
        cmocka_unit_test(the_newest_of_a_step_wins),
        cmocka_unit_test(details_are_wanted_like_snapshots),
        cmocka_unit_test(a_film_lacks_what_was_not_looked_at),
        cmocka_unit_test(a_step_can_be_taken_again),
        cmocka_unit_test(details_are_thinned_like_snapshots),
        cmocka_unit_test(one_that_is_too_large_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
