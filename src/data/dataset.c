#include "data/dataset.h"

#include <assert.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/memory.h"
#include "base/require.h"
#include "base/text.h"
#include "data/cifar.h"
#include "data/csv.h"
#include "data/generated.h"
#include "data/idx.h"
#include "data/idx_pair.h"
#include "data/npz.h"

#define PLANE(function)                                                                            \
    .generated = true, .point = function, .describe = generated_plane_describe,                    \
    .load = generated_plane_load
#define PAIR .describe = idx_pair_describe, .load = idx_pair_load

static const char *const fashion_classes[] = { "T-shirt/top", "Trouser",   "Pullover", "Dress",
                                               "Coat",        "Sandal",    "Shirt",    "Sneaker",
                                               "Bag",         "Ankle boot" };
static const char *const cifar_classes[] = { "airplane", "automobile", "bird",  "cat",  "deer",
                                             "dog",      "frog",       "horse", "ship", "truck" };

const struct dataset_row datasets[] = {
    [DATASET_MNIST] = {
        .name = "mnist",
        .label = "MNIST",
        .formula = "x: 28 × 28 bytes; y: 10 classes",
        .about = "handwritten digits, 28 x 28 grey values; 60,000 to train on, 10,000 held out",
        .source = "LeCun, Bottou, Bengio & Haffner, Proc. IEEE 86, 1998",
        .classes = 10,
        .loss = "cross_entropy",
        PAIR,
    },
    [DATASET_XOR] = {
        .name = "xor",
        .label = "XOR",
        .formula = "y = x₁ xor x₂; x₁, x₂ = 0 or 1",
        .about = "the four cases of exclusive or, inputs 0 and 1; nothing held out",
        .source = "Minsky & Papert, Perceptrons, 1969",
        .classes = 2,
        .loss = "binary_cross_entropy",
        .describe = generated_xor_describe,
        .load = generated_xor_load,
    },
    [DATASET_NOISY_XOR] = {
        .name = "noisy_xor",
        .label = "noisy XOR",
        .formula = "x = (a, a xor y) + noise; a = 0 or 1",
        .about = "the four cases of exclusive or with noise (sd 0.2); as many held out",
        .classes = 2,
        .loss = "binary_cross_entropy",
        .noise = 0.2,
        PLANE(generated_noisy_xor),
    },
    [DATASET_MOONS] = {
        .name = "moons",
        .label = "two moons",
        .formula = "y = 0: (cos πu, sin πu), y = 1: (1 - cos πu, 1/2 - sin πu); u ~ U(0, 1)",
        .about = "two interleaved half circles with noise (sd 0.1); as many held out",
        .source = "scikit-learn, make_moons",
        .classes = 2,
        .loss = "binary_cross_entropy",
        .noise = 0.1,
        .outside = true,
        PLANE(generated_moons),
    },
    [DATASET_CIRCLES] = {
        .name = "circles",
        .label = "circles",
        .formula = "r (cos 2πu, sin 2πu), r = 1 for y = 0, 1/2 for y = 1; u ~ U(0, 1)",
        .about = "circles of radius 1 and 1/2 with noise (sd 0.1); as many held out",
        .source = "scikit-learn, make_circles",
        .classes = 2,
        .loss = "binary_cross_entropy",
        .noise = 0.1,
        .outside = true,
        PLANE(generated_circles),
    },
    [DATASET_SPIRALS] = {
        .name = "spirals",
        .label = "two spirals",
        .formula = "√u (cos t, sin t), t = 3π √u + π y; u ~ U(0, 1)",
        .about = "two spirals of one and a half turns with noise (sd 0.03); as many held out",
        .source = "after Lang & Witbrock, Connectionist Models Summer School, 1988",
        .classes = 2,
        .loss = "binary_cross_entropy",
        .noise = 0.03,
        .outside = true,
        PLANE(generated_spirals),
    },
    [DATASET_BLOBS] = {
        .name = "blobs",
        .label = "blobs",
        .formula = "(cos t, sin t) + noise, t = π / 2 + 2π y / 3",
        .about = "three normal clouds (sd 0.3) on the unit circle; as many held out",
        .source = "scikit-learn, make_blobs, with fixed centres",
        .classes = 3,
        .loss = "cross_entropy",
        .noise = 0.3,
        .outside = true,
        PLANE(generated_blobs),
    },
    [DATASET_CHECKERBOARD] = {
        .name = "checkerboard",
        .label = "checkerboard",
        .formula = "y = (⌊2x₁⌋ + ⌊2x₂⌋) mod 2; x₁, x₂ in -1..1",
        .about = "the colours of a board of 4 x 4 squares, without noise; as many held out",
        .classes = 2,
        .loss = "binary_cross_entropy",
        .outside = true,
        PLANE(generated_checkerboard),
    },
    [DATASET_GAUSSIAN] = {
        .name = "gaussian",
        .label = "Gaussian noise",
        .formula = "x ~ N(0, 1) for each input; y any of 10 classes",
        .about = "standard normal inputs with random labels, as the theory assumes; nothing held "
                 "out",
        .classes = DATASET_GAUSSIAN_CLASSES,
        .loss = "cross_entropy",
        .outside = true,
        .generated = true,
        .describe = generated_gaussian_describe,
        .load = generated_gaussian_load,
    },
    [DATASET_FASHION_MNIST] = {
        .name = "fashion_mnist",
        .label = "Fashion-MNIST",
        .formula = "x: 28 × 28 bytes; y: 10 classes",
        .about = "clothes, in the sizes of MNIST; from data_path or Debian's dataset-fashion-mnist",
        .source = "Xiao, Rasul & Vollgraf, arXiv 1708.07747, 2017",
        .classes = 10,
        .class_names = fashion_classes,
        .loss = "cross_entropy",
        .by_path = true,
        PAIR,
    },
    [DATASET_IDX] = {
        .name = "idx",
        .label = "IDX images",
        .formula = "x: width × height bytes; y: 0 to the largest label",
        .about = "images and labels in the files of data_path, named as MNIST's; plain or .gz",
        .loss = "cross_entropy",
        .by_path = true,
        .own = true,
        .claims = idx_pair_claims,
        PAIR,
    },
    [DATASET_CIFAR10] = {
        .name = "cifar10",
        .label = "CIFAR-10",
        .formula = "x: 32 × 32 × 3 bytes; y: 10 classes",
        .about = "small photographs, 32 x 32 x 3, binary version in data_path; 50,000 to train on, "
                 "10,000 held out",
        .source = "Krizhevsky, Learning multiple layers of features, 2009",
        .classes = 10,
        .class_names = cifar_classes,
        .loss = "cross_entropy",
        .by_path = true,
        .claims = cifar_claims,
        .describe = cifar_describe,
        .load = cifar_load,
    },
    [DATASET_CSV] = {
        .name = "csv",
        .label = "CSV",
        .about = "a text file of rows in data_path, a label and numbers in each; a share is held "
                 "out",
        .formula = "x: the numbers of a row; y: its label, one of at most 256",
        .source = "Shafranovich, RFC 4180, 2005",
        .loss = "cross_entropy",
        .splits = true,
        .by_path = true,
        .own = true,
        .claims = csv_claims,
        .describe = csv_describe,
        .load = csv_load,
    },
    [DATASET_NPZ] = {
        .name = "npz",
        .label = "NumPy arrays",
        .formula = "x: numbers or bytes, also images; y: whole numbers, at most 256",
        .about = "arrays x and y of numpy.savez() in data_path; x_test and y_test, else a share is "
                 "held out",
        .loss = "cross_entropy",
        .splits = true,
        .by_path = true,
        .own = true,
        .claims = npz_claims,
        .describe = npz_describe,
        .load = npz_load,
    },
};
static_assert(ARRAY_LEN(datasets) == DATASET_COUNT, "a row is missing");

