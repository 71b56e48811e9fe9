#include "engine/schedule.h"

#include <assert.h>
#include <math.h>

#include "base/require.h"

static double constant(const struct schedule_settings *s, int64_t t) {
    (void)s, (void)t;
    return 1.0;
}

static double step(const struct schedule_settings *s, int64_t t) {
    int64_t drops = t / s->period;
    return pow(s->drop, (double)drops);
}

/* By the place in the period, so that the argument of the cosine stays exact in long runs. */
static double cosine(const struct schedule_settings *s, int64_t t) {
    const double pi = 3.14159265358979323846;
    double place = (double)(t % (2 * s->period)) / (double)s->period;
    return 0.5 * (1.0 + cos(pi * place));
}

static double warmup(const struct schedule_settings *s, int64_t t) {
    return t < s->period ? (double)(t + 1) / (double)s->period : 1.0;
}

const struct schedule_row schedules[] = {
    [SCHEDULE_CONSTANT] = {
        .name = "constant",
        .label = "constant",
        .formula = "1",
        .about = "the same rate for ever",
        .factor = constant,
    },
    [SCHEDULE_STEP] = {
        .name = "step",
        .label = "step",
        .formula = "γ^⌊t / P⌋",
        .about = "drops to γ (schedule_factor) of it every P (schedule_period) updates",
        .source = "PyTorch's StepLR",
        .factor = step,
    },
    [SCHEDULE_COSINE] = {
        .name = "cosine",
        .label = "cosine",
        .formula = "(1 + cos(π t / P)) / 2",
        .about = "down to 0 in P (schedule_period) updates and up again in the next P",
        .source = "Loshchilov & Hutter, ICLR 2017; PyTorch's CosineAnnealingLR",
        .factor = cosine,
    },
    [SCHEDULE_WARMUP] = {
        .name = "warmup",
        .label = "warm-up",
        .formula = "min(1, (t + 1) / P)",
        .about = "up to 1 in P updates (warmup, or schedule_period where that is 0), then constant; "
                 "the setting warmup puts this before any other schedule",
        .source = "Goyal et al., arXiv:1706.02677",
        .factor = warmup,
    },
};
static_assert(ARRAY_LEN(schedules) == SCHEDULE_COUNT, "a row is missing");

double schedule_factor(const struct schedule_settings *settings, int64_t step) {
    REQUIRE(step >= 1);
    REQUIRE(settings->which == SCHEDULE_CONSTANT || settings->period >= 1);
    int64_t t = step - 1;
    if (t < settings->warmup) {
        return (double)step / (double)settings->warmup;
    }
    if (settings->which == SCHEDULE_WARMUP && settings->warmup > 0) {
        return 1.0; // it is warm
    }
    return schedules[settings->which].factor(settings, t - settings->warmup);
}
