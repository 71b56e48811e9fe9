/* fuzz_data.h - load whatever a file says it is, and use what came of it. */
#ifndef TESTS_FUZZ_FUZZ_DATA_H
#define TESTS_FUZZ_FUZZ_DATA_H

#include <string.h>

#include "data/dataset.h"
#include "fuzz.h"

static inline void fuzz_part(const struct dataset *dataset, const struct examples *part) {
    float *inputs = malloc((size_t)dataset->shape.features * sizeof *inputs);
    REQUIRE(inputs);
    for (uint32_t i = 0; i < part->count; i++) {
        uint8_t label;
        dataset_gather(dataset, part, &i, 1, inputs, &label);
        REQUIRE(label < dataset->shape.classes);
    }
    free(inputs);
}

/* One line each. */
static inline void fuzz_names(const char *const *names, int count) {
    for (int i = 0; names && i < count; i++) {
        REQUIRE(!strpbrk(names[i], "\r\n\t"));
    }
}

static inline void fuzz_load(const struct dataset_settings *settings) {
    struct dataset dataset;
    struct dataset_shape shape;
    char problem[DATASET_PROBLEM] = "";
    if (!dataset_describe(settings, &shape, problem)) {
        REQUIRE(problem[0]);
    }
    problem[0] = '\0';
    if (!dataset_load(&dataset, settings, problem)) {
        REQUIRE(problem[0]);
        return;
    }
    REQUIRE(shape.features == dataset.shape.features && dataset.train.count > 0);
    fuzz_part(&dataset, &dataset.train);
    fuzz_part(&dataset, &dataset.test);
    fuzz_names(dataset.class_names, dataset.shape.classes);
    fuzz_names(dataset.feature_names, dataset.shape.features);
    dataset_finish(&dataset);
}

#endif
