/*
 * What we write as JSON, read back by Python's json module.
 *
 * Each test writes, beside the document, every value it must hold as lines "path <tab> kind <tab>
 * value"; the checker accepts exactly these members and no others. Kinds: x a double in
 * hexadecimal, n a whole number, b 1 for true and 0 for false, s a string, 0 null, c whole counts,
 * l counts of all bins of a logarithmic histogram, of which the document leaves out the empty
 * octaves at both ends.
 */
#include "base/check.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cjson/cJSON.h>

#include "base/file.h"
#include "base/text.h"
#include "export/json_file.h"
#include "tools.h"

enum { PATH = 128 };

/* A number that is different every time and needs all its digits. */
static double next_number(void) {
    static uint64_t state = 1;
    state = state * 6364136223846793005u + 1442695040888963407u;
    return ldexp((double)(state >> 11), (int)(state >> 58) - 90);
}

static uint32_t next_count(void) {
    return (uint32_t)fmod(next_number() * 1e12, 4294967296.0);
}

static void fill_moments(struct moments *moments) {
    *moments = (struct moments){
        .n = 6400,
        .zero = 640,
        .underflow = 17,
        .nan = 3,
        .inf = 5,
        .mean = -next_number(),
        .sd = next_number(),
        .rms = next_number(),
        .min = -next_number(),
        .max = next_number(),
    };
}

static void fill_histogram(struct histogram *histogram) {
    *histogram = (struct histogram){ .low = -next_number(),
                                     .high = next_number(),
                                     .n = next_count(),
                                     .below = next_count(),
                                     .above = next_count(),
                                     .nan = next_count(),
                                     .inf = next_count() };
    for (int i = 0; i < HISTOGRAM_BINS; i++) {
        histogram->counts[i] = next_count();
    }
    histogram->counts[0] = UINT32_MAX;
}

static void fill_log_histogram(struct log_histogram *histogram, int first, int last) {
    *histogram = (struct log_histogram){
        .n = 1 + next_count(),
        .zero = next_count(),
        .underflow = next_count(),
        .nan = next_count(),
        .inf = next_count(),
    };
    for (int i = first; i <= last; i++) {
        histogram->counts[i] = 1 + next_count() / 2;
    }
}

static void fill_layer(struct layer_stats *layer, int number) {
    *layer = (struct layer_stats){
        .units = 100,
        .saturated = 1234,
        .dead = 7,
        .weight_rms = next_number(),
        .weight_gradient_rms = next_number(),
        .update_rms = next_number(),
        .update_ratio = next_number(),
        .factor = { 1.0, next_number(), next_number(), next_number(), next_number() },
        .forward = { next_number(), next_number(), 1.0, next_number(), next_number() },
        .gradient_rms = next_number(),
        .participation = number % 2 ? (double)NAN : next_number(),
        .lsuv = { number % 20, next_number(), next_number() },
    };
    fill_moments(&layer->h);
    fill_moments(&layer->z);
    fill_moments(&layer->delta);
    fill_histogram(&layer->h_histogram);
    fill_histogram(&layer->z_histogram);
    fill_histogram(&layer->weight_histogram);
    // the outermost full bins fall on both halves of an octave
    fill_log_histogram(&layer->delta_histogram, 200 + number % 7, 230 + number % 5);
    fill_log_histogram(&layer->weight_gradient_histogram, number % 3, LOG_HISTOGRAM_BINS - 1);
    if (number % 2) {
        fill_log_histogram(&layer->gradient_histogram, 3, 300);
    }
}

static void fill_theory(struct theory *theory, int layers) {
    theory->applies = true;
    theory->layers = layers;
    for (int i = 0; i < layers; i++) {
        theory->q[i] = next_number();
        theory->chi[i] = next_number();
        theory->h_mean[i] = -next_number();
        theory->h_rms[i] = next_number();
        theory->h_sd[i] = next_number();
        theory->h_band[i] = next_number();
        theory->delta_ratio[i] = next_number();
        theory->delta_band[i] = next_number();
    }
}

