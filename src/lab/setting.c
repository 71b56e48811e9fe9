#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/require.h"
#include "base/text.h"
#include "lab/experiment.h"
#include "measure/snapshot.h"

static const char *activation_name(int i) {
    return activations[i].name;
}

static const char *initialiser_name(int i) {
    return initialisers[i].name;
}

static const char *loss_name(int i) {
    return i == EXPERIMENT_LOSS_AUTO ? "auto" : losses[i].name;
}

static const char *optimiser_name(int i) {
    return optimisers[i].name;
}

static const char *dataset_name(int i) {
    return datasets[i].name;
}

static const char *preprocess_name(int i) {
    return preprocesses[i].name;
}

#define PER_RUN(field) .offset = offsetof(struct network_settings, field), .per_run = true
#define SHARED(field) .offset = offsetof(struct experiment, field)
#define NAMES(function, count) .type = SETTING_NAME, .option = function, .option_count = (count)

static const struct setting settings[] = {
    { .name = "layers",
      .type = SETTING_INT,
      PER_RUN(layers),
      .low = 1,
      .high = EXPERIMENT_MAX_LAYERS,
      .about = "hidden layers" },
    { .name = "width",
      .type = SETTING_INT,
      PER_RUN(width),
      .low = 1,
      .high = EXPERIMENT_MAX_WIDTH,
      .about = "units of every hidden layer" },
    { .name = "activation",
      NAMES(activation_name, ACTIVATION_COUNT),
      PER_RUN(activation),
      .about = "activation function of the hidden layers" },
    { .name = "init",
      NAMES(initialiser_name, INITIALISER_COUNT),
      PER_RUN(init),
      .about = "how the first weights are drawn" },
    { .name = "init_scale",
      .type = SETTING_DOUBLE,
      PER_RUN(init_scale),
      .low = 0,
      .high = 1e6,
      .about = "multiplies them: sd of normal, limit of uniform, gain of the others" },
    { .name = "bias",
      .type = SETTING_DOUBLE,
      PER_RUN(bias),
      .low = -1e6,
      .high = 1e6,
      .about = "first value of every bias" },
    { .name = "loss",
      NAMES(loss_name, LOSS_COUNT + 1),
      PER_RUN(loss),
      .about = "loss and output function; auto suits the data set" },
    { .name = "optimizer",
      NAMES(optimiser_name, OPTIMISER_COUNT),
      PER_RUN(optimizer),
      .about = "how the gradient becomes an update" },
    { .name = "learning_rate",
      .type = SETTING_DOUBLE,
      PER_RUN(learning_rate),
      .low = 0,
      .high = 1e6,
      .about = "learning rate" },
    { .name = "momentum",
      .type = SETTING_DOUBLE,
      PER_RUN(momentum),
      .low = 0,
      .high = 1,
      .open_high = true,
      .about = "momentum of the momentum optimizer" },
    { .name = "beta1",
      .type = SETTING_DOUBLE,
      PER_RUN(beta1),
      .low = 0,
      .high = 1,
      .open_high = true,
      .about = "Adam: decay of the mean gradient" },
    { .name = "beta2",
      .type = SETTING_DOUBLE,
      PER_RUN(beta2),
      .low = 0,
      .high = 1,
      .open_high = true,
      .about = "Adam: decay of the mean squared gradient" },
    { .name = "rbm_epochs",
      .type = SETTING_INT,
      PER_RUN(rbm_epochs),
      .low = 1,
      .high = SNAPSHOT_EPOCHS,
      .about = "init rbm: epochs of pre-training for each layer" },
    { .name = "rbm_rate",
      .type = SETTING_DOUBLE,
      PER_RUN(rbm_rate),
      .low = 0,
      .high = 1e6,
      .about = "init rbm: learning rate of pre-training" },
    { .name = "batch",
      .type = SETTING_INT,
      SHARED(batch),
      .low = 1,
      .high = 1e6,
      .about = "examples per step; at most all there are" },
    { .name = "data", NAMES(dataset_name, DATASET_COUNT), SHARED(data), .about = "data set" },
    { .name = "examples",
      .type = SETTING_INT64,
      SHARED(examples),
      .low = 0,
      .high = 1e8,
      .about = "training examples to use; 0: all (generated ones: 1000)" },
    { .name = "features",
      .type = SETTING_INT,
      SHARED(features),
      .low = 0,
      .high = 65536,
      .about = "inputs of gaussian; 0: 500" },
    { .name = "noise",
      .type = SETTING_DOUBLE,
      SHARED(noise),
      .low = -1,
      .high = 1000,
      .about = "sd of the noise of data in the plane; below 0: what suits the set" },
    { .name = "data_path",
      .type = SETTING_PATH,
      SHARED(data_path),
      .about = "where fashion_mnist, idx and cifar10 are: a folder, or the file of the images" },
    { .name = "preprocess",
      NAMES(preprocess_name, PREPROCESS_COUNT),
      SHARED(preprocess),
      .about = "what is done to the inputs, fitted on the training part" },
    { .name = "components",
      .type = SETTING_INT,
      SHARED(components),
      .low = 0,
      .high = PREPROCESS_MAX_FEATURES,
      .about = "of pca and whitened; 0: all" },
    { .name = "seed",
      .type = SETTING_UINT64,
      SHARED(seed),
      .low = 0,
      .high = 18446744073709551615.0,
      .about = "of every random number" },
};

