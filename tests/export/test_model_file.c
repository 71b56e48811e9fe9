/* Files of weights: what is saved and loaded trains on to the same bits; what does not fit is told.
 */
#include "base/check.h"

#include <stdio.h>
#include <unistd.h>

#include "base/file.h"
#include "export/model_file.h"
#include "lab/experiment_check.h"
#include "lab/experiment_ini.h"
#include "lab/fixture.h"
#include "lab/model.h"
#include "lab/model_load.h"

enum { EXPERIMENTS = 120, TRIPS = 10000, STEPS = 4, MORE = 5 };
enum { ROWS = 100000 * EXPERIMENTS };

static char path[64];

static void train(struct run *run, int steps) {
    while (run_pretrains(run)) {
        run_pretrain(run);
    }
    for (int i = 0; i < steps && !run_stopped(run); i++) {
        run_pass(run);
        if (!run_stopped(run)) {
            run_update(run);
        }
    }
}

/* What goes with few other settings is drawn together with them far too rarely. */
static void agree(struct network_settings *run) {
    if (run->connection != CONNECTION_RESIDUAL) {
        run->branch = BRANCH_ONE;
        run->stochastic_depth = 0.0;
    }
    run->layers += run->connection == CONNECTION_RESIDUAL && run->layers < 3 ? 1 : 0;
    *(run->activation == ACTIVATION_SELU ? &run->dropout : &run->alpha_dropout) = 0.0;
}

/* Anything that an experiment may be, but small and on data that need no file. */
static bool small_random(struct experiment *experiment, uint32_t row, int most_layers) {
    char problem[EXPERIMENT_PROBLEM];
    struct dataset_settings data;
    struct dataset_shape shape;
    random_settings(experiment, row, row % 16 == 0);
    for (int r = 0; r < 2; r++) {
        struct network_settings *run = &experiment->run[r];
        run->layers = 1 + (int)(dice(row, 0x30000u + (uint32_t)r) * most_layers);
        run->width = 2 * (1 + (int)(dice(row, 0x30002u + (uint32_t)r) * 6));
        run->groups = 2;
        run->pieces = 2;
        run->init_scale = 1.0;
        run->rbm_epochs = 1;
        run->learning_rate = 0.01;
        run->l1 = run->l2 = 0.0;
        run->bias = run->bias_sd = 0.0;
        agree(run);
    }
    experiment->data = DATASET_GAUSSIAN;
    experiment->data_path[0] = '\0';
    experiment->examples = 64;
    experiment->features = 12;
    experiment->components = 0;
    experiment->batch = 10;
    experiment->noise = -1.0;
    experiment->threads = 1;
    experiment->shift = 0;
    experiment->ensemble = 1 + (int)(row % 7 == 0);
    data = experiment_data(experiment);
    return dataset_describe(&data, &shape, problem) &&
           experiment_fits(experiment, &shape, SIZE_MAX / 2, problem) && shape.classes > 1;
}

struct sum {
    uint64_t hash;
    int arrays;
};

static bool hash_array(void *context, const struct model_array *array) {
    struct sum *sum = context;
    size_t n = sizeof(real);
    for (int i = 0; i < array->rank; i++) {
        n *= (size_t)array->size[i];
    }
    for (size_t i = 0; i < n; i++) {
        sum->hash = (sum->hash ^ ((const uint8_t *)array->values)[i]) * 0x100000001B3u;
    }
    sum->arrays++;
    return true;
}

static bool hash_count(void *context, const struct model_count *count) {
    struct sum *sum = context;
    sum->hash = (sum->hash ^ (uint64_t)count->value) * 0x100000001B3u;
    return true;
}

static bool pass_count(void *context, const struct model_count *count) {
    (void)context;
    (void)count;
    return true;
}

static uint64_t hash(struct run *run, bool with_counts) {
    struct sum sum = { .hash = 0xCBF29CE484222325u };
    const struct model_visitor visitor = { &sum, hash_array,
                                           with_counts ? hash_count : pass_count };
    assert_true(model_visit(run, &visitor));
    assert_true(sum.arrays >= 2);
    return sum.hash;
}

