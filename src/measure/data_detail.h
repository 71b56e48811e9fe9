/*
 * data_detail.h - the networks seen from the data: what they say of examples and of the plane.
 *
 * Made only while a view looks (look.h), on a bounded number of examples, which may be some steps
 * older than the rest of a snapshot: `step` says of when it is. Plain data without pointers;
 * data_detail_copy() copies what is in use.
 *
 * The score of a class is what the network predicts for it: the softmax or the sigmoid of its
 * output, or with mse the output as it is. A single output p gives class 1 the score p and class 0
 * the score 1 - p. The predicted class has the highest score, of equal ones the first; there is
 * none where a score is NaN, or where a single output is within LOSS_UNDECIDED of 1/2 (loss.h).
 *
 * Examples are numbered from 0 within their part: held-out where there is such a part, else
 * training.
 */
#ifndef MEASURE_DATA_DETAIL_H
#define MEASURE_DATA_DETAIL_H

#include <stdbool.h>
#include <stdint.h>

#include "engine/real.h"
#include "measure/part.h"

enum {
    DATA_RUNS = 2,
    DATA_CLASSES = 64,         // that a confusion matrix has room for
    DATA_GRID = 96,            // cells along a side of the plane at most
    DATA_POINTS = 1000,        // training examples in the plane at most
    DATA_EXAMPLES = 32,        // shown always, whatever is trained
    DATA_HARDEST = 16,         // shown for being furthest off
    DATA_PICTURE = 3072,       // bytes of a picture at most: 32 x 32 x 3
    DATA_BEST = 3,             // classes of an answer
    DATA_FILTERS = 36,         // units of a layer that is pre-trained
    DATA_RECONSTRUCTIONS = 10, // inputs of it
    DATA_NONE = 255,           // instead of a class
    DATA_UNIT = 48
};

/* What an example is, and how it can be shown. */
enum data_form {
    DATA_PLANE,    // a point of two inputs
    DATA_PICTURES, // an image
    DATA_OTHER     // neither
};

/* Planar: all of the first channel, then the next; 1 or 3 of them. Rows from the top. */
struct data_shape {
    int width, height, channels;
    int factor; // a pixel is the mean of so many by so many of what it is made from
};

/* What a network says of one example. */
struct data_answer {
    int64_t number;          // of the example
    uint8_t label;           // its class
    uint8_t predicted;       // DATA_NONE: none
    uint8_t shown;           // entries of best[]: DATA_BEST, or all classes
    uint8_t best[DATA_BEST]; // classes, highest score first
    float score[DATA_BEST];  // theirs
    float own;               // score of its class
};

/* The RBM that pre-trains a layer now (engine/rbm.h). */
struct data_rbm {
    int layer; // 0: none does
    int visible, hidden;
    int filters; // the first so many hidden units
    // Of layer 1: column j of W. Of a higher one on images: of W_1 W_2 .. W_l, which is what the
    // unit weighs in the inputs where the layers between are taken as linear; else of W_l again.
    bool through;
    struct data_shape filter_shape;
    float most; // |weight| that 127 stands for, the largest of all
    int8_t filter[DATA_FILTERS][DATA_PICTURE];
    int examples; // the first so many, what comes to the RBM of them and what it makes of it
    struct data_shape input_shape;
    uint8_t input[DATA_RECONSTRUCTIONS][DATA_PICTURE]; // 0..1 as 0..255, likewise:
    uint8_t made[DATA_RECONSTRUCTIONS][DATA_PICTURE];  // v' of rbm_reconstruct()
    double error; // mean of (v - v')^2 over these examples, without rounding
};

struct data_run {
    int64_t step;                                   // updates made
    bool diverged;                                  // and waits: its answers are those of then
    uint32_t confusion[DATA_CLASSES][DATA_CLASSES]; // [class][predicted]
    uint32_t none[DATA_CLASSES];                    // [class]: examples without a prediction
    double correct; // of n, as loss_correct() counts: without a decision is half right, NaN wrong
    int hard;       // entries of the next two: wrong or right, lowest score of the own class first
    struct data_answer hardest[DATA_HARDEST];
    uint8_t hardest_picture[DATA_HARDEST][DATA_PICTURE];
    struct data_answer example[DATA_EXAMPLES];
    struct data_answer point[DATA_POINTS];
    struct data_cell {
        float score;               // of the predicted class
        float margin;              // how much higher it is than the next one
        uint8_t predicted;         // DATA_NONE: none
    } cell[DATA_GRID * DATA_GRID]; // (side, side), rows from low x_2 to high
    struct data_rbm rbm;
};

struct data_detail {
    bool made;    // else nothing else counts
    int64_t step; // updates made when it was made
    enum data_form form;
    int classes;
    bool probabilities; // scores are
    bool held_out;      // the part that n, examples and the hardest are of; else: training
    int64_t n, part;    // its first n examples were looked at, of so many

    struct data_shape picture; // DATA_PICTURES
    int examples;
    uint8_t pictures[DATA_EXAMPLES][DATA_PICTURE];

    double low, high;     // DATA_PLANE: both axes, of the inputs as the networks see them
    char unit[DATA_UNIT]; // of both axes
    int side;             // cells along each axis
    int points;
    int64_t training; // examples, of which these are the first
    struct data_point {
        float x, y;
    } point[DATA_POINTS];

    int runs;
    struct data_run run[DATA_RUNS];
};

/* What scores (classes) say of an example; prediction is (outputs), of a row of loss.h. */
struct data_answer data_answer_of(const real *prediction, int outputs, int64_t number,
                                  uint8_t label);

/* The same of a point in the plane. */
struct data_cell data_cell_of(const real *prediction, int outputs);

/* Count an answer in the run's confusion, and in `correct`. */
void data_count(struct data_run *run, const struct data_answer *answer);

/* Keep it among the hardest if it is one of them, in order; of equal ones the first stays first. */
void data_keep_hardest(struct data_run *run, const struct data_answer *answer);

/* The centre of cell i of a side. */
double data_cell_centre(const struct data_detail *detail, int i);

/* Shrink planar pixels (channels, height, width) into a shape that data_shape_of() gave: means. */
struct data_shape data_shape_of(int width, int height, int channels);
void data_shrink(const uint8_t *pixels, int width, int height, int channels,
                 const struct data_shape *shape, uint8_t *out);

/*
 * What is in use of a detail that is made, as at most DATA_DETAIL_PARTS parts in their order, whose
 * number is returned. Which one is part i follows from the parts before it.
 */
enum {
    DATA_RBM_PARTS = 3 + DATA_FILTERS + 2 * DATA_RECONSTRUCTIONS,
    DATA_DETAIL_PARTS = 4 + DATA_EXAMPLES + DATA_RUNS * (4 + DATA_HARDEST + DATA_RBM_PARTS)
};
int data_detail_parts(const struct data_detail *detail, struct part *parts);

/* Copy what is in use of from. */
void data_detail_copy(struct data_detail *to, const struct data_detail *from);

#endif
