/*
 * network.h - a deep multi-layer perceptron, its activations and its gradients.
 *
 * Hidden layers l = 1..L of d_l units, layer L + 1 is the output. For a batch
 * of B examples, all matrices row-major:
 *
 *     z_l = h_{l-1} W_l + b_l      W_l is (d_{l-1}, d_l)
 *     h_l = phi(z_l)               z_l, h_l, delta_l are (B, d_l); h_0 is the input
 *     delta_l = d loss / d z_l     of each example's own loss: its size does not depend on B
 *     dW_l = h_{l-1}^T delta_l / B the gradient of the mean loss
 *
 * Memory: network_layout() deals every tensor out of one arena; only network_reset() may allocate,
 * for as long as it runs.
 * Threads: a network belongs to one thread, which must have called denormals_flush().
 */
#ifndef ENGINE_NETWORK_H
#define ENGINE_NETWORK_H

#include "base/arena.h"
#include "engine/activation.h"
#include "engine/initialiser.h"
#include "engine/loss.h"
#include "engine/optimiser.h"

enum { NETWORK_MAX_LAYERS = 200 };

struct network_config {
    int layers;  // hidden, 1..NETWORK_MAX_LAYERS
    int width;   // units of every hidden layer
    int inputs;  // d_0
    int outputs; // d_{L+1}
    int batch;   // B, the largest batch
    enum activation activation;
    bool activated_output; // phi on the output, too, as in the classic XOR network; LOSS_MSE only
    enum initialiser init;
    double init_scale;
    double bias; // initial value of every bias
    enum loss loss;
    struct optimiser_settings optimiser;
    uint64_t seed;
};

/* Sums over the entries of a layer that every pass takes along, in double. */
struct layer_sums {
    double z; // finite unless an entry is not
    double h, h_squared;
    double g_squared; // g_l = d loss / d h_l = delta_{l+1} W_{l+1}^T
    double delta_squared;
    double weight_gradient_squared; // of the newest update
};

struct layer {
    int fan_in, fan_out;
    struct parameters weight; // W (fan_in, fan_out), gradient dW
    struct parameters bias;   // b (fan_out), gradient db
    real *z;                  // (B, fan_out)
    real *h;                  // (B, fan_out); of the output layer: the prediction
    real *delta;              // (B, fan_out)
    struct layer_sums sums;
};

struct network {
    struct network_config config;
    const real *input;                          // h_0 of the last pass, borrowed
    const uint8_t *labels;                      // of the last pass, borrowed
    int batch;                                  // examples in the last pass
    bool has_gradients;                         // dW and db are those of the deltas
    double loss;                                // mean over the batch
    double correct;                             // right predictions in the batch (loss_correct())
    struct layer layer[NETWORK_MAX_LAYERS + 1]; // layer[l - 1] is layer l
};

/* Deal the tensors out of arena; on a counting arena (see arena.h) only the size is counted. */
void network_layout(struct network *network, const struct network_config *config,
                    struct arena *arena);

/*
 * Draw the weights, set the biases, clear the optimiser's state. false if memory runs out for what
 * an initialiser needs beside the weights.
 */
bool network_reset(struct network *network);

/* Forward pass and loss on batch examples (<= config.batch); fills z, h, loss, correct. */
void network_forward(struct network *network, const real *input, const uint8_t *labels, int batch);

/*
 * Layers of index first..last - 1 of it alone, from what is in the layer below: their z, and the h
 * of those that are activated. No backward pass may follow.
 */
void network_forward_part(struct network *network, const real *input, int batch, int first,
                          int last);

/* Backward pass of the last forward pass by back-propagation (Rumelhart, Hinton & Williams, Nature
 * 323, 1986): fills delta of every layer. */
void network_deltas(struct network *network);

/* Fill dW and db of every layer from its delta, unless they are there already. Only for who looks
 * at them: an update that makes them itself spares the memory, and its results are the same bits.
 */
void network_gradients(struct network *network);

/* Both. */
void network_backward(struct network *network);

/* One update, number step from 1, with the gradients of the last backward pass. */
void network_update(struct network *network, int64_t step);

/* What network_update() would do to the weights of layer index, with nothing changed. */
struct update_sums network_preview(const struct network *network, int index, int64_t step);

/* h_{l-1} of layer index l - 1: what its weights multiply. */
const real *network_layer_input(const struct network *network, int index);

#endif
