/* What we write as NPZ, read back by numpy.load(). */
#include "base/check.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "base/text.h"
#include "export/npz_file.h"
#include "tools.h"

struct shape {
    int layers, batch, inputs, width, outputs;
    enum optimiser optimiser;
    /*
     * What else there is, a letter each: m mixup; b, n batch and layer normalisation; l, p slopes
     * of leaky_relu and prelu; s residual scales, e learned ones; d stochastic depth; u, w dropped
     * units and weights; k maxout of 2 pieces; g two groups; t tied from layer 2 on.
     */
    const char *parts;
};

static bool has(const struct shape *shape, char part) {
    return strchr(shape->parts, part) != NULL;
}

/* Owned by the network, freed by free_run(). */
static void *kept[4096];
static int keeping;

static void *keep(void *block) {
    assert_non_null(block);
    assert_true(keeping < (int)(sizeof kept / sizeof kept[0]));
    return kept[keeping++] = block;
}

/* The checker knows this rule: member number `kind` of a layer counts up by 1/64 from its place. */
static float *counting(size_t count, int layer, int kind) {
    float *values = keep(malloc(count * sizeof *values));
    for (size_t i = 0; i < count; i++) {
        values[i] = (float)(layer * 64 + kind) + (float)(i % 997) / 64.0f;
    }
    return values;
}

static unsigned char *mask(size_t count) {
    unsigned char *values = keep(malloc(count));
    for (size_t i = 0; i < count; i++) {
        values[i] = i % 3 != 0;
    }
    return values;
}

static void fill_piece(struct parameters *piece, size_t n, int number, int kind,
                       const struct shape *shape) {
    piece->n = n;
    piece->value = counting(n, number, kind);
    piece->gradient = counting(n, number, kind + 1);
    for (int s = 0; s < optimisers[shape->optimiser].states; s++) {
        piece->state[s] = counting(n, number, kind + 2 + s);
    }
}

static void fill_parameters(struct layer *layer, int number, bool hidden,
                            const struct shape *shape) {
    size_t columns = (size_t)layer->columns, units = (size_t)layer->units;
    bool tied = has(shape, 't') && hidden;
    layer->owns_weight = !tied || number <= 2;
    layer->owns_bias = !tied || number == 1;
    fill_piece(&layer->weight, (size_t)layer->fan_in * columns, number, 0, shape);
    fill_piece(&layer->bias, columns, number, 8, shape);
    if (hidden && (has(shape, 'b') || has(shape, 'n'))) {
        fill_piece(&layer->normaliser.gamma, columns, number, 16, shape);
        fill_piece(&layer->normaliser.beta, columns, number, 24, shape);
    }
    if (hidden && (has(shape, 'l') || has(shape, 'p'))) {
        layer->phi = phi_of(has(shape, 'p') ? ACTIVATION_PRELU : ACTIVATION_LEAKY_RELU);
        fill_piece(&layer->slope, has(shape, 'p') ? units : 1, number, 32, shape);
    }
    if (hidden && has(shape, 's')) {
        fill_piece(&layer->scale, 1, number, 40, shape);
        layer->block_end = true;
        layer->scale_learned = has(shape, 'e');
        layer->survived = (float)number / 4.0f;
    }
}

static void fill_pass(struct layer *layer, int number, bool hidden, const struct shape *shape) {
    size_t entries = (size_t)shape->batch * (size_t)layer->columns;
    size_t units = (size_t)shape->batch * (size_t)layer->units;
    layer->z = counting(entries, number, 48);
    layer->delta = layer->delta_a = counting(entries, number, 49);
    layer->h = layer->y = counting(units, number, 55);
    if (layer->normaliser.gamma.n > 0) {
        layer->normaliser.zhat = counting(entries, number, 50);
        layer->delta_a = counting(entries, number, 51);
    }
    if (layer->normaliser.gamma.n > 0 && has(shape, 'b')) {
        layer->normaliser.running_mean = counting((size_t)layer->columns, number, 52);
        layer->normaliser.running_variance = counting((size_t)layer->columns, number, 53);
    }
    if (hidden && (has(shape, 'u') || has(shape, 's'))) {
        layer->y = counting(units, number, 54);
    }
    if (hidden && has(shape, 'u')) {
        layer->unit_kept = mask(units);
    }
    if (hidden && has(shape, 'w') && layer->owns_weight) {
        layer->weight_kept = mask(layer->weight.n);
    }
    if (number == 1) {
        layer->z[0] = NAN;
        layer->delta[0] = INFINITY;
        layer->delta[1] = -INFINITY;
    }
}

