#include "base/check.h"

#include <stdlib.h>

#include "base/require.h"
#include "engine/denormals.h"
#include "engine/optimiser.h"
#include "tools.h"

/*
 * Each optimiser on f(w) = sum over i of c_i (w_i - a_i)^2 / 2, whose gradient is c_i (w_i - a_i),
 * against the published update in double, step by step from the same weights and state: near a
 * minimum the adaptive ones make much of a rounding. test_network_twin goes all the way alone.
 */

enum { MOST = 203 };

static const struct kernels *sets[SETS_MOST];
static int set_count;

static const struct optimiser_settings settings[] = {
    [OPTIMISER_SGD] = { .which = OPTIMISER_SGD, .learning_rate = 0.05 },
    [OPTIMISER_MOMENTUM] = { .which = OPTIMISER_MOMENTUM, .learning_rate = 0.01, .momentum = 0.9 },
    [OPTIMISER_NESTEROV] = { .which = OPTIMISER_NESTEROV, .learning_rate = 0.01, .momentum = 0.9 },
    [OPTIMISER_ADAGRAD] = { .which = OPTIMISER_ADAGRAD, .learning_rate = 0.1 },
    [OPTIMISER_ADADELTA] = { .which = OPTIMISER_ADADELTA, .learning_rate = 1.0, .rho = 0.9 },
    [OPTIMISER_RMSPROP] = { .which = OPTIMISER_RMSPROP, .learning_rate = 0.01, .alpha = 0.99 },
    [OPTIMISER_ADAM] = { .which = OPTIMISER_ADAM,
                         .learning_rate = 0.01,
                         .beta1 = 0.9,
                         .beta2 = 0.999 },
    [OPTIMISER_ADAMW] = { .which = OPTIMISER_ADAMW,
                          .learning_rate = 0.01,
                          .beta1 = 0.9,
                          .beta2 = 0.999,
                          .weight_decay = 0.05 },
};
static_assert(ARRAY_LEN(settings) == OPTIMISER_COUNT, "an optimiser has no settings here");

/* What else changes an update. */
static const struct adjustment {
    const char *name;
    double l1, l2, weight_decay, clip_scale, clip_value;
} adjustments[] = {
    { .name = "" },
    { .name = " + l1", .l1 = 0.02 },
    { .name = " + l2", .l2 = 0.1 },
    { .name = " + decay", .weight_decay = 0.2 },
    { .name = " + clip scale", .clip_scale = 0.3 },
    { .name = " + clip value", .clip_value = 0.2 },
    { .name = " + all",
      .l1 = 0.01,
      .l2 = 0.05,
      .weight_decay = 0.1,
      .clip_scale = 0.8,
      .clip_value = 0.5 },
};

/* Every optimiser alone and with every adjustment. */
enum { CASES = OPTIMISER_COUNT * ARRAY_LEN(adjustments) };

static struct optimiser_settings settings_of(int number) {
    const struct adjustment *adjustment = &adjustments[number / OPTIMISER_COUNT];
    struct optimiser_settings s = settings[number % OPTIMISER_COUNT];
    s.l1 += adjustment->l1;
    s.l2 += adjustment->l2;
    s.weight_decay += adjustment->weight_decay;
    s.clip_value = adjustment->clip_value;
    return s;
}

static double scale_of(int number) {
    double scale = adjustments[number / OPTIMISER_COUNT].clip_scale;
    return scale > 0.0 ? scale : 1.0;
}

/* One weight, its state and its step, by the formulas of the papers. */
struct reference {
    double w, m, v;
};

