/*
 * rbm.h - a restricted Boltzmann machine, trained by one step of contrastive divergence (CD-1).
 *
 * V visible and H hidden units, binary, in a batch of B examples; matrices row-major, sigma the
 * logistic function, <> the mean over the batch:
 *
 *     p  = P(h = 1 | v)  = sigma(v W + c)       W (V, H), c (H); v the data, in 0..1
 *     s ~ p, each unit 0 or 1
 *     v' = P(v = 1 | s)  = sigma(s W^T + b)     b (V)
 *     p' = P(h = 1 | v') = sigma(v' W + c)
 *
 *     dW = <v^T p> - <v'^T p'> - cost W         db = <v - v'>      dc = <p - p'>
 *     speed = momentum speed + rate d           parameter += speed
 *
 * Hinton, Neural Computation 14, 2002. What is drawn and what is a probability, the momentum, the
 * cost and b = 0 at the start are as in rbm.m of Hinton & Salakhutdinov (Science 313, 2006): only
 * the hidden states that drive the reconstruction are drawn.
 *
 * Memory: rbm_layout() deals it out of an arena. Threads: an RBM belongs to one thread.
 */
#ifndef ENGINE_RBM_H
#define ENGINE_RBM_H

#include "base/arena.h"
#include "base/random.h"
#include "engine/real.h"

#define RBM_MOMENTUM_FIRST 0.5
#define RBM_MOMENTUM 0.9
#define RBM_WEIGHT_COST 0.0002
enum { RBM_FIRST_EPOCHS = 5 }; // with the first momentum

struct rbm {
    int visible, hidden;
    real *W, *c; // borrowed: of the layer that is pre-trained
    real *b;     // (V)
    struct {
        real *W, *b, *c;
    } gradient, speed;
    real *v;    // (2 B, V): v, then v'
    real *p;    // (2 B, H): p, then -p', so that one product gives both halves of dW
    real *s;    // (B, H)
    real *lost; // (V): v - v' of one example
};

/* Room for at most so many units and examples; see arena.h. */
void rbm_layout(struct rbm *rbm, int visible, int hidden, int batch, struct arena *arena);

/* Begin anew, with the weights and hidden biases that are in W (visible, hidden) and c (hidden). */
void rbm_begin(struct rbm *rbm, real *W, real *c, int visible, int hidden);

/*
 * What it makes of v (batch, V) without a draw: p (batch, H) and v' = sigma(p W^T + b) (batch, V),
 * of probabilities all the way. Changes nothing of it.
 */
void rbm_reconstruct(const struct rbm *rbm, const real *v, int batch, real *p, real *made);

/*
 * One update on data (batch, V). Unit j of example i is drawn at row first_row + i, column j of the
 * stream. Returns the reconstruction error, the mean of (v - v')^2 with the weights before the
 * update. epoch counts from 1.
 */
double rbm_step(struct rbm *rbm, const real *data, int batch, double rate, int epoch,
                const struct random_stream *stream, uint32_t first_row);

#endif
