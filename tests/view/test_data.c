/*
 * test_data.c - view 4: what is drawn is what the networks said of the data, and the pointer tells
 * it exactly.
 */
#include "check.h"

#include <math.h>
#include <string.h>

#include "base/require.h"
#include "base/text.h"
#include "draw/rect.h"
#include "layout.h"
#include "scene_data.h"
#include "view/class_mark.h"

enum { ONE = -1 };

static const struct {
    float width, height;
} sizes[] = { { 960, 600 },  { 960, 1400 },  { 1200, 620 }, { 1280, 760 },
              { 1440, 900 }, { 1920, 1080 }, { 2560, 1440 } };

static struct scene *scene_of(enum scene_data data, int b) {
    struct scene *scene = scene_make(3, SCENE_HEALTHY, b);
    scene_data(scene, data);
    return scene;
}

static void at(struct scene *scene, float width, float height) {
    scene_size(scene, width, height, THEME_DARK);
}

static void every_form_at_every_size(void **state) {
    (void)state;
    for (int data = 0; data < DATA_SCENES; data++) {
        for (int s = 0; s < ARRAY_LEN(sizes); s++) {
            for (int b = ONE; b <= SCENE_VANISHING; b += SCENE_VANISHING - ONE) {
                struct scene *scene = scene_of((enum scene_data)data, b);
                text_set(what, sizeof what, "data %d, %s, at %gx%g", data, b < 0 ? "one" : "two",
                         (double)sizes[s].width, (double)sizes[s].height);
                scene_size(scene, sizes[s].width, sizes[s].height, (enum theme)(s % THEME_COUNT));
                check(scene);
                scene->snapshot.data_detail.n = 10000; // numbers with more digits
                scene->snapshot.data_detail.part = 1000000;
                scene->snapshot.data_detail.probabilities = false;
                check(scene);
            }
        }
    }
}

/* The image ops of the list, in order. */
static const struct draw_op *image(int index) {
    for (size_t i = 0; i < list.op_count; i++) {
        if (list.ops[i].kind == DRAW_IMAGE && index-- == 0) {
            return &list.ops[i];
        }
    }
    fail_msg("there is no such image");
    return NULL;
}

static int images(void) {
    int count = 0;
    for (size_t i = 0; i < list.op_count; i++) {
        count += list.ops[i].kind == DRAW_IMAGE;
    }
    return count;
}

static int texts(const char *text) {
    int count = 0;
    for (size_t i = 0; i < list.op_count; i++) {
        count += list.ops[i].kind == DRAW_TEXT && strcmp(text_of(&list.ops[i]), text) == 0;
    }
    return count;
}

/* But for rounding. */
static bool near(colour a, colour b) {
    bool same = true;
    for (int shift = 0; shift < 32; shift += 8) {
        int difference = (int)(a >> shift & 0xff) - (int)(b >> shift & 0xff);
        same &= difference >= -1 && difference <= 1;
    }
    return same;
}

/* Row 0 of the image is the highest x_2; a cell is as coloured as its class is sure. */
static void the_surface_has_the_colours_of_its_cells(void **state) {
    (void)state;
    struct scene *scene = scene_of(DATA_IN_PLANE, SCENE_VANISHING);
    struct data_detail *detail = &scene->snapshot.data_detail;
    int side = detail->side;
    detail->run[0].cell[side * (side - 1)] = (struct data_cell){ 1.0f, 1.0f, 2 };
    detail->run[0].cell[1] = (struct data_cell){ NAN, NAN, DATA_NONE };
    at(scene, 1440, 900);
    draw(scene);
    for (int r = 0; r < 2; r++) {
        const struct draw_op *op = image(r);
        const uint32_t *pixels = list.pixels + op->pixels;
        assert_true(op->image_width == side && op->image_height == side && op->smooth);
        assert_true(fabsf(op->rect.w - op->rect.h) < 0.01f);
        for (int y = 0; y < side; y++) {
            for (int x = 0; x < side; x++) {
                const struct data_cell *cell = &detail->run[r].cell[(side - 1 - y) * side + x];
                colour expected = cell->predicted == DATA_NONE
                                      ? themes[THEME_DARK].panel
                                      : class_ground(THEME_DARK, cell->predicted,
                                                     (cell->score - 1.0f / 3.0f) * 1.5f);
                assert_true(near(pixels[y * side + x], expected));
            }
        }
    }
    const uint32_t *first = list.pixels + image(0)->pixels;
    assert_int_equal(first[0], class_ground(THEME_DARK, 2, 1.0f));
    assert_true(shown("input x₁ across, x₂ up, as generated"));
}

