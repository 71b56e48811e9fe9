#include "lab/experiment_check.h"

#include "base/memory.h"
#include "base/require.h"
#include "base/text.h"

enum { MIXUP_LEAST_EXAMPLES = 8 }; // with fewer, a pair is hardly ever a new one

static bool mixup_has_pairs(const struct experiment_case *asked, char *problem) {
    const struct experiment *experiment = asked->experiment;
    if (experiment->mixup > 0.0 && asked->shape->examples < MIXUP_LEAST_EXAMPLES) {
        text_set(problem, EXPERIMENT_PROBLEM,
                 "mixup = %g takes at least %d training examples, but %s has %lld: set mixup to 0, "
                 "or choose larger data.",
                 experiment->mixup, MIXUP_LEAST_EXAMPLES, datasets[experiment->data].name,
                 (long long)asked->shape->examples);
        return false;
    }
    if (experiment->mixup > 0.0 && experiment->batch < 2) {
        text_set(problem, EXPERIMENT_PROBLEM,
                 "mixup = %g has nothing to mix in a batch of 1: set batch to 2 or more, or mixup "
                 "to 0.",
                 experiment->mixup);
        return false;
    }
    return true;
}

static bool shift_has_images(const struct experiment_case *asked, char *problem) {
    const struct experiment *experiment = asked->experiment;
    const struct dataset_shape *shape = asked->shape;
    const struct preprocess_row *preprocess = &preprocesses[experiment->preprocess];
    if (experiment->shift == 0) {
        return true;
    }
    if (preprocess->projects) {
        text_set(problem, EXPERIMENT_PROBLEM,
                 "shift = %d moves pixels, but preprocess = %s leaves none: set shift to 0, or "
                 "preprocess to standardised.",
                 experiment->shift, preprocess->name);
        return false;
    }
    if (shape->image_width == 0) {
        text_set(problem, EXPERIMENT_PROBLEM,
                 "shift = %d moves images, but %s has none: set shift to 0, or choose images as "
                 "data.",
                 experiment->shift, datasets[experiment->data].name);
        return false;
    }
    int least = shape->image_width < shape->image_height ? shape->image_width : shape->image_height;
    if (experiment->shift >= least) {
        text_set(problem, EXPERIMENT_PROBLEM,
                 "shift = %d would move images of %d x %d pixels out of sight: set shift to %d or "
                 "less.",
                 experiment->shift, shape->image_width, shape->image_height, least - 1);
        return false;
    }
    return true;
}

static const struct network_settings *settings_of(const struct experiment_case *asked) {
    return &asked->experiment->run[asked->run];
}

static bool normalisation_has_numbers(const struct experiment_case *asked, char *problem) {
    const struct network_settings *settings = settings_of(asked);
    bool batch = settings->normalisation == NORMALISATION_BATCH;
    if (settings->layers == 0) {
        return true;
    }
    if (settings->normalisation == NORMALISATION_LAYER && settings->width == 1) {
        text_set(problem, EXPERIMENT_PROBLEM,
                 "normalisation = layer makes a single unit 0 whatever it is: set width to 3 or "
                 "more, or normalisation to none.");
        return false;
    }
    if (batch && experiment_batch(asked->experiment, asked->shape) == 1) {
        text_set(
            problem, EXPERIMENT_PROBLEM,
            "normalisation = batch makes every unit 0 in a batch of 1: set batch to 3 or more, "
            "or normalisation to none or layer.");
        return false;
    }
    return true;
}

static bool groups_divide_the_width(const struct experiment_case *asked, char *problem) {
    const struct network_settings *settings = settings_of(asked);
    if (settings->connection == CONNECTION_SPLIT && settings->layers > 1 &&
        settings->width % settings->groups != 0) {
        text_set(problem, EXPERIMENT_PROBLEM,
                 "connection = split cannot part %d units into %d equal groups: set width to a "
                 "multiple of groups.",
                 settings->width, settings->groups);
        return false;
    }
    return true;
}

