#include "lab/cure.h"

#include <math.h>

#include "base/require.h"
#include "base/text.h"
#include "lab/setting.h"

static const double raw_rms = 10.0; // inputs are far from unit variance

static bool has(const struct cure_case *ill, enum verdict verdict) {
    return ill->shown->diagnosis.verdict == verdict;
}

/* Of signals that grow or shrink from layer to layer, and what comes of it. */
static bool out_of_scale(const struct cure_case *ill) {
    return has(ill, VERDICT_VANISHING) || has(ill, VERDICT_EXPLODING) ||
           has(ill, VERDICT_SATURATED) || has(ill, VERDICT_DIVERGED);
}

static bool is_residual(const struct cure_case *ill) {
    return ill->settings->connection == CONNECTION_RESIDUAL;
}

static bool raw_inputs(const struct cure_case *ill) {
    return ill->experiment->preprocess == PREPROCESS_NONE && ill->shown->input_rms > raw_rms;
}

/* A normalisation takes them away again. */
static bool large_biases(const struct cure_case *ill) {
    const struct network_settings *settings = ill->settings;
    return (out_of_scale(ill) || has(ill, VERDICT_DEAD)) &&
           settings->normalisation == NORMALISATION_NONE &&
           (settings->bias < 0.0 || settings->bias >= 1.0 || settings->bias_sd >= 1.0);
}

static bool loud_branches(const struct cure_case *ill) {
    return (has(ill, VERDICT_EXPLODING) || has(ill, VERDICT_DIVERGED)) && is_residual(ill) &&
           ill->settings->branch == BRANCH_ONE;
}

/* What is kept with probability 1 - p grows by 1 / (1 - p) in every layer: enough to do it? Asked
 * after the weights, which may be at fault alone. */
static bool grows(const struct cure_case *ill, double p) {
    const double much = 10.0;
    return (has(ill, VERDICT_EXPLODING) && p > 0.0) ||
           (has(ill, VERDICT_DIVERGED) && pow(1.0 - p, -0.5 * ill->settings->layers) > much);
}

static bool growing_dropout(const struct cure_case *ill) {
    return grows(ill, ill->settings->dropout);
}

static bool growing_drop_connect(const struct cure_case *ill) {
    return grows(ill, ill->settings->drop_connect);
}

/* What brings a signal through an activation, of all initialisers that draw. */
enum family { FAMILY_HE, FAMILY_XAVIER, FAMILY_SIGMOID, FAMILY_LSUV };

/*
 * Variance 2 / fan_in for what zeroes half of the signal, 1 / fan_in for what is z itself around 0;
 * no variance helps the sigmoid; for the others it is measured.
 */
static enum family family_of(int activation) {
    switch (activation) {
    case ACTIVATION_RELU:
    case ACTIVATION_LEAKY_RELU:
    case ACTIVATION_PRELU:
        return FAMILY_HE;
    case ACTIVATION_LINEAR:
    case ACTIVATION_TANH:
    case ACTIVATION_HARD_TANH:
    case ACTIVATION_SELU:
        return FAMILY_XAVIER;
    case ACTIVATION_SIGMOID:
        return FAMILY_SIGMOID;
    default:
        return FAMILY_LSUV;
    }
}

static bool is_alike(const struct cure_case *ill) {
    int init = ill->settings->init;
    return init == INITIALISER_ZERO || init == INITIALISER_CONSTANT ||
           ill->settings->init_scale == 0.0;
}

/* Does the first variance fit already? */
static bool fits(const struct cure_case *ill, enum family family) {
    static const bool fitting[][INITIALISER_COUNT] = {
        [FAMILY_HE] = { [INITIALISER_HE] = true,
                        [INITIALISER_HE_UNIFORM] = true,
                        [INITIALISER_HE_FAN_OUT] = true,
                        [INITIALISER_LSUV] = true },
        [FAMILY_XAVIER] = { [INITIALISER_XAVIER] = true,
                            [INITIALISER_LECUN_UNIFORM] = true,
                            [INITIALISER_GLOROT_NORMAL] = true,
                            [INITIALISER_GLOROT_UNIFORM] = true,
                            [INITIALISER_ORTHOGONAL] = true,
                            [INITIALISER_LSUV] = true },
        [FAMILY_LSUV] = { [INITIALISER_LSUV] = true },
    };
    return fitting[family][ill->settings->init] && ill->settings->init_scale == 1.0;
}

/* Weights of another size than this family wants; behind a normalisation their size is no matter.
 */
static bool missing(const struct cure_case *ill, enum family family) {
    bool matters = ill->settings->normalisation == NORMALISATION_NONE || is_alike(ill);
    return (out_of_scale(ill) || has(ill, VERDICT_DEAD)) && matters &&
           family_of(ill->settings->activation) == family && !fits(ill, family);
}

static bool he_missing(const struct cure_case *ill) {
    return missing(ill, FAMILY_HE);
}