/* Of a lead that changes linearly the border is where it is zero, at x_1 = -1/2 and 1/2. */
static void the_border_is_where_the_lead_changes(void **state) {
    (void)state;
    struct scene *scene = scene_of(DATA_IN_PLANE, SCENE_VANISHING);
    at(scene, 1440, 900);
    draw(scene);
    for (int r = 0; r < 2; r++) {
        struct rect plot = image(r)->rect;
        int found[2] = { 0, 0 };
        for (size_t i = 0; i < list.op_count; i++) {
            const struct draw_op *op = &list.ops[i];
            if (op->kind != DRAW_POLYLINE || op->count != 2 || !within(op_box(op), plot) ||
                op->colour != themes[THEME_DARK].text || op->width != 1.5f) {
                continue;
            }
            for (int end = 0; end < 2; end++) {
                float x = list.numbers[op->first + 2 * (size_t)end];
                double share = (double)((x - plot.x) / plot.w);
                bool right = share > 0.5;
                assert_true(fabs(share - (right ? 2.0 / 3.0 : 1.0 / 3.0)) < 1e-4);
                found[right]++;
            }
        }
        assert_int_equal(found[0], 2 * (scene->snapshot.data_detail.side - 1));
        assert_int_equal(found[1], r == 0 ? found[0] : 0);
    }
}

/* Every training example is drawn once, those on the wrong side with another rim. */
static void points_are_where_and_what_they_are(void **state) {
    (void)state;
    struct scene *scene = scene_of(DATA_IN_PLANE, ONE);
    const struct data_detail *detail = &scene->snapshot.data_detail;
    at(scene, 1440, 900);
    draw(scene);
    struct rect plot = image(0)->rect;
    int wrong = 0, found = 0;
    for (int i = 0; i < detail->points; i++) {
        const struct data_answer *answer = &detail->run[0].point[i];
        float x = plot.x + plot.w * ((float)((double)detail->point[i].x + 1.5) / 3.0f);
        float y = plot.y + plot.h * (1.0f - (float)((double)detail->point[i].y + 1.5) / 3.0f);
        bool off = answer->predicted != answer->label;
        wrong += off;
        for (size_t k = 0; k + 1 < list.op_count; k++) {
            const struct draw_op *rim = &list.ops[k], *ink = rim + 1;
            struct rect box = op_box(ink);
            bool here = fabsf(box.x + 0.5f * box.w - x) < 0.2f &&
                        fabsf(box.y + 0.5f * box.h - y) < 0.8f && box.w < 10.0f && box.w > 3.0f;
            if (here && ink->colour == class_colour(THEME_DARK, answer->label) &&
                rim->colour == (off ? themes[THEME_DARK].bad : themes[THEME_DARK].background)) {
                assert_int_equal(ink->kind, answer->label == 0 ? DRAW_RECT : DRAW_POLYGON);
                assert_int_equal(ink->count, answer->label == 0 ? 0 : answer->label == 1 ? 3 : 4);
                found++;
            }
        }
    }
    assert_true(wrong > 2 && wrong < 20);
    assert_int_equal(found, detail->points);
    char text[96];
    text_set(text, sizeof text, "%d training examples, %d on the wrong side, step 288",
             detail->points, wrong);
    assert_true(shown(text));
}

