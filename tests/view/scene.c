#include "scene.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/require.h"
#include "base/text.h"
#include "scene_numbers.h"

enum { MOST_SAMPLES = 12800, HISTORY_STEPS = 300 };

static struct scene scene;
static uint32_t seed;

float scene_uniform(void) {
    seed = seed * 1664525u + 1013904223u;
    return (float)(seed >> 8) * (1.0f / 16777216.0f);
}

/* Nearly normal: the sum of twelve uniform numbers (Irwin and Hall). */
float scene_normal(void) {
    float sum = -6.0f;
    for (int i = 0; i < 12; i++) {
        sum += scene_uniform();
    }
    return sum;
}

struct moments scene_moments(const float *values, int n) {
    struct moments moments = { .n = (uint64_t)n, .min = (double)NAN, .max = (double)NAN };
    double sum = 0.0, squares = 0.0;
    int finite = 0;
    for (int i = 0; i < n; i++) {
        double value = (double)values[i];
        if (isnan(value)) {
            moments.nan++;
        } else if (isinf(value)) {
            moments.inf++;
        } else {
            finite++;
            sum += value;
            squares += value * value;
            moments.zero += !(value < 0.0 || value > 0.0);
            moments.min = fmin(moments.min, value); // fmin ignores the NaN
            moments.max = fmax(moments.max, value);
        }
    }
    moments.mean = sum / finite;
    moments.rms = sqrt(squares / finite);
    double variance = squares / finite - moments.mean * moments.mean;
    moments.sd = variance < 0.0 ? 0.0 : sqrt(variance);
    return moments;
}

void scene_bin(struct histogram *histogram, const float *values, int n,
               const struct moments *moments) {
    memset(histogram, 0, sizeof *histogram);
    double spread = isfinite(moments->sd) ? fmax(10.0 * moments->sd, 1e-6) : 1.0;
    double mean = isfinite(moments->mean) ? moments->mean : 0.0;
    histogram->width = exp2(ceil(log2(spread / HISTOGRAM_BINS)));
    double middle = floor(mean / histogram->width) * histogram->width;
    histogram->low = middle - 0.5 * HISTOGRAM_BINS * histogram->width;
    histogram->high = middle + 0.5 * HISTOGRAM_BINS * histogram->width;
    histogram->n = (uint64_t)n;
    for (int i = 0; i < n; i++) {
        double value = (double)values[i];
        if (isnan(value)) {
            histogram->nan++;
        } else if (isinf(value)) {
            histogram->inf++;
        } else if (value < histogram->low) {
            histogram->below++;
        } else if (value >= histogram->high) {
            histogram->above++;
        } else {
            histogram->counts[(int)((value - histogram->low) / histogram->width)]++;
        }
    }
}

void scene_bin_log(struct log_histogram *histogram, const float *values, int n) {
    memset(histogram, 0, sizeof *histogram);
    histogram->n = (uint64_t)n;
    for (int i = 0; i < n; i++) {
        double magnitude = fabs((double)values[i]);
        if (isnan(magnitude)) {
            histogram->nan++;
        } else if (isinf(magnitude)) {
            histogram->inf++;
        } else if (magnitude < 1.1754943508222875e-38) {
            histogram->zero++;
            histogram->underflow += magnitude > 0.0;
        } else {
            int at = (int)floor(2.0 * (log2(magnitude) - LOG_HISTOGRAM_LOW));
            histogram->counts[at]++;
        }
    }
}

/* What a kind of run does at depth l of layers. */
struct recipe {
    const char *activation, *init;
    enum verdict verdict;
    const char *sentence;
    bool bounded;
    double low, high;
    double z_mean, z_sd;  // of layer 1
    double z_growth;      // per layer
    double slope, weight; // factors of the backward pass
    float (*phi)(float z);
    float (*phi_slope)(float z);
};

