#include "data/preprocess.h"

#include <assert.h>
#include <cblas.h>
#include <lapacke.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/require.h"
#include "base/text.h"
#include "data/dataset.h"

const struct preprocess_row preprocesses[] = {
    [PREPROCESS_NONE] = {
        .name = "none",
        .label = "raw",
        .formula = "x",
        .about = "as the source has it: bytes are 0 to 255",
    },
    [PREPROCESS_UNIT] = {
        .name = "unit",
        .label = "unit range",
        .formula = "x / 255 for bytes, else x",
        .about = "bytes become 0 to 1; what is no byte stays as it is",
    },
    [PREPROCESS_CENTRED] = {
        .name = "centred",
        .label = "centred",
        .formula = "x - μ",
        .about = "mean 0 of every feature",
        .source = "LeCun, Bottou, Orr & Müller, Efficient BackProp, 1998",
    },
    [PREPROCESS_STANDARDISED] = {
        .name = "standardised",
        .label = "standardised",
        .formula = "(x - μ) / σ",
        .about = "mean 0 and sd 1 of every feature; a constant one becomes 0",
        .source = "LeCun, Bottou, Orr & Müller, Efficient BackProp, 1998",
    },
    [PREPROCESS_PCA] = {
        .name = "pca",
        .label = "PCA",
        .formula = "vᵢ · (x - μ)",
        .about = "the first components along the eigenvectors of the covariance",
        .source = "Hotelling, J. Educational Psychology 24, 1933",
        .projects = true,
    },
    [PREPROCESS_WHITENED] = {
        .name = "whitened",
        .label = "whitened",
        .formula = "vᵢ · (x - μ) / √(λᵢ + 10⁻⁶ λ₁)",
        .about = "the same with sd 1 each; the small term keeps noise from being blown up",
        .source = "LeCun, Bottou, Orr & Müller, Efficient BackProp, 1998",
        .projects = true,
    },
};
static_assert(ARRAY_LEN(preprocesses) == PREPROCESS_COUNT, "a row is missing");

static const double whitening_floor = 1e-6; // of the largest eigenvalue, added to all

enum { CHUNK = 512 }; // examples worked on at a time

static int components_of(const struct dataset_settings *settings, int features) {
    return settings->components > 0 ? settings->components : features;
}

bool preprocess_describe(const struct dataset_settings *settings, struct dataset_shape *shape,
                         char *problem) {
    const struct preprocess_row *row = &preprocesses[settings->preprocess];
    int features = shape->features, components = components_of(settings, features);
    if (!row->projects) {
        return true;
    }
    if (components > features) {
        text_set(problem, DATASET_PROBLEM,
                 "components: %d are asked for, but %s has %d features; set components to at most "
                 "that, or to 0 for all",
                 components, datasets[settings->kind].name, features);
        return false;
    }
    if (features > PREPROCESS_MAX_FEATURES) {
        text_set(problem, DATASET_PROBLEM,
                 "preprocess = %s takes at most %d features, but %s has %d; preprocess = "
                 "standardised has no limit",
                 row->name, PREPROCESS_MAX_FEATURES, datasets[settings->kind].name, features);
        return false;
    }
    double examples = (double)shape->examples + (double)shape->test_examples;
    double bytes = (double)shape->bytes + 24.0 * features * (double)features +
                   examples * components * (double)sizeof(float);
    shape->bytes = bytes < (double)SIZE_MAX ? (size_t)bytes : SIZE_MAX;
    shape->features = components;
    shape->image_width = shape->image_height = shape->image_channels = 0;
    return true;
}

/* What fitting and projecting work with; d features. */
struct work {
    struct dataset *dataset;
    size_t features;
    double *mean;       // (d)
    double *matrix;     // (d, d): covariance, then its eigenvectors in rows
    double *eigenvalue; // (d), rising
    float *inputs;      // (CHUNK, d)
    double *centred;    // (CHUNK, d)
    float *basis;       // (components, d)
};

static void work_finish(struct work *work) {
    free(work->mean);
    free(work->matrix);
    free(work->eigenvalue);
    free(work->inputs);
    free(work->centred);
    free(work->basis);
}

