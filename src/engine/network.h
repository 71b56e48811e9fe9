/*
 * network.h - a deep multi-layer perceptron, its activations and its gradients.
 *
 * Hidden layers l = 1..L of d_l units, layer L + 1 is the output. For a batch of B examples, all
 * matrices row-major, h_0 the input:
 *
 *     a_l = h_{l-1} W_l + b_l       W_l is (d_{l-1}, d_l)
 *     z_l = a_l, or normalised      pre-activation: what phi sees (normalisation.h)
 *     y_l = phi(z_l)
 *     h_l = y_l, or with dropped units (noise.h), or x + s y_l at the end of a residual block
 *     delta_l = d loss / d z_l      of each example's own loss: its size does not depend on B
 *     dW_l = h_{l-1}^T (d loss / d a_l) / B, the gradient of the mean loss
 *
 * a, z and the deltas are (B, d_l), with maxout's k pieces (B, k d_l); y and h are (B, d_l). What
 * is equal is one array: a and z without normalisation, y and h without noise and blocks. Where
 * batch normalisation couples the examples, delta is B times the gradient of the mean loss.
 *
 * Split layers (connection.h) have W (k, d/k, d/k), one block for each group, and with maxout the
 * pieces of each group side by side. In a recurrent network layer 1 has U = W_1 and b, layers 2..L
 * share one W, and a_l = h_{l-1} W + x U + b; the gradients of what is shared are sums over the
 * layers.
 *
 * Memory: network_layout() deals every tensor out of one arena; only network_reset() may allocate,
 * for as long as it runs.
 * Threads: a network belongs to one thread, which must have called denormals_flush(); with a crew
 * (crew.h), whose thread that is, it trains to the same bits.
 */
#ifndef ENGINE_NETWORK_H
#define ENGINE_NETWORK_H

#include "base/arena.h"
#include "engine/connection.h"
#include "engine/crew.h"
#include "engine/initialiser.h"
#include "engine/loss.h"
#include "engine/noise.h"
#include "engine/normalisation.h"
#include "engine/optimiser.h"
#include "engine/phi.h"
#include "engine/product.h"
#include "engine/tiny.h"

enum { NETWORK_MAX_LAYERS = 200, NETWORK_MAX_WIDTH = 4096 };

struct network_config {
    int layers;  // hidden, 0 (softmax regression, say) to NETWORK_MAX_LAYERS
    int width;   // units of every hidden layer, 1 to NETWORK_MAX_WIDTH
    int inputs;  // d_0
    int outputs; // d_{L+1}
    int batch;   // B, the largest batch
    struct phi phi;
    struct network_exception { // another activation for hidden layers first..last; first 0: none
        struct phi phi;
        int first, last;
    } exception;
    enum normalisation normalisation;
    struct connection_settings connection;
    struct noise_settings noise;
    bool activated_output; // phi on the output, too, as in the classic XOR network; LOSS_MSE only
    enum initialiser init;
    double init_scale;
    double bias;    // initial value of every bias
    double bias_sd; // and of normal draws added to it
    enum loss loss;
    struct optimiser_settings optimiser;
    uint64_t seed;
    struct crew *crew; // shares the work of every pass; borrowed, NULL: the caller does it alone
};

/* Sums over the entries of a layer that every pass takes along, in double. */
struct layer_sums {
    double z; // finite unless an entry is not
    double h, h_squared;
    // squares on the way up
    double a_squared;     // of a normalised layer, in training; elsewhere a is z
    double y_squared;     // phi(z)
    double added_squared; // y with its dropped units, at the end of a block times scale_used
    // squares on the way back, in its order; each equals the one before where nothing is between
    double product_squared;         // (d loss / d a_{l+1}) W_{l+1}^T, (B, d_l)
    double g_squared;               // d loss / d h_l: with what came around a residual block
    double branch_squared;          // d loss / d y_l: after the branch scale and the dropped units
    double delta_squared;           // d loss / d z_l
    double linear_squared;          // d loss / d a_l
    double weight_gradient_squared; // of the newest update
};

struct layer {
    int fan_in, fan_out; // shape of W, of one group where layers are split
    int groups;
    int columns; // of a, z and delta
    int units;   // d_l: of y and h
    struct phi phi;
    bool owns_weight, owns_bias; // else they belong to an earlier layer
    int block;                   // residual block, from 1; 0: none
    bool block_end;              // h_l is the block's result
    bool feeds_block;            // h_l goes around the next block
    bool plain;                  // h_l = phi(h_{l-1} W_l + b_l) and nothing else
    struct parameters weight;
    struct parameters bias;
    struct parameters slope; // of phi, see phi_slopes()
    struct parameters scale; // s of a block's last layer, a single number
    bool scale_learned;
    struct normaliser normaliser;
    const real *weights_used;               // in the last pass: W, or what DropConnect left of it
    real *thinned;                          // room for that; NULL: weights are never dropped
    unsigned char *weight_kept, *unit_kept; // masks of the last pass, (fan_in, fan_out), (B, d_l)
    real survived;   // of the last pass: 0 where the block was skipped, its odds in evaluation
    real scale_used; // s times that
    real *a, *z, *y, *h;
    real *delta, *delta_a;
    struct layer_sums sums;
};

