/*
 * CSV of made-up snapshots: what a run on real data hardly shows. That it says what JSON and NumPy
 * say is tested with the program itself.
 */
#include "base/check.h"

#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "export/csv_file.h"
#include "tools.h"

static struct snapshot *make_snapshot(void) {
    struct snapshot *snapshot = calloc(1, sizeof *snapshot);
    assert_non_null(snapshot);
    snapshot->runs = 1;
    snapshot->step = 7;
    struct run_snapshot *run = &snapshot->run[0];
    run->layers = 1;
    run->layer[0].units = run->output.units = 3;
    run->loss = (double)NAN;
    run->clip_scale = -0.0;
    run->learning_rate = 0.1;
    struct layer_stats *layer = &run->layer[0];
    layer->h.n = 4;
    layer->h.min = -(double)INFINITY;
    layer->h.max = (double)INFINITY;
    layer->participation = (double)NAN; // that is: not measured
    histogram_range(&layer->h_histogram, -2.0, 2.0);
    layer->h_histogram.counts[0] = 2;
    layer->h_histogram.counts[127] = UINT32_MAX;
    layer->h_histogram.below = 5;
    layer->h_histogram.above = (uint64_t)1 << 40;
    layer->delta_histogram.counts[0] = 1;
    layer->delta_histogram.counts[LOG_HISTOGRAM_BINS - 1] = 9;
    layer->delta_histogram.inf = 3;
    return snapshot;
}

static bool write_csv(const char *path, char *problem) {
    struct csv_file *csv = csv_file_open(path, problem);
    if (!csv) {
        return false;
    }
    struct snapshot *snapshot = make_snapshot();
    bool added = csv_file_add(csv, "one, \"two\"", snapshot, problem);
    free(snapshot);
    return csv_file_close(csv, added, problem) && added;
}

static const char *written(void) {
    static char text[1 << 16];
    char path[TOOLS_PATH], problem[FILE_PROBLEM_MAX];
    scratch_path(path, "a.csv");
    assert_true(write_csv(path, problem));
    FILE *file = fopen(path, "rb");
    assert_non_null(file);
    size_t size = fread(text, 1, sizeof text - 1, file);
    fclose(file);
    text[size] = '\0';
    return text;
}

#define ROW(rest) "\r\n\"one, \"\"two\"\"\",A,7," rest "\r\n"

static void rows(void **state) {
    (void)state;
    const char *text = written();
    static const char head[] = "case,run,step,layer,quantity,low,high,value\r\n";
    assert_memory_equal(text, head, sizeof head - 1);
    static const char *const expected[] = {
        ROW(",loss,,,NaN"),
        ROW(",clip_scale,,,-0"),
        ROW(",learning_rate,,,0.1"),
        ROW("1,h.min,,,-Infinity"),
        ROW("1,h.max,,,Infinity"),
        ROW("1,h.histogram,-2,-1.96875,2"),
        ROW("1,h.histogram,1.96875,2,4294967295"),
        ROW("1,h.histogram.below,,-2,5"),
        ROW("1,h.histogram.above,2,,1099511627776"),
        ROW("1,delta.histogram,1.1754943508222875e-38,1.662400053425836e-38,1"),
        ROW("1,delta.histogram,2.4061596916800453e+38,3.402823669209385e+38,9"),
        ROW("1,delta.histogram.inf,,,3"),
        ROW("2,units,,,3"),
    };
    for (size_t i = 0; i < sizeof expected / sizeof expected[0]; i++) {
        assert_contains(text, expected[i]);
    }
    static const char *const absent[] = { "test_loss", "participation",       "diverged",
                                          "theory",    "gradient_histogram.", "2,factors" };
    for (size_t i = 0; i < sizeof absent / sizeof absent[0]; i++) {
        const char *found = strstr(text, absent[i]);
        assert_true(!found || strncmp(found - 7, "weight_", 7) == 0);
    }
}

static void failures_leave_nothing(void **state) {
    (void)state;
    assert_fails_cleanly(write_csv, 3000);
}

static void what_is_given_up_leaves_nothing(void **state) {
    (void)state;
    char path[TOOLS_PATH], problem[FILE_PROBLEM_MAX];
    scratch_path(path, "b.csv");
    struct csv_file *csv = csv_file_open(path, problem);
    assert_non_null(csv);
    assert_true(csv_file_close(csv, false, problem));
    FILE *file = fopen(path, "rb");
    assert_null(file);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(rows),
        cmocka_unit_test(failures_leave_nothing),
        cmocka_unit_test(what_is_given_up_leaves_nothing),
    };
    return cmocka_run_group_tests(tests, scratch_setup, scratch_teardown);
}