static void reference_step(struct reference *r, const struct optimiser_settings *s, double g,
                           int step) {
    double decay = s->learning_rate * s->weight_decay * r->w;
    g = s->clip_value > 0.0 ? fmax(-s->clip_value, fmin(g, s->clip_value)) : g;
    g += s->l2 * r->w + (r->w > 0.0 ? s->l1 : r->w < 0.0 ? -s->l1 : 0.0);
    switch (s->which) {
    case OPTIMISER_SGD:
        r->w -= s->learning_rate * g;
        break;
    case OPTIMISER_MOMENTUM:
        r->m = s->momentum * r->m + g;
        r->w -= s->learning_rate * r->m;
        break;
    case OPTIMISER_NESTEROV: // as two moves: where momentum leads, and the gradient once more
        r->m = s->momentum * r->m + g;
        r->w -= s->learning_rate * s->momentum * r->m;
        r->w -= s->learning_rate * g;
        break;
    case OPTIMISER_ADAGRAD:
        r->m += g * g;
        r->w -= s->learning_rate / (sqrt(r->m) + 1e-10) * g;
        break;
    case OPTIMISER_ADADELTA: {
        r->m = s->rho * r->m + (1.0 - s->rho) * g * g;
        double change = sqrt((r->v + 1e-6) / (r->m + 1e-6)) * g;
        r->v = s->rho * r->v + (1.0 - s->rho) * change * change;
        r->w -= s->learning_rate * change;
        break;
    }
    case OPTIMISER_RMSPROP:
        r->m += (1.0 - s->alpha) * (g * g - r->m);
        r->w -= s->learning_rate * g / (sqrt(r->m) + 1e-8);
        break;
    case OPTIMISER_ADAM:
    case OPTIMISER_ADAMW: {
        r->m = s->beta1 * r->m + (1.0 - s->beta1) * g;
        r->v = s->beta2 * r->v + (1.0 - s->beta2) * g * g;
        double m_hat = r->m / (1.0 - pow(s->beta1, step));
        double v_hat = r->v / (1.0 - pow(s->beta2, step));
        r->w -= s->learning_rate * m_hat / (sqrt(v_hat) + 1e-8);
        break;
    }
    case OPTIMISER_COUNT:
        fail();
    }
    r->w -= decay;
}

/* A piece of n parameters with all the state there can be, between guards. */
struct piece {
    struct parameters parameters;
    float value[MOST + 1], gradient[MOST + 1], state[OPTIMISER_MAX_STATES][MOST + 1];
    double curvature[MOST], target[MOST];
    struct reference reference[MOST];
};

static void piece_init(struct piece *piece, enum optimiser which, size_t n) {
    memset(piece, 0, sizeof *piece);
    piece->parameters.n = n;
    piece->parameters.value = piece->value;
    piece->parameters.gradient = piece->gradient;
    for (int s = 0; s < optimisers[which].states; s++) {
        piece->parameters.state[s] = piece->state[s];
        piece->state[s][n] = 7.0f;
    }
    fill_normals(piece->value, n, 1, 0.0, 1.0);
    piece->value[n] = 7.0f;
    for (size_t i = 0; i < n; i++) {
        piece->curvature[i] = 0.05 + (double)(i % 17) / 4.0;
        // never 0, where rounding would decide which way l1 pushes
        piece->target[i] = (double)(i % 5) - (i % 5 < 2 ? 2.0 : 1.0);
        piece->reference[i].w = (double)piece->value[i];
    }
}

static void set_gradient(struct piece *piece) {
    for (size_t i = 0; i < piece->parameters.n; i++) {
        double off = (double)piece->value[i] - piece->target[i];
        piece->gradient[i] = (float)(piece->curvature[i] * off);
    }
}

static void reference_take(struct reference *r, const struct parameters *from, size_t i) {
    r->w = (double)from->value[i];
    r->m = from->state[0] ? (double)from->state[0][i] : 0.0;
    r->v = from->state[1] ? (double)from->state[1][i] : 0.0;
}

/* The largest error of weight and state, relative to 1 or to what is larger. */
static double reference_error(const struct reference *r, const struct parameters *got, size_t i) {
    struct reference own;
    reference_take(&own, got, i);
    double w = fabs(own.w - r->w) / fmax(1.0, fabs(r->w));
    double m = got->state[0] ? fabs(own.m - r->m) / fmax(1.0, fabs(r->m)) : 0.0;
    double v = got->state[1] ? fabs(own.v - r->v) / fmax(1.0, fabs(r->v)) : 0.0;
    return fmax(w, fmax(m, v));
}

