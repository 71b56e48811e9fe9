#include "measure/history.h"

#include <math.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "base/require.h"

/*
 * A record is a row of floats: the scalars of each run, then the quantities of each of its layers.
 * steps[i] is the step of row i. Rows below `count` never change until the lock is taken, so the
 * reader may look at them while the writer appends.
 */
struct history {
    pthread_mutex_t lock; // held by the reader while it reads, by the writer while it moves rows
    size_t budget;
    unsigned char *memory;
    int64_t *steps; // in memory
    float *rows;    // in memory
    size_t row_length, capacity;
    int runs;
    int layers[SNAPSHOT_RUNS];
    int64_t stride;          // only every stride-th step is recorded now; changed under the lock
    int64_t last_step;       // newest step seen, recorded or not; writer only
    atomic_size_t count;     // rows that the reader may see
    struct event_log events; // under the lock
};

struct history *history_create(size_t budget) {
    struct history *history = calloc(1, sizeof *history);
    // malloc of this size reserves addresses; pages are used only as records arrive.
    unsigned char *memory = malloc(budget);
    if (!history || !memory) {
        free(history);
        free(memory);
        return NULL;
    }
    history->budget = budget;
    history->memory = memory;
    pthread_mutex_init(&history->lock, NULL);
    return history;
}

void history_destroy(struct history *history) {
    if (history) {
        pthread_mutex_destroy(&history->lock);
        free(history->memory);
        free(history);
    }
}

void history_reset(struct history *history, int runs, const int layers[SNAPSHOT_RUNS]) {
    REQUIRE(runs >= 1 && runs <= SNAPSHOT_RUNS);
    pthread_mutex_lock(&history->lock);
    history->runs = runs;
    history->row_length = 0;
    for (int r = 0; r < runs; r++) {
        history->layers[r] = layers[r];
        history->row_length += HISTORY_SCALARS + (size_t)layers[r] * HISTORY_QUANTITIES;
    }
    memory_forget(history->memory, history->budget);
    size_t row_bytes = sizeof(int64_t) + history->row_length * sizeof(float);
    history->capacity = history->budget / row_bytes;
    history->steps = (int64_t *)(void *)history->memory;
    history->rows = (float *)(void *)(history->memory + history->capacity * sizeof(int64_t));
    history->stride = 1;
    history->last_step = -1;
    history->events.count = 0;
    atomic_store(&history->count, 0);
    pthread_mutex_unlock(&history->lock);
    REQUIRE(history->capacity > 2 * HISTORY_KEPT);
}

/* Give up every second row behind the kept ones. */
static void thin(struct history *history) {
    pthread_mutex_lock(&history->lock);
    size_t length = history->row_length, to = 0;
    size_t count = atomic_load_explicit(&history->count, memory_order_relaxed);
    history->stride *= 2;
    for (size_t from = 0; from < count; from++) {
        int64_t step = history->steps[from];
        if (step <= HISTORY_KEPT || step % history->stride == 0) {
            history->steps[to] = step;
            memmove(history->rows + to * length, history->rows + from * length,
                    length * sizeof(float));
            to++;
        }
    }
    atomic_store(&history->count, to);
    pthread_mutex_unlock(&history->lock);
}

void history_append(struct history *history, const struct history_record *record) {
    REQUIRE(record->step > history->last_step);
    history->last_step = record->step;
    if (record->step > HISTORY_KEPT && record->step % history->stride != 0) {
        return;
    }
    if (atomic_load_explicit(&history->count, memory_order_relaxed) == history->capacity) {
        thin(history);
    }
    size_t index = atomic_load_explicit(&history->count, memory_order_relaxed);
    float *row = history->rows + index * history->row_length;
    for (int r = 0; r < history->runs; r++) {
        memcpy(row, record->scalar[r], sizeof record->scalar[r]);
        row += HISTORY_SCALARS;
        size_t values = (size_t)history->layers[r] * HISTORY_QUANTITIES;
        memcpy(row, record->layer[r], values * sizeof(float));
        row += values;
    }
    history->steps[index] = record->step;
    atomic_store_explicit(&history->count, index + 1, memory_order_release);
}

/* Moments leave out entries that are not finite; a record does not. */
static float of_all(const struct moments *moments, double value) {
    return moments_finite(moments) ? (float)value : NAN;
}

static void record_layer(const struct layer_stats *layer, float values[HISTORY_QUANTITIES]) {
    values[HISTORY_H_MEAN] = of_all(&layer->h, layer->h.mean);
    values[HISTORY_H_SD] = of_all(&layer->h, layer->h.sd);
    values[HISTORY_DELTA_RMS] = of_all(&layer->delta, layer->delta.rms);
    values[HISTORY_GRADIENT_RMS] = (float)layer->gradient_rms;
    values[HISTORY_WEIGHT_GRADIENT_RMS] = (float)layer->weight_gradient_rms;
}

void history_record_of(const struct snapshot *snapshot, struct history_record *record) {
    record->step = snapshot->step;
    for (int r = 0; r < snapshot->runs; r++) {
        const struct run_snapshot *run = &snapshot->run[r];
        bool stale = run->diverged && run->step < snapshot->step;
        record->scalar[r][HISTORY_LOSS] = stale ? NAN : (float)run->loss;
        record->scalar[r][HISTORY_ACCURACY] = stale ? NAN : (float)run->accuracy;
        record->scalar[r][HISTORY_TEST_ACCURACY] = (float)run->test_accuracy;
        for (int l = 0; l < run->layers; l++) {
            record_layer(&run->layer[l], record->layer[r][l]);
            for (int q = 0; q < HISTORY_QUANTITIES && stale; q++) {
                record->layer[r][l][q] = NAN;
            }
        }
    }
}

