#include "data/dataset.h"

#include <assert.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/memory.h"
#include "base/paths.h"
#include "base/random.h"
#include "base/require.h"
#include "base/text.h"
#include "data/idx.h"

enum {
    IMAGE_SIDE = 28,
    DIGITS = 10,
    MNIST_TRAIN = 60000,
    MNIST_TEST = 10000,
    GAUSSIAN_EXAMPLES = 1000,
    GAUSSIAN_FEATURES = 500,
    RANDOM_CHUNK = 256
};

const struct dataset_row datasets[] = {
    [DATASET_MNIST] = {
        .name = "mnist",
        .label = "MNIST",
        .about = "handwritten digits, 28 x 28 grey values divided by 255; 60,000 to train on, "
                 "10,000 held out",
        .source = "LeCun, Bottou, Bengio & Haffner, Proc. IEEE 86, 1998",
        .classes = DIGITS,
        .features = IMAGE_SIDE * IMAGE_SIDE,
        .most_examples = MNIST_TRAIN,
        .loss = "cross_entropy",
    },
    [DATASET_XOR] = {
        .name = "xor",
        .label = "XOR",
        .about = "the four cases of exclusive or, inputs 0 and 1; nothing held out",
        .source = "Minsky & Papert, Perceptrons, 1969",
        .classes = 2,
        .features = 2,
        .most_examples = 4,
        .loss = "binary_cross_entropy",
    },
    [DATASET_GAUSSIAN] = {
        .name = "gaussian",
        .label = "Gaussian noise",
        .about = "standard normal inputs with random labels, as the theory assumes; nothing held "
                 "out",
        .classes = DATASET_GAUSSIAN_CLASSES,
        .loss = "cross_entropy",
    },
};
static_assert(ARRAY_LEN(datasets) == DATASET_COUNT, "a row is missing");

int dataset_features(const struct dataset_settings *settings) {
    int fixed = datasets[settings->kind].features;
    if (fixed > 0) {
        return fixed;
    }
    return settings->features > 0 ? settings->features : GAUSSIAN_FEATURES;
}

int64_t dataset_examples(const struct dataset_settings *settings) {
    int64_t most = datasets[settings->kind].most_examples;
    if (most == 0) {
        return settings->examples > 0 ? settings->examples : GAUSSIAN_EXAMPLES;
    }
    return settings->examples > 0 && settings->examples < most ? settings->examples : most;
}

/* Two parts, images and labels of each. */
struct mnist {
    struct idx images[2], labels[2];
};

static void mnist_destroy(struct mnist *mnist) {
    for (int i = 0; i < 2; i++) {
        idx_finish(&mnist->images[i]);
        idx_finish(&mnist->labels[i]);
    }
    free(mnist);
}

/* A sentence that begins with the file's name; always false. */
__attribute__((format(printf, 3, 4))) static bool file_fail(char *problem, const char *path,
                                                            const char *format, ...) {
    char name[IDX_NAME_SHOWN], reason[256];
    va_list args;
    va_start(args, format);
    vsnprintf(reason, sizeof reason, format, args);
    va_end(args);
    text_tail(name, sizeof name, path);
    text_set(problem, DATASET_PROBLEM, "%s: %s", name, reason);
    return false;
}

static bool read_images(struct idx *images, const char *path, uint32_t count, char *problem) {
    if (!idx_read(images, path, 3, problem, DATASET_PROBLEM)) {
        return false;
    }
    const uint32_t *size = images->size;
    if (size[0] == count && size[1] == IMAGE_SIDE && size[2] == IMAGE_SIDE) {
        return true;
    }
    return file_fail(problem, path, "bytes 4 to 15 announce %u x %u x %u, expected %u x %d x %d",
                     (unsigned)size[0], (unsigned)size[1], (unsigned)size[2], (unsigned)count,
                     IMAGE_SIDE, IMAGE_SIDE);
}

