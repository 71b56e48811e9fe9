/*
 * layer_detail.h - one layer and one of its units, looked at closer than a snapshot does.
 *
 * Plain data without pointers, of one network after a backward pass; notation as in
 * engine/network.h. What may be larger than its array is reduced by a rule that is stated at the
 * array and, in numbers, in the struct. Filled only while a view wants it.
 *
 * Numbers of layers, units, inputs and examples start at 1 on the screen and in `layer` and `unit`
 * here; indices into arrays start at 0.
 */
#ifndef MEASURE_LAYER_DETAIL_H
#define MEASURE_LAYER_DETAIL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "measure/histogram.h"
#include "measure/moments.h"
#include "measure/part.h"

enum {
    DETAIL_SIDE = 256,         // cells of the image of W, each way
    DETAIL_IMAGE = 320 * 1024, // values of either kind of image
    DETAIL_UNITS = 4096,
    DETAIL_WEIGHTS = 4096,  // of the chosen unit
    DETAIL_EXAMPLES = 4096, // whose activation of the chosen unit is kept
    DETAIL_TOP = 8,         // examples that drive it most
    DETAIL_FEATURES = 4096  // of an example that is kept
};

/* What a picture of the data is: planar, one channel after the other. All 0: no pictures. */
struct picture_shape {
    int width, height, channels;
};

struct unit_stats {
    uint32_t zero;      // examples for which phi(z) is exactly 0
    uint32_t saturated; // for which it is beyond the activation's saturation rule
    float mean, sd;     // of h over the batch; NaN where an entry is not finite, as the next
    float min, max;
    float weight_rms;   // of its column of W, with maxout of all its pieces
    float gradient_rms; // the same of dL/dW
};

/* An example that drives the chosen unit. */
struct driver {
    int example; // index in the batch
    int label;
    float z, h;                   // of the chosen unit; with maxout z is that of its largest piece
    float input[DETAIL_FEATURES]; // `features` of it, as the network sees it
};

struct layer_detail {
    int layer;         // from 1, L + 1: the output; 0: nothing was asked for, the rest is undefined
    int unit;          // the chosen one, from 1
    int units, pieces; // d_l; pre-activations of a unit: 1 but for maxout
    int inputs;        // d_{l-1}
    int examples;      // of the batch
    int features;      // d_0, 0 where it is too much for an example's input to be kept
    struct picture_shape shape; // of an example, and of a unit's weights in layer 1
    bool hidden;
    bool identity; // phi does nothing here: the last layer of a residual block

    struct moments weight, gradient; // of all of W and dL/dW
    struct histogram weight_histogram;
    struct log_histogram gradient_histogram;
    int dead, stuck; // units that are zero, or saturated, for every example

    int weights;      // of the chosen unit: each is, of weight_block inputs, the one of largest
    int weight_block; // magnitude
    int activations;  // of the chosen unit: those of the first examples
    struct moments activation;
    struct histogram activation_histogram;
    int drivers; // by z of the chosen unit, largest first, ties by number; NaN is left out

    /*
     * W as an image. With pictures (shape.channels > 0) and layer 1: the weights of units
     * first_tile .. first_tile + tiles - 1 (indices), each (channels, height, width): of the pages
     * that fit, the one with the chosen unit. Otherwise tiles is 0 and there are cells (rows,
     * columns): each is the entry of largest magnitude of row_block inputs x column_block
     * pre-activations, NaN before all; the pieces of a unit stand side by side, and what a split
     * layer does not join is 0.
     */
    int first_tile, tiles;
    int rows, columns, row_block, column_block;

    /* From here on as many are in use as is said above. */
    uint16_t order[DETAIL_UNITS]; // by max(zero, saturated), falling: those that pass on least
    struct unit_stats unit_stats[DETAIL_UNITS];
    float input_weight[DETAIL_WEIGHTS];   // of its first piece
    uint16_t input_order[DETAIL_WEIGHTS]; // largest first, NaN last
    float h[DETAIL_EXAMPLES];
    float point[DETAIL_EXAMPLES][2]; // the inputs of these examples, where d_0 = 2
    struct driver driver[DETAIL_TOP];
    float image[DETAIL_IMAGE];
};

struct network;

/*
 * Measure layer number `layer` (from 1; beyond L + 1: detail->layer becomes 0) and its unit number
 * `unit` (clamped). dW of that layer must be there.
 */
void layer_detail_fill(const struct network *network, int layer, int unit,
                       struct picture_shape shape, struct layer_detail *detail);

/* How many values of image are in use. */
size_t layer_detail_image(const struct layer_detail *detail);

/*
 * What is in use of a detail that is there, as at most LAYER_DETAIL_PARTS parts in their
 * order, whose number is returned. Which they are follows from the first one.
 */
enum { LAYER_DETAIL_PARTS = 8 + DETAIL_TOP };
int layer_detail_parts(const struct layer_detail *detail, struct part *parts);

/* Copy what is in use. */
void layer_detail_copy(struct layer_detail *to, const struct layer_detail *from);

#endif
