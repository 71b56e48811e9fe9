#include "export/npz_file.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <zip.h>

#include "base/file.h"
#include "base/text.h"
#include "export/zip_stream.h"

static_assert(sizeof(real) == sizeof(float), "the archive promises float32");

#if defined(__BYTE_ORDER__) && __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
#define FLOAT32 ">f4"
#else
#define FLOAT32 "<f4"
#endif

enum {
    NPY_HEADER = 128,                                // the format wants a multiple of 64
    NPY_PREFIX = 10,                                 // magic, version, length of what follows
    MEMBERS_OF_LAYER = 7 + 2 * OPTIMISER_MAX_STATES, // W, b, z, h, delta, dW, db and states
    MEMBERS_OF_RUN = 7,                              // x, y, y2, lambda, logits, prediction, loss
    MEMBER_NAME = 32,
    DOS_DATE_1980_01_01 = 33 // the earliest a zip can hold: no clock in the file
};

/* One .npy member; data is borrowed until the archive is closed. */
struct array {
    const float *data;
    int rank;
    int shape[2];
};

/* The members' sources point into headers, so both live until the zip is closed. */
struct archive {
    zip_t *zip;
    unsigned char (*headers)[NPY_HEADER];
    float *labels, *other_labels; // the latter NULL without mixup
    float lambda, loss;
    int members;
};

static size_t array_bytes(const struct array *array) {
    size_t count = 1;
    for (int i = 0; i < array->rank; i++) {
        count *= (size_t)array->shape[i];
    }
    return count * sizeof(float);
}

/* NEP 1: magic, version 1.0, little-endian length, a Python dictionary padded with spaces. */
static void npy_header(unsigned char header[NPY_HEADER], const struct array *array) {
    char shape[MEMBER_NAME] = "()";
    if (array->rank == 1) {
        text_set(shape, sizeof shape, "(%d,)", array->shape[0]);
    } else if (array->rank == 2) {
        text_set(shape, sizeof shape, "(%d, %d)", array->shape[0], array->shape[1]);
    }
    char text[NPY_HEADER];
    text_set(text, sizeof text, "{'descr': '" FLOAT32 "', 'fortran_order': False, 'shape': %s, }",
             shape);
    static const unsigned char prefix[NPY_PREFIX] = {
        0x93, 'N', 'U', 'M', 'P', 'Y', 1, 0, NPY_HEADER - NPY_PREFIX, 0
    };
    memset(header, ' ', NPY_HEADER);
    memcpy(header, prefix, NPY_PREFIX);
    memcpy(header + NPY_PREFIX, text, strlen(text));
    header[NPY_HEADER - 1] = '\n';
}

/* Header and data stay two pieces, so that gigabytes of weights are never copied. */
static zip_source_t *member_source(struct archive *archive, const struct array *array) {
    unsigned char *header = archive->headers[archive->members++];
    npy_header(header, array);
    zip_buffer_fragment_t pieces[2] = {
        { header, NPY_HEADER },
        { (zip_uint8_t *)array->data, array_bytes(array) },
    };
    return zip_source_buffer_fragment(archive->zip, pieces, 2, 0);
}

static bool add(struct archive *archive, const char *name, struct array array) {
    zip_source_t *source = member_source(archive, &array);
    if (!source) {
        return false;
    }
    char file_name[MEMBER_NAME];
    text_set(file_name, sizeof file_name, "%s.npy", name);
    zip_int64_t index = zip_file_add(archive->zip, file_name, source, ZIP_FL_ENC_UTF_8);
    if (index < 0) {
        zip_source_free(source);
        return false;
    }
    // stored: weights hardly compress, and readers can map them
    return zip_set_file_compression(archive->zip, (zip_uint64_t)index, ZIP_CM_STORE, 0) == 0 &&
           zip_file_set_dostime(archive->zip, (zip_uint64_t)index, 0, DOS_DATE_1980_01_01, 0) == 0;
}

static bool add_of_layer(struct archive *archive, const char *kind, int number,
                         struct array array) {
    char name[MEMBER_NAME];
    text_set(name, sizeof name, "%s%d", kind, number);
    return add(archive, name, array);
}

/* What the optimiser keeps for W and b, under PyTorch's names. */
static bool add_states(struct archive *archive, const struct layer *layer,
                       const struct optimiser_row *optimiser, int number) {
    for (int s = 0; s < optimiser->states; s++) {
        char kind[MEMBER_NAME];
        struct array of_weights = { layer->weight.state[s], 2, { layer->fan_in, layer->fan_out } };
        struct array of_biases = { layer->bias.state[s], 1, { layer->fan_out } };
        text_set(kind, sizeof kind, "%s_W", optimiser->state_name[s]);
        if (!add_of_layer(archive, kind, number, of_weights)) {
            return false;
        }
        text_set(kind, sizeof kind, "%s_b", optimiser->state_name[s]);
        if (!add_of_layer(archive, kind, number, of_biases)) {
            return false;
        }
    }
    return true;
}

