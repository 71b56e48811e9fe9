#include "lab/experiment.h"

#include <string.h>

#include "base/require.h"
#include "base/text.h"
#include "lab/pretraining.h"
#include "measure/capture.h"

void experiment_defaults(struct experiment *experiment) {
    memset(experiment, 0, sizeof *experiment);
    experiment->run[0] = (struct network_settings){
        .layers = 10,
        .width = 100,
        .activation = ACTIVATION_RELU,
        .init = INITIALISER_HE,
        .init_scale = 1.0,
        .loss = EXPERIMENT_LOSS_AUTO,
        .optimizer = OPTIMISER_SGD,
        .learning_rate = 0.05,
        .momentum = 0.9,
        .beta1 = 0.9,
        .beta2 = 0.999,
        .rbm_epochs = 5,
        .rbm_rate = 0.1,
    };
    experiment->data = DATASET_MNIST;
    experiment->batch = 128;
    experiment->seed = 1;
    experiment->noise = -1.0;
    experiment->preprocess = PREPROCESS_UNIT;
    experiment->run[1] = experiment->run[0];
}

void experiment_pin(struct experiment *experiment) {
    experiment->run[1] = experiment->run[0];
    experiment->compare = true;
}

void experiment_reference(struct experiment *experiment) {
    experiment_pin(experiment);
    experiment->run[1].activation = ACTIVATION_SIGMOID;
    experiment->run[1].init = INITIALISER_SMALL;
}

bool experiment_equal(const struct experiment *a, const struct experiment *b) {
    if (a->compare != b->compare) {
        return false;
    }
    int count;
    const struct setting *table = settings_table(&count);
    for (int i = 0; i < count; i++) {
        for (int run = 0; run < (a->compare && table[i].per_run ? 2 : 1); run++) {
            char left[SETTING_TEXT], right[SETTING_TEXT];
            setting_print(a, run, &table[i], left, sizeof left);
            setting_print(b, run, &table[i], right, sizeof right);
            if (strcmp(left, right) != 0) {
                return false;
            }
        }
    }
    return true;
}

enum loss experiment_loss(const struct experiment *experiment, int run) {
    int loss = experiment->run[run].loss;
    if (loss != EXPERIMENT_LOSS_AUTO) {
        return (enum loss)loss;
    }
    const char *names[LOSS_COUNT];
    for (int i = 0; i < LOSS_COUNT; i++) {
        names[i] = losses[i].name;
    }
    loss = text_find(datasets[experiment->data].loss, names, LOSS_COUNT);
    REQUIRE(loss >= 0);
    return (enum loss)loss;
}

struct dataset_settings experiment_data(const struct experiment *experiment) {
    struct dataset_settings data = {
        .kind = (enum dataset_kind)experiment->data,
        .examples = experiment->examples,
        .features = experiment->features,
        .noise = experiment->noise,
        .preprocess = (enum preprocess)experiment->preprocess,
        .components = experiment->components,
        .seed = experiment->seed,
    };
    text_set(data.path, sizeof data.path, "%s", experiment->data_path);
    return data;
}

int experiment_batch(const struct experiment *experiment, const struct dataset_shape *shape) {
    return shape->examples < experiment->batch ? (int)shape->examples : experiment->batch;
}

struct network_config experiment_network(const struct experiment *experiment, int run,
                                         const struct dataset_shape *shape) {
    const struct network_settings *settings = &experiment->run[run];
    enum loss loss = experiment_loss(experiment, run);
    return (struct network_config){
        .layers = settings->layers,
        .width = settings->width,
        .inputs = shape->features,
        .outputs = loss_outputs(loss, shape->classes),
        .batch = experiment_batch(experiment, shape),
        .activation = (enum activation)settings->activation,
        .init = (enum initialiser)settings->init,
        .init_scale = settings->init_scale,
        .bias = settings->bias,
        .loss = loss,
        .optimiser = {
            .which = (enum optimiser)settings->optimizer,
            .learning_rate = settings->learning_rate,
            .momentum = settings->momentum,
            .beta1 = settings->beta1,
            .beta2 = settings->beta2,
        },
        .seed = experiment->seed,
    };
}

size_t experiment_scratch(const struct experiment *experiment, const struct dataset_shape *shape) {
    size_t most = 0;
    for (int run = 0; run < (experiment->compare ? 2 : 1); run++) {
        struct network_config config = experiment_network(experiment, run, shape);
        size_t bytes = capture_scratch(&config);
        most = bytes > most ? bytes : most;
    }
    return most;
}

size_t experiment_bytes(const struct experiment *experiment, const struct dataset_shape *shape) {
    struct arena counting = { 0 };
    static _Thread_local struct network scratch; // large, and only counted with
    static _Thread_local struct pretraining more;
    bool pretrains = false;
    for (int run = 0; run < (experiment->compare ? 2 : 1); run++) {
        struct network_config config = experiment_network(experiment, run, shape);
        network_layout(&scratch, &config, &counting);
        pretraining_layout(&more, &config, &counting);
        pretrains |= config.init == INITIALISER_RBM;
    }
    size_t inputs = (size_t)shape->features, examples = (size_t)shape->examples;
    size_t batch = (size_t)experiment_batch(experiment, shape);
    for (int run = 0; run < (experiment->compare ? 2 : 1); run++) {
        arena_take(&counting, batch * inputs, sizeof(float)); // one more where there are twins
        arena_take(&counting, batch, 1);
    }
    arena_take(&counting, batch, sizeof(uint32_t)); // which examples
    arena_take(&counting, experiment_scratch(experiment, shape), 1);
    arena_take(&counting, examples, sizeof(uint32_t)); // the epoch's order
    arena_take(&counting, pretrains ? examples : 0, sizeof(uint32_t));
    arena_take(&counting, shape->bytes, 1);
    return counting.used;
}

int experiment_print_ini(const struct experiment *experiment, char *buffer, size_t size) {
    int count;
    const struct setting *table = settings_table(&count);
    buffer[0] = '\0';
    for (int run = 0; run < (experiment->compare ? 2 : 1); run++) {
        text_append(buffer, size, "%s", run ? "\n[b]\n" : "");
        for (int i = 0; i < count; i++) {
            if (run == 0 || table[i].per_run) {
                char value[SETTING_TEXT];
                setting_print(experiment, run, &table[i], value, sizeof value);
                text_append(buffer, size, "%s = %s\n", table[i].name, value);
            }
        }
    }
    return (int)strlen(buffer);
}
