#include "lab/model.h"

#include "base/require.h"
#include "base/text.h"

void model_pieces(const struct layer *layer, struct model_piece pieces[MODEL_PIECES]) {
    static const struct parameters none;
    const struct normaliser *norm = &layer->normaliser;
    bool learned = activations[layer->phi.which].learned, split = layer->groups > 1;
    const struct model_piece all[MODEL_PIECES] = {
        { "W",
          layer->owns_weight ? &layer->weight : &none,
          split ? 3 : 2,
          { split ? layer->groups : layer->fan_in, split ? layer->fan_in : layer->fan_out,
            layer->fan_out },
          true },
        { "b", layer->owns_bias ? &layer->bias : &none, 1, { layer->columns }, true },
        { "gamma", &norm->gamma, 1, { layer->columns }, true },
        { "beta", &norm->beta, 1, { layer->columns }, true },
        { "slope", &layer->slope, learned ? 1 : 0, { layer->units }, learned },
        { "scale", &layer->scale, 0, { 0 }, layer->scale_learned },
    };
    for (int i = 0; i < MODEL_PIECES; i++) {
        pieces[i] = all[i];
    }
}

/* One network of a run. */
struct visit {
    const struct model_visitor *visitor;
    const char *prefix;
    struct network *network;
    bool passed; // a pass was made that no update has followed
};

static bool visit_array(const struct visit *visit, const char *kind, int number,
                        struct model_array array) {
    char name[MODEL_NAME];
    text_set(name, sizeof name, "%s%s%d", visit->prefix, kind, number);
    array.name = name;
    return visit->visitor->array(visit->visitor->context, &array);
}

/* A piece, and what the optimiser keeps for it under the name that PyTorch has for that. */
static bool visit_piece(const struct visit *visit, const struct model_piece *piece, int number) {
    const struct optimiser_row *row = &optimisers[visit->network->config.optimiser.which];
    struct model_array array = { .rank = piece->rank,
                                 .size = { piece->size[0], piece->size[1], piece->size[2] },
                                 .values = piece->parameters->value };
    if (!visit_array(visit, piece->name, number, array)) {
        return false;
    }
    array.state = true;
    for (int s = 0; s < row->states; s++) {
        char kind[MODEL_NAME / 2];
        text_set(kind, sizeof kind, "%s_%s", row->state_name[s], piece->name);
        array.values = piece->parameters->state[s];
        if (!visit_array(visit, kind, number, array)) {
            return false;
        }
    }
    return true;
}

static bool visit_averages(const struct visit *visit, const struct normaliser *norm, int number) {
    struct model_array mean = { .rank = 1, .size = { norm->columns } }, variance = mean;
    mean.values = visit->passed ? norm->earlier_mean : norm->running_mean;
    variance.values = visit->passed ? norm->earlier_variance : norm->running_variance;
    return norm->which != NORMALISATION_BATCH ||
           (visit_array(visit, "running_mean", number, mean) &&
            visit_array(visit, "running_variance", number, variance));
}

static bool visit_network(const struct visit *visit) {
    struct network *network = visit->network;
    int64_t *field = &network->config.optimiser.begun;
    char name[MODEL_NAME];
    text_set(name, sizeof name, "%sbegun", visit->prefix);
    const struct model_count begun = { name, *field, field };
    if (!visit->visitor->count(visit->visitor->context, &begun)) {
        return false;
    }
    for (int l = 0; l <= network->config.layers; l++) {
        struct model_piece pieces[MODEL_PIECES];
        model_pieces(&network->layer[l], pieces);
        for (int p = 0; p < MODEL_PIECES; p++) {
            if (pieces[p].learned && pieces[p].parameters->n > 0 &&
                !visit_piece(visit, &pieces[p], l + 1)) {
                return false;
            }
        }
        if (!visit_averages(visit, &network->layer[l].normaliser, l + 1)) {
            return false;
        }
    }
    return true;
}

static bool visit_counts(const struct run *run, const struct model_visitor *visitor) {
    const struct batches_place place = run->passed ? run->place : batches_place(&run->batches);
    const struct model_count counts[] = {
        { "step", run->step, NULL },
        { "seen", run->seen, NULL },
        { "epoch", (int64_t)place.epoch, NULL },
        { "position", (int64_t)place.position, NULL },
    };
    for (int i = 0; i < ARRAY_LEN(counts); i++) {
        if (!visitor->count(visitor->context, &counts[i])) {
            return false;
        }
    }
    return true;
}

bool model_visit(struct run *run, const struct model_visitor *visitor) {
    bool more = visit_counts(run, visitor);
    for (int r = 0; r < run->networks && more; r++) {
        const struct ensemble *ensemble = &run->ensemble[r];
        for (int m = 0; m <= ensemble->others && more; m++) {
            char prefix[MODEL_NAME / 4];
            text_set(prefix, sizeof prefix, "%s", r > 0 ? "b_" : "");
            if (m > 0) {
                text_append(prefix, sizeof prefix, "m%d_", m);
            }
            bool diverged = m > 0 ? ensemble->diverged[m - 1] : run->twin[r].diverged;
            const struct visit visit = { .visitor = visitor,
                                         .prefix = prefix,
                                         .network =
                                             m > 0 ? &ensemble->network[m - 1] : &run->network[r],
                                         .passed = run->passed || diverged };
            more = visit_network(&visit);
        }
    }
    return more;
}
