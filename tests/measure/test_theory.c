#include "base/check.h"

#include <math.h>
#include <string.h>

#include "base/random.h"
#include "base/require.h"
#include "engine/denormals.h"
#include "engine/kernels.h"
#include "mean_field.h"
#include "measure/capture.h"
#include "measure/theory.h"

/* Against numbers computed in float64 by other means: scipy's adaptive quadrature and maps. */

static bool near(double value, double reference, double relative) {
    return fabs(value - reference) <= relative * fabs(reference);
}

static void moments_are_the_known_ones(void **state) {
    (void)state;
    static const struct {
        enum activation which;
        double q, mean, square, slope_square;
    } rows[] = {
        { ACTIVATION_SIGMOID, 0.5, 0.5, .275376632006, .051362517041 },
        { ACTIVATION_SIGMOID, 1, 0.5, .293379035858, .044836241350 },
        { ACTIVATION_SIGMOID, 10, 0.5, .389705357573, .019806750212 },
        { ACTIVATION_TANH, 0.5, 0, .273676307937, .592425793372 },
        { ACTIVATION_TANH, 1, 0, .394294490398, .464402902448 },
        { ACTIVATION_TANH, 10, 0, .757266276921, .165572420770 },
        { ACTIVATION_SOFTSIGN, 1, 0, .183014021267, .227671340422 },
        { ACTIVATION_RELU, 1, .398942280401, .5, .5 },
        { ACTIVATION_ELU, 1, .160520572267, .644945417493, .668102001223 },
        { ACTIVATION_SELU, 1, 0, 1, 1.071574992456 },
        { ACTIVATION_SELU, 2, .089612083764, 1.722508397220, .946689227765 },
        { ACTIVATION_GELU, 1, .282094791774, .425221482570, .455850865649 },
        { ACTIVATION_SILU, 1, .206620964142, .355775519817, .379482351633 },
        { ACTIVATION_HARD_TANH, 1, 0, .516058550962, .682689492137 },
    };
    for (int i = 0; i < ARRAY_LEN(rows); i++) {
        struct theory_moments moments = theory_moments(phi_of(rows[i].which), rows[i].q);
        assert_true(fabs(moments.mean - rows[i].mean) < 1e-11);
        assert_true(fabs(moments.square - rows[i].square) < 1e-11);
        assert_true(fabs(moments.slope_square - rows[i].slope_square) < 1e-11);
    }
}

/* The sum over midpoints of steps that end at every kink: slow, simple, and error of order h^2. */
static struct theory_moments brute(enum activation which, double q, int steps) {
    const struct activation_row *phi = &activations[which];
    struct theory_moments sum = { 0 };
    double edges[4] = { -14.0 }, root = sqrt(q);
    int pieces = 0;
    for (int k = 0; k < phi->kinks; k++) {
        edges[++pieces] = phi->kink[k] / root;
    }
    edges[++pieces] = 14.0;
    for (int p = 0; p < pieces; p++) {
        double h = (edges[p + 1] - edges[p]) / steps;
        for (int i = 0; i < steps; i++) {
            double x = edges[p] + h * (i + 0.5), w = h * exp(-0.5 * x * x) / sqrt(2.0 * acos(-1.0));
            double value = phi->value(root * x), slope = phi->slope(root * x);
            sum.mean += w * value;
            sum.square += w * value * value;
            sum.slope_square += w * slope * slope;
        }
    }
    return sum;
}

/* Every activation and size of q, by Richardson's extrapolation of the brute sums. */
static void the_rule_errs_less_than_stated(void **state) {
    (void)state;
    static const double sizes[] = { 1e-4, 0.1, 1.0, 10.0, 400.0, 1e4 };
    enum { STEPS = 60000 };
    double worst = 0.0;
    for (int a = 0; a < ACTIVATION_COUNT; a++) {
        for (int i = 0; i < ARRAY_LEN(sizes); i++) {
            enum activation which = (enum activation)a;
            struct theory_moments got = theory_moments(phi_of(which), sizes[i]);
            struct theory_moments fine = brute(which, sizes[i], 2 * STEPS);
            struct theory_moments coarse = brute(which, sizes[i], STEPS);
            double square = (4.0 * fine.square - coarse.square) / 3.0;
            double slope = (4.0 * fine.slope_square - coarse.slope_square) / 3.0;
            double mean = (4.0 * fine.mean - coarse.mean) / 3.0;
            double off = fmax(fabs(got.square - square) / fmax(1.0, square),
                              fmax(fabs(got.slope_square - slope),
                                   fabs(got.mean - mean) / fmax(1.0, fabs(mean))));
            worst = fmax(worst, off);
            if (!(off < 1e-10)) {
                fail_msg("%s, q = %g: %.3g off", activations[a].name, sizes[i], off);
            }
        }
    }
    print_message("worst error of a moment: %.2g\n", worst);
}