static void fill_run(struct run_snapshot *run, int layers) {
    run->layers = layers;
    run->step = 123456789012;
    run->loss = next_number();
    run->accuracy = next_number();
    run->test_loss = next_number();
    run->test_accuracy = next_number();
    run->test_n = 10000;
    run->learning_rate = next_number();
    run->weight_decay = next_number();
    run->clip_scale = next_number();
    run->diagnosis =
        (struct diagnosis){ .verdict = VERDICT_VANISHING, .layer = 1, .value = next_number() };
    run->input_rms = next_number();
    run->test_step = 123456789000;
    text_set(run->diagnosis.sentence, SNAPSHOT_SENTENCE, "δ \"shrinks\" \\ by\t%d", layers);
    text_set(run->diagnosis.rule, SNAPSHOT_SENTENCE, "rms δ₁ < 1e-3 · rms δ_L");
    for (int i = 0; i < layers; i++) {
        fill_layer(&run->layer[i], i);
    }
    fill_layer(&run->output, layers);
    fill_theory(&run->theory, layers);
}

static struct snapshot *make_snapshot(int layers, int runs) {
    struct snapshot *snapshot = calloc(1, sizeof *snapshot);
    assert_non_null(snapshot);
    snapshot->step = 123456789012;
    snapshot->epoch = next_number();
    snapshot->batch = 128;
    snapshot->examples = 60000;
    snapshot->runs = runs;
    for (int i = 0; i < runs; i++) {
        fill_run(&snapshot->run[i], layers + i);
    }
    return snapshot;
}

static void say_number(FILE *out, const char *path, const char *name, double value) {
    fprintf(out, "%s.%s\tx\t%a\n", path, name, value);
}

static void say_count(FILE *out, const char *path, const char *name, uint64_t value) {
    fprintf(out, "%s.%s\tn\t%llu\n", path, name, (unsigned long long)value);
}

static void say_text(FILE *out, const char *path, const char *name, const char *value) {
    fprintf(out, "%s.%s\ts\t", path, name);
    for (; *value != '\0'; value++) {
        fprintf(out, *value == '\t' ? "\\t" : *value == '\\' ? "\\\\" : "%c", *value);
    }
    fputc('\n', out);
}

static void say_counts(FILE *out, const char *path, char kind, const uint32_t *counts, int bins) {
    fprintf(out, "%s\t%c\t", path, kind);
    for (int i = 0; i < bins; i++) {
        fprintf(out, "%u ", counts[i]);
    }
    fputc('\n', out);
}

static void say_histogram(FILE *out, const char *owner, const struct histogram *histogram) {
    char path[PATH], counts[PATH];
    text_set(path, sizeof path, "%s.histogram", owner);
    say_number(out, path, "low", histogram->low);
    say_number(out, path, "high", histogram->high);
    say_count(out, path, "n", histogram->n);
    say_count(out, path, "below", histogram->below);
    say_count(out, path, "above", histogram->above);
    say_count(out, path, "nan", histogram->nan);
    say_count(out, path, "inf", histogram->inf);
    text_set(counts, sizeof counts, "%s.counts", path);
    say_counts(out, counts, 'c', histogram->counts, HISTOGRAM_BINS);
}

static void say_log_histogram(FILE *out, const char *owner, const char *name,
                              const struct log_histogram *histogram) {
    char path[PATH];
    text_set(path, sizeof path, "%s.%s", owner, name);
    say_text(out, path, "scale", "log2 magnitude");
    say_count(out, path, "bins_per_octave", 2);
    say_count(out, path, "n", histogram->n);
    say_count(out, path, "zero", histogram->zero);
    say_count(out, path, "underflow", histogram->underflow);
    say_count(out, path, "nan", histogram->nan);
    say_count(out, path, "inf", histogram->inf);
    say_counts(out, path, 'l', histogram->counts, LOG_HISTOGRAM_BINS);
}

static void say_moments(FILE *out, const char *path, const struct moments *moments) {
    say_count(out, path, "n", moments->n);
    say_number(out, path, "mean", moments->mean);
    say_number(out, path, "sd", moments->sd);
    say_number(out, path, "rms", moments->rms);
    say_number(out, path, "min", moments->min);
    say_number(out, path, "max", moments->max);
    say_number(out, path, "zero", (double)moments->zero / (double)moments->n);
    say_number(out, path, "underflow", (double)moments->underflow / (double)moments->n);
    say_count(out, path, "nan", moments->nan);
    say_count(out, path, "inf", moments->inf);
}

