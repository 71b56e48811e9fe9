#include "base/check.h"

#include <math.h>
#include <string.h>

#include "base/require.h"
#include "base/text.h"
#include "measure/diagnosis.h"

/* Each rule on hand-made snapshots: on both sides of its threshold, and beside the other rules. */

enum { LAYERS = 10 };

static struct run_snapshot run;

/* Ten layers that nothing is wrong with. */
static void healthy(void) {
    memset(&run, 0, sizeof run);
    run.layers = LAYERS;
    text_set(run.activation, sizeof run.activation, "tanh");
    text_set(run.saturation_rule, sizeof run.saturation_rule, "|h| > 0.97");
    for (int l = 0; l < SNAPSHOT_LAYERS; l++) {
        struct layer_stats *stats = &run.layer[l];
        stats->units = 100;
        stats->h.n = stats->z.n = stats->delta.n = 1000;
        stats->h.rms = 0.5;
        stats->delta.rms = 1e-3;
        stats->weight_rms = 0.1;
        for (int f = 0; f < FACTOR_COUNT; f++) {
            stats->factor[f] = stats->forward[f] = 1.0;
        }
        stats->factor[FACTOR_SLOPE] = 0.8;
        stats->factor[FACTOR_WEIGHT] = 1.25;
        stats->forward[FACTOR_SLOPE] = 1.1;
        stats->forward[FACTOR_WEIGHT] = 0.9;
    }
}

static struct layer_stats *layer(int number) {
    return &run.layer[number - 1];
}

static void expect(enum verdict verdict, int number, const char *part) {
    diagnosis_make(&run);
    const struct diagnosis *d = &run.diagnosis;
    size_t length = strlen(d->sentence);
    if (d->verdict != verdict || d->layer != number) {
        fail_msg("%s, layer %d: %s", verdict_names[d->verdict], d->layer, d->sentence);
    }
    assert_contains(d->sentence, part);
    assert_true(length > 0 && d->sentence[length - 1] == '.');
    assert_true(length < SNAPSHOT_SENTENCE - 1);
    assert_null(strstr(d->sentence, "nan"));
    assert_null(strstr(d->sentence, "inf×"));
    assert_true(strlen(d->rule) > 0 && strlen(d->rule) < SNAPSHOT_SENTENCE - 1);
}

static void the_table_is_complete(void **state) {
    (void)state;
    bool found[VERDICT_COUNT] = { false };
    for (int i = 0; i < diagnosis_rule_count; i++) {
        assert_true(strlen(diagnosis_rules[i].rule) > 0 && strlen(diagnosis_rules[i].source) > 0);
        found[diagnosis_rules[i].verdict] = true;
    }
    for (int v = 0; v < VERDICT_COUNT; v++) {
        assert_true(strlen(verdict_names[v]) > 0);
        assert_true(found[v]);
    }
    assert_int_equal(diagnosis_rules[diagnosis_rule_count - 1].verdict, VERDICT_HEALTHY);
}

static void a_healthy_network(void **state) {
    (void)state;
    healthy();
    layer(1)->delta.rms = 0.5e-3;
    expect(VERDICT_HEALTHY, 0, "within 2× over 10 layers");
    assert_true(run.diagnosis.value == 0.5);
    layer(1)->delta.rms = 30e-3;
    expect(VERDICT_HEALTHY, 0, "within 30×");
    run.layers = 1;
    expect(VERDICT_HEALTHY, 0, "single hidden layer");
    run.layers = 0;
    memset(run.layer, 0, sizeof run.layer); // what is not there is not looked at
    expect(VERDICT_HEALTHY, 0, "no hidden layer");
    assert_true(run.diagnosis.value == 1.0);
    run.diverged = true;
    run.diverged_layer = 1;
    expect(VERDICT_DIVERGED, 1, "in the output layer");
}

/* All examples fitted exactly: no gradient anywhere, and nothing wrong with it. */
static void a_finished_network(void **state) {
    (void)state;
    for (int layers = 1; layers <= LAYERS; layers += 9) {
        healthy();
        run.layers = layers;
        for (int l = 1; l <= LAYERS; l++) {
            layer(l)->delta.rms = 0.0;
            layer(l)->delta.zero = layer(l)->delta.n;
            layer(l)->factor[FACTOR_SLOPE] = layer(l)->factor[FACTOR_WEIGHT] = (double)NAN;
        }
        run.output.delta.n = run.output.delta.zero = 100;
        expect(VERDICT_HEALTHY, 0, layers == 1 ? "single" : "zero");
    }
}