static uint64_t hash_of(struct run *run) {
    return hash(run, true);
}

static bool diverged(const struct run *run) {
    bool any = false;
    for (int r = 0; r < run->networks; r++) {
        any |= run->twin[r].diverged || ensemble_diverged(&run->ensemble[r]) > 0;
    }
    return any;
}

static void save(struct run *run) {
    char problem[FILE_PROBLEM_MAX] = "";
    if (!model_file_write(path, run, problem)) {
        fail_msg("%s", problem);
    }
}

/* How often each kind of network was tried. */
struct kinds {
    int joined[NORMALISATION_COUNT][CONNECTION_COUNT];
    int optimiser[OPTIMISER_COUNT];
};

static bool all_tried(const struct kinds *kinds) {
    bool all = true;
    for (int k = 0; k < NORMALISATION_COUNT * CONNECTION_COUNT; k++) {
        all &= kinds->joined[k / CONNECTION_COUNT][k % CONNECTION_COUNT] > 0;
    }
    for (int o = 0; o < OPTIMISER_COUNT; o++) {
        all &= kinds->optimiser[o] > 0;
    }
    return all;
}

static void random_networks_train_on(void **state) {
    (void)state;
    int tried = 0;
    struct kinds kinds = { 0 };
    char problem[EXPERIMENT_PROBLEM] = "";
    for (uint32_t row = 0; row < ROWS && (tried < EXPERIMENTS || !all_tried(&kinds)); row++) {
        struct experiment experiment;
        if (!small_random(&experiment, row, 5)) {
            continue;
        }
        struct fixture *first = started(&experiment), *second = started(&experiment);
        train(&first->run, STEPS);
        uint64_t before = hash_of(&first->run);
        if (row % 3 == 0 && !run_stopped(&first->run)) {
            run_pass(&first->run); // it is left out
        }
        save(&first->run);
        if (!model_load(&second->run, path, problem)) {
            fail_msg("experiment %u: %s", (unsigned)row, problem);
        }
        if (!diverged(&first->run)) { // else it tries again
            assert_true(hash_of(&second->run) == before);
            assert_int_equal(second->run.step, STEPS);
            if (first->run.passed) {
                run_update(&first->run);
                train(&first->run, MORE - 1);
            } else {
                train(&first->run, MORE);
            }
            train(&second->run, MORE);
            if (!diverged(&first->run)) {
                assert_true(hash_of(&second->run) == hash_of(&first->run));
                assert_int_equal(second->run.step, STEPS + MORE);
                assert_true(second->run.twin[0].loss == first->run.twin[0].loss);
                kinds.joined[experiment.run[0].normalisation][experiment.run[0].connection]++;
                kinds.optimiser[experiment.run[0].optimizer]++;
                tried++;
            }
        }
        finish(first);
        finish(second);
    }
    assert_true(all_tried(&kinds));
}

/* All that is saved of a run, as it came. */
struct record {
    char name[1024][MODEL_NAME];
    const void *data[1024]; // NULL: a count
    size_t size[1024];
    int64_t count[1024];
    int n;
};

static bool record_array(void *context, const struct model_array *array) {
    struct record *record = context;
    assert_true(record->n < ARRAY_LEN(record->name));
    size_t size = sizeof(real);
    for (int i = 0; i < array->rank; i++) {
        size *= (size_t)array->size[i];
    }
    text_set(record->name[record->n], MODEL_NAME, "%s", array->name);
    record->data[record->n] = array->values;
    record->size[record->n++] = size;
    return true;
}

static bool record_count(void *context, const struct model_count *count) {
    struct record *record = context;
    assert_true(record->n < ARRAY_LEN(record->name));
    text_set(record->name[record->n], MODEL_NAME, "%s", count->name);
    record->data[record->n] = NULL;
    record->count[record->n++] = count->value;
    return true;
}

static void record_run(struct record *record, struct run *run) {
    record->n = 0;
    assert_true(model_visit(run, &(struct model_visitor){ record, record_array, record_count }));
}