/* The counts by hand: example i is of class i mod 10, every fifth is taken for the next class. */
static void the_matrix_has_every_count_and_total(void **state) {
    (void)state;
    struct scene *scene = scene_of(DATA_AS_TABLE, ONE);
    struct data_detail *detail = &scene->snapshot.data_detail;
    for (int a = 0; a < 10; a++) {
        for (int b = 0; b < 10; b++) {
            detail->run[0].confusion[a][b] = (uint32_t)(100 + 10 * a + b);
        }
    }
    detail->n = 100 * 100 + 10 * 450 + 10 * 45;
    detail->part = detail->n;
    detail->run[0].correct = 0.25 * (double)detail->n;
    at(scene, 1440, 900);
    draw(scene);
    char text[64];
    for (int a = 0; a < 10; a++) {
        for (int b = 0; b < 10; b++) {
            text_set(text, sizeof text, "%d", 100 + 10 * a + b);
            assert_true(texts(text) >= 1);
        }
        text_set(text, sizeof text, "%d", 1000 + 100 * a + 45); // the row
        assert_int_equal(texts(text), 1);
        text_set(text, sizeof text, "%d", 1000 + 450 + 10 * a); // the column
        assert_true(texts(text) >= 1);
    }
    assert_int_equal(texts("14950"), 1);
    assert_true(shown("25.0% right of 14,950 held-out examples, step 288"));
    assert_false(shown("–")); // every example has a prediction

    detail->run[0].none[3] = 7;
    draw(scene);
    assert_int_equal(texts("–"), 1);
    assert_int_equal(texts("7"), 4); // as a row, a column, a count and a total of that column
}

/* A colour says the share of its row: the same share, the same colour, whatever the count. */
static void the_matrix_is_coloured_by_row(void **state) {
    (void)state;
    struct scene *scene = scene_of(DATA_AS_TABLE, ONE);
    struct data_run *run = &scene->snapshot.data_detail.run[0];
    memset(run->confusion, 0, sizeof run->confusion);
    for (int a = 0; a < 9; a++) { // the last class does not occur
        run->confusion[a][a] = 3u << a;
        run->confusion[a][9] = 1u << a;
    }
    at(scene, 1440, 900);
    draw(scene);
    colour panel = themes[THEME_DARK].panel, ink = themes[THEME_DARK].run[0];
    int right = 0, wrong = 0;
    for (size_t i = 0; i < list.op_count; i++) {
        const struct draw_op *op = &list.ops[i];
        right += op->kind == DRAW_RECT && op->colour == theme_blend(panel, ink, sqrtf(0.75f));
        wrong += op->kind == DRAW_RECT && op->colour == theme_blend(panel, ink, 0.5f);
    }
    assert_int_equal(right, 9);
    assert_int_equal(wrong, 9);
}

static void pictures_are_drawn_as_they_are(void **state) {
    (void)state;
    for (int colours = 0; colours < 2; colours++) {
        struct scene *scene = scene_of(colours ? DATA_AS_COLOURS : DATA_AS_PICTURES, ONE);
        const struct data_detail *detail = &scene->snapshot.data_detail;
        at(scene, 1440, 900);
        draw(scene);
        assert_int_equal(images(), DATA_EXAMPLES + DATA_HARDEST);
        for (int i = 0; i < DATA_EXAMPLES; i++) {
            const struct draw_op *op = image(i);
            const uint8_t *bytes = detail->pictures[i];
            assert_true(op->image_width == 8 && op->image_height == 8 && !op->smooth);
            for (int p = 0; p < 64; p++) {
                uint32_t expected = (uint32_t)bytes[p] << 16 |
                                    (uint32_t)bytes[colours ? 64 + p : p] << 8 |
                                    bytes[colours ? 128 + p : p];
                assert_int_equal(list.pixels[op->pixels + (size_t)p], 0xff000000u | expected);
            }
        }
    }
}

/* What is wrong has a mark, not only another colour. */
static void wrong_ones_are_marked(void **state) {
    (void)state;
    struct scene *scene = scene_of(DATA_AS_PICTURES, SCENE_VANISHING);
    const struct data_detail *detail = &scene->snapshot.data_detail;
    at(scene, 1920, 1080);
    draw(scene);
    int marked = 0, wrong = 0;
    for (size_t i = 0; i < list.op_count; i++) {
        marked += list.ops[i].kind == DRAW_TEXT &&
                  strncmp(text_of(&list.ops[i]), "✗ ", strlen("✗ ")) == 0;
    }
    for (int r = 0; r < 2; r++) {
        const struct data_run *run = &detail->run[r];
        for (int i = 0; i < DATA_EXAMPLES; i++) {
            wrong += run->example[i].predicted != run->example[i].label;
        }
        for (int i = 0; i < run->hard; i++) {
            wrong += run->hardest[i].predicted != run->hardest[i].label;
        }
    }
    assert_true(wrong > 20);
    assert_int_equal(marked, wrong);
}