static bool xavier_missing(const struct cure_case *ill) {
    return missing(ill, FAMILY_XAVIER);
}

/* Updates of so many layers add up where nothing bounds h. */
static bool deep_xavier_missing(const struct cure_case *ill) {
    const int deep = 30;
    int activation = ill->settings->activation;
    return xavier_missing(ill) && ill->settings->layers >= deep &&
           (activation == ACTIVATION_LINEAR || activation == ACTIVATION_SELU);
}

/* How many layers it brings a gradient through: phi' is half and less where z is around 0. */
static int lsuv_reach(int activation) {
    switch (activation) {
    case ACTIVATION_SOFTPLUS:
        return 10;
    case ACTIVATION_GELU:
    case ACTIVATION_SILU:
    case ACTIVATION_MISH:
        return 20;
    default:
        return EXPERIMENT_MAX_LAYERS;
    }
}

static bool lsuv_missing(const struct cure_case *ill) {
    bool reaches = ill->settings->layers <= lsuv_reach(ill->settings->activation);
    return missing(ill, FAMILY_LSUV) && (reaches || is_alike(ill) || is_residual(ill));
}

static bool flat_sigmoid(const struct cure_case *ill) {
    return out_of_scale(ill) && ill->settings->activation == ACTIVATION_SIGMOID &&
           ill->settings->normalisation != NORMALISATION_BATCH && ill->experiment->batch > 1;
}

static bool recurrent_sigmoid(const struct cure_case *ill) {
    return flat_sigmoid(ill) && ill->settings->connection == CONNECTION_RECURRENT;
}

/* The same W again and again: no first size of it suits all depths. */
static bool wild_recurrence(const struct cure_case *ill) {
    return (out_of_scale(ill) || has(ill, VERDICT_DEAD)) && !is_alike(ill) &&
           ill->settings->connection == CONNECTION_RECURRENT &&
           ill->settings->normalisation != NORMALISATION_LAYER;
}

static bool lost_groups(const struct cure_case *ill) {
    return (out_of_scale(ill) || has(ill, VERDICT_DEAD)) && !is_alike(ill) &&
           ill->settings->connection == CONNECTION_SPLIT &&
           ill->settings->normalisation == NORMALISATION_NONE && ill->experiment->batch > 1;
}

static bool alike_sigmoid(const struct cure_case *ill) {
    return out_of_scale(ill) && ill->settings->activation == ACTIVATION_SIGMOID && is_alike(ill);
}

/* Beyond what is usual of the optimizer. */
static bool is_fast(const struct cure_case *ill) {
    static const double usual[OPTIMISER_COUNT] = {
        [OPTIMISER_SGD] = 0.1,      [OPTIMISER_MOMENTUM] = 0.01, [OPTIMISER_NESTEROV] = 0.01,
        [OPTIMISER_ADAGRAD] = 0.01, [OPTIMISER_ADADELTA] = 1.0,  [OPTIMISER_RMSPROP] = 0.001,
        [OPTIMISER_ADAM] = 0.001,   [OPTIMISER_ADAMW] = 0.001,
    };
    return ill->settings->learning_rate > 3.0 * usual[ill->settings->optimizer];
}

static bool too_fast(const struct cure_case *ill) {
    return has(ill, VERDICT_DIVERGED) ||
           (!has(ill, VERDICT_EXPLODING) && ill->shown->step > 0 && is_fast(ill));
}

static bool too_deep(const struct cure_case *ill) {
    return !has(ill, VERDICT_SATURATED) && ill->settings->connection == CONNECTION_PLAIN &&
           ill->settings->layers > 2;
}