/* What is not loaded is seen. */
static void spoil(const struct record *record) {
    for (int i = 0; i < record->n; i++) {
        if (record->data[i]) {
            memset((void *)(uintptr_t)record->data[i], 0xA5, record->size[i]);
        }
    }
}

static void assert_same_record(const struct record *a, const struct record *b) {
    assert_int_equal(a->n, b->n);
    for (int i = 0; i < a->n; i++) {
        assert_string_equal(a->name[i], b->name[i]);
        assert_int_equal(a->size[i], b->size[i]);
        assert_true(a->data[i] ? memcmp(a->data[i], b->data[i], a->size[i]) == 0
                               : a->count[i] == b->count[i]);
    }
}

static void assert_carries(const struct experiment *experiment) {
    char problem[EXPERIMENT_PROBLEM] = "", printed[1 << 14], *text;
    assert_true(model_load_text(path, &text, problem));
    assert_in_range(experiment_print_ini(experiment, printed, sizeof printed), 1,
                    sizeof printed - 1);
    assert_string_equal(text, printed);
    free(text);
}

/* Every bit of every array and count comes back, also of networks that have diverged. */
static void any_network_comes_back(void **state) {
    (void)state;
    static struct run first, second;
    static struct record saved, loaded;
    char problem[EXPERIMENT_PROBLEM] = "";
    int done = 0, diverging = 0;
    for (uint32_t row = 0; done < TRIPS; row++) {
        struct experiment experiment;
        struct dataset data;
        if (!small_random(&experiment, row, 2)) {
            continue;
        }
        const struct dataset_settings settings = experiment_data(&experiment);
        experiment.run[0].learning_rate = row % 32 == 5 ? 1e6 : 0.01;
        experiment.run[0].rbm_epochs = experiment.run[1].rbm_epochs = 0;
        assert_true(dataset_load(&data, &settings, problem));
        assert_true(run_restart(&first, &experiment, &data, problem));
        assert_true(run_restart(&second, &experiment, &data, problem));
        train(&first, (int)(row % 4));
        save(&first);
        record_run(&saved, &first);
        record_run(&loaded, &second);
        spoil(&loaded);
        if (!model_load(&second, path, problem)) {
            fail_msg("experiment %u: %s", (unsigned)row, problem);
        }
        record_run(&loaded, &second);
        assert_same_record(&saved, &loaded);
        assert_carries(&experiment);
        diverging += diverged(&first);
        run_finish(&first);
        run_finish(&second);
        dataset_finish(&data);
        done++;
    }
    assert_true(diverging > 0);
}

static void the_experiment_is_in_it(void **state) {
    (void)state;
    struct experiment experiment;
    char problem[EXPERIMENT_PROBLEM] = "", printed[1 << 14], *text;
    small_experiment(&experiment);
    struct fixture *f = started(&experiment);
    save(&f->run);
    assert_true(model_load_text(path, &text, problem));
    experiment_print_ini(&experiment, printed, sizeof printed);
    assert_string_equal(text, printed);
    free(text);
    finish(f);
}

/* Another optimiser begins anew: as if it had been changed while it trained. */
static void another_optimiser_begins_anew(void **state) {
    (void)state;
    struct experiment experiment;
    char problem[EXPERIMENT_PROBLEM] = "";
    small_experiment(&experiment);
    experiment.run[0].optimizer = OPTIMISER_MOMENTUM;
    struct fixture *first = started(&experiment);
    train(&first->run, STEPS);
    save(&first->run);
    experiment.run[0].optimizer = OPTIMISER_ADAM;
    struct fixture *second = started(&experiment);
    assert_true(model_load(&second->run, path, problem));
    const struct network *network = &second->run.network[0];
    assert_int_equal(network->config.optimiser.begun, STEPS);
    assert_true(network->layer[0].weight.state[0][0] == 0.0f);
    assert_memory_equal(network->layer[0].weight.value, first->run.network[0].layer[0].weight.value,
                        network->layer[0].weight.n * sizeof(real));
    finish(first);
    finish(second);
}