static void say_layer(FILE *out, const char *owner, int number, const struct layer_stats *layer) {
    char path[PATH];
    say_count(out, owner, "layer", (uint64_t)number);
    say_count(out, owner, "units", (uint64_t)layer->units);
    text_set(path, sizeof path, "%s.h", owner);
    say_moments(out, path, &layer->h);
    say_histogram(out, path, &layer->h_histogram);
    say_number(out, path, "saturated", (double)layer->saturated / (double)layer->h.n);
    say_number(out, path, "dead", (double)layer->dead / (double)layer->units);
    text_set(path, sizeof path, "%s.z", owner);
    say_moments(out, path, &layer->z);
    say_histogram(out, path, &layer->z_histogram);
    text_set(path, sizeof path, "%s.delta", owner);
    say_moments(out, path, &layer->delta);
    say_log_histogram(out, path, "histogram", &layer->delta_histogram);
    text_set(path, sizeof path, "%s.weight", owner);
    say_number(out, path, "rms", layer->weight_rms);
    say_histogram(out, path, &layer->weight_histogram);
    text_set(path, sizeof path, "%s.weight_gradient", owner);
    say_number(out, path, "rms", layer->weight_gradient_rms);
    say_log_histogram(out, path, "histogram", &layer->weight_gradient_histogram);
    say_number(out, owner, "update_rms", layer->update_rms);
    say_number(out, owner, "update_ratio", layer->update_ratio);
}

static void say_product(FILE *out, const char *path, const char *slope, const double *factor) {
    const char *const names[] = { "normalisation", "weight", "skip", "branch", slope };
    double product = 1.0;
    for (int f = 0; f < FACTOR_COUNT; f++) {
        say_number(out, path, names[f], factor[f]);
        product *= factor[f];
    }
    say_number(out, path, "product", product);
}

static void say_factors(FILE *out, const char *owner, const struct layer_stats *layer) {
    char path[PATH];
    say_number(out, owner, "gradient_rms", layer->gradient_rms);
    text_set(path, sizeof path, "%s.factors", owner);
    say_product(out, path, "slope", layer->factor);
    text_set(path, sizeof path, "%s.forward_factors", owner);
    say_product(out, path, "activation", layer->forward);
    if (layer->gradient_histogram.n > 0) {
        say_log_histogram(out, owner, "gradient_histogram", &layer->gradient_histogram);
    } else {
        fprintf(out, "%s.gradient_histogram\t0\t\n", owner);
    }
}

static void say_theory(FILE *out, const char *owner, const struct theory *theory, int i) {
    char path[PATH];
    text_set(path, sizeof path, "%s.theory", owner);
    if (!theory->applies) {
        fprintf(out, "%s\t0\t\n", path);
        return;
    }
    say_number(out, path, "q", theory->q[i]);
    say_number(out, path, "chi", theory->chi[i]);
    say_number(out, path, "h_mean", theory->h_mean[i]);
    say_number(out, path, "h_rms", theory->h_rms[i]);
    say_number(out, path, "h_sd", theory->h_sd[i]);
    say_number(out, path, "h_band", theory->h_band[i]);
    say_number(out, path, "delta_ratio", theory->delta_ratio[i]);
    say_number(out, path, "delta_band", theory->delta_band[i]);
}

/* Measured in some layers only: null elsewhere. */
static void say_participation(FILE *out, const char *owner, const struct layer_stats *layer) {
    if (isnan(layer->participation)) {
        fprintf(out, "%s.participation\t0\t\n", owner);
    } else {
        say_number(out, owner, "participation", layer->participation);
    }
}

static void say_lsuv(FILE *out, const char *owner, bool there, const struct lsuv_stats *lsuv) {
    char path[PATH];
    text_set(path, sizeof path, "%s.lsuv", owner);
    if (!there) {
        fprintf(out, "%s\t0\t\n", path);
        return;
    }
    say_count(out, path, "iterations", (uint64_t)lsuv->iterations);
    say_number(out, path, "variance_before", lsuv->before);
    say_number(out, path, "variance_after", lsuv->after);
}

