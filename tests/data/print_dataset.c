/*
 * print_dataset.c - what a data set became, for another program to compare with its source:
 *
 *     print_dataset NAME PATH HELD_OUT LABEL_COLUMN
 *
 * writes a line "features classes held-out training width height channels", then of every example,
 * held-out ones first, its class and its features as `preprocess = none` gives them, as text.
 */
#include <stdio.h>
#include <stdlib.h>

#include "base/require.h"
#include "base/text.h"
#include "data/dataset.h"

static void print_part(const struct dataset *dataset, const struct examples *part) {
    int features = dataset->shape.features;
    float *inputs = malloc((size_t)features * sizeof *inputs);
    REQUIRE(inputs);
    for (uint32_t i = 0; i < part->count; i++) {
        uint8_t label;
        dataset_gather(dataset, part, &i, 1, inputs, &label);
        printf("%d", label);
        for (int j = 0; j < features; j++) {
            printf(" %.9g", (double)inputs[j]);
        }
        printf("\n");
    }
    free(inputs);
}

int main(int argc, char **argv) {
    struct dataset_settings settings = { .preprocess = PREPROCESS_NONE, .seed = 1 };
    struct dataset dataset;
    char problem[DATASET_PROBLEM];
    if (argc != 5 || !text_to_double(argv[3], &settings.held_out)) {
        return 2;
    }
    const char *names[DATASET_COUNT];
    for (int i = 0; i < DATASET_COUNT; i++) {
        names[i] = datasets[i].name;
    }
    int kind = text_find(argv[1], names, DATASET_COUNT);
    REQUIRE(kind >= 0);
    settings.kind = (enum dataset_kind)kind;
    text_set(settings.path, sizeof settings.path, "%s", argv[2]);
    text_set(settings.label_column, sizeof settings.label_column, "%s", argv[4]);
    if (!dataset_load(&dataset, &settings, problem)) {
        fprintf(stderr, "%s\n", problem);
        return 1;
    }
    const struct dataset_shape *shape = &dataset.shape;
    printf("%d %d %lld %lld %d %d %d\n", shape->features, shape->classes,
           (long long)dataset.test.count, (long long)dataset.train.count, shape->image_width,
           shape->image_height, shape->image_channels);
    print_part(&dataset, &dataset.test);
    print_part(&dataset, &dataset.train);
    dataset_finish(&dataset);
    return 0;
}
