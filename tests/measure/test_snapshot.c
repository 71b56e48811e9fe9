#include "base/check.h"

#include <stdlib.h>
#include <string.h>

#include "measure/snapshot.h"

/* Another pattern in every part, so that nothing can be taken for something else. */
static struct snapshot *patterned(unsigned char seed, int runs, int a_layers, int b_layers) {
    struct snapshot *snapshot = malloc(sizeof *snapshot);
    assert_non_null(snapshot);
    unsigned char *bytes = (unsigned char *)snapshot;
    for (size_t i = 0; i < sizeof *snapshot; i++) {
        bytes[i] = (unsigned char)(seed + i * 31 + i / 251);
    }
    snapshot->data_detail.made = false; // see test_data_detail.c
    snapshot->names.classes = runs;
    snapshot->names.inputs = a_layers % (NAMES_INPUTS + 1);
    snapshot->runs = runs;
    snapshot->run[0].layers = a_layers;
    snapshot->run[1].layers = b_layers;
    snapshot->detail[0].layer = snapshot->detail[1].layer = 0; // their copy has a test of its own
    return snapshot;
}

/* All that is in use arrives, and what is not in use is not touched. */
static void what_is_in_use_is_copied(void **state) {
    (void)state;
    static const int rows[][3] = { { 1, 1, 7 },    { 1, 200, 9 },   { 2, 1, 1 },
                                   { 2, 13, 200 }, { 2, 200, 200 }, { 0, 5, 5 } };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct snapshot *from = patterned(1, rows[i][0], rows[i][1], rows[i][2]);
        struct snapshot *to = patterned(100, 2, 3, 3), *before = patterned(100, 2, 3, 3);
        snapshot_copy(to, from);
        assert_memory_equal(to, from, offsetof(struct snapshot, run));
        const struct data_names *names = &from->names;
        assert_int_equal(to->names.classes, names->classes);
        assert_int_equal(to->names.inputs, names->inputs);
        assert_memory_equal(to->names.class_name, names->class_name,
                            (size_t)names->classes * NAMES_ROOM);
        assert_memory_equal(to->names.class_name[names->classes],
                            before->names.class_name[names->classes], NAMES_ROOM);
        assert_memory_equal(to->names.input_name, names->input_name,
                            (size_t)names->inputs * NAMES_ROOM);
        for (int r = 0; r < 2; r++) {
            bool used = r < from->runs;
            const struct run_snapshot *want = used ? &from->run[r] : &before->run[r];
            assert_memory_equal(&to->run[r], want, offsetof(struct run_snapshot, layer));
            for (int l = 0; l < SNAPSHOT_LAYERS; l++) {
                bool copied = used && l < from->run[r].layers;
                assert_memory_equal(&to->run[r].layer[l],
                                    copied ? &from->run[r].layer[l] : &before->run[r].layer[l],
                                    sizeof to->run[r].layer[l]);
            }
        }
        free(from);
        free(to);
        free(before);
    }
}

/* Names that are longer than their room end with an ellipsis, and at a whole character. */
static void names_are_taken(void **state) {
    (void)state;
    struct data_names *names = calloc(1, sizeof *names);
    char exact[NAMES_ROOM], over[3 * NAMES_ROOM] = "";
    assert_non_null(names);
    memset(exact, 'x', sizeof exact);
    exact[NAMES_ROOM - 1] = '\0';
    for (int i = 0; i < NAMES_ROOM; i++) {
        strcat(over, "ü");
    }
    const char *const given[] = { "setosa", exact, over };
    data_names_take(names, given, 3, NULL, 5);
    assert_int_equal(names->classes, 3);
    assert_int_equal(names->inputs, 0);
    assert_string_equal(names->class_name[0], "setosa");
    assert_string_equal(names->class_name[1], exact);
    size_t length = strlen(names->class_name[2]);
    assert_true(length < NAMES_ROOM && length > NAMES_ROOM - 4 && length % 2 == 1);
    assert_memory_equal(names->class_name[2], over, length - 3);
    assert_string_equal(names->class_name[2] + length - 3, "…");
    const char *many[NAMES_INPUTS + 3];
    for (int i = 0; i < NAMES_INPUTS + 3; i++) {
        many[i] = i % 2 ? "" : "a";
    }
    data_names_take(names, NULL, 2, many, NAMES_INPUTS + 3);
    assert_int_equal(names->classes, 0);
    assert_int_equal(names->inputs, NAMES_INPUTS);
    assert_string_equal(names->input_name[NAMES_INPUTS - 1], "");
    free(names);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_in_use_is_copied),
        cmocka_unit_test(names_are_taken),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
