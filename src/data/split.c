#include "data/split.h"

#include <math.h>
#include <stdlib.h>

#include "base/memory.h"
#include "base/random.h"
#include "base/text.h"

void split_shape(const struct dataset_settings *settings, int64_t count,
                 struct dataset_shape *shape) {
    int64_t held_out = (int64_t)llround(settings->held_out * (double)count);
    shape->test_examples = held_out < count ? held_out : count - 1;
    shape->examples = count - shape->test_examples;
    if (settings->examples > 0 && settings->examples < shape->examples) {
        shape->examples = settings->examples;
    }
}

bool split_init(struct split *split, const struct dataset_settings *settings, int64_t count,
                char *problem) {
    struct dataset_shape shape = { 0 };
    split_shape(settings, count, &shape);
    *split = (struct split){ .held_out = shape.test_examples, .train = shape.examples };
    if (count <= UINT32_MAX && (uint64_t)count * sizeof *split->place < memory_available()) {
        split->place = malloc((size_t)count * sizeof *split->place);
    }
    if (!split->place) {
        text_set(problem, DATASET_PROBLEM,
                 "data = %s: memory ran out for parting %lld examples into those to train on and "
                 "those held out",
                 datasets[settings->kind].name, (long long)count);
        return false;
    }
    const struct random_stream stream = { .seed = settings->seed, .purpose = RANDOM_SPLIT };
    random_permutation(&stream, 0, (uint32_t)count, split->place);
    return true;
}

void split_finish(struct split *split) {
    free(split->place);
    *split = (struct split){ 0 };
}
