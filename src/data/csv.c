#include "data/csv.h"

#include <assert.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/require.h"
#include "base/text.h"
#include "data/csv_columns.h"
#include "data/labels.h"
#include "data/recognise.h"
#include "data/split.h"

const struct csv_separator_row csv_separators[] = {
    [CSV_FOUND] = { "auto", 0 },
    [CSV_TAB] = { "tab", '\t' },
    [CSV_SEMICOLON] = { "semicolon", ';' },
    [CSV_BAR] = { "bar", '|' },
    [CSV_COMMA] = { "comma", ',' },
    [CSV_SPACES] = { "spaces", ' ' },
};
static_assert(ARRAY_LEN(csv_separators) == CSV_SEPARATORS, "a row is missing");

const char *const csv_headers[] = {
    [CSV_HEADER_FOUND] = "auto",
    [CSV_HEADER_YES] = "yes",
    [CSV_HEADER_NO] = "no",
};
static_assert(ARRAY_LEN(csv_headers) == CSV_HEADERS, "a name is missing");

static const double count_share = 0.4; // of the time, before the numbers are read

/* A file that is being read, and what is known of it so far. */
struct source {
    struct csv_reader reader;
    struct csv_columns columns;
    struct labels labels;
    int64_t rows;
    struct dataset *dataset; // NULL while it is only described
};

static bool source_open(struct source *source, const struct dataset_settings *settings,
                        char *problem) {
    if (!settings->path[0]) {
        text_set(problem, DATASET_PROBLEM,
                 "data = csv: data_path is empty; set it to a text file of rows, a label and "
                 "numbers in each");
        return false;
    }
    return csv_reader_open(&source->reader, settings->path, problem) &&
           csv_columns_find(&source->columns, &source->reader, settings);
}

static void source_close(struct source *source) {
    csv_columns_finish(&source->columns);
    csv_reader_close(&source->reader);
}

/* The next row, of as many cells as all. CSV_BAD with a problem. */
static enum csv_result next_row(struct source *source) {
    struct csv_reader *reader = &source->reader;
    enum csv_result result = csv_reader_next(reader);
    if (result == CSV_ROW && reader->count != source->columns.count) {
        csv_reader_fail(reader, "has %d cell%s, expected %d as in the first row", reader->count,
                        reader->count == 1 ? "" : "s", source->columns.count);
        return CSV_BAD;
    }
    return result;
}

/* The number of the present row's label. */
static bool take_label(struct source *source, uint8_t *number) {
    const struct csv_reader *reader = &source->reader;
    const char *text = reader->cell[source->columns.label].text;
    char name[CSV_COLUMN], shown[CSV_SHOWN];
    csv_column_name(&source->columns, source->columns.label, name);
    if (csv_is_missing(text)) {
        csv_show(shown, text);
        return csv_reader_fail(reader, "has no label: %s is '%s'", name, shown);
    }
    bool numeric = !source->labels.words && source->labels.fractions;
    switch (labels_add(&source->labels, text, number)) {
    case LABELS_ADDED:
        return true;
    case LABELS_TOO_LONG:
        return csv_reader_fail(reader, "has a label of %zu bytes in %s, expected at most %d",
                               strlen(text), name, LABELS_TEXT - 1);
    case LABELS_TOO_MANY:
        break;
    }
    return csv_reader_fail(reader,
                           "brings %s in %s, expected at most %d different labels; label_column "
                           "chooses another column%s",
                           numeric ? "one more number" : "one more label", name, LABELS_MOST,
                           numeric ? ", for a class is learned here, not a value" : "");
}

/* What all labels together say. */
static bool check_labels(const struct source *source) {
    const struct labels *labels = &source->labels;
    char name[CSV_COLUMN];
    csv_column_name(&source->columns, source->columns.label, name);
    if (labels->fractions && !labels->words) {
        return dataset_file_problem(source->reader.problem, source->reader.path,
                                    "the labels in %s are numbers with fractions, but a class is "
                                    "learned here, not a value; label_column chooses another "
                                    "column",
                                    name);
    }
    return true;
}