static float relu(float z) {
    return z > 0.0f ? z : 0.0f;
}
static float relu_slope(float z) {
    return z > 0.0f ? 1.0f : 0.0f;
}
static float sigmoid(float z) {
    return 1.0f / (1.0f + expf(-z));
}
static float sigmoid_slope(float z) {
    return sigmoid(z) * (1.0f - sigmoid(z));
}
static float tanh_slope(float z) {
    return 1.0f - tanhf(z) * tanhf(z);
}

static const struct recipe recipes[SCENE_RUN_COUNT] = {
    [SCENE_HEALTHY] = { "ReLU", "He", VERDICT_HEALTHY,
                        "the gradient stays within 1.7× over 10 layers.", false, 0.0,
                        (double)INFINITY, 0.02, 0.9, 1.0, 0.71, 1.41, relu, relu_slope },
    [SCENE_VANISHING] = { "sigmoid", "xavier", VERDICT_VANISHING,
                          "layer 1 gets 150,000× less gradient than layer 10: φ′ passes 0.23 per "
                          "layer (Wᵀ 0.99).",
                          true, 0.0, 1.0, 0.02, 0.52, 1.0, 0.233, 0.99, sigmoid, sigmoid_slope },
    [SCENE_COLLAPSED] = { "tanh", "small", VERDICT_VANISHING,
                          "layer 1 gets 1e+09× less gradient than layer 10: Wᵀ passes 0.1 per "
                          "layer.",
                          true, -1.0, 1.0, 0.0, 0.3, 0.1, 1.0, 0.1, tanhf, tanh_slope },
    [SCENE_EXPLODING] = { "ReLU", "normal 1", VERDICT_EXPLODING,
                          "the signal grows 8e+07× from layer 1 to layer 10: W multiplies it by 10 "
                          "per layer (φ 0.71).",
                          false, 0.0, (double)INFINITY, 0.0, 9.0, 7.1, 0.71, 10.0, relu,
                          relu_slope },
    [SCENE_ZERO] = { "sigmoid", "zero", VERDICT_VANISHING,
                     "the weights are zero, so no gradient gets past the output layer, and all "
                     "units of a layer stay identical for ever.",
                     true, 0.0, 1.0, 0.0, 0.0, 1.0, (double)NAN, 0.0, sigmoid, sigmoid_slope },
    [SCENE_DIVERGED] = { "ReLU", "normal 1", VERDICT_DIVERGED,
                         "NaN or infinity began at step 43 in layer 7, in the forward pass; "
                         "training stopped there.",
                         false, 0.0, (double)INFINITY, 0.0, 40.0, 90.0, 0.71, 10.0, relu,
                         relu_slope },
};

static bool broken(enum scene_run kind, int l, int layers) {
    return kind == SCENE_DIVERGED && l >= (layers < 7 ? layers : 7);
}

static void fill_forward(struct layer_stats *layer, enum scene_run kind, int l, int layers, int n,
                         float *z, float *h) {
    const struct recipe *recipe = &recipes[kind];
    double sd = recipe->z_sd * pow(recipe->z_growth, (double)(l - 1));
    for (int i = 0; i < n; i++) {
        z[i] = (float)(recipe->z_mean + sd * (double)scene_normal());
        if (broken(kind, l, layers)) {
            z[i] = l == 7 && i % 3 == 0 ? INFINITY : NAN;
        }
        h[i] = isnan(z[i]) ? z[i] : recipe->phi(z[i]);
    }
    layer->z = scene_moments(z, n);
    layer->h = scene_moments(h, n);
    scene_bin(&layer->z_histogram, z, n, &layer->z);
    scene_bin(&layer->h_histogram, h, n, &layer->h);
}

