#include "base/check.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/require.h"
#include "measure/digest.h"

/* The vectors of the inventors' own test program (test_fnv.c of Landon Curt Noll). */
static void the_hash_is_fnv_1a(void **state) {
    (void)state;
    static const struct {
        const char *text;
        uint64_t hash;
    } vectors[] = {
        { "", 0xcbf29ce484222325u },       { "a", 0xaf63dc4c8601ec8cu },
        { "b", 0xaf63df4c8601f1a5u },      { "foo", 0xdcb27518fed9d577u },
        { "foobar", 0x85944171f73967e8u }, { "hello", 0xa430d84680aabd0bu },
    };
    for (int i = 0; i < ARRAY_LEN(vectors); i++) {
        const char *text = vectors[i].text;
        assert_true(digest_bytes(DIGEST_START, text, strlen(text)) == vectors[i].hash);
    }
}

static void as_text_and_back(void **state) {
    (void)state;
    char text[DIGEST_TEXT];
    uint64_t back = 7;
    digest_print(0x0123456789abcdefu, text);
    assert_string_equal(text, "0123456789abcdef");
    assert_true(digest_parse(text, &back) && back == 0x0123456789abcdefu);
    digest_print(UINT64_MAX, text);
    assert_true(digest_parse(text, &back) && back == UINT64_MAX);
    static const char *const wrong[] = { "",
                                         "0",
                                         "0123456789abcde",
                                         "0123456789abcdef0",
                                         "0123456789ABCDEF",
                                         "0123456789abcdeg",
                                         " 123456789abcdef" };
    for (int i = 0; i < ARRAY_LEN(wrong); i++) {
        assert_false(digest_parse(wrong[i], &back));
    }
    assert_true(back == UINT64_MAX);
}

/* Two runs of three layers; everything else is zero. */
static struct snapshot *scene(void) {
    struct snapshot *snapshot = calloc(1, sizeof *snapshot);
    assert_non_null(snapshot);
    snapshot->has_runs = true;
    snapshot->runs = 2;
    snapshot->run[0].layers = snapshot->run[1].layers = 3;
    return snapshot;
}

#define CHANGES(field, value)                                                                      \
    do {                                                                                           \
        struct snapshot *changed = scene();                                                        \
        changed->field = (value);                                                                  \
        if (digest_snapshot(changed) == before) {                                                  \
            fail_msg("%s does not count", #field);                                                 \
        }                                                                                          \
        free(changed);                                                                             \
    } while (0)

#define LEAVES(field, value)                                                                       \
    do {                                                                                           \
        struct snapshot *changed = scene();                                                        \
        changed->field = (value);                                                                  \
        if (digest_snapshot(changed) != before) {                                                  \
            fail_msg("%s counts", #field);                                                         \
        }                                                                                          \
        free(changed);                                                                             \
    } while (0)

static void what_is_measured_counts(void **state) {
    (void)state;
    struct snapshot *plain = scene();
    uint64_t before = digest_snapshot(plain);
    assert_true(before == digest_snapshot(plain));
    free(plain);
    CHANGES(step, 1);
    CHANGES(batch, 1);
    CHANGES(runs, 1);
    CHANGES(run[0].pretraining.step, 1);
    CHANGES(run[0].step, 1);
    CHANGES(run[1].layers, 2);
    CHANGES(run[0].inputs, 1);
    CHANGES(run[1].outputs, 1);
    CHANGES(run[1].diverged, true);
    CHANGES(run[0].loss, 1e-300);
    CHANGES(run[1].accuracy, 1.0);
    CHANGES(run[1].learning_rate, 1.0);
    CHANGES(run[0].layer[0].units, 1);
    CHANGES(run[0].layer[0].saturated, 1);
    CHANGES(run[0].layer[0].dead, 1);
    CHANGES(run[0].layer[0].z.n, 1);
    CHANGES(run[0].layer[1].z.zero, 1);
    CHANGES(run[0].layer[2].h.underflow, 1);
    CHANGES(run[1].layer[0].h.nan, 1);
    CHANGES(run[1].layer[1].h.inf, 1);
    CHANGES(run[1].layer[2].delta.mean, nextafter(0.0, 1.0));
    CHANGES(run[1].output.delta.sd, 1.0);
    CHANGES(run[0].output.delta.rms, 1.0);
    CHANGES(run[0].output.z.min, -1.0);
    CHANGES(run[0].output.z.max, (double)NAN);
    CHANGES(run[0].output.z_histogram.low, 1.0);
    CHANGES(run[0].layer[0].z_histogram.high, 1.0);
    CHANGES(run[0].layer[0].h_histogram.n, 1);
    CHANGES(run[0].layer[0].h_histogram.below, 1);
    CHANGES(run[0].layer[0].h_histogram.above, 1);
    CHANGES(run[0].layer[0].h_histogram.nan, 1);
    CHANGES(run[0].layer[0].h_histogram.inf, 1);
    CHANGES(run[0].layer[0].h_histogram.counts[HISTOGRAM_BINS - 1], 1);
    CHANGES(run[0].layer[0].delta_histogram.n, 1);
    CHANGES(run[0].layer[0].delta_histogram.zero, 1);
    CHANGES(run[0].layer[0].delta_histogram.underflow, 1);
    CHANGES(run[0].layer[0].delta_histogram.nan, 1);
    CHANGES(run[0].layer[0].delta_histogram.inf, 1);
    CHANGES(run[1].layer[2].delta_histogram.counts[LOG_HISTOGRAM_BINS - 1], 1);
}

static void when_and_how_closely_does_not(void **state) {
    (void)state;
    struct snapshot *plain = scene();
    uint64_t before = digest_snapshot(plain);
    free(plain);
    LEAVES(request, 9);
    LEAVES(refused, 9);
    LEAVES(life, 9);
    LEAVES(changes, 9);
    LEAVES(state, WORKER_STOPPED);
    LEAVES(steps_per_second, 9.0);
    LEAVES(message[0], 'x');
    LEAVES(run[0].test_accuracy, 0.5);
    LEAVES(run[0].test_step, 9);
    LEAVES(run[0].layer[0].participation, 9.0);
    LEAVES(run[0].layer[0].weight_rms, 9.0);
    LEAVES(run[0].layer[0].weight_gradient_rms, 9.0);
    LEAVES(run[0].layer[0].update_rms, 9.0);
    LEAVES(run[0].layer[0].update_ratio, 9.0);
    LEAVES(run[0].layer[0].weight_histogram.n, 9);
    LEAVES(run[0].layer[0].weight_gradient_histogram.n, 9);
    LEAVES(run[0].layer[0].gradient_histogram.n, 9);
    LEAVES(run[0].layer[3].z.mean, 9.0); // there are three
    LEAVES(run[0].loss, -0.0);           // one zero
}

/* NaNs are made by many operations, with any sign and payload. */
static void one_nan(void **state) {
    (void)state;
    struct snapshot *a = scene(), *b = scene();
    uint64_t bits = 0xfff8000000000123u;
    a->run[0].loss = (double)NAN;
    memcpy(&b->run[0].loss, &bits, sizeof bits);
    assert_true(digest_snapshot(a) == digest_snapshot(b));
    free(a);
    free(b);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_hash_is_fnv_1a),
        cmocka_unit_test(as_text_and_back),
        cmocka_unit_test(what_is_measured_counts),
        cmocka_unit_test(when_and_how_closely_does_not),
        cmocka_unit_test(one_nan),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
