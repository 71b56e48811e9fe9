#include "export/json_file.h"

#include <cjson/cJSON.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/require.h"
#include "base/text.h"
#include "draw/utf8.h"
#include "export/quantity.h"
#include "measure/diagnosis.h"

enum { QUANTITY_PART = 32 }; // of a name, between its dots

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

/* cJSON's own text would lose the last bit. */
static cJSON *number(double value) {
    char text[TEXT_NUMBER];
    text_number(text, value);
    return isfinite(value) ? cJSON_CreateRaw(text) : cJSON_CreateString(text);
}

static cJSON *count(uint64_t value) {
    return number((double)value);
}

static void put_setting(struct node to, const struct experiment *experiment, int run,
                        const struct setting *setting) {
    char text[SETTING_TEXT];
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

static void put_specials(struct node to, enum quantity_kind kind, const void *histogram,
                         bool watched) {
    for (int i = 0; i < quantity_special_count; i++) {
        const struct quantity_special *special = &quantity_specials[i];
        if (quantity_special_fits(special, kind, watched)) {
            put(to, special->name, count(quantity_special(special, histogram)));
        }
    }
}

static void put_histogram(struct node node, const struct histogram *histogram, bool watched) {
    put(node, "low", number(histogram->low));
    put(node, "high", number(histogram->high));
    put_counts(node, histogram->counts, HISTOGRAM_BINS);
    put_specials(node, QUANTITY_HISTOGRAM, histogram, watched);
}

static bool octave_empty(const struct log_histogram *histogram, int index) {
    const uint32_t *halves = &histogram->counts[2 * index];
    return halves[0] == 0 && halves[1] == 0;
}

/* Most of the 254 octaves are empty: only those between the outermost full bins are told. */
static void put_log_histogram(struct node node, const struct log_histogram *histogram,
                              bool watched) {
    int first = 0, end = LOG_HISTOGRAM_HIGH - LOG_HISTOGRAM_LOW;
    while (end > first && octave_empty(histogram, end - 1)) {
        end--;
    }
    while (first < end && octave_empty(histogram, first)) {
        first++;
    }
    bool empty = first == end;
    put(node, "scale", cJSON_CreateString("log2 magnitude"));
    put(node, "low", empty ? cJSON_CreateNull() : number(quantity_log_edge(2 * first)));
    put(node, "high", empty ? cJSON_CreateNull() : number(quantity_log_edge(2 * end)));
    put(node, "bins_per_octave", count(2));
    put_counts(node, &histogram->counts[2 * first], 2 * (end - first));
    put_specials(node, QUANTITY_LOG_HISTOGRAM, histogram, watched);
}

/*
 * The node that the last part of a name such as h.mean goes into, made if it is not there. Of what
 * is not known the first part alone is told, once, and *name becomes NULL where it was.
 */
static struct node node_of(struct node to, const char **name, bool known) {
    char part[QUANTITY_PART];
    for (const char *dot; (dot = strchr(*name, '.')) != NULL; *name = dot + 1) {
        text_set(part, sizeof part, "%.*s", (int)(dot - *name), *name);
        cJSON *there = cJSON_GetObjectItemCaseSensitive(to.item, part);
        if (!there) {
            there = known ? cJSON_CreateObject() : cJSON_CreateNull();
            if (!cJSON_AddItemToObject(to.item, part, there)) {
                cJSON_Delete(there);
                there = NULL;
                *to.complete = false;
            }
        }
        to.item = there;
        if (!known) {
            *name = NULL;
            break;
        }
    }
    return to;
}

static void put_quantity(struct node to, const struct quantity *quantity,
                         const struct quantity_place *place) {
    const char *name = quantity->name;
    bool known = quantity_known(quantity, place), watched = place->snapshot->watched.active;
    to = node_of(to, &name, known);
    if (!known && name) {
        put(to, name, cJSON_CreateNull());
    } else if (!known) {
        return;
    } else if (quantity->kind == QUANTITY_HISTOGRAM) {
        put_histogram(put_object(to, name), quantity_histogram(quantity, place), watched);
    } else if (quantity->kind == QUANTITY_LOG_HISTOGRAM) {
        put_log_histogram(put_object(to, name), quantity_log_histogram(quantity, place), watched);
    } else {
        put(to, name, number(quantity_value(quantity, place)));
    }
}

/* All that is said of it. */
static void put_quantities(struct node to, enum quantity_scope scope,
                           const struct quantity_place *place) {
    for (int i = 0; i < quantity_count; i++) {
        if (quantities[i].scope == scope) {
            put_quantity(to, &quantities[i], place);
        }
    }
}

static void put_theory(struct node to, const struct theory *theory) {
    struct node node = put_object(to, "theory");
    put(node, "applies", cJSON_CreateBool(theory->applies));
    put(node, "reason", theory->applies ? cJSON_CreateNull() : cJSON_CreateString(theory->reason));
}

static void put_layers(struct node to, const struct quantity_place *of_run) {
    struct quantity_place place = *of_run;
    struct node layers = put_array(to, "layers");
    for (place.layer = 1; place.layer <= place.run->layers + 1; place.layer++) {
        bool hidden = place.layer <= place.run->layers;
        struct node node = hidden ? put_object(layers, NULL) : put_object(to, "output");
        put(node, "layer", number(place.layer));
        if (place.run->logged.active && hidden) {
            put(node, "name", cJSON_CreateString(place.run->layer[place.layer - 1].name));
        }
        put_quantities(node, QUANTITY_OF_LAYER, &place);
        if (hidden) {
            put_quantities(node, QUANTITY_OF_HIDDEN, &place);
        }
    }
}

/* The object of that name, which quantities have made. */
static struct node node_there(struct node from, const char *name) {
    return (struct node){ cJSON_GetObjectItemCaseSensitive(from.item, name), from.complete };
}

/* One list of epochs for each layer that was begun. */
static void put_errors(struct node to, const struct pretraining_stats *pretraining) {
    struct node errors = put_array(to, "reconstruction_error"), layer = { NULL, to.complete };
    for (int i = 0; i < pretraining->finished; i++) {
        if (i % pretraining->epochs == 0) {
            layer = put_array(errors, NULL);
        }
        put(layer, NULL, number((double)pretraining->errors[i]));
    }
}

static void put_members(struct node to, const struct run_snapshot *run) {
    struct node members = put_array(to, "member_test_accuracy");
    for (int m = 0; m < run->ensemble.members && run->test_n > 0; m++) {
        put(members, NULL, number(run->ensemble.member[m]));
    }
}

/* Of somebody else's run: how it is called, and how much its moments are worth. */
static void put_logged(struct node to, const struct logged *logged) {
    put(to, "name", cJSON_CreateString(logged->name));
    put(to, "histograms_step",
        logged->step < 0 ? cJSON_CreateNull() : number((double)logged->step));
    put(to, "moments_estimated", cJSON_CreateBool(logged->estimated));
}

/* experiment: NULL where nobody knows it. */
static void put_run(struct node to, const struct quantity_place *place,
                    const struct experiment *experiment, int r) {
    const struct run_snapshot *run = place->run;
    if (run->logged.active) {
        put_logged(to, &run->logged);
    }
    put_quantities(to, QUANTITY_OF_RUN, place);
    if (run->diverged) {
        put(node_there(to, "diverged"), "pass",
            cJSON_CreateString(run->diverged_backward ? "backward" : "forward"));
    }
    put(to, "loss_function",
        experiment ? cJSON_CreateString(losses[experiment_loss(experiment, r)].name)
                   : cJSON_CreateNull());
    if (run->ensemble.members > 1) {
        put_members(node_there(to, "ensemble"), run);
    }
    if (run->pretraining.layers > 0) {
        put_errors(node_there(to, "pretraining"), &run->pretraining);
    }
    put(to, "verdict", cJSON_CreateString(verdict_names[run->diagnosis.verdict]));
    put(to, "sentence", cJSON_CreateString(run->diagnosis.sentence));
    put(to, "rule", cJSON_CreateString(run->diagnosis.rule));
    put_theory(to, &run->theory);
    put_layers(to, place);
}

/* A text whose bytes may be anything, as UTF-8, which alone JSON holds. */
static cJSON *words(const char *text) {
    char clean[4 * NAMES_ROOM] = ""; // a byte that starts no character becomes three
    uint32_t character;
    for (size_t step; (step = utf8_step(text, &character)) > 0; text += step) {
        if (character == UTF8_BROKEN) {
            text_append(clean, sizeof clean, "\xEF\xBF\xBD");
        } else {
            text_append(clean, sizeof clean, "%.*s", (int)step, text);
        }
    }
    return cJSON_CreateString(clean);
}

/* What classes and inputs are called, where they have names. */
static void put_names(struct node root, const struct data_names *names) {
    if (names->classes > 0) {
        struct node classes = put_array(root, "class_names");
        for (int i = 0; i < names->classes; i++) {
            put(classes, NULL, words(names->class_name[i]));
        }
    }
    if (names->inputs > 0) {
        struct node inputs = put_array(root, "input_names");
        for (int i = 0; i < names->inputs; i++) {
            put(inputs, NULL, words(names->input_name[i]));
        }
    }
}

static void put_result(struct node root, const struct experiment *experiment,
                       const struct snapshot *snapshot) {
    REQUIRE(snapshot->runs <= SNAPSHOT_RUNS);
    struct quantity_place place = { .snapshot = snapshot };
    if (snapshot->watched.active) { // what it is nobody logged
        experiment = NULL;
        put(root, "watched", cJSON_CreateString(snapshot->watched.folder));
    } else {
        put_experiment(put_object(root, "experiment"), experiment);
    }
    put_quantities(root, QUANTITY_OF_STEP, &place);
    put_names(root, &snapshot->names);
    struct node runs = put_object(root, "runs");
    for (int i = 0; i < snapshot->runs; i++) {
        place.run = &snapshot->run[i];
        put_run(put_object(runs, quantity_run_names[i]), &place, experiment, i);
    }
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

/* Takes text over; NULL is memory that ran out. */
static bool write_text(const char *path, char *text, char *problem) {
    if (!text) {
        return file_no_memory(path, problem);
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
        file_no_memory(path, problem);
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
        return file_no_memory(lines->writer.path, problem);
    }
    fputs(text, lines->writer.stream);
    fputc('\n', lines->writer.stream);
    free(text);
    return file_writer_check(&lines->writer, problem);
}

bool json_lines_close(struct json_lines *lines, bool complete, char *problem) {
    bool good = file_writer_close(&lines->writer, complete, problem) || !complete;
    free(lines);
    return good;
}
