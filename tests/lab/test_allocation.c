#include "base/check.h"

#include "fixture.h"

/*
 * No allocation in a training step, of ours: the linker sends the calls of our code here. What the
 * matrix library does inside a product is its own affair.
 */

// NOLINTBEGIN(bugprone-reserved-identifier,cert-dcl37-c,cert-dcl51-cpp): the linker's names
void *__real_malloc(size_t size);
void *__real_calloc(size_t count, size_t size);
void *__real_realloc(void *block, size_t size);
void *__wrap_malloc(size_t size);
void *__wrap_calloc(size_t count, size_t size);
void *__wrap_realloc(void *block, size_t size);
// NOLINTEND(bugprone-reserved-identifier,cert-dcl37-c,cert-dcl51-cpp)

static int allocations;

void *__wrap_malloc(size_t size) {
    allocations++;
    return __real_malloc(size);
}

void *__wrap_calloc(size_t count, size_t size) {
    allocations++;
    return __real_calloc(count, size);
}

void *__wrap_realloc(void *block, size_t size) {
    allocations++;
    return __real_realloc(block, size);
}

/* Both twins are pre-trained, over epochs and layers; then a few steps of fine-tuning. */
static void no_step_of_pretraining_allocates(void **state) {
    (void)state;
    static const int widths[] = { 9, 100 };
    for (int w = 0; w < ARRAY_LEN(widths); w++) {
        struct experiment experiment;
        small_experiment(&experiment);
        experiment.data = DATASET_MNIST;
        experiment.run[0].width = widths[w];
        experiment.run[0].activation = ACTIVATION_SIGMOID;
        experiment.run[0].init = INITIALISER_RBM;
        experiment_pin(&experiment);
        struct fixture *f = started(&experiment);
        int before = allocations, updates = 0;
        for (; run_pretrains(&f->run); updates++) {
            run_pretrain(&f->run);
        }
        steps(&f->run, 10);
        assert_int_equal(allocations, before);
        assert_int_equal(updates, 3 * 5 * 4);
        finish(f);
    }
}

static void no_step_allocates(void **state) {
    (void)state;
    static const int widths[] = { 9, 100 }; // plain loops, and the matrix library
    for (int which = 0; which < OPTIMISER_COUNT; which++) {
        for (int w = 0; w < ARRAY_LEN(widths); w++) {
            struct experiment experiment;
            small_experiment(&experiment);
            experiment.run[0].optimizer = which;
            experiment.run[0].width = widths[w];
            experiment.mixup = experiment.input_noise = 0.1 * w;
            experiment_reference(&experiment);
            int layers[] = { 3, 3 };
            allocations = 0;
            struct history *history = history_create(1 << 20);
            assert_non_null(history);
            history_reset(history, 2, layers);
            struct fixture *f = started(&experiment);
            assert_true(allocations >= 4); // or they would not be counted
            int before = allocations;
            for (int step = 0; step < 600; step++) { // over epochs and thinnings
                run_pass(&f->run);
                run_capture(&f->run, &f->snapshot);
                run_update(&f->run);
                run_record(&f->run, &f->record);
                history_append(history, &f->record);
            }
            assert_int_equal(allocations, before);
            finish(f);
            history_destroy(history);
        }
    }
}