/* growth is the derivative of the square by q. */
static void growth_is_the_derivative(void **state) {
    (void)state;
    static const double sizes[] = { 0.01, 1.0, 30.0 };
    for (int a = 0; a < ACTIVATION_COUNT; a++) {
        for (int i = 0; i < ARRAY_LEN(sizes); i++) {
            enum activation which = (enum activation)a;
            double q = sizes[i], h = 1e-3 * q;
            double difference = (theory_moments(phi_of(which), q + h).square -
                                 theory_moments(phi_of(which), q - h).square) /
                                (2.0 * h);
            assert_true(fabs(theory_moments(phi_of(which), q).growth - difference) < 1e-6);
        }
    }
}

/* ReLU has closed forms for everything. */
static void relu_follows_its_closed_forms(void **state) {
    (void)state;
    for (double q = 1e-6; q < 1e6; q *= 10.0) {
        assert_true(near(mean_field_next_q(phi_of(ACTIVATION_RELU), 2.0, 0.0, q), q, 1e-13));
        assert_true(near(mean_field_chi(phi_of(ACTIVATION_RELU), 2.0, q), 1.0, 1e-13));
    }
    static const double steps[] = { .67754757, .73343379, .77531243, .80764783, .83321662 };
    double c = 0.6;
    for (int i = 0; i < ARRAY_LEN(steps); i++) {
        double slope, pi = acos(-1.0);
        double want = (sqrt(1.0 - c * c) + c * (pi - acos(c))) / pi;
        double next = mean_field_next_c(phi_of(ACTIVATION_RELU), 2.0, 0.0, 3.0, c, &slope);
        assert_true(near(next, want, 1e-9) && near(next, steps[i], 1e-7));
        assert_true(near(slope, (pi - acos(c)) / pi, 1e-9));
        c = next;
    }
}

#define SAME(value, reference, digits)                                                             \
    (isinf(reference) ? isinf(value) : fabs((value) - (reference)) <= 0.6 * pow(10.0, -(digits)))

