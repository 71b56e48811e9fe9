#include "export/tensorboard.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/require.h"
#include "base/text.h"
#include "export/event_file.h"

enum { TAG = 64, NAME = 16, BUCKETS = 2 * LOG_HISTOGRAM_BINS + 3 };

struct tensorboard {
    struct event_file *file[SNAPSHOT_RUNS];
    int files;
};

/* One layer at one step: what the rows below look at. */
struct source {
    char name[NAME];
    const struct layer_stats *stats;
    const struct layer_signs *signs;
};

/* The buckets of a histogram; of count, i spans limit[i - 1]..limit[i]. */
struct buckets {
    double limit[BUCKETS], count[BUCKETS];
    int n;
};

static void add_bucket(struct buckets *buckets, double limit, double count) {
    REQUIRE(buckets->n < BUCKETS);
    buckets->limit[buckets->n] = limit;
    buckets->count[buckets->n++] = count;
}

/* A bucket for each bin. 0 is always an edge, so exact zeros get one of their own, up to the
 * smallest number there is beside them. */
static void linear_buckets(const struct histogram *histogram, const struct moments *moments,
                           struct buckets *buckets) {
    if (histogram->below > 0) {
        add_bucket(buckets, histogram->low, (double)histogram->below);
    }
    for (int bin = 0; bin < HISTOGRAM_BINS; bin++) {
        double low = histogram->low + bin * histogram->width;
        double zeros = low == 0.0 ? fmin((double)moments->zero, histogram->counts[bin]) : 0.0;
        if (zeros > 0.0) {
            add_bucket(buckets, log_histogram_magnitude(0), zeros);
        }
        add_bucket(buckets, low + histogram->width, histogram->counts[bin] - zeros);
    }
    if (histogram->above > 0) {
        add_bucket(buckets, moments->max, (double)histogram->above);
    }
}

/* First and last bin in which something is; false: there is none. */
static bool bins_in_use(const struct log_histogram *histogram, int *first, int *last) {
    *last = -1;
    for (int bin = 0; bin < LOG_HISTOGRAM_BINS; bin++) {
        if (histogram->counts[bin] > 0) {
            *first = *last < 0 ? bin : *first;
            *last = bin;
        }
    }
    return *last >= 0;
}

/* From the largest negative values over what is around zero to the largest positive ones. */
static void signed_buckets(const struct log_histogram *all,
                           const uint32_t negative[LOG_HISTOGRAM_BINS],
                           const struct moments *moments, struct buckets *buckets) {
    int first = 0, last;
    if (!bins_in_use(all, &first, &last)) {
        add_bucket(buckets, 0.0, (double)moments->zero);
        return;
    }
    add_bucket(buckets, -log_histogram_magnitude(last + 1), 0.0);
    for (int bin = last; bin >= first; bin--) {
        add_bucket(buckets, -log_histogram_magnitude(bin), negative[bin]);
    }
    add_bucket(buckets, log_histogram_magnitude(first), (double)moments->zero);
    for (int bin = first; bin <= last; bin++) {
        add_bucket(buckets, log_histogram_magnitude(bin + 1), all->counts[bin] - negative[bin]);
    }
}

static void take_z(const struct source *source, struct moments *moments, struct buckets *buckets) {
    *moments = source->stats->z;
    linear_buckets(&source->stats->z_histogram, moments, buckets);
}

static void take_h(const struct source *source, struct moments *moments, struct buckets *buckets) {
    *moments = source->stats->h;
    linear_buckets(&source->stats->h_histogram, moments, buckets);
}

static void take_delta(const struct source *source, struct moments *moments,
                       struct buckets *buckets) {
    *moments = source->stats->delta;
    signed_buckets(&source->stats->delta_histogram, source->signs->negative_delta, moments,
                   buckets);
}

static void take_weight(const struct source *source, struct moments *moments,
                        struct buckets *buckets) {
    *moments = source->signs->weight;
    linear_buckets(&source->stats->weight_histogram, moments, buckets);
}

static void take_weight_gradient(const struct source *source, struct moments *moments,
                                 struct buckets *buckets) {
    *moments = source->signs->weight_gradient;
    signed_buckets(&source->stats->weight_gradient_histogram,
                   source->signs->negative_weight_gradient, moments, buckets);
}

static const struct kind {
    const char *name;
    void (*take)(const struct source *source, struct moments *moments, struct buckets *buckets);
} kinds[] = {
    { "preactivations", take_z },
    { "activations", take_h },
    { "gradients", take_delta },
    { "weights", take_weight },
    { "weight_gradients", take_weight_gradient },
};

static void make_tag(char tag[TAG], const char *kind, const char *suffix, const char *name) {
    stpcpy(stpcpy(stpcpy(stpcpy(tag, kind), suffix), "/"), name);
}

static void add_scalar(struct event_file *file, const char *kind, const char *suffix,
                       const char *name, double value) {
    char tag[TAG];
    make_tag(tag, kind, suffix, name);
    event_file_scalar(file, tag, value);
}

