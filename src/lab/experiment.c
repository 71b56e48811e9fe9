#include "lab/experiment.h"

#include <string.h>

#include "base/require.h"
#include "base/text.h"
#include "data/recognise.h"
#include "lab/ensemble.h"
#include "lab/pretraining.h"
#include "lab/run_batch.h"
#include "lab/setting.h"
#include "measure/capture.h"

void experiment_defaults(struct experiment *experiment) {
    memset(experiment, 0, sizeof *experiment);
    experiment->run[0] = (struct network_settings){
        .layers = 10,
        .width = 100,
        .activation = ACTIVATION_RELU,
        .leak = ACTIVATION_LEAK,
        .pieces = 2,
        .activation_last = EXPERIMENT_SAME_ACTIVATION,
        .block_layers = 2,
        .groups = 2,
        .init = INITIALISER_HE,
        .init_scale = 1.0,
        .loss = EXPERIMENT_LOSS_AUTO,
        .optimizer = OPTIMISER_SGD,
        .learning_rate = 0.05,
        .momentum = 0.9,
        .beta1 = 0.9,
        .beta2 = 0.999,
        .rho = 0.9,
        .alpha = 0.99,
        .weight_decay = -1.0,
        .schedule = SCHEDULE_CONSTANT,
        .schedule_period = 1000,
        .schedule_factor = 0.1,
        .rbm_epochs = 5,
        .rbm_rate = 0.1,
    };
    experiment->data = DATASET_MNIST;
    experiment->batch = 128;
    experiment->ensemble = 1;
    experiment->seed = 1;
    experiment->noise = -1.0;
    experiment->preprocess = PREPROCESS_UNIT;
    experiment->held_out = 0.2;
    experiment->run[1] = experiment->run[0];
}

void experiment_pin(struct experiment *experiment) {
    experiment->run[1] = experiment->run[0];
    experiment->compare = true;
}

void experiment_swap(struct experiment *experiment) {
    struct network_settings a = experiment->run[0];
    experiment->run[0] = experiment->run[1];
    experiment->run[1] = a;
}

void experiment_reference(struct experiment *experiment) {
    experiment_pin(experiment);
    experiment->run[1].activation = ACTIVATION_SIGMOID;
    experiment->run[1].init = INITIALISER_SMALL;
}

bool experiment_beside(struct experiment *experiment, const struct experiment *other) {
    struct experiment a = *experiment, b = *other;
    b.run[0] = a.run[0];
    a.compare = b.compare = false;
    if (!experiment_equal(&a, &b)) {
        return false;
    }
    experiment->run[1] = other->run[0];
    experiment->compare = true;
    return true;
}

bool experiment_equal(const struct experiment *a, const struct experiment *b) {
    if (a->compare != b->compare) {
        return false;
    }
    int count;
    const struct setting *table = settings_table(&count);
    for (int i = 0; i < count; i++) {
        for (int run = 0; run < (a->compare && table[i].per_run ? 2 : 1); run++) {
            if (!setting_equal(a, b, run, &table[i])) {
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

/* Below 0: what suits the optimizer. */
static double weight_decay_of(const struct network_settings *settings) {
    return settings->weight_decay < 0.0 ? optimisers[settings->optimizer].weight_decay
                                        : settings->weight_decay;
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
        .held_out = experiment->held_out,
        .separator = experiment->separator,
        .header = experiment->header,
    };
    text_set(data.path, sizeof data.path, "%s", experiment->data_path);
    text_set(data.label_column, sizeof data.label_column, "%s", experiment->label_column);
    text_set(data.skip_columns, sizeof data.skip_columns, "%s", experiment->skip_columns);
    return data;
}

bool experiment_open_data(struct experiment *experiment, const char *path, char *problem) {
    enum dataset_kind kind;
    if (!recognise(path, &kind, problem) ||
        !setting_parse(experiment, 0, setting_find("data_path"), path, problem)) {
        return false;
    }
    experiment->data = (int)kind;
    return true;
}

struct augment_settings experiment_augment(const struct experiment *experiment) {
    return (struct augment_settings){
        .seed = experiment->seed,
        .shift = experiment->shift,
        .mixup = experiment->mixup,
        .input_noise = experiment->input_noise,
    };
}

int experiment_batch(const struct experiment *experiment, const struct dataset_shape *shape) {
    return shape->examples < experiment->batch ? (int)shape->examples : experiment->batch;
}

static struct phi chosen_phi(const struct network_settings *settings, int which) {
    struct phi phi = phi_of((enum activation)which);
    phi.leak = phi.which == ACTIVATION_LEAKY_RELU ? settings->leak : phi.leak;
    phi.pieces = phi.pieces > 1 ? settings->pieces : 1;
    return phi;
}

/* From 0: the last layer. */
static struct network_exception exception_of(const struct network_settings *settings) {
    if (settings->activation_last == EXPERIMENT_SAME_ACTIVATION) {
        return (struct network_exception){ 0 };
    }
    int last = settings->last_to > 0 ? settings->last_to : settings->layers;
    return (struct network_exception){
        .phi = chosen_phi(settings, settings->activation_last),
        .first = settings->last_from > 0 ? settings->last_from : last,
        .last = last,
    };
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
        .phi = chosen_phi(settings, settings->activation),
        .exception = exception_of(settings),
        .normalisation = (enum normalisation)settings->normalisation,
        .connection = {
            .which = (enum connection)settings->connection,
            .span = settings->block_layers,
            .branch = (enum branch)settings->branch,
            .groups = settings->groups,
        },
        .noise = {
            .dropout = settings->dropout,
            .alpha_dropout = settings->alpha_dropout,
            .drop_connect = settings->drop_connect,
            .stochastic_depth = settings->stochastic_depth,
        },
        .init = (enum initialiser)settings->init,
        .init_scale = settings->init_scale,
        .bias = settings->bias,
        .bias_sd = settings->bias_sd,
        .loss = loss,
        .optimiser = {
            .which = (enum optimiser)settings->optimizer,
            .learning_rate = settings->learning_rate,
            .momentum = settings->momentum,
            .beta1 = settings->beta1,
            .beta2 = settings->beta2,
            .rho = settings->rho,
            .alpha = settings->alpha,
            .l1 = settings->l1,
            .l2 = settings->l2,
            .weight_decay = weight_decay_of(settings),
            .clip_norm = settings->clip_norm,
            .clip_value = settings->clip_value,
            .schedule = {
                .which = (enum schedule)settings->schedule,
                .period = settings->schedule_period,
                .drop = settings->schedule_factor,
                .warmup = settings->warmup,
            },
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
    struct ensemble ensemble;
    bool pretrains = false;
    for (int run = 0; run < (experiment->compare ? 2 : 1); run++) {
        struct network_config config = experiment_network(experiment, run, shape);
        network_layout(&scratch, &config, &counting);
        pretraining_layout(&more, &config, &counting);
        pretrains |= config.init == INITIALISER_RBM;
        ensemble_layout(&ensemble, &config, experiment->ensemble - 1, &counting);
    }
    for (int run = 0; run < (experiment->compare ? 2 : 1); run++) {
        struct run_batch batch; // one more where there are twins
        run_batch_layout(&batch, experiment, shape, &counting);
    }
    arena_take(&counting, experiment_scratch(experiment, shape), 1);
    size_t orders = pretrains ? 2 : 1; // of an epoch, one for each of training and pre-training
    arena_take(&counting, orders * (size_t)shape->examples, sizeof(uint32_t));
    arena_take(&counting, shape->bytes, 1);
    return counting.used;
}
