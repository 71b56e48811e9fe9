#include "export/csv_file.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/text.h"
#include "export/quantity.h"

enum {
    BUFFER = 1 << 16, // what is written at once
    LONGEST_ROW = 1024,
    LONGEST_START = 512, // of a row: case, run, step, layer
    LONGEST_NAME = 64,   // of a quantity
    EDGES = 1 << 14      // linear ones whose text is remembered
};

/* A number and its text. Edges come again and again, and to find the digits takes long. */
struct edge {
    double value;
    char text[TEXT_NUMBER - 1];
    unsigned char length; // 0: none
};

struct csv_file {
    struct file_writer writer;
    size_t used;
    char buffer[BUFFER + LONGEST_ROW];
    char start[LONGEST_START]; // of all rows of a layer, "case,run,step,layer,"
    bool watched;              // somebody else's training
    struct edge edges[EDGES];
    struct edge log_edges[LOG_HISTOGRAM_BINS + 1];
};

static const struct edge no_edge;

static void set_edge(struct edge *edge, double value) {
    char text[TEXT_NUMBER];
    edge->value = value;
    edge->length = (unsigned char)text_number(text, value);
    memcpy(edge->text, text, sizeof edge->text);
}

/* The stream, which keeps nothing back, remembers a failure until it is asked. */
static void write_out(struct csv_file *csv, size_t size) {
    (void)fwrite(csv->buffer, 1, size, csv->writer.stream);
    csv->used -= size;
    memmove(csv->buffer, csv->buffer + size, csv->used);
}

static char *append(char *at, const char *text, size_t length) {
    memcpy(at, text, length);
    return at + length;
}

/* As many bytes for all: that is faster than to count them. */
static char *append_edge(char *at, const struct edge *edge) {
    memcpy(at, edge->text, sizeof edge->text);
    return at + edge->length;
}

/* start: the columns before low and high, length bytes of them. */
static void put_row(struct csv_file *csv, const char *start, size_t length, const struct edge *low,
                    const struct edge *high, double value) {
    char *at = append(csv->buffer + csv->used, start, length);
    *at++ = ',';
    at = append_edge(at, low);
    *at++ = ',';
    at = append_edge(at, high);
    *at++ = ',';
    at += text_number(at, value);
    *at++ = '\r';
    *at++ = '\n';
    csv->used = (size_t)(at - csv->buffer);
    if (csv->used >= BUFFER) {
        write_out(csv, BUFFER);
    }
}

/* The start of the rows of a quantity, and of a count beside its bins; returns its length. */
static size_t start_row(const struct csv_file *csv, const char *name, const char *special,
                        char start[LONGEST_START + LONGEST_NAME]) {
    char *at = stpcpy(stpcpy(start, csv->start), name);
    return (size_t)(stpcpy(stpcpy(at, special[0] ? "." : ""), special) - start);
}

static const struct edge *edge_at(struct csv_file *csv, double value) {
    uint64_t bits;
    memcpy(&bits, &value, sizeof bits);
    struct edge *edge = &csv->edges[(bits * 0x9E3779B97F4A7C15u) >> 50];
    if (edge->value != value || edge->length == 0) {
        set_edge(edge, value);
    }
    return edge;
}

static void put_specials(struct csv_file *csv, const char *name, enum quantity_kind kind,
                         const void *histogram, double low, double high) {
    for (int i = 0; i < quantity_special_count; i++) {
        const struct quantity_special *special = &quantity_specials[i];
        if (quantity_special_fits(special, kind, csv->watched)) {
            char start[LONGEST_START + LONGEST_NAME];
            bool below = strcmp(special->name, "below") == 0;
            bool above = strcmp(special->name, "above") == 0;
            put_row(csv, start, start_row(csv, name, special->name, start),
                    above ? edge_at(csv, high) : &no_edge, below ? edge_at(csv, low) : &no_edge,
                    (double)quantity_special(special, histogram));
        }
    }
}

static void put_histogram(struct csv_file *csv, const char *name,
                          const struct histogram *histogram) {
    char start[LONGEST_START + LONGEST_NAME];
    size_t length = start_row(csv, name, "", start);
    double low = histogram->low, width = histogram->width;
    for (int i = 0; i < HISTOGRAM_BINS; i++) {
        if (histogram->counts[i] > 0) {
            struct edge first = *edge_at(csv, low + i * width); // the next may take its place
            put_row(csv, start, length, &first, edge_at(csv, low + (i + 1) * width),
                    histogram->counts[i]);
        }
    }
    put_specials(csv, name, QUANTITY_HISTOGRAM, histogram, low, histogram->high);
}

static void put_log_histogram(struct csv_file *csv, const char *name,
                              const struct log_histogram *histogram) {
    char start[LONGEST_START + LONGEST_NAME];
    size_t length = start_row(csv, name, "", start);
    for (int i = 0; i < LOG_HISTOGRAM_BINS; i++) {
        if (histogram->counts[i] > 0) {
            put_row(csv, start, length, &csv->log_edges[i], &csv->log_edges[i + 1],
                    histogram->counts[i]);
        }
    }
    put_specials(csv, name, QUANTITY_LOG_HISTOGRAM, histogram, 0.0, 0.0);
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
            char start[LONGEST_START + LONGEST_NAME];
            put_row(csv, start, start_row(csv, quantity->name, "", start), &no_edge, &no_edge,
                    quantity_value(quantity, place));
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
        text_set(problem, FILE_PROBLEM_MAX, "cannot write %s: memory ran out", path);
        return NULL;
    }
    if (!file_writer_open(&csv->writer, path, problem)) {
        free(csv);
        return NULL;
    }
    for (int i = 0; i <= LOG_HISTOGRAM_BINS; i++) {
        set_edge(&csv->log_edges[i], quantity_log_edge(i));
    }
    setvbuf(csv->writer.stream, NULL, _IONBF, 0);
    static const char head[] = "case,run,step,layer,quantity,low,high,value\r\n";
    append(csv->buffer, head, sizeof head - 1);
    csv->used = sizeof head - 1;
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
        write_out(csv, csv->used);
        good = file_writer_commit(&csv->writer, problem);
    } else {
        file_writer_abandon(&csv->writer);
    }
    free(csv);
    return good;
}