static bool blocks_have_layers(const struct experiment_case *asked, char *problem) {
    const struct network_settings *settings = settings_of(asked);
    int least = settings->block_layers + 1;
    if (settings->connection == CONNECTION_RESIDUAL && settings->layers < least) {
        text_set(problem, EXPERIMENT_PROBLEM,
                 "connection = residual over %d layers begins behind the first layer: set layers "
                 "to %d or more, not %d.",
                 settings->block_layers, least, settings->layers);
        return false;
    }
    return true;
}

static bool branches_are_residual(const struct experiment_case *asked, char *problem) {
    const struct network_settings *settings = settings_of(asked);
    const char *connection = connections[settings->connection].name;
    if (settings->connection == CONNECTION_RESIDUAL) {
        return true;
    }
    if (settings->branch != BRANCH_ONE) {
        text_set(problem, EXPERIMENT_PROBLEM,
                 "branch = %s scales residual branches, but connection = %s has none: set "
                 "connection to residual, or branch to unscaled.",
                 branches[settings->branch].name, connection);
        return false;
    }
    if (settings->stochastic_depth > 0.0) {
        text_set(problem, EXPERIMENT_PROBLEM,
                 "stochastic_depth = %g skips residual blocks, but connection = %s has none: set "
                 "connection to residual, or stochastic_depth to 0.",
                 settings->stochastic_depth, connection);
        return false;
    }
    return true;
}

static bool dropout_suits_the_activation(const struct experiment_case *asked, char *problem) {
    const struct network_settings *settings = settings_of(asked);
    if (settings->alpha_dropout > 0.0 && settings->dropout > 0.0) {
        text_set(problem, EXPERIMENT_PROBLEM,
                 "dropout = %g and alpha_dropout = %g drop the same units in two ways: set one of "
                 "them to 0.",
                 settings->dropout, settings->alpha_dropout);
        return false;
    }
    bool same = settings->activation_last == EXPERIMENT_SAME_ACTIVATION;
    int last = same ? settings->activation : settings->activation_last;
    int other = settings->activation != ACTIVATION_SELU ? settings->activation : last;
    if (settings->alpha_dropout > 0.0 && other != ACTIVATION_SELU) {
        text_set(
            problem, EXPERIMENT_PROBLEM,
            "alpha_dropout = %g is made for activation = selu, not %s: set all layers to selu, "
            "or use dropout.",
            settings->alpha_dropout, activations[other].name);
        return false;
    }
    return true;
}

static bool last_layers_exist(const struct experiment_case *asked, char *problem) {
    const struct network_settings *settings = settings_of(asked);
    if (settings->activation_last == EXPERIMENT_SAME_ACTIVATION) {
        return true;
    }
    int last = settings->last_to > 0 ? settings->last_to : settings->layers;
    if (last > settings->layers || settings->last_from > last) {
        text_set(problem, EXPERIMENT_PROBLEM,
                 "activation_last = %s is for layers %d to %d, but there are layers 1 to %d: set "
                 "last_from and last_to to some of them, or to 0 for the last one.",
                 activations[settings->activation_last].name,
                 settings->last_from > 0 ? settings->last_from : last, last, settings->layers);
        return false;
    }
    return true;
}

/* The last layer of a longer block has no activation, so none of its own either. */
static bool last_layers_have_one(const struct experiment_case *asked, char *problem) {
    const struct network_settings *settings = settings_of(asked);
    struct network_config config = experiment_network(asked->experiment, asked->run, asked->shape);
    bool end = config.exception.first > 0 && settings->block_layers > 1;
    for (int l = config.exception.first; end && l <= config.exception.last; l++) {
        connection_block(&config.connection, config.layers, l - 1, &end);
    }
    if (end) {
        text_set(problem, EXPERIMENT_PROBLEM,
                 "activation_last = %s is for layer %d alone, which ends a residual block and has "
                 "no activation: set last_from to %d, or block_layers to 1.",
                 activations[settings->activation_last].name, config.exception.last,
                 config.exception.last - 1);
        return false;
    }
    return true;
}

