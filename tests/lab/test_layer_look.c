#include "base/check.h"

#include <math.h>

#include "fixture.h"
#include "lab/layer_look.h"

/* A layer of a run: as measured, with pictures as they were before they were preprocessed. */

static struct experiment digits(int preprocess) {
    struct experiment experiment;
    small_experiment(&experiment);
    experiment.data = DATASET_MNIST;
    experiment.examples = 500;
    experiment.preprocess = preprocess;
    experiment_pin(&experiment);
    return experiment;
}

static void look(struct fixture *f, int layer, int unit) {
    layer_look(&f->run, &(struct look){ .kind = LOOK_LAYER, .layer = layer, .unit = unit },
               &f->snapshot);
}

/* The bytes of the batch's example, which are in the data set as they came. */
static void check_picture(const struct fixture *f, const struct driver *driver) {
    const struct examples *train = &f->data.train;
    size_t index = f->run.now.indices[driver->example], features = 784;
    assert_int_equal(driver->label, train->labels[index]);
    for (size_t j = 0; j < features; j++) {
        double want = (double)train->bytes[index * features + j] / 255.0;
        assert_true(fabs((double)driver->input[j] - want) < 1e-5);
    }
}

static void pictures_are_those_of_the_source(void **state) {
    (void)state;
    static const int kinds[] = { PREPROCESS_NONE, PREPROCESS_UNIT, PREPROCESS_CENTRED,
                                 PREPROCESS_STANDARDISED };
    for (int k = 0; k < ARRAY_LEN(kinds); k++) {
        struct experiment experiment = digits(kinds[k]);
        struct fixture *f = started(&experiment);
        run_pass(&f->run);
        for (int layer = 1; layer <= 2; layer++) {
            look(f, layer, 2);
            const struct layer_detail *detail = &f->snapshot.detail[0];
            assert_int_equal(detail->layer, layer);
            assert_int_equal(detail->tiles, layer == 1 ? detail->units : 0);
            assert_int_equal(detail->features, 784);
            assert_true(detail->drivers > 0);
            for (int d = 0; d < detail->drivers; d++) {
                check_picture(f, &detail->driver[d]);
            }
        }
        finish(f);
    }
}

/* What was projected is no picture any more: it stays as the network sees it. */
static void projected_examples_stay_so(void **state) {
    (void)state;
    struct experiment experiment = digits(PREPROCESS_PCA);
    experiment.components = 20;
    struct fixture *f = started(&experiment);
    run_pass(&f->run);
    look(f, 1, 1);
    const struct layer_detail *detail = &f->snapshot.detail[0];
    assert_int_equal(detail->shape.channels, 0);
    assert_int_equal(detail->tiles, 0);
    assert_int_equal(detail->features, 20);
    for (int d = 0; d < detail->drivers; d++) {
        const float *input = f->run.now.inputs + detail->driver[d].example * 20;
        assert_memory_equal(detail->driver[d].input, input, 20 * sizeof *input);
    }
    finish(f);
}

/* Both twins, each as deep as it is. */
static void a_layer_that_one_twin_has_is_empty_in_the_other(void **state) {
    (void)state;
    struct experiment experiment;
    small_experiment(&experiment);
    experiment.compare = true;
    experiment.run[1].layers = 1;
    struct fixture *f = started(&experiment);
    run_pass(&f->run);
    look(f, 2, 1);
    assert_int_equal(f->snapshot.detail[0].layer, 2);
    assert_true(f->snapshot.detail[0].hidden);
    assert_int_equal(f->snapshot.detail[1].layer, 2);
    assert_true(!f->snapshot.detail[1].hidden); // its output
    look(f, 3, 1);
    assert_int_equal(f->snapshot.detail[0].layer, 3);
    assert_int_equal(f->snapshot.detail[1].layer, 0);
    layer_look(&f->run, &(struct look){ .kind = LOOK_NONE }, &f->snapshot);
    assert_int_equal(f->snapshot.detail[0].layer, 0);
    finish(f);
}

/* The same bits, looked at or not. */
static void looking_leaves_training_as_it_was(void **state) {
    (void)state;
    struct experiment experiment;
    small_experiment(&experiment);
    experiment.run[0].optimizer = OPTIMISER_ADAM;
    struct fixture *seen = started(&experiment), *alone = started(&experiment);
    for (int step = 0; step < 20; step++) {
        run_pass(&seen->run);
        run_pass(&alone->run);
        look(seen, 1 + step % 4, step);
        run_update(&seen->run);
        run_update(&alone->run);
    }
    assert_true(same_weights(&seen->run.network[0], &alone->run.network[0]));
    finish(seen);
    finish(alone);
}

/* dW of the looked-at layer alone is what all of dW would have there, to the bit. */
static void the_gradient_is_the_one_of_all_layers(void **state) {
    (void)state;
    static const int connections_of[] = { CONNECTION_PLAIN, CONNECTION_SPLIT,
                                          CONNECTION_RECURRENT };
    static const int widths[] = { 8, 100 };
    for (int k = 0; k < 2 * ARRAY_LEN(connections_of); k++) {
        struct experiment experiment;
        small_experiment(&experiment);
        experiment.run[0].connection = connections_of[k / 2];
        experiment.run[0].groups = 2;
        experiment.run[0].width = widths[k % 2];
        experiment_pin(&experiment);
        struct fixture *seen = started(&experiment), *whole = started(&experiment);
        for (int layer = 1; layer <= 4; layer++) {
            run_pass(&seen->run);
            run_pass(&whole->run);
            look(seen, layer, 1);
            network_gradients(&whole->run.network[0]);
            const struct parameters *a = &seen->run.network[0].layer[layer - 1].weight;
            const struct parameters *b = &whole->run.network[0].layer[layer - 1].weight;
            assert_memory_equal(a->gradient, b->gradient, a->n * sizeof *a->gradient);
            run_update(&seen->run);
            run_update(&whole->run);
        }
        finish(seen);
        finish(whole);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(pictures_are_those_of_the_source),
        cmocka_unit_test(projected_examples_stay_so),
        cmocka_unit_test(a_layer_that_one_twin_has_is_empty_in_the_other),
        cmocka_unit_test(looking_leaves_training_as_it_was),
        cmocka_unit_test(the_gradient_is_the_one_of_all_layers),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
