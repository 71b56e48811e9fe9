#include "export/json_file.h"

#include <cjson/cJSON.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/file.h"
#include "base/require.h"
#include "base/text.h"
#include "measure/diagnosis.h"

/* A place to add members to. Adding to a node that could not be made is harmless. */
struct node {
    cJSON *item;
    bool *complete; // of the whole document: false once memory ran out
};

/* Takes item over. name outlives the document; NULL in an array. */
static void put(struct node to, const char *name, cJSON *item) {
    bool added =
        name ? cJSON_AddItemToObjectCS(to.item, name, item) : cJSON_AddItemToArray(to.item, item);
    if (!added) {
        cJSON_Delete(item);
        *to.complete = false;
    }
}

static struct node put_node(struct node to, const char *name, cJSON *item) {
    if (!to.item) {
        cJSON_Delete(item);
        item = NULL;
    }
    put(to, name, item);
    return (struct node){ item, to.complete };
}

static struct node put_object(struct node to, const char *name) {
    return put_node(to, name, cJSON_CreateObject());
}

static struct node put_array(struct node to, const char *name) {
    return put_node(to, name, cJSON_CreateArray());
}

/* The shortest text that reads back to the same double; cJSON's own would lose the last bit. */
static cJSON *number(double value) {
    if (isnan(value)) {
        return cJSON_CreateString("NaN");
    }
    if (isinf(value)) {
        return cJSON_CreateString(value > 0.0 ? "Infinity" : "-Infinity");
    }
    char text[32];
    for (int digits = 15; digits <= 17; digits++) {
        text_set(text, sizeof text, "%.*g", digits, value);
        double back;
        if (text_to_double(text, &back) && back == value) {
            break;
        }
    }
    return cJSON_CreateRaw(text);
}

static cJSON *count(uint64_t value) {
    char text[32];
    text_set(text, sizeof text, "%llu", (unsigned long long)value);
    return cJSON_CreateRaw(text);
}

static cJSON *fraction(uint64_t part, uint64_t whole) {
    return number((double)part / (double)whole);
}

static void put_setting(struct node to, const struct experiment *experiment, int run,
                        const struct setting *setting) {
    char text[EXPERIMENT_PROBLEM];
    setting_print(experiment, run, setting, text, sizeof text);
    // raw, because a seed of 64 bits does not fit in cJSON's double
    bool quoted = setting->type == SETTING_NAME || setting_is_text(setting);
    put(to, setting->name, quoted ? cJSON_CreateString(text) : cJSON_CreateRaw(text));
}

static void put_experiment(struct node to, const struct experiment *experiment) {
    int settings;
    const struct setting *table = settings_table(&settings);
    for (int i = 0; i < settings; i++) {
        put_setting(to, experiment, 0, &table[i]);
    }
    if (!experiment->compare) {
        return;
    }
    struct node b = put_object(to, "b");
    for (int i = 0; i < settings; i++) {
        if (table[i].per_run) {
            put_setting(b, experiment, 1, &table[i]);
        }
    }
}

static void put_counts(struct node to, const uint32_t *counts, int bins) {
    struct node array = put_array(to, "counts");
    for (int i = 0; i < bins; i++) {
        put(array, NULL, count(counts[i]));
    }
}

static void put_histogram(struct node to, const struct histogram *histogram) {
    struct node node = put_object(to, "histogram");
    put(node, "low", number(histogram->low));
    put(node, "high", number(histogram->high));
    put_counts(node, histogram->counts, HISTOGRAM_BINS);
    put(node, "below", count(histogram->below));
    put(node, "above", count(histogram->above));
    put(node, "nan", count(histogram->nan));
    put(node, "inf", count(histogram->inf));
}

/* Lower edge of the octave that is number index from the lowest. */
static cJSON *octave_edge(int index) {
    return number(ldexp(1.0, LOG_HISTOGRAM_LOW + index));
}

static bool octave_empty(const struct log_histogram *histogram, int index) {
    const uint32_t *halves = &histogram->counts[2 * index];
    return halves[0] == 0 && halves[1] == 0;
}

