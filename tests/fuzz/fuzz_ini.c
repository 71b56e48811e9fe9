/* What is read comes back the same once it is written. */
#include "fuzz.h"
#include "lab/experiment_ini.h"

static void read_both(struct experiment *experiment, const char *path) {
    char problem[EXPERIMENT_PROBLEM] = "";
    bool found, has_b;
    experiment_defaults(experiment);
    REQUIRE(experiment_read_ini(experiment, path, 0, &found, problem));
    experiment_pin(experiment);
    REQUIRE(experiment_read_ini(experiment, path, 1, &has_b, problem));
    experiment->compare = has_b;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    static char text[1 << 16];
    struct experiment first, again;
    struct experiment_notes notes;
    char problem[EXPERIMENT_PROBLEM] = "";
    bool found;
    const char *path = fuzz_file("test.ini", data, size);
    experiment_defaults(&first);
    if (!experiment_read_notes(&notes, path, problem) ||
        !experiment_read_ini(&first, path, 0, &found, problem)) {
        REQUIRE(problem[0]);
        return 0;
    }
    read_both(&first, path);
    int length = experiment_print_ini(&first, text, sizeof text);
    REQUIRE(length >= 0 && (size_t)length < sizeof text);
    read_both(&again, fuzz_file("again.ini", (const uint8_t *)text, (size_t)length));
    REQUIRE(experiment_equal(&first, &again));
    return 0;
}
