/* follow_value.c - which logged values count, and where they go in a snapshot. */
#include <math.h>
#include <string.h>

#include "base/text.h"
#include "lab/follow_parts.h"

/* A layer by its name, a new one if there is room. */
static int find_layer(struct follow *follow, struct follow_run *run, const char *name,
                      enum follow_kind kind) {
    if (strcmp(name, "output") == 0) {
        return FOLLOW_OUTPUT;
    }
    int i = 0;
    while (i < run->layers && strcmp(run->layer[i].name, name) != 0) {
        i++;
    }
    if (i == SNAPSHOT_LAYERS) {
        run->left_out++;
        return FOLLOW_NO_LAYER;
    }
    bool backward = kind == FOLLOW_DELTA || kind == FOLLOW_WEIGHT_GRADIENT;
    if (i == run->layers) {
        text_set(run->layer[run->layers++].name, SNAPSHOT_NAME, "%s", name);
        follow->new_layers = true;
    }
    if (!backward && run->layer[i].forward == 0) {
        run->layer[i].forward = ++run->forward;
        follow->new_layers = true;
    }
    return i;
}

static struct follow_tag *find_tag(struct follow *follow, struct follow_run *run, const char *tag) {
    uint32_t hash = 2166136261u; // FNV-1a
    for (const char *at = tag; *at; at++) {
        hash = (hash ^ (unsigned char)*at) * 16777619u;
    }
    struct follow_tag *known = &run->cache[(hash ^ hash >> 16) % FOLLOW_CACHE];
    if (strcmp(known->tag, tag) == 0) {
        return known;
    }
    char ignored[SNAPSHOT_NAME];
    text_set(known->tag, sizeof known->tag, "%s", tag);
    known->scalar = follow_kind_of(&follow->patterns, tag, false, ignored, sizeof ignored);
    known->histogram =
        follow_kind_of(&follow->patterns, tag, true, known->name, sizeof known->name);
    known->layer = FOLLOW_NOT_ASKED;
    return known;
}

static bool starts_with(const char *tag, const char *word) {
    return strncmp(tag, word, strlen(word)) == 0;
}

/*
 * Keras numbers what it logs of an epoch, histograms among it, by epochs, and in the same file what
 * it logs of batches by batches. One axis has room for one of the two.
 */
static bool is_of_other_axis(struct follow *follow, struct follow_run *run, const char *tag) {
    bool batch = starts_with(tag, "batch_"), epoch = starts_with(tag, "epoch_");
    if (epoch && !run->epochs) {
        follow->new_layers = follow->new_layers || run->batches;
    }
    run->epochs = run->epochs || epoch;
    run->batches = run->batches || batch;
    return batch && run->epochs;
}

struct asker {
    struct follow *follow;
    struct follow_run *run;
};

static bool is_wanted(void *context, const char *text) {
    struct asker *asker = context;
    const struct follow_tag *tag = find_tag(asker->follow, asker->run, text);
    return (tag->scalar != FOLLOW_IGNORED || tag->histogram != FOLLOW_IGNORED) &&
           !is_of_other_axis(asker->follow, asker->run, text);
}

bool value_wants(struct follow *follow, struct follow_run *run, const struct event_reader *reader) {
    return event_reader_wants(reader, is_wanted, &(struct asker){ follow, run });
}

static void take_scalar(struct run_snapshot *shown, enum follow_kind kind, double value) {
    double *const to[FOLLOW_KINDS] = { [FOLLOW_LOSS] = &shown->loss,
                                       [FOLLOW_ACCURACY] = &shown->accuracy,
                                       [FOLLOW_TEST_LOSS] = &shown->test_loss,
                                       [FOLLOW_TEST_ACCURACY] = &shown->test_accuracy,
                                       [FOLLOW_LEARNING_RATE] = &shown->learning_rate };
    bool accuracy = kind == FOLLOW_ACCURACY || kind == FOLLOW_TEST_ACCURACY;
    if (to[kind]) {
        *to[kind] = accuracy && value > 1.0 ? value / 100.0 : value;
    }
}

static void note_divergence(struct run_snapshot *shown, int64_t step, int layer, bool backward) {
    if (!shown->diverged) {
        shown->diverged = true;
        shown->diverged_step = step;
        shown->diverged_layer = layer;
        shown->diverged_backward = backward;
    }
}

/* What values go to. */
struct taker {
    struct follow *follow;
    int run;
    int64_t step;
    bool held_out; // they are of the held-out part
};

/* What a scalar is of a file that is all of the held-out part. */
static enum follow_kind held_out_kind(enum follow_kind kind) {
    return kind == FOLLOW_LOSS            ? FOLLOW_TEST_LOSS
           : kind == FOLLOW_ACCURACY      ? FOLLOW_TEST_ACCURACY
           : kind == FOLLOW_LEARNING_RATE ? FOLLOW_IGNORED
                                          : kind;
}

static void take_histogram(struct taker *taker, struct follow_tag *tag,
                           const struct event_histogram *histogram) {
    struct follow *follow = taker->follow;
    struct follow_run *run = &follow->run[taker->run];
    struct run_snapshot *shown = &follow->snapshot.run[taker->run];
    if (tag->layer == FOLLOW_NOT_ASKED) {
        tag->layer = find_layer(follow, run, tag->name, tag->histogram);
    }
    if (tag->layer == FOLLOW_NO_LAYER || follow->new_layers) {
        return; // it will be read again
    }
    bool output = tag->layer == FOLLOW_OUTPUT;
    int place = output ? shown->layers : run->layer[tag->layer].place;
    struct layer_stats *stats = output ? &shown->output : &shown->layer[place];
    if (!layer_take(stats, tag->histogram, histogram, &shown->logged.estimated)) {
        bool backward = tag->histogram == FOLLOW_DELTA || tag->histogram == FOLLOW_WEIGHT_GRADIENT;
        note_divergence(shown, taker->step, place + 1, backward);
    }
    shown->logged.step = taker->step;
    follow->fresh = true;
}

static void take_value(void *context, const struct event_value *value) {
    struct taker *taker = context;
    struct follow *follow = taker->follow;
    struct follow_run *run = &follow->run[taker->run];
    struct run_snapshot *shown = &follow->snapshot.run[taker->run];
    struct follow_tag *tag = find_tag(follow, run, value->tag);
    if (value->is_histogram) {
        if (tag->histogram != FOLLOW_IGNORED && !taker->held_out) {
            take_histogram(taker, tag, &value->histogram);
        }
    } else if (!is_of_other_axis(follow, run, value->tag)) {
        enum follow_kind kind = taker->held_out ? held_out_kind(tag->scalar) : tag->scalar;
        take_scalar(shown, kind, value->scalar);
        if (kind == FOLLOW_LOSS && !isfinite(value->scalar)) {
            note_divergence(shown, taker->step, 0, false);
        }
    }
}

void value_take_all(struct follow *follow, int r, struct follow_file *file) {
    struct taker taker = { follow, r, file->reader.head.step, file->held_out };
    event_reader_values(&file->reader, take_value, &taker);
}