static void say_run(FILE *out, const char *path, const struct run_snapshot *run) {
    char layer[PATH];
    say_count(out, path, "step", (uint64_t)run->step);
    say_number(out, path, "loss", run->loss);
    say_number(out, path, "accuracy", run->accuracy);
    say_number(out, path, "learning_rate", run->learning_rate);
    say_number(out, path, "weight_decay", run->weight_decay);
    say_number(out, path, "clip_scale", run->clip_scale);
    say_text(out, path, "sentence", run->diagnosis.sentence);
    say_text(out, path, "rule", run->diagnosis.rule);
    say_count(out, path, "verdict_layer", (uint64_t)run->diagnosis.layer);
    say_count(out, path, "test_n", (uint64_t)run->test_n);
    if (run->test_n > 0) {
        say_count(out, path, "test_step", (uint64_t)run->test_step);
    } else {
        fprintf(out, "%s.test_step\t0\t\n", path);
    }
    fprintf(out, "%s.ensemble\t0\t\n", path);
    if (run->pretraining.layers == 0) {
        fprintf(out, "%s.pretraining\t0\t\n", path);
    }
    say_number(out, path, "input_rms", run->input_rms);
    say_number(out, path, "verdict_value", run->diagnosis.value);
    for (int i = 0; i < run->layers; i++) {
        text_set(layer, sizeof layer, "%s.layers.%d", path, i);
        say_layer(out, layer, i + 1, &run->layer[i]);
        say_factors(out, layer, &run->layer[i]);
        say_participation(out, layer, &run->layer[i]);
        say_theory(out, layer, &run->theory, i);
        say_lsuv(out, layer, run->by_lsuv, &run->layer[i].lsuv);
    }
    text_set(layer, sizeof layer, "%s.theory", path);
    fprintf(out, "%s.applies\tb\t%d\n", layer, run->theory.applies);
    if (run->theory.applies) {
        fprintf(out, "%s.reason\t0\t\n", layer);
    } else {
        say_text(out, layer, "reason", run->theory.reason);
    }
    text_set(layer, sizeof layer, "%s.output", path);
    say_layer(out, layer, run->layers + 1, &run->output);
    say_lsuv(out, layer, run->by_lsuv, &run->output.lsuv);
}

static void say_settings(FILE *out, const char *path, const struct experiment *experiment, int run,
                         bool shared) {
    int count;
    const struct setting *table = settings_table(&count);
    for (int i = 0; i < count; i++) {
        char text[EXPERIMENT_PROBLEM];
        setting_print(experiment, run, &table[i], text, sizeof text);
        char kind = table[i].type == SETTING_NAME || setting_is_text(&table[i]) ? 's'
                    : table[i].type == SETTING_DOUBLE                           ? 'x'
                                                                                : 'n';
        if (shared || table[i].per_run) {
            fprintf(out, "%s.%s\t%c\t%s\n", path, table[i].name, kind, text);
        }
    }
}

static const char *below(const char *prefix, const char *name) {
    static char path[PATH];
    text_set(path, sizeof path, "%s%s", prefix, name);
    return path;
}

/* prefix: of the paths, for one of several cases. */
static void say_result(FILE *out, const char *prefix, const struct experiment *experiment,
                       const struct snapshot *snapshot) {
    fprintf(out, "%sstep\tn\t%lld\n", prefix, (long long)snapshot->step);
    fprintf(out, "%sepoch\tx\t%a\n", prefix, snapshot->epoch);
    fprintf(out, "%sbatch\tn\t%d\n", prefix, snapshot->batch);
    fprintf(out, "%sexamples\tn\t%lld\n", prefix, (long long)snapshot->examples);
    say_settings(out, below(prefix, "experiment"), experiment, 0, true);
    if (experiment->compare) {
        say_settings(out, below(prefix, "experiment.b"), experiment, 1, false);
    }
    say_run(out, below(prefix, "runs.A"), &snapshot->run[0]);
    if (snapshot->runs == 2) {
        say_run(out, below(prefix, "runs.B"), &snapshot->run[1]);
    }
}

