#include "data/generated.h"

#include <math.h>

#include "base/random.h"
#include "base/text.h"

enum { EXAMPLES = 1000, GAUSSIAN_FEATURES = 500, RANDOM_CHUNK = 256, BOARD = 4, XOR_CASES = 4 };

static const double pi = 3.14159265358979323846;

/* Inputs and labels of so many examples; more than size_t holds may be asked for. */
static double bytes_of(int64_t examples, int features) {
    return (double)examples * ((double)features * sizeof(float) + 1.0);
}

/* The memory of parts times examples of that shape, and how many there are. */
static bool describe(const struct dataset_settings *settings, int features, int parts,
                     struct dataset_shape *shape, char *problem) {
    const struct dataset_row *row = &datasets[settings->kind];
    int64_t count = settings->examples > 0 ? settings->examples : EXAMPLES;
    if (count > UINT32_MAX) {
        text_set(problem, DATASET_PROBLEM,
                 "data = %s: examples is %lld, the most that can be numbered is %lld", row->name,
                 (long long)count, (long long)UINT32_MAX);
        return false;
    }
    double bytes = bytes_of(parts * count, features);
    *shape = (struct dataset_shape){
        .features = features,
        .classes = row->classes,
        .examples = count,
        .test_examples = parts > 1 ? count : 0,
        .bytes = bytes < (double)SIZE_MAX ? (size_t)bytes : SIZE_MAX,
    };
    return true;
}

/* Memory for all inputs with all labels behind them, dealt out to the parts. */
static float *allocate(struct dataset *dataset, char *problem) {
    const struct dataset_shape *shape = &dataset->shape;
    size_t train = (size_t)shape->examples, all = train + (size_t)shape->test_examples;
    float *values = dataset_allocate(dataset, bytes_of((int64_t)all, shape->features), problem);
    if (!values) {
        return NULL;
    }
    size_t features = (size_t)shape->features;
    const uint8_t *labels = (const uint8_t *)(values + all * features);
    dataset->train = (struct examples){ .count = shape->examples, .values = values };
    dataset->train.labels = labels;
    if (shape->test_examples > 0) {
        dataset->test = (struct examples){ .count = shape->test_examples };
        dataset->test.values = values + train * features;
        dataset->test.labels = labels + train;
    }
    return values;
}

void generated_noisy_xor(int label, double u, double v, double point[2]) {
    (void)v;
    int first = u < 0.5 ? 0 : 1;
    point[0] = first;
    point[1] = first ^ label;
}

void generated_moons(int label, double u, double v, double point[2]) {
    (void)v;
    double x = cos(pi * u), y = sin(pi * u);
    point[0] = label ? 1.0 - x : x;
    point[1] = label ? 0.5 - y : y;
}

void generated_circles(int label, double u, double v, double point[2]) {
    (void)v;
    double radius = label ? 0.5 : 1.0;
    point[0] = radius * cos(2.0 * pi * u);
    point[1] = radius * sin(2.0 * pi * u);
}

void generated_spirals(int label, double u, double v, double point[2]) {
    (void)v;
    double radius = sqrt(u), angle = 3.0 * pi * radius + pi * label;
    point[0] = radius * cos(angle);
    point[1] = radius * sin(angle);
}

void generated_blobs(int label, double u, double v, double point[2]) {
    (void)u, (void)v;
    double angle = pi / 2.0 + 2.0 * pi * label / 3.0;
    point[0] = cos(angle);
    point[1] = sin(angle);
}

void generated_checkerboard(int label, double u, double v, double point[2]) {
    int column = (int)(BOARD * u);
    double half = 0.5 * BOARD * v; // of the squares of this colour in this column
    int row = 2 * (int)half + (column + label) % 2;
    point[0] = 2.0 * u - 1.0;
    point[1] = 2.0 * (row + half - (int)half) / BOARD - 1.0;
}

bool generated_plane_describe(const struct dataset_settings *settings, struct dataset_shape *shape,
                              char *problem) {
    return describe(settings, 2, 2, shape, problem);
}

bool generated_plane_load(struct dataset *dataset, const struct dataset_settings *settings,
                          char *problem) {
    const struct dataset_row *row = &datasets[settings->kind];
    double noise = settings->noise >= 0.0 ? settings->noise : row->noise;
    float *values = allocate(dataset, problem);
    if (!values) {
        return false;
    }
    int64_t count = dataset->shape.examples;
    uint8_t *labels = (uint8_t *)(values + 4 * count);
    for (int64_t i = 0; i < 2 * count; i++) {
        bool held_out = i >= count;
        const struct random_stream stream = { .seed = settings->seed,
                                              .purpose = RANDOM_DATA_INPUT,
                                              .layer = held_out };
        uint32_t example = (uint32_t)(held_out ? i - count : i);
        double uniform[2], normal[2], point[2];
        random_uniforms(&stream, example, 0, 2, uniform);
        random_normals(&stream, example, 2, 2, normal);
        labels[i] = (uint8_t)(example % (uint32_t)row->classes);
        row->point(labels[i], uniform[0], uniform[1], point);
        for (int axis = 0; axis < 2; axis++) {
            values[2 * i + axis] = (float)(point[axis] + noise * normal[axis]);
        }
    }
    return true;
}

bool generated_xor_describe(const struct dataset_settings *settings, struct dataset_shape *shape,
                            char *problem) {
    (void)problem;
    bool fewer = settings->examples > 0 && settings->examples < XOR_CASES;
    *shape = (struct dataset_shape){
        .features = 2,
        .classes = 2,
        .examples = fewer ? settings->examples : XOR_CASES,
    };
    return true;
}

bool generated_xor_load(struct dataset *dataset, const struct dataset_settings *settings,
                        char *problem) {
    static const float inputs[XOR_CASES][2] = { { 0, 0 }, { 0, 1 }, { 1, 0 }, { 1, 1 } };
    static const uint8_t labels[XOR_CASES] = { 0, 1, 1, 0 };
    (void)settings, (void)problem;
    dataset->train = (struct examples){
        .count = dataset->shape.examples,
        .values = inputs[0],
        .labels = labels,
    };
    return true;
}

bool generated_gaussian_describe(const struct dataset_settings *settings,
                                 struct dataset_shape *shape, char *problem) {
    int features = settings->features > 0 ? settings->features : GAUSSIAN_FEATURES;
    return describe(settings, features, 1, shape, problem);
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

bool generated_gaussian_load(struct dataset *dataset, const struct dataset_settings *settings,
                             char *problem) {
    float *values = allocate(dataset, problem);
    if (!values) {
        return false;
    }
    size_t count = (size_t)dataset->shape.examples, features = (size_t)dataset->shape.features;
    uint8_t *labels = (uint8_t *)(values + count * features);
    for (size_t i = 0; i < count; i++) {
        draw_inputs(settings->seed, (uint32_t)i, dataset->shape.features, values + i * features);
        labels[i] = draw_label(settings->seed, (uint32_t)i);
    }
    return true;
}
