/* setting_rows.c - the table of settings. */
#include <assert.h>
#include <string.h>

#include "base/require.h"
#include "base/text.h"
#include "engine/crew.h"
#include "lab/experiment.h"
#include "lab/regulariser.h"
#include "measure/snapshot.h"

/* What a table says about its row i. */
#define DESCRIBED(row)                                                                             \
    (struct setting_choice) {                                                                      \
        (row).label, (row).formula, (row).about, (row).source                                      \
    }

/* The names and the descriptions that a table has. */
#define CHOICES(thing, table)                                                                      \
    static const char *thing##_name(int i) {                                                       \
        return table[i].name;                                                                      \
    }                                                                                              \
    static struct setting_choice describe_##thing(int i) {                                         \
        return DESCRIBED(table[i]);                                                                \
    }

CHOICES(activation, activations)
CHOICES(normalisation, normalisations)
CHOICES(connection, connections)
CHOICES(branch, branches)
CHOICES(initialiser, initialisers)
CHOICES(optimiser, optimisers)
CHOICES(schedule, schedules)
CHOICES(preprocess, preprocesses)
CHOICES(dataset, datasets)

static const char *last_activation_name(int i) {
    return i == EXPERIMENT_SAME_ACTIVATION ? "same" : activations[i].name;
}

static const char *loss_name(int i) {
    return i == EXPERIMENT_LOSS_AUTO ? "auto" : losses[i].name;
}

static struct setting_choice describe_last_activation(int i) {
    if (i == EXPERIMENT_SAME_ACTIVATION) {
        return (struct setting_choice){ .label = "same",
                                        .formula = "φ",
                                        .about = "that of all hidden layers" };
    }
    return DESCRIBED(activations[i]);
}

static struct setting_choice describe_loss(int i) {
    if (i == EXPERIMENT_LOSS_AUTO) {
        return (struct setting_choice){
            .label = "auto",
            .formula = "binary_cross_entropy for two classes in the plane, else cross_entropy",
            .about = "what suits the data set"
        };
    }
    return DESCRIBED(losses[i]);
}

const char *const setting_group_names[] = {
    [SETTING_GROUP_NETWORK] = "Network",
    [SETTING_GROUP_TRAINING] = "Training",
    [SETTING_GROUP_NOISE] = "Regularisation and noise",
    [SETTING_GROUP_DATA] = "Data",
};
static_assert(ARRAY_LEN(setting_group_names) == SETTING_GROUP_COUNT, "a name is missing");

static const double layer_rungs[] = { 0,  1,  2,  3,  4,  5,  6,  7,  8,  9,   10,  12,  14,
                                      16, 18, 20, 25, 30, 40, 50, 60, 80, 100, 120, 150, 200 };
static const double width_rungs[] = { 1,   2,   3,   5,   8,   10,  16,  20,   32,   50,   64,
                                      100, 128, 200, 256, 500, 512, 784, 1000, 1024, 2048, 4096 };
static const double batch_rungs[] = { 1,   2,   4,   8,   10,  16,   32,   50,   64,    100,
                                      128, 200, 256, 500, 512, 1000, 1024, 2000, 10000, 60000 };
static const double example_rungs[] = { 0,    10,   20,    50,    100,   200,    500,    1000,
                                        2000, 5000, 10000, 20000, 50000, 100000, 200000, 500000 };
static const double gain_rungs[] = { 0,   0.01, 0.02, 0.05, 0.1, 0.2, 0.3, 0.5, 0.6,
                                     0.7, 0.8,  0.9,  1,    1.1, 1.2, 1.3, 1.4, 1.5,
                                     1.7, 2,    3,    5,    10,  20,  50,  100 };
static const double bias_rungs[] = { -2,   -1,   -0.5, -0.2, -0.1, -0.05, -0.02, -0.01, 0,
                                     0.01, 0.02, 0.05, 0.1,  0.2,  0.5,   1,     2 };
static const double group_rungs[] = { 2, 4, 5, 8, 10, 16, 20, 25, 32, 50, 64, 100, 128, 256 };
static const double strength_rungs[] = { 0, 0.01, 0.02, 0.05, 0.1, 0.2, 0.3, 0.5, 1, 2, 5, 10 };
#define DECAYS                                                                                     \
    0, 1e-6, 1e-5, 2e-5, 5e-5, 1e-4, 2e-4, 5e-4, 1e-3, 2e-3, 5e-3, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5