static void fixed_points_are_the_known_ones(void **state) {
    (void)state;
    static const struct {
        enum activation which;
        double sw2, sb2, q, chi, xi_q, xi_gradient, c, xi_c;
        int q_digits, xi_digits;
    } rows[] = {
#define S ACTIVATION_SIGMOID
#define T ACTIVATION_TANH
        { S, 1, 0, .26468688, .05572071, .3327, .3463, 1, .3463, 8, 4 },
        { S, 1, 1, 1.30213404, .04195973, .2767, .3154, 1, .3154, 8, 4 },
        { S, 16, 0, 5.85540356, .39887901, .4797, 1.0880, 1, 1.0880, 8, 4 },
        { S, 64, 0, 27.38252313, .79482328, .3875, 4.3547, 1, 4.3547, 8, 4 },
        { T, 1, .05, .19359252, .75903165, 1.7476, 3.6270, 1, 3.6270, 8, 4 },
        { T, 1.69, .09, .60704679, .93980743, 1.3377, 16.1082, 1, 16.1082, 8, 4 },
        { T, 2, .05, .72176187, 1.04766600, 1.3880, -21.475, .744082, 25.2134, 8, 3 },
        { T, 2.5, .05, 1.063958, 1.133516, 1.1799, -7.98, .446804, 11.7956, 6, 2 },
        { T, 4, .05, 2.19549393, 1.34240241, .8733, -3.3960, .165065, 6.9803, 8, 4 },
        { T, 6.25, .09, 4.07912388, 1.58522477, .6883, -2.1705, .122104, 5.1089, 8, 4 },
        { T, 16, .09, 12.60414950, 2.36726104, .4903, -1.1605, -1, 0, 8, 4 },
        { T, 25.0 / 9.0, 0, 1.17848049, 1.20983132, 1.1878, -5.2499, -1, 0, 8, 4 },
        { ACTIVATION_RELU, 1, 0, 0, .5, 1.4427, 1.4427, 1, 1.4427, 8, 4 },
        { ACTIVATION_RELU, 1, 1, 2, .5, 1.4427, 1.4427, 1, 1.4427, 8, 4 },
        { ACTIVATION_SELU, 1, 0, 1, 1.07157499, 4.0804, -14.4656, -1, 0, 8, 4 },
        { ACTIVATION_GELU, 2, .05, .12449562, .62676944, 2.5901, 2.1405, 1, 2.1405, 8, 4 },
#undef S
#undef T
    };
    for (int i = 0; i < ARRAY_LEN(rows); i++) {
        struct mean_field_point point;
        assert_true(
            mean_field_settle(phi_of(rows[i].which), rows[i].sw2, rows[i].sb2, 1.0, &point));
        bool same =
            SAME(point.q, rows[i].q, rows[i].q_digits) &&
            SAME(point.chi, rows[i].chi, rows[i].q_digits) && SAME(point.xi_q, rows[i].xi_q, 4) &&
            SAME(point.xi_gradient, rows[i].xi_gradient, rows[i].xi_digits) &&
            (rows[i].c < 0.0 || (SAME(point.c, rows[i].c, 6) && SAME(point.xi_c, rows[i].xi_c, 4)));
        if (!same) {
            fail_msg("%s %g %g: q %.8f chi %.8f xi_q %.4f xi_gradient %.4f c %.6f xi_c %.4f",
                     activations[rows[i].which].name, rows[i].sw2, rows[i].sb2, point.q, point.chi,
                     point.xi_q, point.xi_gradient, point.c, point.xi_c);
        }
    }
    for (double from = 0.01; from < 100.0; from *= 7.0) { // He keeps any q, on the critical line
        struct mean_field_point point;
        assert_true(mean_field_settle(phi_of(ACTIVATION_RELU), 2.0, 0.0, from, &point));
        assert_true(near(point.q, from, 1e-10) && point.chi == 1.0 && isinf(point.xi_q));
        assert_true(isinf(point.xi_gradient) && point.c == 1.0);
    }
    struct mean_field_point point;
    assert_false(mean_field_settle(phi_of(ACTIVATION_RELU), 2.5, 0.0, 1.0, &point));
    assert_false(mean_field_settle(phi_of(ACTIVATION_RELU), 2.0, 0.1, 1.0, &point));
    assert_false(mean_field_settle(phi_of(ACTIVATION_GELU), 4.0, 0.0, 1.0, &point));
}

/* tanh forgets its first q only as 1 / (2 l) at sw2 = 1. */
static void the_maps_go_through_the_known_steps(void **state) {
    (void)state;
    static const double q_tanh[] = { 1,         .39429449, .23645041, .16665635, .12790474,
                                     .10344061, .08666559, .07448020, .06524432, .05801185 };
    static const double chi_tanh[] = { .46440290, .63654456, .72672868, .78181945, .81879715,
                                       .84525895, .86509521, .88049746, .89279140, .90282469 };
    static const double q_sigmoid[] = { 1, .29337904, .26609156, .26475638, .26469032, .26468705 };
    double q = 1.0;
    for (int l = 0; l < ARRAY_LEN(q_tanh); l++) {
        assert_true(SAME(q, q_tanh[l], 8));
        assert_true(SAME(mean_field_chi(phi_of(ACTIVATION_TANH), 1.0, q), chi_tanh[l], 8));
        q = mean_field_next_q(phi_of(ACTIVATION_TANH), 1.0, 0.0, q);
    }
    q = 1.0;
    for (int l = 0; l < ARRAY_LEN(q_sigmoid); l++) {
        assert_true(SAME(q, q_sigmoid[l], 8));
        q = mean_field_next_q(phi_of(ACTIVATION_SIGMOID), 1.0, 0.0, q);
    }
    static const struct {
        double sw2, step[5];
    } rows[] = {
        { 1.0, { .70007809, .77451954, .83012058, .87179335, .90311472 } },
        { 1.76095464, { .61983668, .63797331, .65460533, .66990100, .68400572 } },
        { 4.0, { .55815850, .51814248, .48048083, .44551664, .41342936 } },
    };
    for (int i = 0; i < ARRAY_LEN(rows); i++) {
        struct mean_field_point point;
        assert_true(mean_field_settle(phi_of(ACTIVATION_TANH), rows[i].sw2, 0.05, 1.0, &point));
        double c = 0.6, slope;
        for (int k = 0; k < 5; k++) {
            c = mean_field_next_c(phi_of(ACTIVATION_TANH), rows[i].sw2, 0.05, point.q, c, &slope);
            assert_true(SAME(c, rows[i].step[k], 8));
        }
    }
}

