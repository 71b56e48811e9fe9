/*
 * dataset.h - the table of data sets, and a data set in memory.
 *
 * Examples are kept as bytes where the source has bytes (images) and as float otherwise;
 * dataset_gather() gives float either way:
 *
 *     input = (raw * byte_scale - shift[j]) * factor[j]     byte_scale only where raw is a byte
 *
 * so that a preprocessing that treats each feature by itself costs no memory. Labels are class
 * indices. Images with several channels are planar: all of the first channel, then the next.
 *
 * What a data set holds is known before it is loaded: dataset_describe() reads no more than the
 * headers and labels of files (csv.h: of a large one, the beginning).
 * Memory: dataset_load() allocates, dataset_finish() frees. Threads:
 * read-only once loaded.
 */
#ifndef DATA_DATASET_H
#define DATA_DATASET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "data/preprocess.h"

enum dataset_kind {
    DATASET_MNIST,
    DATASET_XOR,
    DATASET_NOISY_XOR,
    DATASET_MOONS,
    DATASET_CIRCLES,
    DATASET_SPIRALS,
    DATASET_BLOBS,
    DATASET_CHECKERBOARD,
    DATASET_GAUSSIAN,
    DATASET_FASHION_MNIST,
    DATASET_IDX,
    DATASET_CIFAR10,
    DATASET_CSV,
    DATASET_NPZ,
    DATASET_COUNT
};

enum {
    DATASET_PROBLEM = 512,
    // also of what names columns: with the setting's name, "=" and the end the 200 bytes that inih
    // takes in a line
    DATASET_PATH = 184,
    DATASET_GAUSSIAN_CLASSES = 10,
    DATASET_MAX_FEATURES = 1 << 20,
    DATASET_OWNED = 10
};

/* What may be asked for; every field has a sensible value for every kind. */
struct dataset_settings {
    enum dataset_kind kind;
    int64_t examples; // generated: how many, 0 = 1000; others: that many of the first, 0 = all
    int features;     // gaussian: how many inputs, 0 = 500
    double noise;     // generated in the plane: sd added to both inputs; below 0: the row's
    uint64_t seed;    // of what is generated, and of what is held out
    enum preprocess preprocess;
    int components;                  // of what projects; 0 = all
    char path[DATASET_PATH];         // files: folder or file; "": where it usually is
    double held_out;                 // csv, npz: share of the examples, 0 to below 1
    int separator, header;           // csv: enum csv_separator, enum csv_header
    char label_column[DATASET_PATH]; // csv: name or number from 1; "": found
    char skip_columns[DATASET_PATH]; // csv: such names and numbers, parted by commas
};

/* What the settings give. */
struct dataset_shape {
    int features; // d_0
    int classes;
    int64_t examples, test_examples; // to train on; held out, 0 if there is no such part
    int image_width, image_height;   // 0 where an example is not an image
    int image_channels;
    size_t bytes; // most memory that loading it takes
};

/* One part of a data set: training or held-out. */
struct examples {
    int64_t count;
    const uint8_t *bytes;  // (count, features), or NULL
    const float *values;   // (count, features), or NULL
    const uint8_t *labels; // (count)
};

/* Who wants to know how far loading is; goes_on() is called now and then, and false gives up. */
struct dataset_watch {
    bool (*goes_on)(void *context, double share);
    void *context;
};

struct dataset {
    enum dataset_kind kind;
    struct dataset_shape shape;
    float byte_scale;
    const float *shift, *factor; // (features), or both NULL
    struct examples train;
    struct examples test; // count 0: no held-out part
    // What they are called, (classes) and (features) texts in UTF-8 on one line each, of features
    // also empty; NULL: they have numbers alone.
    const char *const *class_names, *const *feature_names;
    void *owned[DATASET_OWNED];
    const struct dataset_watch *watch; // while it is loaded; may be NULL
    double told;                       // seconds: when the watch was last told
};

struct candidate; // recognise.h

