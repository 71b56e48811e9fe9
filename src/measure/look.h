/*
 * look.h - what the open view wants to see closer than a snapshot shows it; only then is it
 * measured.
 */
#ifndef MEASURE_LOOK_H
#define MEASURE_LOOK_H

#include <stdbool.h>
#include <stdint.h>

enum look_kind {
    LOOK_NONE,
    LOOK_GRADIENTS, // d loss / d h of all layers
    LOOK_LAYER,     // weights and units of one layer
    LOOK_DATA       // examples and what becomes of them
};

/* Said in place of the step that a second training, up to a past one, has reached: what is missed
 * there cannot be had. */
enum { LOOK_BARRED = -2 };

struct look {
    enum look_kind kind;
    int layer; // LOOK_LAYER: hidden layer from 1
    int unit;  // and which of its units, from 1

    // The view shows the past and misses that detail of this step, which the film has.
    bool past;
    int64_t step;
};

#endif