/* The next examples of a part from first on, as raw inputs; how many. */
static int next_chunk(const struct work *work, const struct examples *part, int64_t first) {
    uint32_t indices[CHUNK];
    uint8_t labels[CHUNK];
    int count = part->count - first < CHUNK ? (int)(part->count - first) : CHUNK;
    for (int i = 0; i < count; i++) {
        indices[i] = (uint32_t)(first + i);
    }
    dataset_gather(work->dataset, part, indices, count, work->inputs, labels);
    return count;
}

static void centre_chunk(const struct work *work, int count) {
    for (int i = 0; i < count; i++) {
        const float *row = work->inputs + (size_t)i * work->features;
        double *out = work->centred + (size_t)i * work->features;
        for (size_t j = 0; j < work->features; j++) {
            out[j] = (double)row[j] - work->mean[j];
        }
    }
}

static void fit_mean(struct work *work) {
    const struct examples *train = &work->dataset->train;
    for (int64_t first = 0; first < train->count; first += CHUNK) {
        int count = next_chunk(work, train, first);
        for (int i = 0; i < count; i++) {
            const float *row = work->inputs + (size_t)i * work->features;
            for (size_t j = 0; j < work->features; j++) {
                work->mean[j] += (double)row[j];
            }
        }
    }
    for (size_t j = 0; j < work->features; j++) {
        work->mean[j] /= (double)train->count;
    }
}

/* 1 / sd of every feature into factor, 0 for those that never differ from the first example's. */
static void fit_spread(struct work *work, double *squares, float *lowest, float *factor) {
    const struct examples *train = &work->dataset->train;
    size_t d = work->features;
    memset(factor, 0, d * sizeof *factor);
    for (int64_t first = 0; first < train->count; first += CHUNK) {
        int count = next_chunk(work, train, first);
        if (first == 0) {
            memcpy(lowest, work->inputs, d * sizeof *lowest);
        }
        for (int i = 0; i < count; i++) {
            const float *row = work->inputs + (size_t)i * d;
            for (size_t j = 0; j < d; j++) {
                double deviation = (double)row[j] - work->mean[j];
                squares[j] += deviation * deviation;
                factor[j] = row[j] != lowest[j] ? 1.0f : factor[j];
            }
        }
    }
    for (size_t j = 0; j < d; j++) {
        if (factor[j] > 0.0f) {
            factor[j] = (float)(1.0 / sqrt(squares[j] / (double)train->count));
        }
    }
}

static bool out_of_memory(const struct work *work, const struct dataset_settings *settings,
                          char *problem) {
    text_set(problem, DATASET_PROBLEM,
             "preprocess = %s: memory ran out for %zu features; unit needs none",
             preprocesses[settings->preprocess].name, work->features);
    return false;
}

/* A shift and a factor for each feature, which dataset_gather() applies. */
static bool apply_by_feature(struct work *work, const struct dataset_settings *settings,
                             char *problem) {
    size_t d = work->features;
    float *shift = dataset_allocate(work->dataset, 2.0 * (double)d * sizeof(float), problem);
    if (!shift) {
        return false;
    }
    float *factor = shift + d;
    if (settings->preprocess == PREPROCESS_STANDARDISED) {
        double *squares = calloc(d, sizeof *squares);
        if (!squares) {
            return out_of_memory(work, settings, problem);
        }
        fit_spread(work, squares, shift, factor);
        free(squares);
    }
    for (size_t j = 0; j < d; j++) {
        shift[j] = (float)work->mean[j];
        factor[j] = settings->preprocess == PREPROCESS_STANDARDISED ? factor[j] : 1.0f;
    }
    work->dataset->shift = shift;
    work->dataset->factor = factor;
    return true;
}

/* The covariance in the upper triangle of rows. */
static void fit_covariance(struct work *work) {
    const struct examples *train = &work->dataset->train;
    int d = (int)work->features;
    for (int64_t first = 0; first < train->count; first += CHUNK) {
        int count = next_chunk(work, train, first);
        centre_chunk(work, count);
        cblas_dsyrk(CblasRowMajor, CblasUpper, CblasTrans, d, count, 1.0 / (double)train->count,
                    work->centred, d, 1.0, work->matrix, d);
    }
}

static double sign_of(const double *vector, size_t size) {
    double largest = 0.0;
    for (size_t j = 0; j < size; j++) {
        largest = fabs(vector[j]) > fabs(largest) ? vector[j] : largest;
    }
    return largest < 0.0 ? -1.0 : 1.0;
}

