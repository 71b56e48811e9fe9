#include "measure/diagnosis.h"

#include <math.h>
#include <string.h>

#include "base/require.h"
#include "base/text.h"

const char *const verdict_names[VERDICT_COUNT] = {
    [VERDICT_HEALTHY] = "healthy",     [VERDICT_UNKNOWN] = "not known",
    [VERDICT_SATURATED] = "saturated", [VERDICT_DEAD] = "dead",
    [VERDICT_VANISHING] = "vanishing", [VERDICT_EXPLODING] = "exploding",
    [VERDICT_DIVERGED] = "diverged",
};

#define SAY(diagnosis, ...)                                                                        \
    text_set((diagnosis)->sentence, sizeof(diagnosis)->sentence, __VA_ARGS__)

enum { CALLED = SNAPSHOT_NAME + 24 };

/* "layer 3", of somebody else's training "layer 3 (encoder.fc1)". */
static const char *call(const struct run_snapshot *run, int layer, char text[CALLED]) {
    const char *name = layer <= run->layers ? run->layer[layer - 1].name : "";
    text_set(text, CALLED, name[0] ? "layer %d (%s)" : "layer %d", layer, name);
    return text;
}

/* The gradient at layer l, 1-based: of z, but where blocks give it a way around, of h. */
static double signal_rms(const struct run_snapshot *run, int l) {
    const struct layer_stats *layer = &run->layer[l - 1];
    return run->residual ? layer->gradient_rms : layer->delta.rms;
}

/* The same in words, where it is not delta. */
static const char *which_gradient(const struct run_snapshot *run) {
    return run->residual ? " ∂ℓ/∂h" : "";
}

/* The layers between which it is judged: 1 and L, but in logs the first and the last that have it.
 */
struct ends {
    int first, last;
};

static struct ends ends_of(const struct run_snapshot *run) {
    struct ends ends = { 1, run->layers };
    while (run->logged.active && ends.first < ends.last &&
           run->layer[ends.first - 1].delta.n == 0) {
        ends.first++;
    }
    while (run->logged.active && ends.last > ends.first && run->layer[ends.last - 1].delta.n == 0) {
        ends.last--;
    }
    return ends;
}

/* Its ratio from the first to the last, and the mean factor per layer that makes it; 1 for a single
 * layer. */
static double gradient_ratio(const struct run_snapshot *run) {
    struct ends ends = ends_of(run);
    return signal_rms(run, ends.first) / signal_rms(run, ends.last);
}

static double per_layer(double ratio, const struct run_snapshot *run) {
    struct ends ends = ends_of(run);
    return ends.last > ends.first ? pow(ratio, 1.0 / (ends.last - ends.first)) : 1.0;
}

/*
 * Layer number l of those that a factor between the first layer and the last is of. The way from
 * d loss / d h_{l+1} to d loss / d h_l begins with phi' and branch of layer l + 1, that of the
 * deltas ends with those of layer l.
 */
static int layer_of_factor(const struct run_snapshot *run, enum direction direction, enum factor f,
                           int l) {
    if (direction == DIRECTION_FORWARD) {
        return l + 1; // the first one's belong to the input
    }
    return run->residual && (f == FACTOR_BRANCH || f == FACTOR_SLOPE) ? l + 1 : l;
}

/* The geometric means per layer of the factors between layer `first` and the last: their product
 * is the mean factor that the ratio is made of. */
static void mean_factors(const struct run_snapshot *run, enum direction direction, int first,
                         double mean[FACTOR_COUNT]) {
    for (int f = 0; f < FACTOR_COUNT; f++) {
        double sum = 0.0;
        for (int l = first; l < run->layers; l++) {
            int of = layer_of_factor(run, direction, (enum factor)f, l);
            sum += log(snapshot_factors(&run->layer[of - 1], direction)[f]);
        }
        mean[f] = exp(sum / (run->layers - first));
    }
}