bool dataset_describe(const struct dataset_settings *settings, struct dataset_shape *shape,
                      char *problem) {
    *shape = (struct dataset_shape){ 0 };
    if (datasets[settings->kind].describe(settings, shape, problem) &&
        preprocess_describe(settings, shape, problem)) {
        return true;
    }
    *shape = (struct dataset_shape){ 0 };
    return false;
}

bool dataset_settings_equal(const struct dataset_settings *a, const struct dataset_settings *b) {
    const struct dataset_row *row = &datasets[a->kind];
    return a->kind == b->kind && a->examples == b->examples &&
           (!row->generated || a->seed == b->seed) && (!row->point || a->noise == b->noise) &&
           (a->kind != DATASET_GAUSSIAN || a->features == b->features) &&
           a->preprocess == b->preprocess &&
           (!preprocesses[a->preprocess].projects || a->components == b->components) &&
           (!row->by_path || strcmp(a->path, b->path) == 0) &&
           (!row->splits || (a->seed == b->seed && a->held_out == b->held_out)) &&
           (a->kind != DATASET_CSV || (a->separator == b->separator && a->header == b->header &&
                                       strcmp(a->label_column, b->label_column) == 0 &&
                                       strcmp(a->skip_columns, b->skip_columns) == 0));
}

void dataset_levels(const struct dataset *dataset, float *black, float *white) {
    enum { EXAMPLES = 256 };
    const struct examples *part = &dataset->train;
    size_t rows = part->count < EXAMPLES ? (size_t)part->count : EXAMPLES;
    float low = 0.0f, high = 1.0f;
    for (size_t i = 0; part->values && i < rows * (size_t)dataset->shape.features; i++) {
        low = fminf(low, part->values[i]);
        high = fmaxf(high, part->values[i]);
    }
    *black = low;
    *white = low < 0.0f || high <= 1.0f || high > 255.0f ? high : 255.0f;
}

