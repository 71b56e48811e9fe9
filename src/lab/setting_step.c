/* setting_step.c - the next value of a setting: what keys, the wheel and the menu walk through. */
#include <inttypes.h>
#include <math.h>
#include <string.h>

#include "base/require.h"
#include "base/text.h"
#include "lab/setting.h"

enum { FEW = EXPERIMENT_MAX_LAYERS, LEAST_POWER = -6, MOST_POWER = 9 };

/* Shares, probabilities and decays. */
static const double share_rungs[] = { 0,     0.01,  0.02,  0.05,   0.1,    0.2,  0.3,  0.4,
                                      0.5,   0.6,   0.7,   0.8,    0.9,    0.95, 0.98, 0.99,
                                      0.995, 0.998, 0.999, 0.9995, 0.9999, 1 };

/* The nearest accepted rung beyond a value. */
struct climb {
    const struct setting *setting;
    double from;
    int direction;
    double best; // NaN: none yet
};

static void consider(struct climb *climb, double rung) {
    const struct setting *setting = climb->setting;
    bool inside =
        rung >= setting->low && (setting->open_high ? rung < setting->high : rung <= setting->high);
    // typed values are exact decimals, as rungs are; others may be off by a rounding
    bool beyond = (rung - climb->from) * climb->direction > 1e-9 * fabs(climb->from);
    bool nearer = isnan(climb->best) || (climb->best - rung) * climb->direction > 0;
    if (inside && beyond && nearer) {
        climb->best = rung;
    }
}

/* 1, 2, 5, 10, ... and below 1 for what is no whole number; 0, their negatives and the ends. */
static void consider_decimals(struct climb *climb) {
    static const double marks[] = { 1, 2, 5 };
    int least = climb->setting->type == SETTING_DOUBLE ? LEAST_POWER : 0;
    for (int power = least; power <= MOST_POWER; power++) {
        for (int i = 0; i < ARRAY_LEN(marks); i++) { // dividing gives the double that 0.02 is
            double mark = power < 0 ? marks[i] / pow(10, -power) : marks[i] * pow(10, power);
            consider(climb, mark);
            consider(climb, -mark);
        }
    }
    consider(climb, 0);
    consider(climb, climb->setting->low);
    consider(climb, climb->setting->high);
}

static void consider_all(struct climb *climb, const double *rungs, int count) {
    for (int i = 0; i < count; i++) {
        consider(climb, rungs[i]);
    }
}

/* The number one step from `from`; `from` itself at the end. */
static double next_number(const struct setting *setting, double from, int direction) {
    struct climb climb = { setting, from, direction, (double)NAN };
    if (setting->rungs) {
        consider_all(&climb, setting->rungs, setting->rung_count);
    } else if (setting->type != SETTING_DOUBLE && setting->high - setting->low <= FEW) {
        consider(&climb, from + direction);
    } else if (setting->type == SETTING_DOUBLE && setting->low >= 0 && setting->high <= 1) {
        consider_all(&climb, share_rungs, ARRAY_LEN(share_rungs));
    } else {
        consider_decimals(&climb);
    }
    return isnan(climb.best) ? from : climb.best;
}

/* The present value one step further, as text. */
static void next_text(const struct setting *setting, const char *now, int direction, char *text,
                      size_t size) {
    uint64_t seed;
    double number;
    if (setting->type == SETTING_UINT64) {
        REQUIRE(text_to_uint64(now, &seed));
        text_set(text, size, "%" PRIu64, seed + (direction > 0 ? 1 : UINT64_MAX));
    } else {
        REQUIRE(text_to_double(now, &number));
        number = next_number(setting, number, direction);
        text_set(text, size, setting->type == SETTING_DOUBLE ? "%.17g" : "%.0f", number);
    }
}

bool setting_step(struct experiment *experiment, int run, const struct setting *setting,
                  int direction) {
    char now[SETTING_TEXT], next[SETTING_TEXT], problem[EXPERIMENT_PROBLEM];
    if (setting_is_text(setting)) {
        return false;
    }
    setting_print(experiment, run, setting, now, sizeof now);
    if (setting->type == SETTING_NAME) {
        int count = setting->option_count;
        int option = (setting_option(experiment, run, setting) + direction + count) % count;
        text_set(next, sizeof next, "%s", setting->option(option));
    } else {
        next_text(setting, now, direction, next, sizeof next);
    }
    REQUIRE(setting_parse(experiment, run, setting, next, problem));
    setting_print(experiment, run, setting, next, sizeof next);
    return strcmp(now, next) != 0;
}
