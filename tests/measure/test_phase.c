#include "base/check.h"

#include <math.h>
#include <string.h>

#include "base/require.h"
#include "mean_field.h"
#include "measure/phase.h"
#include "measure/theory.h"

static struct phase phase;

static bool near(double value, double reference, double relative) {
    return value == reference || fabs(value - reference) <= relative * fabs(reference);
}

static bool theory_knows(enum activation which) {
    struct network_config config = { .phi = phi_of(which) };
    char reason[SNAPSHOT_SENTENCE];
    return theory_of_activation(&config, reason);
}

/* Numbers of scipy: iterated maps, adaptive quadrature. */
static void points_are_the_known_ones(void **state) {
    (void)state;
    static const struct {
        enum activation which;
        double sw2, sb2, q, chi, c, xi;
    } rows[] = {
        { ACTIVATION_SIGMOID, 1, 0, .26468688, .05572071, 1, .3463 },
        { ACTIVATION_SIGMOID, 1, 1, 1.30213404, .04195973, 1, .3154 },
        { ACTIVATION_SIGMOID, 16, 0, 5.85540356, .39887901, 1, 1.0880 },
        { ACTIVATION_SIGMOID, 64, 0, 27.38252313, .79482328, 1, 4.3547 },
        { ACTIVATION_TANH, 1, .05, .19359252, .75903165, 1, 3.6270 },
        { ACTIVATION_TANH, 1.69, .09, .60704679, .93980743, 1, 16.1082 },
        { ACTIVATION_TANH, 2, .05, .72176187, 1.04766600, .744082, 25.2134 },
        { ACTIVATION_TANH, 2.5, .05, 1.063958, 1.133516, .446804, 11.7956 },
        { ACTIVATION_TANH, 4, .05, 2.19549393, 1.34240241, .165065, 6.9803 },
        { ACTIVATION_TANH, 6.25, .09, 4.07912388, 1.58522477, .122104, 5.1089 },
        { ACTIVATION_RELU, 1, 0, 0, .5, 1, 1.4427 },
        { ACTIVATION_RELU, 1, 1, 2, .5, 1, 1.4427 },
        { ACTIVATION_GELU, 2, .05, .12449562, .62676944, 1, 2.1405 },
    };
    for (int i = 0; i < ARRAY_LEN(rows); i++) {
        phase_fill(&phase, phi_of(rows[i].which), 10.0, 1.0);
        struct phase_point point = phase_at(&phase, rows[i].sw2, rows[i].sb2);
        if (!point.settles || !near(point.q, rows[i].q, 1e-4) ||
            !near(point.chi, rows[i].chi, 1e-4) || !near(point.c, rows[i].c, 1e-4) ||
            !near(point.xi, rows[i].xi, 5e-4)) {
            fail_msg("%s %g %g: q %.8g chi %.8g c %.6g xi %.5g", activations[rows[i].which].name,
                     rows[i].sw2, rows[i].sb2, point.q, point.chi, point.c, point.xi);
        }
    }
}

/* Every activation against direct quadrature of the maps, on both sides of its line. */
static void points_agree_with_direct_quadrature(void **state) {
    (void)state;
    static const double sw_shares[] = { 0.0, 0.3, 0.55, 0.73, 0.98 }, sbs[] = { 0.0, 0.05, 0.5 };
    for (int a = 0; a < ACTIVATION_COUNT; a++) {
        struct phi phi = phi_of((enum activation)a);
        if (!theory_knows((enum activation)a)) {
            continue;
        }
        phase_fill(&phase, phi, phase_reach(phi), 0.75);
        for (int i = 0; i < ARRAY_LEN(sw_shares) * ARRAY_LEN(sbs); i++) {
            double sw2 = pow(phase.sw_high * sw_shares[i % ARRAY_LEN(sw_shares)], 2.0);
            double sb2 = pow(sbs[i / ARRAY_LEN(sw_shares)], 2.0);
            struct mean_field_point exact;
            bool settles = mean_field_settle(phi, sw2, sb2, fmax(sw2 + sb2, 1e-8), &exact);
            struct phase_point point = phase_at(&phase, sw2, sb2);
            double most = activations[a].kinks > 0 ? 0.03 : 3e-3; // of series without end
            bool same =
                settles == point.settles &&
                (!settles ||
                 (fabs(point.q - exact.q) <= 1e-6 + 1e-4 * exact.q &&
                  near(point.chi, exact.chi, 1e-3) && fabs(point.c - exact.c) < 1e-3 &&
                  (exact.xi_c > 200.0 ? point.xi > 150.0 : near(point.xi, exact.xi_c, most))));
            if (!same) {
                fail_msg("%s %g %g: %d q %.8g chi %.8g c %.6g xi %.5g, not %d %.8g %.8g %.6g %.5g",
                         activations[a].name, sw2, sb2, point.settles, point.q, point.chi, point.c,
                         point.xi, settles, exact.q, exact.chi, exact.c, exact.xi_c);
            }
        }
    }
}

