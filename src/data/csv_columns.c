#include "data/csv_columns.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/require.h"
#include "base/text.h"
#include "data/csv.h"

enum { LOOK_ROWS = 100, LOOK_BYTES = 1 << 16 };

static const char *const label_names[] = { "label", "class", "target", "species", "y" };

bool csv_is_missing(const char *text) {
    static const char *const words[] = { "", "?", "na", "n/a", "nan", "null" };
    for (int i = 0; i < ARRAY_LEN(words); i++) {
        if (strcasecmp(text, words[i]) == 0) {
            return true;
        }
    }
    return false;
}

bool csv_number(const struct csv_reader *reader, const char *text, double *value) {
    char point[64];
    if (text_to_double(text, value)) {
        return true;
    }
    size_t length = strlen(text), whole = strcspn(text, ",");
    if (reader->separator != ';' || length >= sizeof point || whole == length ||
        strpbrk(text + whole + 1, ",.") || memchr(text, '.', whole)) {
        return false;
    }
    memcpy(point, text, length + 1);
    point[whole] = '.';
    return text_to_double(point, value);
}

static bool is_number(const struct csv_reader *reader, const char *text) {
    double value;
    return csv_number(reader, text, &value) && !isnan(value);
}

static bool is_label_name(const char *text) {
    for (int i = 0; i < ARRAY_LEN(label_names); i++) {
        if (strcasecmp(text, label_names[i]) == 0) {
            return true;
        }
    }
    return false;
}

/* Enough of the file to judge by has been read. */
static bool seen_enough(const struct csv_reader *reader, int rows) {
    return rows >= LOOK_ROWS || (rows > 1 && csv_reader_done(reader) > LOOK_BYTES);
}

/* How many of the first rows a separator parts like the first one, into at least two cells. */
static int rows_alike(struct csv_reader *reader, char separator) {
    int alike = 0, first = 0;
    bool good = csv_reader_rewind(reader, separator);
    for (int rows = 0; good && !seen_enough(reader, rows); rows++) {
        good = csv_reader_next(reader) == CSV_ROW;
        first = rows == 0 ? reader->count : first;
        alike += good && reader->count == first && first > 1;
    }
    return alike;
}

static char find_separator(struct csv_reader *reader, const struct dataset_settings *settings) {
    char best = csv_separators[CSV_COMMA].character;
    int most = 0;
    if (settings->separator != CSV_FOUND) {
        return csv_separators[settings->separator].character;
    }
    for (int i = CSV_FOUND + 1; i < CSV_SEPARATORS; i++) {
        int alike = rows_alike(reader, csv_separators[i].character);
        if (alike > most) {
            most = alike;
            best = csv_separators[i].character;
        }
    }
    reader->problem[0] = '\0'; // what a wrong separator makes of the file is no news
    return best;
}

/* What the first row says by itself; what it may still be a header by is in `text`. */
static bool looks_like_header(const struct csv_reader *reader, bool *text) {
    int numbers = 0;
    bool named = false;
    for (int i = 0; i < reader->count; i++) {
        const char *cell = reader->cell[i].text;
        bool number = is_number(reader, cell);
        numbers += number;
        named |= is_label_name(cell);
        text[i] = !number && !csv_is_missing(cell);
    }
    return numbers == 0 || named;
}

/* Is there a column of numbers with text on top? numbers is room for as many as text has. */
static bool has_titles(struct csv_reader *reader, const bool *text, bool *numbers, int count) {
    bool found = false;
    int rows = 0;
    memcpy(numbers, text, (size_t)count * sizeof *numbers);
    for (; !seen_enough(reader, rows) && csv_reader_next(reader) == CSV_ROW; rows++) {
        for (int i = 0; i < count && i < reader->count; i++) {
            numbers[i] = numbers[i] && is_number(reader, reader->cell[i].text);
        }
    }
    for (int i = 0; i < count && rows > 0; i++) {
        found |= numbers[i];
    }
    return found;
}

/* The names in the present row. */
static bool keep_names(struct csv_columns *columns, const struct csv_reader *reader) {
    size_t size = 1; // never none
    for (int i = 0; i < reader->count; i++) {
        size += strlen(reader->cell[i].text) + 1;
    }
    char *to = columns->names = malloc(size);
    for (int i = 0; to && i < reader->count; i++) {
        size_t bytes = strlen(reader->cell[i].text) + 1;
        memcpy(to, reader->cell[i].text, bytes);
        to += bytes;
    }
    return to != NULL;
}

bool csv_columns_rewind(const struct csv_columns *columns, struct csv_reader *reader) {
    if (!csv_reader_rewind(reader, columns->separator)) {
        return false;
    }
    enum csv_result result = columns->header ? csv_reader_next(reader) : CSV_ROW;
    return result == CSV_ROW ||
           (result == CSV_END &&
            dataset_file_problem(reader->problem, reader->path, "changed while it was read"));
}

/* Separator, header, how many columns. */
static bool find_form(struct csv_columns *columns, struct csv_reader *reader,
                      const struct dataset_settings *settings) {
    columns->separator = find_separator(reader, settings);
    if (!csv_reader_rewind(reader, columns->separator)) {
        return false;
    }
    enum csv_result result = csv_reader_next(reader);
    if (result == CSV_END) {
        return dataset_file_problem(reader->problem, reader->path, "holds no rows");
    }
    if (result == CSV_BAD) {
        return false;
    }
    columns->count = reader->count;
    bool *text = malloc(2 * (size_t)columns->count * sizeof *text);
    columns->feature = malloc((size_t)columns->count * sizeof *columns->feature);
    columns->header = settings->header == CSV_HEADER_YES;
    if (text && settings->header == CSV_HEADER_FOUND) {
        columns->header = looks_like_header(reader, text) ||
                          has_titles(reader, text, text + columns->count, columns->count);
    }
    bool starved = !text || !columns->feature;
    free(text);
    if (!starved && !csv_columns_rewind(columns, reader)) {
        return false;
    }
    starved = starved || (columns->header && !keep_names(columns, reader));
    return !starved || dataset_file_problem(reader->problem, reader->path,
                                            "memory ran out for its %d columns", columns->count);
}