static bool read_labels(struct idx *labels, const char *path, uint32_t images, char *problem) {
    if (!idx_read(labels, path, 1, problem, DATASET_PROBLEM)) {
        return false;
    }
    if (labels->size[0] != images) {
        return file_fail(problem, path,
                         "bytes 4 to 7 announce %u labels, expected one for each of the %u images",
                         (unsigned)labels->size[0], (unsigned)images);
    }
    for (size_t i = 0; i < labels->count; i++) {
        if (labels->data[i] >= DIGITS) {
            return file_fail(problem, path, "byte %zu is the label %d, expected 0 to %d",
                             idx_header_size(1) + i, labels->data[i], DIGITS - 1);
        }
    }
    return true;
}

static bool mnist_read(struct mnist *mnist, char *problem) {
    static const struct {
        const char *images, *labels;
        uint32_t count;
    } parts[2] = {
        { "assets/mnist/train-images-idx3-ubyte.gz", "assets/mnist/train-labels-idx1-ubyte.gz",
          MNIST_TRAIN },
        { "assets/mnist/t10k-images-idx3-ubyte.gz", "assets/mnist/t10k-labels-idx1-ubyte.gz",
          MNIST_TEST },
    };
    char path[FILE_PATH_MAX];
    for (int i = 0; i < 2; i++) {
        paths_shipped(path, sizeof path, parts[i].labels); // if it is nowhere, reading says so
        if (!read_labels(&mnist->labels[i], path, parts[i].count, problem)) {
            return false;
        }
        paths_shipped(path, sizeof path, parts[i].images);
        if (!read_images(&mnist->images[i], path, parts[i].count, problem)) {
            return false;
        }
    }
    return true;
}

static struct examples mnist_part(struct mnist *mnist, int part, int64_t count) {
    struct idx *images = &mnist->images[part];
    size_t used = (size_t)count * IMAGE_SIDE * IMAGE_SIDE;
    uint8_t *shorter = used < images->count ? realloc(images->data, used) : NULL;
    if (shorter) {
        images->data = shorter;
    }
    return (struct examples){
        .count = count,
        .bytes = images->data,
        .labels = mnist->labels[part].data,
    };
}

static bool load_mnist(struct dataset *dataset, const struct dataset_settings *settings,
                       char *problem) {
    struct mnist *mnist = calloc(1, sizeof *mnist);
    if (!mnist) {
        text_set(problem, DATASET_PROBLEM, "not enough memory for MNIST");
        return false;
    }
    if (!mnist_read(mnist, problem)) {
        mnist_destroy(mnist);
        return false;
    }
    dataset->memory = mnist;
    dataset->image_width = IMAGE_SIDE;
    dataset->image_height = IMAGE_SIDE;
    dataset->byte_scale = 1.0f / 255.0f;
    dataset->train = mnist_part(mnist, 0, dataset_examples(settings));
    dataset->test = mnist_part(mnist, 1, mnist->images[1].size[0]);
    return true;
}

static void load_xor(struct dataset *dataset, const struct dataset_settings *settings) {
    static const float inputs[4][2] = { { 0, 0 }, { 0, 1 }, { 1, 0 }, { 1, 1 } };
    static const uint8_t labels[4] = { 0, 1, 1, 0 };
    dataset->train = (struct examples){
        .count = dataset_examples(settings),
        .values = inputs[0],
        .labels = labels,
    };
}

static void draw_inputs(uint64_t seed, uint32_t row, int features, float *out) {
    const struct random_stream stream = { .seed = seed, .purpose = RANDOM_DATA_INPUT };
    double chunk[RANDOM_CHUNK];
    for (int first = 0; first < features; first += RANDOM_CHUNK) {
        int count = features - first < RANDOM_CHUNK ? features - first : RANDOM_CHUNK;
        random_normals(&stream, row, (uint32_t)first, (uint32_t)count, chunk);
        for (int i = 0; i < count; i++) {
            out[first + i] = (float)chunk[i];
        }
    }
}