/* Most of the 254 octaves are empty: only those between the outermost full bins are told. */
static void put_log_histogram(struct node to, const struct log_histogram *histogram) {
    int first = 0, end = LOG_HISTOGRAM_HIGH - LOG_HISTOGRAM_LOW;
    while (end > first && octave_empty(histogram, end - 1)) {
        end--;
    }
    while (first < end && octave_empty(histogram, first)) {
        first++;
    }
    bool empty = first == end;
    struct node node = put_object(to, "histogram");
    put(node, "scale", cJSON_CreateString("log2 magnitude"));
    put(node, "low", empty ? cJSON_CreateNull() : octave_edge(first));
    put(node, "high", empty ? cJSON_CreateNull() : octave_edge(end));
    put(node, "bins_per_octave", count(2));
    put_counts(node, &histogram->counts[2 * first], 2 * (end - first));
    put(node, "zero", count(histogram->zero));
    put(node, "underflow", count(histogram->underflow));
    put(node, "nan", count(histogram->nan));
    put(node, "inf", count(histogram->inf));
}

static struct node put_moments(struct node to, const char *name, const struct moments *moments) {
    struct node node = put_object(to, name);
    put(node, "n", count(moments->n));
    put(node, "mean", number(moments->mean));
    put(node, "sd", number(moments->sd));
    put(node, "rms", number(moments->rms));
    put(node, "min", number(moments->min));
    put(node, "max", number(moments->max));
    put(node, "zero", fraction(moments->zero, moments->n));
    put(node, "underflow", fraction(moments->underflow, moments->n));
    put(node, "nan", count(moments->nan));
    put(node, "inf", count(moments->inf));
    return node;
}

static void put_layer_values(struct node to, const struct layer_stats *layer) {
    put(to, "units", number(layer->units));
    struct node h = put_moments(to, "h", &layer->h);
    put(h, "saturated", fraction(layer->saturated, layer->h.n));
    put(h, "dead", fraction(layer->dead, (uint64_t)layer->units));
    put_histogram(h, &layer->h_histogram);
    put_histogram(put_moments(to, "z", &layer->z), &layer->z_histogram);
    put_log_histogram(put_moments(to, "delta", &layer->delta), &layer->delta_histogram);

    struct node weight = put_object(to, "weight");
    put(weight, "rms", number(layer->weight_rms));
    put_histogram(weight, &layer->weight_histogram);
    struct node gradient = put_object(to, "weight_gradient");
    put(gradient, "rms", number(layer->weight_gradient_rms));
    put_log_histogram(gradient, &layer->weight_gradient_histogram);
    put(to, "update_rms", number(layer->update_rms));
    put(to, "update_ratio", number(layer->update_ratio));
}

static cJSON *number_or_null(double value) {
    return isnan(value) ? cJSON_CreateNull() : number(value);
}

/* What the first weights should do, where theory has something to say of them. */
static void put_layer_theory(struct node to, const struct theory *theory, int i) {
    if (!theory->applies) {
        put(to, "theory", cJSON_CreateNull());
        return;
    }
    struct node node = put_object(to, "theory");
    put(node, "q", number(theory->q[i]));
    put(node, "chi", number(theory->chi[i]));
    put(node, "h_mean", number(theory->h_mean[i]));
    put(node, "h_rms", number(theory->h_rms[i]));
    put(node, "h_sd", number(theory->h_sd[i]));
    put(node, "h_band", number(theory->h_band[i]));
    put(node, "delta_ratio", number(theory->delta_ratio[i]));
    put(node, "delta_band", number(theory->delta_band[i]));
}

static void put_theory(struct node to, const struct theory *theory) {
    struct node node = put_object(to, "theory");
    put(node, "applies", cJSON_CreateBool(theory->applies));
    put(node, "reason", theory->applies ? cJSON_CreateNull() : cJSON_CreateString(theory->reason));
}

static void put_lsuv(struct node to, bool by_lsuv, const struct lsuv_stats *lsuv) {
    if (!by_lsuv) {
        return;
    }
    struct node node = put_object(to, "lsuv");
    put(node, "iterations", number(lsuv->iterations));
    put(node, "variance_before", number(lsuv->before));
    put(node, "variance_after", number(lsuv->after));
}