static void divergence_comes_first(void **state) {
    (void)state;
    healthy();
    run.diverged = true;
    run.diverged_step = 123;
    run.diverged_layer = 4;
    layer(1)->delta.rms = 1.0; // others would fire
    layer(2)->dead = 100;
    expect(VERDICT_DIVERGED, 4, "at step 123 in layer 4, in the forward pass");
    assert_true(run.diagnosis.value == 123.0);
    run.diverged_backward = true;
    run.diverged_layer = LAYERS + 1;
    expect(VERDICT_DIVERGED, LAYERS + 1, "in the output layer, in the backward pass");
    healthy();
    run.diverged = true;
    for (int l = 1; l <= LAYERS; l++) { // as it is when all is NaN
        layer(l)->delta.rms = layer(l)->h.rms = layer(l)->weight_rms = (double)NAN;
    }
    expect(VERDICT_DIVERGED, 0, "NaN or infinity");
}

static void weights_that_are_all_zero(void **state) {
    (void)state;
    healthy();
    for (int l = 1; l <= LAYERS; l++) {
        layer(l)->weight_rms = 0.0;
        layer(l)->delta.rms = 0.0;
        layer(l)->delta.zero = 1000;
    }
    expect(VERDICT_VANISHING, LAYERS, "all weights are zero");
    layer(7)->weight_rms = 1e-30;
    layer(10)->weight_rms = 1e-30;
    expect(VERDICT_VANISHING, 9, "8 of 10 layers");
}

static void exploding_gradients(void **state) {
    (void)state;
    healthy();
    layer(1)->delta.rms = 1.0; // exactly the threshold
    layer(LAYERS)->delta.rms = 1e-3;
    expect(VERDICT_HEALTHY, 0, "within");
    layer(1)->delta.rms = 1.0001;
    expect(VERDICT_EXPLODING, 1, "1,000× more gradient than layer 10");
    assert_contains(run.diagnosis.sentence, ": Wᵀ multiplies it by 1.2 per layer (φ′ 0.8).");
    assert_int_equal(run.diagnosis.factor, FACTOR_WEIGHT);
    layer(3)->factor[FACTOR_WEIGHT] = HUGE_VAL;
    expect(VERDICT_EXPLODING, 1, ": each layer multiplies it by 2.2."); // 1000^(1/9) = 2.15
    assert_int_equal(run.diagnosis.factor, FACTOR_COUNT);
    layer(1)->delta.rms = 1e30;
    expect(VERDICT_EXPLODING, 1, "more gradient than layer 10");
}

static void an_exploding_signal(void **state) {
    (void)state;
    healthy();
    layer(LAYERS)->h.rms = 500.0; // exactly the threshold
    expect(VERDICT_HEALTHY, 0, "within");
    layer(LAYERS)->h.rms = 501.0;
    expect(VERDICT_EXPLODING, LAYERS, "the signal grows 1,000×");
    assert_contains(run.diagnosis.sentence,
                    "to layer 10: φ multiplies it by 1.1 per layer (W 0.9).");
    assert_int_equal(run.diagnosis.factor, FACTOR_SLOPE);
    layer(1)->forward[FACTOR_WEIGHT] = 1e9; // from the input: no part of the way from layer 1 to 10
    expect(VERDICT_EXPLODING, LAYERS, "φ multiplies it by 1.1 per layer (W 0.9).");
    layer(LAYERS)->h.rms = 0.5;
    layer(1)->h.rms = 0.0; // dead, but what the biases made is not infinitely much
    layer(1)->dead = 100;
    expect(VERDICT_DEAD, 1, "100%");
}

static void vanishing_gradients(void **state) {
    (void)state;
    healthy();
    layer(1)->delta.rms = 1e-6; // exactly the threshold
    expect(VERDICT_HEALTHY, 0, "within 1,000×");
    layer(1)->delta.rms = 0.999e-6;
    expect(VERDICT_VANISHING, 1,
           "1,000× less gradient than layer 10: φ′ passes 0.8 per layer (Wᵀ 1.2).");
    assert_int_equal(run.diagnosis.factor, FACTOR_SLOPE);
    for (int l = 1; l < LAYERS; l++) {
        layer(l)->factor[FACTOR_WEIGHT] = 0.5;
        layer(l)->factor[FACTOR_BRANCH] = 1.5;
    }
    layer(LAYERS)->factor[FACTOR_SLOPE] = 0.0; // from the output: no part of the way from 10 to 1
    expect(VERDICT_VANISHING, 1, ": Wᵀ passes 0.5 per layer (φ′ 0.8, branch 1.5).");
    assert_int_equal(run.diagnosis.factor, FACTOR_WEIGHT);
    assert_true(fabs(run.diagnosis.value - 0.999e-3) < 1e-12);
    run.layers = 150; // the same ratio over many layers is slow: 0.955 each
    layer(150)->delta.rms = 1e-3;
    expect(VERDICT_HEALTHY, 0, "within");
    layer(1)->delta.rms = 1e-3 * pow(0.899, 149);
    expect(VERDICT_VANISHING, 1, "less gradient than layer 150");
    layer(1)->delta.rms = 1e-3 * pow(0.901, 149);
    expect(VERDICT_HEALTHY, 0, "within");
}