// The first that suits is taken, so what is certain stands above what is likely.
static const struct cure table[] = {
    { .name = "tanh and Xavier",
      .reason =
          "φ′ of the sigmoid is at most 1/4 at every step of the recurrence; that of tanh is 1 "
          "at 0",
      .source = "LeCun, Bottou, Orr & Müller 1998, section 4.4",
      .suits = recurrent_sigmoid,
      .settings = { { "activation", "tanh" }, { "init", "xavier" }, { "init_scale", "1" } } },
    { .name = "random weights",
      .reason = "units that start alike get the same gradient and stay alike",
      .source = "Rumelhart, Hinton & Williams, Nature 1986",
      .suits = alike_sigmoid,
      .settings = { { "init", "xavier" }, { "init_scale", "1" } } },
    { .name = "batch normalisation",
      .reason = "φ′ of the sigmoid is at most 1/4, whatever the weights; normalising z again in "
                "every layer makes up for it",
      .source = "Ioffe & Szegedy, ICML 2015",
      .suits = flat_sigmoid,
      .settings = { { "normalisation", "batch" } } },
    { .name = "standardised inputs",
      .reason = "the inputs are far from mean 0 and variance 1",
      .source = "LeCun, Bottou, Orr & Müller 1998, section 4.3",
      .suits = raw_inputs,
      .settings = { { "preprocess", "standardised" } } },
    { .name = "biases of 0",
      .reason = "the biases push every z to one side of 0, where φ passes too little or too much",
      .source = "He et al. 2015, section 2.2",
      .suits = large_biases,
      .settings = { { "bias", "0" }, { "bias_sd", "0" } } },
    { .name = "branches times 1/√blocks",
      .reason = "every block adds as much as there is",
      .source = "Zhang, Dauphin & Ma, ICLR 2019",
      .suits = loud_branches,
      .settings = { { "branch", "depth" } } },
    { .name = "layer normalisation, He",
      .reason = "the same weights act at every step, so whatever they do to the signal adds up; "
                "normalising z again at each takes it away",
      .source = "Ba, Kiros & Hinton, arXiv 1607.06450, section 3.1",
      .suits = wild_recurrence,
      .settings = { { "normalisation", "layer" }, { "init", "he" }, { "init_scale", "1" } } },
    { .name = "normalised groups",
      .reason =
          "a group of few units is lost once they are all off; normalised over the batch, each "
          "is on for some examples",
      .source = "Ioffe & Szegedy, ICML 2015",
      .suits = lost_groups,
      .settings = { { "normalisation", "batch" } } },
    { .name = "He initialisation",
      .reason = "variance 2 / fan_in makes up for the half that the activation takes away",
      .source = "He et al., ICCV 2015",
      .suits = he_missing,
      .settings = { { "init", "he" }, { "init_scale", "1" } } },
    { .name = "Xavier initialisation, slower",
      .reason =
          "variance 1 / fan_in keeps the size of the signal; the updates of so many layers add "
          "up, so each is a tenth",
      .source = "Glorot & Bengio, AISTATS 2010; Saxe, McClelland & Ganguli, ICLR 2014",
      .suits = deep_xavier_missing,
      .settings = { { "init", "xavier" }, { "init_scale", "1" }, { "learning_rate", NULL } } },
    { .name = "Xavier initialisation",
      .reason = "variance 1 / fan_in keeps the size of the signal in both directions",
      .source = "Glorot & Bengio, AISTATS 2010",
      .suits = xavier_missing,
      .settings = { { "init", "xavier" }, { "init_scale", "1" } } },
    { .name = "LSUV initialisation",
      .reason = "each layer's weights are scaled until its z has variance 1",
      .source = "Mishkin & Matas, ICLR 2016",
      .suits = lsuv_missing,
      .settings = { { "init", "lsuv" }, { "init_scale", "1" } } },
    { .name = "no dropout",
      .reason = "what is kept grows by 1 / (1 - p), and its RMS by the root of that",
      .source = "Schoenholz et al., ICLR 2017",
      .suits = growing_dropout,
      .settings = { { "dropout", "0" } } },
    { .name = "no DropConnect",
      .reason =
          "the weights that are kept grow by 1 / (1 - p), and the RMS of z by the root of that",
      .source = "Wan, Zeiler, Zhang, LeCun & Fergus, ICML 2013",
      .suits = growing_drop_connect,
      .settings = { { "drop_connect", "0" } } },
    { .name = "a tenth of the learning rate",
      .reason = "the updates are too large for the weights",
      .source = "LeCun, Bottou, Orr & Müller 1998, section 4.7",
      .suits = too_fast,
      .settings = { { "learning_rate", NULL } } },
    { .name = "residual blocks",
      .reason = "what goes around a block reaches the first layer whatever its factors are",
      .source = "He et al., CVPR 2016; branches times 1/√blocks: Zhang, Dauphin & Ma 2019",
      .suits = too_deep,
      .settings = { { "connection", "residual" }, { "branch", "depth" } } },
};

const struct cure *cures(int *count) {
    *count = ARRAY_LEN(table);
    return table;
}

const struct cure *cure_find(const struct run_snapshot *shown, const struct experiment *experiment,
                             int run) {
    struct cure_case ill = { shown, experiment, &experiment->run[run] };
    if (shown->diagnosis.verdict == VERDICT_HEALTHY || shown->pretraining.active) {
        return NULL;
    }
    for (int i = 0; i < ARRAY_LEN(table); i++) {
        if (table[i].suits(&ill)) {
            return &table[i];
        }
    }
    return NULL;
}

void cure_apply(const struct cure *cure, struct experiment *experiment, int run) {
    char text[SETTING_TEXT], problem[EXPERIMENT_PROBLEM];
    for (int i = 0; i < CURE_SETTINGS && cure->settings[i].setting; i++) {
        const struct setting *setting = setting_find(cure->settings[i].setting);
        REQUIRE(setting);
        if (cure->settings[i].value) {
            text_set(text, sizeof text, "%s", cure->settings[i].value);
        } else {
            text_set(text, sizeof text, "%.6g", 0.1 * experiment->run[run].learning_rate);
        }
        REQUIRE(setting_parse(experiment, setting->per_run ? run : 0, setting, text, problem));
    }
}
