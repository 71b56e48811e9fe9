/*
 * snapshot.h - everything a picture may show of one moment, as plain data without pointers.
 *
 * A snapshot of step k holds the networks after k updates, measured on the batch that update k + 1
 * uses: forward pass, loss, backward pass, and the update that would follow. Notation:
 * engine/network.h. All standard deviations are population ones; "rms" is over the entries (batch x
 * units). Moments are of the finite entries; the others are counted in nan and inf. How many there
 * are is in n: the first picture of a large network may be of a part of its batch, loss and
 * accuracy with it.
 *
 * The worker thread fills a snapshot and publishes it through a mailbox; readers never see it
 * change.
 */
#ifndef MEASURE_SNAPSHOT_H
#define MEASURE_SNAPSHOT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "measure/data_detail.h"
#include "measure/data_names.h"
#include "measure/factor.h"
#include "measure/histogram.h"
#include "measure/layer_detail.h"
#include "measure/moments.h"
#include "measure/part.h"

enum {
    SNAPSHOT_RUNS = 2,     // A and B
    SNAPSHOT_LAYERS = 200, // hidden layers at most
    SNAPSHOT_CURVE = 241,  // samples of phi and phi'
    SNAPSHOT_EPOCHS = 100, // of pre-training a layer at most
    SNAPSHOT_MEMBERS = 16, // networks of an ensemble at most
    SNAPSHOT_NAME = 32,
    SNAPSHOT_SENTENCE = 256
};

/* What the initialiser lsuv did to a layer, on the first batch. */
struct lsuv_stats {
    int iterations;       // W was divided so often
    double before, after; // variance of z
};

struct layer_stats {
    char name[SNAPSHOT_NAME];    // that it was logged under; empty: it has none
    int units;                   // d_l; 0: not logged
    bool identity;               // has no activation of its own: the last layer of a residual block
    struct moments z;            // pre-activation (B, units), of maxout (B, pieces units)
    struct moments h;            // activation (B, units)
    struct moments delta;        // d loss / d z of each example's own loss, shaped as z
    uint64_t saturated;          // entries of phi(z) beyond the activation's saturation rule
    uint64_t dead;               // units whose phi(z) is zero for the whole batch
    double participation;        // directions that h uses (participation.h); NaN: not measured
    double weight_rms;           // W (fan_in, units)
    double weight_gradient_rms;  // dL/dW of the mean loss
    double update_rms;           // the update that this step makes to W
    double update_ratio;         // |update| / |W|, Frobenius norms; NaN for an all-zero W
    double factor[FACTOR_COUNT]; // of the way from delta_{l+1} to delta_l
    double forward[FACTOR_COUNT]; // of the way from h_{l-1} to h_l
    double gradient_rms;          // d loss / d h (B, units): with what goes around a block
    struct lsuv_stats lsuv;       // where by_lsuv
    struct histogram z_histogram;
    struct histogram h_histogram;
    struct histogram weight_histogram;
    struct log_histogram delta_histogram;
    struct log_histogram gradient_histogram; // of d loss / d h; n = 0: not measured
    struct log_histogram weight_gradient_histogram;
};

enum verdict {
    VERDICT_HEALTHY,
    VERDICT_UNKNOWN, // what was logged does not tell
    VERDICT_SATURATED,
    VERDICT_DEAD,
    VERDICT_VANISHING,
    VERDICT_EXPLODING,
    VERDICT_DIVERGED,
    VERDICT_COUNT
};

struct diagnosis {
    enum verdict verdict;
    int layer;                        // the layer it is about, 1-based; 0: the network as a whole
    double value;                     // the number the rule looked at
    enum factor factor;               // which does it; FACTOR_COUNT: none alone
    char sentence[SNAPSHOT_SENTENCE]; // what a person should read, with the number
    char rule[SNAPSHOT_SENTENCE];     // the rule and its threshold
};

