/*
 * experiment.h - everything a user may change about what is trained, as plain settings.
 *
 * A is the user's network, B the reference beside it; both see the same batches. The table of
 * settings is the only list: options, INI keys, JSON and the checks of input all loop over it.
 */
#ifndef LAB_EXPERIMENT_H
#define LAB_EXPERIMENT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "data/dataset.h"
#include "engine/activation.h"
#include "engine/initialiser.h"
#include "engine/loss.h"
#include "engine/network.h"
#include "engine/optimiser.h"

enum { EXPERIMENT_MAX_LAYERS = 200, EXPERIMENT_MAX_WIDTH = 4096, EXPERIMENT_PROBLEM = 640 };

/* LOSS_COUNT as a setting means: what suits the data set. */
#define EXPERIMENT_LOSS_AUTO ((int)LOSS_COUNT)

/* Settings in which A and B may differ. Enums are kept as int, indexes of their tables. */
struct network_settings {
    int layers;
    int width;
    int activation;
    int init;
    double init_scale;
    double bias;
    int loss;
    int optimizer;
    double learning_rate;
    double momentum;
    double beta1;
    double beta2;
    int rbm_epochs; // of pre-training each layer
    double rbm_rate;
};

struct experiment {
    struct network_settings run[2]; // A, B
    bool compare;                   // is there a B?
    int data;
    int batch;
    int64_t examples;
    int features;
    int preprocess;
    int components; // of what projects; 0: all
    double noise;   // below 0: what suits the data set
    uint64_t seed;
    char data_path[DATASET_PATH]; // "": where the data set usually is
};

/* A = ReLU + He, 10 x 100 on MNIST, no B. */
void experiment_defaults(struct experiment *experiment);

/* Add a B that is a copy of A. */
void experiment_pin(struct experiment *experiment);

/* Add the B of a fresh start: A with sigmoid and small random weights. */
void experiment_reference(struct experiment *experiment);

bool experiment_equal(const struct experiment *a, const struct experiment *b);

enum setting_type {
    SETTING_INT,
    SETTING_INT64,
    SETTING_UINT64,
    SETTING_DOUBLE,
    SETTING_NAME,
    SETTING_PATH // char[DATASET_PATH]
};

enum { SETTING_TEXT = DATASET_PATH + 8 }; // holds what setting_print() writes

struct setting {
    const char *name; // INI and JSON key; the option is --name with dashes
    enum setting_type type;
    size_t offset; // in struct network_settings if per_run, else in struct experiment
    bool per_run;
    double low, high; // numbers: the accepted range, both ends included unless open_high
    bool open_high;
    const char *(*option)(int index); // SETTING_NAME: the accepted names, 0..option_count - 1
    int option_count;
    const char *about;
};

/* The table; its length in *count. */
const struct setting *settings_table(int *count);

/* The row of that name ('-' and '_' alike), or NULL. */
const struct setting *setting_find(const char *name);

/*
 * Set run (0 = A, 1 = B) from text. Returns false with one sentence in problem
 * (EXPERIMENT_PROBLEM bytes) that says what was given and what is accepted; nothing is changed
 * then.
 */
bool setting_parse(struct experiment *experiment, int run, const struct setting *setting,
                   const char *text, char *problem);

/* The value as text that setting_parse() reads back to the same value. */
void setting_print(const struct experiment *experiment, int run, const struct setting *setting,
                   char *buffer, size_t size);

/* The loss a run uses once "auto" is resolved. */
enum loss experiment_loss(const struct experiment *experiment, int run);

/* What data it asks for: for dataset_describe(), which gives the shape that follows here. */
struct dataset_settings experiment_data(const struct experiment *experiment);

/* Examples per step, and the network as the engine wants it, on data of that shape. */
int experiment_batch(const struct experiment *experiment, const struct dataset_shape *shape);
struct network_config experiment_network(const struct experiment *experiment, int run,
                                         const struct dataset_shape *shape);

/* Bytes of scratch that capturing its networks takes. */
size_t experiment_scratch(const struct experiment *experiment, const struct dataset_shape *shape);

/* Bytes that training it takes: networks, batch and data set. */
size_t experiment_bytes(const struct experiment *experiment, const struct dataset_shape *shape);

/*
 * Can it be run on data of that shape? false, with a sentence in problem, if its settings make no
 * sense together or there, or if it does not fit in the free memory; `reclaimable` bytes are given
 * back before it starts. Whoever accepts an experiment asks this first (experiment_check.h).
 */
bool experiment_fits(const struct experiment *experiment, const struct dataset_shape *shape,
                     size_t reclaimable, char *problem);

/*
 * Read the keys of one run from an INI file over the present values: the keys before any section
 * for run 0 (shared settings and A), section [b] for run 1. *found says whether there were any.
 * false with a sentence in problem naming file and line.
 */
bool experiment_read_ini(struct experiment *experiment, const char *path, int run, bool *found,
                         char *problem);

/* The experiment as INI text. Returns its length as snprintf does. */
int experiment_print_ini(const struct experiment *experiment, char *buffer, size_t size);

#endif
