#include "base/check.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/random.h"
#include "base/require.h"
#include "measure/data_detail.h"

static double uniform(uint32_t row, uint32_t column) {
    double u;
    random_uniforms(&(struct random_stream){ .seed = 5, .purpose = RANDOM_DATA_INPUT }, row, column,
                    1, &u);
    return u;
}

static void the_highest_score_is_the_prediction(void **state) {
    (void)state;
    const real three[] = { 0.2f, 0.7f, 0.1f }, equal[] = { 0.1f, 0.3f, 0.3f, 0.3f };
    struct data_answer answer = data_answer_of(three, 3, 41, 2);
    assert_int_equal(answer.number, 41);
    assert_int_equal(answer.label, 2);
    assert_int_equal(answer.predicted, 1);
    assert_true(answer.own == 0.1f && answer.shown == 3);
    assert_true(answer.best[0] == 1 && answer.best[1] == 0 && answer.best[2] == 2);
    assert_true(answer.score[0] == 0.7f && answer.score[1] == 0.2f && answer.score[2] == 0.1f);
    answer = data_answer_of(equal, 4, 0, 3);
    assert_int_equal(answer.predicted, 1);
    assert_true(answer.best[1] == 2 && answer.best[2] == 3);
}

static void a_single_output_is_of_class_one(void **state) {
    (void)state;
    const real sure = 0.75f, unsure = 0.5f, nearly = 0.5f + 5e-7f, minus = -3.0f;
    struct data_answer answer = data_answer_of(&sure, 1, 0, 0);
    assert_true(answer.predicted == 1 && answer.own == 0.25f && answer.score[0] == 0.75f);
    assert_int_equal(answer.shown, 2);
    assert_int_equal(data_answer_of(&unsure, 1, 0, 0).predicted, DATA_NONE);
    assert_int_equal(data_answer_of(&nearly, 1, 0, 1).predicted, DATA_NONE);
    answer = data_answer_of(&minus, 1, 0, 0); // mse: a score is no probability
    assert_true(answer.predicted == 0 && answer.own == 4.0f && answer.score[1] == -3.0f);
    struct data_cell cell = data_cell_of(&sure, 1);
    assert_true(cell.predicted == 1 && cell.score == 0.75f && cell.margin == 0.5f);
}

static void what_is_not_a_number_predicts_nothing(void **state) {
    (void)state;
    const real some[] = { 0.2f, NAN, 0.1f }, all[] = { NAN, NAN };
    struct data_answer answer = data_answer_of(some, 3, 0, 1);
    assert_int_equal(answer.predicted, DATA_NONE);
    assert_true(isnan(answer.own) && answer.best[0] == 0 && answer.best[2] == 1);
    answer = data_answer_of(all, 2, 0, 1);
    assert_true(answer.predicted == DATA_NONE && answer.best[0] != answer.best[1]);
    assert_int_equal(data_cell_of(all, 1).predicted, DATA_NONE);
    assert_int_equal(data_cell_of(all, 2).predicted, DATA_NONE);
}

/* Answers of n examples by dice, with equal ones and some that are none. */
static struct data_answer dealt(int i, int classes) {
    real scores[DATA_CLASSES];
    for (int k = 0; k < classes; k++) {
        double u = uniform((uint32_t)i, (uint32_t)k);
        scores[k] = u < 0.003 ? NAN : (real)(floor(u * 40.0) / 40.0);
    }
    return data_answer_of(scores, classes, i, (uint8_t)(uniform((uint32_t)i, 99) * classes));
}

