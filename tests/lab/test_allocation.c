#include "base/check.h"

#include "lab.h"
#include "lab/run.h"

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
        struct dataset data;
        struct run run;
        char problem[EXPERIMENT_PROBLEM];
        small_experiment(&experiment);
        experiment.data = DATASET_MNIST;
        experiment.run[0].width = widths[w];
        experiment.run[0].activation = ACTIVATION_SIGMOID;
        experiment.run[0].init = INITIALISER_RBM;
        experiment_pin(&experiment);
        struct dataset_settings settings = experiment_data(&experiment);
        assert_true(dataset_load(&data, &settings, problem));
        assert_true(run_init(&run, &experiment, &data, problem));
        int before = allocations, steps = 0;
        for (; run_pretrains(&run); steps++) {
            run_pretrain(&run);
        }
        for (int step = 0; step < 10; step++) {
            run_pass(&run);
            run_update(&run);
        }
        assert_int_equal(allocations, before);
        assert_int_equal(steps, 3 * 5 * 4);
        run_finish(&run);
        dataset_finish(&data);
    }
}

static void no_step_allocates(void **state) {
    (void)state;
    static struct snapshot snapshot;
    static struct history_record record;
    static const int widths[] = { 9, 100 }; // plain loops, and the matrix library
    for (int which = 0; which < OPTIMISER_COUNT; which++) {
        for (int w = 0; w < ARRAY_LEN(widths); w++) {
            struct experiment experiment;
            struct dataset data;
            struct run run;
            char problem[EXPERIMENT_PROBLEM];
            small_experiment(&experiment);
            experiment.run[0].optimizer = which;
            experiment.run[0].width = widths[w];
            experiment.mixup = experiment.input_noise = 0.1 * w;
            experiment_reference(&experiment);
            struct dataset_settings settings = experiment_data(&experiment);
            int layers[] = { 3, 3 };
            allocations = 0;
            struct history *history = history_create(1 << 20);
            assert_non_null(history);
            history_reset(history, 2, layers);
            assert_true(dataset_load(&data, &settings, problem));
            assert_true(run_init(&run, &experiment, &data, problem));
            assert_true(allocations >= 4); // or they would not be counted
            int before = allocations;
            for (int step = 0; step < 600; step++) { // over epochs and thinnings
                run_pass(&run);
                run_capture(&run, &snapshot);
                run_update(&run);
                run_record(&run, &record);
                history_append(history, &record);
            }
            assert_int_equal(allocations, before);
            run_finish(&run);
            dataset_finish(&data);
            history_destroy(history);
        }
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(no_step_allocates),
        cmocka_unit_test(no_step_of_pretraining_allocates),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
