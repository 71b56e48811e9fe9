#include "base/check.h"

#include <locale.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/folder.h"
#include "base/require.h"
#include "base/text.h"
#include "data/csv.h"

/* Settings for a file of that text; nothing held out. */
static struct dataset_settings put_bytes(struct folder *folder, const char *text, size_t size) {
    struct dataset_settings settings = { .kind = DATASET_CSV };
    const char *path = folder_file(folder, "data.csv");
    assert_int_equal(write_file(path, text, size), 0);
    text_set(settings.path, sizeof settings.path, "%s", path);
    return settings;
}

static struct dataset_settings put(struct folder *folder, const char *text) {
    return put_bytes(folder, text, strlen(text));
}

static struct dataset load(const struct dataset_settings *settings) {
    struct dataset dataset;
    struct dataset_shape shape;
    char problem[DATASET_PROBLEM] = "";
    if (!dataset_describe(settings, &shape, problem) ||
        !dataset_load(&dataset, settings, problem)) {
        fail_msg("%s", problem);
    }
    assert_int_equal(shape.features, dataset.shape.features);
    assert_int_equal(shape.classes, dataset.shape.classes);
    assert_int_equal(shape.examples, dataset.train.count);
    assert_int_equal(shape.test_examples, dataset.test.count);
    return dataset;
}

/* Examples as "1,2:0 3,4:1 ", sorted as the file has them by the order of their first feature. */
static void print_examples(const struct dataset *dataset, char *text, size_t size) {
    const struct examples *part = &dataset->train;
    int features = dataset->shape.features;
    double last = -1e30;
    text_set(text, size, "%s", "");
    for (int64_t n = 0; n < part->count; n++) {
        int64_t next = -1;
        for (int64_t i = 0; i < part->count; i++) {
            double first = (double)part->values[i * features];
            if (first > last && (next < 0 || first < (double)part->values[next * features])) {
                next = i;
            }
        }
        assert_true(next >= 0); // first features differ
        last = (double)part->values[next * features];
        for (int j = 0; j < features; j++) {
            text_append(text, size, "%s%g", j > 0 ? "," : "",
                        (double)part->values[next * features + j]);
        }
        text_append(text, size, ":%d ", part->labels[next]);
    }
}

static void reads(const struct dataset_settings *settings, const char *expected) {
    char text[512];
    struct dataset dataset = load(settings);
    print_examples(&dataset, text, sizeof text);
    assert_string_equal(text, expected);
    dataset_finish(&dataset);
}

static void reads_text(struct folder *folder, const char *text, const char *expected) {
    struct dataset_settings settings = put(folder, text);
    reads(&settings, expected);
}

/* Loading is refused with a sentence that holds all parts, up to NULL. */
static void refuses(const struct dataset_settings *settings, const char *const *parts) {
    struct dataset dataset;
    char problem[DATASET_PROBLEM] = "";
    assert_false(dataset_load(&dataset, settings, problem));
    assert_null(dataset.owned[0]);
    assert_contains(problem, "data.csv: ");
    assert_null(strchr(problem, '\n'));
    for (; *parts; parts++) {
        assert_contains(problem, *parts);
    }
}

#define REFUSES(settings, ...) refuses(settings, (const char *const[]){ __VA_ARGS__, NULL })

static void refuses_text(struct folder *folder, const char *text, const char *const *parts) {
    struct dataset_settings settings = put(folder, text);
    refuses(&settings, parts);
}

#define REFUSES_TEXT(folder, text, ...)                                                            \
    refuses_text(folder, text, (const char *const[]){ __VA_ARGS__, NULL })

static void every_separator_is_found(void **state) {
    static const char *const texts[] = {
        "1,10,a\n2,20,b\n",       "1;10;a\n2;20;b\n",       "1\t10\ta\n2\t20\tb\n",
        "1|10|a\n2|20|b\n",       "1 10 a\n2 20 b\n",       " 1   10  a \n  2 20    b\n",
        "1  10 a\n2  20 b\n",     "1, 10, a\n2, 20, b\n",   "1 , 10,a\n2 ,20 , b \n",
        "1;10;a,b\n2;20;b,c,d\n", "1,10,a b\n2,20,b c d\n", "\"1\",\"10\",\"a\"\n2,20,b\n",
    };
    for (int i = 0; i < ARRAY_LEN(texts); i++) {
        reads_text(*state, texts[i], "1,10:0 2,20:1 ");
    }
}