/* A class by multiply and shift: no class is likelier than another by more than 3e-9. */
static uint8_t draw_label(uint64_t seed, uint32_t row) {
    const struct random_stream stream = { .seed = seed, .purpose = RANDOM_DATA_LABEL };
    uint32_t words[4];
    random_words(&stream, row, 0, words);
    return (uint8_t)((uint64_t)words[0] * DATASET_GAUSSIAN_CLASSES >> 32);
}

/* Memory for inputs and labels behind them, or NULL with a sentence in problem. */
static float *gaussian_allocate(int64_t count, int features, char *problem) {
    double bytes = (double)count * ((double)features * sizeof(float) + 1.0);
    float *block = bytes < (double)memory_available() ? malloc((size_t)bytes) : NULL;
    if (!block) {
        char size[32], examples[32];
        text_bytes(size, sizeof size, bytes);
        text_grouped(examples, sizeof examples, (uint64_t)count);
        text_set(problem, DATASET_PROBLEM,
                 "data = gaussian: %s examples of %d features need %s, more memory than is free",
                 examples, features, size);
    }
    return block;
}

static bool load_gaussian(struct dataset *dataset, const struct dataset_settings *settings,
                          char *problem) {
    int64_t count = dataset_examples(settings);
    if (count > UINT32_MAX) {
        text_set(problem, DATASET_PROBLEM,
                 "data = gaussian: examples is %lld, the most that can be numbered is %lld",
                 (long long)count, (long long)UINT32_MAX);
        return false;
    }
    size_t features = (size_t)dataset->features;
    float *values = gaussian_allocate(count, dataset->features, problem);
    if (!values) {
        return false;
    }
    uint8_t *labels = (uint8_t *)(values + (size_t)count * features);
    for (int64_t i = 0; i < count; i++) {
        float *row = values + (size_t)i * features;
        draw_inputs(settings->seed, (uint32_t)i, dataset->features, row);
        labels[i] = draw_label(settings->seed, (uint32_t)i);
    }
    dataset->memory = values;
    dataset->train = (struct examples){ .count = count, .values = values, .labels = labels };
    return true;
}

bool dataset_load(struct dataset *dataset, const struct dataset_settings *settings, char *problem) {
    *dataset = (struct dataset){
        .kind = settings->kind,
        .features = dataset_features(settings),
        .classes = datasets[settings->kind].classes,
    };
    bool loaded = true;
    switch (settings->kind) {
    case DATASET_MNIST:
        loaded = load_mnist(dataset, settings, problem);
        break;
    case DATASET_XOR:
        load_xor(dataset, settings);
        break;
    case DATASET_GAUSSIAN:
        loaded = load_gaussian(dataset, settings, problem);
        break;
    case DATASET_COUNT:
        REQUIRE(false);
    }
    if (!loaded) {
        *dataset = (struct dataset){ 0 };
    }
    return loaded;
}

void dataset_finish(struct dataset *dataset) {
    if (dataset->memory && dataset->kind == DATASET_MNIST) {
        mnist_destroy(dataset->memory);
    } else {
        free(dataset->memory);
    }
    *dataset = (struct dataset){ 0 };
}

static void scale_bytes(const uint8_t *restrict bytes, float scale, int count,
                        float *restrict out) {
    for (int i = 0; i < count; i++) {
        out[i] = (float)bytes[i] * scale;
    }
}

void dataset_gather(const struct dataset *dataset, const struct examples *part,
                    const uint32_t *indices, int count, float *inputs, uint8_t *labels) {
    size_t features = (size_t)dataset->features;
    for (int i = 0; i < count; i++) {
        size_t index = indices[i];
        REQUIRE((int64_t)index < part->count);
        float *row = inputs + (size_t)i * features;
        if (part->bytes) {
            scale_bytes(part->bytes + index * features, dataset->byte_scale, dataset->features,
                        row);
        } else {
            memcpy(row, part->values + index * features, features * sizeof *row);
        }
        labels[i] = part->labels[index];
    }
}