bool dataset_leaves_unit(const struct dataset_settings *settings) {
    const struct dataset_row *row = &datasets[settings->kind];
    double noise = settings->noise < 0.0 ? row->noise : settings->noise;
    return row->outside || (row->point && noise > 0.0) || settings->preprocess > PREPROCESS_UNIT;
}

void dataset_title(const struct dataset_settings *settings, char *buffer, size_t size) {
    const struct dataset_row *row = &datasets[settings->kind];
    const char *slash = strrchr(settings->path, '/');
    const char *name = slash ? slash + 1 : settings->path;
    text_tail(buffer, size, row->own && name[0] ? name : row->label);
}

bool dataset_load(struct dataset *dataset, const struct dataset_settings *settings, char *problem) {
    return dataset_load_watched(dataset, settings, NULL, problem);
}

bool dataset_load_watched(struct dataset *dataset, const struct dataset_settings *settings,
                          const struct dataset_watch *watch, char *problem) {
    const struct dataset_row *row = &datasets[settings->kind];
    *dataset = (struct dataset){
        .kind = settings->kind,
        .byte_scale = 1.0f / 255.0f,
        .class_names = row->class_names,
        .watch = watch,
        .told = (double)-INFINITY,
    };
    struct dataset_shape result; // refused before anything is loaded
    if (dataset_describe(settings, &result, problem) &&
        row->describe(settings, &dataset->shape, problem) &&
        row->load(dataset, settings, problem) && preprocess_apply(dataset, settings, problem)) {
        dataset->watch = NULL;
        return true;
    }
    dataset_finish(dataset);
    return false;
}

bool dataset_tell(struct dataset *dataset, double done, char *problem) {
    const double tell_seconds = 0.1;
    const struct dataset_watch *watch = dataset->watch;
    if (!watch) {
        return true;
    }
    double now = clock_seconds();
    if (now - dataset->told < tell_seconds) {
        return true;
    }
    dataset->told = now;
    if (!watch->goes_on(watch->context, done)) {
        text_set(problem, DATASET_PROBLEM, "data = %s: loading was given up",
                 datasets[dataset->kind].name);
        return false;
    }
    return true;
}

void dataset_finish(struct dataset *dataset) {
    for (int i = 0; i < DATASET_OWNED; i++) {
        free(dataset->owned[i]);
    }
    *dataset = (struct dataset){ 0 };
}

void dataset_own(struct dataset *dataset, void *memory) {
    int place = 0;
    while (place < DATASET_OWNED && dataset->owned[place]) {
        place++;
    }
    REQUIRE(place < DATASET_OWNED);
    // cppcheck-suppress arrayIndexOutOfBoundsCond ; what REQUIRE refuses does not get here
    dataset->owned[place] = memory;
}

void dataset_release(struct dataset *dataset, const void *memory) {
    for (int i = 0; i < DATASET_OWNED; i++) {
        if (memory && dataset->owned[i] == memory) {
            free(dataset->owned[i]);
            dataset->owned[i] = NULL;
        }
    }
}

void *dataset_allocate(struct dataset *dataset, double bytes, char *problem) {
    bool fits = bytes < (double)memory_available();
    void *memory = fits ? malloc((size_t)bytes) : NULL;
    if (!memory) {
        char size[32], examples[32];
        text_bytes(size, sizeof size, bytes);
        text_grouped(examples, sizeof examples, (uint64_t)dataset->shape.examples);
        text_set(problem, DATASET_PROBLEM, "data = %s: %s examples of %d features need %s, %s",
                 datasets[dataset->kind].name, examples, dataset->shape.features, size,
                 fits ? "for which memory ran out" : "more memory than is free");
        return NULL;
    }
    dataset_own(dataset, memory);
    return memory;
}