static void put_factors(struct node to, const char *name, const struct layer_stats *layer,
                        enum direction direction) {
    const double *factor = snapshot_factors(layer, direction);
    struct node node = put_object(to, name);
    for (int i = 0; i < FACTOR_COUNT; i++) {
        enum factor f = factor_at(direction, i);
        put(node, factors[direction][f].name, number(factor[f]));
    }
    put(node, "product", number(factor_product(factor)));
}

static void put_layers(struct node to, const struct run_snapshot *run) {
    struct node layers = put_array(to, "layers");
    for (int i = 0; i < run->layers; i++) {
        const struct layer_stats *layer = &run->layer[i];
        struct node node = put_object(layers, NULL);
        put(node, "layer", number(i + 1));
        put_layer_values(node, layer);
        put(node, "gradient_rms", number(layer->gradient_rms));
        put_factors(node, "factors", layer, DIRECTION_BACKWARD);
        put_factors(node, "forward_factors", layer, DIRECTION_FORWARD);
        put(node, "participation", number_or_null(layer->participation));
        put_layer_theory(node, &run->theory, i);
        put_lsuv(node, run->by_lsuv, &layer->lsuv);
    }
    struct node output = put_object(to, "output");
    put(output, "layer", number(run->layers + 1));
    put_layer_values(output, &run->output);
    put_lsuv(output, run->by_lsuv, &run->output.lsuv);
}

static void put_diverged(struct node to, const struct run_snapshot *run) {
    if (!run->diverged) {
        put(to, "diverged", cJSON_CreateNull());
        return;
    }
    struct node node = put_object(to, "diverged");
    put(node, "step", number((double)run->diverged_step));
    put(node, "layer", number(run->diverged_layer));
    put(node, "pass", cJSON_CreateString(run->diverged_backward ? "backward" : "forward"));
}

/* One list of epochs for each layer that was begun. */
static void put_pretraining(struct node to, const struct pretraining_stats *pretraining) {
    if (pretraining->layers == 0) {
        return;
    }
    struct node node = put_object(to, "pretraining");
    put(node, "steps", number((double)pretraining->step));
    struct node errors = put_array(node, "reconstruction_error"), layer = { NULL, to.complete };
    for (int i = 0; i < pretraining->finished; i++) {
        if (i % pretraining->epochs == 0) {
            layer = put_array(errors, NULL);
        }
        put(layer, NULL, number((double)pretraining->errors[i]));
    }
}

/* Only where there is one. */
static void put_ensemble(struct node to, const struct ensemble_stats *ensemble, bool tested) {
    if (ensemble->members < 2) {
        return;
    }
    struct node node = put_object(to, "ensemble");
    put(node, "members", number(ensemble->members));
    put(node, "diverged", number(ensemble->diverged));
    put(node, "test_accuracy", tested ? number(ensemble->accuracy) : cJSON_CreateNull());
    struct node members = put_array(node, "member_test_accuracy");
    for (int m = 0; m < ensemble->members && tested; m++) {
        put(members, NULL, number(ensemble->member[m]));
    }
}

static void put_run(struct node to, const struct run_snapshot *run, enum loss loss) {
    bool tested = run->test_n > 0;
    put(to, "step", number((double)run->step));
    put(to, "loss_function", cJSON_CreateString(losses[loss].name));
    put(to, "loss", number(run->loss));
    put(to, "accuracy", number(run->accuracy));
    put(to, "test_accuracy", tested ? number(run->test_accuracy) : cJSON_CreateNull());
    put_ensemble(to, &run->ensemble, tested);
    put(to, "test_loss", tested ? number(run->test_loss) : cJSON_CreateNull());
    put(to, "test_n", number((double)run->test_n));
    put(to, "learning_rate", number(run->learning_rate));
    put(to, "weight_decay", number(run->weight_decay));
    put(to, "clip_scale", number(run->clip_scale));
    put(to, "verdict", cJSON_CreateString(verdict_names[run->diagnosis.verdict]));
    put(to, "verdict_layer", number(run->diagnosis.layer));
    put(to, "sentence", cJSON_CreateString(run->diagnosis.sentence));
    put(to, "rule", cJSON_CreateString(run->diagnosis.rule));
    put_diverged(to, run);
    put_theory(to, &run->theory);
    put_pretraining(to, &run->pretraining);
    put_layers(to, run);
}