static void a_given_separator_is_taken(void **state) {
    struct dataset_settings settings = put(*state, "1 7;2 8;a\n3 7;4 8;b\n");
    settings.separator = CSV_SEMICOLON;
    settings.header = CSV_HEADER_NO;
    REFUSES(&settings, "line 1 has '1 7' in column 1", "expected a number");
    settings = put(*state, "1,2;9,a\n3,4;9,b\n");
    settings.separator = CSV_COMMA;
    settings.skip_columns[0] = '2';
    reads(&settings, "1:0 3:1 ");
    settings = put(*state, "1 \t10 a\n2\t 20 b\n");
    settings.separator = CSV_SPACES;
    reads(&settings, "1,10:0 2,20:1 ");
    settings.separator = CSV_BAR;
    REFUSES(&settings, "has 1 column", "expected a label and");
}

static void lines_may_end_and_begin_in_many_ways(void **state) {
    static const char *const texts[] = {
        "1,10,a\r\n2,20,b\r\n",
        "1,10,a\r2,20,b",
        "1,10,a\n2,20,b",
        ("\xEF\xBB\xBF"
         "1,10,a\n2,20,b\n"),
        "\n\n1,10,a\n\n   \n2,20,b\n\n",
        "\r\n1,10,a\r\n\r\n2,20,b\r\n\r\n",
        "# made by hand, \"at\" home\n#\n1,10,a\n2,20,b\n",
        "\xEF\xBB\xBF# remark\r\n1,10,a\r\n2,20,b",
        "#\r1,10,a\r2,20,b\r",
    };
    for (int i = 0; i < ARRAY_LEN(texts); i++) {
        reads_text(*state, texts[i], "1,10:0 2,20:1 ");
    }
}

static void quoted_cells_hold_anything(void **state) {
    reads_text(*state, "x,y\n1,\"a,b\"\n2,\"say \"\"a\"\"\"\n3,\"two\nlines\"\n4,\"a,b\"\n5,a\"b\n",
               "1:1 2:2 3:3 4:1 5:0 ");
    REFUSES_TEXT(*state, "x,y\n1,\"a\r\nb\rc\n\"\n2,\"a\n", "line 6", "quote that is never closed");
    REFUSES_TEXT(*state, "x,y\n1,\"a\"b\n2,a\n", "line 2", "'b' behind a closing quote");
    REFUSES_TEXT(*state, "x,y\n1,a\n2,\"", "line 3", "quote that is never closed");
}

static void headers_are_found(void **state) {
    static const struct {
        const char *text, *expected;
    } rows[] = {
        { "height,width,kind\n1,10,a\n2,20,b\n", "1,10:0 2,20:1 " },
        { "0,1,2,label\n1,10,7,a\n2,20,7,b\n", "1,10,7:0 2,20,7:1 " }, // as pandas names columns
        { "1990,1991,kind\n1,10,a\n2,20,b\n", "1,10:0 2,20:1 1990,1991:2 " }, // nothing tells
        { "size,1991,kind\n1,10,a\n2,20,b\n", "1,10:0 2,20:1 " },             // text over numbers
        { ",a,label\n1,10,a\n2,20,b\n", "1,10:0 2,20:1 " }, // an index without a name
        { "1,10,a\n2,20,b\n", "1,10:0 2,20:1 " },
        { "1,10,1\n2,20,0\n", "1,10:1 2,20:0 " },
    };
    for (int i = 0; i < ARRAY_LEN(rows); i++) {
        reads_text(*state, rows[i].text, rows[i].expected);
    }
    struct dataset_settings settings = put(*state, "1990,1991,kind\n1,10,a\n2,20,b\n");
    settings.header = CSV_HEADER_YES;
    reads(&settings, "1,10:0 2,20:1 ");
    settings = put(*state, "a,b,kind\n1,10,a\n2,20,b\n");
    settings.header = CSV_HEADER_NO;
    REFUSES(&settings, "line 1 has 'a' in column 1, expected a number");
}