/* The smallest, or largest; FACTOR_COUNT where some are no numbers. */
static enum factor extreme_factor(const double mean[FACTOR_COUNT], bool largest) {
    enum factor found = FACTOR_WEIGHT;
    for (int f = 0; f < FACTOR_COUNT; f++) {
        if (!(mean[f] > 0.0) || isinf(mean[f])) {
            return FACTOR_COUNT;
        }
        if (largest ? mean[f] > mean[found] : mean[f] < mean[found]) {
            found = (enum factor)f;
        }
    }
    return found;
}

/*
 * ": φ′ passes 0.24 per layer (Wᵀ 0.98)" to the sentence, of the layers from `first` up: first the
 * factor that does most of it, then the others that do something; whole where they are no numbers.
 */
static void say_factors(const struct run_snapshot *run, enum direction direction, int first,
                        bool growing, const char *whole, struct diagnosis *diagnosis) {
    double mean[FACTOR_COUNT];
    char others[128] = "";
    mean_factors(run, direction, first, mean);
    diagnosis->factor = extreme_factor(mean, growing);
    if (diagnosis->factor == FACTOR_COUNT) {
        text_append(diagnosis->sentence, sizeof diagnosis->sentence, ": %s", whole);
        return;
    }
    for (int i = FACTOR_COUNT - 1; i >= 0; i--) {
        enum factor f = factor_at(direction, i);
        if (f != diagnosis->factor && mean[f] != 1.0) {
            text_append(others, sizeof others, "%s%s %.2g", others[0] ? ", " : " (",
                        factors[direction][f].label, mean[f]);
        }
    }
    text_append(diagnosis->sentence, sizeof diagnosis->sentence, ": %s %s %.2g per layer%s%s",
                factors[direction][diagnosis->factor].label,
                growing ? "multiplies it by" : "passes", mean[diagnosis->factor], others,
                others[0] ? ")" : "");
}

/* What logs tell of it: they say neither where it began nor whether training went on. */
static void say_logged_divergence(const struct run_snapshot *run, struct diagnosis *diagnosis) {
    const char *name = "";
    if (run->diverged_layer > 0 && run->diverged_layer <= run->layers) {
        name = run->layer[run->diverged_layer - 1].name;
    }
    SAY(diagnosis, "NaN or infinity is logged since step %lld%s%s.", (long long)run->diverged_step,
        run->diverged_layer == 0            ? ": the loss"
        : run->diverged_layer > run->layers ? ", in the output layer"
        : run->diverged_backward            ? ", in gradients of "
                                            : ", in ",
        name);
}

static bool fires_diverged(const struct run_snapshot *run, double threshold,
                           struct diagnosis *diagnosis) {
    (void)threshold;
    if (!run->diverged) {
        return false;
    }
    diagnosis->layer = run->diverged_layer;
    diagnosis->value = (double)run->diverged_step;
    if (run->logged.active) {
        say_logged_divergence(run, diagnosis);
        return true;
    }
    const char *where = run->diverged_layer > run->layers ? "the output layer" : "layer";
    char number[16] = "";
    if (run->diverged_layer <= run->layers) {
        text_set(number, sizeof number, " %d", run->diverged_layer);
    }
    SAY(diagnosis,
        "NaN or infinity began at step %lld in %s%s, in the %s pass; training stopped there.",
        (long long)run->diverged_step, where, number,
        run->diverged_backward ? "backward" : "forward");
    return true;
}

static bool fires_zero_weights(const struct run_snapshot *run, double threshold,
                               struct diagnosis *diagnosis) {
    int count = 0, last = 0;
    for (int l = 0; l < run->layers; l++) {
        bool zero = run->layer[l].weight_rms <= threshold;
        count += zero;
        last = zero ? l + 1 : last;
    }
    if (count == 0 || (run->residual && count < run->layers)) { // a branch may begin at zero
        return false;
    }
    diagnosis->layer = last;
    diagnosis->value = count;
    diagnosis->factor = FACTOR_WEIGHT;
    char which[64] = "all weights";
    if (count < run->layers) {
        text_set(which, sizeof which, "all weights of %d of %d layers", count, run->layers);
    }
    SAY(diagnosis,
        "%s are zero: Wᵀ passes no gradient down, and the units of a layer stay identical for "
        "ever.",
        which);
    return true;
}