static void say_document(FILE *out, const struct experiment *experiment,
                         const struct snapshot *snapshot) {
    fprintf(out, "version\ts\t%s\n", LAYERSCOPE_VERSION);
    say_result(out, "", experiment, snapshot);
}

static void write_document(const char *path, const struct experiment *experiment,
                           const struct snapshot *snapshot) {
    char problem[FILE_PROBLEM_MAX] = "";
    assert_true(json_file_write(path, experiment, snapshot, problem));
    assert_string_equal(problem, "");
}

/* more: lines of what differs between the tests. */
static void assert_document(const struct experiment *experiment, const struct snapshot *snapshot,
                            const char *more) {
    char document[TOOLS_PATH], expected[TOOLS_PATH];
    scratch_path(document, "document.json");
    scratch_path(expected, "expected.txt");
    write_document(document, experiment, snapshot);
    FILE *out = fopen(expected, "w");
    assert_non_null(out);
    say_document(out, experiment, snapshot);
    fputs(more, out);
    fclose(out);
    const char *arguments[] = { "json", document, expected, NULL };
    assert_checked(arguments);
}

static void python_reads_it(void **state) {
    (void)state;
    struct experiment experiment;
    experiment_defaults(&experiment);
    experiment.seed = UINT64_MAX;
    experiment.compare = false;
    experiment.run[0].loss = LOSS_CROSS_ENTROPY;
    experiment.run[0].learning_rate = 0.1;
    struct snapshot *snapshot = make_snapshot(1, 1);
    char more[512] = "";
    text_set(more, sizeof more,
             "runs.A.verdict\ts\tvanishing\nruns.A.diverged\t0\t\n"
             "runs.A.loss_function\ts\tcross_entropy\n"
             "runs.A.test_loss\tx\t%a\nruns.A.test_accuracy\tx\t%a\n",
             snapshot->run[0].test_loss, snapshot->run[0].test_accuracy);
    assert_document(&experiment, snapshot, more);
    free(snapshot);
}

static void twins_and_depth_200(void **state) {
    (void)state;
    struct experiment experiment;
    experiment_defaults(&experiment);
    experiment.compare = true;
    experiment.run[0].loss = LOSS_BINARY_CROSS_ENTROPY;
    experiment.run[1].loss = LOSS_MSE;
    struct snapshot *snapshot = make_snapshot(SNAPSHOT_LAYERS - 1, 2);
    snapshot->run[1].by_lsuv = true;
    snapshot->run[0].pretraining = (struct pretraining_stats){
        .layers = 200, .epochs = 2, .step = 77, .finished = 3, .errors = { 0.5f, 0.25f, 0.125f }
    };
    for (int i = 0; i < 2; i++) {
        snapshot->run[i].test_n = 0;
        snapshot->run[i].test_accuracy = nan("");
        snapshot->run[i].test_loss = nan("");
    }
    snapshot->run[1].diverged = true;
    snapshot->run[1].diverged_step = 77;
    snapshot->run[1].diverged_layer = 200;
    snapshot->run[1].diverged_backward = true;
    snapshot->run[1].diagnosis.verdict = VERDICT_DIVERGED;
    snapshot->run[1].theory.applies = false;
    text_set(snapshot->run[1].theory.reason, SNAPSHOT_SENTENCE, "It is about \"Gaussians\".");
    assert_document(&experiment, snapshot,
                    "runs.A.verdict\ts\tvanishing\nruns.A.diverged\t0\t\n"
                    "runs.A.loss_function\ts\tbinary_cross_entropy\n"
                    "runs.A.pretraining.steps\tn\t77\n"
                    "runs.A.pretraining.reconstruction_error.0.0\tx\t0x1p-1\n"
                    "runs.A.pretraining.reconstruction_error.0.1\tx\t0x1p-2\n"
                    "runs.A.pretraining.reconstruction_error.1.0\tx\t0x1p-3\n"
                    "runs.A.test_loss\t0\t\nruns.A.test_accuracy\t0\t\n"
                    "runs.B.verdict\ts\tdiverged\nruns.B.diverged.step\tn\t77\n"
                    "runs.B.diverged.layer\tn\t200\nruns.B.diverged.pass\ts\tbackward\n"
                    "runs.B.loss_function\ts\tmse\n"
                    "runs.B.test_loss\t0\t\nruns.B.test_accuracy\t0\t\n");
    free(snapshot);
}