/* How far it is, of a pass that takes from `from` to `to` of the time; false: give up. */
static bool tell(const struct source *source, double from, double to) {
    double done = (double)csv_reader_done(&source->reader) / (double)source->reader.file.size;
    return !source->dataset ||
           dataset_tell(source->dataset, from + (to - from) * done, source->reader.problem);
}

/* Count rows and labels of so many bytes more. */
static bool count_rows(struct source *source, int64_t bytes) {
    struct csv_reader *reader = &source->reader;
    enum csv_result result = CSV_ROW;
    int64_t first = csv_reader_done(reader);
    uint8_t number;
    while (csv_reader_done(reader) - first < bytes && (result = next_row(source)) == CSV_ROW) {
        if (!take_label(source, &number)) {
            return false;
        }
        source->rows++;
        if (!tell(source, 0.0, count_share)) {
            return false;
        }
    }
    if (result == CSV_END && source->rows == 0) {
        return dataset_file_problem(reader->problem, reader->path,
                                    "holds a header but no rows of data");
    }
    return result != CSV_BAD && check_labels(source);
}

/* The shape, of a file of so many rows. */
static bool shape_of(const struct source *source, const struct dataset_settings *settings,
                     int64_t rows, bool all, struct dataset_shape *shape) {
    int classes = source->labels.count;
    if (all && classes < 2) {
        char name[CSV_COLUMN], shown[CSV_SHOWN];
        csv_column_name(&source->columns, source->columns.label, name);
        csv_show(shown, source->labels.text[0]);
        return dataset_file_problem(source->reader.problem, source->reader.path,
                                    "%s holds nothing but '%s', expected at least two different "
                                    "labels; label_column chooses another column",
                                    name, shown);
    }
    *shape = (struct dataset_shape){ .features = source->columns.features,
                                     .classes = classes > 2 ? classes : 2 };
    split_shape(settings, rows, shape);
    double kept = (double)shape->examples + (double)shape->test_examples;
    double row = (double)shape->features * sizeof(float) + 1.0;
    double bytes = kept * row + (double)rows * sizeof(uint32_t);
    shape->bytes = bytes < (double)SIZE_MAX ? (size_t)bytes : SIZE_MAX;
    return true;
}

bool csv_claims(const struct candidate *candidate) {
    return !candidate->folder && !candidate->packed && recognise_text(candidate);
}

bool csv_describe(const struct dataset_settings *settings, struct dataset_shape *shape,
                  char *problem) {
    struct source source = { .rows = 0 };
    bool good = source_open(&source, settings, problem);
    int64_t first = good ? csv_reader_done(&source.reader) : 0;
    good = good && count_rows(&source, CSV_DESCRIBED);
    if (good) {
        int64_t size = source.reader.file.size, done = csv_reader_done(&source.reader);
        double rows = (double)source.rows;
        if (done < size) {
            rows *= (double)(size - first) / (double)(done - first);
        }
        good = shape_of(&source, settings, (int64_t)rows, done == size, shape);
    }
    source_close(&source);
    return good;
}

/* What stands in place of a number. */
static bool say_cell(const struct source *source, int column) {
    const struct csv_reader *reader = &source->reader;
    const char *text = reader->cell[column].text;
    char name[CSV_COLUMN], shown[CSV_SHOWN];
    double value;
    csv_column_name(&source->columns, column, name);
    csv_show(shown, text);
    if (csv_is_missing(text)) {
        return csv_reader_fail(reader,
                               "has no value in %s ('%s'): fill it in, drop the line, or leave the "
                               "column out with skip_columns = %d",
                               name, shown, column + 1);
    }
    if (csv_number(reader, text, &value)) {
        return csv_reader_fail(reader, "has '%s' in %s, which is beyond the float range", shown,
                               name);
    }
    return csv_reader_fail(
        reader,
        "has '%s' in %s, expected a number%s; skip_columns = %d leaves the "
        "column out",
        shown, name, strchr(text, ',') ? " with a decimal point, not a comma" : "", column + 1);
}