static void put_result(struct node root, const struct experiment *experiment,
                       const struct snapshot *snapshot) {
    static const char *const run_names[SNAPSHOT_RUNS] = { "A", "B" };
    REQUIRE(snapshot->runs <= SNAPSHOT_RUNS);
    put_experiment(put_object(root, "experiment"), experiment);
    struct node runs = put_object(root, "runs");
    for (int i = 0; i < snapshot->runs; i++) {
        put_run(put_object(runs, run_names[i]), &snapshot->run[i], experiment_loss(experiment, i));
    }
    put(root, "step", number((double)snapshot->step));
    put(root, "epoch", number(snapshot->epoch));
    put(root, "batch", number(snapshot->batch));
    put(root, "examples", number((double)snapshot->examples));
}

static void put_version(struct node root) {
    put(root, "version", cJSON_CreateString(LAYERSCOPE_VERSION));
}

static void put_cases(struct node root, const struct experiment_notes *notes,
                      const struct json_case *cases, int count) {
    put_version(root);
    put(root, "title", cJSON_CreateString(notes->title));
    put(root, "about", cJSON_CreateString(notes->about));
    struct node array = put_array(root, "cases");
    for (int i = 0; i < count; i++) {
        struct node node = put_object(array, NULL);
        put(node, "name", cJSON_CreateString(cases[i].name));
        put_result(node, cases[i].experiment, cases[i].snapshot);
    }
}

/* The finished document as text the caller frees; NULL where memory ran out on the way. */
static char *print_root(struct node root) {
    char *text = *root.complete ? cJSON_Print(root.item) : NULL;
    cJSON_Delete(root.item);
    return text;
}

char *json_print(const struct experiment *experiment, const struct snapshot *snapshot) {
    bool complete = true;
    struct node root = { cJSON_CreateObject(), &complete };
    put_version(root);
    put_result(root, experiment, snapshot);
    return print_root(root);
}

static bool no_memory(const char *path, char *problem) {
    text_set(problem, FILE_PROBLEM_MAX, "cannot write %s: not enough memory", path);
    return false;
}

/* Takes text over; NULL is memory that ran out. */
static bool write_text(const char *path, char *text, char *problem) {
    if (!text) {
        return no_memory(path, problem);
    }
    struct file_writer writer;
    bool opened = file_writer_open(&writer, path, problem);
    if (opened) {
        // the stream remembers a failure until it is committed
        fputs(text, writer.stream);
        fputc('\n', writer.stream);
    }
    free(text);
    return opened && file_writer_commit(&writer, problem);
}

bool json_file_write(const char *path, const struct experiment *experiment,
                     const struct snapshot *snapshot, char *problem) {
    return write_text(path, json_print(experiment, snapshot), problem);
}

bool json_file_write_cases(const char *path, const struct experiment_notes *notes,
                           const struct json_case *cases, int count, char *problem) {
    bool complete = true;
    struct node root = { cJSON_CreateObject(), &complete };
    put_cases(root, notes, cases, count);
    return write_text(path, print_root(root), problem);
}

struct json_lines {
    struct file_writer writer;
};

struct json_lines *json_lines_open(const char *path, char *problem) {
    struct json_lines *lines = malloc(sizeof *lines);
    if (!lines) {
        no_memory(path, problem);
    } else if (!file_writer_open(&lines->writer, path, problem)) {
        free(lines);
        lines = NULL;
    }
    return lines;
}

bool json_lines_add(struct json_lines *lines, const struct json_case *step, char *problem) {
    bool complete = true;
    struct node root = { cJSON_CreateObject(), &complete };
    if (step->name) {
        put(root, "case", cJSON_CreateString(step->name));
    }
    put_version(root);
    put_result(root, step->experiment, step->snapshot);
    char *text = complete ? cJSON_PrintUnformatted(root.item) : NULL;
    cJSON_Delete(root.item);
    if (!text) {
        return no_memory(lines->writer.path, problem);
    }
    // the stream remembers a failure until it is committed
    fputs(text, lines->writer.stream);
    fputc('\n', lines->writer.stream);
    free(text);
    return true;
}

bool json_lines_close(struct json_lines *lines, bool complete, char *problem) {
    bool good = true;
    if (complete) {
        good = file_writer_commit(&lines->writer, problem);
    } else {
        file_writer_abandon(&lines->writer);
    }
    free(lines);
    return good;
}
