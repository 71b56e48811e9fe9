#include "base/check.h"

#include "base/require.h"
#include "engine/denormals.h"
#include "engine/rbm.h"
#include "tools.h"

enum { MOST = 64, MOST_BATCH = 50 };

static const struct random_stream stream = { 5, RANDOM_RBM_STATE, 261 };

/* An RBM with its own memory, weights N(0, sd^2) and biases. */
struct machine {
    struct rbm rbm;
    struct arena arena;
    real W[MOST * MOST], c[MOST], data[MOST_BATCH * MOST];
};

static void machine_init(struct machine *m, int visible, int hidden, int batch, double sd) {
    struct arena counting = { 0 };
    memset(m, 0, sizeof *m);
    rbm_layout(&m->rbm, visible, hidden, batch, &counting);
    assert_true(arena_init(&m->arena, counting.used));
    rbm_layout(&m->rbm, visible, hidden, batch, &m->arena);
    fill_normals(m->W, (size_t)(visible * hidden), 1, 0.0, sd);
    fill_normals(m->c, (size_t)hidden, 2, 0.0, 0.1);
    fill_normals(m->data, (size_t)(batch * visible), 3, 0.3, 0.5);
    for (int i = 0; i < batch * visible; i++) {
        m->data[i] = m->data[i] < 0 ? 0 : m->data[i] > 1 ? 1 : m->data[i];
    }
    rbm_begin(&m->rbm, m->W, m->c, visible, hidden);
}

static void machine_finish(struct machine *m) {
    arena_finish(&m->arena);
}

/* The same in double, as the formulas have it, sum by sum. */
struct twin {
    int visible, hidden;
    double W[MOST][MOST], b[MOST], c[MOST];
    double speed_W[MOST][MOST], speed_b[MOST], speed_c[MOST];
};

static void twin_init(struct twin *twin, const struct machine *m) {
    memset(twin, 0, sizeof *twin);
    twin->visible = m->rbm.visible;
    twin->hidden = m->rbm.hidden;
    for (int i = 0; i < twin->visible; i++) {
        for (int j = 0; j < twin->hidden; j++) {
            twin->W[i][j] = (double)m->W[i * twin->hidden + j];
        }
    }
    for (int j = 0; j < twin->hidden; j++) {
        twin->c[j] = (double)m->c[j];
    }
}

static double logistic(double x) {
    return 1.0 / (1.0 + exp(-x));
}

static void twin_hidden(const struct twin *twin, const double *v, double *p) {
    for (int j = 0; j < twin->hidden; j++) {
        double sum = twin->c[j];
        for (int i = 0; i < twin->visible; i++) {
            sum += v[i] * twin->W[i][j];
        }
        p[j] = logistic(sum);
    }
}

static void twin_visible(const struct twin *twin, const double *s, double *v) {
    for (int i = 0; i < twin->visible; i++) {
        double sum = twin->b[i];
        for (int j = 0; j < twin->hidden; j++) {
            sum += s[j] * twin->W[i][j];
        }
        v[i] = logistic(sum);
    }
}

static void twin_move(double *value, double *speed, double momentum, double change) {
    *speed = momentum * *speed + change;
    *value += *speed;
}

static double twin_step(struct twin *twin, const real *data, int batch, double rate, int epoch,
                        uint32_t first_row) {
    static double dW[MOST][MOST], db[MOST], dc[MOST];
    double momentum = epoch <= 5 ? 0.5 : 0.9, squares = 0.0;
    memset(dW, 0, sizeof dW);
    memset(db, 0, sizeof db);
    memset(dc, 0, sizeof dc);
    for (int example = 0; example < batch; example++) {
        double v[MOST], p[MOST], s[MOST], v_made[MOST], p_made[MOST], draw[MOST];
        for (int i = 0; i < twin->visible; i++) {
            v[i] = (double)data[example * twin->visible + i];
        }
        twin_hidden(twin, v, p);
        random_uniforms(&stream, first_row + (uint32_t)example, 0, (uint32_t)twin->hidden, draw);
        for (int j = 0; j < twin->hidden; j++) {
            s[j] = draw[j] < p[j] ? 1.0 : 0.0;
        }
        twin_visible(twin, s, v_made);
        twin_hidden(twin, v_made, p_made);
        for (int i = 0; i < twin->visible; i++) {
            for (int j = 0; j < twin->hidden; j++) {
                dW[i][j] += (v[i] * p[j] - v_made[i] * p_made[j]) / batch;
            }
            db[i] += (v[i] - v_made[i]) / batch;
            squares += (v[i] - v_made[i]) * (v[i] - v_made[i]);
        }
        for (int j = 0; j < twin->hidden; j++) {
            dc[j] += (p[j] - p_made[j]) / batch;
        }
    }
    for (int i = 0; i < twin->visible; i++) {
        for (int j = 0; j < twin->hidden; j++) {
            double cost = 0.0002 * twin->W[i][j];
            twin_move(&twin->W[i][j], &twin->speed_W[i][j], momentum, rate * (dW[i][j] - cost));
        }
        twin_move(&twin->b[i], &twin->speed_b[i], momentum, rate * db[i]);
    }
    for (int j = 0; j < twin->hidden; j++) {
        twin_move(&twin->c[j], &twin->speed_c[j], momentum, rate * dc[j]);
    }
    return squares / (batch * twin->visible);
}