static void a_first_row_with_a_missing_value_is_no_header(void **state) {
    REFUSES_TEXT(*state, "1,NA,a\n2,20,b\n", "line 1 has no value in column 2 ('NA')");
}

static void the_label_is_found_by_name_or_place(void **state) {
    static const char *const names[] = { "label", "Class", "TARGET", "species", "y" };
    for (int i = 0; i < ARRAY_LEN(names); i++) {
        char text[128];
        text_set(text, sizeof text, "%s,a,b\nu,1,10\nv,2,20\n", names[i]);
        reads_text(*state, text, "1,10:0 2,20:1 ");
    }
    reads_text(*state, "a,class,b,y\n1,u,10,8\n2,v,20,7\n", "1,10,8:0 2,20,7:1 ");
}

static void the_label_may_be_given(void **state) {
    const char *text = "a,b,c,label\n1,7,10,0\n2,6,20,1\n3,7,30,0\n";
    static const char *const given[] = { "b", "B", "2" };
    for (int i = 0; i < ARRAY_LEN(given); i++) {
        struct dataset_settings settings = put(*state, text);
        text_set(settings.label_column, sizeof settings.label_column, "%s", given[i]);
        reads(&settings, "1,10,0:1 2,20,1:0 3,30,0:1 ");
    }
    struct dataset_settings settings = put(*state, text);
    text_set(settings.label_column, sizeof settings.label_column, "colour");
    REFUSES(&settings, "label_column = colour", "columns, which are 1 to 4", "first row");
    text_set(settings.label_column, sizeof settings.label_column, "5");
    REFUSES(&settings, "label_column = 5", "1 to 4");
    settings = put(*state, "1,a\n2,b\n");
    text_set(settings.label_column, sizeof settings.label_column, "kind");
    REFUSES(&settings, "label_column = kind", "1 to 2", "no header");
}

static void columns_can_be_skipped(void **state) {
    const char *text = "id,name,a,b,label\n9,ann,1,10,u\n8,bob,2,20,v\n";
    static const char *const lists[] = { "id,name", "name, ID", "1,2", " 2 ,, id ," };
    for (int i = 0; i < ARRAY_LEN(lists); i++) {
        struct dataset_settings settings = put(*state, text);
        text_set(settings.skip_columns, sizeof settings.skip_columns, "%s", lists[i]);
        reads(&settings, "1,10:0 2,20:1 ");
    }
    struct dataset_settings settings = put(*state, text);
    REFUSES(&settings, "line 2 has 'ann' in column 2 (name), expected a number",
            "skip_columns = 2");
    text_set(settings.skip_columns, sizeof settings.skip_columns, "id,nam");
    REFUSES(&settings, "skip_columns = nam", "1 to 5");
    text_set(settings.skip_columns, sizeof settings.skip_columns, "1,2,3,4");
    REFUSES(&settings, "none of which is left as a feature");
}

static void numbers_are_read_as_they_are(void **state) {
    struct dataset_settings settings =
        put(*state, "-1.5,a\n+2e3,b\n.25,a\n1E-40,b\n3.,a\n0.1000000000000000055511151231,b\n");
    struct dataset dataset = load(&settings);
    const float expected[] = { -1.5f, 2e3f, 0.25f, 1e-40f, 3.0f, 0.1f };
    for (int i = 0; i < ARRAY_LEN(expected); i++) {
        bool found = false;
        for (int j = 0; j < dataset.train.count; j++) {
            found |= dataset.train.values[j] == expected[i];
        }
        assert_true(found);
    }
    dataset_finish(&dataset);
    REFUSES_TEXT(*state, "a,b\n1,u\n1e39,v\n", "line 3 has '1e39' in column 1 (a)", "float range");
    REFUSES_TEXT(*state, "a,b\n1,u\ninf,v\n", "line 3 has 'inf' in column 1 (a)");
    REFUSES_TEXT(*state, "a|b\n1|u\n1,5|v\n", "line 3 has '1,5'", "decimal point, not a comma");
    REFUSES_TEXT(*state, "a;b\n1;u\n1.234,5;v\n", "line 3 has '1.234,5'", "not a comma");
    REFUSES_TEXT(*state, "a;b\n1;u\n1,234,5;v\n", "line 3 has '1,234,5'");
    REFUSES_TEXT(*state, "a;b\n1;u\n1,;v\n2,5.5;u\n", "line 4 has '2,5.5'");
    REFUSES_TEXT(*state, "a,b\n1,u\n0x10,v\n", "line 3 has '0x10'");
    REFUSES_TEXT(*state, "a,b\n1,u\n\"1\n2\",v\n", "line 3 has '1?2'");
}

