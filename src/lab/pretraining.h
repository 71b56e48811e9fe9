/*
 * pretraining.h - the initialiser rbm: a deep belief network grown on the training inputs.
 *
 * Greedy and layer by layer (Hinton, Osindero & Teh, Neural Computation 18, 2006): an RBM (rbm.h)
 * learns the inputs, the next one what the first makes of them, and so on. A layer's RBM works on
 * W and b of the network itself, from N(0, 0.01^2) and the first biases on; what goes up are
 * probabilities, which is the network's own forward pass. The output layer, for which there is no
 * RBM, keeps its first weights, and the labels are not looked at. Fine-tuning is training as usual.
 *
 * Only for sigmoid layers on inputs in 0..1, which then are probabilities, too. An epoch is as many
 * batches as hold all examples; the last may begin the next round.
 *
 * Memory: pretraining_layout() deals it out of an arena. Threads: the network's.
 */
#ifndef LAB_PRETRAINING_H
#define LAB_PRETRAINING_H

#include "engine/network.h"
#include "engine/rbm.h"
#include "lab/experiment.h"
#include "measure/snapshot.h"

struct pretraining {
    struct pretraining_stats stats; // active while there is something left to do
    struct rbm rbm;
    double rate;
    int64_t epoch_steps; // in an epoch
    int64_t epoch_step;  // made of the present one
    double error_sum;    // over them
};

/* Room for what pre-training that network takes; nothing with another initialiser. */
void pretraining_layout(struct pretraining *pretraining, const struct network_config *config,
                        struct arena *arena);

/* Begin with the first layer, if the network's initialiser is rbm, and there are so many examples.
 */
void pretraining_begin(struct pretraining *pretraining, const struct network_settings *settings,
                       struct network *network, int64_t examples);

/*
 * One update of the present layer's RBM on a batch of inputs; overwrites z and h of the layers
 * below. Weights that are no longer finite end the whole of it: the next pass will say where.
 */
void pretraining_step(struct pretraining *pretraining, struct network *network, const real *inputs,
                      int batch);

/* false, with a sentence in problem (EXPERIMENT_PROBLEM bytes), where data are beyond 0..1 that a
 * network of the experiment would be pre-trained on. */
bool pretraining_accepts(const struct experiment *experiment, const struct dataset *data,
                         char *problem);

#endif
