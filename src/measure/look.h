/*
 * look.h - what the open view wants to see closer than a snapshot shows it; only then is it
 * measured.
 */
#ifndef MEASURE_LOOK_H
#define MEASURE_LOOK_H

enum look_kind {
    LOOK_NONE,
    LOOK_GRADIENTS, // d loss / d h of all layers
    LOOK_LAYER,     // weights and units of one layer
    LOOK_DATA       // examples and what becomes of them
};

struct look {
    enum look_kind kind;
    int layer; // LOOK_LAYER: hidden layer from 1
    int unit;  // and which of its units, from 1
};

#endif