/* Between semicolons, and then a first row of such numbers is no header. */
static void decimal_commas_are_read(void **state) {
    reads_text(*state, "0,5;-1,25e-1;a\n2.5;20;b\n", "0.5,-0.125:0 2.5,20:1 ");
    reads_text(*state, "x;y\n0,5;a\n3,0;b\n", "0.5:0 3:1 ");
}

static void numbers_do_not_depend_on_the_locale(void **state) {
    const char *locales[] = { "de_DE.UTF-8", "fr_FR.UTF-8", "C.UTF-8" };
    for (int i = 0; i < ARRAY_LEN(locales); i++) {
        setlocale(LC_ALL, locales[i]);
        reads_text(*state, "0.5,1.25e-1,a\n1.000000000000000000001,20,b\n", "0.5,0.125:0 1,20:1 ");
    }
    setlocale(LC_ALL, "C");
}

static void missing_values_are_named(void **state) {
    static const char *const words[] = { "", "NA", "NaN", "nan", "?", "null", "N/A", "\"\"" };
    for (int i = 0; i < ARRAY_LEN(words); i++) {
        char text[128];
        text_set(text, sizeof text, "age,height,label\n1,2,u\n\n3,%s,v\n", words[i]);
        REFUSES_TEXT(*state, text, "line 4 has no value in column 2 (height)", "skip_columns = 2");
        text_set(text, sizeof text, "age,height,label\n1,2,%s\n3,4,v\n", words[i]);
        REFUSES_TEXT(*state, text, "line 2 has no label: column 3 (label)");
    }
}

static void rows_of_other_lengths_are_named(void **state) {
    REFUSES_TEXT(*state, "a,b,c\n1,2,u\n3,4,v\n5,6\n", "line 4 has 2 cells, expected 3");
    REFUSES_TEXT(*state, "a,b,c\n1,2,u\n3,4,v,9\n", "line 3 has 4 cells, expected 3");
    REFUSES_TEXT(*state, "1,2,u\n3\n", "line 2 has 1 cell, expected 3");
    REFUSES_TEXT(*state, "1,2,u,\n3,4,v,\n", "line 1 has no label: column 4 is ''");
}

static void what_holds_no_data_is_refused(void **state) {
    REFUSES_TEXT(*state, "", "holds no rows");
    REFUSES_TEXT(*state, "\n \n\r\n", "holds no rows");
    REFUSES_TEXT(*state, "# only\n", "holds no rows");
    REFUSES_TEXT(*state, "\xEF\xBB\xBF", "holds no rows");
    REFUSES_TEXT(*state, "a,b,label\n", "holds a header but no rows");
    REFUSES_TEXT(*state, "1\n2\n3\n", "has 1 column, expected a label and");
    REFUSES_TEXT(*state, "1,a\n2,a\n", "column 2 holds nothing but 'a'", "at least two");
    struct dataset_settings settings = put_bytes(*state, "1,a\n2\0,b\n", 9);
    REFUSES(&settings, "byte 5 is 0", "UTF-16");
}