static struct rect box_of_text(const char *text) {
    for (size_t i = 0; i < list.op_count; i++) {
        if (list.ops[i].kind == DRAW_TEXT && strcmp(text_of(&list.ops[i]), text) == 0) {
            return op_box(&list.ops[i]);
        }
    }
    fail_msg("\"%s\" is not drawn", text);
    return (struct rect){ 0.0f, 0.0f, 0.0f, 0.0f };
}

static void point_at(struct scene *scene, float x, float y) {
    scene->state.pointer = (struct view_pointer){ true, x, y };
    draw(scene);
    assert_all_within_the_window(scene);
}

static void point_at_box(struct scene *scene, struct rect box) {
    point_at(scene, box.x + 0.5f * box.w, box.y + 0.5f * box.h);
}

static void the_pointer_tells_exact_numbers(void **state) {
    (void)state;
    text_set(what, sizeof what, "hovered");
    struct scene *scene = scene_of(DATA_AS_PICTURES, SCENE_VANISHING);
    at(scene, 1440, 900);
    draw(scene);
    point_at_box(scene, image(4)->rect);
    assert_true(shown("held-out example 4: class 4"));
    assert_true(shown("A: predicts 5, which is wrong; probabilities 5: 71%"));
    assert_true(shown("B: predicts 4, which is right; probabilities 4: 71%"));

    scene = scene_of(DATA_AS_TABLE, ONE);
    scene->snapshot.data_detail.run[0].confusion[2][6] = 1234;
    at(scene, 1440, 900);
    draw(scene);
    point_at_box(scene, box_of_text("1234"));
    assert_true(shown("class 2 taken for 6: 1,234 of 1,274 (97%)"));

    scene = scene_of(DATA_IN_PLANE, SCENE_VANISHING);
    at(scene, 1440, 900);
    draw(scene);
    struct rect plot = image(0)->rect;
    point_at(scene, plot.x + 1.0f, plot.y + 1.0f);
    assert_true(shown("class 0: probability 96%"));
    assert_true(shown("at x₁ = -1.44, x₂ = 1.44, the middle of one of 24 × 24 cells"));
    const struct data_point *point = &scene->snapshot.data_detail.point[19];
    point_at(scene, plot.x + plot.w * (point->x + 1.5f) / 3.0f,
             plot.y + plot.h * (1.5f - point->y) / 3.0f);
    assert_true(shown("training example 19: class "));
    assert_true(shown("A: predicts "));

    scene = scene_of(DATA_PRETRAINING, ONE);
    at(scene, 1440, 900);
    draw(scene);
    point_at_box(scene, image(2 * DATA_RECONSTRUCTIONS + 1)->rect);
    assert_true(shown("unit 1 of layer 2"));
    assert_true(shown("the largest |weight| is 0.75"));
}

/* Inputs above what is made of them, then the filters: signed, 127 the largest weight. */
static void an_rbm_shows_what_it_learns(void **state) {
    (void)state;
    struct scene *scene = scene_of(DATA_PRETRAINING, ONE);
    const struct data_rbm *rbm = &scene->snapshot.data_detail.run[0].rbm;
    at(scene, 1440, 900);
    draw(scene);
    assert_int_equal(images(), 2 * DATA_RECONSTRUCTIONS + 1 + DATA_FILTERS);
    for (int i = 0; i < DATA_RECONSTRUCTIONS; i++) {
        const struct draw_op *in = image(2 * i), *made = image(2 * i + 1);
        assert_true(in->rect.x == made->rect.x && in->rect.y < made->rect.y);
        for (size_t p = 0; p < 100; p++) {
            assert_int_equal(list.pixels[in->pixels + p] & 0xff, rbm->input[i][p]);
            assert_int_equal(list.pixels[made->pixels + p] & 0xff, rbm->made[i][p]);
        }
    }
    for (int j = 0; j < DATA_FILTERS; j++) {
        const struct draw_op *op = image(2 * DATA_RECONSTRUCTIONS + 1 + j);
        for (size_t p = 0; p < 64; p++) {
            assert_int_equal(list.pixels[op->pixels + p],
                             theme_diverging(THEME_DARK, (float)rbm->filter[j][p] / 127.0f));
        }
    }
    assert_true(shown("-0.75") && shown("mean square 0.012"));
    assert_true(shown("layer 3") && shown("epoch 15"));
}