/* Number k of the ways to make a layer, each with something of what is dropped. */
static void choose_blocks(struct network_settings *settings, int k) {
    static const int phis[] = { ACTIVATION_PRELU, ACTIVATION_MAXOUT, ACTIVATION_SELU };
    bool residual = k % (CONNECTION_COUNT + 1) == CONNECTION_COUNT;
    settings->connection = residual ? CONNECTION_RESIDUAL : k % (CONNECTION_COUNT + 1);
    settings->block_layers = residual ? 1 : 2;
    settings->branch = settings->connection == CONNECTION_RESIDUAL ? BRANCH_REZERO : BRANCH_ONE;
    settings->groups = 4;
    settings->normalisation = k / (CONNECTION_COUNT + 1) % NORMALISATION_COUNT;
    settings->activation = phis[k % ARRAY_LEN(phis)];
    settings->activation_last =
        settings->activation == ACTIVATION_MAXOUT ? EXPERIMENT_SAME_ACTIVATION : ACTIVATION_SIGMOID;
    settings->last_from = 2;
    settings->dropout = settings->drop_connect = 0.2;
    settings->stochastic_depth = settings->connection == CONNECTION_RESIDUAL ? 0.5 : 0.0;
    settings->optimizer = k % OPTIMISER_COUNT;
}

static void no_step_of_blocks_allocates(void **state) {
    (void)state;
    static const int widths[] = { 8, 100 };
    for (int k = 0; k < 2 * (CONNECTION_COUNT + 1) * NORMALISATION_COUNT; k++) {
        struct experiment experiment;
        small_experiment(&experiment);
        experiment.run[0].width = widths[k % 2];
        choose_blocks(&experiment.run[0], k / 2);
        experiment_pin(&experiment);
        struct fixture *f = started(&experiment);
        int before = allocations;
        for (int step = 0; step < 60; step++) {
            run_pass(&f->run);
            run_capture(&f->run, &f->snapshot);
            run_participation(&f->run, &f->snapshot);
            run_update(&f->run);
        }
        assert_int_equal(allocations, before);
        finish(f);
    }
}

/* Numbers that have to be there: parameters with gradient and state; inputs, z, h and delta. */
static size_t numbers_of(const struct run *run) {
    const struct network *network = &run->network[0];
    size_t states = (size_t)optimisers[network->config.optimiser.which].states;
    size_t batch = (size_t)run->batch, numbers = batch * (size_t)network->config.inputs;
    for (int l = 0; l <= network->config.layers; l++) {
        const struct layer *layer = &network->layer[l];
        numbers += (layer->weight.n + layer->bias.n) * (2 + states);
        numbers += 3 * batch * (size_t)layer->units;
    }
    return numbers;
}

/* Of plain networks, capture included; a run of a few KB has the alignment of its arrays on top. */
static void a_run_takes_little_more_than_it_must(void **state) {
    (void)state;
    static const struct {
        int layers, width, features, batch;
    } shapes[] = {
        { 10, 100, 784, 64 }, { 10, 500, 500, 64 }, { 10, 500, 500, 1000 },
        { 4, 512, 784, 100 }, { 3, 300, 20, 1 },    { 40, 64, 64, 32 },
    };
    for (int number = 0; number < ARRAY_LEN(shapes) * OPTIMISER_COUNT; number++) {
        int shape = number / OPTIMISER_COUNT;
        struct experiment experiment;
        small_experiment(&experiment);
        experiment.examples = 1000;
        experiment.features = shapes[shape].features;
        experiment.batch = shapes[shape].batch;
        experiment.run[0].layers = shapes[shape].layers;
        experiment.run[0].width = shapes[shape].width;
        experiment.run[0].optimizer = number % OPTIMISER_COUNT;
        struct fixture *f = started(&experiment);
        double least = (double)(numbers_of(&f->run) * sizeof(real));
        double share = (double)f->run.arena.capacity / least;
        if (number % OPTIMISER_COUNT == 0) {
            print_message("%d x %d, batch %d: %.1f MB, %.1f %% more than it must\n",
                          shapes[shape].layers, shapes[shape].width, f->run.batch, least / 1e6,
                          100.0 * (share - 1.0));
        }
        assert_true(share >= 1.0 && share <= 1.1);
        finish(f);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(no_step_allocates),
        cmocka_unit_test(no_step_of_blocks_allocates),
        cmocka_unit_test(a_run_takes_little_more_than_it_must),
        cmocka_unit_test(no_step_of_pretraining_allocates),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
