#include "export/csv_file.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/text.h"
#include "export/quantity.h"

enum {
    BUFFER = 1 << 16,
    LONGEST_ROW = 1024,
    LONGEST_START = 512, // of a row: case, run, step
    EDGES = 1 << 12      // linear ones whose text is remembered
};

/* A number and its text. Edges come again and again, and to find the digits takes long. */
struct edge {
    double value;
    char text[TEXT_NUMBER]; // empty: none
};

struct csv_file {
    struct file_writer writer;
    size_t used;
    char buffer[BUFFER];
    char start[LONGEST_START]; // of all rows of a layer, "case,run,step,layer,"
    bool watched;              // somebody else's training
    struct edge edges[EDGES];
    char log_edges[LOG_HISTOGRAM_BINS + 1][TEXT_NUMBER];
};

static void append(struct csv_file *csv, const char *text) {
    size_t length = strlen(text);
    memcpy(csv->buffer + csv->used, text, length);
    csv->used += length;
}

static void flush(struct csv_file *csv) {
    // the stream remembers a failure until it is asked
    (void)fwrite(csv->buffer, 1, csv->used, csv->writer.stream);
    csv->used = 0;
}

/* special: after the quantity's name; low, high: "" for none. */
static void put_row(struct csv_file *csv, const char *name, const char *special, const char *low,
                    const char *high, double value) {
    if (csv->used > BUFFER - LONGEST_ROW) {
        flush(csv);
    }
    append(csv, csv->start);
    append(csv, name);
    append(csv, special[0] ? "." : "");
    append(csv, special);
    append(csv, ",");
    append(csv, low);
    append(csv, ",");
    append(csv, high);
    append(csv, ",");
    csv->used += text_number(csv->buffer + csv->used, value);
    append(csv, "\r\n");
}

static const char *edge_text(struct csv_file *csv, double value) {
    uint64_t bits;
    memcpy(&bits, &value, sizeof bits);
    struct edge *edge = &csv->edges[(bits * 0x9E3779B97F4A7C15u) >> 52];
    if (edge->value != value || !edge->text[0]) {
        edge->value = value;
        text_number(edge->text, value);
    }
    return edge->text;
}

static void put_specials(struct csv_file *csv, const char *name, enum quantity_kind kind,
                         const void *histogram, const char *low, const char *high) {
    for (int i = 0; i < quantity_special_count; i++) {
        const struct quantity_special *special = &quantity_specials[i];
        if (quantity_special_fits(special, kind, csv->watched)) {
            bool below = strcmp(special->name, "below") == 0;
            bool above = strcmp(special->name, "above") == 0;
            put_row(csv, name, special->name, above ? high : "", below ? low : "",
                    (double)quantity_special(special, histogram));
        }
    }
}

static void put_histogram(struct csv_file *csv, const char *name,
                          const struct histogram *histogram) {
    double low = histogram->low, width = histogram->width;
    for (int i = 0; i < HISTOGRAM_BINS; i++) {
        if (histogram->counts[i] > 0) {
            put_row(csv, name, "", edge_text(csv, low + i * width),
                    edge_text(csv, low + (i + 1) * width), histogram->counts[i]);
        }
    }
    put_specials(csv, name, QUANTITY_HISTOGRAM, histogram, edge_text(csv, low),
                 edge_text(csv, histogram->high));
}

static void put_log_histogram(struct csv_file *csv, const char *name,
                              const struct log_histogram *histogram) {
    for (int i = 0; i < LOG_HISTOGRAM_BINS; i++) {
        if (histogram->counts[i] > 0) {
            put_row(csv, name, "", csv->log_edges[i], csv->log_edges[i + 1], histogram->counts[i]);
        }
    }
    put_specials(csv, name, QUANTITY_LOG_HISTOGRAM, histogram, "", "");
}