static void every_example_is_counted_once(void **state) {
    (void)state;
    enum { N = 5000, CLASSES = 7 };
    static struct data_run run;
    memset(&run, 0, sizeof run);
    uint32_t expected[CLASSES][CLASSES] = { { 0 } }, none[CLASSES] = { 0 };
    double correct = 0.0;
    for (int i = 0; i < N; i++) {
        struct data_answer answer = dealt(i, CLASSES);
        data_count(&run, &answer);
        if (answer.predicted == DATA_NONE) {
            none[answer.label]++;
            correct += isnan(answer.own) ? 0.0 : 0.5;
        } else {
            expected[answer.label][answer.predicted]++;
            correct += answer.predicted == answer.label;
        }
    }
    uint32_t all = 0;
    for (int a = 0; a < CLASSES; a++) {
        assert_int_equal(run.none[a], none[a]);
        all += none[a];
        for (int b = 0; b < CLASSES; b++) {
            assert_int_equal(run.confusion[a][b], expected[a][b]);
            all += expected[a][b];
        }
    }
    assert_int_equal(all, N);
    assert_true(run.none[0] > 0 && run.correct == correct);
}

static void classes_beyond_the_matrix_are_left_out_of_it(void **state) {
    (void)state;
    static struct data_run run, before;
    static real scores[200];
    scores[150] = 1.0f;
    memset(&run, 0, sizeof run);
    before = run;
    struct data_answer answer = data_answer_of(scores, 200, 0, 150);
    data_count(&run, &answer);
    assert_true(run.correct == 1.0);
    assert_memory_equal(run.confusion, before.confusion, sizeof run.confusion);
}

static int harder(const void *a, const void *b) {
    const struct data_answer *p = a, *q = b;
    double x = isnan(p->own) ? -1.0 : (double)p->own, y = isnan(q->own) ? -1.0 : (double)q->own;
    return x < y ? -1 : x > y ? 1 : p->number < q->number ? -1 : 1;
}

static void the_hardest_are_the_first_of_all_sorted(void **state) {
    (void)state;
    enum { N = 700 };
    static struct data_run run;
    static struct data_answer all[N];
    for (int n = 0; n <= N; n += n < 20 ? 1 : 170) {
        run.hard = 0;
        for (int i = 0; i < n; i++) {
            all[i] = dealt(i, 4);
            data_keep_hardest(&run, &all[i]);
        }
        qsort(all, (size_t)n, sizeof all[0], harder);
        assert_int_equal(run.hard, n < DATA_HARDEST ? n : DATA_HARDEST);
        for (int i = 0; i < run.hard; i++) {
            assert_int_equal(run.hardest[i].number, all[i].number);
        }
    }
}

static void pictures_are_shrunk_by_means(void **state) {
    (void)state;
    static const struct {
        int width, height, channels;
        struct data_shape shape;
    } cases[] = {
        { 28, 28, 1, { 28, 28, 1, 1 } },  { 32, 32, 3, { 32, 32, 3, 1 } },
        { 33, 32, 3, { 17, 16, 3, 2 } },  { 100, 130, 1, { 34, 44, 1, 3 } },
        { 7, 1000, 1, { 4, 500, 1, 2 } }, { 56, 55, 2, { 28, 28, 1, 2 } },
    };
    for (int i = 0; i < ARRAY_LEN(cases); i++) {
        int width = cases[i].width, height = cases[i].height, channels = cases[i].channels;
        struct data_shape shape = data_shape_of(width, height, channels);
        assert_memory_equal(&shape, &cases[i].shape, sizeof shape);
        size_t n = (size_t)width * (size_t)height;
        uint8_t *pixels = malloc(n * (size_t)channels), out[DATA_PICTURE];
        assert_non_null(pixels);
        for (size_t p = 0; p < n * (size_t)channels; p++) {
            pixels[p] = (uint8_t)(255.0 * uniform((uint32_t)p, 3));
        }
        data_shrink(pixels, width, height, channels, &shape, out);
        for (int p = 0; p < shape.width * shape.height * shape.channels; p++) {
            int c = p / (shape.width * shape.height), y = p / shape.width % shape.height;
            int x = p % shape.width;
            double sum = 0.0, count = 0.0;
            for (int q = 0; q < (int)n * channels; q++) {
                bool mine = shape.channels == 1 || q / (int)n == c;
                mine = mine && q % width / shape.factor == x;
                if (mine && q / width % height / shape.factor == y) {
                    sum += pixels[q];
                    count++;
                }
            }
            assert_int_equal(out[p], (int)floor(sum / count + 0.5));
        }
        free(pixels);
    }
}