/* Eigenvectors as the rows of basis, the largest eigenvalue first, scaled if whitened. */
static bool fit_basis(struct work *work, int components, bool whiten) {
    size_t d = work->features;
    // rows are LAPACK's columns: the upper triangle is its lower one, and its columns our rows
    if (LAPACKE_dsyevd(LAPACK_COL_MAJOR, 'V', 'L', (lapack_int)d, work->matrix, (lapack_int)d,
                       work->eigenvalue) != 0) {
        return false;
    }
    double floor = whitening_floor * work->eigenvalue[d - 1];
    for (int i = 0; i < components; i++) {
        const double *vector = work->matrix + (d - 1 - (size_t)i) * d;
        double variance = fmax(work->eigenvalue[d - 1 - (size_t)i], 0.0) + floor;
        double scale = sign_of(vector, d);
        if (whiten) {
            scale *= variance > 0.0 ? 1.0 / sqrt(variance) : 0.0;
        }
        for (size_t j = 0; j < d; j++) {
            work->basis[(size_t)i * d + j] = (float)(scale * vector[j]);
        }
    }
    return true;
}

/* The components of a part's examples to out. */
static void project(struct work *work, const struct examples *part, int components, float *out) {
    int d = (int)work->features;
    for (int64_t first = 0; first < part->count; first += CHUNK) {
        int count = next_chunk(work, part, first);
        centre_chunk(work, count);
        for (size_t i = 0; i < (size_t)count * work->features; i++) {
            work->inputs[i] = (float)work->centred[i];
        }
        cblas_sgemm(CblasRowMajor, CblasNoTrans, CblasTrans, count, components, d, 1.0f,
                    work->inputs, d, work->basis, d, 0.0f, out + (size_t)first * (size_t)components,
                    components);
    }
}

/* The components take the place of the raw examples, whose parts may share a block. */
static void replace(struct dataset *dataset, const float *train, const float *test) {
    dataset_release(dataset, dataset->train.bytes);
    dataset_release(dataset, dataset->test.bytes);
    dataset->train.bytes = dataset->test.bytes = NULL;
    dataset->train.values = train;
    dataset->test.values = dataset->test.count > 0 ? test : NULL;
    dataset->feature_names = NULL; // of what was projected
}

static bool apply_projection(struct work *work, const struct dataset_settings *settings,
                             char *problem) {
    struct dataset *dataset = work->dataset;
    size_t d = work->features;
    int components = components_of(settings, (int)d);
    double all = (double)dataset->train.count + (double)dataset->test.count;
    float *out = dataset_allocate(dataset, all * components * (double)sizeof *out, problem);
    if (!out) {
        return false;
    }
    work->matrix = calloc(d * d, sizeof *work->matrix);
    work->eigenvalue = calloc(d, sizeof *work->eigenvalue);
    work->centred = calloc(CHUNK * d, sizeof *work->centred);
    work->basis = calloc((size_t)components * d, sizeof *work->basis);
    if (!work->matrix || !work->eigenvalue || !work->centred || !work->basis) {
        return out_of_memory(work, settings, problem);
    }
    fit_covariance(work);
    if (!fit_basis(work, components, settings->preprocess == PREPROCESS_WHITENED)) {
        return out_of_memory(work, settings, problem);
    }
    float *test = out + (size_t)dataset->train.count * (size_t)components;
    project(work, &dataset->train, components, out);
    project(work, &dataset->test, components, test);
    replace(dataset, out, test);
    return true;
}

bool preprocess_apply(struct dataset *dataset, const struct dataset_settings *settings,
                      char *problem) {
    struct work work = { .dataset = dataset, .features = (size_t)dataset->shape.features };
    bool done = true;
    switch (settings->preprocess) {
    case PREPROCESS_NONE:
        dataset->byte_scale = 1.0f;
        break;
    case PREPROCESS_UNIT:
        break;
    default:
        work.mean = calloc(work.features, sizeof *work.mean);
        work.inputs = calloc(CHUNK * work.features, sizeof *work.inputs);
        if (!work.mean || !work.inputs) {
            done = out_of_memory(&work, settings, problem);
            break;
        }
        fit_mean(&work);
        done = preprocesses[settings->preprocess].projects
                   ? apply_projection(&work, settings, problem)
                   : apply_by_feature(&work, settings, problem);
    }
    work_finish(&work);
    return done && preprocess_describe(settings, &dataset->shape, problem);
}