static void put_quantities(struct csv_file *csv, enum quantity_scope scope,
                           const struct quantity_place *place) {
    for (int i = 0; i < quantity_count; i++) {
        const struct quantity *quantity = &quantities[i];
        if (quantity->scope != scope || !quantity_known(quantity, place)) {
            continue;
        }
        if (quantity->kind == QUANTITY_HISTOGRAM) {
            put_histogram(csv, quantity->name, quantity_histogram(quantity, place));
        } else if (quantity->kind == QUANTITY_LOG_HISTOGRAM) {
            put_log_histogram(csv, quantity->name, quantity_log_histogram(quantity, place));
        } else {
            put_row(csv, quantity->name, "", "", "", quantity_value(quantity, place));
        }
    }
}

/* In quotes, those inside doubled, where the text has what means something in CSV. */
static void quote(char *out, size_t size, const char *text) {
    bool plain = !strpbrk(text, ",\"\r\n");
    text_set(out, size, "%s", plain ? text : "\"");
    for (; !plain && *text; text++) {
        text_append(out, size, *text == '"' ? "\"\"" : "%c", *text);
    }
    text_append(out, size, "%s", plain ? "" : "\"");
}

/* layer: empty where none is meant. */
static void start_rows(struct csv_file *csv, const char *name, const char *run, int64_t step,
                       const char *layer) {
    char words[3][LONGEST_START];
    quote(words[0], sizeof words[0], name);
    quote(words[1], sizeof words[1], run);
    quote(words[2], sizeof words[2], layer);
    text_set(csv->start, sizeof csv->start, "%s,%s,%lld,%s,", words[0], words[1], (long long)step,
             words[2]);
}

/* The name of a layer that was logged, else its number. */
static void name_layer(const struct run_snapshot *run, int layer, char *name, size_t size) {
    bool hidden = layer <= run->layers;
    if (run->logged.active) {
        text_set(name, size, "%s", hidden ? run->layer[layer - 1].name : "output");
    } else {
        text_set(name, size, "%d", layer);
    }
}

struct csv_file *csv_file_open(const char *path, char *problem) {
    struct csv_file *csv = calloc(1, sizeof *csv);
    if (!csv) {
        text_set(problem, FILE_PROBLEM_MAX, "cannot write %s: not enough memory", path);
        return NULL;
    }
    if (!file_writer_open(&csv->writer, path, problem)) {
        free(csv);
        return NULL;
    }
    for (int i = 0; i <= LOG_HISTOGRAM_BINS; i++) {
        text_number(csv->log_edges[i], quantity_log_edge(i));
    }
    append(csv, "case,run,step,layer,quantity,low,high,value\r\n");
    return csv;
}

bool csv_file_add(struct csv_file *csv, const char *case_name, const struct snapshot *snapshot,
                  char *problem) {
    const char *name = case_name ? case_name : "";
    struct quantity_place place = { .snapshot = snapshot };
    csv->watched = snapshot->watched.active;
    start_rows(csv, name, "", snapshot->step, "");
    put_quantities(csv, QUANTITY_OF_STEP, &place);
    for (int r = 0; r < snapshot->runs; r++) {
        place.run = &snapshot->run[r];
        const char *run = csv->watched ? place.run->logged.name : quantity_run_names[r];
        start_rows(csv, name, run, snapshot->step, "");
        put_quantities(csv, QUANTITY_OF_RUN, &place);
        for (place.layer = 1; place.layer <= place.run->layers + 1; place.layer++) {
            char layer[SNAPSHOT_NAME];
            name_layer(place.run, place.layer, layer, sizeof layer);
            start_rows(csv, name, run, snapshot->step, layer);
            put_quantities(csv, QUANTITY_OF_LAYER, &place);
            if (place.layer <= place.run->layers) {
                put_quantities(csv, QUANTITY_OF_HIDDEN, &place);
            }
        }
    }
    return file_writer_check(&csv->writer, problem);
}

bool csv_file_close(struct csv_file *csv, bool complete, char *problem) {
    bool good = true;
    if (complete) {
        flush(csv);
        good = file_writer_commit(&csv->writer, problem);
    } else {
        file_writer_abandon(&csv->writer);
    }
    free(csv);
    return good;
}