static void a_path_that_is_no_file_is_refused(void **state) {
    struct folder *folder = *state;
    struct dataset_settings settings = { .kind = DATASET_CSV };
    struct dataset dataset;
    char problem[DATASET_PROBLEM] = "";
    assert_false(dataset_load(&dataset, &settings, problem));
    assert_contains(problem, "data = csv: data_path is empty");
    text_set(settings.path, sizeof settings.path, "%s", folder->path);
    assert_false(dataset_load(&dataset, &settings, problem));
    assert_contains(problem, "not a file that can be read");
    text_append(settings.path, sizeof settings.path, "/none.csv");
    assert_false(dataset_load(&dataset, &settings, problem));
    assert_contains(problem, "none.csv: cannot be read: No such file");
}

static void classes_follow_the_order_of_labels(void **state) {
    reads_text(*state, "1,z\n2,B\n3,a\n4,B\n", "1:2 2:0 3:1 4:0 ");   // of bytes
    reads_text(*state, "1,10\n2,9\n3,-1\n4,9\n", "1:2 2:1 3:0 4:1 "); // of value
    reads_text(*state, "1,2\n2,2.0\n3,+2\n4,02\n5,1e1\n", "1:0 2:0 3:0 4:0 5:1 ");
    reads_text(*state, "1,10\n2,9\n3,a\n", "1:0 2:1 3:2 "); // with a word all are words
    reads_text(*state, "1,0.5\n2,a\n", "1:0 2:1 ");
}

static void values_are_no_classes(void **state) {
    struct folder *folder = *state;
    REFUSES_TEXT(folder, "a,price\n1,0.5\n2,3\n", "column 2 (price) are numbers with fractions",
                 "label_column");
    FILE *file = fopen(folder_file(folder, "data.csv"), "w");
    for (int i = 0; file && i < 257; i++) {
        fprintf(file, "%d,c%d\n", i, i);
    }
    assert_int_equal(fclose(file), 0);
    struct dataset_settings settings = { .kind = DATASET_CSV };
    text_set(settings.path, sizeof settings.path, "%s", folder->file);
    REFUSES(&settings, "line 257 brings one more label in column 2, expected at most 256");
    settings =
        put(folder, "1,c\n2,123456789012345678901234567890123456789012345678901234567890123"
                    "\n3,1234567890123456789012345678901234567890123456789012345678901234x\n");
    REFUSES(&settings, "line 3 has a label of 65 bytes in column 2, expected at most 63");
}

static void constant_columns_are_features(void **state) {
    struct dataset_settings settings = put(*state, "1,5,a\n2,5,b\n");
    settings.preprocess = PREPROCESS_STANDARDISED;
    struct dataset dataset = load(&settings);
    float inputs[4];
    uint8_t labels[2];
    dataset_gather(&dataset, &dataset.train, (const uint32_t[]){ 0, 1 }, 2, inputs, labels);
    for (int i = 0; i < 2; i++) {
        assert_true(inputs[2 * i] == (labels[i] == 0 ? -1.0f : 1.0f));
        assert_true(inputs[2 * i + 1] == 0.0f);
    }
    dataset_finish(&dataset);
}

/* n rows "i,i mod classes", held out as asked. */
static struct dataset_settings put_many(struct folder *folder, int n, int classes) {
    struct dataset_settings settings = { .kind = DATASET_CSV, .seed = 7, .held_out = 0.2 };
    FILE *file = fopen(folder_file(folder, "data.csv"), "w");
    for (int i = 0; file && i < n; i++) {
        fprintf(file, "%d,c%02d\n", i, i % classes);
    }
    assert_int_equal(fclose(file), 0);
    text_set(settings.path, sizeof settings.path, "%s", folder->file);
    return settings;
}

static void a_share_is_held_out(void **state) {
    struct dataset_settings settings = put_many(*state, 1003, 5);
    struct dataset dataset = load(&settings);
    assert_int_equal(dataset.test.count, 201);
    assert_int_equal(dataset.train.count, 802);
    bool seen[1003] = { false };
    int counts[5] = { 0 }, moved = 0;
    for (int64_t i = 0; i < 1003; i++) {
        const struct examples *part = i < 201 ? &dataset.test : &dataset.train;
        int64_t at = i < 201 ? i : i - 201;
        int row = (int)part->values[at];
        assert_false(seen[row]);
        seen[row] = true;
        assert_int_equal(part->labels[at], row % 5);
        counts[part->labels[at]]++;
        moved += row != i;
    }
    for (int c = 0; c < 5; c++) {
        assert_int_equal(counts[c], c < 3 ? 201 : 200);
    }
    assert_true(moved > 900);
    dataset_finish(&dataset);
}