/* sw2 where the line crosses a given sb2. */
static double line_at(double sb2) {
    for (int i = 0; i < phase.line_count; i++) {
        const struct phase_segment *s = &phase.line[i];
        double wanted = sqrt(sb2), from = (double)s->sb[0], to = (double)s->sb[1];
        if ((from - wanted) * (to - wanted) <= 0.0 && from != to) {
            double share = (wanted - from) / (to - from);
            return pow((double)s->sw[0] + share * (double)(s->sw[1] - s->sw[0]), 2.0);
        }
    }
    return (double)NAN;
}

static void the_line_is_the_known_one(void **state) {
    (void)state;
    static const double of_tanh[][2] = {
        { .01, 1.42420529 }, { .02, 1.54419284 }, { .04, 1.70079637 },
        { .05, 1.76095464 }, { .09, 1.94765463 }, { .1, 1.98607264 },
        { .2, 2.28515247 },  { .3, 2.50512719 },  { .5, 2.84316746 },
    };
    phase_fill(&phase, phi_of(ACTIVATION_TANH), 2.0, 0.75);
    for (int i = 0; i < ARRAY_LEN(of_tanh); i++) {
        assert_true(near(line_at(of_tanh[i][0]), of_tanh[i][1], 2e-3));
    }
    phase_fill(&phase, phi_of(ACTIVATION_SOFTSIGN), 2.0, 0.75);
    assert_true(near(line_at(0.05), 3.14124724, 2e-3));
    phase_fill(&phase, phi_of(ACTIVATION_HARD_TANH), 2.0, 0.75);
    assert_true(near(line_at(0.05), 1.16554469, 2e-3));
    static const enum activation vertical[] = { ACTIVATION_RELU, ACTIVATION_LINEAR,
                                                ACTIVATION_LEAKY_RELU };
    static const double at[] = { 2.0, 1.0, 2.0 / (1.0 + ACTIVATION_LEAK * ACTIVATION_LEAK) };
    for (int i = 0; i < ARRAY_LEN(vertical); i++) {
        phase_fill(&phase, phi_of(vertical[i]), 2.0, 0.75);
        assert_int_equal(phase.line_count, PHASE_ROWS - 1);
        for (int s = 0; s < phase.line_count; s++) {
            assert_true(near(pow((double)phase.line[s].sw[0], 2.0), at[i], 1e-3));
            assert_true(near(pow((double)phase.line[s].sw[1], 2.0), at[i], 1e-3));
        }
    }
}

/* Sigmoid's line begins at sw2 = 103.00755; the others' is within reach already. */
static void the_reach_shows_the_line(void **state) {
    (void)state;
    for (int a = 0; a < ACTIVATION_COUNT; a++) {
        if (!theory_knows((enum activation)a)) {
            continue;
        }
        double reach = phase_reach(phi_of((enum activation)a));
        assert_true(reach >= 2.0 && reach < PHASE_MOST);
        phase_fill(&phase, phi_of((enum activation)a), reach, 0.75);
        assert_in_range(phase.line_count, PHASE_ROWS - 1, PHASE_SEGMENTS - 1);
    }
    double reach = phase_reach(phi_of(ACTIVATION_SIGMOID));
    assert_true(reach * reach > 103.00755 && reach * reach < 200.0);
    assert_true(phase_reach(phi_of(ACTIVATION_TANH)) == 2.0);
}

/* The grid holds what phase_at() says of its places, the ends included. */
static void the_grid_spans_the_plane(void **state) {
    (void)state;
    phase_fill(&phase, phi_of(ACTIVATION_RELU), 2.0, 0.5);
    assert_true(phase.chi[0][0] == 0.0f && phase.xi[0][0] == 0.0f);
    assert_true(near((double)phase.chi[10][PHASE_COLUMNS - 1], 2.0, 1e-6)); // chi = sw2 / 2
    assert_true(isnan(phase.xi[10][PHASE_COLUMNS - 1]));
    double sw = 2.0 * 40 / (PHASE_COLUMNS - 1);
    assert_true(near((double)phase.chi[PHASE_ROWS - 1][40], 0.5 * sw * sw, 1e-6));
    assert_true(near((double)phase.xi[PHASE_ROWS - 1][40], -1.0 / log(0.5 * sw * sw), 1e-5));
    struct phase_point top = phase_at(&phase, 1.0, 0.25);
    assert_true(near(top.q, 0.5, 1e-6) && near(top.chi, 0.5, 1e-9) && top.c == 1.0);
    top = phase_at(&phase, 2.0, 0.0); // He keeps the q of the first layer
    assert_true(top.settles && near(top.q, 2.0, 1e-9) && top.chi == 1.0 && isinf(top.xi));
}

