/*
 * dataset.h - the table of data sets, and a data set in memory.
 *
 * Examples are kept as bytes where the source has bytes (images: value = byte * byte_scale) and as
 * float otherwise; dataset_gather() gives float either way. Labels are class indices.
 *
 * Memory: dataset_load() allocates, dataset_finish() frees. Threads: read-only once loaded.
 */
#ifndef DATA_DATASET_H
#define DATA_DATASET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum dataset_kind { DATASET_MNIST, DATASET_XOR, DATASET_GAUSSIAN, DATASET_COUNT };

/* One part of a data set: training or held-out. */
struct examples {
    int64_t count;
    const uint8_t *bytes;  // (count, features), or NULL
    const float *values;   // (count, features), or NULL
    const uint8_t *labels; // (count)
};

struct dataset {
    enum dataset_kind kind;
    int features; // d_0
    int classes;
    int image_width, image_height; // 0 where an example is not an image
    float byte_scale;
    struct examples train;
    struct examples test; // count 0: no held-out part
    void *memory;         // what dataset_finish() frees
};

/* What a data set may be asked for; every field has a sensible value for every kind. */
struct dataset_settings {
    enum dataset_kind kind;
    int64_t examples; // gaussian: how many, 0 = 1000; others: that many of the first, 0 = all
    int features;     // gaussian: how many inputs, 0 = 500
    uint64_t seed;    // gaussian
};

struct dataset_row {
    const char *name;
    const char *label;
    const char *about;
    const char *source;
    int classes;
    int features;          // 0: as settings.features
    int64_t most_examples; // training examples there are; 0: as settings.examples
    const char *loss;      // the loss that `loss = auto` means here, by name
};

extern const struct dataset_row datasets[DATASET_COUNT];

enum { DATASET_PROBLEM = 512, DATASET_GAUSSIAN_CLASSES = 10 };

/* How many inputs, and how many training examples, these settings give, before anything loads. */
int dataset_features(const struct dataset_settings *settings);
int64_t dataset_examples(const struct dataset_settings *settings);

/*
 * Load or generate. Returns false, data set zeroed, with one sentence in problem (DATASET_PROBLEM
 * bytes) that names file, offset and expectation, or the memory that is missing.
 */
bool dataset_load(struct dataset *dataset, const struct dataset_settings *settings, char *problem);
void dataset_finish(struct dataset *dataset); // accepts a zeroed data set

/*
 * inputs (count, features) and labels (count) of the examples with the given indices, which must
 * be below part->count.
 */
void dataset_gather(const struct dataset *dataset, const struct examples *part,
                    const uint32_t *indices, int count, float *inputs, uint8_t *labels);

#endif