static bool tied_layers_are_alike(const struct experiment_case *asked, char *problem) {
    const struct network_settings *settings = settings_of(asked);
    if (settings->connection == CONNECTION_RECURRENT &&
        settings->activation_last != EXPERIMENT_SAME_ACTIVATION &&
        phi_of((enum activation)settings->activation).pieces !=
            phi_of((enum activation)settings->activation_last).pieces) {
        text_set(problem, EXPERIMENT_PROBLEM,
                 "connection = recurrent shares W between all layers, but %s and %s need W of "
                 "different shapes: set activation_last to same, or connection to plain.",
                 activations[settings->activation].name,
                 activations[settings->activation_last].name);
        return false;
    }
    return true;
}

static bool memory_suffices(const struct experiment_case *asked, char *problem) {
    size_t needed = experiment_bytes(asked->experiment, asked->shape);
    size_t available = memory_available(), more = asked->reclaimable;
    size_t limit = available > SIZE_MAX - more ? SIZE_MAX : available + more;
    if (needed <= limit) {
        return true;
    }
    char need[32], free_now[32];
    text_bytes(need, sizeof need, (double)needed);
    text_bytes(free_now, sizeof free_now, (double)limit);
    text_set(problem, EXPERIMENT_PROBLEM,
             "This experiment needs %s, %s are free: fewer or narrower layers, a smaller batch or "
             "fewer examples would fit.",
             need, free_now);
    return false;
}

static bool rbm_has_sigmoid(const struct experiment_case *asked, char *problem) {
    const struct network_settings *settings = settings_of(asked);
    bool last = settings->activation == ACTIVATION_SIGMOID;
    int wrong = last ? settings->activation_last : settings->activation;
    if (settings->init != INITIALISER_RBM || wrong == ACTIVATION_SIGMOID ||
        (last && wrong == EXPERIMENT_SAME_ACTIVATION)) {
        return true;
    }
    text_set(problem, EXPERIMENT_PROBLEM,
             "init = rbm pre-trains layers whose units are on with a probability, which only "
             "activation%s = sigmoid gives, not %s.",
             last ? "_last" : "", activations[wrong].name);
    return false;
}

static bool rbm_has_plain_layers(const struct experiment_case *asked, char *problem) {
    const struct network_settings *settings = settings_of(asked);
    if (settings->init != INITIALISER_RBM) {
        return true;
    }
    if (settings->normalisation != NORMALISATION_NONE) {
        text_set(problem, EXPERIMENT_PROBLEM,
                 "init = rbm pre-trains layers that nothing normalises: set normalisation to none, "
                 "not %s, or choose another init.",
                 normalisations[settings->normalisation].name);
        return false;
    }
    if (settings->connection != CONNECTION_PLAIN) {
        text_set(problem, EXPERIMENT_PROBLEM,
                 "init = rbm pre-trains layers that see all of the layer below and nothing else: "
                 "set connection to plain, not %s, or choose another init.",
                 connections[settings->connection].name);
        return false;
    }
    return true;
}