static void fill(void *memory, size_t size, int seed) {
    for (size_t i = 0; i < size; i++) {
        ((unsigned char *)memory)[i] = (unsigned char)(seed + (int)(i * 7 % 251));
    }
}

/* What a view may look at is the same; nothing beyond it is written. */
static void a_copy_has_all_that_is_in_use(void **state) {
    (void)state;
    static struct data_detail from, to;
    fill(&from, sizeof from, 1);
    from.made = true;
    from.held_out = from.probabilities = false;
    from.form = DATA_PICTURES;
    from.picture = (struct data_shape){ 28, 28, 1, 1 };
    from.examples = 5;
    from.points = from.side = 0;
    from.runs = 2;
    for (int r = 0; r < 2; r++) {
        struct data_run *run = &from.run[r];
        run->diverged = false;
        run->hard = 3;
        run->rbm.layer = r;
        run->rbm.filters = 4;
        run->rbm.filter_shape = from.picture;
        run->rbm.examples = 2;
        run->rbm.input_shape = (struct data_shape){ 10, 10, 1, 1 };
    }
    memset(&to, 0, sizeof to);
    data_detail_copy(&to, &from);
    assert_memory_equal(to.pictures[4], from.pictures[4], 784);
    assert_int_equal(to.pictures[4][784], 0);
    assert_int_equal(to.pictures[5][0], 0);
    assert_true(memcmp(&to.low, &from.low, sizeof to.low) == 0 && to.runs == 2);
    for (int r = 0; r < 2; r++) {
        const struct data_run *a = &to.run[r], *b = &from.run[r];
        assert_memory_equal(a->confusion, b->confusion, sizeof a->confusion);
        assert_memory_equal(a->none, b->none, sizeof a->none);
        assert_memory_equal(a->hardest, b->hardest, 3 * sizeof a->hardest[0]);
        assert_memory_equal(a->hardest_picture[2], b->hardest_picture[2], 784);
        assert_memory_equal(a->example, b->example, 5 * sizeof a->example[0]);
    }
    const struct data_rbm *a = &to.run[1].rbm, *b = &from.run[1].rbm;
    assert_memory_equal(a->filter[3], b->filter[3], 784);
    assert_memory_equal(a->input[1], b->input[1], 100);
    assert_memory_equal(a->made[1], b->made[1], 100);
    assert_memory_equal(&a->error, &b->error, sizeof a->error);
    assert_int_equal(to.run[0].rbm.layer, 0);
    assert_int_equal(a->made[1][100], 0);

    from.form = DATA_PLANE;
    from.side = 10;
    from.points = 7;
    memset(&to, 0, sizeof to);
    data_detail_copy(&to, &from);
    assert_memory_equal(to.point, from.point, 7 * sizeof to.point[0]);
    assert_memory_equal(to.run[1].point, from.run[1].point, 7 * sizeof to.run[1].point[0]);
    assert_memory_equal(to.run[1].cell, from.run[1].cell, 100 * sizeof to.run[1].cell[0]);
    assert_true(to.run[1].cell[100].predicted == 0);
    from.made = false;
    data_detail_copy(&to, &from);
    assert_true(!to.made && to.points == 7);
}

static void cells_fill_the_plane(void **state) {
    (void)state;
    static struct data_detail detail;
    detail.low = -1.0;
    detail.high = 3.0;
    detail.side = 4;
    assert_true(data_cell_centre(&detail, 0) == -0.5 && data_cell_centre(&detail, 3) == 2.5);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_highest_score_is_the_prediction),
        cmocka_unit_test(a_single_output_is_of_class_one),
        cmocka_unit_test(what_is_not_a_number_predicts_nothing),
        cmocka_unit_test(every_example_is_counted_once),
        cmocka_unit_test(classes_beyond_the_matrix_are_left_out_of_it),
        cmocka_unit_test(the_hardest_are_the_first_of_all_sorted),
        cmocka_unit_test(pictures_are_shrunk_by_means),
        cmocka_unit_test(a_copy_has_all_that_is_in_use),
        cmocka_unit_test(cells_fill_the_plane),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
