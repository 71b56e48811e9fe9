#include "export/quantity.h"

#include <math.h>

#include "base/require.h"

const char *const quantity_run_names[SNAPSHOT_RUNS] = { "A", "B" };

static bool is_counted(const struct run_snapshot *run, const struct layer_stats *layer) {
    (void)layer;
    return run->test_n > 0;
}

/* Logs do not say of how many. */
static bool is_tested(const struct run_snapshot *run, const struct layer_stats *layer) {
    return run->logged.active || is_counted(run, layer);
}

static bool has_diverged(const struct run_snapshot *run, const struct layer_stats *layer) {
    (void)layer;
    return run->diverged;
}

static bool has_ensemble(const struct run_snapshot *run, const struct layer_stats *layer) {
    (void)layer;
    return run->ensemble.members > 1;
}

static bool has_tested_ensemble(const struct run_snapshot *run, const struct layer_stats *layer) {
    return has_ensemble(run, layer) && is_tested(run, layer);
}

static bool is_pretrained(const struct run_snapshot *run, const struct layer_stats *layer) {
    (void)layer;
    return run->pretraining.layers > 0;
}

static bool has_theory(const struct run_snapshot *run, const struct layer_stats *layer) {
    (void)layer;
    return run->theory.applies;
}

static bool is_by_lsuv(const struct run_snapshot *run, const struct layer_stats *layer) {
    (void)layer;
    return run->by_lsuv;
}

static bool has_participation(const struct run_snapshot *run, const struct layer_stats *layer) {
    (void)run;
    return !isnan(layer->participation);
}

static bool has_gradients(const struct run_snapshot *run, const struct layer_stats *layer) {
    (void)run;
    return layer->gradient_histogram.n > 0;
}

#define AT_STEP(kind, field) QUANTITY_OF_STEP, QUANTITY_##kind, offsetof(struct snapshot, field), 0
#define AT_RUN(kind, field)                                                                        \
    QUANTITY_OF_RUN, QUANTITY_##kind, offsetof(struct run_snapshot, field), 0
#define AT_LAYER(kind, field)                                                                      \
    QUANTITY_OF_LAYER, QUANTITY_##kind, offsetof(struct layer_stats, field), 0
#define AT_HIDDEN(kind, field)                                                                     \
    QUANTITY_OF_HIDDEN, QUANTITY_##kind, offsetof(struct layer_stats, field), 0
#define SHARE_OF(field, all)                                                                       \
    QUANTITY_OF_LAYER, QUANTITY_SHARE, offsetof(struct layer_stats, field),                        \
        offsetof(struct layer_stats, all)
#define IN_THEORY(field)                                                                           \
    QUANTITY_OF_HIDDEN, QUANTITY_BY_LAYER, offsetof(struct run_snapshot, theory.field), 0,         \
        has_theory

#define MOMENTS(name, field, what)                                                                 \
    { name ".n", AT_LAYER(COUNT, field.n), NULL, "entries", "entries of " what },                  \
        { name ".mean", AT_LAYER(REAL, field.mean), NULL, "", "mean of the finite entries" },      \
        { name ".sd", AT_LAYER(REAL, field.sd), NULL, "", "their standard deviation" },            \
        { name ".rms", AT_LAYER(REAL, field.rms), NULL, "", "their root mean square" },            \
        { name ".min", AT_LAYER(REAL, field.min), NULL, "", "the smallest of them" },              \
        { name ".max", AT_LAYER(REAL, field.max), NULL, "", "the largest of them" },               \
        { name ".zero", SHARE_OF(field.zero, field.n), NULL, "share of n", "exactly zero" },       \
        { name ".underflow", SHARE_OF(field.underflow, field.n), NULL, "share of n",               \
          "zero only because float32 cannot hold them" },                                          \
        { name ".nan", AT_LAYER(COUNT, field.nan), NULL, "entries", "NaN" }, {                     \
        name ".inf", AT_LAYER(COUNT, field.inf), NULL, "entries", "infinite, of either sign"       \
    }

