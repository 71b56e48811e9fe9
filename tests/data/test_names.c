/* What classes and features are called, of every kind of data that says so. */
#include "base/check.h"

#include <stdlib.h>
#include <string.h>

#include "base/folder.h"
#include "base/require.h"
#include "base/text.h"
#include "data/dataset.h"
#include "data/labels.h"

static struct dataset load_csv(void *state, const char *text, enum preprocess preprocess) {
    struct dataset_settings settings = { .kind = DATASET_CSV, .preprocess = preprocess };
    struct dataset dataset;
    char problem[DATASET_PROBLEM] = "";
    const char *path = folder_file(state, "data.csv");
    assert_int_equal(write_file(path, text, strlen(text)), 0);
    text_set(settings.path, sizeof settings.path, "%s", path);
    if (!dataset_load(&dataset, &settings, problem)) {
        fail_msg("%s", problem);
    }
    return dataset;
}

/* Texts joined by '|'; "-": there are none. */
static void print(const char *const *names, int count, char *text, size_t size) {
    text_set(text, size, "%s", names ? "" : "-");
    for (int i = 0; names && i < count; i++) {
        text_append(text, size, "%s%s", i > 0 ? "|" : "", names[i]);
    }
}

static void calls(void *state, const char *csv, const char *classes, const char *features) {
    struct dataset dataset = load_csv(state, csv, PREPROCESS_NONE);
    char text[256];
    print(dataset.class_names, dataset.shape.classes, text, sizeof text);
    assert_string_equal(text, classes);
    print(dataset.feature_names, dataset.shape.features, text, sizeof text);
    assert_string_equal(text, features);
    dataset_finish(&dataset);
}

static void a_table_names_its_classes_and_columns(void **state) {
    calls(*state, "length,width,species\n1,2,virginica\n3,4,setosa\n5,6,versicolor\n",
          "setosa|versicolor|virginica", "length|width");
    calls(*state, "1,2,virginica\n3,4,setosa\n", "setosa|virginica", "-");
    calls(*state, "label,a,b\n0,1,2\n1,3,4\n", "-", "a|b"); // which are digits anyhow
    calls(*state, "label,a\n7,1\n3,2\n+7.0,3\n10,4\n", "3|7|10", "a");
    calls(*state, "label,a\n-1,1\n1,2\n", "-1|1", "a");
    calls(*state, "a,,label\n1,2,x\n3,4,y\n", "x|y", "a|"); // a column without a name
    calls(*state, "\"a\nb\",c,label\n1,2,\"x\ty\"\n3,4,\"\xC3\xBC,\"\n", "x y|\xC3\xBC,", "a b|c");
}

static void skipped_columns_name_nothing(void **state) {
    struct dataset_settings settings = { .kind = DATASET_CSV };
    struct dataset dataset;
    char problem[DATASET_PROBLEM] = "", text[64];
    static const char table[] = "id,a,species,b,c\nq,1,x,2,3\nr,4,y,5,6\n";
    const char *path = folder_file(*state, "data.csv");
    assert_int_equal(write_file(path, table, sizeof table - 1), 0);
    text_set(settings.path, sizeof settings.path, "%s", path);
    text_set(settings.skip_columns, sizeof settings.skip_columns, "id,b");
    assert_true(dataset_load(&dataset, &settings, problem));
    print(dataset.feature_names, dataset.shape.features, text, sizeof text);
    assert_string_equal(text, "a|c");
    dataset_finish(&dataset);
}

/* A component is of all features together. */
static void components_have_no_names(void **state) {
    static const char table[] = "a,b,label\n1,2,x\n3,5,y\n4,4,x\n0,1,y\n";
    for (int preprocess = 0; preprocess < PREPROCESS_COUNT; preprocess++) {
        struct dataset dataset = load_csv(*state, table, (enum preprocess)preprocess);
        assert_int_equal(dataset.feature_names != NULL, !preprocesses[preprocess].projects);
        assert_string_equal(dataset.class_names[1], "y");
        dataset_finish(&dataset);
    }
}

static void most_labels_are_all_named(void **state) {
    struct labels *labels = calloc(1, sizeof *labels);
    const char *names[LABELS_MOST];
    char text[LABELS_TEXT];
    uint8_t number;
    (void)state;
    assert_non_null(labels);
    assert_int_equal(labels_names(labels, names), 0);
    for (int i = 0; i < LABELS_MOST; i++) {
        text_set(text, sizeof text, "%c%03d", 'a' + i % 2, LABELS_MOST - i);
        assert_int_equal(labels_add(labels, text, &number), LABELS_ADDED);
    }
    assert_int_equal(labels_names(labels, names), LABELS_MOST);
    for (int i = 1; i < LABELS_MOST; i++) {
        assert_true(strcmp(names[i - 1], names[i]) < 0);
    }
    free(labels);
}

/* In the table from the start; held against what the data sets' authors publish. */
static void known_data_sets_have_known_names(void **state) {
    (void)state;
    char text[256];
    print(datasets[DATASET_FASHION_MNIST].class_names, 10, text, sizeof text);
    assert_string_equal(text, "T-shirt/top|Trouser|Pullover|Dress|Coat|Sandal|Shirt|Sneaker|Bag|"
                              "Ankle boot");
    print(datasets[DATASET_CIFAR10].class_names, 10, text, sizeof text);
    assert_string_equal(text, "airplane|automobile|bird|cat|deer|dog|frog|horse|ship|truck");
    assert_null(datasets[DATASET_MNIST].class_names);
}

#define FOLDER_TEST(name) cmocka_unit_test_setup_teardown(name, folder_setup, folder_teardown)

int main(void) {
    const struct CMUnitTest tests[] = {
        FOLDER_TEST(a_table_names_its_classes_and_columns),
        FOLDER_TEST(skipped_columns_name_nothing),
        FOLDER_TEST(components_have_no_names),
        cmocka_unit_test(most_labels_are_all_named),
        cmocka_unit_test(known_data_sets_have_known_names),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
