#include "base/check.h"

#include "base/require.h"
#include "engine/crew.h"
#include "engine/denormals.h"
#include "net.h"

/* However many threads share the work, a network trains to the same bits. */

enum { INPUTS = 300, BATCH = 64, CLASSES = 10, STEPS = 3 };

static float inputs[BATCH * INPUTS];
static uint8_t labels[BATCH];

static struct network_config config_of(int width) {
    return (struct network_config){
        .layers = 4,
        .width = width,
        .inputs = INPUTS,
        .outputs = CLASSES,
        .batch = BATCH,
        .phi = phi_of(ACTIVATION_TANH),
        .connection = { .groups = 4, .span = 1 },
        .init = INITIALISER_XAVIER,
        .init_scale = 1.0,
        .loss = LOSS_CROSS_ENTROPY,
        .optimiser = optimiser_of(OPTIMISER_MOMENTUM, 0.01),
        .seed = 42,
    };
}

static void assert_same_sums(const struct net *a, const struct net *b) {
    assert_true(a->network.loss == b->network.loss);
    for (int l = 0; l <= a->network.config.layers; l++) {
        const struct layer_sums *sums = &a->network.layer[l].sums;
        assert_memory_equal(sums, &b->network.layer[l].sums, sizeof *sums);
    }
}

/* Alone and with crews; one more step of each is measured before its update. */
static void compare(const struct network_config *config) {
    struct net alone, shared;
    net_init(&alone, config);
    for (int step = 1; step <= STEPS; step++) {
        net_step(&alone, inputs, labels, BATCH, step);
    }
    for (int threads = 2; threads <= 3; threads++) {
        struct network_config with_crew = *config;
        with_crew.crew = crew_create(threads);
        net_init(&shared, &with_crew);
        for (int step = 1; step <= STEPS; step++) {
            net_forward(&shared.network, inputs, labels, BATCH, step);
            network_deltas(&shared.network);
            if (step == 2) {
                network_gradients(&shared.network);
                network_preview(&shared.network, 1, step);
            }
            network_update(&shared.network, step);
        }
        assert_same_sums(&alone, &shared);
        assert_same_parameters(&alone, &shared);
        crew_destroy(with_crew.crew);
        net_finish(&shared);
    }
    net_finish(&alone);
}

static const int widths[] = { 12, 40, 100, 300 };

static void every_activation(void **state) {
    (void)state;
    for (int k = 0; k < ACTIVATION_COUNT * ARRAY_LEN(widths); k++) {
        struct network_config config = config_of(widths[k % ARRAY_LEN(widths)]);
        config.phi = phi_of((enum activation)(k / ARRAY_LEN(widths)));
        compare(&config);
    }
}

static void every_optimiser(void **state) {
    (void)state;
    for (int k = 0; k < OPTIMISER_COUNT * ARRAY_LEN(widths); k++) {
        struct network_config config = config_of(widths[k % ARRAY_LEN(widths)]);
        config.optimiser = optimiser_of(k / ARRAY_LEN(widths), 0.01);
        compare(&config);
        config.optimiser = with_adjustments(config.optimiser);
        compare(&config);
    }
}

static void every_normalisation_and_connection(void **state) {
    (void)state;
    for (int k = 0; k < NORMALISATION_COUNT * CONNECTION_COUNT * ARRAY_LEN(widths); k++) {
        struct network_config config = config_of(widths[k % ARRAY_LEN(widths)]);
        config.normalisation = (enum normalisation)(k / ARRAY_LEN(widths) % NORMALISATION_COUNT);
        config.connection.which = (enum connection)(k / ARRAY_LEN(widths) / NORMALISATION_COUNT);
        compare(&config);
        config.noise.dropout = 0.2;
        config.noise.drop_connect = 0.1;
        compare(&config);
    }
}

static void every_branch(void **state) {
    (void)state;
    for (int branch = 0; branch < BRANCH_COUNT; branch++) {
        struct network_config config = config_of(100);
        config.connection.which = CONNECTION_RESIDUAL;
        config.connection.branch = (enum branch)branch;
        config.connection.span = 1 + branch % 2;
        compare(&config);
    }
}

/* Also where the matrix library makes the products. */
static void every_instruction_set(void **state) {
    (void)state;
    const struct kernels *sets[SETS_MOST], *chosen = kernels;
    for (int s = kernel_sets(sets) - 1; s >= 0; s--) {
        kernels = sets[s];
        struct network_config config = config_of(300);
        compare(&config);
    }
    kernels = chosen;
}

int main(void) {
    denormals_flush();
    engine_start();
    fill_examples(inputs, labels, BATCH, INPUTS, CLASSES);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_activation),
        cmocka_unit_test(every_optimiser),
        cmocka_unit_test(every_normalisation_and_connection),
        cmocka_unit_test(every_branch),
        cmocka_unit_test(every_instruction_set),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