static bool fires_exploding(const struct run_snapshot *run, double threshold,
                            struct diagnosis *diagnosis) {
    double backward = gradient_ratio(run);
    double forward = run->layer[run->layers - 1].h.rms / run->layer[0].h.rms;
    if (isinf(forward)) { // layer 1 is silent: what the biases make above it is no growth
        forward = 0.0;
    }
    if (!(backward > threshold) && !(forward > threshold)) {
        return false;
    }
    bool gradient = backward > threshold;
    double ratio = gradient ? backward : forward;
    char times[32], whole[64], first[CALLED], last[CALLED];
    text_factor(times, sizeof times, ratio);
    text_set(whole, sizeof whole, "each layer multiplies it by %.2g", per_layer(ratio, run));
    struct ends ends = ends_of(run);
    diagnosis->layer = gradient ? ends.first : run->layers;
    diagnosis->value = ratio;
    if (gradient) {
        SAY(diagnosis, "%s gets %s× more gradient%s than %s", call(run, ends.first, first), times,
            which_gradient(run), call(run, ends.last, last));
    } else {
        SAY(diagnosis, "the signal grows %s× from %s to %s", times, call(run, 1, first),
            call(run, run->layers, last));
    }
    say_factors(run, gradient ? DIRECTION_BACKWARD : DIRECTION_FORWARD, 1, true, whole, diagnosis);
    text_append(diagnosis->sentence, sizeof diagnosis->sentence, ".");
    return true;
}

/* The gradient ends on its way down: at which layer, and which factor ends it. */
static void say_where_it_ends(const struct run_snapshot *run, struct diagnosis *diagnosis) {
    int l = run->layers; // the lowest layer that all of the gradient reaches
    while (l > 1 && run->layer[l - 2].delta.underflow == 0 && run->layer[l - 2].delta.rms > 0.0) {
        l--;
    }
    bool underflow = run->layer[0].delta.underflow > 0;
    if (underflow && l < run->layers) {
        SAY(diagnosis, "no gradient reaches layer 1");
        say_factors(run, DIRECTION_BACKWARD, l, false, "it shrinks on the way down", diagnosis);
        text_append(diagnosis->sentence, sizeof diagnosis->sentence,
                    "; below layer %d it is under 1.2e-38, the smallest that float32 holds.", l);
    } else if (underflow) {
        SAY(diagnosis, "no gradient reaches layer 1: on the way down it falls below 1.2e-38, the "
                       "smallest number float32 holds.");
    } else {
        SAY(diagnosis, "no gradient reaches layer 1: every entry is exactly zero");
        for (int f = 0; l > 1 && !run->residual && f < FACTOR_COUNT; f++) {
            if (run->layer[l - 2].factor[f] == 0.0) { // those after it are 0 / 0
                diagnosis->factor = (enum factor)f;
                text_append(diagnosis->sentence, sizeof diagnosis->sentence,
                            " from layer %d down, where %s passes nothing", l - 1,
                            factors[DIRECTION_BACKWARD][f].label);
                break;
            }
        }
        text_append(diagnosis->sentence, sizeof diagnosis->sentence, ".");
    }
}

static bool fires_vanishing(const struct run_snapshot *run, double threshold,
                            struct diagnosis *diagnosis) {
    double ratio = gradient_ratio(run);
    struct ends ends = ends_of(run);
    char first[CALLED], last[CALLED];
    const struct moments *delta = &run->layer[ends.first - 1].delta;
    bool zero =
        run->residual ? run->layer[0].gradient_rms == 0.0 : delta->zero == delta->n && delta->n > 0;
    bool none = zero && (signal_rms(run, ends.last) > 0.0 || delta->underflow > 0);
    if (!none && !(ratio < threshold && per_layer(ratio, run) < 0.9)) {
        return false;
    }
    diagnosis->layer = ends.first;
    diagnosis->value = none ? 0.0 : ratio;
    if (none && run->logged.active) {
        SAY(diagnosis, "no gradient reaches %s: every entry is exactly zero.",
            call(run, ends.first, first));
    } else if (none) {
        say_where_it_ends(run, diagnosis);
    } else {
        char times[32], whole[96];
        text_factor(times, sizeof times, 1.0 / ratio);
        text_set(whole, sizeof whole, "each %s%slayer passes on %.2g of it", run->activation,
                 run->activation[0] ? " " : "", per_layer(ratio, run));
        SAY(diagnosis, "%s gets %s× less gradient%s than %s", call(run, ends.first, first), times,
            which_gradient(run), call(run, ends.last, last));
        say_factors(run, DIRECTION_BACKWARD, 1, false, whole, diagnosis);
        text_append(diagnosis->sentence, sizeof diagnosis->sentence, ".");
    }
    return true;
}