static bool same_rows(const struct examples *a, const struct examples *b, int64_t count) {
    return memcmp(a->values, b->values, (size_t)count * sizeof *a->values) == 0 &&
           memcmp(a->labels, b->labels, (size_t)count) == 0;
}

static void the_seed_decides_which(void **state) {
    struct dataset_settings settings = put_many(*state, 500, 3);
    struct dataset first = load(&settings), again = load(&settings);
    assert_true(same_rows(&first.train, &again.train, 400));
    assert_true(same_rows(&first.test, &again.test, 100));
    dataset_finish(&again);
    settings.examples = 50; // the first of them
    again = load(&settings);
    assert_int_equal(again.train.count, 50);
    assert_true(same_rows(&first.train, &again.train, 50));
    assert_true(same_rows(&first.test, &again.test, 100));
    dataset_finish(&again);
    settings.examples = 0;
    settings.seed = 8;
    again = load(&settings);
    assert_false(same_rows(&first.test, &again.test, 100));
    dataset_finish(&again);
    dataset_finish(&first);
}

static void one_example_is_left_to_train_on(void **state) {
    static const double shares[] = { 0.0, 0.1, 0.5, 0.999 };
    static const int64_t held_out[] = { 0, 0, 2, 2 };
    for (int i = 0; i < ARRAY_LEN(shares); i++) {
        struct dataset_settings settings = put(*state, "1,a\n2,b\n3,a\n");
        settings.held_out = shares[i];
        struct dataset dataset = load(&settings);
        assert_int_equal(dataset.test.count, held_out[i]);
        assert_int_equal(dataset.train.count, 3 - held_out[i]);
        dataset_finish(&dataset);
    }
}

/* Rows that begin at every place of a block, and some longer than one. */
static void rows_cross_the_ends_of_blocks(void **state) {
    struct folder *folder = *state;
    struct dataset_settings settings = { .kind = DATASET_CSV };
    FILE *file = fopen(folder_file(folder, "data.csv"), "w");
    assert_non_null(file);
    fprintf(file, "value,note,label\r\n");
    int rows = 0;
    for (long at = 0; at < 5L * CSV_DESCRIBED / 2; rows++) {
        int note = rows % 50 == 0 ? 300000 : rows % 97;
        at += fprintf(file, "%d,\"%0*d\"\"%s\",%s\r\n", rows, note + 1, 0, rows % 3 ? "" : "\r\n",
                      rows % 2 ? "odd" : "even");
    }
    assert_int_equal(fclose(file), 0);
    text_set(settings.path, sizeof settings.path, "%s", folder->file);
    text_set(settings.skip_columns, sizeof settings.skip_columns, "note");
    struct dataset_shape shape;
    struct dataset dataset;
    char problem[DATASET_PROBLEM] = "";
    if (!dataset_describe(&settings, &shape, problem) ||
        !dataset_load(&dataset, &settings, problem)) {
        fail_msg("%s", problem);
    }
    assert_int_equal(dataset.train.count, rows);
    double sum = 0.0;
    for (int i = 0; i < rows; i++) {
        sum += (double)dataset.train.values[i];
        assert_int_equal(dataset.train.labels[i], (int)dataset.train.values[i] % 2);
    }
    assert_true(sum == 0.5 * rows * (rows - 1));
    dataset_finish(&dataset);
}

