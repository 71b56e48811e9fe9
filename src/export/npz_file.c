#include "export/npz_file.h"

#include <assert.h>
#include <stdint.h>
#include <stdlib.h>
#include <zip.h>

#include "base/file.h"
#include "base/require.h"
#include "base/text.h"
#include "export/npz_parts.h"
#include "lab/model.h"

static_assert(sizeof(real) == sizeof(float), "the archive promises float32");

enum {
    PASSED = 11, // what a pass leaves in a layer
    MEMBERS_OF_LAYER = MODEL_PIECES * (2 + OPTIMISER_MAX_STATES) + PASSED,
    MEMBERS_OF_RUN = 6, // x, y, y2, lambda, logits, loss
    MEMBER_NAME = 32
};

/* One .npy member; data is borrowed until the archive is closed. NULL: there is none. */
struct array {
    const void *data;
    const char *type;
    struct npz_shape shape;
};

/* The members' sources point into headers, so both live until the zip is closed. */
struct archive {
    const struct run *run;
    zip_t *zip;
    unsigned char (*headers)[NPZ_HEADER];
    float *labels, *other_labels; // the latter NULL without mixup
    float lambda, loss;
    size_t members, room;
};

static bool add(struct archive *archive, const char *name, struct array array) {
    REQUIRE(archive->members < archive->room);
    return npz_add_array(archive->zip, name, array.type, &array.shape, array.data,
                         archive->headers[archive->members++]);
}

static bool add_of_layer(struct archive *archive, const char *kind, int number,
                         struct array array) {
    char name[MEMBER_NAME];
    text_set(name, sizeof name, "%s%d", kind, number);
    return add(archive, name, array);
}

static struct array floats(const void *data, struct npz_shape shape) {
    return (struct array){ data, NPZ_FLOAT32, shape };
}

static struct npz_shape shape_of(const struct model_piece *piece) {
    return (struct npz_shape){ piece->rank, { piece->size[0], piece->size[1], piece->size[2] } };
}

/* Its gradient has a d before its name, and what the optimiser keeps the name that PyTorch has for
 * that. */
static bool add_piece(struct archive *archive, const struct model_piece *piece,
                      const struct optimiser_row *optimiser, int number) {
    const struct parameters *p = piece->parameters;
    struct npz_shape shape = shape_of(piece);
    char name[MEMBER_NAME];
    text_set(name, sizeof name, "d%s", piece->name);
    if (!add_of_layer(archive, piece->name, number, floats(p->value, shape)) ||
        (piece->learned && !add_of_layer(archive, name, number, floats(p->gradient, shape)))) {
        return false;
    }
    for (int s = 0; piece->learned && s < optimiser->states; s++) {
        text_set(name, sizeof name, "%s_%s", optimiser->state_name[s], piece->name);
        if (!add_of_layer(archive, name, number, floats(p->state[s], shape))) {
            return false;
        }
    }
    return true;
}

static bool add_pieces(struct archive *archive, const struct model_piece *pieces,
                       const struct optimiser_row *optimiser, int number) {
    for (int i = 0; i < MODEL_PIECES; i++) {
        if (!add_piece(archive, &pieces[i], optimiser, number)) {
            return false;
        }
    }
    return true;
}