/* The layer with the largest share, and that share. */
static double worst_layer(const struct run_snapshot *run, bool dead, int *layer) {
    double worst = 0.0;
    *layer = 1;
    for (int l = 0; l < run->layers; l++) {
        const struct layer_stats *stats = &run->layer[l];
        double share = dead ? (double)stats->dead / stats->units
                            : (double)stats->saturated / (double)stats->h.n;
        if (share > worst) {
            worst = share;
            *layer = l + 1;
        }
    }
    return worst;
}

static bool fires_dead(const struct run_snapshot *run, double threshold,
                       struct diagnosis *diagnosis) {
    diagnosis->value = worst_layer(run, true, &diagnosis->layer);
    if (!(diagnosis->value > threshold)) {
        return false;
    }
    SAY(diagnosis,
        "%.0f%% of the units of layer %d are zero for the whole batch: they pass nothing "
        "and learn nothing.",
        100.0 * diagnosis->value, diagnosis->layer);
    return true;
}

static bool fires_saturated(const struct run_snapshot *run, double threshold,
                            struct diagnosis *diagnosis) {
    diagnosis->value = worst_layer(run, false, &diagnosis->layer);
    if (!(diagnosis->value > threshold)) {
        return false;
    }
    SAY(diagnosis, "%.0f%% of layer %d's activations sit where φ′ is almost zero (%s).",
        100.0 * diagnosis->value, diagnosis->layer,
        snapshot_saturation_rule(run, diagnosis->layer));
    return true;
}

static bool fires_cut_off(const struct run_snapshot *run, double threshold,
                          struct diagnosis *diagnosis) {
    const struct moments *last = &run->layer[run->layers - 1].delta, *output = &run->output.delta;
    if (last->zero < last->n || output->zero == output->n ||
        (run->residual && signal_rms(run, run->layers) > 0.0)) {
        return false;
    }
    diagnosis->layer = run->layers;
    diagnosis->value = threshold;
    SAY(diagnosis, "no gradient reaches the hidden layers: every δ there is exactly zero, although "
                   "the output's is not.");
    return true;
}

/* Of somebody else's training no gradient of two layers was logged, unless that of W. */
static bool fires_unknown(const struct run_snapshot *run, double threshold,
                          struct diagnosis *diagnosis) {
    struct ends ends = ends_of(run);
    bool known = ends.last > ends.first; // both have it then
    if (!run->logged.active || known) {
        return false;
    }
    diagnosis->value = threshold;
    if (run->layers <= 1) {
        SAY(diagnosis, "%s are logged: there is no depth to judge.",
            run->layers == 1 ? "histograms of one layer" : "no histograms of layers");
        return true;
    }
    double ratio =
        run->layer[0].weight_gradient_rms / run->layer[run->layers - 1].weight_gradient_rms;
    SAY(diagnosis, "gradients of activations are not logged for two layers or more");
    if (isfinite(ratio) && ratio > 0.0) {
        char times[32], first[CALLED], last[CALLED];
        text_factor(times, sizeof times, ratio < 1.0 ? 1.0 / ratio : ratio);
        text_append(diagnosis->sentence, sizeof diagnosis->sentence,
                    ". ∂L/∂W of %s is %s× %s than that of %s", call(run, 1, first), times,
                    ratio < 1.0 ? "smaller" : "larger", call(run, run->layers, last));
    }
    text_append(diagnosis->sentence, sizeof diagnosis->sentence, ".");
    return true;
}