const struct setting *settings_table(int *count) {
    *count = ARRAY_LEN(settings);
    return settings;
}

const struct setting *setting_find(const char *name) {
    const char *names[ARRAY_LEN(settings)];
    for (int i = 0; i < ARRAY_LEN(settings); i++) {
        names[i] = settings[i].name;
    }
    int index = text_find(name, names, ARRAY_LEN(settings));
    return index < 0 ? NULL : &settings[index];
}

static void *field_of(struct experiment *experiment, int run, const struct setting *setting) {
    char *base = setting->per_run ? (char *)&experiment->run[run] : (char *)experiment;
    return base + setting->offset;
}

enum { MAX_OPTIONS = 64 };

static int option_names(const struct setting *setting, const char *names[MAX_OPTIONS]) {
    REQUIRE(setting->option_count <= MAX_OPTIONS);
    for (int i = 0; i < setting->option_count; i++) {
        names[i] = setting->option(i);
    }
    return setting->option_count;
}

static bool parse_name(int *field, const struct setting *setting, const char *text, char *problem) {
    const char *names[MAX_OPTIONS];
    int count = option_names(setting, names);
    int index = text_find(text, names, count);
    if (index >= 0) {
        *field = index;
        return true;
    }
    char list[EXPERIMENT_PROBLEM / 2];
    text_join(list, sizeof list, names, count);
    int nearest = text_nearest(text, names, count);
    text_set(problem, EXPERIMENT_PROBLEM, "%s: there is no '%.60s'", setting->name, text);
    if (nearest >= 0) {
        text_append(problem, EXPERIMENT_PROBLEM, "; did you mean '%s'?", names[nearest]);
    } else {
        text_append(problem, EXPERIMENT_PROBLEM, ".");
    }
    text_append(problem, EXPERIMENT_PROBLEM, " It accepts: %s.", list);
    return false;
}

/* Integers without an exponent, doubles as short as they can be. */
static void print_bound(char *text, size_t size, const struct setting *setting, double bound) {
    if (setting->type == SETTING_UINT64) {
        text_append(text, size, "%" PRIu64, bound > 0 ? UINT64_MAX : 0);
    } else if (setting->type == SETTING_DOUBLE) {
        text_append(text, size, "%g", bound);
    } else {
        text_append(text, size, "%.0f", bound);
    }
}

static void say_range(const struct setting *setting, const char *text, char *problem) {
    text_set(problem, EXPERIMENT_PROBLEM, "%s: '%.60s' is not %s from ", setting->name, text,
             setting->type == SETTING_DOUBLE ? "a number" : "a whole number");
    print_bound(problem, EXPERIMENT_PROBLEM, setting, setting->low);
    text_append(problem, EXPERIMENT_PROBLEM, " to %s", setting->open_high ? "below " : "");
    print_bound(problem, EXPERIMENT_PROBLEM, setting, setting->high);
    text_append(problem, EXPERIMENT_PROBLEM, ".");
}