static void fill_layer(struct layer *layer, int number, const struct shape *shape) {
    bool hidden = number <= shape->layers;
    layer->units = hidden ? shape->width : shape->outputs;
    layer->groups = hidden && number > 1 && has(shape, 'g') ? 2 : 1;
    layer->fan_in = (number == 1 ? shape->inputs : shape->width) / layer->groups;
    layer->fan_out = layer->units / layer->groups * (hidden && has(shape, 'k') ? 2 : 1);
    layer->columns = layer->fan_out * layer->groups;
    fill_parameters(layer, number, hidden, shape);
    fill_pass(layer, number, hidden, shape);
}

static uint8_t *multiples(int of, int count) {
    uint8_t *labels = keep(malloc((size_t)count));
    for (int i = 0; i < count; i++) {
        labels[i] = (uint8_t)(i * of);
    }
    return labels;
}

static struct run *make_run(const struct shape *shape) {
    struct run *run = keep(calloc(1, sizeof *run));
    struct network *network = &run->network[0];
    // room for a larger batch than the pass used, as in a real run
    network->config = (struct network_config){ .layers = shape->layers,
                                               .inputs = shape->inputs,
                                               .batch = shape->batch + 3,
                                               .optimiser = { .which = shape->optimiser } };
    network->config.noise.stochastic_depth = has(shape, 'd') ? 0.5 : 0.0;
    network->now.count = shape->batch;
    network->loss = 0.1;
    network->now.input = counting((size_t)shape->batch * (size_t)shape->inputs, 0, 0);
    network->now.targets.labels = multiples(3, shape->batch);
    if (has(shape, 'm')) {
        network->now.targets.other_labels = multiples(5, shape->batch);
        network->now.targets.lambda = 0.3;
    }
    for (int l = 1; l <= shape->layers + 1; l++) {
        fill_layer(&network->layer[l - 1], l, shape);
    }
    return run;
}

static void free_run(void) {
    while (keeping > 0) {
        free(kept[--keeping]);
    }
}

static void write_shape(const char *path, const struct shape *shape) {
    char problem[FILE_PROBLEM_MAX] = "";
    struct run *run = make_run(shape);
    assert_true(npz_file_write(path, run, problem));
    assert_string_equal(problem, "");
    free_run();
}

static void numpy_reads_it(void **state) {
    (void)state;
    static const struct shape shapes[] = {
        { 1, 2, 3, 4, 1, OPTIMISER_ADAM, "" },
        { 3, 64, 20, 17, 10, OPTIMISER_MOMENTUM, "" },
        { 200, 5, 784, 6, 10, OPTIMISER_ADADELTA, "" },
        { 2, 9, 5, 6, 1, OPTIMISER_SGD, "m" },
        { 2, 1000, 1000, 1000, 2, OPTIMISER_SGD, "" },
        { 0, 9, 5, 6, 3, OPTIMISER_ADAGRAD, "m" },
        { 3, 9, 5, 6, 3, OPTIMISER_MOMENTUM, "bl" },
        { 3, 9, 5, 6, 3, OPTIMISER_SGD, "nkg" },
        { 4, 9, 5, 6, 3, OPTIMISER_ADAM, "bpsedu" },
        { 2, 9, 5, 6, 3, OPTIMISER_ADAM, "swg" },
        { 5, 9, 5, 6, 3, OPTIMISER_RMSPROP, "tnwp" },
        { 20, 3, 2, 2, 2, OPTIMISER_ADAM, "bpseduwgm" }, // all members that a layer can have
    };
    for (size_t i = 0; i < sizeof shapes / sizeof shapes[0]; i++) {
        const int numbers[] = { shapes[i].layers, shapes[i].batch, shapes[i].inputs,
                                shapes[i].width, shapes[i].outputs };
        char path[TOOLS_PATH], text[5][16];
        scratch_path(path, "arrays.npz");
        write_shape(path, &shapes[i]);
        for (int j = 0; j < 5; j++) {
            text_set(text[j], sizeof text[j], "%d", numbers[j]);
        }
        const char *const *states = optimisers[shapes[i].optimiser].state_name;
        const char *arguments[] = { "npz",     path,      text[0], text[1],
                                    text[2],   text[3],   text[4], shapes[i].parts,
                                    states[0], states[1], NULL };
        assert_checked(arguments);
    }
}

static void same_run_same_bytes(void **state) {
    (void)state;
    static const struct shape shape = { 3, 8, 5, 6, 2, OPTIMISER_ADAM, "bpsedu" };
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
    static const struct shape shape = { 4, 16, 20, 30, 10, OPTIMISER_MOMENTUM, "u" };
    struct run *run = make_run(&shape);
    bool written = npz_file_write(path, run, problem);
    free_run();
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
    static const struct shape shape = { 1, 2, 3, 2, 1, OPTIMISER_SGD, "" };
    struct run *run = make_run(&shape);
    assert_false(npz_file_write(path, run, problem));
    assert_non_null(strstr(problem, path));
    assert_non_null(strstr(problem, strerror(ESPIPE)));
    free_run();
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
