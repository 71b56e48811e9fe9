#include "base/check.h"

#include "base/require.h"
#include "engine/denormals.h"
#include "net.h"

/* A viewer sees what the network itself would in evaluation, and leaves no trace in it. */

enum { INPUTS = 20, BATCH = 32, ROWS = 7, CLASSES = 3, STEPS = 3 };

static real inputs[BATCH * INPUTS], others[ROWS * INPUTS];
static uint8_t labels[BATCH];

static struct network_config config_of(int k) {
    static const int widths[] = { 12, 40 };
    struct network_config config = {
        .layers = 4,
        .width = widths[k % 2],
        .inputs = INPUTS,
        .outputs = CLASSES,
        .batch = BATCH,
        .phi = phi_of(ACTIVATION_TANH),
        .normalisation = (enum normalisation)(k / 2 % NORMALISATION_COUNT),
        .connection = { .which = (enum connection)(k / 2 / NORMALISATION_COUNT),
                        .groups = 4,
                        .span = 1 + k % 2 },
        .init = INITIALISER_XAVIER,
        .init_scale = 1.0,
        .loss = LOSS_CROSS_ENTROPY,
        .optimiser = optimiser_of(OPTIMISER_MOMENTUM, 0.05),
        .seed = 42,
    };
    return config;
}

static void look(struct network *network, const real *input, int count) {
    network_forward(network, &(struct network_batch){
                                 .input = input, .targets = { .labels = labels }, .count = count });
}

/* Between the pass of step STEPS + 1 and its update. */
static void train(struct net *net, const struct network_config *config) {
    net_init(net, config);
    for (int step = 1; step <= STEPS; step++) {
        net_step(net, inputs, labels, BATCH, step);
    }
    net_forward(&net->network, inputs, labels, BATCH, STEPS + 1);
    network_deltas(&net->network);
}

static void compare(const struct network_config *config) {
    static struct network viewer, before;
    struct net seen, other, last; // the same, one seen by its viewer, the others by themselves
    struct arena counting = { 0 }, arena;
    train(&seen, config);
    train(&other, config);
    train(&last, config);
    unsigned char *kept = malloc(seen.arena.used);
    assert_non_null(kept);
    memcpy(kept, seen.arena.base, seen.arena.used);
    before = seen.network;

    network_layout_viewer(&viewer, &seen.network, ROWS, &counting);
    assert_true(counting.used > 0 && arena_init(&arena, counting.used));
    network_layout_viewer(&viewer, &seen.network, ROWS, &arena);
    look(&viewer, others, ROWS);
    assert_memory_equal(&seen.network, &before, sizeof before);
    assert_memory_equal(seen.arena.base, kept, seen.arena.used);

    look(&other.network, others, ROWS);
    assert_true(viewer.loss == other.network.loss && viewer.correct == other.network.correct);
    for (int l = 0; l <= config->layers; l++) {
        const struct layer *layer = &viewer.layer[l], *own = &other.network.layer[l];
        assert_memory_equal(layer->h, own->h, (size_t)(ROWS * layer->units) * sizeof(real));
        assert_memory_equal(layer->z, own->z, (size_t)(ROWS * layer->columns) * sizeof(real));
    }

    network_update(&seen.network, STEPS + 1); // and later it sees the weights of then
    network_update(&last.network, STEPS + 1);
    assert_same_parameters(&seen, &last);
    look(&viewer, others, 1);
    look(&last.network, others, 1);
    assert_true(viewer.loss == last.network.loss);
    free(kept);
    arena_finish(&arena);
    net_finish(&seen);
    net_finish(&other);
    net_finish(&last);
}

static void of_every_normalisation_and_connection(void **state) {
    (void)state;
    for (int k = 0; k < 2 * NORMALISATION_COUNT * CONNECTION_COUNT; k++) {
        struct network_config config = config_of(k);
        compare(&config);
        config.noise.dropout = 0.2;
        config.noise.drop_connect = 0.1;
        compare(&config);
    }
}

static void of_every_activation(void **state) {
    (void)state;
    for (int which = 0; which < ACTIVATION_COUNT; which++) {
        struct network_config config = config_of(0);
        config.phi = phi_of((enum activation)which);
        compare(&config);
    }
}

static void of_every_branch(void **state) {
    (void)state;
    for (int branch = 0; branch < BRANCH_COUNT; branch++) {
        struct network_config config = config_of(branch);
        config.connection.which = CONNECTION_RESIDUAL;
        config.connection.branch = (enum branch)branch;
        config.noise.stochastic_depth = 0.3;
        compare(&config);
    }
}

int main(void) {
    denormals_flush();
    engine_start();
    fill_examples(inputs, labels, BATCH, INPUTS, CLASSES);
    fill_normals(others, (size_t)ROWS * INPUTS, 7, 0.3, 2.0);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(of_every_normalisation_and_connection),
        cmocka_unit_test(of_every_activation),
        cmocka_unit_test(of_every_branch),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