/* sw2 of the critical line at a given sb2, by bisection in q. */
static double critical_at(enum activation which, double sb2_wanted, double low, double high) {
    double sw2 = 0.0, sb2;
    for (int i = 0; i < 60; i++) {
        double q = 0.5 * (low + high);
        theory_critical(phi_of(which), q, &sw2, &sb2);
        *(sb2 < sb2_wanted ? &low : &high) = q;
    }
    return sw2;
}

static void the_critical_line_is_the_known_one(void **state) {
    (void)state;
    static const double of_tanh[][2] = {
        { 1e-4, 1.08602629 }, { .001, 1.18918959 }, { .01, 1.42420529 }, { .02, 1.54419284 },
        { .04, 1.70079637 },  { .05, 1.76095464 },  { .09, 1.94765463 }, { .1, 1.98607264 },
        { .2, 2.28515247 },   { .3, 2.50512719 },   { .5, 2.84316746 },  { 1, 3.44321091 },
    };
    for (int i = 0; i < ARRAY_LEN(of_tanh); i++) {
        assert_true(SAME(critical_at(ACTIVATION_TANH, of_tanh[i][0], 0.0, 20.0), of_tanh[i][1], 8));
    }
    assert_true(SAME(critical_at(ACTIVATION_SOFTSIGN, 0.05, 0.0, 20.0), 3.14124724, 8));
    assert_true(SAME(critical_at(ACTIVATION_HARD_TANH, 0.05, 0.0, 20.0), 1.16554469, 8));
    assert_true(SAME(critical_at(ACTIVATION_SIGMOID, 0.0, 20.0, 90.0), 103.00755, 5));
    static const struct {
        enum activation which;
        double sw2, sb2;
    } at_one[] = {
        { ACTIVATION_ELU, 1.496777, .034660 },
        { ACTIVATION_GELU, 2.193700, .067192 },
        { ACTIVATION_SILU, 2.635169, .062472 },
        { ACTIVATION_SELU, .933206, .066794 },
    };
    for (int i = 0; i < ARRAY_LEN(at_one); i++) {
        double sw2, sb2;
        theory_critical(phi_of(at_one[i].which), 1.0, &sw2, &sb2);
        assert_true(SAME(sw2, at_one[i].sw2, 6) && SAME(sb2, at_one[i].sb2, 6));
        assert_true(near(mean_field_next_q(phi_of(at_one[i].which), sw2, sb2, 1.0), 1.0, 1e-12));
        assert_true(near(mean_field_chi(phi_of(at_one[i].which), sw2, 1.0), 1.0, 1e-12));
    }
}

static void factors_of_blocks_are_the_known_ones(void **state) {
    (void)state;
    static const struct {
        enum activation which;
        double batch, layer; // 0: not known
    } rows[] = {
        { ACTIVATION_RELU, 1.2112, 1.0 },      { ACTIVATION_TANH, 1.0853, 1.0853 },
        { ACTIVATION_SIGMOID, 1.0167, .3909 }, { ACTIVATION_SELU, 1.0352, 1.0352 },
        { ACTIVATION_ELU, 1.0388, 1.0178 },    { ACTIVATION_GELU, 1.1484, 1.0354 },
        { ACTIVATION_SILU, 1.1009, 1.0328 },   { ACTIVATION_SOFTSIGN, 1.1154, 1.1154 },
        { ACTIVATION_LINEAR, 1.0, 1.0 },
    };
    for (int i = 0; i < ARRAY_LEN(rows); i++) {
        assert_true(SAME(mean_field_batch_norm(phi_of(rows[i].which)), rows[i].batch, 4));
        assert_true(SAME(mean_field_layer_norm(phi_of(rows[i].which)), rows[i].layer, 4));
    }
    double pi = acos(-1.0);
    assert_true(near(mean_field_batch_norm(phi_of(ACTIVATION_RELU)), sqrt(pi / (pi - 1.0)), 1e-12));
    assert_true(
        near(mean_field_block_forward(phi_of(ACTIVATION_RELU), 2.0, 2.0, 1.0, 0.7), 3.0, 1e-12));
    assert_true(
        near(mean_field_block_backward(phi_of(ACTIVATION_RELU), 2.0, 2.0, 1.0, 0.7), 3.0, 1e-12));
    double scale = sqrt(1.0 / 20.0); // 20 blocks of 1.1: 6.7
    assert_true(
        near(mean_field_block_forward(phi_of(ACTIVATION_RELU), 2.0, 2.0, scale, 1.0), 1.1, 1e-12));
}

