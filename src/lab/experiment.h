/*
 * experiment.h - everything a user may change about what is trained, as plain settings.
 *
 * A is the user's network, B the reference beside it; both see the same batches. What each setting
 * is called and accepts says the table in setting.h.
 *
 * Memory: plain data. Threads: pure functions.
 */
#ifndef LAB_EXPERIMENT_H
#define LAB_EXPERIMENT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "data/augment.h"
#include "data/dataset.h"
#include "engine/activation.h"
#include "engine/loss.h"
#include "engine/network.h"
#include "engine/schedule.h"

enum {
    EXPERIMENT_MAX_LAYERS = NETWORK_MAX_LAYERS,
    EXPERIMENT_MAX_WIDTH = NETWORK_MAX_WIDTH,
    EXPERIMENT_PROBLEM = 640
};

/* The largest step that can be asked for, or be told of. */
#define EXPERIMENT_MAX_STEP INT64_C(1000000000000)

/* LOSS_COUNT as a setting means: what suits the data set. */
#define EXPERIMENT_LOSS_AUTO ((int)LOSS_COUNT)

/* ACTIVATION_COUNT as the activation of the last layers means: that of all layers. */
#define EXPERIMENT_SAME_ACTIVATION ((int)ACTIVATION_COUNT)

/* Settings in which A and B may differ. Enums are kept as int, indexes of their tables. */
struct network_settings {
    int layers;
    int width;
    int activation;
    double leak;
    int pieces;
    int activation_last; // ACTIVATION_COUNT: the same
    int last_from, last_to;
    int normalisation;
    int connection;
    int block_layers;
    int branch;
    int groups;
    double dropout;
    double alpha_dropout;
    double drop_connect;
    double stochastic_depth;
    int init;
    double init_scale;
    double bias;
    double bias_sd;
    int loss;
    int optimizer;
    double learning_rate;
    double momentum;
    double beta1;
    double beta2;
    double rho;
    double alpha;
    double l1;
    double l2;
    double weight_decay; // below 0: what suits the optimizer
    double clip_norm;    // 0: off
    double clip_value;
    int schedule;
    int64_t schedule_period;
    double schedule_factor;
    int64_t warmup;
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
    int threads;    // 0: all cores, one fewer beside a window
    int ensemble;   // networks trained side by side, 1: no ensemble
    double mixup;   // alpha of Beta(alpha, alpha); 0: off
    double input_noise;
    int shift; // pixels
    uint64_t seed;
    char data_path[DATASET_PATH]; // "": where the data set usually is
    double held_out;              // share of the examples, of data that come in one part
    int separator, header;        // of csv: enum csv_separator, enum csv_header
    char label_column[DATASET_PATH], skip_columns[DATASET_PATH];
};

/* A = ReLU + He, 10 x 100 on MNIST, no B. */
void experiment_defaults(struct experiment *experiment);

/* Add a B that is a copy of A. */
void experiment_pin(struct experiment *experiment);

/* Let A and B change places. There is a B. */
void experiment_swap(struct experiment *experiment);

/* Add the B of a fresh start: A with sigmoid and small random weights. */
void experiment_reference(struct experiment *experiment);

bool experiment_equal(const struct experiment *a, const struct experiment *b);

/* The loss a run uses once "auto" is resolved. */
enum loss experiment_loss(const struct experiment *experiment, int run);

/* What data it asks for: for dataset_describe(), which gives the shape that follows here. */
struct dataset_settings experiment_data(const struct experiment *experiment);

/* What is done to every training batch. */
struct augment_settings experiment_augment(const struct experiment *experiment);

/*
 * Train on a file or folder of the user's own, told by what is in it. false, nothing changed, with
 * a sentence in problem if it is none.
 */
bool experiment_open_data(struct experiment *experiment, const char *path, char *problem);

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
 * Put the other's A beside ours as B, where both train on the same data in the same batches. false
 * if they do not: ours is then unchanged.
 */
bool experiment_beside(struct experiment *experiment, const struct experiment *other);

#endif