static void add_special(struct event_file *file, const char *kind, const struct moments *moments,
                        const char *name) {
    const struct {
        const char *suffix;
        uint64_t count;
    } specials[] = {
        { "_nan", moments->nan },
        { "_inf", moments->inf },
        { "_zero", moments->zero },
        { "_underflow", moments->underflow },
    };
    for (int i = 0; i < ARRAY_LEN(specials); i++) {
        if (specials[i].count > 0) {
            add_scalar(file, kind, specials[i].suffix, name, (double)specials[i].count);
        }
    }
}

static void add_kind(struct event_file *file, const struct kind *kind,
                     const struct source *source) {
    struct moments moments;
    struct buckets buckets;
    buckets.n = 0;
    kind->take(source, &moments, &buckets);
    add_special(file, kind->name, &moments, source->name);
    double n = (double)(moments.n - moments.nan - moments.inf);
    if (n == 0.0) { // nothing finite: neither a distribution nor a mean
        return;
    }
    char tag[TAG];
    make_tag(tag, kind->name, "", source->name);
    const struct event_summary summary = { .min = moments.min,
                                           .max = moments.max,
                                           .n = n,
                                           .sum = n * moments.mean,
                                           .squares = n * moments.rms * moments.rms,
                                           .limit = buckets.limit,
                                           .bucket = buckets.count,
                                           .count = buckets.n };
    event_file_histogram(file, tag, &summary);
    add_scalar(file, kind->name, "_rms", source->name, moments.rms);
    add_scalar(file, kind->name, "_mean", source->name, moments.mean);
    add_scalar(file, kind->name, "_sd", source->name, moments.sd);
}

static void add_layer(struct event_file *file, const struct source *source) {
    for (int i = 0; i < ARRAY_LEN(kinds); i++) {
        add_kind(file, &kinds[i], source);
    }
    if (!isnan(source->stats->update_ratio)) {
        add_scalar(file, "update_ratio", "", source->name, source->stats->update_ratio);
    }
}

static void add_hidden(struct event_file *file, const struct source *source) {
    const struct layer_stats *stats = source->stats;
    add_layer(file, source);
    add_scalar(file, "saturated", "", source->name, (double)stats->saturated / (double)stats->h.n);
    add_scalar(file, "dead", "", source->name, (double)stats->dead / stats->units);
}

static void add_run(struct event_file *file, const struct run_snapshot *shown) {
    event_file_scalar(file, "loss", shown->loss);
    event_file_scalar(file, "accuracy", shown->accuracy);
    if (!isnan(shown->test_accuracy)) {
        event_file_scalar(file, "test_loss", shown->test_loss);
        event_file_scalar(file, "test_accuracy", shown->test_accuracy);
    }
    event_file_scalar(file, "learning_rate", shown->learning_rate);
}

/* As many digits for all, so that they are sorted alike; 0: the output. */
static void name_layer(char name[NAME], int number, int layers) {
    if (number == 0) {
        text_set(name, NAME, "output");
    } else {
        text_set(name, NAME, "layer%0*d", layers > 99 ? 3 : 2, number);
    }
}

struct tensorboard *tensorboard_create(const char *folder, int networks, char *problem) {
    struct tensorboard *board = calloc(1, sizeof *board);
    if (!board) {
        text_set(problem, FILE_PROBLEM_MAX, "Memory ran out.");
        return NULL;
    }
    for (; board->files < networks; board->files++) {
        char path[FILE_PATH_MAX];
        text_set(path, sizeof path, "%s/%c", folder, 'A' + board->files);
        board->file[board->files] = event_file_create(path, problem);
        if (!board->file[board->files]) {
            tensorboard_close(board, NULL);
            return NULL;
        }
    }
    return board;
}

bool tensorboard_add(struct tensorboard *board, const struct snapshot *snapshot,
                     const struct signs *signs, char *problem) {
    for (int r = 0; r < board->files; r++) {
        const struct run_snapshot *shown = &snapshot->run[r];
        event_file_begin(board->file[r], snapshot->step);
        add_run(board->file[r], shown);
        for (int l = 0; l <= shown->layers; l++) {
            bool hidden = l < shown->layers;
            struct source source = { .stats = hidden ? &shown->layer[l] : &shown->output,
                                     .signs = &signs->run[r][l] };
            name_layer(source.name, hidden ? l + 1 : 0, shown->layers);
            (hidden ? add_hidden : add_layer)(board->file[r], &source);
        }
        if (!event_file_end(board->file[r], problem)) {
            return false;
        }
    }
    return true;
}

bool tensorboard_close(struct tensorboard *board, char *problem) {
    bool closed = true;
    for (int r = 0; board && r < board->files; r++) {
        closed = event_file_close(board->file[r], closed ? problem : NULL) && closed;
    }
    free(board);
    return closed;
}