static bool parse_number(void *field, const struct setting *setting, const char *text) {
    int64_t whole = 0;
    double value = 0.0;
    if (setting->type == SETTING_UINT64) {
        return text_to_uint64(text, field);
    }
    if (setting->type == SETTING_DOUBLE) {
        if (!text_to_double(text, &value)) {
            return false;
        }
    } else {
        if (!text_to_int64(text, &whole)) {
            return false;
        }
        value = (double)whole;
    }
    bool inside = value >= setting->low && // a NaN is not
                  (setting->open_high ? value < setting->high : value <= setting->high);
    if (!inside) {
        return false;
    }
    if (setting->type == SETTING_DOUBLE) {
        memcpy(field, &value, sizeof value);
    } else if (setting->type == SETTING_INT64) {
        memcpy(field, &whole, sizeof whole);
    } else {
        int small = (int)whole;
        memcpy(field, &small, sizeof small);
    }
    return true;
}

/* What an experiment file, read by inih, gives back as it was. */
static bool is_storable(const char *text) {
    size_t length = strlen(text);
    if (length > 0 && (text[0] == ' ' || text[0] == ';' || text[length - 1] == ' ')) {
        return false;
    }
    for (const char *c = text; *c; c++) {
        if ((unsigned char)*c < ' ' || *c == 0x7F || (*c == ' ' && c[1] == ';')) {
            return false;
        }
    }
    return true;
}

static bool parse_path(char *field, const struct setting *setting, const char *text,
                       char *problem) {
    if (strlen(text) >= DATASET_PATH) {
        text_set(problem, EXPERIMENT_PROBLEM,
                 "%s: '%.60s...' has %zu bytes, but an experiment file holds %d at most; a link "
                 "makes it shorter.",
                 setting->name, text, strlen(text), DATASET_PATH - 1);
        return false;
    }
    if (!is_storable(text)) {
        text_set(problem, EXPERIMENT_PROBLEM,
                 "%s: an experiment file cannot hold '%.60s': no control characters, no spaces at "
                 "the ends and no semicolon at the beginning or behind a space, please.",
                 setting->name, text);
        return false;
    }
    text_set(field, DATASET_PATH, "%s", text);
    return true;
}

bool setting_parse(struct experiment *experiment, int run, const struct setting *setting,
                   const char *text, char *problem) {
    if (run == 1 && !setting->per_run) {
        text_set(problem, EXPERIMENT_PROBLEM,
                 "%s: A and B share it, because they see the same batches; set it for A.",
                 setting->name);
        return false;
    }
    void *field = field_of(experiment, run, setting);
    if (setting->type == SETTING_NAME) {
        return parse_name(field, setting, text, problem);
    }
    if (setting->type == SETTING_PATH) {
        return parse_path(field, setting, text, problem);
    }
    if (!parse_number(field, setting, text)) {
        say_range(setting, text, problem);
        return false;
    }
    return true;
}

void setting_print(const struct experiment *experiment, int run, const struct setting *setting,
                   char *buffer, size_t size) {
    struct experiment copy = *experiment;
    const void *field = field_of(&copy, run, setting);
    switch (setting->type) {
    case SETTING_NAME:
        text_set(buffer, size, "%s", setting->option(*(const int *)field));
        break;
    case SETTING_PATH:
        text_set(buffer, size, "%s", (const char *)field);
        break;
    case SETTING_INT:
        text_set(buffer, size, "%d", *(const int *)field);
        break;
    case SETTING_INT64:
        text_set(buffer, size, "%" PRId64, *(const int64_t *)field);
        break;
    case SETTING_UINT64:
        text_set(buffer, size, "%" PRIu64, *(const uint64_t *)field);
        break;
    case SETTING_DOUBLE: {
        double value = *(const double *)field;
        double back = 0.0;
        text_set(buffer, size, "%.15g", value);
        if (!text_to_double(buffer, &back) || back != value) { // the short form if it is exact
            text_set(buffer, size, "%.17g", value);
        }
        break;
    }
    }
}