/* What a pass is made on. */
struct network_batch {
    const real *input; // (count, d_0)
    struct loss_targets targets;
    int count;
    bool training; // else without noise, and with the running averages of batch normalisation
    int64_t step;  // training: of the update that belongs to it, from 1; the noise is drawn for it
    // Asked between large layers of the pass and of its update, if not NULL. Once it says true, and
    // it must stay true, the rest is not made: a pass without training is forgotten, and in any
    // other case nothing can be done with the network but to lay it out anew.
    bool (*enough)(void *context);
    void *context;
};

struct network {
    struct network_config config;
    struct network_batch now;  // the last pass's, its arrays borrowed
    bool has_gradients;        // dW and db are those of the deltas
    double clip_scale;         // what clip_norm leaves of the gradients: 1 is all
    double loss;               // mean over the batch
    double correct;            // right predictions in the batch (loss_correct())
    real *stream;              // residual: the gradient that goes around a block, (B, d)
    real *gradient;            // maxout: d loss / d y, (B, d)
    real *drive, *drive_delta; // recurrent: x U + b, and d loss by it, shaped as a
    struct layer layer[NETWORK_MAX_LAYERS + 1];     // layer[l - 1] is layer l
    struct tiny_layer tiny[NETWORK_MAX_LAYERS + 1]; // all of it for the loops of tiny.h
};

/* Deal the tensors out of arena; on a counting arena (see arena.h) only the size is counted. */
void network_layout(struct network *network, const struct network_config *config,
                    struct arena *arena);

/*
 * A viewer: what another network has learned, with activations of its own for up to `rows`
 * examples. Its passes without training use that network's weights as they are then and leave the
 * rest of it as it was, also between its pass and its update. It must be laid out anew when the
 * other is; it can neither train nor be reset.
 */
void network_layout_viewer(struct network *viewer, const struct network *network, int rows,
                           struct arena *arena);

/*
 * Draw the weights, set the biases, clear the optimiser's state. The same of a twin, if it is not
 * NULL: where both draw the same numbers, they are drawn once. false if memory runs out for what an
 * initialiser needs beside the weights.
 */
bool network_reset(struct network *network, struct network *twin);

/*
 * Have both networks the same layers with weights of the same shapes? Sizes alone are compared, so
 * either may be laid out on a counting arena.
 */
bool network_continues(const struct network *network, const struct network *from);

/*
 * Take over what training has made of a network that this one continues: weights, biases, slopes,
 * branch scales, gamma, beta and running averages, where this network has them; what `from` has not
 * begins as in network_reset(). The optimiser's state comes along if it is of the same optimiser
 * and there for all parameters; else all of it is cleared, and Adam's corrections count from the
 * `steps` updates made so far.
 */
void network_continue(struct network *network, const struct network *from, int64_t steps);

/*
 * Forget the last training pass, which no update has followed: running averages go back. Call it
 * once.
 */
void network_undo_pass(struct network *network);

/* Forward pass and loss on a batch of 1..config.batch examples; fills z, y, h, loss, correct. */
void network_forward(struct network *network, const struct network_batch *batch);

/*
 * Layers of index first..last - 1 of it alone, from what is in the layers below: their z, and the h
 * of those that are activated. As in evaluation: without noise. No backward pass may follow.
 */
void network_forward_part(struct network *network, const real *input, int batch, int first,
                          int last);

/*
 * Backward pass of the last forward pass, a training one, by back-propagation (Rumelhart, Hinton &
 * Williams, Nature 323, 1986): fills delta of every layer.
 */
void network_deltas(struct network *network);

/*
 * d loss / d h of layer index for examples first..first + rows - 1 of the last backward pass, to g
 * (rows, d_l): what layer_sums.g_squared sums up. around (rows, d) holds what goes around residual
 * blocks: call it for all layers from the last one down, with the same around.
 */
void network_gradient_h(const struct network *network, int index, int first, int rows, real *around,
                        real *g);

/*
 * Fill dW and db of every layer from its delta, unless they are there already. Only for who looks
 * at them: an update that makes them itself spares the memory, and its results are the same bits.
 */
void network_gradients(struct network *network);

/* network_deltas(), then network_gradients(). */
void network_backward(struct network *network);

/*
 * Fill dW of layer index alone, unless it is there; cheaper where nothing else is looked at. Of a
 * layer that uses another one's W: of all layers.
 */
void network_weight_gradient(struct network *network, int index);

/* One update, number step from 1, with the gradients of the last backward pass. */
void network_update(struct network *network, int64_t step);

/*
 * What network_update() would do to the weights of layer index, with nothing changed. The gradients
 * must be there.
 */
struct update_sums network_preview(const struct network *network, int index, int64_t step);

/* The same for some rows of W alone, whose rows of dW are written to dW. */
struct update_sums network_preview_rows(const struct network *network, int index, int64_t step,
                                        struct gradient_rows rows, real *dW);

/* h_{l-1} of layer index l - 1: what its weights multiply. */
const real *network_layer_input(const struct network *network, int index);

/*
 * The parameters of a layer beside W that training changes: b, slopes, gamma, beta, s. Returns how
 * many there are, LAYER_VECTORS at most.
 */
enum { LAYER_VECTORS = 5 };
int network_vectors(struct layer *layer, struct parameters *vectors[LAYER_VECTORS]);

#endif