static void make_nothing_finite(struct run_snapshot *run) {
    struct layer_stats *layer = &run->layer[0];
    run->loss = nan("");
    run->test_loss = HUGE_VAL;
    run->accuracy = -0.0;
    run->test_accuracy = nan("");
    run->diverged = true;
    run->diagnosis.verdict = VERDICT_DIVERGED;
    layer->h.mean = layer->h.sd = nan("");
    layer->h.min = -HUGE_VAL;
    layer->h.max = HUGE_VAL;
    layer->update_ratio = nan("");
    layer->factor[FACTOR_WEIGHT] = 0.0;
    layer->factor[FACTOR_SLOPE] = HUGE_VAL; // their product is a NaN
    layer->delta_histogram = (struct log_histogram){ .nan = 6400 };
    layer->weight_gradient_histogram = (struct log_histogram){ .counts = { [507] = 1 } };
}

static void nothing_finite(void **state) {
    (void)state;
    struct experiment experiment;
    experiment_defaults(&experiment);
    experiment.compare = false;
    experiment.run[0].loss = LOSS_CROSS_ENTROPY;
    struct snapshot *snapshot = make_snapshot(1, 1);
    make_nothing_finite(&snapshot->run[0]);
    assert_document(&experiment, snapshot,
                    "runs.A.verdict\ts\tdiverged\nruns.A.loss_function\ts\tcross_entropy\n"
                    "runs.A.diverged.step\tn\t0\nruns.A.diverged.layer\tn\t0\n"
                    "runs.A.diverged.pass\ts\tforward\n"
                    "runs.A.test_loss\tx\tinf\nruns.A.test_accuracy\tx\tnan\n");
    free(snapshot);
}

static void several_cases_are_one_document(void **state) {
    (void)state;
    enum { CASES = 3 };
    struct experiment experiments[CASES];
    struct json_case cases[CASES];
    struct snapshot *snapshots[CASES];
    struct experiment_notes notes = { .title = "a \"title\"", .about = "δ, and so on." };
    static const char *const names[CASES] = { "one", "1/sqrt(fan_in)", "" };
    char document[TOOLS_PATH], expected[TOOLS_PATH], problem[FILE_PROBLEM_MAX] = "";
    scratch_path(document, "document.json");
    scratch_path(expected, "expected.txt");
    FILE *out = fopen(expected, "w");
    assert_non_null(out);
    fprintf(out, "version\ts\t%s\ntitle\ts\t%s\nabout\ts\t%s\n", LAYERSCOPE_VERSION, notes.title,
            notes.about);
    for (int i = 0; i < CASES; i++) {
        char prefix[PATH];
        experiment_defaults(&experiments[i]);
        experiments[i].seed = 3 + (uint64_t)i;
        snapshots[i] = make_snapshot(1 + i, 1);
        cases[i] = (struct json_case){ names[i], &experiments[i], snapshots[i] };
        text_set(prefix, sizeof prefix, "cases.%d.", i);
        fprintf(out, "%sname\ts\t%s\n", prefix, names[i]);
        fprintf(out, "%sruns.A.verdict\ts\tvanishing\n%sruns.A.diverged\t0\t\n", prefix, prefix);
        fprintf(out, "%sruns.A.loss_function\ts\tcross_entropy\n", prefix);
        fprintf(out, "%sruns.A.test_loss\tx\t%a\n", prefix, snapshots[i]->run[0].test_loss);
        fprintf(out, "%sruns.A.test_accuracy\tx\t%a\n", prefix, snapshots[i]->run[0].test_accuracy);
        say_result(out, prefix, &experiments[i], snapshots[i]);
    }
    fclose(out);
    assert_true(json_file_write_cases(document, &notes, cases, CASES, problem));
    const char *arguments[] = { "json", document, expected, NULL };
    assert_checked(arguments);
    for (int i = 0; i < CASES; i++) {
        free(snapshots[i]);
    }
}