static void fill_backward(struct layer_stats *layer, enum scene_run kind, int l, int layers, int n,
                          double rms, float *delta) {
    for (int i = 0; i < n; i++) {
        double shape = (double)scene_normal() * exp2(0.8 * (double)scene_normal());
        double value = 0.75 * rms * shape;
        bool zero = layer->h.zero > 0 && scene_uniform() < 0.45f;
        delta[i] = zero ? 0.0f : (float)value; // a denormal stands for what underflowed
        if (kind == SCENE_ZERO) {
            delta[i] = 0.0f;
        }
        if (broken(SCENE_DIVERGED, l, layers) && kind == SCENE_DIVERGED) {
            delta[i] = NAN;
        }
    }
    layer->delta = scene_moments(delta, n);
    scene_bin_log(&layer->delta_histogram, delta, n);
    layer->delta.zero = layer->delta_histogram.zero;
    layer->delta.underflow = layer->delta_histogram.underflow;
    for (int i = 0; i < n; i++) {
        delta[i] *= 0.1f;
    }
    scene_bin_log(&layer->weight_gradient_histogram, delta, n);
    layer->weight_gradient_rms = 0.1 * layer->delta.rms;
}

static void fill_curve(struct curve *curve, const struct recipe *recipe) {
    curve->low = -12.0f;
    curve->high = 12.0f;
    for (int i = 0; i < SNAPSHOT_CURVE; i++) {
        float z = curve->low + 24.0f * (float)i / (SNAPSHOT_CURVE - 1);
        curve->value[i] = recipe->phi(z);
        curve->slope[i] = recipe->phi_slope(z);
    }
}

#define OUTPUT_WEIGHT 0.3 // factor of the output's weights

/* Of a network of nothing but weights and phi, from the RMS of its layers. */
static void fill_forward_factors(struct run_snapshot *run) {
    double below = run->input_rms = 0.335;
    for (int l = 0; l < run->layers; l++) {
        struct layer_stats *layer = &run->layer[l];
        for (int f = 0; f < FACTOR_COUNT; f++) {
            layer->forward[f] = 1.0;
        }
        layer->forward[FACTOR_WEIGHT] = layer->z.rms / below;
        layer->forward[FACTOR_SLOPE] = layer->h.rms / layer->z.rms;
        below = layer->h.rms;
    }
}

static const double output_rms = 0.015;

static void sample_layers(struct layer_stats *stats, int layers, enum scene_run kind) {
    static float z[MOST_SAMPLES], h[MOST_SAMPLES];
    const struct recipe *recipe = &recipes[kind];
    int n = layers > 40 ? MOST_SAMPLES / 8 : MOST_SAMPLES;
    double rms = output_rms;
    for (int l = layers; l >= 1; l--) {
        struct layer_stats *layer = &stats[l - 1];
        layer->units = 100;
        fill_forward(layer, kind, l, layers, n, z, h);
        double wobble = 1.0 + 0.06 * ((double)scene_uniform() - 0.5);
        for (int f = 0; f < FACTOR_COUNT; f++) {
            layer->factor[f] = 1.0;
        }
        layer->factor[FACTOR_SLOPE] = recipe->slope;
        layer->factor[FACTOR_WEIGHT] = l == layers ? OUTPUT_WEIGHT : recipe->weight * wobble;
        rms *= kind == SCENE_ZERO ? 0.0 : recipe->slope * layer->factor[FACTOR_WEIGHT];
        rms = isnan(rms) ? 4e-3 : fmin(rms, 1e30);
        if (broken(kind, l, layers)) {
            layer->factor[FACTOR_SLOPE] = layer->factor[FACTOR_WEIGHT] = (double)NAN;
        }
        fill_backward(layer, kind, l, layers, n, rms, z);
    }
}

/* Sampling takes nearly all the time of a test, and many scenes begin with the same numbers. */
static void fill_layers(struct run_snapshot *run, int layers, enum scene_run kind) {
    static struct {
        struct layer_stats *stats;
        int layers;
        enum scene_run kind;
        uint32_t before, after; // seeds
    } made[64];
    size_t size = (size_t)layers * sizeof *run->layer;
    int i = 0;
    while (i < ARRAY_LEN(made) && made[i].stats &&
           !(made[i].layers == layers && made[i].kind == kind && made[i].before == seed)) {
        i++;
    }
    if (i < ARRAY_LEN(made) && made[i].stats) {
        memcpy(run->layer, made[i].stats, size);
        seed = made[i].after;
        return;
    }
    uint32_t before = seed;
    sample_layers(run->layer, layers, kind);
    struct layer_stats *kept = i < ARRAY_LEN(made) ? malloc(size) : NULL;
    if (kept) {
        memcpy(kept, run->layer, size);
        made[i].stats = kept;
        made[i].layers = layers;
        made[i].kind = kind;
        made[i].before = before;
        made[i].after = seed;
    }
}

