#include "data/augment.h"

#include <string.h>

#include "base/random.h"
#include "data/dataset.h"

enum { NORMALS_AT_ONCE = 256 };

static struct random_stream stream_of(const struct augment_settings *settings,
                                      enum random_purpose purpose, uint64_t step) {
    return (struct random_stream){
        .seed = settings->seed,
        .purpose = purpose,
        .layer = (uint32_t)step,
    };
}

/* One channel of an image, and what stands in an empty pixel of it. */
struct channel {
    float *pixels;               // (height, width)
    const float *shift, *factor; // of these pixels, or NULL
    int width, height;
};

static float empty_pixel(const struct channel *channel, int place) {
    return channel->shift ? (0.0f - channel->shift[place]) * channel->factor[place] : 0.0f;
}

/* Row y becomes what was in row `from` (if there is such a row), moved by dx. */
static void move_row(const struct channel *channel, int y, int from, int dx) {
    int width = channel->width;
    int kept = from < 0 || from >= channel->height ? 0 : width - (dx < 0 ? -dx : dx);
    int first = dx > 0 ? dx : 0; // of what is kept, in its new place
    if (kept > 0) {
        memmove(channel->pixels + y * width + first,
                channel->pixels + from * width + (dx < 0 ? -dx : 0),
                (size_t)kept * sizeof *channel->pixels);
    }
    for (int x = 0; x < width; x++) {
        if (kept <= 0 || x < first || x >= first + kept) {
            channel->pixels[y * width + x] = empty_pixel(channel, y * width + x);
        }
    }
}

/* In the order in which no row is overwritten before it has moved. */
static void move_channel(const struct channel *channel, int dx, int dy) {
    for (int i = 0; i < channel->height; i++) {
        int y = dy > 0 ? channel->height - 1 - i : i;
        move_row(channel, y, y - dy, dx);
    }
}

/* A whole number from -most to most; none is likelier by more than a relative most / 2^31. */
static int distance(uint32_t word, int most) {
    return (int)((uint64_t)word * (2 * (uint64_t)most + 1) >> 32) - most;
}

void augment_shift(const struct augment_settings *settings, const struct dataset *dataset,
                   uint64_t step, struct augment_batch *batch) {
    const struct dataset_shape *shape = &dataset->shape;
    const struct random_stream stream = stream_of(settings, RANDOM_SHIFT, step);
    int pixels = shape->image_width * shape->image_height;
    for (int i = 0; i < batch->count; i++) {
        uint32_t words[4];
        random_words(&stream, (uint32_t)i, 0, words);
        for (int c = 0; c < shape->image_channels; c++) {
            const struct channel channel = {
                .pixels = batch->inputs + (size_t)i * (size_t)batch->features + c * pixels,
                .shift = dataset->shift ? dataset->shift + c * pixels : NULL,
                .factor = dataset->factor ? dataset->factor + c * pixels : NULL,
                .width = shape->image_width,
                .height = shape->image_height,
            };
            move_channel(&channel, distance(words[0], settings->shift),
                         distance(words[1], settings->shift));
        }
    }
}

static void blend(float *restrict x, const float *restrict other, size_t n, double lambda) {
    float share = (float)lambda, rest = (float)(1.0 - lambda);
    for (size_t j = 0; j < n; j++) {
        x[j] = share * x[j] + rest * other[j];
    }
}

/*
 * Blend every row with the one that `order` names, in place: along each cycle of the permutation
 * the next row is still what it was, but for the first, which is kept in batch->row. What is done
 * is marked by an order that names itself.
 */
static void blend_rows(struct augment_batch *batch, double lambda) {
    size_t n = (size_t)batch->features;
    for (uint32_t start = 0; start < (uint32_t)batch->count; start++) {
        if (batch->order[start] != start) {
            memcpy(batch->row, batch->inputs + start * n, n * sizeof *batch->row);
        }
        for (uint32_t i = start; batch->order[i] != i;) {
            uint32_t next = batch->order[i];
            const float *other = next == start ? batch->row : batch->inputs + next * n;
            blend(batch->inputs + i * n, other, n, lambda);
            batch->order[i] = i;
            i = next;
        }
    }
}

double augment_mixup(const struct augment_settings *settings, uint64_t step,
                     struct augment_batch *batch) {
    const struct random_stream stream = stream_of(settings, RANDOM_MIXUP, step);
    double lambda = random_beta(&stream, 0, settings->mixup);
    random_permutation(&stream, 1, (uint32_t)batch->count, batch->order);
    for (int i = 0; i < batch->count; i++) {
        batch->other_labels[i] = batch->labels[batch->order[i]];
    }
    blend_rows(batch, lambda);
    return lambda;
}

void augment_noise(const struct augment_settings *settings, uint64_t step,
                   struct augment_batch *batch) {
    const struct random_stream stream = stream_of(settings, RANDOM_INPUT_NOISE, step);
    for (int i = 0; i < batch->count; i++) {
        float *row = batch->inputs + (size_t)i * (size_t)batch->features;
        for (int first = 0; first < batch->features; first += NORMALS_AT_ONCE) {
            double normals[NORMALS_AT_ONCE];
            int left = batch->features - first;
            int count = left < NORMALS_AT_ONCE ? left : NORMALS_AT_ONCE;
            random_normals(&stream, (uint32_t)i, (uint32_t)first, (uint32_t)count, normals);
            for (int j = 0; j < count; j++) {
                row[first + j] += (float)(settings->input_noise * normals[j]);
            }
        }
    }
}

double augment(const struct augment_settings *settings, const struct dataset *dataset,
               uint64_t step, struct augment_batch *batch) {
    double lambda = 1.0;
    if (settings->shift > 0) {
        augment_shift(settings, dataset, step, batch);
    }
    if (settings->mixup > 0.0) {
        lambda = augment_mixup(settings, step, batch);
    }
    if (settings->input_noise > 0.0) {
        augment_noise(settings, step, batch);
    }
    return lambda;
}