void history_mark(struct history *history, int64_t step, const char *text) {
    pthread_mutex_lock(&history->lock);
    event_log_mark(&history->events, step, text);
    pthread_mutex_unlock(&history->lock);
}

/* What is looked at: the first rows, and behind them a step that is not recorded yet. */
struct shown {
    size_t count;                     // of both
    const struct history_record *now; // NULL: there are only rows
};

static int64_t step_of(const struct history *history, const struct shown *shown, size_t index) {
    return shown->now && index + 1 == shown->count ? shown->now->step : history->steps[index];
}

/* The newest one at or before a step, searching from index `from` on. */
static size_t row_at(const struct history *history, const struct shown *shown, size_t from,
                     int64_t step) {
    size_t low = from, high = shown->count - 1;
    while (low < high) {
        size_t middle = (low + high + 1) / 2;
        if (step_of(history, shown, middle) <= step) {
            low = middle;
        } else {
            high = middle - 1;
        }
    }
    return low;
}

static struct shown choose_shown(const struct history *history, const struct history_record *now) {
    struct shown shown = { .count = atomic_load_explicit(&history->count, memory_order_acquire) };
    if (!now) {
        return shown;
    }
    if (shown.count > 0) {
        shown.count = row_at(history, &shown, 0, now->step) + 1;
    }
    int64_t behind = now->step - (shown.count > 0 ? history->steps[shown.count - 1] : -1);
    if (behind > 0 && behind <= history->stride) { // else it is there, or of another run
        shown.now = now;
        shown.count++;
    }
    return shown;
}

/* A run's scalars and its layers' quantities. */
static void fill_run(const struct history *history, int r, const float *scalars,
                     const float *quantities, struct history_view *view, int column) {
    for (int s = 0; s < HISTORY_SCALARS; s++) {
        view->scalar[r][s][column] = scalars[s];
    }
    for (int q = 0; q < HISTORY_QUANTITIES; q++) {
        for (int l = 0; l < history->layers[r] && (view->quantities >> q & 1); l++) {
            view->layer[q][r][l][column] = quantities[l * HISTORY_QUANTITIES + q];
        }
    }
}

static void fill_column(const struct history *history, const struct shown *shown, size_t index,
                        struct history_view *view, int column) {
    const float *values = history->rows + index * history->row_length;
    bool recorded = !shown->now || index + 1 < shown->count;
    view->step[column] = step_of(history, shown, index);
    for (int r = 0; r < history->runs; r++) {
        fill_run(history, r, recorded ? values : shown->now->scalar[r],
                 recorded ? values + HISTORY_SCALARS : shown->now->layer[r][0], view, column);
        values += HISTORY_SCALARS + (size_t)history->layers[r] * HISTORY_QUANTITIES;
    }
}

/* The ends of the part that is wanted, inside of what there is. */
static void choose_ends(const struct history *history, const struct shown *shown,
                        const struct history_query *query, struct history_view *view) {
    int64_t first = step_of(history, shown, 0), last = step_of(history, shown, shown->count - 1);
    view->first_step = first;
    view->last_step = last;
    if (query->high >= query->low) {
        view->first_step = query->low < first ? first : query->low > last ? last : query->low;
        view->last_step = query->high > last               ? last
                          : query->high < view->first_step ? view->first_step
                                                           : query->high;
    }
}

/* How many records the part has, the one that its first column shows included. */
static size_t rows_between(const struct history *history, const struct shown *shown,
                           const struct history_view *view, size_t *first) {
    *first = row_at(history, shown, 0, view->first_step);
    return row_at(history, shown, *first, view->last_step) - *first + 1;
}

void history_sample(struct history *history, const struct history_query *query,
                    struct history_view *view) {
    view->columns = 0;
    view->quantities = query->quantities;
    view->bytes_budget = history->budget;
    pthread_mutex_lock(&history->lock);
    const struct shown shown = choose_shown(history, query->now);
    view->runs = history->runs;
    view->events = history->events;
    size_t recorded = atomic_load_explicit(&history->count, memory_order_relaxed);
    view->bytes_used = recorded * (sizeof(int64_t) + history->row_length * sizeof(float));
    memcpy(view->layers, history->layers, sizeof view->layers);
    if (shown.count > 0) {
        choose_ends(history, &shown, query, view);
        size_t row, rows = rows_between(history, &shown, view, &row);
        int columns = query->columns < HISTORY_COLUMNS ? query->columns : HISTORY_COLUMNS;
        view->columns = rows < (size_t)columns ? (int)rows : columns;
        double span = (double)(view->last_step - view->first_step);
        for (int c = 0; c < view->columns; c++) {
            double share = view->columns > 1 ? (double)c / (view->columns - 1) : 1.0;
            int64_t step = view->first_step + (int64_t)(span * share + 0.5);
            row = row_at(history, &shown, row, step);
            fill_column(history, &shown, row, view, c);
        }
    }
    pthread_mutex_unlock(&history->lock);
}