static void steps_follow_the_papers(void **state) {
    (void)state;
    static struct piece piece;
    for (int number = 0; number < CASES; number++) {
        const struct optimiser_settings s = settings_of(number);
        for (int set = 0; set < set_count; set++) {
            double worst = 0.0;
            piece_init(&piece, s.which, MOST);
            for (int step = 1; step <= 200; step++) {
                set_gradient(&piece);
                for (size_t i = 0; i < MOST; i++) {
                    reference_take(&piece.reference[i], &piece.parameters, i);
                    reference_step(&piece.reference[i], &s,
                                   scale_of(number) * (double)piece.gradient[i], step);
                }
                struct update_constants c =
                    optimiser_constants(&s, PARAMETER_PENALISED, scale_of(number), step);
                sets[set]->apply[s.which](&c, &piece.parameters);
                for (size_t i = 0; i < MOST; i++) {
                    worst = fmax(worst, reference_error(&piece.reference[i], &piece.parameters, i));
                }
            }
            print_message("%-8s %-8s%s: %.2g off at most\n", sets[set]->name,
                          optimisers[s.which].name, adjustments[number / OPTIMISER_COUNT].name,
                          worst);
            assert_true(worst < 5e-6);
            double off = (double)piece.value[16] - piece.target[16]; // it does get somewhere
            assert_true(fabs(off) < 1.5);
        }
    }
}

/* Every length, nothing beyond it, and the gradient's sum of squares. */
static void pieces_of_any_length(void **state) {
    (void)state;
    static struct piece piece;
    for (int number = 0; number < CASES; number++) {
        const struct optimiser_settings own = settings_of(number);
        enum optimiser which = own.which;
        for (int set = 0; set < set_count; set++) {
            for (size_t n = 0; n <= 70; n++) {
                piece_init(&piece, which, n);
                set_gradient(&piece);
                struct update_constants c =
                    optimiser_constants(&own, PARAMETER_PENALISED, scale_of(number), 1);
                double squares = sets[set]->apply[which](&c, &piece.parameters), want = 0.0;
                for (size_t i = 0; i < n; i++) {
                    double g = (double)piece.gradient[i];
                    want += g * g;
                    reference_step(&piece.reference[i], &own, scale_of(number) * g, 1);
                    assert_true(fabs((double)piece.value[i] - piece.reference[i].w) < 1e-6);
                }
                assert_true(relative_error(squares, want) < 1e-13);
                assert_true(piece.value[n] == 7.0f);
                for (int s = 0; s < optimisers[which].states; s++) {
                    assert_true(piece.state[s][n] == 7.0f);
                }
            }
        }
    }
}

/* Some parameters have neither penalties nor decay; clipping is for all. */
static void other_parameters_go_free(void **state) {
    (void)state;
    for (int number = 0; number < CASES; number++) {
        struct optimiser_settings s = settings_of(number), free = s;
        double scale = scale_of(number);
        free.l1 = free.l2 = free.weight_decay = 0.0;
        struct update_constants other = optimiser_constants(&s, PARAMETER_FREE, scale, 3);
        struct update_constants weight = optimiser_constants(&s, PARAMETER_PENALISED, scale, 3);
        struct update_constants want = optimiser_constants(&free, PARAMETER_PENALISED, scale, 3);
        assert_true(other.l1 == 0 && other.l2 == 0 && other.decay == 0);
        assert_true(other.rate == want.rate && other.adjusted == want.adjusted);
        assert_true(other.clip_scale == weight.clip_scale && other.clip_value == weight.clip_value);
        assert_true(other.adjusted == (scale < 1.0 || s.clip_value > 0.0));
        assert_true(weight.adjusted ==
                    (other.adjusted || s.l1 > 0.0 || s.l2 > 0.0 || s.weight_decay > 0.0));
    }
}

/* Rate and decay follow the schedule, with every optimiser; its other constants do not. */
static void the_rate_is_scheduled(void **state) {
    (void)state;
    const struct schedule_settings halves = { SCHEDULE_STEP, 10, 0.5, 0 };
    for (int which = 0; which < OPTIMISER_COUNT; which++) {
        struct optimiser_settings s = settings[which], half = s;
        s.weight_decay = half.weight_decay = 0.25;
        half.learning_rate *= 0.5;
        s.schedule = halves;
        for (int64_t step = 10; step <= 11; step++) { // in the middle of the first drop
            const struct optimiser_settings *want = step == 10 ? &settings[which] : &half;
            struct update_constants got = optimiser_constants(&s, PARAMETER_PENALISED, 1.0, step);
            struct update_constants own = optimiser_constants(want, PARAMETER_PENALISED, 1.0, step);
            assert_true(optimiser_rate(&s, step) == want->learning_rate);
            assert_true(got.rate == own.rate && got.momentum == own.momentum);
            assert_true(got.beta1 == own.beta1 && got.beta2 == own.beta2);
            assert_true(got.square_correction == own.square_correction);
            assert_true(got.decay == (float)(0.25 * want->learning_rate));
        }
    }
}