static void fill_run(struct run_snapshot *run, int layers, enum scene_run kind) {
    const struct recipe *recipe = &recipes[kind];
    run->layers = layers;
    run->inputs = 784;
    run->outputs = 10;
    run->step = kind == SCENE_DIVERGED ? 43 : HISTORY_STEPS;
    text_set(run->activation, sizeof run->activation, "%s", recipe->activation);
    text_set(run->init, sizeof run->init, "%s", recipe->init);
    run->bounded = recipe->bounded;
    run->h_low = recipe->low;
    run->h_high = recipe->high;
    run->output.delta.rms = output_rms;
    fill_layers(run, layers, kind);
    fill_forward_factors(run);
    run->diagnosis.verdict = recipe->verdict;
    text_set(run->diagnosis.sentence, sizeof run->diagnosis.sentence, "%s", recipe->sentence);
    run->diverged = kind == SCENE_DIVERGED;
    run->diverged_step = 43;
    run->diverged_layer = 7;
    fill_curve(&run->curve, recipe);
}

static void fill_history(int r, enum scene_run kind) {
    struct history_view *history = &scene.history;
    struct run_snapshot *run = &scene.snapshot.run[r];
    bool learns = kind == SCENE_HEALTHY;
    history->layers[r] = run->layers;
    for (int i = 0; i < history->columns; i++) {
        float t = (float)i / (float)history->columns;
        float noise = 0.06f * (scene_uniform() - 0.5f);
        bool gone = kind == SCENE_DIVERGED && i > 43;
        float loss = learns ? 0.2f + 2.2f * expf(-9.0f * t) + 2.0f * noise * (1.0f - 0.5f * t)
                            : 2.303f + 0.4f * noise;
        float right = learns ? 0.95f - 0.85f * expf(-12.0f * t) + noise : 0.11f + 0.5f * noise;
        history->scalar[r][HISTORY_LOSS][i] = gone ? NAN : loss;
        history->scalar[r][HISTORY_ACCURACY][i] = gone ? NAN : right;
        history->scalar[r][HISTORY_TEST_ACCURACY][i] = gone || i < 20 ? NAN
                                                       : learns ? 0.94f - 0.84f * expf(-12.0f * t)
                                                                : 0.114f;
        for (int l = 0; l < run->layers; l++) {
            float rms = (float)run->layer[l].delta.rms;
            float value = gone ? NAN : rms * (1.0f + 8.0f * noise + expf(-20.0f * t));
            history->layer[HISTORY_DELTA_RMS][r][l][i] = value;
            history->layer[HISTORY_GRADIENT_RMS][r][l][i] = 2.0f * value;
            history->layer[HISTORY_WEIGHT_GRADIENT_RMS][r][l][i] = 0.1f * value;
            history->layer[HISTORY_H_SD][r][l][i] =
                gone ? NAN : (float)run->layer[l].h.sd * (1.0f + noise);
            history->layer[HISTORY_H_MEAN][r][l][i] =
                gone ? NAN : (float)run->layer[l].h.mean * (1.0f - noise);
        }
    }
    run->loss = (double)history->scalar[r][HISTORY_LOSS][history->columns - 1];
    run->accuracy = (double)history->scalar[r][HISTORY_ACCURACY][history->columns - 1];
    run->test_accuracy = (double)history->scalar[r][HISTORY_TEST_ACCURACY][history->columns - 1];
    run->test_n = 10000;
}