struct dataset_row {
    const char *name;
    const char *label;
    const char *formula; // of an example and its class y; of files, what is in them
    const char *about;
    const char *source;
    const char *loss; // the loss that `loss = auto` means here, by name
    int classes;
    bool generated; // depends on the seed
    bool splits;    // what is held out depends on the seed and on held_out
    bool by_path;   // depends on the path
    bool own;       // a user's own, called by the name of its file
    bool outside;   // inputs leave 0..1 even without noise
    double noise;   // in the plane: sd of the noise unless set
    // what the classes are called, where that is known before anything is read; else NULL
    const char *const *class_names;
    // in the plane: the point of a class without noise, from two uniforms in (0, 1)
    void (*point)(int label, double u, double v, double point[2]);
    // is it what a path holds? NULL: not to be told so
    bool (*claims)(const struct candidate *candidate);
    // what is there, before preprocessing; then the examples themselves, with the shape known
    bool (*describe)(const struct dataset_settings *settings, struct dataset_shape *shape,
                     char *problem);
    bool (*load)(struct dataset *dataset, const struct dataset_settings *settings, char *problem);
};

extern const struct dataset_row datasets[DATASET_COUNT];

/*
 * What the settings give, before anything loads. Returns false, shape zeroed, with one sentence in
 * problem (DATASET_PROBLEM bytes) where they cannot be met. Opens files, so not for every frame.
 */
bool dataset_describe(const struct dataset_settings *settings, struct dataset_shape *shape,
                      char *problem);

/* What it is called on screen. */
void dataset_title(const struct dataset_settings *settings, char *buffer, size_t size);

/* Do both ask for the same examples? A setting counts only where it is used. */
bool dataset_settings_equal(const struct dataset_settings *a, const struct dataset_settings *b);

/*
 * Load or generate. Returns false, data set zeroed, with one sentence in problem (DATASET_PROBLEM
 * bytes) that names file, offset and expectation, or the memory that is missing.
 */
bool dataset_load(struct dataset *dataset, const struct dataset_settings *settings, char *problem);

/* The same, with somebody told how far it is. What gives up fails with a sentence, too. */
bool dataset_load_watched(struct dataset *dataset, const struct dataset_settings *settings,
                          const struct dataset_watch *watch, char *problem);
void dataset_finish(struct dataset *dataset); // accepts a zeroed data set

/*
 * inputs (count, features) and labels (count) of the examples with the given indices, which must
 * be below part->count.
 */
void dataset_gather(const struct dataset *dataset, const struct examples *part,
                    const uint32_t *indices, int count, float *inputs, uint8_t *labels);

/*
 * Undo for one example (features) what dataset_gather() does to it, but for rounding: raw values,
 * of bytes divided by 255. raw may be input. What was projected stays projected.
 */
void dataset_restore(const struct dataset *dataset, const float *input, float *raw);

/*
 * Raw values that are black and white in a picture: 0 and 1, of bytes and where there are no
 * others; 0 and 255 where those are within these; else the least and largest of the first examples.
 */
void dataset_levels(const struct dataset *dataset, float *black, float *white);

/* May inputs leave 0..1, as far as the settings tell? Of bytes they do not. */
bool dataset_leaves_unit(const struct dataset_settings *settings);

/* Smallest and largest input of the training part, as dataset_gather() gives it. */
void dataset_range(const struct dataset *dataset, double *low, double *high);

/* For loaders, as often as they like: done is 0 to 1. false with a problem: give up. */
bool dataset_tell(struct dataset *dataset, double done, char *problem);

/* For loaders: memory that dataset_finish() frees; NULL with a sentence in problem. */
void *dataset_allocate(struct dataset *dataset, double bytes, char *problem);

/* For loaders: "FILE: reason" as the problem; always false. */
bool dataset_file_problem(char *problem, const char *path, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/*
 * For loaders: count texts copied into memory that dataset_finish() frees, control characters made
 * spaces. NULL with a sentence in problem.
 */
const char *const *dataset_names(struct dataset *dataset, const char *const *names, int count,
                                 char *problem);

/* For loaders: free memory that it owns; other memory is left alone. */
void dataset_release(struct dataset *dataset, const void *memory);

/* For loaders: let dataset_finish() free memory too; NULL is allowed. */
void dataset_own(struct dataset *dataset, void *memory);

#endif