static bool add_layer(struct archive *archive, const struct network *network, int number) {
    const struct layer *layer = &network->layer[number - 1];
    int batch = network->now.count, in = layer->fan_in, out = layer->fan_out;
    bool hidden = number <= network->config.layers;
    const struct {
        const char *kind;
        struct array array;
    } members[] = {
        { "W", { layer->weight.value, 2, { in, out } } },
        { "b", { layer->bias.value, 1, { out } } },
        { "z", { layer->z, 2, { batch, out } } },
        { "delta", { layer->delta, 2, { batch, out } } },
        { "dW", { layer->weight.gradient, 2, { in, out } } },
        { "db", { layer->bias.gradient, 1, { out } } },
    };
    for (size_t i = 0; i < sizeof members / sizeof members[0]; i++) {
        if (!add_of_layer(archive, members[i].kind, number, members[i].array)) {
            return false;
        }
    }
    const struct optimiser_row *optimiser = &optimisers[network->config.optimiser.which];
    if (!add_states(archive, layer, optimiser, number)) {
        return false;
    }
    struct array h = { layer->h, 2, { batch, out } };
    return hidden ? add_of_layer(archive, "h", number, h) : add(archive, "prediction", h);
}

static bool add_run(struct archive *archive, const struct run *run) {
    const struct network *network = &run->network[0];
    int batch = network->now.count, layers = network->config.layers;
    const struct layer *output = &network->layer[layers];
    struct array x = { network->now.input, 2, { batch, network->config.inputs } };
    struct array y = { archive->labels, 1, { batch } };
    if (!add(archive, "x", x) || !add(archive, "y", y)) {
        return false;
    }
    struct array y2 = { archive->other_labels, 1, { batch } };
    struct array lambda = { &archive->lambda, 0, { 0 } };
    if (y2.data && (!add(archive, "y2", y2) || !add(archive, "lambda", lambda))) {
        return false;
    }
    for (int number = 1; number <= layers + 1; number++) {
        if (!add_layer(archive, network, number)) {
            return false;
        }
    }
    struct array logits = { output->z, 2, { batch, output->fan_out } };
    struct array loss = { &archive->loss, 0, { 0 } };
    return add(archive, "logits", logits) && add(archive, "loss", loss);
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
    *archive = (struct archive){ .loss = (float)network->loss, .lambda = (float)targets->lambda };
    size_t members = (size_t)(network->config.layers + 1) * MEMBERS_OF_LAYER + MEMBERS_OF_RUN;
    archive->headers = malloc(members * sizeof *archive->headers);
    archive->labels = as_floats(targets->labels, network->now.count);
    if (targets->other_labels) {
        archive->other_labels = as_floats(targets->other_labels, network->now.count);
    }
    return archive->headers && archive->labels && (archive->other_labels || !targets->other_labels);
}

static void archive_finish(struct archive *archive) {
    if (archive->zip) {
        zip_discard(archive->zip);
    }
    free(archive->headers);
    free(archive->labels);
    free(archive->other_labels);
}

/* The system's reason where there is one: libzip's own wording hides it behind the operation. */
static void report(char *problem, const char *path, zip_error_t *error) {
    bool system = zip_error_system_type(error) == ZIP_ET_SYS && zip_error_code_system(error) != 0;
    const char *reason =
        system ? strerror(zip_error_code_system(error)) : zip_error_strerror(error);
    text_set(problem, FILE_PROBLEM_MAX, "cannot write %s: %s", path, reason);
}

static bool archive_write(struct archive *archive, const struct run *run,
                          struct file_writer *writer, char *problem) {
    zip_error_t error;
    zip_error_init(&error);
    archive->zip = zip_stream_open(writer->stream, &error);
    bool written = archive->zip && add_run(archive, run) && zip_close(archive->zip) == 0;
    if (written) {
        archive->zip = NULL; // zip_close() frees only what it could write
    } else {
        report(problem, writer->path, archive->zip ? zip_get_error(archive->zip) : &error);
    }
    zip_error_fini(&error);
    return written;
}

bool npz_file_write(const char *path, const struct run *run, char *problem) {
    struct file_writer writer;
    if (!file_writer_open(&writer, path, problem)) {
        return false;
    }
    struct archive archive;
    bool written = false;
    if (archive_init(&archive, run)) {
        written = archive_write(&archive, run, &writer, problem);
    } else {
        text_set(problem, FILE_PROBLEM_MAX, "cannot write %s: not enough memory", path);
    }
    archive_finish(&archive);
    if (!written) {
        file_writer_abandon(&writer);
        return false;
    }
    return file_writer_commit(&writer, problem);
}
