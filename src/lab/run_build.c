#include "lab/run_build.h"

#include <string.h>

#include "base/text.h"
#include "engine/denormals.h"
#include "engine/kernels.h"

static void layout(struct run *run, struct arena *arena) {
    for (int r = 0; r < run->networks; r++) {
        struct network_config config = experiment_network(&run->experiment, r, &run->data->shape);
        config.crew = run->crew;
        network_layout(&run->network[r], &config, arena);
        pretraining_layout(&run->pretraining[r], &config, arena);
        ensemble_layout(&run->ensemble[r], &config, run->experiment.ensemble - 1, arena);
    }
    run_batch_layout(&run->now, &run->experiment, &run->data->shape, arena);
    if (run->networks == 2) {
        run_batch_layout(&run->spare, &run->experiment, &run->data->shape, arena);
    }
    run->scratch = arena_take(arena, experiment_scratch(&run->experiment, &run->data->shape), 1);
}

bool run_build(struct run *run, const struct experiment *experiment, const struct dataset *data,
               struct arena memory, char *problem) {
    size_t reclaimable = data->shape.bytes + memory.capacity; // these are there already
    memset(run, 0, sizeof *run);
    run->arena = memory;
    engine_start();
    denormals_flush();
    run->experiment = *experiment;
    run->data = data;
    run->networks = experiment->compare ? 2 : 1;
    run->batch = experiment_batch(experiment, &data->shape);
    if (!experiment_fits(experiment, &data->shape, reclaimable, problem) ||
        !pretraining_accepts(experiment, data, problem)) {
        goto fail;
    }
    run->crew = crew_create(experiment->threads > 0 ? experiment->threads : crew_available());
    struct arena counting = { 0 };
    layout(run, &counting);
    if (!arena_renew(&run->arena, counting.used)) {
        text_set(problem, EXPERIMENT_PROBLEM, "Memory ran out.");
        goto fail;
    }
    layout(run, &run->arena);
    return true;

fail:
    run_finish(run);
    return false;
}