static void same_snapshot_same_bytes(void **state) {
    (void)state;
    struct experiment experiment;
    experiment_defaults(&experiment);
    struct snapshot *snapshot = make_snapshot(3, 2);
    char a[TOOLS_PATH], b[TOOLS_PATH];
    scratch_path(a, "a.json");
    scratch_path(b, "b.json");
    write_document(a, &experiment, snapshot);
    write_document(b, &experiment, snapshot);
    assert_same_file(a, b);
    free(snapshot);
}

static void numbers_are_as_short_as_they_can_be(void **state) {
    (void)state;
    struct experiment experiment;
    experiment_defaults(&experiment);
    struct snapshot *snapshot = make_snapshot(1, 1);
    snapshot->run[0].loss = 0.1;
    snapshot->run[0].accuracy = 1.0 / 3.0;
    char *text = json_print(&experiment, snapshot);
    assert_non_null(text);
    assert_non_null(strstr(text, "\"loss\":\t0.1,"));
    assert_non_null(strstr(text, "\"accuracy\":\t0.3333333333333333,"));
    free(text);
    free(snapshot);
}

static bool write_broken(const char *path, char *problem) {
    struct experiment experiment;
    experiment_defaults(&experiment);
    struct snapshot *snapshot = make_snapshot(2, 1);
    bool written = json_file_write(path, &experiment, snapshot, problem);
    free(snapshot);
    return written;
}

static void failures_leave_nothing(void **state) {
    (void)state;
    assert_fails_cleanly(write_broken, 10000);
}

static bool write_broken_lines(const char *path, char *problem) {
    struct json_lines *lines = json_lines_open(path, problem);
    if (!lines) {
        return false;
    }
    struct experiment experiment;
    experiment_defaults(&experiment);
    struct snapshot *snapshot = make_snapshot(1, 1);
    const struct json_case step = { NULL, &experiment, snapshot };
    bool added = json_lines_add(lines, &step, problem) && json_lines_add(lines, &step, problem);
    free(snapshot);
    return json_lines_close(lines, added, problem) && added;
}

static void lines_that_fail_leave_nothing(void **state) {
    (void)state;
    assert_fails_cleanly(write_broken_lines, 10000);
}

static long allocations_left, allocations_alive;

/* Refuses one allocation and grants all later ones, so that only our own care can notice. */
static void *scarce_malloc(size_t size) {
    if (allocations_left-- == 0) {
        return NULL;
    }
    allocations_alive++;
    return malloc(size);
}

static void counting_free(void *memory) {
    allocations_alive -= memory != NULL;
    free(memory);
}

/* A document with a hole would be valid JSON: memory must run out loudly, wherever it does. */
static void memory_running_out_is_noticed(void **state) {
    (void)state;
    cJSON_Hooks hooks = { scarce_malloc, counting_free };
    cJSON_InitHooks(&hooks);
    struct experiment experiment;
    experiment_defaults(&experiment);
    struct snapshot *snapshot = make_snapshot(1, 1);
    char *text = NULL;
    for (long room = 0; !text; room += 1 + room / 16) {
        assert_true(room < 100000);
        allocations_left = room;
        allocations_alive = 0;
        text = json_print(&experiment, snapshot);
        assert_int_equal(allocations_alive, text ? 1 : 0);
    }
    cJSON_InitHooks(NULL);
    char *whole = json_print(&experiment, snapshot);
    assert_non_null(whole);
    assert_string_equal(text, whole);
    free(text);
    free(whole);
    free(snapshot);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(python_reads_it),
        cmocka_unit_test(twins_and_depth_200),
        cmocka_unit_test(nothing_finite),
        cmocka_unit_test(several_cases_are_one_document),
        cmocka_unit_test(same_snapshot_same_bytes),
        cmocka_unit_test(numbers_are_as_short_as_they_can_be),
        cmocka_unit_test(failures_leave_nothing),
        cmocka_unit_test(lines_that_fail_leave_nothing),
        cmocka_unit_test(memory_running_out_is_noticed),
    };
    return cmocka_run_group_tests(tests, scratch_setup, scratch_teardown);
}