/* A sentence that names the file and says these. */
static void assert_refused(const struct experiment *experiment, const char *file, const char *what,
                           const char *more) {
    char problem[EXPERIMENT_PROBLEM] = "";
    struct fixture *f = started(experiment);
    assert_false(model_load(&f->run, file, problem));
    if (!strstr(problem, file) || !strstr(problem, what) || !strstr(problem, more)) {
        fail_msg("'%s' does not say '%s' and '%s'", problem, what, more);
    }
    finish(f);
}

static void what_does_not_fit_is_told(void **state) {
    (void)state;
    struct experiment experiment, other;
    small_experiment(&experiment);
    struct fixture *f = started(&experiment);
    train(&f->run, 1);
    save(&f->run);
    finish(f);
    other = experiment;
    other.run[0].width = 8;
    assert_refused(&other, path, "W1 has the shape (12, 9)", "the experiment's is (12, 8)");
    other = experiment;
    other.run[0].layers = 2; // the last layer has another shape, but W4 is one too many
    assert_refused(&other, path, "the array W4 has no place", "");
    other = experiment;
    other.run[0].layers = 4;
    assert_refused(&other, path, "W4 has the shape (9, ", "(9, 9)");
    other = experiment;
    other.run[0].normalisation = NORMALISATION_BATCH;
    assert_refused(&other, path, "there is no array gamma1", "");
    other = experiment;
    experiment_pin(&other);
    assert_refused(&other, path, "there is no array b_W1", "");
    assert_refused(&experiment, "/nowhere/model.npz", "cannot be read", "");
}

/* Cut off anywhere, or with a bit turned: refused, or nothing that matters was changed. */
static void damaged_files_are_refused(void **state) {
    (void)state;
    struct experiment experiment;
    small_experiment(&experiment);
    experiment.run[0].layers = 1;
    experiment.run[0].width = 3;
    struct fixture *f = started(&experiment);
    train(&f->run, 2);
    save(&f->run);
    uint64_t good = hash(&f->run, false);
    FILE *file = fopen(path, "rb");
    static uint8_t bytes[1 << 16];
    size_t size = fread(bytes, 1, sizeof bytes, file);
    fclose(file);
    assert_true(size > 1000 && size < sizeof bytes);
    char damaged[80], problem[EXPERIMENT_PROBLEM];
    text_set(damaged, sizeof damaged, "%s.damaged", path);
    int refused = 0, tries = 0;
    for (size_t at = 0; at < size; at += 11) {
        for (int cut = 0; cut < 2; cut++, tries++) {
            file = fopen(damaged, "wb");
            bytes[at] ^= cut ? 0 : 0x10;
            fwrite(bytes, 1, cut ? at : size, file);
            bytes[at] ^= cut ? 0 : 0x10;
            fclose(file);
            struct fixture *again = started(&experiment);
            if (!model_load(&again->run, damaged, problem)) {
                assert_non_null(strstr(problem, damaged));
                refused++;
            } else {
                assert_false(cut);
                assert_true(hash(&again->run, false) == good); // the text, or the name of a count
            }
            finish(again);
        }
    }
    assert_true(refused > tries / 2);
    unlink(damaged);
    finish(f);
}

static int setup(void **state) {
    (void)state;
    bool memory = access("/dev/shm", W_OK) == 0; // ten thousand files are no disk's business
    text_set(path, sizeof path, "%s/layerscope-model-XXXXXX", memory ? "/dev/shm" : "/tmp");
    setenv("TZ", "UTC0", 1); // else each member of an archive has the zone's file read
    int descriptor = mkstemp(path);
    return descriptor < 0 ? -1 : close(descriptor);
}

static int teardown(void **state) {
    (void)state;
    return unlink(path);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(random_networks_train_on),
        cmocka_unit_test(any_network_comes_back),
        cmocka_unit_test(the_experiment_is_in_it),
        cmocka_unit_test(another_optimiser_begins_anew),
        cmocka_unit_test(what_does_not_fit_is_told),
        cmocka_unit_test(damaged_files_are_refused),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