/* What is beyond the last term is in the last ones: E[phi^2] and E[phi'^2] are whole. */
static void the_terms_are_known_ones(void **state) {
    (void)state;
    phase_fill(&phase, phi_of(ACTIVATION_RELU), 2.0, 0.5);
    const struct phase_node *node = &phase.node[phase.nodes / 2];
    double pi = acos(-1.0); // Daniely et al. 2016: the dual activation of ReLU is arc-cosine
    assert_true(near(node->share[0], 0.5 / pi, 1e-9));
    assert_true(near(node->share[1], 0.25, 1e-9));
    assert_true(near(node->share[2], 0.25 / pi, 1e-9));
    assert_true(fabs(node->share[3]) < 1e-9);
    assert_true(near(node->share[4], 1.0 / (48.0 * pi), 1e-9));
    assert_true(near(node->square, 0.5, 1e-9) && near(node->slope_square, 0.5, 1e-9));
}

static struct network_config network(enum initialiser init) {
    return (struct network_config){ .layers = 10,
                                    .width = 100,
                                    .inputs = 784,
                                    .phi = phi_of(ACTIVATION_RELU),
                                    .init = init,
                                    .init_scale = 1.0 };
}

/* From the formulas of the initialisers. */
static void networks_start_where_their_initialiser_says(void **state) {
    (void)state;
    static const struct {
        enum initialiser init;
        double sw2, sb2;
    } rows[] = {
        { INITIALISER_HE, 2.0, 0.0 },
        { INITIALISER_XAVIER, 1.0, 0.0 },
        { INITIALISER_GLOROT_UNIFORM, 1.0, 0.0 }, // fan_in is fan_out there
        { INITIALISER_SMALL, 0.01, 0.0 },
        { INITIALISER_PYTORCH, 1.0 / 3.0, 1.0 / 300.0 },
        { INITIALISER_ZERO, 0.0, 0.0 },
    };
    struct phase_start place;
    for (int i = 0; i < ARRAY_LEN(rows); i++) {
        struct network_config config = network(rows[i].init);
        phase_locate(&config, &place);
        assert_true(place.known && !place.one_layer && place.missing[0] == '\0');
        assert_true(near(place.sw2, rows[i].sw2, 1e-12) && near(place.sb2, rows[i].sb2, 1e-12));
        config.bias_sd = 0.5;
        phase_locate(&config, &place);
        assert_true(near(place.sb2, rows[i].sb2 + 0.25, 1e-12));
    }
    struct network_config config = network(INITIALISER_SMALL);
    config.layers = 1;
    phase_locate(&config, &place);
    assert_true(place.one_layer && near(place.sw2, 784e-4, 1e-12));
}

static void what_has_no_place_says_why(void **state) {
    (void)state;
    static const enum initialiser not_random[] = { INITIALISER_LSUV, INITIALISER_RBM,
                                                   INITIALISER_ORTHOGONAL, INITIALISER_IDENTITY,
                                                   INITIALISER_CONSTANT };
    struct phase_start place;
    for (int i = 0; i < ARRAY_LEN(not_random); i++) {
        struct network_config config = network(not_random[i]);
        phase_locate(&config, &place);
        assert_true(!place.known && place.reason[0] != '\0');
    }
    struct network_config config = network(INITIALISER_HE);
    config.bias = 0.1;
    phase_locate(&config, &place);
    assert_true(!place.known && strstr(place.reason, "0.1"));
    config = network(INITIALISER_HE);
    config.noise.dropout = 0.5;
    phase_locate(&config, &place);
    assert_true(place.known);
    assert_string_equal(place.missing, "dropout");
    config.normalisation = NORMALISATION_LAYER;
    phase_locate(&config, &place);
    assert_string_equal(place.missing, "normalisation");
    for (int a = 0; a < ACTIVATION_COUNT; a++) {
        assert_int_equal(theory_knows((enum activation)a),
                         a != ACTIVATION_PRELU && a != ACTIVATION_MAXOUT);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(points_are_the_known_ones),
        cmocka_unit_test(points_agree_with_direct_quadrature),
        cmocka_unit_test(the_line_is_the_known_one),
        cmocka_unit_test(the_reach_shows_the_line),
        cmocka_unit_test(the_grid_spans_the_plane),
        cmocka_unit_test(the_terms_are_known_ones),
        cmocka_unit_test(networks_start_where_their_initialiser_says),
        cmocka_unit_test(what_has_no_place_says_why),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