static struct network_config config_of(enum activation activation, enum initialiser init) {
    return (struct network_config){
        .layers = 20,
        .width = 500,
        .inputs = 500,
        .outputs = 10,
        .batch = 128,
        .phi = phi_of(activation),
        .init = init,
        .init_scale = 1.0,
        .loss = LOSS_CROSS_ENTROPY,
        .optimiser = { .which = OPTIMISER_SGD, .learning_rate = 0.1 },
        .seed = 1,
    };
}

static void it_says_where_it_does_not_apply(void **state) {
    (void)state;
    static struct theory theory;
    struct network_config config = config_of(ACTIVATION_RELU, INITIALISER_HE);
    theory_predict(&config, 1.0, 0, &theory);
    assert_true(theory.applies && theory.reason[0] == '\0');
    theory_predict(&config, 1.0, 1, &theory);
    assert_true(!theory.applies && strstr(theory.reason, "training"));
    for (int init = 0; init < INITIALISER_COUNT; init++) {
        config.init = (enum initialiser)init;
        config.init_scale = init == INITIALISER_NORMAL || init == INITIALISER_UNIFORM ? 0.1 : 1.0;
        theory_predict(&config, 1.0, 0, &theory);
        bool fitted = init == INITIALISER_LSUV || init == INITIALISER_RBM;
        bool random = init != INITIALISER_ZERO && init != INITIALISER_CONSTANT &&
                      init != INITIALISER_IDENTITY && init != INITIALISER_ORTHOGONAL && !fitted;
        assert_int_equal(theory.applies, random);
        assert_int_equal(theory.applies, theory.reason[0] == '\0');
        assert_int_equal(fitted, strstr(theory.reason, "fitted to data") != NULL);
    }
    config = config_of(ACTIVATION_TANH, INITIALISER_XAVIER);
    config.bias = 0.1;
    theory_predict(&config, 1.0, 0, &theory);
    assert_true(!theory.applies && strstr(theory.reason, "0.1"));
    config.bias = 0.0;
    config.bias_sd = sqrt(0.05); // then q settles (Schoenholz et al. 2017)
    theory_predict(&config, 1.0, 0, &theory);
    assert_true(theory.applies && near(theory.q[19], 0.19359252, 1e-4));
    assert_true(near(theory.chi[19], 0.75903165, 1e-4));
    config.bias_sd = 0.0;
    theory_predict(&config, 0.0, 0, &theory);
    assert_false(theory.applies);
    config = config_of(ACTIVATION_GELU, INITIALISER_HE);
    theory_predict(&config, 1.0, 0, &theory);
    assert_true(!theory.applies && strstr(theory.reason, "unstable"));
    for (int a = 0; a < ACTIVATION_COUNT; a++) { // with Xavier all of them are stable
        config = config_of((enum activation)a, INITIALISER_XAVIER);
        theory_predict(&config, 1.0, 0, &theory);
        bool fixed = !activations[a].learned && activations[a].form != ACTIVATION_PIECES;
        assert_int_equal(theory.applies, fixed);
    }
    config = config_of(ACTIVATION_TANH, INITIALISER_XAVIER);
    config.connection.which = CONNECTION_RECURRENT;
    theory_predict(&config, 1.0, 0, &theory);
    assert_true(!theory.applies && strstr(theory.reason, "recurrent"));
    config = config_of(ACTIVATION_SELU, INITIALISER_XAVIER);
    config.noise.alpha_dropout = 0.5;
    theory_predict(&config, 1.0, 0, &theory);
    assert_true(!theory.applies && strstr(theory.reason, "alpha dropout"));
}

/*
 * Networks of 500 units and 20 layers on white input: RMS delta_l / RMS delta_L, the mean over five
 * seeds, beside theory. They share their first weights, for drawing them is what takes the time.
 */
enum { SEEDS = 5, BATCH = 128, WIDTH = 500, LAYERS = 20 };

