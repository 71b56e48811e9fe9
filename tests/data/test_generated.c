#include "base/check.h"

#include <math.h>
#include <string.h>

#include "base/require.h"
#include "data/generated.h"

enum { EXAMPLES = 100000, GRID = 2000 };

static struct dataset load(struct dataset_settings settings) {
    struct dataset dataset;
    char problem[DATASET_PROBLEM] = "";
    if (!dataset_load(&dataset, &settings, problem)) {
        fail_msg("%s", problem);
    }
    return dataset;
}

/* Sums over the examples of one class: x, y, x^2, y^2, x y. */
struct moments {
    double n, x, y, xx, yy, xy;
};

static void add(struct moments *sums, double x, double y) {
    sums->n++;
    sums->x += x;
    sums->y += y;
    sums->xx += x * x;
    sums->yy += y * y;
    sums->xy += x * y;
}

static struct moments measure(const struct examples *part, int label) {
    struct moments sums = { 0 };
    for (int64_t i = 0; i < part->count; i++) {
        if (part->labels[i] == label) {
            add(&sums, (double)part->values[2 * i], (double)part->values[2 * i + 1]);
        }
    }
    return sums;
}

/* What the formulas of generated.h give, written down once more, by the midpoint rule. */
static struct moments predict(enum dataset_kind kind, int c) {
    const double pi = acos(-1.0);
    struct moments sums = { 0 };
    for (int i = 0; i < GRID; i++) {
        double u = (i + 0.5) / GRID, r = sqrt(u), t;
        switch (kind) {
        case DATASET_NOISY_XOR:
            add(&sums, i % 2, c ? 1 - i % 2 : i % 2);
            break;
        case DATASET_MOONS:
            add(&sums, c ? 1 - cos(pi * u) : cos(pi * u), c ? 0.5 - sin(pi * u) : sin(pi * u));
            break;
        case DATASET_CIRCLES:
            add(&sums, (c ? 0.5 : 1.0) * cos(2 * pi * u), (c ? 0.5 : 1.0) * sin(2 * pi * u));
            break;
        case DATASET_SPIRALS:
            t = 3 * pi * r + pi * c;
            add(&sums, r * cos(t), r * sin(t));
            break;
        case DATASET_BLOBS:
            t = pi / 2 + 2 * pi * c / 3;
            add(&sums, cos(t), sin(t));
            break;
        default: // the board: squares of the colour on a fine grid
            for (int j = 0; j < 100; j++) {
                double v = (j + 0.5) / 100;
                if (((int)(4 * u) + (int)(4 * v)) % 2 == c) {
                    add(&sums, 2 * u - 1, 2 * v - 1);
                }
            }
        }
    }
    return sums;
}

/* Means within 5 standard errors, whose own sd is at most 1.3; noise adds to the variances. */
static void assert_moments(const struct moments *got, const struct moments *wanted, double noise) {
    double error = 5.0 * 2.0 / sqrt(got->n), n = wanted->n;
    assert_true(fabs(got->x / got->n - wanted->x / n) < error);
    assert_true(fabs(got->y / got->n - wanted->y / n) < error);
    assert_true(fabs(got->xx / got->n - wanted->xx / n - noise * noise) < error);
    assert_true(fabs(got->yy / got->n - wanted->yy / n - noise * noise) < error);
    assert_true(fabs(got->xy / got->n - wanted->xy / n) < error);
}

static void moments_follow_the_formulas(void **state) {
    (void)state;
    static const double noises[] = { 0.0, 0.5, -1.0 };
    for (int kind = 0; kind < DATASET_COUNT; kind++) {
        for (int i = 0; datasets[kind].point && i < ARRAY_LEN(noises); i++) {
            struct dataset_settings settings = {
                .kind = (enum dataset_kind)kind,
                .examples = EXAMPLES,
                .noise = noises[i],
                .seed = 4,
            };
            struct dataset dataset = load(settings);
            double noise = noises[i] < 0 ? datasets[kind].noise : noises[i];
            for (int c = 0; c < datasets[kind].classes; c++) {
                struct moments wanted = predict((enum dataset_kind)kind, c);
                struct moments train = measure(&dataset.train, c);
                struct moments test = measure(&dataset.test, c);
                assert_moments(&train, &wanted, noise);
                assert_moments(&test, &wanted, noise);
            }
            dataset_finish(&dataset);
        }
    }
}

