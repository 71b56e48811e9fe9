/*
 * lab.h - small experiments and random ones, for the tests of lab.
 */
#ifndef TESTS_LAB_LAB_H
#define TESTS_LAB_LAB_H

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/random.h"
#include "base/require.h"
#include "base/text.h"
#include "lab/setting.h"

/* 64 examples of 12 normal inputs, three layers of 9 tanh units, batches of 16: fast and smooth. */
static inline void small_experiment(struct experiment *experiment) {
    experiment_defaults(experiment);
    experiment->data = DATASET_GAUSSIAN;
    experiment->examples = 64;
    experiment->features = 12;
    experiment->batch = 16;
    experiment->run[0].layers = 3;
    experiment->run[0].width = 9;
    experiment->run[0].activation = ACTIVATION_TANH;
    experiment->run[0].init = INITIALISER_XAVIER;
    experiment->run[1] = experiment->run[0];
}

/* Uniform in [0, 1), a function of its arguments. */
static inline double dice(uint32_t row, uint32_t column) {
    double u;
    random_uniforms(&(struct random_stream){ .seed = 99, .purpose = RANDOM_DATA_INPUT }, row,
                    column, 1, &u);
    return u;
}

static inline void *setting_field(struct experiment *experiment, int run,
                                  const struct setting *setting) {
    char *base = setting->per_run ? (char *)&experiment->run[run] : (char *)experiment;
    return base + setting->offset;
}

static inline size_t setting_size(const struct setting *setting) {
    bool large = setting->type == SETTING_INT64 || setting->type == SETTING_UINT64 ||
                 setting->type == SETTING_DOUBLE;
    return setting_is_text(setting) ? DATASET_PATH : large ? 8 : sizeof(int);
}

/* A path that an experiment file can hold, of any length that fits; none is of a file. */
static inline void random_path(char path[DATASET_PATH], uint32_t row, uint32_t column) {
    static const char pieces[] = "abcXYZ019/._-=#;[]:\\\"'~%*";
    double kind = dice(row, 2 * column);
    size_t length = kind < 0.2   ? 0
                    : kind < 0.4 ? DATASET_PATH - 1
                                 : (size_t)(dice(row, 2 * column + 1) * (DATASET_PATH - 1));
    memset(path, 0, DATASET_PATH);
    for (size_t i = 0; i < length; i++) {
        double u = dice(row, 0x10000u + (uint32_t)i);
        path[i] = i == 0 ? '?' : pieces[(size_t)(u * (sizeof pieces - 1))];
    }
}

/* Any accepted value, the ends of the range often. */
static inline void random_value(struct experiment *experiment, int run,
                                const struct setting *setting, uint32_t row, uint32_t column) {
    void *field = setting_field(experiment, run, setting);
    double u = dice(row, 2 * column), kind = dice(row, 2 * column + 1);
    double low = setting->low, high = setting->high;
    if (setting->type == SETTING_UINT64) {
        uint64_t value = kind < 0.2   ? 0
                         : kind < 0.4 ? UINT64_MAX
                                      : (uint64_t)(u * 0x1p32) * 0x9E3779B97F4A7C15u;
        memcpy(field, &value, sizeof value);
        return;
    }
    if (setting->type == SETTING_NAME) {
        int value = (int)(u * setting->option_count);
        memcpy(field, &value, sizeof value);
        return;
    }
    if (setting_is_text(setting)) {
        random_path(field, row, column);
        return;
    }
    double value = kind < 0.2                          ? low
                   : kind < 0.4 && !setting->open_high ? high
                   : kind < 0.7                        ? low + u * (high - low)
                                                       : low + (high - low) * pow(10.0, -30.0 * u);
    if (setting->type == SETTING_DOUBLE) {
        value = setting->open_high && value >= high ? nextafter(high, low) : value;
        memcpy(field, &value, sizeof value);
    } else if (setting->type == SETTING_INT64) {
        int64_t whole = (int64_t)value;
        memcpy(field, &whole, sizeof whole);
    } else {
        int whole = (int)value;
        memcpy(field, &whole, sizeof whole);
    }
}

/* Every setting of A, and of B in every second one; texts, which take long, only if asked for. */
static inline void random_settings(struct experiment *experiment, uint32_t row, bool texts) {
    int count;
    const struct setting *table = settings_table(&count);
    experiment_defaults(experiment);
    experiment->compare = row % 2 == 1;
    for (int i = 0; i < count; i++) {
        if (setting_is_text(&table[i]) && !texts) {
            continue;
        }
        random_value(experiment, 0, &table[i], row, (uint32_t)i);
        if (experiment->compare && table[i].per_run) {
            random_value(experiment, 1, &table[i], row, (uint32_t)(count + i));
        }
    }
}

static inline void random_experiment(struct experiment *experiment, uint32_t row) {
    random_settings(experiment, row, true);
}

/* Any data at all, up to what can be numbered. */
static inline void random_shape(struct dataset_shape *shape, uint32_t row) {
    *shape = (struct dataset_shape){
        .features = 1 + (int)(dice(row, 0x20000u) * DATASET_MAX_FEATURES),
        .classes = 2 + (int)(dice(row, 0x20001u) * 255),
        .examples = 1 + (int64_t)pow(10.0, dice(row, 0x20002u) * 8.0),
        .bytes = (size_t)pow(10.0, dice(row, 0x20003u) * 15.0),
    };
}

#endif