/* The numbers are those of torch.nn.utils.clip_grad_norm_ on gradients of norm 5. */
static void the_scale_is_that_of_clip_grad_norm(void **state) {
    (void)state;
    struct optimiser_settings s = { .clip_norm = 2.0 };
    assert_true(relative_error(optimiser_clip_scale(&s, 5.0), 0.39999992) < 1e-8);
    assert_true(optimiser_clip_scale(&s, 1.9) == 1.0);
    assert_true(optimiser_clip_scale(&s, 0.0) == 1.0);
    s.clip_norm = 0.0;
    assert_true(optimiser_clip_scale(&s, 5.0) == 1.0);
}

/* apply_each() is apply() of one piece after the other, to the bit. */
static void pieces_at_once_are_pieces_one_by_one(void **state) {
    (void)state;
    enum { PIECES = 3 };
    static const size_t lengths[PIECES] = { 25, 5, MOST };
    static struct piece once[PIECES], each[PIECES];
    for (int k = 0; k < CASES * set_count; k++) {
        const struct kernels *set = sets[k % set_count];
        const struct optimiser_settings own = settings_of(k / set_count);
        struct parameters *pieces[PIECES];
        for (int i = 0; i < PIECES; i++) {
            piece_init(&once[i], own.which, lengths[i]);
            piece_init(&each[i], own.which, lengths[i]);
            pieces[i] = &once[i].parameters;
        }
        for (int step = 1; step <= 3; step++) {
            struct update_constants c =
                optimiser_constants(&own, PARAMETER_PENALISED, scale_of(k / set_count), step);
            double squares[PIECES];
            for (int i = 0; i < PIECES; i++) {
                set_gradient(&once[i]);
                set_gradient(&each[i]);
            }
            set->apply_each[own.which](&c, pieces, PIECES, squares);
            for (int i = 0; i < PIECES; i++) {
                assert_true(set->apply[own.which](&c, &each[i].parameters) == squares[i]);
                assert_memory_equal(once[i].value, each[i].value, sizeof once[i].value);
                assert_memory_equal(once[i].state, each[i].state, sizeof once[i].state);
            }
        }
    }
}

/* preview() tells the update that apply() makes, and changes nothing. */
static void a_preview_is_what_happens(void **state) {
    (void)state;
    static struct piece piece, before;
    static const size_t lengths[] = { 1, 15, 16, 17, MOST };
    for (int number = 0; number < CASES; number++) {
        const struct optimiser_settings own = settings_of(number);
        enum optimiser which = own.which;
        for (int set = 0; set < set_count; set++) {
            for (int k = 0; k < ARRAY_LEN(lengths); k++) {
                piece_init(&piece, which, lengths[k]);
                for (int step = 1; step <= 20; step++) {
                    set_gradient(&piece);
                    before = piece;
                    struct update_constants c =
                        optimiser_constants(&own, PARAMETER_PENALISED, scale_of(number), step);
                    struct update_sums sums = sets[set]->preview[which](&c, &piece.parameters);
                    assert_memory_equal(&piece, &before, sizeof piece);
                    double gradient = sets[set]->apply[which](&c, &piece.parameters);
                    double update = 0.0, value = 0.0;
                    for (size_t i = 0; i < lengths[k]; i++) {
                        double change = (double)piece.value[i] - (double)before.value[i];
                        update += change * change;
                        value += (double)before.value[i] * (double)before.value[i];
                    }
                    assert_true(sums.gradient == gradient);
                    assert_true(relative_error(sums.value, value) < 1e-13);
                    // the change itself was rounded to the weights' precision
                    double rounding = (double)FLT_EPSILON * sqrt(value);
                    assert_true(fabs(sqrt(sums.update) - sqrt(update)) <
                                1e-6 * sqrt(update) + rounding);
                }
            }
        }
    }
}

static void states_are_as_the_table_says(void **state) {
    (void)state;
    assert_int_equal(optimisers[OPTIMISER_SGD].states, 0);
    for (int which = 0; which < OPTIMISER_COUNT; which++) {
        assert_true(optimisers[which].states <= OPTIMISER_MAX_STATES);
        for (int s = 0; s < OPTIMISER_MAX_STATES; s++) {
            assert_true((optimisers[which].state_name[s] != NULL) ==
                        (s < optimisers[which].states));
        }
        assert_true(strlen(optimisers[which].name) > 0 && strlen(optimisers[which].label) > 0);
        assert_true(strlen(optimisers[which].formula) > 0 && strlen(optimisers[which].about) > 0);
    }
}

