/* What we write as NPZ, read back by numpy.load(). */
#include <errno.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/file.h"
#include "base/text.h"
#include "export/npz_file.h"
#include "tools.h"

struct shape {
    int layers, batch, inputs, width, outputs;
    int mixed;
    enum optimiser optimiser;
};

/* The checker knows this rule: member number `kind` of a layer counts up by 1/64 from its place. */
static float *counting(size_t count, int layer, int kind) {
    float *values = malloc(count * sizeof *values);
    assert_non_null(values);
    for (size_t i = 0; i < count; i++) {
        values[i] = (float)(layer * 16 + kind) + (float)(i % 997) / 64.0f;
    }
    return values;
}

static void fill_layer(struct layer *layer, int number, int in, int out,
                       const struct shape *shape) {
    size_t weights = (size_t)in * (size_t)out, units = (size_t)out;
    size_t entries = (size_t)shape->batch * units;
    layer->fan_in = in;
    layer->fan_out = out;
    layer->weight.value = counting(weights, number, 0);
    layer->bias.value = counting(units, number, 1);
    layer->z = counting(entries, number, 2);
    layer->h = counting(entries, number, 3);
    layer->delta = counting(entries, number, 4);
    layer->weight.gradient = counting(weights, number, 5);
    layer->bias.gradient = counting(units, number, 6);
    for (int s = 0; s < optimisers[shape->optimiser].states; s++) {
        layer->weight.state[s] = counting(weights, number, 7 + 2 * s);
        layer->bias.state[s] = counting(units, number, 8 + 2 * s);
    }
    if (number == 1) {
        layer->z[0] = NAN;
        layer->delta[0] = INFINITY;
        layer->delta[1] = -INFINITY;
    }
}

static uint8_t *multiples(int of, int count) {
    uint8_t *labels = malloc((size_t)count);
    assert_non_null(labels);
    for (int i = 0; i < count; i++) {
        labels[i] = (uint8_t)(i * of);
    }
    return labels;
}

static struct run *make_run(const struct shape *shape) {
    struct run *run = calloc(1, sizeof *run);
    assert_non_null(run);
    struct network *network = &run->network[0];
    // room for a larger batch than the pass used, as in a real run
    network->config = (struct network_config){ .layers = shape->layers,
                                               .inputs = shape->inputs,
                                               .batch = shape->batch + 3,
                                               .optimiser = { .which = shape->optimiser } };
    network->now.count = shape->batch;
    network->loss = 0.1;
    network->now.input = counting((size_t)shape->batch * (size_t)shape->inputs, 0, 0);
    network->now.targets.labels = multiples(3, shape->batch);
    if (shape->mixed) {
        network->now.targets.other_labels = multiples(5, shape->batch);
        network->now.targets.lambda = 0.3;
    }
    for (int l = 1; l <= shape->layers + 1; l++) {
        int in = l == 1 ? shape->inputs : shape->width;
        int out = l == shape->layers + 1 ? shape->outputs : shape->width;
        fill_layer(&network->layer[l - 1], l, in, out, shape);
    }
    return run;
}

static void free_run(struct run *run) {
    struct network *network = &run->network[0];
    for (int i = 0; i <= network->config.layers; i++) {
        struct layer *layer = &network->layer[i];
        free(layer->weight.value);
        free(layer->weight.gradient);
        free(layer->bias.value);
        free(layer->bias.gradient);
        for (int s = 0; s < OPTIMISER_MAX_STATES; s++) {
            free(layer->weight.state[s]);
            free(layer->bias.state[s]);
        }
        free(layer->z);
        free(layer->h);
        free(layer->delta);
    }
    free((float *)network->now.input);
    free((void *)(uintptr_t)network->now.targets.labels);
    free((void *)(uintptr_t)network->now.targets.other_labels);
    free(run);
}

static void write_shape(const char *path, const struct shape *shape) {
    char problem[FILE_PROBLEM_MAX] = "";
    struct run *run = make_run(shape);
    assert_true(npz_file_write(path, run, problem));
    assert_string_equal(problem, "");
    free_run(run);
}

static void numpy_reads_it(void **state) {
    (void)state;
    static const struct shape shapes[] = {
        { 1, 2, 3, 4, 1, 0, OPTIMISER_ADAM },          { 3, 64, 20, 17, 10, 0, OPTIMISER_MOMENTUM },
        { 200, 5, 784, 6, 10, 0, OPTIMISER_ADADELTA }, { 2, 9, 5, 6, 1, 1, OPTIMISER_SGD },
        { 2, 1000, 1000, 1000, 2, 0, OPTIMISER_SGD },
    };
    for (size_t i = 0; i < sizeof shapes / sizeof shapes[0]; i++) {
        const int numbers[] = { shapes[i].layers, shapes[i].batch,   shapes[i].inputs,
                                shapes[i].width,  shapes[i].outputs, shapes[i].mixed };
        char path[TOOLS_PATH], text[6][16];
        scratch_path(path, "arrays.npz");
        write_shape(path, &shapes[i]);
        for (int j = 0; j < 6; j++) {
            text_set(text[j], sizeof text[j], "%d", numbers[j]);
        }
        const char *const *states = optimisers[shapes[i].optimiser].state_name;
        const char *arguments[] = { "npz",   path,    text[0],   text[1],   text[2], text[3],
                                    text[4], text[5], states[0], states[1], NULL };
        assert_checked(arguments);
    }
}

static void same_run_same_bytes(void **state) {
    (void)state;
    static const struct shape shape = { 3, 8, 5, 6, 2, 0, OPTIMISER_ADAM };
    char a[TOOLS_PATH], b[TOOLS_PATH];
    scratch_path(a, "a.npz");
    scratch_path(b, "b.npz");
    write_shape(a, &shape);
    // a zip keeps local time, which would let the bytes depend on where we are
    assert_int_equal(setenv("TZ", "Pacific/Auckland", 1), 0);
    write_shape(b, &shape);
    unsetenv("TZ");
    assert_same_file(a, b);
}

static bool write_broken(const char *path, char *problem) {
    static const struct shape shape = { 4, 16, 20, 30, 10, 0, OPTIMISER_MOMENTUM };
    struct run *run = make_run(&shape);
    bool written = npz_file_write(path, run, problem);
    free_run(run);
    return written;
}

static void failures_leave_nothing(void **state) {
    (void)state;
    assert_fails_cleanly(write_broken, 40000);
}

/* An archive's headers are completed at its end, which a pipe cannot go back to. */
static void a_pipe_is_refused(void **state) {
    (void)state;
    int ends[2];
    assert_int_equal(pipe(ends), 0);
    char path[TOOLS_PATH], problem[FILE_PROBLEM_MAX] = "";
    text_set(path, sizeof path, "/dev/fd/%d", ends[1]);
    static const struct shape shape = { 1, 2, 3, 2, 1, 0, OPTIMISER_SGD };
    struct run *run = make_run(&shape);
    assert_false(npz_file_write(path, run, problem));
    assert_non_null(strstr(problem, path));
    assert_non_null(strstr(problem, strerror(ESPIPE)));
    free_run(run);
    close(ends[0]);
    close(ends[1]);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(numpy_reads_it),
        cmocka_unit_test(same_run_same_bytes),
        cmocka_unit_test(failures_leave_nothing),
        cmocka_unit_test(a_pipe_is_refused),
    };
    return cmocka_run_group_tests(tests, scratch_setup, scratch_teardown);
}
