#include "measure/data_detail.h"

#include <math.h>
#include <string.h>

#include "engine/loss.h"

/* Scores of all classes from a row of predictions; how many classes. */
static int scores_of(const real *prediction, int outputs, float scores[UINT8_MAX + 1]) {
    if (outputs == 1) {
        scores[0] = (float)(1 - prediction[0]);
        scores[1] = (float)prediction[0];
        return 2;
    }
    for (int k = 0; k < outputs; k++) {
        scores[k] = (float)prediction[k];
    }
    return outputs;
}

static bool has_decision(const real *prediction, int outputs) {
    for (int k = 0; k < outputs; k++) {
        if (isnan(prediction[k])) {
            return false;
        }
    }
    return outputs > 1 || fabs((double)prediction[0] - 0.5) > LOSS_UNDECIDED;
}

/* The classes with the highest scores, NaN last; of equal ones the first. */
static void rank(const float *scores, int classes, struct data_answer *answer) {
    answer->shown = (uint8_t)(classes < DATA_BEST ? classes : DATA_BEST);
    for (int place = 0; place < answer->shown; place++) {
        int best = -1;
        for (int k = 0; k < classes; k++) {
            bool taken = false;
            for (int i = 0; i < place; i++) {
                taken |= answer->best[i] == k;
            }
            if (!taken && (best < 0 || scores[k] > scores[best] ||
                           (isnan(scores[best]) && !isnan(scores[k])))) {
                best = k;
            }
        }
        answer->best[place] = (uint8_t)best;
        answer->score[place] = scores[best];
    }
}

struct data_answer data_answer_of(const real *prediction, int outputs, int64_t number,
                                  uint8_t label) {
    float scores[UINT8_MAX + 1] = { 0.0f };
    int classes = scores_of(prediction, outputs, scores);
    struct data_answer answer = { .number = number, .label = label, .own = scores[label] };
    rank(scores, classes, &answer);
    answer.predicted = has_decision(prediction, outputs) ? answer.best[0] : DATA_NONE;
    return answer;
}

struct data_cell data_cell_of(const real *prediction, int outputs) {
    struct data_answer answer = data_answer_of(prediction, outputs, 0, 0);
    return (struct data_cell){ .score = answer.score[0],
                               .margin = answer.score[0] - answer.score[1],
                               .predicted = answer.predicted };
}

void data_count(struct data_run *run, const struct data_answer *answer) {
    bool none = answer->predicted == DATA_NONE;
    run->correct += none ? (isnan(answer->own) ? 0.0 : 0.5) : answer->predicted == answer->label;
    if (answer->label >= DATA_CLASSES || (!none && answer->predicted >= DATA_CLASSES)) {
        return;
    }
    if (none) {
        run->none[answer->label]++;
    } else {
        run->confusion[answer->label][answer->predicted]++;
    }
}

static bool is_harder(const struct data_answer *a, const struct data_answer *b) {
    return isnan(a->own) ? !isnan(b->own) : a->own < b->own;
}

void data_keep_hardest(struct data_run *run, const struct data_answer *answer) {
    int place = run->hard;
    while (place > 0 && is_harder(answer, &run->hardest[place - 1])) {
        place--;
    }
    if (place == DATA_HARDEST) {
        return;
    }
    int moved = run->hard - place;
    if (run->hard == DATA_HARDEST) {
        moved--;
    } else {
        run->hard++;
    }
    memmove(&run->hardest[place + 1], &run->hardest[place], (size_t)moved * sizeof run->hardest[0]);
    run->hardest[place] = *answer;
}

double data_cell_centre(const struct data_detail *detail, int i) {
    return detail->low + (detail->high - detail->low) * (i + 0.5) / detail->side;
}

static size_t picture_bytes(const struct data_shape *shape) {
    return (size_t)shape->width * (size_t)shape->height * (size_t)shape->channels;
}