static bool add_passed(struct archive *archive, const struct network *network,
                       const struct model_piece *weight, int number) {
    const struct layer *layer = &network->layer[number - 1];
    const struct normaliser *norm = &layer->normaliser;
    int batch = network->now.count;
    bool hidden = number <= network->config.layers;
    bool odds = layer->block_end && network->config.noise.stochastic_depth > 0.0;
    struct npz_shape z = { 2, { batch, layer->columns } }, h = { 2, { batch, layer->units } };
    struct npz_shape columns = { 1, { layer->columns } }, one = { 0 };
    const struct {
        const char *kind;
        struct array array;
    } members[] = {
        { "z", floats(layer->z, z) },
        { "delta", floats(layer->delta, z) },
        { "zhat", floats(norm->zhat, z) },
        { "delta_a", floats(norm->zhat ? layer->delta_a : NULL, z) },
        { "running_mean", floats(norm->running_mean, columns) },
        { "running_variance", floats(norm->running_variance, columns) },
        { "phi", floats(layer->h == layer->y ? NULL : layer->y, h) },
        { "unit_kept", { layer->unit_kept, NPZ_BOOL, h } },
        { "weight_kept", { layer->weight_kept, NPZ_BOOL, shape_of(weight) } },
        { "survived", floats(odds ? &layer->survived : NULL, one) },
    };
    static_assert(sizeof members / sizeof members[0] + 1 == PASSED, "a header is missing");
    for (size_t i = 0; i < sizeof members / sizeof members[0]; i++) {
        if (!add_of_layer(archive, members[i].kind, number, members[i].array)) {
            return false;
        }
    }
    return hidden ? add_of_layer(archive, "h", number, floats(layer->h, h))
                  : add(archive, "prediction", floats(layer->h, h));
}

static bool add_run(struct archive *archive, const struct run *run) {
    const struct network *network = &run->network[0];
    const struct network_config *config = &network->config;
    int batch = network->now.count;
    const struct layer *output = &network->layer[config->layers];
    struct npz_shape rows = { 1, { batch } }, x = { 2, { batch, config->inputs } }, one = { 0 };
    if (!add(archive, "x", floats(network->now.input, x)) ||
        !add(archive, "y", floats(archive->labels, rows)) ||
        !add(archive, "y2", floats(archive->other_labels, rows)) ||
        !add(archive, "lambda", floats(archive->other_labels ? &archive->lambda : NULL, one))) {
        return false;
    }
    for (int number = 1; number <= config->layers + 1; number++) {
        struct model_piece pieces[MODEL_PIECES];
        model_pieces(&network->layer[number - 1], pieces);
        if (!add_pieces(archive, pieces, &optimisers[config->optimiser.which], number) ||
            !add_passed(archive, network, &pieces[0], number)) {
            return false;
        }
    }
    struct npz_shape logits = { 2, { batch, output->columns } };
    return add(archive, "logits", floats(output->z, logits)) &&
           add(archive, "loss", floats(&archive->loss, one));
}

static float *as_floats(const uint8_t *labels, int count) {
    float *values = malloc((size_t)count * sizeof *values);
    for (int i = 0; values && i < count; i++) {
        values[i] = (float)labels[i];
    }
    return values;
}

static bool archive_init(struct archive *archive, const struct run *run) {
    const struct network *network = &run->network[0];
    const struct loss_targets *targets = &network->now.targets;
    *archive = (struct archive){ .run = run,
                                 .loss = (float)network->loss,
                                 .lambda = (float)targets->lambda };
    archive->room = (size_t)(network->config.layers + 1) * MEMBERS_OF_LAYER + MEMBERS_OF_RUN;
    archive->headers = malloc(archive->room * sizeof *archive->headers);
    archive->labels = as_floats(targets->labels, network->now.count);
    if (targets->other_labels) {
        archive->other_labels = as_floats(targets->other_labels, network->now.count);
    }
    return archive->headers && archive->labels && (archive->other_labels || !targets->other_labels);
}

static void archive_finish(struct archive *archive) {
    free(archive->headers);
    free(archive->labels);
    free(archive->other_labels);
}

static bool add_all(void *context, zip_t *zip) {
    struct archive *archive = context;
    archive->zip = zip;
    return add_run(archive, archive->run);
}

bool npz_file_write(const char *path, const struct run *run, char *problem) {
    struct file_writer writer;
    if (!file_writer_open(&writer, path, problem)) {
        return false;
    }
    struct archive archive;
    bool written = archive_init(&archive, run) ? npz_write(&writer, add_all, &archive, problem)
                                               : file_no_memory(path, problem);
    archive_finish(&archive);
    return file_writer_close(&writer, written, problem);
}