/* The name of the column behind that of this name; of the first for NULL. */
static const char *next_name(const struct csv_columns *columns, const char *name) {
    return name ? name + strlen(name) + 1 : columns->names;
}

/* The column of that name, below 0 if there is none. */
static int find_name(const struct csv_columns *columns, const char *wanted,
                     int (*compare)(const char *a, const char *b)) {
    const char *name = NULL;
    for (int i = 0; columns->header && i < columns->count; i++) {
        name = next_name(columns, name);
        if (compare(name, wanted) == 0) {
            return i;
        }
    }
    return -1;
}

/* The column that a setting means by a name or a number. */
static bool find_given(const struct csv_columns *columns, const struct csv_reader *reader,
                       const char *setting, const char *wanted, int *column) {
    int64_t number = 0;
    *column = find_name(columns, wanted, strcmp);
    *column = *column < 0 ? find_name(columns, wanted, strcasecmp) : *column;
    if (*column < 0 && text_to_int64(wanted, &number) && number >= 1 && number <= columns->count) {
        *column = (int)number - 1;
    }
    if (*column >= 0) {
        return true;
    }
    char shown[CSV_SHOWN];
    csv_show(shown, wanted);
    return dataset_file_problem(
        reader->problem, reader->path, "%s = %s is none of its columns, which are 1 to %d%s",
        setting, shown, columns->count,
        columns->header ? " or named as in its first row" : "; it has no header with names");
}

static bool find_label(struct csv_columns *columns, const struct csv_reader *reader,
                       const struct dataset_settings *settings) {
    columns->label = columns->count - 1;
    if (settings->label_column[0]) {
        return find_given(columns, reader, "label_column", settings->label_column, &columns->label);
    }
    for (int i = 0; i < ARRAY_LEN(label_names); i++) {
        int column = find_name(columns, label_names[i], strcasecmp);
        if (column >= 0) {
            columns->label = column;
            break;
        }
    }
    return true;
}

/* Mark the columns of a list parted by commas. */
static bool skip_columns(struct csv_columns *columns, const struct csv_reader *reader,
                         const char *list) {
    char item[DATASET_PATH];
    while (*list) {
        list += strspn(list, " ,");
        size_t length = strcspn(list, ",");
        text_set(item, sizeof item, "%.*s", (int)length, list);
        list += length;
        for (size_t end = strlen(item); end > 0 && item[end - 1] == ' '; end--) {
            item[end - 1] = '\0';
        }
        int column;
        if (item[0] && !find_given(columns, reader, "skip_columns", item, &column)) {
            return false;
        }
        if (item[0]) {
            columns->feature[column] = CSV_IGNORED;
        }
    }
    return true;
}

static bool assign(struct csv_columns *columns, const struct csv_reader *reader,
                   const struct dataset_settings *settings) {
    memset(columns->feature, 0, (size_t)columns->count * sizeof *columns->feature);
    if (!find_label(columns, reader, settings) ||
        !skip_columns(columns, reader, settings->skip_columns)) {
        return false;
    }
    columns->feature[columns->label] = CSV_LABEL;
    for (int i = 0; i < columns->count; i++) {
        if (columns->feature[i] >= 0) {
            columns->feature[i] = columns->features++;
        }
    }
    if (columns->features == 0 || columns->features > DATASET_MAX_FEATURES) {
        return dataset_file_problem(
            reader->problem, reader->path,
            "has %d column%s%s, expected a label and 1 to %d features, parted by tab, semicolon, "
            "bar, comma or spaces",
            columns->count, columns->count == 1 ? "" : "s",
            columns->count > 1 && columns->features == 0 ? ", none of which is left as a feature"
                                                         : "",
            DATASET_MAX_FEATURES);
    }
    return true;
}

bool csv_columns_find(struct csv_columns *columns, struct csv_reader *reader,
                      const struct dataset_settings *settings) {
    *columns = (struct csv_columns){ 0 };
    if (find_form(columns, reader, settings) && assign(columns, reader, settings)) {
        return true;
    }
    csv_columns_finish(columns);
    return false;
}

void csv_columns_finish(struct csv_columns *columns) {
    free(columns->feature);
    free(columns->names);
    *columns = (struct csv_columns){ 0 };
}

void csv_feature_names(const struct csv_columns *columns, const char **names) {
    const char *name = NULL;
    for (int i = 0; i < columns->count; i++) {
        name = next_name(columns, name);
        if (columns->feature[i] >= 0) {
            names[columns->feature[i]] = name;
        }
    }
}

void csv_column_name(const struct csv_columns *columns, int column, char text[CSV_COLUMN]) {
    const char *name = NULL;
    text_set(text, CSV_COLUMN, "column %d", column + 1);
    for (int i = 0; columns->header && i <= column; i++) {
        name = next_name(columns, name);
    }
    if (name && name[0]) {
        char shown[CSV_SHOWN];
        csv_show(shown, name);
        text_append(text, CSV_COLUMN, " (%s)", shown);
    }
}