const char *const *dataset_names(struct dataset *dataset, const char *const *names, int count,
                                 char *problem) {
    size_t bytes = (size_t)count * sizeof *names;
    for (int i = 0; i < count; i++) {
        bytes += strlen(names[i]) + 1;
    }
    const char **list = dataset_allocate(dataset, (double)bytes, problem);
    char *to = list ? (char *)(list + count) : NULL;
    for (int i = 0; to && i < count; i++) {
        list[i] = to;
        for (const char *from = names[i]; *from; from++) {
            *to++ = (unsigned char)*from < ' ' || *from == 0x7F ? ' ' : *from;
        }
        *to++ = '\0';
    }
    return (const char *const *)list;
}

bool dataset_file_problem(char *problem, const char *path, const char *format, ...) {
    char name[IDX_NAME_SHOWN], reason[256];
    va_list args;
    va_start(args, format);
    vsnprintf(reason, sizeof reason, format, args);
    va_end(args);
    text_tail(name, sizeof name, path);
    text_set(problem, DATASET_PROBLEM, "%s: %s", name, reason);
    return false;
}

/* The bytes as float, or the values as they are; then the shift and factor of each feature. */
static void gather_row(const struct dataset *dataset, const struct examples *part, size_t index,
                       float *restrict row) {
    size_t features = (size_t)dataset->shape.features;
    if (part->bytes) {
        const uint8_t *bytes = part->bytes + index * features;
        for (size_t j = 0; j < features; j++) {
            row[j] = (float)bytes[j] * dataset->byte_scale;
        }
    } else {
        memcpy(row, part->values + index * features, features * sizeof *row);
    }
    for (size_t j = 0; dataset->shift && j < features; j++) {
        row[j] = (row[j] - dataset->shift[j]) * dataset->factor[j];
    }
}

/* Of bytes all of which are treated alike, which is quicker than gathering them. */
static void byte_range(const struct dataset *dataset, double *low, double *high) {
    const struct examples *part = &dataset->train;
    size_t n = (size_t)part->count * (size_t)dataset->shape.features;
    uint8_t least = UINT8_MAX, most = 0;
    for (size_t i = 0; i < n; i++) {
        least = part->bytes[i] < least ? part->bytes[i] : least;
        most = part->bytes[i] > most ? part->bytes[i] : most;
    }
    *low = (double)((float)least * dataset->byte_scale);
    *high = (double)((float)most * dataset->byte_scale);
}

void dataset_range(const struct dataset *dataset, double *low, double *high) {
    const struct examples *part = &dataset->train;
    size_t features = (size_t)dataset->shape.features;
    if (part->bytes && !dataset->shift) {
        byte_range(dataset, low, high);
        return;
    }
    float least = INFINITY, most = -INFINITY;
    for (size_t i = 0; i < (size_t)part->count * features; i++) {
        float value = part->bytes ? (float)part->bytes[i] * dataset->byte_scale : part->values[i];
        if (dataset->shift) {
            value = (value - dataset->shift[i % features]) * dataset->factor[i % features];
        }
        least = value < least ? value : least;
        most = value > most ? value : most;
    }
    *low = (double)least;
    *high = (double)most;
}

void dataset_gather(const struct dataset *dataset, const struct examples *part,
                    const uint32_t *indices, int count, float *inputs, uint8_t *labels) {
    size_t features = (size_t)dataset->shape.features;
    for (int i = 0; i < count; i++) {
        REQUIRE((int64_t)indices[i] < part->count);
        gather_row(dataset, part, indices[i], inputs + (size_t)i * features);
        labels[i] = part->labels[indices[i]];
    }
}

void dataset_restore(const struct dataset *dataset, const float *input, float *raw) {
    float scale = dataset->train.bytes ? 1.0f / (255.0f * dataset->byte_scale) : 1.0f;
    for (int j = 0; j < dataset->shape.features; j++) {
        float value = input[j];
        if (dataset->shift) { // a factor of 0 is that of a constant feature, which the shift is
            float factor = dataset->factor[j];
            value = (factor > 0.0f ? value / factor : 0.0f) + dataset->shift[j];
        }
        raw[j] = value * scale;
    }
}