/* The factors told multiply to the ratio told, layer by layer, whatever each layer's are: here from
 * one d loss / d h to the next, which begins with the upper layer's branch. */
static void residual_factors_belong_to_the_gradient_of_h(void **state) {
    (void)state;
    healthy();
    run.residual = true;
    double gradient = 1.0;
    for (int l = LAYERS; l >= 1; l--) {
        double *own = layer(l)->factor;
        own[FACTOR_SLOPE] = l == LAYERS ? 0.25 : l == 1 ? 1e6 : 0.5; // layer 1's: below the last h
        own[FACTOR_BRANCH] = l == LAYERS ? 0.125 : l == 1 ? 1e6 : 0.25;
        own[FACTOR_WEIGHT] = l == LAYERS ? 1e6 : 0.75; // the last one's: above the first h
        own[FACTOR_SKIP] = l == LAYERS ? 1e6 : 1.5;
        own[FACTOR_NORMALISATION] = l == LAYERS ? 1e6 : 0.9;
        if (l < LAYERS) {
            const double *above = layer(l + 1)->factor;
            gradient *= above[FACTOR_BRANCH] * above[FACTOR_SLOPE] * own[FACTOR_NORMALISATION] *
                        own[FACTOR_WEIGHT] * own[FACTOR_SKIP];
        }
        layer(l)->gradient_rms = gradient;
    }
    expect(VERDICT_VANISHING, 1, "less gradient ∂ℓ/∂h than layer 10: branch passes 0.23 per layer");
    assert_contains(run.diagnosis.sentence, "φ′ 0.46");
    double told = pow(0.125 * pow(0.25, 8.0), 1.0 / 9.0) * pow(0.25 * pow(0.5, 8.0), 1.0 / 9.0) *
                  0.75 * 1.5 * 0.9;
    assert_true(fabs(pow(told, 9.0) / run.diagnosis.value - 1.0) < 1e-12);
}

static void a_gradient_that_is_gone(void **state) {
    (void)state;
    healthy();
    for (int l = 1; l <= 3; l++) {
        layer(l)->delta.rms = 0.0;
        layer(l)->delta.zero = 1000;
        layer(l)->factor[FACTOR_SLOPE] = (double)NAN;
        layer(l)->factor[FACTOR_WEIGHT] = 0.0;
    }
    expect(VERDICT_VANISHING, 1, "exactly zero from layer 3 down, where Wᵀ passes nothing");
    assert_true(run.diagnosis.value == 0.0 && run.diagnosis.factor == FACTOR_WEIGHT);
    layer(3)->factor[FACTOR_WEIGHT] = 0.5;
    layer(3)->factor[FACTOR_SLOPE] = 0.0;
    expect(VERDICT_VANISHING, 1, "exactly zero from layer 3 down, where φ′ passes nothing");
    assert_true(run.diagnosis.factor == FACTOR_SLOPE);
    run.residual = true; // what goes around blocks may be gone, too, though the last layer has some
    for (int l = 1; l <= LAYERS; l++) {
        layer(l)->gradient_rms = l == 1 ? 0.0 : 1e-3;
        layer(l)->delta.rms = 0.0;
        layer(l)->delta.zero = 1000;
    }
    expect(VERDICT_VANISHING, 1, "every entry is exactly zero");
    run.residual = false;
    layer(1)->delta.underflow = 1000;
    expect(VERDICT_VANISHING, 1, "smallest number float32 holds");
    run.layers = 1; // a single layer whose gradient underflowed
    expect(VERDICT_VANISHING, 1, "smallest number float32 holds");
    healthy();
    for (int l = 1; l <= LAYERS; l++) { // gone in the last layer already
        layer(l)->delta.rms = 0.0;
        layer(l)->delta.zero = layer(l)->delta.underflow = 1000;
    }
    expect(VERDICT_VANISHING, 1, "smallest number float32 holds");
}

/* float32 cannot hold it below layer 4: the factors are those of the layers that have all of it. */
static void a_gradient_that_underflows(void **state) {
    (void)state;
    healthy();
    for (int l = 1; l <= LAYERS; l++) {
        layer(l)->factor[FACTOR_WEIGHT] = l < 4 ? (double)NAN : 0.002;
        layer(l)->factor[FACTOR_SLOPE] = l < 4 ? (double)NAN : 0.25;
    }
    for (int l = 1; l <= 3; l++) {
        layer(l)->delta.rms = 0.0;
        layer(l)->delta.zero = layer(l)->delta.underflow = 1000;
    }
    expect(VERDICT_VANISHING, 1, "layer 1: Wᵀ passes 0.002 per layer (φ′ 0.25); below layer 4 it");
    assert_true(run.diagnosis.factor == FACTOR_WEIGHT && run.diagnosis.value == 0.0);
}