static bool fires_healthy(const struct run_snapshot *run, double threshold,
                          struct diagnosis *diagnosis) {
    (void)threshold;
    double ratio = run->layers > 0 ? gradient_ratio(run) : 1.0;
    diagnosis->layer = 0;
    diagnosis->value = ratio;
    if (run->layers <= 1) {
        SAY(diagnosis, run->layers == 1 ? "a single hidden layer: nothing to pass through."
                                        : "no hidden layer: the inputs go straight to the output.");
        return true;
    }
    if (!isfinite(ratio)) {
        SAY(diagnosis, "every δ is exactly zero: the batch is fitted, and no gradient is left.");
        return true;
    }
    char times[32];
    text_factor(times, sizeof times, ratio < 1.0 ? 1.0 / ratio : ratio);
    struct ends ends = ends_of(run);
    SAY(diagnosis, "the gradient stays within %s× over %d layers.", times,
        ends.last - ends.first + 1);
    return true;
}

const struct diagnosis_rule diagnosis_rules[] = {
    {
        .verdict = VERDICT_DIVERGED,
        .rule = "a NaN or infinity anywhere in z, h, δ or ∂L/∂W",
        .source = "IEEE 754",
        .any_depth = true,
        .fires = fires_diverged,
    },
    {
        .verdict = VERDICT_VANISHING,
        .threshold = 0.0,
        .rule = "every weight of a hidden layer is exactly 0",
        .source = "Rumelhart, Hinton & Williams 1986 (symmetry)",
        .fires = fires_zero_weights,
    },
    {
        .verdict = VERDICT_EXPLODING,
        .threshold = 1e3,
        .rule = "RMS δ_1 / RMS δ_L > 1e3 (residual: of ∂ℓ/∂h), or RMS h_L / RMS h_1 > 1e3",
        .source = "layerscope",
        .fires = fires_exploding,
    },
    {
        .verdict = VERDICT_VANISHING,
        .threshold = 1e-3,
        .rule = "RMS δ_1 / RMS δ_L < 1e-3 (residual: of ∂ℓ/∂h) and less than 0.9 per layer",
        .source = "layerscope",
        .fires = fires_vanishing,
    },
    {
        .verdict = VERDICT_DEAD,
        .threshold = 0.5,
        .rule = "more than 50 % of a layer's units are 0 for the whole batch",
        .source = "Amazon SageMaker Debugger, rule DeadRelu",
        .fires = fires_dead,
    },
    {
        .verdict = VERDICT_SATURATED,
        .threshold = 0.5,
        .rule = "more than 50 % of a layer's h beyond the saturation rule",
        .source = "Amazon SageMaker Debugger, rule SaturatedActivation",
        .fires = fires_saturated,
    },
    {
        .verdict = VERDICT_VANISHING,
        .threshold = 0.0,
        .rule = "every δ of the hidden layers is exactly 0, the output's is not",
        .source = "layerscope",
        .fires = fires_cut_off,
    },
    {
        .verdict = VERDICT_UNKNOWN,
        .rule = "in logs: no δ of two layers",
        .source = "layerscope",
        .any_depth = true,
        .fires = fires_unknown,
    },
    {
        .verdict = VERDICT_HEALTHY,
        .rule = "no other rule fires",
        .source = "layerscope",
        .any_depth = true,
        .fires = fires_healthy,
    },
};
const int diagnosis_rule_count = ARRAY_LEN(diagnosis_rules);

void diagnosis_make(struct run_snapshot *run) {
    struct diagnosis *diagnosis = &run->diagnosis;
    memset(diagnosis, 0, sizeof *diagnosis);
    diagnosis->factor = FACTOR_COUNT;
    for (int i = 0; i < diagnosis_rule_count; i++) {
        const struct diagnosis_rule *rule = &diagnosis_rules[i];
        if ((run->layers > 0 || rule->any_depth) && rule->fires(run, rule->threshold, diagnosis)) {
            diagnosis->verdict = rule->verdict;
            text_set(diagnosis->rule, sizeof diagnosis->rule, "%s", rule->rule);
            return;
        }
    }
}
