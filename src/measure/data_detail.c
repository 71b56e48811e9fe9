#include "measure/data_detail.h"

#include <math.h>
#include <stddef.h>
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

/* A list of parts that grows. */
struct list {
    struct part *parts;
    int count;
};

static void add(struct list *list, size_t offset, size_t size) {
    list->parts[list->count++] = (struct part){ offset, (size + 3) / 4 * 4 };
}

static void add_pictures(struct list *list, size_t offset, int count,
                         const struct data_shape *shape) {
    for (int i = 0; i < count; i++) {
        add(list, offset + (size_t)i * DATA_PICTURE, picture_bytes(shape));
    }
}

/* The bytes from one member up to another. */
#define ADD_BETWEEN(list, base, type, first, behind)                                               \
    add(list, (base) + offsetof(type, first), offsetof(type, behind) - offsetof(type, first))

static void add_rbm(struct list *list, size_t base, const struct data_rbm *rbm) {
    ADD_BETWEEN(list, base, struct data_rbm, layer, filter);
    if (rbm->layer == 0) {
        return;
    }
    ADD_BETWEEN(list, base, struct data_rbm, examples, input);
    add(list, base + offsetof(struct data_rbm, error), sizeof rbm->error);
    add_pictures(list, base + offsetof(struct data_rbm, filter), rbm->filters, &rbm->filter_shape);
    add_pictures(list, base + offsetof(struct data_rbm, input), rbm->examples, &rbm->input_shape);
    add_pictures(list, base + offsetof(struct data_rbm, made), rbm->examples, &rbm->input_shape);
}

static void add_run(struct list *list, size_t base, const struct data_detail *detail,
                    const struct data_run *run) {
    ADD_BETWEEN(list, base, struct data_run, step, hardest_picture);
    if (detail->form == DATA_PICTURES) {
        add_pictures(list, base + offsetof(struct data_run, hardest_picture), run->hard,
                     &detail->picture);
        add(list, base + offsetof(struct data_run, example),
            (size_t)detail->examples * sizeof run->example[0]);
    }
    if (detail->form == DATA_PLANE) {
        size_t cells = (size_t)detail->side * (size_t)detail->side;
        add(list, base + offsetof(struct data_run, point),
            (size_t)detail->points * sizeof run->point[0]);
        add(list, base + offsetof(struct data_run, cell), cells * sizeof run->cell[0]);
    }
    add_rbm(list, base + offsetof(struct data_run, rbm), &run->rbm);
}

int data_detail_parts(const struct data_detail *detail, struct part *parts) {
    struct list list = { parts, 0 };
    ADD_BETWEEN(&list, 0, struct data_detail, made, pictures);
    add_pictures(&list, offsetof(struct data_detail, pictures), detail->examples, &detail->picture);
    ADD_BETWEEN(&list, 0, struct data_detail, low, point);
    add(&list, offsetof(struct data_detail, point),
        (size_t)detail->points * sizeof detail->point[0]);
    add(&list, offsetof(struct data_detail, runs), sizeof detail->runs);
    for (int r = 0; r < detail->runs; r++) {
        add_run(&list, offsetof(struct data_detail, run) + (size_t)r * sizeof detail->run[0],
                detail, &detail->run[r]);
    }
    return list.count;
}

void data_detail_copy(struct data_detail *to, const struct data_detail *from) {
    struct part parts[DATA_DETAIL_PARTS];
    to->made = from->made;
    if (from->made) {
        parts_copy(to, from, parts, data_detail_parts(from, parts));
    }
}