static double worst_difference(const struct twin *twin, const struct machine *m) {
    double worst = 0.0;
    for (int i = 0; i < twin->visible; i++) {
        for (int j = 0; j < twin->hidden; j++) {
            worst = fmax(worst, fabs(twin->W[i][j] - (double)m->W[i * twin->hidden + j]));
        }
        worst = fmax(worst, fabs(twin->b[i] - (double)m->rbm.b[i]));
    }
    for (int j = 0; j < twin->hidden; j++) {
        worst = fmax(worst, fabs(twin->c[j] - (double)m->c[j]));
    }
    return worst;
}

/* Small and large shapes, over the change of momentum; the batch may be smaller than the room. */
static void updates_are_those_of_the_twin(void **state) {
    (void)state;
    static const struct {
        int visible, hidden, batch;
        double sd, rate;
    } cases[] = {
        { 1, 1, 1, 1.0, 0.1 },    { 2, 5, 4, 1.0, 0.5 },    { 64, 30, 50, 0.01, 0.1 },
        { 30, 64, 33, 0.3, 0.1 }, { 64, 64, 50, 0.1, 1.0 }, { 7, 3, 10, 2.0, 0.05 },
    };
    static struct machine m;
    static struct twin twin;
    double worst = 0.0;
    for (int k = 0; k < ARRAY_LEN(cases); k++) {
        machine_init(&m, cases[k].visible, cases[k].hidden, cases[k].batch, cases[k].sd);
        twin_init(&twin, &m);
        for (int step = 0; step < 24; step++) {
            int epoch = step / 3 + 1, batch = step % 2 ? cases[k].batch : (cases[k].batch + 1) / 2;
            uint32_t row = (uint32_t)step * 1000;
            double error = rbm_step(&m.rbm, m.data, batch, cases[k].rate, epoch, &stream, row);
            double want = twin_step(&twin, m.data, batch, cases[k].rate, epoch, row);
            assert_true(relative_error(error, want) < 1e-5);
            worst = fmax(worst, worst_difference(&twin, &m));
        }
        machine_finish(&m);
    }
    print_message("worst difference of a parameter: %.2g\n", worst);
    assert_true(worst < 2e-5);
}

/* The states are 0 or 1, and on as often as their probability says. */
/* v' of p instead of drawn states, with biases that are not zero any more; nothing is changed. */
static void a_reconstruction_draws_nothing(void **state) {
    (void)state;
    enum { V = 30, H = 17, B = 9, STEPS = 4 };
    struct machine m;
    static struct twin twin;
    static real p[B * H], made[B * V], W[MOST * MOST];
    machine_init(&m, V, H, B, 0.5);
    twin_init(&twin, &m);
    for (int step = 0; step < STEPS; step++) {
        rbm_step(&m.rbm, m.data, B, 0.1, 1, &stream, (uint32_t)step * B);
        twin_step(&twin, m.data, B, 0.1, 1, (uint32_t)step * B);
    }
    memcpy(W, m.W, sizeof W);
    struct rbm before = m.rbm;
    rbm_reconstruct(&m.rbm, m.data, B, p, made);
    assert_memory_equal(W, m.W, sizeof W);
    assert_memory_equal(&before, &m.rbm, sizeof before);
    double worst = 0.0, bias = 0.0;
    for (int i = 0; i < B; i++) {
        double v[V], hidden[H], expected[V];
        for (int k = 0; k < V; k++) {
            v[k] = (double)m.data[i * V + k];
            bias = fmax(bias, fabs(twin.b[k]));
        }
        twin_hidden(&twin, v, hidden);
        twin_visible(&twin, hidden, expected);
        for (int k = 0; k < V; k++) {
            worst = fmax(worst, fabs(expected[k] - (double)made[i * V + k]));
        }
        for (int k = 0; k < H; k++) {
            worst = fmax(worst, fabs(hidden[k] - (double)p[i * H + k]));
        }
    }
    print_message("worst difference %.2g, biases up to %.2g\n", worst, bias);
    assert_true(worst < 1e-5 && bias > 0.01);
    machine_finish(&m);
}