static void classes_are_balanced(void **state) {
    (void)state;
    for (int kind = 0; kind < DATASET_COUNT; kind++) {
        if (!datasets[kind].point) {
            continue;
        }
        struct dataset dataset = load((struct dataset_settings){ .kind = (enum dataset_kind)kind });
        assert_int_equal(dataset.train.count, 1000);
        assert_int_equal(dataset.test.count, 1000);
        int counts[2][3] = { { 0 } }, classes = datasets[kind].classes;
        for (int i = 0; i < 1000; i++) {
            counts[0][dataset.train.labels[i]]++;
            counts[1][dataset.test.labels[i]]++;
        }
        for (int c = 0; c < classes; c++) {
            int exact = 1000 / classes + (c < 1000 % classes);
            assert_int_equal(counts[0][c], exact);
            assert_int_equal(counts[1][c], exact);
        }
        dataset_finish(&dataset);
    }
}

/* Without noise every point is where its class may be, and nowhere else. */
static void points_without_noise_lie_on_their_curves(void **state) {
    (void)state;
    for (int kind = 0; kind < DATASET_COUNT; kind++) {
        if (!datasets[kind].point) {
            continue;
        }
        struct dataset dataset = load((struct dataset_settings){ .kind = (enum dataset_kind)kind });
        for (int i = 0; i < 1000; i++) {
            double x = (double)dataset.train.values[2 * i];
            double y = (double)dataset.train.values[2 * i + 1];
            int c = dataset.train.labels[i];
            double radius = hypot(x, y);
            if (kind == DATASET_NOISY_XOR) {
                assert_true((x == 0 || x == 1) && (y == 0 || y == 1) && (x != y) == c);
            } else if (kind == DATASET_MOONS) {
                assert_true(fabs(hypot(x - c, y - 0.5 * c) - 1) < 1e-6);
                assert_true(c ? y <= 0.5 : y >= 0);
            } else if (kind == DATASET_CIRCLES) {
                assert_true(fabs(radius - (c ? 0.5 : 1)) < 1e-6);
            } else if (kind == DATASET_SPIRALS) {
                double turn = 3 * acos(-1.0) * radius + acos(-1.0) * c;
                assert_true(fabs(x - radius * cos(turn)) < 1e-5);
                assert_true(fabs(y - radius * sin(turn)) < 1e-5);
            } else if (kind == DATASET_CHECKERBOARD) {
                assert_int_equal(((int)(2 * (x + 1)) + (int)(2 * (y + 1))) % 2, c);
                assert_true(fabs(x) <= 1 && fabs(y) <= 1);
            }
        }
        dataset_finish(&dataset);
    }
}

static void the_same_seed_gives_the_same_bits(void **state) {
    (void)state;
    for (int kind = 0; kind < DATASET_COUNT; kind++) {
        struct dataset_settings settings = { .kind = (enum dataset_kind)kind, .seed = 9 };
        if (!datasets[kind].point) {
            continue;
        }
        settings.noise = 0.1;
        struct dataset whole = load(settings), again = load(settings);
        settings.examples = 10;
        struct dataset few = load(settings);
        settings.seed++;
        struct dataset other = load(settings);
        assert_memory_equal(whole.train.values, again.train.values, 2000 * sizeof(float));
        assert_memory_equal(whole.test.values, again.test.values, 2000 * sizeof(float));
        assert_memory_equal(whole.train.values, few.train.values, 20 * sizeof(float));
        assert_memory_equal(whole.test.values, few.test.values, 20 * sizeof(float));
        assert_memory_equal(whole.test.labels, few.test.labels, 10);
        for (int i = 0; i < 20; i++) { // neither the other part nor another seed repeats them
            assert_true(few.train.values[i] != few.test.values[i]);
            assert_true(few.train.values[i] != other.train.values[i]);
        }
        dataset_finish(&whole);
        dataset_finish(&again);
        dataset_finish(&few);
        dataset_finish(&other);
    }
}

static void settings_count_only_where_they_are_used(void **state) {
    (void)state;
    struct dataset_settings a = { .kind = DATASET_MOONS, .noise = 0.1, .seed = 1 }, b = a;
    assert_true(dataset_settings_equal(&a, &b));
    b.features = 3;
    strcpy(b.path, "x");
    assert_true(dataset_settings_equal(&a, &b));
    b.noise = 0.2;
    assert_false(dataset_settings_equal(&a, &b));
    b = a;
    b.seed = 2;
    assert_false(dataset_settings_equal(&a, &b));
    a.kind = b.kind = DATASET_MNIST;
    assert_true(dataset_settings_equal(&a, &b));
    b.examples = 5;
    assert_false(dataset_settings_equal(&a, &b));
    a = b = (struct dataset_settings){ .kind = DATASET_IDX };
    strcpy(b.path, "x");
    assert_false(dataset_settings_equal(&a, &b));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(moments_follow_the_formulas),
        cmocka_unit_test(classes_are_balanced),
        cmocka_unit_test(points_without_noise_lie_on_their_curves),
        cmocka_unit_test(the_same_seed_gives_the_same_bits),
        cmocka_unit_test(settings_count_only_where_they_are_used),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