/* The examples that are still wrong are those for which every unit is off. */
static void a_gradient_that_never_arrives(void **state) {
    (void)state;
    healthy();
    for (int l = 1; l <= LAYERS; l++) {
        layer(l)->delta.rms = 0.0;
        layer(l)->delta.zero = 1000;
    }
    run.output.delta.n = 100;
    run.output.delta.zero = 99;
    expect(VERDICT_VANISHING, LAYERS, "although the output's is not");
    layer(4)->dead = 60; // says more
    expect(VERDICT_DEAD, 4, "60%");
}

/* Some factors are not numbers: the sentence leaves them out. */
static void factors_that_do_not_exist_are_not_told(void **state) {
    (void)state;
    healthy();
    layer(1)->delta.rms = 1e-9;
    layer(4)->factor[FACTOR_SLOPE] = (double)NAN;
    expect(VERDICT_VANISHING, 1, ": each tanh layer passes on 0.22 of it.");
    assert_int_equal(run.diagnosis.factor, FACTOR_COUNT);
}

static void dead_units(void **state) {
    (void)state;
    healthy();
    layer(3)->dead = 50; // exactly the threshold
    expect(VERDICT_HEALTHY, 0, "within");
    layer(3)->dead = 51;
    expect(VERDICT_DEAD, 3, "51%");
    layer(8)->dead = layer(9)->dead = 73; // the first of equals is told
    expect(VERDICT_DEAD, 8, "73% of the units of layer 8");
    assert_true(run.diagnosis.value == 0.73);
    layer(2)->saturated = 1000; // comes after
    expect(VERDICT_DEAD, 8, "73%");
}

static void saturated_units(void **state) {
    (void)state;
    healthy();
    layer(5)->saturated = 500; // exactly the threshold
    expect(VERDICT_HEALTHY, 0, "within");
    layer(5)->saturated = 501;
    expect(VERDICT_SATURATED, 5, "50% of layer 5's activations");
    layer(9)->saturated = 900;
    expect(VERDICT_SATURATED, 9,
           "90% of layer 9's activations sit where φ′ is almost zero (|h| > 0.97)");
    layer(1)->delta.rms = 1e-9; // what saturation does counts for more
    expect(VERDICT_VANISHING, 1, "less gradient");
}

/* The longest names there can be still leave room for the full stop. */
static void the_longest_sentences_fit(void **state) {
    (void)state;
    healthy();
    run.layers = SNAPSHOT_LAYERS;
    memset(run.activation, 'x', SNAPSHOT_NAME - 1);
    memset(run.saturation_rule, 'y', 100);
    run.layer[0].delta.rms = 1.2345e-300;
    for (int l = 0; l < SNAPSHOT_LAYERS; l++) {
        for (int f = 0; f < FACTOR_COUNT; f++) {
            run.layer[l].factor[f] = run.layer[l].forward[f] = 1.234e-123;
        }
    }
    expect(VERDICT_VANISHING, 1, "less gradient than layer 200");
    assert_contains(run.diagnosis.sentence, "norm 1.2e-123).");
    run.layer[0].delta.rms = 1e300;
    expect(VERDICT_EXPLODING, 1, "more gradient than layer 200");
    run.layer[0].delta.rms = 1e-3;
    run.layer[199].saturated = 1000;
    expect(VERDICT_SATURATED, 200, "100%");
    run.diverged = true;
    run.diverged_step = INT64_MAX;
    run.diverged_layer = 200;
    expect(VERDICT_DIVERGED, 200, "9223372036854775807");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_table_is_complete),
        cmocka_unit_test(a_healthy_network),
        cmocka_unit_test(a_finished_network),
        cmocka_unit_test(divergence_comes_first),
        cmocka_unit_test(weights_that_are_all_zero),
        cmocka_unit_test(exploding_gradients),
        cmocka_unit_test(an_exploding_signal),
        cmocka_unit_test(vanishing_gradients),
        cmocka_unit_test(residual_factors_belong_to_the_gradient_of_h),
        cmocka_unit_test(a_gradient_that_is_gone),
        cmocka_unit_test(a_gradient_that_underflows),
        cmocka_unit_test(a_gradient_that_never_arrives),
        cmocka_unit_test(factors_that_do_not_exist_are_not_told),
        cmocka_unit_test(dead_units),
        cmocka_unit_test(saturated_units),
        cmocka_unit_test(the_longest_sentences_fit),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