static const double decay_rungs[] = { DECAYS };
static const double weight_decay_rungs[] = { -1, DECAYS };
static const double noise_rungs[] = { -1, 0, 0.01, 0.02, 0.03, 0.05, 0.1, 0.2, 0.3, 0.5, 1, 2, 5 };

#define PER_RUN(field) .offset = offsetof(struct network_settings, field), .per_run = true
#define LIVE(field) PER_RUN(field), .live = true
#define SHARED(field) .offset = offsetof(struct experiment, field)
#define RANGE(least, most) .low = (least), .high = (most)
#define NEEDS(...) .need = { __VA_ARGS__ }
#define BIT(option) (UINT64_C(1) << (option))
#define BELOW_ONE .type = SETTING_DOUBLE, .low = 0, .high = 1, .open_high = true
#define NAMES(function, count) .type = SETTING_NAME, .option = function, .option_count = (count)
#define RUNGS(array) .rungs = (array), .rung_count = ARRAY_LEN(array)

#define RESIDUAL "connection", BIT(CONNECTION_RESIDUAL)
#define PUSHED "optimizer", BIT(OPTIMISER_MOMENTUM) | BIT(OPTIMISER_NESTEROV)
#define ADAMS "optimizer", BIT(OPTIMISER_ADAM) | BIT(OPTIMISER_ADAMW)
#define ANOTHER_LAST "activation_last", BIT(EXPERIMENT_SAME_ACTIVATION) - 1
#define IN_THE_PLANE                                                                               \
    "data", BIT(DATASET_NOISY_XOR) | BIT(DATASET_MOONS) | BIT(DATASET_CIRCLES) |                   \
                BIT(DATASET_SPIRALS) | BIT(DATASET_BLOBS) | BIT(DATASET_CHECKERBOARD)