static bool lsuv_can_scale(const struct experiment_case *asked, char *problem) {
    const struct network_settings *settings = settings_of(asked);
    if (settings->init != INITIALISER_LSUV) {
        return true;
    }
    if (settings->normalisation != NORMALISATION_NONE) {
        text_set(problem, EXPERIMENT_PROBLEM,
                 "init = lsuv gives z unit variance once, normalisation = %s at every step: set "
                 "normalisation to none, or init to orthogonal.",
                 normalisations[settings->normalisation].name);
        return false;
    }
    if (settings->connection == CONNECTION_RECURRENT) {
        text_set(problem, EXPERIMENT_PROBLEM,
                 "init = lsuv scales each layer's own weights, but with connection = recurrent all "
                 "layers share them: choose another connection, or set init to orthogonal.");
        return false;
    }
    if (settings->branch == BRANCH_FIXUP) {
        text_set(problem, EXPERIMENT_PROBLEM,
                 "branch = fixup says itself how large the first weights are, which init = lsuv "
                 "would undo: choose another branch, or set init to he.");
        return false;
    }
    if (settings->bias_sd > 0.0) {
        text_set(problem, EXPERIMENT_PROBLEM,
                 "init = lsuv gives z unit variance, to which bias_sd = %g would add: set bias_sd "
                 "to 0, or choose another init.",
                 settings->bias_sd);
        return false;
    }
    return true;
}

/* As far as the settings tell; pretraining_accepts() looks at the data. */
static bool rbm_has_unit_inputs(const struct experiment_case *asked, char *problem) {
    struct dataset_settings data = experiment_data(asked->experiment);
    if (asked->experiment->run[asked->run].init != INITIALISER_RBM || !dataset_leaves_unit(&data)) {
        return true;
    }
    text_set(problem, EXPERIMENT_PROBLEM,
             "init = rbm needs inputs within 0 to 1, which it takes for probabilities; data = %s "
             "with preprocess = %s has others. Use preprocess = unit on images, or another init.",
             datasets[data.kind].name, preprocesses[data.preprocess].name);
    return false;
}

static const struct experiment_check checks[] = {
    { .name = "mixup", .passes = mixup_has_pairs },
    { .name = "shift", .passes = shift_has_images },
    { .name = "normalisation", .per_run = true, .passes = normalisation_has_numbers },
    { .name = "groups", .per_run = true, .passes = groups_divide_the_width },
    { .name = "block_layers", .per_run = true, .passes = blocks_have_layers },
    { .name = "branch", .per_run = true, .passes = branches_are_residual },
    { .name = "dropout", .per_run = true, .passes = dropout_suits_the_activation },
    { .name = "activation_last", .per_run = true, .passes = last_layers_exist },
    { .name = "last activation", .per_run = true, .passes = last_layers_have_one },
    { .name = "recurrent", .per_run = true, .passes = tied_layers_are_alike },
    { .name = "lsuv", .per_run = true, .passes = lsuv_can_scale },
    { .name = "rbm activation", .per_run = true, .passes = rbm_has_sigmoid },
    { .name = "rbm layers", .per_run = true, .passes = rbm_has_plain_layers },
    { .name = "rbm inputs", .per_run = true, .passes = rbm_has_unit_inputs },
    // last, because it lays the networks out, which takes what the rows above make sure of
    { .name = "memory", .passes = memory_suffices },
};

const struct experiment_check *experiment_checks(int *count) {
    *count = ARRAY_LEN(checks);
    return checks;
}

static bool passes(const struct experiment_check *check, const struct experiment_case *asked,
                   char *problem) {
    char reason[EXPERIMENT_PROBLEM];
    if (check->passes(asked, reason)) {
        return true;
    }
    text_set(problem, EXPERIMENT_PROBLEM, "%s%s", asked->run == 1 ? "B: " : "", reason);
    return false;
}

bool experiment_fits(const struct experiment *experiment, const struct dataset_shape *shape,
                     size_t reclaimable, char *problem) {
    for (int i = 0; i < ARRAY_LEN(checks); i++) {
        int runs = checks[i].per_run && experiment->compare ? 2 : 1;
        for (int run = 0; run < runs; run++) {
            const struct experiment_case asked = {
                .experiment = experiment,
                .shape = shape,
                .run = run,
                .reclaimable = reclaimable,
            };
            if (!passes(&checks[i], &asked, problem)) {
                return false;
            }
        }
    }
    return true;
}