static void add_chip(const char *key, const char *label, const char *a, const char *b) {
    struct view_chip *chip = &scene.state.chips[scene.state.chip_count];
    text_set(chip->key, sizeof chip->key, "%s", key);
    text_set(chip->label, sizeof chip->label, "%s", label);
    text_set(chip->about, sizeof chip->about, "what %s it has", label);
    text_set(chip->value[0], sizeof chip->value[0], "%s", a);
    text_set(chip->value[1], sizeof chip->value[1], "%s", b);
    chip->speaks = strcmp(label, "rate") != 0 && strcmp(label, "batch") != 0;
    chip->spare = strcmp(label, "batch") == 0;
    chip->command = 100 + scene.state.chip_count++;
}

static void fill_keys(void) {
    static const struct {
        const char *key, *label, *about, *group;
        bool footer;
    } keys[] = {
        { "R", "restart", "restart with the same seed and the same batches", "Training", true },
        { "Shift+R", "new seed", "restart with a new seed", "Training", false },
        { "-", "slower", "train more slowly", "Training", false },
        { "=", "faster", "train faster, up to as fast as it can", "Training", false },
        { "A", "activation", "next activation function (Shift: previous)", "Network", true },
        { "I", "initialiser", "next initialiser (Shift: previous)", "Network", true },
        { "Up", "deeper", "one hidden layer more", "Network", false },
        { "Down", "shallower", "one hidden layer less", "Network", false },
        { "Right", "wider", "wider layers", "Network", false },
        { "Left", "narrower", "narrower layers", "Network", false },
        { "O", "optimiser", "next optimiser (Shift: previous)", "Learning", false },
        { ".", "faster rate", "larger learning rate", "Learning", false },
        { ",", "slower rate", "smaller learning rate", "Learning", false },
        { "B", "batch", "next batch size (Shift: previous)", "Learning", false },
        { "D", "data", "next data set (Shift: previous)", "Learning", false },
        { "C", "compare", "pin the present network A as reference B; again: drop B", "Compare",
          true },
        { "X", "swap A and B", "swap A and B", "Compare", true },
        { "Space", "pause", "pause and go on", "Training", true },
        { "Enter", "one step", "make one step (Shift: 100 steps)", "Training", true },
        { "[", "layer below", "select the layer below", "Show", false },
        { "]", "layer above", "select the layer above", "Show", false },
        { "G", "gradients", "show the gradients of z or of the weights", "Show", true },
        { "V", "theme", "dark, light or print colours", "Show", true },
        { "F11", "full screen", "full screen", "Show", false },
        { "S", "screenshot", "write the window's picture to a PNG", "Files", true },
        { "Q", "quit", "quit", "Files", false },
        { "?", "all keys", "show and hide this list", "Help", true },
        { "↓", "choose", "the setting below", "Settings", false },
        { "→", "change", "the next value, or a larger one", "Settings", false },
        { "Enter", "type", "type the value; again: take it", "Settings", false },
    };
    for (int i = 0; i < ARRAY_LEN(keys); i++) {
        struct view_key *key = &scene.state.keys[i];
        text_set(key->key, sizeof key->key, "%s", keys[i].key);
        text_set(key->label, sizeof key->label, "%s", keys[i].label);
        text_set(key->about, sizeof key->about, "%s", keys[i].about);
        key->group = keys[i].group;
        key->footer = keys[i].footer;
        key->kept = strcmp(keys[i].key, "?") == 0;
        key->menu = strcmp(keys[i].group, "Settings") == 0;
        key->command = 200 + i;
    }
    scene.state.key_count = ARRAY_LEN(keys);
}

