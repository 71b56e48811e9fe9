#include "lab/pretraining.h"

#include <assert.h>
#include <math.h>
#include <string.h>

#include "base/text.h"
#include "engine/kernels.h"

void pretraining_layout(struct pretraining *pretraining, const struct network_config *config,
                        struct arena *arena) {
    memset(pretraining, 0, sizeof *pretraining);
    if (config->init != INITIALISER_RBM) {
        return;
    }
    int visible = config->inputs > config->width ? config->inputs : config->width;
    rbm_layout(&pretraining->rbm, visible, config->width, config->batch, arena);
}

static void begin_epoch(struct pretraining *pretraining) {
    pretraining->epoch_step = 0;
    pretraining->error_sum = 0.0;
}

static void begin_layer(struct pretraining *pretraining, struct network *network) {
    struct layer *layer = &network->layer[pretraining->stats.layer - 1];
    rbm_begin(&pretraining->rbm, layer->weight.value, layer->bias.value, layer->fan_in,
              layer->fan_out);
    pretraining->stats.epoch = 1;
    begin_epoch(pretraining);
}

void pretraining_begin(struct pretraining *pretraining, const struct network_settings *settings,
                       struct network *network, int64_t examples) {
    if (network->config.init != INITIALISER_RBM || network->config.layers == 0) {
        return;
    }
    int batch = network->config.batch;
    pretraining->rate = settings->rbm_rate;
    pretraining->epoch_steps = (examples + batch - 1) / batch;
    pretraining->stats = (struct pretraining_stats){
        .active = true,
        .layer = 1,
        .layers = network->config.layers,
        .epochs = settings->rbm_epochs,
        .reconstruction_error = (double)NAN,
    };
    begin_layer(pretraining, network);
}

/* An epoch is over: the next one, or the next layer, or the end. */
static void advance(struct pretraining *pretraining, struct network *network) {
    struct pretraining_stats *stats = &pretraining->stats;
    stats->errors[stats->finished++] = (float)stats->reconstruction_error;
    if (stats->epoch < stats->epochs) {
        stats->epoch++;
        begin_epoch(pretraining);
    } else if (stats->layer < stats->layers) {
        stats->layer++;
        begin_layer(pretraining, network);
    } else {
        stats->active = false;
    }
}

void pretraining_step(struct pretraining *pretraining, struct network *network, const real *inputs,
                      int batch) {
    struct pretraining_stats *stats = &pretraining->stats;
    const struct network_config *config = &network->config;
    int below = stats->layer - 1;
    network_forward_part(network, inputs, batch, 0, below);
    const struct random_stream stream = {
        .seed = config->seed,
        .purpose = RANDOM_RBM_STATE,
        .layer = (uint32_t)(stats->epoch * 256 + stats->layer), // no other draws there
    };
    static_assert(NETWORK_MAX_LAYERS < 256, "layers and epochs share the coordinate");
    pretraining->error_sum += rbm_step(
        &pretraining->rbm, below > 0 ? network->layer[below - 1].h : inputs, batch,
        pretraining->rate, stats->epoch, &stream, (uint32_t)(pretraining->epoch_step * batch));
    pretraining->epoch_step++;
    stats->step++;
    stats->reconstruction_error = pretraining->error_sum / (double)pretraining->epoch_step;
    const struct parameters *weight = &network->layer[below].weight;
    if (!isfinite(kernels->sum_squares(weight->value, weight->n))) {
        stats->active = false;
    } else if (pretraining->epoch_step == pretraining->epoch_steps) {
        advance(pretraining, network);
    }
}

bool pretraining_accepts(const struct experiment *experiment, const struct dataset *data,
                         char *problem) {
    bool wanted = experiment->run[0].init == INITIALISER_RBM ||
                  (experiment->compare && experiment->run[1].init == INITIALISER_RBM);
    double low = 0.0, high = 1.0;
    if (wanted) {
        dataset_range(data, &low, &high);
    }
    if (low >= 0.0 && high <= 1.0) {
        return true;
    }
    text_set(problem, EXPERIMENT_PROBLEM,
             "init = rbm needs inputs within 0 to 1, which it takes for probabilities; these go "
             "from %g to %g. Use preprocess = unit on images, or another init.",
             low, high);
    return false;
}