#define FACTOR(name, field, which, about)                                                          \
    { name, AT_HIDDEN(REAL, field[FACTOR_##which]), NULL, "ratio", about }

// In the order in which they stand in a file.
const struct quantity quantities[] = {
    { "step", AT_STEP(STEPS, step), NULL, "updates", "made before this pass" },
    { "epoch", AT_STEP(REAL, epoch), NULL, "epochs", "training examples used, over all of them" },
    { "batch", AT_STEP(WHOLE, batch), NULL, "examples", "in each step" },
    { "examples", AT_STEP(COUNT, examples), NULL, "examples", "to train on" },

    { "step", AT_RUN(STEPS, step), NULL, "updates", "of this run; fewer once it diverged" },
    { "loss", AT_RUN(REAL, loss), NULL, "loss", "mean over the batch" },
    { "accuracy", AT_RUN(REAL, accuracy), NULL, "0 to 1", "of the batch" },
    { "test_accuracy", AT_RUN(REAL, test_accuracy), is_tested, "0 to 1",
      "of the held-out examples, at the newest evaluation" },
    { "test_loss", AT_RUN(REAL, test_loss), is_tested, "loss", "mean over the same" },
    { "test_n", AT_RUN(COUNT, test_n), NULL, "examples", "held-out ones looked at" },
    { "test_step", AT_RUN(STEPS, test_step), is_counted, "updates", "made before that evaluation" },
    { "learning_rate", AT_RUN(REAL, learning_rate), NULL, "", "of the update that would follow" },
    { "weight_decay", AT_RUN(REAL, weight_decay), NULL, "", "as resolved" },
    { "clip_scale", AT_RUN(REAL, clip_scale), NULL, "factor",
      "what clipping leaves of the gradients; 1: all" },
    { "input_rms", AT_RUN(REAL, input_rms), NULL, "", "root mean square of the input h0" },
    { "verdict_layer", AT_RUN(WHOLE, diagnosis.layer), NULL, "layer",
      "that the verdict is about; 0: the network" },
    { "verdict_value", AT_RUN(REAL, diagnosis.value), NULL, "",
      "the number that the verdict's rule looked at" },
    { "diverged.step", AT_RUN(STEPS, diverged_step), has_diverged, "updates",
      "made when a NaN or an infinity appeared" },
    { "diverged.layer", AT_RUN(WHOLE, diverged_layer), has_diverged, "layer", "where it began" },
    { "ensemble.members", AT_RUN(WHOLE, ensemble.members), has_ensemble, "networks",
      "that it has" },
    { "ensemble.diverged", AT_RUN(WHOLE, ensemble.diverged), has_ensemble, "networks",
      "of them, left out since" },
    { "ensemble.test_accuracy", AT_RUN(REAL, ensemble.accuracy), has_tested_ensemble, "0 to 1",
      "held-out, of the mean prediction" },
    { "pretraining.steps", AT_RUN(STEPS, pretraining.step), is_pretrained, "updates",
      "of RBMs, by the initialiser rbm, before step 0" },

    { "units", AT_LAYER(WHOLE, units), NULL, "units", "of the layer" },
    MOMENTS("h", h, "activations (batch × units); of the output: predictions"),
    { "h.saturated", SHARE_OF(saturated, h.n), NULL, "share of n",
      "beyond the activation's saturation rule" },
    { "h.dead", AT_LAYER(DEAD, dead), NULL, "share of units", "zero for the whole batch" },
    { "h.histogram", AT_LAYER(HISTOGRAM, h_histogram), NULL, "entries", "activations" },
    MOMENTS("z", z, "pre-activations (batch × columns)"),
    { "z.histogram", AT_LAYER(HISTOGRAM, z_histogram), NULL, "entries", "pre-activations" },
    MOMENTS("delta", delta, "∂ℓ/∂z of each example's own loss (batch × columns)"),
    { "delta.histogram", AT_LAYER(LOG_HISTOGRAM, delta_histogram), NULL, "entries", "|∂ℓ/∂z|" },
    { "weight.rms", AT_LAYER(REAL, weight_rms), NULL, "", "root mean square of W" },
    { "weight.histogram", AT_LAYER(HISTOGRAM, weight_histogram), NULL, "entries", "W" },
    { "weight_gradient.rms", AT_LAYER(REAL, weight_gradient_rms), NULL, "",
      "root mean square of ∂L/∂W, of the mean loss" },
    { "weight_gradient.histogram", AT_LAYER(LOG_HISTOGRAM, weight_gradient_histogram), NULL,
      "entries", "|∂L/∂W|" },
    { "update_rms", AT_LAYER(REAL, update_rms), NULL, "",
      "root mean square of the update ΔW that would follow" },
    { "update_ratio", AT_LAYER(REAL, update_ratio), NULL, "ratio",
      "‖ΔW‖ / ‖W‖; NaN where all of W is zero" },

    { "gradient_rms", AT_HIDDEN(REAL, gradient_rms), NULL, "", "root mean square of ∂ℓ/∂h" },
    { "gradient_histogram", AT_HIDDEN(LOG_HISTOGRAM, gradient_histogram), has_gradients, "entries",
      "|∂ℓ/∂h|" },
    FACTOR("factors.normalisation", factor, NORMALISATION,
           "RMS of the gradient after / before the normalisation of the layer above"),
    FACTOR("factors.weight", factor, WEIGHT, "… its weights Wᵀ"),
    FACTOR("factors.skip", factor, SKIP, "… adding what came around a residual block"),
    FACTOR("factors.branch", factor, BRANCH, "… the branch's scale and dropped units"),
    FACTOR("factors.slope", factor, SLOPE, "… φ′ of this layer"),
    { "factors.product", AT_HIDDEN(PRODUCT, factor), NULL, "ratio",
      "of these: RMS δ of this layer / RMS δ of the layer above" },
    FACTOR("forward_factors.weight", forward, WEIGHT,
           "RMS of the signal after / before the layer's weights and biases"),
    FACTOR("forward_factors.normalisation", forward, NORMALISATION, "… its normalisation"),
    FACTOR("forward_factors.activation", forward, SLOPE, "… φ"),
    FACTOR("forward_factors.branch", forward, BRANCH, "… the dropped units and branch scale"),
    FACTOR("forward_factors.skip", forward, SKIP, "… adding what came around the block"),
    { "forward_factors.product", AT_HIDDEN(PRODUCT, forward), NULL, "ratio",
      "of these: RMS h of this layer / RMS h of the layer below" },
    { "participation", AT_HIDDEN(REAL, participation), has_participation, "directions",
      "that h uses: its participation ratio" },
    { "theory.q", IN_THEORY(q), "", "mean field, first weights alone: E[z²]" },
    { "theory.chi", IN_THEORY(chi), "ratio", "growth of E[δ²] from the layer above" },
    { "theory.h_mean", IN_THEORY(h_mean), "", "expected mean of h" },
    { "theory.h_rms", IN_THEORY(h_rms), "", "expected root mean square of h" },
    { "theory.h_sd", IN_THEORY(h_sd), "", "expected standard deviation of h" },
    { "theory.h_band", IN_THEORY(h_band), "", "standard deviation of log RMS h over runs" },
    { "theory.delta_ratio", IN_THEORY(delta_ratio), "ratio",
      "expected RMS δ / RMS δ of the last hidden layer" },
    { "theory.delta_band", IN_THEORY(delta_band), "", "standard deviation of its logarithm" },

    { "lsuv.iterations", AT_LAYER(WHOLE, lsuv.iterations), is_by_lsuv, "times",
      "that the initialiser lsuv scaled W" },
    { "lsuv.variance_before", AT_LAYER(REAL, lsuv.before), is_by_lsuv, "",
      "of z on the first batch, before" },
    { "lsuv.variance_after", AT_LAYER(REAL, lsuv.after), is_by_lsuv, "", "and after" },
};
const int quantity_count = ARRAY_LEN(quantities);

static const struct layer_stats *layer_of(const struct quantity_place *place) {
    const struct run_snapshot *run = place->run;
    return place->layer > run->layers ? &run->output : &run->layer[place->layer - 1];
}

static const char *base_of(const struct quantity *quantity, const struct quantity_place *place) {
    if (quantity->scope == QUANTITY_OF_STEP) {
        return (const char *)place->snapshot;
    }
    bool run = quantity->scope == QUANTITY_OF_RUN || quantity->kind == QUANTITY_BY_LAYER;
    return run ? (const char *)place->run : (const char *)layer_of(place);
}

static bool is_there(const struct quantity *quantity, const struct quantity_place *place) {
    switch (quantity->scope) {
    case QUANTITY_OF_STEP:
        return true;
    case QUANTITY_OF_RUN:
        return !quantity->known || quantity->known(place->run, NULL);
    default:
        return (quantity->scope == QUANTITY_OF_LAYER || place->layer <= place->run->layers) &&
               (!quantity->known || quantity->known(place->run, layer_of(place)));
    }
}

/* Of somebody else's training: a number that nobody logged is NaN, and a count of nothing is 0. */
static bool is_logged(const struct quantity *quantity, const struct quantity_place *place) {
    switch (quantity->kind) {
    case QUANTITY_HISTOGRAM:
        return quantity_histogram(quantity, place)->n > 0;
    case QUANTITY_LOG_HISTOGRAM:
        return quantity_log_histogram(quantity, place)->n > 0;
    case QUANTITY_STEPS:
        return true;
    case QUANTITY_REAL:
    case QUANTITY_PRODUCT:
    case QUANTITY_BY_LAYER:
        return !isnan(quantity_value(quantity, place));
    case QUANTITY_WHOLE: // of a run it is the number of a layer, 0 being the network
        return quantity->scope == QUANTITY_OF_RUN || quantity_value(quantity, place) > 0.0;
    case QUANTITY_COUNT:
    case QUANTITY_SHARE:
    case QUANTITY_DEAD:
        break;
    }
    return quantity_value(quantity, place) > 0.0;
}

bool quantity_known(const struct quantity *quantity, const struct quantity_place *place) {
    return is_there(quantity, place) &&
           (!place->snapshot->watched.active || is_logged(quantity, place));
}

static double share(uint64_t part, uint64_t whole) {
    return (double)part / (double)whole;
}

double quantity_value(const struct quantity *quantity, const struct quantity_place *place) {
    const char *base = base_of(quantity, place);
    const void *field = base + quantity->offset;
    switch (quantity->kind) {
    case QUANTITY_REAL:
        return *(const double *)field;
    case QUANTITY_COUNT:
        return (double)*(const uint64_t *)field;
    case QUANTITY_WHOLE:
        return *(const int *)field;
    case QUANTITY_STEPS:
        return (double)*(const int64_t *)field;
    case QUANTITY_SHARE:
        return share(*(const uint64_t *)field,
                     *(const uint64_t *)(const void *)(base + quantity->whole));
    case QUANTITY_BY_LAYER:
        return ((const double *)field)[place->layer - 1];
    case QUANTITY_DEAD:
        return share(*(const uint64_t *)field, (uint64_t)layer_of(place)->units);
    case QUANTITY_PRODUCT:
        return factor_product(field);
    case QUANTITY_HISTOGRAM:
    case QUANTITY_LOG_HISTOGRAM:
        break;
    }
    REQUIRE(!quantity_is_histogram(quantity));
    return (double)NAN;
}

bool quantity_is_histogram(const struct quantity *quantity) {
    return quantity->kind == QUANTITY_HISTOGRAM || quantity->kind == QUANTITY_LOG_HISTOGRAM;
}

const struct histogram *quantity_histogram(const struct quantity *quantity,
                                           const struct quantity_place *place) {
    REQUIRE(quantity->kind == QUANTITY_HISTOGRAM);
    return (const void *)(base_of(quantity, place) + quantity->offset);
}

const struct log_histogram *quantity_log_histogram(const struct quantity *quantity,
                                                   const struct quantity_place *place) {
    REQUIRE(quantity->kind == QUANTITY_LOG_HISTOGRAM);
    return (const void *)(base_of(quantity, place) + quantity->offset);
}

#define LINEAR(field) QUANTITY_HISTOGRAM, offsetof(struct histogram, field)
#define LOG(field) QUANTITY_LOG_HISTOGRAM, offsetof(struct log_histogram, field)

const struct quantity_special quantity_specials[] = {
    { "n", LINEAR(n), "entries looked at; of large W and ∂L/∂W in a passing look only some",
      false },
    { "below", LINEAR(below), "finite, below the first bin", false },
    { "above", LINEAR(above), "finite, above the last bin", false },
    { "nan", LINEAR(nan), "NaN", false },
    { "inf", LINEAR(inf), "infinite, of either sign", false },
    { "around_zero", LINEAR(near_zero), "logged in a bucket that reaches to 0, narrower than a bin",
      true },
    { "n", LOG(n), "entries looked at", false },
    { "zero", LOG(zero), "exactly zero", false },
    { "underflow", LOG(underflow), "of these zero only because float32 cannot hold them", false },
    { "nan", LOG(nan), "NaN", false },
    { "inf", LOG(inf), "infinite, of either sign", false },
    { "around_zero", LOG(near_zero), "logged in a bucket that reaches to 0: of any smaller size",
      true },
};
const int quantity_special_count = ARRAY_LEN(quantity_specials);

uint64_t quantity_special(const struct quantity_special *special, const void *histogram) {
    return *(const uint64_t *)(const void *)((const char *)histogram + special->offset);
}

bool quantity_special_fits(const struct quantity_special *special, enum quantity_kind kind,
                           bool watched) {
    return special->kind == kind && (watched || !special->logged);
}

double quantity_log_edge(int bin) {
    double octave = ldexp(1.0, LOG_HISTOGRAM_LOW + bin / 2);
    return bin % 2 == 0 ? octave : octave * sqrt(2.0);
}