static void fill_rows(void) {
    static const struct {
        const char *group, *label, *a, *b;
    } rows[] = {
        { "Network", "layers", "10", "10" },
        { "Network", "width", "100", "100" },
        { "Network", "activation", "relu", "sigmoid" },
        { "Network", "activation last", "same", "same" },
        { "Network", "leak", "0.01", "0.01" },
        { "Network", "init", "glorot_uniform", "small" },
        { "Network", "init scale", "1", "1" },
        { "Network", "bias", "0", "0" },
        { "Network", "normalisation", "none", "batch" },
        { "Network", "connection", "plain", "plain" },
        { "Training", "loss", "binary_cross_entropy", "binary_cross_entropy" },
        { "Training", "optimizer", "sgd", "sgd" },
        { "Training", "learning rate", "0.05", "0.05" },
        { "Training", "schedule", "constant", "constant" },
        { "Training", "momentum", "0.9", "0.9" },
        { "Training", "beta1", "0.9", "0.9" },
        { "Training", "beta2", "0.999", "0.999" },
        { "Training", "batch", "128", "" },
        { "Training", "seed", "18446744073709551615", "" },
        { "Regularisation and noise", "weight decay", "0", "0.0001" },
        { "Regularisation and noise", "stochastic depth", "0", "0" },
        { "Regularisation and noise", "mixup", "0", "" },
        { "Data", "data", "mnist", "" },
        { "Data", "examples", "0", "" },
        { "Data", "data path", "...me/ada/very long names of folders/and/more of them/mnist", "" },
        { "Data", "preprocess", "unit", "" },
    };
    struct view_menu *menu = &scene.state.menu;
    for (int i = 0; i < ARRAY_LEN(rows); i++) {
        struct view_row *row = &menu->rows[i];
        row->group = rows[i].group;
        text_set(row->label, sizeof row->label, "%s", rows[i].label);
        text_set(row->value[0], sizeof row->value[0], "%s", rows[i].a);
        text_set(row->value[1], sizeof row->value[1], "%s", scene.state.compare ? rows[i].b : "");
        row->changed[0] = i % 5 == 4;
        row->changed[1] = strcmp(row->value[0], row->value[1]) != 0;
    }
    menu->row_count = ARRAY_LEN(rows);
}

void scene_menu(struct scene *made, int selected, int run) {
    static const char *const names[] = { "zero",
                                         "constant",
                                         "small",
                                         "normal",
                                         "uniform",
                                         "xavier",
                                         "lecun_uniform",
                                         "glorot_normal",
                                         "glorot_uniform",
                                         "sigmoid_xavier",
                                         "he",
                                         "he_uniform",
                                         "he_fan_out",
                                         "pytorch",
                                         "orthogonal",
                                         "identity",
                                         "lsuv",
                                         "rbm" };
    struct view_menu *menu = &made->state.menu;
    menu->open = true;
    menu->selected = selected;
    menu->run = run;
    text_set(menu->spelled, sizeof menu->spelled, "--init");
    text_set(menu->about, sizeof menu->about, "how the first weights are drawn");
    text_set(menu->accepts, sizeof menu->accepts, "one of these; the default is he");
    menu->option_count = ARRAY_LEN(names);
    menu->option = run ? 2 : 8;
    memcpy(menu->options, names, sizeof names);
    static const struct view_choice choices[] = {
        { "Glorot uniform", "U(±√(6/(fan_in + fan_out)))",
          "the compromise between forward and backward variance",
          "Glorot & Bengio, AISTATS 2010, eq. 16" },
        { "small", "N(0, 0.01²)", "small random numbers, fine for shallow networks only", NULL },
    };
    menu->choice = choices[run];
}

void scene_type(struct scene *made, const char *typed, const char *problem) {
    struct view_menu *menu = &made->state.menu;
    menu->typing = true;
    menu->fresh = !problem;
    text_set(menu->typed, sizeof menu->typed, "%s", typed);
    text_set(menu->problem, sizeof menu->problem, "%s", problem ? problem : "");
    text_set(menu->spelled, sizeof menu->spelled, "--learning-rate");
    text_set(menu->about, sizeof menu->about, "learning rate");
    text_set(menu->accepts, sizeof menu->accepts, "a number from 0 to 1e+06; the default is 0.05");
    menu->option_count = 0;
    menu->choice = (struct view_choice){ 0 };
}