static void a_run_that_is_not_pretrained_waits(void **state) {
    (void)state;
    struct scene *scene = scene_of(DATA_PRETRAINING, SCENE_VANISHING);
    text_set(what, sizeof what, "B waits");
    memset(&scene->snapshot.run[1].pretraining, 0, sizeof scene->snapshot.run[1].pretraining);
    scene->snapshot.data_detail.run[1].rbm.layer = 0;
    at(scene, 1440, 900);
    check(scene);
    assert_true(shown("is not pre-trained and waits at step 0"));
    scene->snapshot.run[1].pretraining.layers = 3;
    check(scene);
    assert_true(shown("is pre-trained and waits"));
}

static void a_view_without_data_says_why(void **state) {
    (void)state;
    struct scene *scene = scene_of(DATA_NOT_LOOKED, ONE);
    at(scene, 960, 600);
    draw(scene);
    assert_true(shown("measuring"));
    scene->state.cursor = scene->snapshot.step = 10;
    scene->state.again = 7;
    draw(scene);
    assert_true(shown("training again up to step 10, to look at the data there: at step 7"));
    scene->state.again = LOOK_BARRED;
    draw(scene);
    assert_true(shown("the data were not looked at around step 10"));
    scene->state.barred = "More than 512 settings were changed before it.";
    at(scene, 1440, 900);
    draw(scene);
    assert_true(shown("around step 10. More than 512 settings were changed before it. · End"));
}

/* More classes than colours, than shapes, and than a matrix has room for. */
static void classes_of_any_number(void **state) {
    (void)state;
    static const int counts[] = { 2, 3, 12, 33, 64, 65, 250 };
    for (int i = 0; i < ARRAY_LEN(counts); i++) {
        for (int s = 0; s < ARRAY_LEN(sizes); s++) {
            for (int form = 0; form < 2; form++) {
                struct scene *scene = scene_of(form ? DATA_IN_PLANE : DATA_AS_TABLE, s % 2 - 1);
                text_set(what, sizeof what, "%d classes at %gx%g", counts[i],
                         (double)sizes[s].width, (double)sizes[s].height);
                scene->snapshot.data_detail.classes = counts[i];
                at(scene, sizes[s].width, sizes[s].height);
                check(scene);
                assert_int_equal(shown("more than the 64"), counts[i] > 64);
            }
        }
    }
    for (int a = 0; a < CLASS_COLOURS * CLASS_SHAPES; a++) {
        for (int b = 0; b < a; b++) { // never the same colour with the same shape
            assert_true(a % CLASS_SHAPES != b % CLASS_SHAPES ||
                        class_colour(THEME_DARK, a) != class_colour(THEME_DARK, b));
        }
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_form_at_every_size),
        cmocka_unit_test(the_surface_has_the_colours_of_its_cells),
        cmocka_unit_test(the_border_is_where_the_lead_changes),
        cmocka_unit_test(points_are_where_and_what_they_are),
        cmocka_unit_test(the_matrix_has_every_count_and_total),
        cmocka_unit_test(the_matrix_is_coloured_by_row),
        cmocka_unit_test(pictures_are_drawn_as_they_are),
        cmocka_unit_test(wrong_ones_are_marked),
        cmocka_unit_test(the_pointer_tells_exact_numbers),
        cmocka_unit_test(an_rbm_shows_what_it_learns),
        cmocka_unit_test(a_run_that_is_not_pretrained_waits),
        cmocka_unit_test(a_view_without_data_says_why),
        cmocka_unit_test(classes_of_any_number),
    };
    return cmocka_run_group_tests(tests, layout_start, layout_stop);
}