static const struct {
    enum activation activation;
    enum initialiser init;
    double most; // relative
} measured[] = {
    { ACTIVATION_TANH, INITIALISER_XAVIER, 0.1 },
    { ACTIVATION_SIGMOID, INITIALISER_XAVIER, 0.1 },
    { ACTIVATION_SELU, INITIALISER_XAVIER, 0.1 },
    { ACTIVATION_ELU, INITIALISER_XAVIER, 0.1 },
    { ACTIVATION_SOFTSIGN, INITIALISER_XAVIER, 0.1 },
    { ACTIVATION_RELU, INITIALISER_HE, 0.2 },
};

static void draw_input(uint64_t seed, float *input, uint8_t *labels) {
    static double draws[WIDTH];
    const struct random_stream stream = { seed, RANDOM_DATA_INPUT, 0 };
    for (uint32_t i = 0; i < BATCH; i++) {
        random_normals(&stream, i, 0, WIDTH, draws);
        for (int j = 0; j < WIDTH; j++) {
            input[i * WIDTH + (uint32_t)j] = (float)draws[j];
        }
        labels[i] = (uint8_t)(i % 10);
    }
}

static void scale_weights(struct network *network, float factor) {
    for (int l = 0; l <= LAYERS; l++) {
        for (size_t i = 0; i < network->layer[l].weight.n; i++) {
            network->layer[l].weight.value[i] *= factor;
        }
    }
}

static double rms_of(double squares) {
    return sqrt(squares / (BATCH * WIDTH));
}

/* Examples that a network is measured on, and what comes of it in the mean over some of them. */
struct trial {
    struct network network;
    struct arena arena;
    float input[BATCH * WIDTH];
    uint8_t labels[BATCH];
};

struct means {
    double ratio[LAYERS], h[LAYERS]; // RMS delta_l / RMS delta_L, RMS h_l
};

static struct trial trial;

/* Room for networks of that shape. */
static void trial_start(const struct network_config *config) {
    trial.arena = (struct arena){ 0 };
    network_layout(&trial.network, config, &trial.arena);
    assert_true(arena_init(&trial.arena, trial.arena.used));
}

/* The first weights of a seed, and examples of its own. */
static void trial_begin(const struct network_config *config) {
    trial.arena.used = 0;
    network_layout(&trial.network, config, &trial.arena);
    assert_true(network_reset(&trial.network, NULL));
    draw_input(config->seed, trial.input, trial.labels);
}

/* A pass, added to the means over so many. */
static void trial_pass(int count, struct means *means) {
    struct network *network = &trial.network;
    int layers = network->config.layers;
    network_forward(network, &(struct network_batch){ .input = trial.input,
                                                      .targets = { .labels = trial.labels },
                                                      .count = BATCH,
                                                      .training = true,
                                                      .step = 1 });
    network_backward(network);
    double last = network->layer[layers - 1].sums.delta_squared;
    for (int l = 0; l < layers; l++) {
        const struct layer_sums *sums = &network->layer[l].sums;
        means->ratio[l] += sqrt(sums->delta_squared / last) / count;
        means->h[l] += rms_of(sums->h_squared) / count;
    }
}

static void trial_end(void) {
    arena_finish(&trial.arena);
}

/* How far the means are from what is predicted, at most, relatively. */
static double worst_of(const double *measured_values, const double *predicted, int layers) {
    double worst = 0.0;
    for (int l = 0; l < layers; l++) {
        worst = fmax(worst, fabs(measured_values[l] / predicted[l] - 1.0));
    }
    return worst;
}

static void wide_networks_do_as_predicted(void **state) {
    (void)state;
    static struct means means[ARRAY_LEN(measured)];
    static struct theory theory;
    struct network_config config = config_of(ACTIVATION_TANH, INITIALISER_XAVIER);
    double input_square = 0.0;
    trial_start(&config);
    for (config.seed = 1; config.seed <= SEEDS; config.seed++) {
        trial_begin(&config);
        enum initialiser init = INITIALISER_XAVIER;
        for (int k = 0; k < ARRAY_LEN(measured); k++) {
            if (measured[k].init != init) { // to He
                scale_weights(&trial.network, (float)sqrt(2.0));
                init = measured[k].init;
            }
            for (int l = 0; l < LAYERS; l++) {
                trial.network.layer[l].phi = phi_of(measured[k].activation);
            }
            trial_pass(SEEDS, &means[k]);
        }
        input_square += capture_input_square(&trial.network) / SEEDS;
    }
    trial_end();
    assert_true(near(input_square, 1.0, 0.02));
    for (int k = 0; k < ARRAY_LEN(measured); k++) {
        config.phi = phi_of(measured[k].activation);
        config.init = measured[k].init;
        theory_predict(&config, input_square, 0, &theory);
        assert_true(theory.applies);
        double worst = worst_of(means[k].ratio, theory.delta_ratio, LAYERS);
        double worst_h = worst_of(means[k].h, theory.h_rms, LAYERS);
        print_message(
            "%-9s delta_1 / delta_L %.3g, theory %.3g; most off: delta %.1f %%, h %.1f %%\n",
            activations[config.phi.which].name, means[k].ratio[0], theory.delta_ratio[0],
            100.0 * worst, 100.0 * worst_h);
        assert_true(worst < measured[k].most && worst_h < measured[k].most);
    }
}

