#include "base/check.h"

#include <math.h>
#include <string.h>

#include "app/planes.h"
#include "base/require.h"

static struct planes planes;
static struct view_plane shown[2];
static struct snapshot snapshot;
static struct experiment experiment;

static int start(void **state) {
    (void)state;
    memset(&planes, 0, sizeof planes);
    memset(shown, 0, sizeof shown);
    snapshot.run[0].inputs = 784;
    snapshot.classes = 10;
    experiment_defaults(&experiment);
    experiment_pin(&experiment);
    experiment.compare = true;
    return 0;
}

static void show(void) {
    planes_show(&planes, &experiment, &snapshot, shown);
}

static bool stands_inside(const struct view_plane *plane) {
    return sqrt(plane->start.sw2) < plane->phase->sw_high &&
           sqrt(plane->start.sb2) < plane->phase->sb_high;
}

static void equal_activations_share_a_plane(void **state) {
    (void)state;
    experiment.run[1].init = INITIALISER_SMALL;
    show();
    assert_non_null(shown[0].phase);
    assert_ptr_equal(shown[0].phase, shown[1].phase);
    assert_true(shown[0].start.sw2 == 2.0 && fabs(shown[1].start.sw2 - 0.01) < 1e-12);
    experiment.run[1].activation = ACTIVATION_TANH;
    show();
    assert_non_null(shown[1].phase);
    assert_ptr_not_equal(shown[0].phase, shown[1].phase);
    struct phase_point point = phase_at(shown[1].phase, 1.76095464, 0.05);
    assert_true(fabs(point.chi - 1.0) < 1e-4); // tanh's own
    experiment.run[0].activation = experiment.run[1].activation = ACTIVATION_LEAKY_RELU;
    experiment.run[1].leak = 0.3;
    show();
    assert_ptr_not_equal(shown[0].phase, shown[1].phase);
    experiment.compare = false;
    show();
    assert_non_null(shown[0].phase);
}

static void a_plane_is_kept_until_another_is_wanted(void **state) {
    (void)state;
    show();
    planes.phase[0].chi[3][3] = 99.0f;
    experiment.run[0].init = INITIALISER_XAVIER;
    experiment.run[0].layers = 7;
    show();
    assert_true(planes.phase[0].chi[3][3] == 99.0f);
    experiment.run[0].activation = experiment.run[1].activation = ACTIVATION_SIGMOID;
    show();
    assert_true(planes.phase[0].chi[3][3] < 1.0f);
    assert_true(shown[0].phase->sw_high > sqrt(103.0)); // where its critical line begins
}

static void a_plane_is_large_enough_for_both(void **state) {
    (void)state;
    experiment.run[1].init_scale = 4.0; // sw2 = 32
    experiment.run[0].bias_sd = 3.0;
    show();
    assert_true(stands_inside(&shown[0]) && stands_inside(&shown[1]));
    experiment.run[1].init_scale = 1e6;
    show();
    assert_true(shown[0].phase->sw_high == PHASE_MOST && !stands_inside(&shown[1]));
}

static void what_has_no_plane_says_why(void **state) {
    (void)state;
    experiment.run[0].activation = ACTIVATION_MAXOUT;
    experiment.run[1].activation = ACTIVATION_PRELU;
    show();
    for (int run = 0; run < 2; run++) {
        assert_null(shown[run].phase);
        assert_true(shown[run].reason[0] != '\0');
    }
    experiment.run[1].activation = ACTIVATION_RELU;
    show();
    assert_null(shown[0].phase);
    assert_non_null(shown[1].phase);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(equal_activations_share_a_plane, start),
        cmocka_unit_test_setup(a_plane_is_kept_until_another_is_wanted, start),
        cmocka_unit_test_setup(a_plane_is_large_enough_for_both, start),
        cmocka_unit_test_setup(what_has_no_plane_says_why, start),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
