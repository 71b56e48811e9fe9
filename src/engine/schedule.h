/*
 * schedule.h - the table of learning-rate schedules: how the rate changes from update to update.
 *
 * A schedule multiplies the learning rate by a factor. It starts once the warm-up is over, which
 * goes before any of them: update i of its n has the factor i / n. Threads: pure functions.
 */
#ifndef ENGINE_SCHEDULE_H
#define ENGINE_SCHEDULE_H

#include <stdint.h>

enum schedule {
    SCHEDULE_CONSTANT,
    SCHEDULE_STEP,
    SCHEDULE_COSINE,
    SCHEDULE_WARMUP,
    SCHEDULE_COUNT
};

struct schedule_settings {
    enum schedule which;
    int64_t period; // updates, see the rows
    double drop;    // step only: what each drop leaves
    int64_t warmup; // updates; 0: none
};

struct schedule_row {
    const char *name;
    const char *label;
    const char *formula; // t: updates made since the warm-up, P: period, γ: drop
    const char *about;
    const char *source;

    double (*factor)(const struct schedule_settings *settings, int64_t t);
};

extern const struct schedule_row schedules[SCHEDULE_COUNT];

/* What update number step (from 1) multiplies the learning rate by, warm-up included. */
double schedule_factor(const struct schedule_settings *settings, int64_t step);

#endif