/* The numbers of the present row. */
static bool take_numbers(const struct source *source, float *row) {
    const struct csv_cell *cell = source->reader.cell;
    const int *feature = source->columns.feature;
    for (int i = 0; i < source->columns.count; i++) {
        double value = 0.0;
        if (feature[i] < 0) {
            continue;
        }
        if (!csv_number(&source->reader, cell[i].text, &value) || !isfinite((float)value)) {
            return say_cell(source, i);
        }
        row[feature[i]] = (float)value;
    }
    return true;
}

static bool say_changed(const struct source *source) {
    return dataset_file_problem(source->reader.problem, source->reader.path,
                                "changed while it was read");
}

/* Read all rows into their places: held-out ones first. */
static bool take_rows(struct source *source, const struct split *split, float *values,
                      uint8_t *labels) {
    size_t features = (size_t)source->columns.features;
    enum csv_result result;
    int64_t i = 0;
    for (; (result = next_row(source)) == CSV_ROW; i++) {
        uint8_t number = 0;
        int64_t row = i < source->rows ? split_row(split, i) : -1;
        if (i == source->rows || !take_label(source, &number)) {
            return i < source->rows ? false : say_changed(source);
        }
        if (row >= 0 && !take_numbers(source, values + (size_t)row * features)) {
            return false;
        }
        if (row >= 0) {
            labels[row] = number;
        }
        if (!tell(source, count_share, 1.0)) {
            return false;
        }
    }
    return result == CSV_END && (i == source->rows || say_changed(source));
}

/* Labels that were numbered as they came become classes. */
static void classify(const struct labels *known, uint8_t *labels, int64_t count) {
    uint8_t classes[LABELS_MOST];
    labels_classes(known, classes);
    for (int64_t i = 0; i < count; i++) {
        labels[i] = classes[labels[i]];
    }
}

/* What labels and columns say of themselves. */
static bool keep_names(const struct source *source, char *problem) {
    struct dataset *dataset = source->dataset;
    const char *classes[LABELS_MOST];
    int count = labels_names(&source->labels, classes);
    if (count > 0 && !(dataset->class_names = dataset_names(dataset, classes, count, problem))) {
        return false;
    }
    if (!source->columns.header) {
        return true;
    }
    int features = source->columns.features;
    const char **names = malloc((size_t)features * sizeof *names);
    if (names) {
        csv_feature_names(&source->columns, names);
        dataset->feature_names = dataset_names(dataset, names, features, problem);
        free(names);
        return dataset->feature_names != NULL;
    }
    return dataset_file_problem(problem, source->reader.path,
                                "memory ran out for the names of its %d columns", features);
}

/* The rows, once they have been counted. */
static bool load_rows(struct source *source, const struct split *split, char *problem) {
    struct dataset *dataset = source->dataset;
    size_t features = (size_t)source->columns.features, held_out = (size_t)split->held_out;
    size_t rows = held_out + (size_t)split->train;
    int known = source->labels.count;
    float *values =
        dataset_allocate(dataset, (double)rows * (double)features * sizeof *values, problem);
    uint8_t *labels = values ? dataset_allocate(dataset, (double)rows, problem) : NULL;
    if (!labels || !csv_columns_rewind(&source->columns, &source->reader) ||
        !take_rows(source, split, values, labels)) {
        return false;
    }
    if (source->labels.count != known) {
        return say_changed(source);
    }
    classify(&source->labels, labels, (int64_t)rows);
    dataset->test = (struct examples){ split->held_out, NULL, values, labels };
    dataset->train =
        (struct examples){ split->train, NULL, values + held_out * features, labels + held_out };
    return true;
}

bool csv_load(struct dataset *dataset, const struct dataset_settings *settings, char *problem) {
    struct source source = { .dataset = dataset };
    struct split split = { 0 };
    int features = dataset->shape.features;
    bool good = source_open(&source, settings, problem) && count_rows(&source, INT64_MAX) &&
                shape_of(&source, settings, source.rows, true, &dataset->shape) &&
                (features == dataset->shape.features || say_changed(&source)) &&
                split_init(&split, settings, source.rows, problem) &&
                load_rows(&source, &split, problem) && keep_names(&source, problem);
    split_finish(&split);
    source_close(&source);
    return good;
}
