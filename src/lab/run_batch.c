#include "lab/run_batch.h"

#include "data/augment.h"

void run_batch_layout(struct run_batch *batch, const struct experiment *experiment,
                      const struct dataset_shape *shape, struct arena *arena) {
    size_t count = (size_t)experiment_batch(experiment, shape), features = (size_t)shape->features;
    bool mixes = experiment->mixup > 0.0;
    *batch = (struct run_batch){ 0 };
    batch->inputs = arena_take(arena, count * features, sizeof *batch->inputs);
    batch->labels = arena_take(arena, count, sizeof *batch->labels);
    batch->indices = arena_take(arena, count, sizeof *batch->indices);
    if (mixes) {
        batch->other_labels = arena_take(arena, count, sizeof *batch->other_labels);
        batch->row = arena_take(arena, features, sizeof *batch->row);
    }
}

void run_batch_next(struct run_batch *batch, const struct dataset *data, struct batches *batches) {
    batch->count = (int)batches->batch;
    batches_next(batches, batch->indices);
    dataset_gather(data, &data->train, batch->indices, batch->count, batch->inputs, batch->labels);
    batch->targets = (struct loss_targets){ .labels = batch->labels };
}

void run_batch_draw(struct run_batch *batch, const struct experiment *experiment,
                    const struct dataset *data, struct batches *batches, int64_t step) {
    const struct augment_settings settings = experiment_augment(experiment);
    run_batch_next(batch, data, batches);
    struct augment_batch gathered = {
        .inputs = batch->inputs,
        .labels = batch->labels,
        .count = batch->count,
        .features = data->shape.features,
        .other_labels = batch->other_labels,
        .order = batch->indices,
        .row = batch->row,
    };
    double lambda = augment(&settings, data, (uint64_t)step, &gathered);
    batch->targets.other_labels = batch->other_labels;
    batch->targets.lambda = lambda;
}

void run_batch_take(struct run_batch *batch, const struct dataset *data, int64_t first, int count) {
    for (int i = 0; i < count; i++) {
        batch->indices[i] = (uint32_t)(first + i);
    }
    batch->count = count;
    dataset_gather(data, &data->test, batch->indices, count, batch->inputs, batch->labels);
    batch->targets = (struct loss_targets){ .labels = batch->labels };
}