static void states_follow_their_probabilities(void **state) {
    (void)state;
    static struct machine m;
    double on = 0.0, expected = 0.0, variance = 0.0;
    machine_init(&m, 20, 40, 50, 0.5);
    for (int step = 0; step < 50; step++) {
        static real before[50 * 40];
        rbm_step(&m.rbm, m.data, 50, 0.0, 1, &stream, (uint32_t)step * 50);
        for (int i = 0; i < 50 * 40; i++) {
            double p = (double)m.rbm.p[i];
            assert_true(m.rbm.s[i] == 0 || m.rbm.s[i] == 1);
            on += (double)m.rbm.s[i];
            expected += p;
            variance += p * (1.0 - p);
        }
        assert_true(memcmp(before, m.rbm.s, sizeof before) != 0); // other draws at other rows
        memcpy(before, m.rbm.s, sizeof before);
    }
    assert_true(fabs(on - expected) < 5.0 * sqrt(variance));
    machine_finish(&m);
}

/* Without a rate nothing moves, for the cost of weights is part of what it multiplies. */
static void a_rate_of_zero_learns_nothing(void **state) {
    (void)state;
    static struct machine m, fresh;
    machine_init(&m, 30, 20, 40, 0.2);
    machine_init(&fresh, 30, 20, 40, 0.2);
    rbm_step(&m.rbm, m.data, 40, 0.0, 1, &stream, 0);
    assert_memory_equal(m.W, fresh.W, sizeof m.W);
    assert_memory_equal(m.c, fresh.c, sizeof m.c);
    machine_finish(&m);
    machine_finish(&fresh);
}

/* Four patterns, shown again and again, are learned: their reconstruction comes near to them. */
static void the_reconstruction_error_falls(void **state) {
    (void)state;
    static struct machine m;
    machine_init(&m, 32, 16, 40, 0.01);
    for (int i = 0; i < 40 * 32; i++) {
        m.data[i] = i / 32 % 4 == i % 32 / 8; // one of four blocks is on
    }
    double first = 0.0, last = 0.0;
    for (int step = 0; step < 1000; step++) {
        double error =
            rbm_step(&m.rbm, m.data, 40, 0.1, 1 + step / 100, &stream, (uint32_t)step * 40);
        first = step == 0 ? error : first;
        last = error;
    }
    print_message("reconstruction error from %.3g to %.3g\n", first, last);
    assert_true(first > 0.2 && last < 0.01); // at first all is 1/2
    machine_finish(&m);
}

/* A new beginning forgets visible biases and speeds, and nothing else is carried along. */
static void the_same_again_gives_the_same_bits(void **state) {
    (void)state;
    static struct machine m, again;
    machine_init(&m, 30, 20, 40, 0.1);
    machine_init(&again, 30, 20, 40, 0.1);
    for (int step = 0; step < 10; step++) {
        rbm_step(&again.rbm, m.data, 40, 0.3, 7, &stream, 77);
    }
    memcpy(again.W, m.W, sizeof m.W);
    memcpy(again.c, m.c, sizeof m.c);
    rbm_begin(&again.rbm, again.W, again.c, 30, 20);
    for (int step = 0; step < 10; step++) {
        uint32_t row = (uint32_t)step * 40;
        double error = rbm_step(&m.rbm, m.data, 40, 0.1, 1, &stream, row);
        assert_true(error == rbm_step(&again.rbm, m.data, 40, 0.1, 1, &stream, row));
    }
    assert_memory_equal(m.W, again.W, sizeof m.W);
    assert_memory_equal(m.c, again.c, sizeof m.c);
    assert_memory_equal(m.rbm.b, again.rbm.b, 30 * sizeof(real));
    machine_finish(&m);
    machine_finish(&again);
}

static int set_up(void **state) {
    (void)state;
    engine_start();
    denormals_flush();
    return 0;
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(updates_are_those_of_the_twin),
        cmocka_unit_test(a_reconstruction_draws_nothing),
        cmocka_unit_test(states_follow_their_probabilities),
        cmocka_unit_test(a_rate_of_zero_learns_nothing),
        cmocka_unit_test(the_reconstruction_error_falls),
        cmocka_unit_test(the_same_again_gives_the_same_bits),
    };
    return cmocka_run_group_tests(tests, set_up, NULL);
}
