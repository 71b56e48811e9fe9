#include "lab/experiment_check.h"

#include "base/memory.h"
#include "base/require.h"
#include "base/text.h"

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

static bool rbm_has_sigmoid(const struct experiment_case *asked, char *problem) {
    const struct network_settings *settings = &asked->experiment->run[asked->run];
    if (settings->init != INITIALISER_RBM || settings->activation == ACTIVATION_SIGMOID) {
        return true;
    }
    text_set(problem, EXPERIMENT_PROBLEM,
             "init = rbm pre-trains layers whose units are on with a probability, which only "
             "activation = sigmoid gives, not %s.",
             activations[settings->activation].name);
    return false;
}

/* As far as the settings tell; pretraining_accepts() looks at the data. */
static bool rbm_has_unit_inputs(const struct experiment_case *asked, char *problem) {
    struct dataset_settings data = experiment_data(asked->experiment);
    if (asked->experiment->run[asked->run].init != INITIALISER_RBM || !dataset_leaves_unit(&data)) {
        return true;
    }
    text_set(problem, EXPERIMENT_PROBLEM,
             "init = rbm needs inputs within 0 to 1, which it takes for probabilities; data = %s "
             "with preprocess = %s has others. Use preprocess = unit on images, or another init.",
             datasets[data.kind].name, preprocesses[data.preprocess].name);
    return false;
}

static const struct experiment_check checks[] = {
    { .name = "rbm activation", .per_run = true, .passes = rbm_has_sigmoid },
    { .name = "rbm inputs", .per_run = true, .passes = rbm_has_unit_inputs },
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