struct data_shape data_shape_of(int width, int height, int channels) {
    struct data_shape shape = { width, height, channels == 3 ? 3 : 1, 1 };
    while (picture_bytes(&shape) > DATA_PICTURE) {
        shape.factor++;
        shape.width = (width + shape.factor - 1) / shape.factor;
        shape.height = (height + shape.factor - 1) / shape.factor;
    }
    return shape;
}

/* The mean over a block of pixels, of all channels where only one is kept. */
static uint8_t block_mean(const uint8_t *pixels, int width, int height, int channels, int x, int y,
                          int factor) {
    uint64_t sum = 0, count = 0;
    for (int c = 0; c < channels; c++) {
        for (int row = y * factor; row < (y + 1) * factor && row < height; row++) {
            for (int column = x * factor; column < (x + 1) * factor && column < width; column++) {
                sum += pixels[((size_t)c * (size_t)height + (size_t)row) * (size_t)width +
                              (size_t)column];
                count++;
            }
        }
    }
    return (uint8_t)((sum + count / 2) / count);
}

void data_shrink(const uint8_t *pixels, int width, int height, int channels,
                 const struct data_shape *shape, uint8_t *out) {
    int across = channels / shape->channels; // channels that are made one
    for (int c = 0; c < shape->channels; c++) {
        const uint8_t *from = pixels + (size_t)c * (size_t)width * (size_t)height;
        for (int y = 0; y < shape->height; y++) {
            for (int x = 0; x < shape->width; x++) {
                *out++ = block_mean(from, width, height, across, x, y, shape->factor);
            }
        }
    }
}

static void copy_pictures(void *to, const void *from, int count, const struct data_shape *shape) {
    for (int i = 0; i < count; i++) {
        memcpy((char *)to + (size_t)i * DATA_PICTURE, (const char *)from + (size_t)i * DATA_PICTURE,
               picture_bytes(shape));
    }
}

static void copy_rbm(struct data_rbm *to, const struct data_rbm *from) {
    memcpy(to, from, offsetof(struct data_rbm, filter));
    to->examples = from->examples;
    to->input_shape = from->input_shape;
    to->error = from->error;
    copy_pictures(to->filter, from->filter, from->filters, &from->filter_shape);
    copy_pictures(to->input, from->input, from->examples, &from->input_shape);
    copy_pictures(to->made, from->made, from->examples, &from->input_shape);
}

static void copy_run(const struct data_detail *detail, struct data_run *to,
                     const struct data_run *from) {
    memcpy(to, from, offsetof(struct data_run, hardest_picture));
    if (detail->form == DATA_PICTURES) {
        copy_pictures(to->hardest_picture, from->hardest_picture, from->hard, &detail->picture);
        memcpy(to->example, from->example, (size_t)detail->examples * sizeof from->example[0]);
    }
    if (detail->form == DATA_PLANE) {
        size_t cells = (size_t)detail->side * (size_t)detail->side;
        memcpy(to->point, from->point, (size_t)detail->points * sizeof from->point[0]);
        memcpy(to->cell, from->cell, cells * sizeof from->cell[0]);
    }
    to->rbm.layer = from->rbm.layer;
    if (from->rbm.layer > 0) {
        copy_rbm(&to->rbm, &from->rbm);
    }
}

void data_detail_copy(struct data_detail *to, const struct data_detail *from) {
    if (!from->made) {
        to->made = false;
        return;
    }
    memcpy(to, from, offsetof(struct data_detail, pictures));
    copy_pictures(to->pictures, from->pictures, from->examples, &from->picture);
    memcpy(&to->low, &from->low,
           offsetof(struct data_detail, point) - offsetof(struct data_detail, low));
    memcpy(to->point, from->point, (size_t)from->points * sizeof from->point[0]);
    to->runs = from->runs;
    for (int r = 0; r < from->runs; r++) {
        copy_run(to, &to->run[r], &from->run[r]);
    }
}