/* Adam's first step is the learning rate, whatever the size of the gradient. */
static void adam_starts_with_the_learning_rate(void **state) {
    (void)state;
    static const float gradients[] = { 1e-4f, -1e-3f, 1.0f, -1e3f, 1e10f };
    static struct piece piece;
    piece_init(&piece, OPTIMISER_ADAM, ARRAY_LEN(gradients));
    memset(piece.value, 0, sizeof piece.value);
    memcpy(piece.gradient, gradients, sizeof gradients);
    struct update_constants c =
        optimiser_constants(&settings[OPTIMISER_ADAM], PARAMETER_PENALISED, 1.0, 1);
    kernels->apply[OPTIMISER_ADAM](&c, &piece.parameters);
    for (int i = 0; i < ARRAY_LEN(gradients); i++) {
        double want = gradients[i] > 0.0f ? -0.01 : 0.01;
        assert_true(relative_error((double)piece.value[i], want) < 2e-4);
    }
}

/* First steps on gradients of the size of the small constants, which are then half of the matter.
 */
static void small_constants_are_right(void **state) {
    (void)state;
    static const float gradients[] = { 1e-10f, -3e-10f, 1e-8f, 3e-8f, -1e-6f, 1e-4f, 1e-3f, 3e-3f };
    static struct piece piece;
    for (int which = 0; which < OPTIMISER_COUNT; which++) {
        struct optimiser_settings s = settings[which];
        piece_init(&piece, s.which, ARRAY_LEN(gradients));
        memset(piece.value, 0, sizeof piece.value);
        memcpy(piece.gradient, gradients, sizeof gradients);
        struct update_constants c = optimiser_constants(&s, PARAMETER_PENALISED, 1.0, 1);
        kernels->apply[which](&c, &piece.parameters);
        for (int i = 0; i < ARRAY_LEN(gradients); i++) {
            struct reference r = { 0 };
            reference_step(&r, &s, (double)gradients[i], 1);
            assert_true(relative_error((double)piece.value[i], r.w) < 1e-4);
        }
    }
}

/* A beta may be closer to 1 than float can tell: the update stays finite. */
static void betas_close_to_one_are_no_trouble(void **state) {
    (void)state;
    static struct piece piece;
    static const double betas[] = { 0.0, 0.9999999, 1.0 - 1e-12, 1.0 - 0x1p-53 };
    for (int i = 0; i < ARRAY_LEN(betas); i++) {
        struct optimiser_settings s = settings[OPTIMISER_ADAM];
        s.beta1 = s.beta2 = betas[i];
        piece_init(&piece, OPTIMISER_ADAM, MOST);
        for (int step = 1; step <= 10; step++) {
            set_gradient(&piece);
            struct update_constants c = optimiser_constants(&s, PARAMETER_PENALISED, 1.0, step);
            kernels->apply[OPTIMISER_ADAM](&c, &piece.parameters);
        }
        for (int j = 0; j < MOST; j++) {
            double moved = fabs((double)piece.value[j] - piece.reference[j].w);
            assert_true(moved > 0.0 && moved < 0.2); // ten steps of about the learning rate
        }
    }
}

/* Of the sets that run here the last is the widest. */
static void the_best_kernels_are_picked(void **state) {
    (void)state;
    assert_ptr_equal(kernels, sets[set_count - 1]);
}

int main(void) {
    denormals_flush();
    engine_start();
    set_count = kernel_sets(sets);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(steps_follow_the_papers),
        cmocka_unit_test(pieces_of_any_length),
        cmocka_unit_test(other_parameters_go_free),
        cmocka_unit_test(the_rate_is_scheduled),
        cmocka_unit_test(the_scale_is_that_of_clip_grad_norm),
        cmocka_unit_test(pieces_at_once_are_pieces_one_by_one),
        cmocka_unit_test(a_preview_is_what_happens),
        cmocka_unit_test(states_are_as_the_table_says),
        cmocka_unit_test(adam_starts_with_the_learning_rate),
        cmocka_unit_test(small_constants_are_right),
        cmocka_unit_test(betas_close_to_one_are_no_trouble),
        cmocka_unit_test(the_best_kernels_are_picked),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