static const struct setting settings[] = {
    { .name = "layers",
      .type = SETTING_INT,
      PER_RUN(layers),
      RANGE(0, EXPERIMENT_MAX_LAYERS),
      RUNGS(layer_rungs),
      .about = "hidden layers; 0: the inputs go straight to the output" },
    { .name = "width",
      .type = SETTING_INT,
      PER_RUN(width),
      RANGE(1, EXPERIMENT_MAX_WIDTH),
      RUNGS(width_rungs),
      .about = "units of every hidden layer" },
    { .name = "activation",
      NAMES(activation_name, ACTIVATION_COUNT),
      LIVE(activation),
      .describe = describe_activation,
      .speaks = true,
      .about = "activation function of the hidden layers" },
    { .name = "leak",
      .type = SETTING_DOUBLE,
      LIVE(leak),
      NEEDS("activation", BIT(ACTIVATION_LEAKY_RELU)),
      RANGE(-1, 1),
      .about = "slope of leaky_relu below zero" },
    { .name = "pieces",
      .type = SETTING_INT,
      PER_RUN(pieces),
      NEEDS("activation", BIT(ACTIVATION_MAXOUT)),
      RANGE(2, PHI_MAX_PIECES),
      .about = "linear maps of each maxout unit" },
    { .name = "activation_last",
      NAMES(last_activation_name, ACTIVATION_COUNT + 1),
      LIVE(activation_last),
      .describe = describe_last_activation,
      .about = "activation function of hidden layers last_from to last_to" },
    { .name = "last_from",
      .type = SETTING_INT,
      LIVE(last_from),
      NEEDS(ANOTHER_LAST),
      RANGE(0, EXPERIMENT_MAX_LAYERS),
      .about = "first layer with activation_last; 0: only the last one" },
    { .name = "last_to",
      .type = SETTING_INT,
      LIVE(last_to),
      NEEDS(ANOTHER_LAST),
      RANGE(0, EXPERIMENT_MAX_LAYERS),
      .about = "last layer with activation_last; 0: the last one" },
    { .name = "normalisation",
      NAMES(normalisation_name, NORMALISATION_COUNT),
      LIVE(normalisation),
      .describe = describe_normalisation,
      .speaks = true,
      .about = "between the linear map and the activation of the hidden layers" },
    { .name = "connection",
      NAMES(connection_name, CONNECTION_COUNT),
      PER_RUN(connection),
      .describe = describe_connection,
      .about = "how the hidden layers are joined" },
    { .name = "block_layers",
      .type = SETTING_INT,
      PER_RUN(block_layers),
      NEEDS(RESIDUAL),
      RANGE(1, 2),
      .about = "layers that a residual connection goes around" },
    { .name = "branch",
      NAMES(branch_name, BRANCH_COUNT),
      PER_RUN(branch),
      NEEDS(RESIDUAL),
      .describe = describe_branch,
      .about = "what a residual branch is multiplied by before it is added" },
    { .name = "groups",
      .type = SETTING_INT,
      PER_RUN(groups),
      NEEDS("connection", BIT(CONNECTION_SPLIT)),
      RANGE(2, 256),
      RUNGS(group_rungs),
      .about = "parallel groups of split layers" },
    { .name = "dropout",
      LIVE(dropout),
      BELOW_ONE,
      .group = SETTING_GROUP_NOISE,
      .about = "probability of dropping a hidden unit while training; 0: off" },
    { .name = "alpha_dropout",
      LIVE(alpha_dropout),
      NEEDS("activation", BIT(ACTIVATION_SELU)),
      BELOW_ONE,
      .group = SETTING_GROUP_NOISE,
      .about = "dropout for selu, which keeps mean and variance; 0: off" },
    { .name = "drop_connect",
      LIVE(drop_connect),
      BELOW_ONE,
      .group = SETTING_GROUP_NOISE,
      .about = "probability of dropping a weight of the hidden layers while training; 0: off" },
    { .name = "stochastic_depth",
      LIVE(stochastic_depth),
      NEEDS(RESIDUAL),
      BELOW_ONE,
      .group = SETTING_GROUP_NOISE,
      .about = "probability of skipping the last residual block while training, earlier ones "
               "less often; 0: off" },
    { .name = "init",
      NAMES(initialiser_name, INITIALISER_COUNT),
      PER_RUN(init),
      .describe = describe_initialiser,
      .speaks = true,
      .about = "how the first weights are drawn" },
    { .name = "init_scale",
      .type = SETTING_DOUBLE,
      PER_RUN(init_scale),
      RANGE(0, 1e6),
      RUNGS(gain_rungs),
      .about = "multiplies them: sd of normal, limit of uniform, gain of the others" },
    { .name = "bias",
      .type = SETTING_DOUBLE,
      PER_RUN(bias),
      RANGE(-1e6, 1e6),
      RUNGS(bias_rungs),
      .about = "first value of every bias" },
    { .name = "bias_sd",
      .type = SETTING_DOUBLE,
      PER_RUN(bias_sd),
      RANGE(0, 1e6),
      RUNGS(strength_rungs),
      .about = "sd of the normal draws added to the first biases" },
    { .name = "loss",
      NAMES(loss_name, LOSS_COUNT + 1),
      PER_RUN(loss),
      .group = SETTING_GROUP_TRAINING,
      .describe = describe_loss,
      .about = "loss and output function; auto suits the data set" },
    { .name = "optimizer",
      NAMES(optimiser_name, OPTIMISER_COUNT),
      LIVE(optimizer),
      .group = SETTING_GROUP_TRAINING,
      .describe = describe_optimiser,
      .speaks = true,
      .about = "how the gradient becomes an update" },
    { .name = "learning_rate",
      .type = SETTING_DOUBLE,
      LIVE(learning_rate),
      RANGE(0, 1e6),
      .group = SETTING_GROUP_TRAINING,
      .about = "learning rate" },
    { .name = "schedule",
      NAMES(schedule_name, SCHEDULE_COUNT),
      LIVE(schedule),
      .group = SETTING_GROUP_TRAINING,
      .describe = describe_schedule,
      .about = "how the learning rate changes from step to step" },
    { .name = "schedule_period",
      .type = SETTING_INT64,
      LIVE(schedule_period),
      NEEDS("schedule", BIT(SCHEDULE_STEP) | BIT(SCHEDULE_COSINE) | BIT(SCHEDULE_WARMUP)),
      RANGE(1, 1e9),
      .group = SETTING_GROUP_TRAINING,
      .about = "steps from drop to drop of step, from top to bottom of cosine, of the ramp of "
               "warmup" },
    { .name = "schedule_factor",
      .type = SETTING_DOUBLE,
      LIVE(schedule_factor),
      NEEDS("schedule", BIT(SCHEDULE_STEP)),
      RANGE(0, 1e6),
      .group = SETTING_GROUP_TRAINING,
      .about = "what each drop of step multiplies the learning rate by" },
    { .name = "warmup",
      .type = SETTING_INT64,
      LIVE(warmup),
      RANGE(0, 1e9),
      .group = SETTING_GROUP_TRAINING,
      .about = "steps in which the learning rate rises to its value, before the schedule begins" },
    { .name = "momentum",
      LIVE(momentum),
      NEEDS(PUSHED),
      BELOW_ONE,
      .group = SETTING_GROUP_TRAINING,
      .about = "momentum of momentum and nesterov" },
    { .name = "beta1",
      LIVE(beta1),
      NEEDS(ADAMS),
      BELOW_ONE,
      .group = SETTING_GROUP_TRAINING,
      .about = "adam, adamw: decay of the mean gradient" },
    { .name = "beta2",
      LIVE(beta2),
      NEEDS(ADAMS),
      BELOW_ONE,
      .group = SETTING_GROUP_TRAINING,
      .about = "adam, adamw: decay of the mean squared gradient" },
    { .name = "rho",
      .group = SETTING_GROUP_TRAINING,
      LIVE(rho),
      NEEDS("optimizer", BIT(OPTIMISER_ADADELTA)),
      BELOW_ONE,
      .about = "adadelta: decay of the mean squares of gradient and update" },
    { .name = "alpha",
      .group = SETTING_GROUP_TRAINING,
      LIVE(alpha),
      NEEDS("optimizer", BIT(OPTIMISER_RMSPROP)),
      BELOW_ONE,
      .about = "rmsprop: decay of the mean squared gradient" },
    { .name = "rbm_epochs",
      .group = SETTING_GROUP_TRAINING,
      .type = SETTING_INT,
      PER_RUN(rbm_epochs),
      NEEDS("init", BIT(INITIALISER_RBM)),
      RANGE(1, SNAPSHOT_EPOCHS),
      .about = "init rbm: epochs of pre-training for each layer" },
    { .name = "rbm_rate",
      .group = SETTING_GROUP_TRAINING,
      .type = SETTING_DOUBLE,
      PER_RUN(rbm_rate),
      NEEDS("init", BIT(INITIALISER_RBM)),
      RANGE(0, 1e6),
      .about = "init rbm: learning rate of pre-training" },
    { .name = "l1",
      .group = SETTING_GROUP_NOISE,
      .type = SETTING_DOUBLE,
      LIVE(l1),
      RANGE(0, 1e6),
      RUNGS(decay_rungs),
      .about = "L1 penalty: l1 sign(w) joins the gradient of each parameter, but PReLU's; the "
               "reported loss is without it; 0: off" },
    { .name = "l2",
      .group = SETTING_GROUP_NOISE,
      .type = SETTING_DOUBLE,
      LIVE(l2),
      RANGE(0, 1e6),
      RUNGS(decay_rungs),
      .about = "L2 penalty: l2 w joins the gradient of each parameter, but PReLU's; the reported "
               "loss is without it; 0: off" },
    { .name = "weight_decay",
      .group = SETTING_GROUP_NOISE,
      .type = SETTING_DOUBLE,
      LIVE(weight_decay),
      RANGE(-1, 1e6),
      RUNGS(weight_decay_rungs),
      .about =
          "each update also takes learning rate x weight_decay of each parameter, but PReLU's; "
          "0: off; below 0: adamw 0.01, others 0" },
    { .name = "clip_norm",
      .group = SETTING_GROUP_NOISE,
      .type = SETTING_DOUBLE,
      LIVE(clip_norm),
      RANGE(0, 1e6),
      RUNGS(strength_rungs),
      .about = "scale all gradients of an update together so that their norm is at most this; what "
               "is shown stays unclipped; 0: off" },
    { .name = "clip_value",
      .group = SETTING_GROUP_NOISE,
      .type = SETTING_DOUBLE,
      LIVE(clip_value),
      RANGE(0, 1e6),
      RUNGS(strength_rungs),
      .about =
          "cut every entry of an update's gradients off at this size, after clip_norm; 0: off" },
    { .name = "batch",
      .type = SETTING_INT,
      SHARED(batch),
      .live = true,
      RANGE(1, 1e6),
      .group = SETTING_GROUP_TRAINING,
      RUNGS(batch_rungs),
      .about = "examples per step; at most all there are" },
    { .name = "data",
      NAMES(dataset_name, DATASET_COUNT),
      SHARED(data),
      .group = SETTING_GROUP_DATA,
      .describe = describe_dataset,
      .speaks = true,
      .about = "data set" },
    { .name = "examples",
      .type = SETTING_INT64,
      SHARED(examples),
      RANGE(0, 1e8),
      .group = SETTING_GROUP_DATA,
      RUNGS(example_rungs),
      .about = "training examples to use; 0: all (generated ones: 1000)" },
    { .name = "features",
      .type = SETTING_INT,
      SHARED(features),
      NEEDS("data", BIT(DATASET_GAUSSIAN)),
      RANGE(0, 65536),
      .group = SETTING_GROUP_DATA,
      .about = "inputs of gaussian; 0: 500" },
    { .name = "noise",
      .type = SETTING_DOUBLE,
      SHARED(noise),
      NEEDS(IN_THE_PLANE),
      RANGE(-1, 1000),
      .group = SETTING_GROUP_DATA,
      RUNGS(noise_rungs),
      .about = "sd of the noise of data in the plane; below 0: what suits the set" },
    { .name = "data_path",
      .type = SETTING_PATH,
      SHARED(data_path),
      NEEDS("data", BIT(DATASET_FASHION_MNIST) | BIT(DATASET_IDX) | BIT(DATASET_CIFAR10)),
      .group = SETTING_GROUP_DATA,
      .about = "where fashion_mnist, idx and cifar10 are: a folder, or the file of the images" },
    { .name = "preprocess",
      NAMES(preprocess_name, PREPROCESS_COUNT),
      SHARED(preprocess),
      .group = SETTING_GROUP_DATA,
      .describe = describe_preprocess,
      .about = "what is done to the inputs, fitted on the training part" },
    { .name = "components",
      .type = SETTING_INT,
      SHARED(components),
      NEEDS("preprocess", BIT(PREPROCESS_PCA) | BIT(PREPROCESS_WHITENED)),
      RANGE(0, PREPROCESS_MAX_FEATURES),
      .group = SETTING_GROUP_DATA,
      .about = "of pca and whitened; 0: all" },
    { .name = "threads",
      .type = SETTING_INT,
      SHARED(threads),
      .live = true,
      RANGE(0, CREW_MOST_THREADS),
      .group = SETTING_GROUP_TRAINING,
      .about = "that share the work of a step, whose results are the same bits for every number; "
               "0: all cores, beside a window all but one" },
    { .name = "ensemble",
      .type = SETTING_INT,
      SHARED(ensemble),
      RANGE(1, SNAPSHOT_MEMBERS),
      .group = SETTING_GROUP_TRAINING,
      .about = "networks trained side by side from seed, seed + 1 ..., whose predictions are "
               "averaged; 1: no ensemble" },
    { .name = "mixup",
      .type = SETTING_DOUBLE,
      SHARED(mixup),
      .live = true,
      RANGE(0, 1000),
      .group = SETTING_GROUP_NOISE,
      RUNGS(strength_rungs),
      .about =
          "mixes training examples in pairs: alpha of the share's Beta(alpha, alpha); 0: off" },
    { .name = "input_noise",
      .type = SETTING_DOUBLE,
      SHARED(input_noise),
      .live = true,
      RANGE(0, 100),
      .group = SETTING_GROUP_NOISE,
      RUNGS(strength_rungs),
      .about = "sd of normal noise on every training input; 0: off" },
    { .name = "shift",
      .type = SETTING_INT,
      SHARED(shift),
      .live = true,
      RANGE(0, 1000),
      .group = SETTING_GROUP_NOISE,
      .about = "moves training images at random, up to so many pixels to each side; 0: off" },
    { .name = "seed",
      .type = SETTING_UINT64,
      SHARED(seed),
      RANGE(0, 18446744073709551615.0),
      .group = SETTING_GROUP_TRAINING,
      .about = "of every random number" },
};

const struct setting *settings_table(int *count) {
    *count = ARRAY_LEN(settings);
    return settings;
}

struct setting_choice setting_describe(const struct setting *setting, int option) {
    int count;
    const struct regulariser_row *rows = regularisers(&count);
    if (setting->describe) {
        return setting->describe(option);
    }
    for (int i = 0; i < count; i++) {
        if (strcmp(rows[i].name, setting->name) == 0) {
            return DESCRIBED(rows[i]);
        }
    }
    return (struct setting_choice){ 0 };
}