void scene_palette(struct scene *made, const char *typed, int count, int selected) {
    static const struct view_found found[] = {
        { "command", "rate up", "larger learning rate", "." },
        { "setting", "learning rate", "learning rate", "" },
        { "value of A", "activation last: Leaky ReLU",
          "ReLU with a small slope below zero, so that units do not die", "" },
        { "setting", "weight decay",
          "each update also takes learning rate x weight_decay of each parameter, but PReLU's; 0: "
          "off; below 0: adamw 0.01, others 0",
          "" },
        { "preset", "deep relu", "The same with ReLU", "Ctrl 2" },
        { "command", "steps", "pause and make 100 steps", "Shift+Enter" },
    };
    struct view_palette *palette = &made->state.palette;
    *palette = (struct view_palette){ .open = true, .count = count, .selected = selected };
    palette->first = selected < VIEW_PALETTE_ROWS / 2 ? 0 : selected - VIEW_PALETTE_ROWS / 2;
    text_set(palette->typed, sizeof palette->typed, "%s", typed);
    for (int i = 0; i < VIEW_PALETTE_ROWS && palette->first + i < count; i++) {
        palette->rows[i] = found[(palette->first + i) % ARRAY_LEN(found)];
    }
}

static void fill_state(int layers, int a, int b) {
    char depth[16];
    text_set(depth, sizeof depth, "%d × 100", layers);
    const struct recipe *first = &recipes[a < 0 ? SCENE_HEALTHY : a];
    const struct recipe *second = &recipes[b < 0 ? SCENE_VANISHING : b];
    add_chip("A", "activation", first->activation, second->activation);
    add_chip("I", "init", first->init, second->init);
    add_chip("↑↓←→", "layers", depth, depth);
    add_chip("O", "optimiser", "SGD", "SGD");
    add_chip(", .", "rate", "0.05", "0.05");
    add_chip("B", "batch", "128", "");
    add_chip("D", "data", "MNIST", "");
    fill_keys();
    scene.state.compare = b >= 0;
    scene.state.cursor = scene.state.again = -1;
    scene.state.newest = scene.snapshot.step;
    scene.state.selected = layers < 5 ? 1 : 5;
    fill_rows();
    scene_size(&scene, 1440.0f, 900.0f, THEME_DARK);
}

struct scene *scene_make(int layers, int a, int b) {
    memset(&scene, 0, sizeof scene);
    seed = 12345;
    struct snapshot *snapshot = &scene.snapshot;
    snapshot->state = WORKER_RUNNING;
    snapshot->has_runs = true;
    snapshot->step = HISTORY_STEPS;
    snapshot->epoch = 0.64;
    snapshot->steps_per_second = 2140.4;
    snapshot->batch = 128;
    snapshot->examples = 60000;
    snapshot->test_examples = 10000;
    text_set(snapshot->data, sizeof snapshot->data, "MNIST");
    text_set(snapshot->loss_name, sizeof snapshot->loss_name, "softmax + cross-entropy");
    snapshot->runs = b < 0 ? 1 : 2;
    scene.history.columns = HISTORY_STEPS + 1;
    scene.history.runs = snapshot->runs;
    scene.history.quantities = (1u << HISTORY_QUANTITIES) - 1;
    scene.history.last_step = HISTORY_STEPS;
    scene.history.bytes_used = 3 << 20;
    scene.history.bytes_budget = 256 << 20;
    for (int i = 0; i < scene.history.columns; i++) {
        scene.history.step[i] = i;
    }
    const int kinds[SNAPSHOT_RUNS] = { a, b };
    for (int r = 0; r < snapshot->runs; r++) {
        fill_run(&snapshot->run[r], layers, (enum scene_run)kinds[r]);
        fill_history(r, (enum scene_run)kinds[r]);
    }
    fill_state(layers, a, b);
    return &scene;
}

struct scene *scene_empty(const char *message) {
    memset(&scene, 0, sizeof scene);
    text_set(scene.snapshot.message, sizeof scene.snapshot.message, "%s", message);
    fill_state(10, -1, -1);
    return &scene;
}

void scene_size(struct scene *made, float width, float height, enum theme theme) {
    made->state.width = width;
    made->state.height = height;
    made->state.theme = theme;
}
