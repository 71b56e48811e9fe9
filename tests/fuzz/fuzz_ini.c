/* What is read comes back the same once it is written. */
#include "fuzz.h"
#include "lab/experiment_ini.h"

static bool read_both(struct experiment *experiment, const char *path) {
    char problem[EXPERIMENT_PROBLEM] = "";
    bool found, has_b;
    experiment_defaults(experiment);
    bool good = experiment_read_ini(experiment, path, NULL, 0, &found, problem);
    if (good) {
        experiment_pin(experiment);
        good = experiment_read_ini(experiment, path, NULL, 1, &has_b, problem);
        experiment->compare = good && has_b;
    }
    REQUIRE(good || problem[0]);
    return good;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    static char text[1 << 16];
    struct experiment first, again;
    struct experiment_notes notes;
    char problem[EXPERIMENT_PROBLEM] = "";
    const char *path = fuzz_file("test.ini", data, size);
    bool noted = experiment_read_notes(&notes, path, problem);
    REQUIRE(noted || problem[0]);
    if (!read_both(&first, path)) {
        return 0;
    }
    int length = experiment_print_ini(&first, text, sizeof text);
    REQUIRE(length >= 0 && (size_t)length < sizeof text);
    REQUIRE(read_both(&again, fuzz_file("again.ini", (const uint8_t *)text, (size_t)length)));
    REQUIRE(experiment_equal(&first, &again));
    return 0;
}