/* How far the initialiser rbm is; all zero with any other. */
struct pretraining_stats {
    bool active;
    int layer, layers;           // the one that is trained, or was last, of the hidden layers
    int epoch, epochs;           // of that layer
    int64_t step;                // updates of RBMs so far
    double reconstruction_error; // mean square over the present epoch so far; NaN before its first
    int finished;                // epochs of all layers
    float errors[SNAPSHOT_LAYERS * SNAPSHOT_EPOCHS]; // of those: layer after layer, epochs each
};

/* phi and phi' sampled evenly over low..high, for drawing; beyond it phi is a straight line. */
struct curve {
    float low, high;
    float value[SNAPSHOT_CURVE], slope[SNAPSHOT_CURVE];
};

/*
 * What mean-field theory (theory.h) says of one network's first weights. Index l - 1 is hidden
 * layer l.
 */
struct theory {
    bool applies;
    char reason[SNAPSHOT_SENTENCE]; // why not, for the user; empty where it applies
    int layers;
    double q[SNAPSHOT_LAYERS];           // E[z_l^2]
    double chi[SNAPSHOT_LAYERS];         // with the weights above; of layer L with those of L
    double h_mean[SNAPSHOT_LAYERS];      // mean of h_l over units and examples
    double h_rms[SNAPSHOT_LAYERS];       // RMS h_l
    double h_sd[SNAPSHOT_LAYERS];        // of h_l over units and examples
    double delta_ratio[SNAPSHOT_LAYERS]; // RMS delta_l / RMS delta_L

    /*
     * Of layers with finitely many units: the standard deviation of log RMS over runs, for ReLU
     * and Leaky ReLU (Hanin 2018; Hanin & Rolnick 2018); elsewhere 0, for it is much smaller.
     */
    double h_band[SNAPSHOT_LAYERS], delta_band[SNAPSHOT_LAYERS];
};

/*
 * Of somebody else's training, as it was logged: what nobody logged is NaN, its n 0, and a count of
 * zeros, saturated values or dead units says nothing.
 */
struct logged {
    bool active;
    char name[2 * SNAPSHOT_NAME]; // of the run
    bool estimated;               // moments are of the buckets, for no sums were logged
    int64_t step;                 // of the newest histograms; -1: there are none
};

struct run_snapshot {
    struct logged logged;
    int layers;       // hidden layers L; layer[l - 1] is hidden layer l
    int inputs;       // d_0
    int outputs;      // d_{L+1}
    double input_rms; // h_0
    int64_t step;     // updates made; differs from the twin's only after one of them diverged
    char activation[SNAPSHOT_NAME]; // labels as on screen
    char init[SNAPSHOT_NAME];
    bool by_lsuv; // initialised so
    bool bounded; // h of all layers lies in h_low..h_high whatever z is
    double h_low, h_high;
    char saturation_rule[SNAPSHOT_SENTENCE]; // empty where phi does not saturate
    struct other_activation {                // of hidden layers first..last; first 0: none
        int first, last;
        char activation[SNAPSHOT_NAME];
        char saturation_rule[SNAPSHOT_SENTENCE];
        struct curve curve;
    } other;
    char normalisation[SNAPSHOT_NAME]; // labels, empty where there is none
    char connection[SNAPSHOT_NAME];
    bool residual; // gradients have a way around blocks: judge d loss / d h, not delta

    double loss;                     // mean over the batch; NaN or Inf is a finding
    double accuracy;                 // of the batch, 0..1
    double test_loss, test_accuracy; // held-out, newest evaluation; NaN before the first
    int64_t test_n;                  // held-out examples it looked at
    int64_t test_step;               // step it was made at
    struct ensemble_stats {
        int members;                     // 1: there is no ensemble
        int diverged;                    // of them, left out since
        double accuracy;                 // held-out, of the mean prediction; NaN before the first
        double member[SNAPSHOT_MEMBERS]; // held-out, of each; the first one is this network
    } ensemble;

