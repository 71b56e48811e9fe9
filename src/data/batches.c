#include "data/batches.h"

#include <stdlib.h>
#include <string.h>

#include "base/random.h"
#include "base/require.h"

static void order_epoch(struct batches *batches) {
    const struct random_stream stream = {
        .seed = batches->seed,
        .purpose = RANDOM_BATCH,
        .layer = (uint32_t)batches->epoch,
    };
    if (batches->batch < batches->examples) {
        random_permutation(&stream, (uint32_t)(batches->epoch >> 32), batches->examples,
                           batches->order);
    } else {
        for (uint32_t i = 0; i < batches->examples; i++) {
            batches->order[i] = i;
        }
    }
}

bool batches_init(struct batches *batches, uint32_t examples, uint32_t batch, uint64_t seed) {
    REQUIRE(examples > 0 && batch > 0);
    *batches = (struct batches){
        .seed = seed,
        .examples = examples,
        .batch = batch < examples ? batch : examples,
        .order = calloc(examples, sizeof *batches->order),
    };
    if (!batches->order) {
        *batches = (struct batches){ 0 };
        return false;
    }
    order_epoch(batches);
    return true;
}

void batches_finish(struct batches *batches) {
    free(batches->order);
    *batches = (struct batches){ 0 };
}

void batches_resize(struct batches *batches, uint32_t batch) {
    REQUIRE(batch > 0);
    bool was_whole = batches->batch == batches->examples;
    batches->batch = batch < batches->examples ? batch : batches->examples;
    if (was_whole != (batches->batch == batches->examples)) {
        order_epoch(batches);
    }
}

struct batches_place batches_place(const struct batches *batches) {
    return (struct batches_place){ batches->epoch, batches->position };
}

void batches_return(struct batches *batches, struct batches_place place) {
    bool elsewhere = place.epoch != batches->epoch;
    batches->epoch = place.epoch;
    batches->position = place.position;
    if (elsewhere) {
        order_epoch(batches);
    }
}

void batches_next(struct batches *batches, uint32_t *indices) {
    uint32_t taken = 0;
    while (taken < batches->batch) {
        if (batches->position == batches->examples) {
            batches->epoch++;
            batches->position = 0;
            order_epoch(batches);
        }
        uint32_t left = batches->examples - batches->position;
        uint32_t count = batches->batch - taken < left ? batches->batch - taken : left;
        memcpy(indices + taken, batches->order + batches->position, count * sizeof *indices);
        batches->position += count;
        taken += count;
    }
}