/* The same where something stands between the layers: normalisation, dropped units and weights. */
static void blocks_do_as_predicted(void **state) {
    (void)state;
    static const struct {
        enum activation activation;
        enum initialiser init;
        enum normalisation normalisation;
        double dropout, drop_connect;
        double factor; // of RMS delta per layer, from the papers' formulas
        double most;   // relative, after ten layers
    } rows[] = {
        { ACTIVATION_RELU, INITIALISER_HE, NORMALISATION_BATCH, 0.0, 0.0, 1.2112, 0.1 },
        { ACTIVATION_TANH, INITIALISER_XAVIER, NORMALISATION_BATCH, 0.0, 0.0, 1.0853, 0.1 },
        { ACTIVATION_SIGMOID, INITIALISER_XAVIER, NORMALISATION_LAYER, 0.0, 0.0, 0.3909, 0.1 },
        { ACTIVATION_RELU, INITIALISER_XAVIER, NORMALISATION_NONE, 0.5, 0.0, 1.0, 0.2 },
        { ACTIVATION_RELU, INITIALISER_XAVIER, NORMALISATION_NONE, 0.0, 0.5, 1.0, 0.2 },
        { ACTIVATION_RELU, INITIALISER_HE, NORMALISATION_LAYER, 0.2, 0.1, 1.0, 0.2 },
    };
    enum { DEPTH = 10, NETS = 3 };
    static struct theory theory;
    for (int k = 0; k < ARRAY_LEN(rows); k++) {
        struct network_config config = config_of(rows[k].activation, rows[k].init);
        struct means means = { .h = { 0 } };
        config.layers = DEPTH;
        config.normalisation = rows[k].normalisation;
        config.noise.dropout = rows[k].dropout;
        config.noise.drop_connect = rows[k].drop_connect;
        trial_start(&config);
        for (config.seed = 1; config.seed <= NETS; config.seed++) {
            trial_begin(&config);
            trial_pass(NETS, &means);
        }
        trial_end();
        theory_predict(&config, 1.0, 0, &theory);
        assert_true(theory.applies);
        for (int l = 0; l < DEPTH; l++) {
            assert_true(near(theory.delta_ratio[l], pow(rows[k].factor, DEPTH - 1 - l), 2e-3));
        }
        double worst = fmax(worst_of(means.ratio, theory.delta_ratio, DEPTH),
                            worst_of(means.h, theory.h_rms, DEPTH));
        print_message("%-9s %-10s delta_1 / delta_L %.3g, theory %.3g; most off %.1f %%\n",
                      activations[config.phi.which].name,
                      normalisations[config.normalisation].label, means.ratio[0],
                      theory.delta_ratio[0], 100.0 * worst);
        assert_true(worst < rows[k].most);
    }
}

int main(void) {
    engine_start();
    denormals_flush();
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(moments_are_the_known_ones),
        cmocka_unit_test(the_rule_errs_less_than_stated),
        cmocka_unit_test(growth_is_the_derivative),
        cmocka_unit_test(relu_follows_its_closed_forms),
        cmocka_unit_test(fixed_points_are_the_known_ones),
        cmocka_unit_test(the_maps_go_through_the_known_steps),
        cmocka_unit_test(the_critical_line_is_the_known_one),
        cmocka_unit_test(factors_of_blocks_are_the_known_ones),
        cmocka_unit_test(it_says_where_it_does_not_apply),
        cmocka_unit_test(wide_networks_do_as_predicted),
        cmocka_unit_test(blocks_do_as_predicted),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