    double learning_rate; // of the update that would follow, as scheduled
    double weight_decay;  // as resolved
    double clip_scale;    // what clip_norm leaves of its gradients: 1 is all

    bool diverged; // a NaN or Inf appeared; the run stopped and waits for the user
    int64_t diverged_step;
    int diverged_layer; // where it began: lowest in the forward, else highest in the backward pass
    bool diverged_backward;

    struct pretraining_stats pretraining;
    struct diagnosis diagnosis;
    struct theory theory; // of step 0 alone; later reason says so
    struct curve curve;
    struct layer_stats output; // layer L + 1; its h is the prediction (softmax, sigmoid or z)
    struct layer_stats layer[SNAPSHOT_LAYERS];
};

/* What the worker is doing, for the status line. */
enum worker_state { WORKER_LOADING, WORKER_RUNNING, WORKER_PAUSED, WORKER_STOPPED };

/* Whose training it is, if it is somebody else's. */
struct watched {
    bool active;
    char folder[SNAPSHOT_SENTENCE];        // its end
    int runs;                              // in the folder, shown or not
    int64_t records;                       // read so far
    char complaint[SNAPSHOT_SENTENCE * 2]; // where a file could not be read on; empty: nowhere
};

struct snapshot {
    struct watched watched;
    uint64_t request; // serial number of the request whose experiment this shows
    uint64_t refused; // serial of the newest request that could not be met: see message
    uint64_t renewed; // serial of the newest request that took new weights unasked: see renewal
    char renewal[SNAPSHOT_SENTENCE]; // why, half a sentence or a whole one
    enum worker_state state;
    uint64_t life;                       // number of the run, as they were begun
    int changes;                         // of the experiment since then, while it trained
    bool has_runs;                       // false while the first data set loads or after a failure
    bool loaded;                         // its first weights are those of a file
    double loading;                      // share that is there, while state is WORKER_LOADING
    char message[SNAPSHOT_SENTENCE * 2]; // what went wrong or is being loaded; empty: nothing

    int64_t step;            // updates made
    double epoch;            // step * batch / examples
    double steps_per_second; // 0: not known
    int batch;               // examples per step as used
    int64_t examples;        // training examples
    int64_t test_examples;
    char data[SNAPSHOT_NAME];
    char loss_name[SNAPSHOT_NAME];
    int classes;
    int runs; // 1: A alone, 2: A and B
    struct run_snapshot run[SNAPSHOT_RUNS];
    struct layer_detail detail[SNAPSHOT_RUNS]; // layer 0 but where a view asks for it
    struct data_detail data_detail;            // made for LOOK_DATA alone
    struct data_names names;                   // of the data
};

/* Where pre-training is, in words. */
void pretraining_text(const struct pretraining_stats *pretraining, char *text, size_t size);

/* What counts as saturated in a hidden layer, from 1; empty where its activation does not saturate.
 */
const char *snapshot_saturation_rule(const struct run_snapshot *run, int layer);

/* The factors of a layer, of one direction. */
const double *snapshot_factors(const struct layer_stats *layer, enum direction direction);

/* Does this part of a pass do anything here? Weights and the activation always may, where they are
 * known. */
bool snapshot_uses_factor(const struct run_snapshot *run, enum direction direction,
                          enum factor factor);

enum { SNAPSHOT_PARTS = 1 + SNAPSHOT_RUNS * (2 + SNAPSHOT_LAYERS) };

/*
 * What is in use of a snapshot, as at most SNAPSHOT_PARTS parts in their order: what comes before
 * the runs, then of each run what comes before its layers, its output, hidden layers 1..L. Returns
 * how many; which they are follows from snapshot->runs and run[].layers alone. The details, which
 * are there only while a view looks, are no part, nor are the names, which all steps of a run
 * share.
 */
int snapshot_parts(const struct snapshot *snapshot, struct part *parts);

/* Copy what is in use of from; much cheaper than assignment, for the unused layers are skipped. */
void snapshot_copy(struct snapshot *to, const struct snapshot *from);

#endif