/* What is guessed of a large file is near, and what is loaded is exact. */
static void a_large_file_is_described_by_its_beginning(void **state) {
    struct dataset_settings settings = put_many(*state, 200000, 11); // about 2 MB
    struct dataset_shape shape;
    struct dataset dataset;
    char problem[DATASET_PROBLEM] = "";
    assert_true(dataset_describe(&settings, &shape, problem));
    assert_int_equal(shape.features, 1);
    assert_int_equal(shape.classes, 11);
    assert_in_range(shape.examples + shape.test_examples, 190000, 230000);
    assert_true(dataset_load(&dataset, &settings, problem));
    assert_int_equal(dataset.train.count, 160000);
    assert_int_equal(dataset.shape.examples, 160000);
    assert_int_equal(dataset.test.count, 40000);
    dataset_finish(&dataset);
}

struct witness {
    int told, most;
    double last;
};

static bool watch_loading(void *context, double share) {
    struct witness *witness = context;
    assert_true(share >= witness->last && share <= 1.0);
    witness->last = share;
    return ++witness->told < witness->most;
}

static void loading_can_be_watched_and_given_up(void **state) {
    struct dataset_settings settings = put_many(*state, 5000, 11);
    struct witness witness = { .most = 1 };
    struct dataset_watch watch = { watch_loading, &witness };
    struct dataset dataset;
    char problem[DATASET_PROBLEM] = "";
    assert_false(dataset_load_watched(&dataset, &settings, &watch, problem));
    assert_contains(problem, "given up");
    assert_int_equal(witness.told, 1);
    assert_null(dataset.owned[0]);
    witness = (struct witness){ .most = 1000000 };
    assert_true(dataset_load_watched(&dataset, &settings, &watch, problem));
    assert_true(witness.last > 0.0);
    assert_int_equal(dataset.train.count, 4000);
    dataset_finish(&dataset);
}

/* A file cut anywhere gives its whole rows, or a sentence. */
static void a_file_cut_anywhere_is_no_trouble(void **state) {
    const char *text = "\xEF\xBB\xBF# r\r\na,\"b,\"\"\",label\r\n1,\"2\",\"u\nv\"\r\n3,4,w\r\n";
    for (size_t size = 0; size <= strlen(text); size++) {
        struct dataset_settings settings = put_bytes(*state, text, size);
        struct dataset dataset;
        char problem[DATASET_PROBLEM] = "";
        bool whole = size >= strlen(text) - 2;
        assert_int_equal(dataset_load(&dataset, &settings, problem), whole);
        assert_int_equal(problem[0] != '\0', !whole);
        dataset_finish(&dataset);
    }
}

#define FOLDER_TEST(name) cmocka_unit_test_setup_teardown(name, folder_setup, folder_teardown)

int main(void) {
    const struct CMUnitTest tests[] = {
        FOLDER_TEST(every_separator_is_found),
        FOLDER_TEST(a_given_separator_is_taken),
        FOLDER_TEST(lines_may_end_and_begin_in_many_ways),
        FOLDER_TEST(quoted_cells_hold_anything),
        FOLDER_TEST(headers_are_found),
        FOLDER_TEST(a_first_row_with_a_missing_value_is_no_header),
        FOLDER_TEST(the_label_is_found_by_name_or_place),
        FOLDER_TEST(the_label_may_be_given),
        FOLDER_TEST(columns_can_be_skipped),
        FOLDER_TEST(numbers_are_read_as_they_are),
        FOLDER_TEST(decimal_commas_are_read),
        FOLDER_TEST(numbers_do_not_depend_on_the_locale),
        FOLDER_TEST(missing_values_are_named),
        FOLDER_TEST(rows_of_other_lengths_are_named),
        FOLDER_TEST(what_holds_no_data_is_refused),
        FOLDER_TEST(a_path_that_is_no_file_is_refused),
        FOLDER_TEST(classes_follow_the_order_of_labels),
        FOLDER_TEST(values_are_no_classes),
        FOLDER_TEST(constant_columns_are_features),
        FOLDER_TEST(a_share_is_held_out),
        FOLDER_TEST(the_seed_decides_which),
        FOLDER_TEST(one_example_is_left_to_train_on),
        FOLDER_TEST(rows_cross_the_ends_of_blocks),
        FOLDER_TEST(a_large_file_is_described_by_its_beginning),
        FOLDER_TEST(loading_can_be_watched_and_given_up),
        FOLDER_TEST(a_file_cut_anywhere_is_no_trouble),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
