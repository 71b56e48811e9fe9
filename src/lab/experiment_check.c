#include "lab/experiment_check.h"

#include "base/memory.h"
#include "base/require.h"
#include "base/text.h"

enum { MIXUP_LEAST_EXAMPLES = 8 }; // with fewer, a pair is hardly ever a new one

static bool mixup_has_pairs(const struct experiment_case *asked, char *problem) {
    const struct experiment *experiment = asked->experiment;
    if (experiment->mixup > 0.0 && asked->shape->examples < MIXUP_LEAST_EXAMPLES) {
        text_set(problem, EXPERIMENT_PROBLEM,
                 "mixup = %g takes at least %d training examples, but %s has %lld: set mixup to 0, "
                 "or choose larger data.",
                 experiment->mixup, MIXUP_LEAST_EXAMPLES, datasets[experiment->data].name,
                 (long long)asked->shape->examples);
        return false;
    }
    if (experiment->mixup > 0.0 && experiment->batch < 2) {
        text_set(problem, EXPERIMENT_PROBLEM,
                 "mixup = %g has nothing to mix in a batch of 1: set batch to 2 or more, or mixup "
                 "to 0.",
                 experiment->mixup);
        return false;
    }
    return true;
}

static bool shift_has_images(const struct experiment_case *asked, char *problem) {
    const struct experiment *experiment = asked->experiment;
    const struct dataset_shape *shape = asked->shape;
    const struct preprocess_row *preprocess = &preprocesses[experiment->preprocess];
    if (experiment->shift == 0) {
        return true;
    }
    if (preprocess->projects) {
        text_set(problem, EXPERIMENT_PROBLEM,
                 "shift = %d moves pixels, but preprocess = %s leaves none: set shift to 0, or "
                 "preprocess to standardised.",
                 experiment->shift, preprocess->name);
        return false;
    }
    if (shape->image_width == 0) {
        text_set(problem, EXPERIMENT_PROBLEM,
                 "shift = %d moves images, but %s has none: set shift to 0, or choose images as "
                 "data.",
                 experiment->shift, datasets[experiment->data].name);
        return false;
    }
    int least = shape->image_width < shape->image_height ? shape->image_width : shape->image_height;
    if (experiment->shift >= least) {
        text_set(problem, EXPERIMENT_PROBLEM,
                 "shift = %d would move images of %d x %d pixels out of sight: set shift to %d or "
                 "less.",
                 experiment->shift, shape->image_width, shape->image_height, least - 1);
        return false;
    }
    return true;
}

static bool memory_suffices(const struct experiment_case *asked, char *problem) {
    size_t needed = experiment_bytes(asked->experiment, asked->shape);
    size_t available = memory_available(), more = asked->reclaimable;
    size_t limit = available > SIZE_MAX - more ? SIZE_MAX : available + more;
    if (needed <= limit) {
        return true;
    }
    char need[32], free_now[32];
    text_bytes(need, sizeof need, (double)needed);
    text_bytes(free_now, sizeof free_now, (double)limit);
    text_set(problem, EXPERIMENT_PROBLEM,
             "This experiment needs %s, %s are free: fewer or narrower layers, a smaller batch or "
             "fewer examples would fit.",
             need, free_now);
    return false;
}

static const struct experiment_check checks[] = {
    { .name = "mixup", .passes = mixup_has_pairs },
    { .name = "shift", .passes = shift_has_images },
    // last, because it lays the networks out, which takes what the rows above make sure of
    { .name = "memory", .passes = memory_suffices },
};

const struct experiment_check *experiment_checks(int *count) {
    *count = ARRAY_LEN(checks);
    return checks;
}

static bool passes(const struct experiment_check *check, const struct experiment_case *asked,
                   char *problem) {
    char reason[EXPERIMENT_PROBLEM];
    if (check->passes(asked, reason)) {
        return true;
    }
    text_set(problem, EXPERIMENT_PROBLEM, "%s%s", asked->run == 1 ? "B: " : "", reason);
    return false;
}

bool experiment_fits(const struct experiment *experiment, const struct dataset_shape *shape,
                     size_t reclaimable, char *problem) {
    for (int i = 0; i < ARRAY_LEN(checks); i++) {
        int runs = checks[i].per_run && experiment->compare ? 2 : 1;
        for (int run = 0; run < runs; run++) {
            const struct experiment_case asked = {
                .experiment = experiment,
                .shape = shape,
                .run = run,
                .reclaimable = reclaimable,
            };
            if (!passes(&checks[i], &asked, problem)) {
                return false;
            }
        }
    }
    return true;
}
