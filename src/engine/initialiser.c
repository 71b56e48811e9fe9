#include "engine/initialiser.h"

#include <assert.h>
#include <math.h>
#include <stddef.h>
#include <stdlib.h>

#include "base/random.h"
#include "base/require.h"
#include "engine/kernels.h"
#include "engine/orthogonal.h"

static double spread_zero(int fan_in, int fan_out) {
    (void)fan_in, (void)fan_out;
    return 0.0;
}

static double spread_small(int fan_in, int fan_out) {
    (void)fan_in, (void)fan_out;
    return 0.01;
}

static double spread_one(int fan_in, int fan_out) {
    (void)fan_in, (void)fan_out;
    return 1.0;
}

static double root_over_fan_in(double variance, int fan_in) {
    return sqrt(variance / fan_in);
}

static double spread_xavier(int fan_in, int fan_out) {
    (void)fan_out;
    return root_over_fan_in(1.0, fan_in);
}

static double spread_lecun_uniform(int fan_in, int fan_out) {
    (void)fan_out;
    return root_over_fan_in(3.0, fan_in);
}

static double spread_glorot_normal(int fan_in, int fan_out) {
    return sqrt(2.0 / (fan_in + fan_out));
}

static double spread_glorot_uniform(int fan_in, int fan_out) {
    return sqrt(6.0 / (fan_in + fan_out));
}

static double spread_sigmoid_xavier(int fan_in, int fan_out) {
    return 4.0 * spread_glorot_uniform(fan_in, fan_out);
}

static double spread_he(int fan_in, int fan_out) {
    (void)fan_out;
    return root_over_fan_in(2.0, fan_in);
}

static double spread_he_uniform(int fan_in, int fan_out) {
    (void)fan_out;
    return root_over_fan_in(6.0, fan_in);
}

static double spread_he_fan_out(int fan_in, int fan_out) {
    (void)fan_in;
    return sqrt(2.0 / fan_out);
}

const struct initialiser_row initialisers[] = {
    [INITIALISER_ZERO] = {
        .name = "zero",
        .label = "zero",
        .formula = "0",
        .about = "all weights zero: every unit of a layer stays the same for ever",
        .distribution = DISTRIBUTION_NORMAL,
        .spread = spread_zero,
    },
    [INITIALISER_CONSTANT] = {
        .name = "constant",
        .label = "constant",
        .formula = "1",
        .about = "every weight is init_scale: all units of a layer stay the same for ever",
        .distribution = DISTRIBUTION_CONSTANT,
        .spread = spread_one,
    },
    [INITIALISER_SMALL] = {
        .name = "small",
        .label = "small",
        .formula = "N(0, 0.01²)",
        .about = "small random numbers, fine for shallow networks only",
        .distribution = DISTRIBUTION_NORMAL,
        .spread = spread_small,
    },
    [INITIALISER_NORMAL] = {
        .name = "normal",
        .label = "normal",
        .formula = "N(0, 1)",
        .about = "standard normal; init_scale is the standard deviation",
        .distribution = DISTRIBUTION_NORMAL,
        .spread = spread_one,
    },
    [INITIALISER_UNIFORM] = {
        .name = "uniform",
        .label = "uniform",
        .formula = "U(-1, 1)",
        .about = "uniform; init_scale is the limit",
        .distribution = DISTRIBUTION_UNIFORM,
        .spread = spread_one,
    },
    [INITIALISER_XAVIER] = {
        .name = "xavier",
        .label = "Xavier",
        .formula = "N(0, 1/fan_in)",
        .about = "keeps the variance of z forward where phi is linear, as the lecture writes it",
        .source = "LeCun, Bottou, Orr & Müller, Efficient BackProp, 1998",
        .distribution = DISTRIBUTION_NORMAL,
        .spread = spread_xavier,
    },
    [INITIALISER_LECUN_UNIFORM] = {
        .name = "lecun_uniform",
        .label = "LeCun uniform",
        .formula = "U(±√(3/fan_in))",
        .about = "Xavier with uniform draws",
        .source = "LeCun, Bottou, Orr & Müller, Efficient BackProp, 1998",
        .distribution = DISTRIBUTION_UNIFORM,
        .spread = spread_lecun_uniform,
    },
    [INITIALISER_GLOROT_NORMAL] = {
        .name = "glorot_normal",
        .label = "Glorot normal",
        .formula = "N(0, 2/(fan_in + fan_out))",
        .about = "Glorot with normal draws",
        .source = "Glorot & Bengio, AISTATS 2010, eq. 12",
        .distribution = DISTRIBUTION_NORMAL,
        .spread = spread_glorot_normal,
    },
    [INITIALISER_GLOROT_UNIFORM] = {
        .name = "glorot_uniform",
        .label = "Glorot",
        .formula = "U(±√(6/(fan_in + fan_out)))",
        .about = "the compromise between forward and backward variance",
        .source = "Glorot & Bengio, AISTATS 2010, eq. 16",
        .distribution = DISTRIBUTION_UNIFORM,
        .spread = spread_glorot_uniform,
    },
    [INITIALISER_SIGMOID_XAVIER] = {
        .name = "sigmoid_xavier",
        .label = "4 × Glorot",
        .formula = "U(±4√(6/(fan_in + fan_out)))",
        .about = "Glorot times 4, because the slope of the sigmoid is 1/4",
        .source = "LISA lab, Deep Learning Tutorials, 2010",
        .distribution = DISTRIBUTION_UNIFORM,
        .spread = spread_sigmoid_xavier,
    },
    [INITIALISER_HE] = {
        .name = "he",
        .label = "He",
        .formula = "N(0, 2/fan_in)",
        .about = "twice Xavier's variance, because ReLU drops half of the signal",
        .source = "He, Zhang, Ren & Sun, ICCV 2015, eq. 10",
        .distribution = DISTRIBUTION_NORMAL,
        .spread = spread_he,
    },
    [INITIALISER_HE_UNIFORM] = {
        .name = "he_uniform",
        .label = "He uniform",
        .formula = "U(±√(6/fan_in))",
        .about = "He with uniform draws",
        .source = "He, Zhang, Ren & Sun, ICCV 2015, eq. 10",
        .distribution = DISTRIBUTION_UNIFORM,
        .spread = spread_he_uniform,
    },
    [INITIALISER_HE_FAN_OUT] = {
        .name = "he_fan_out",
        .label = "He fan-out",
        .formula = "N(0, 2/fan_out)",
        .about = "keeps the variance of the gradient instead of the signal",
        .source = "He, Zhang, Ren & Sun, ICCV 2015, eq. 14",
        .distribution = DISTRIBUTION_NORMAL,
        .spread = spread_he_fan_out,
    },
    [INITIALISER_PYTORCH] = {
        .name = "pytorch",
        .label = "PyTorch",
        .formula = "U(±1/√fan_in), biases too",
        .about = "what nn.Linear starts with: a third of Xavier's variance",
        .source = "PyTorch, torch.nn.Linear",
        .distribution = DISTRIBUTION_UNIFORM,
        .spread = spread_xavier,
        .bias_limit = spread_xavier,
    },
    [INITIALISER_ORTHOGONAL] = {
        .name = "orthogonal",
        .label = "orthogonal",
        .formula = "Q of a normal matrix = Q R",
        .about = "keeps every length: the gradient of a linear network neither grows nor fades",
        .source = "Saxe, McClelland & Ganguli, ICLR 2014",
        .distribution = DISTRIBUTION_ORTHOGONAL,
        .spread = spread_one,
    },
    [INITIALISER_IDENTITY] = {
        .name = "identity",
        .label = "identity",
        .formula = "1 on the diagonal, else 0",
        .about = "passes the first units on unchanged",
        .source = "Le, Jaitly & Hinton, arXiv 1504.00941, 2015",
        .distribution = DISTRIBUTION_IDENTITY,
        .spread = spread_one,
    },
    [INITIALISER_LSUV] = {
        .name = "lsuv",
        .label = "LSUV",
        .formula = "Q / sd of z on the first batch",
        .about = "orthogonal, then layer by layer scaled until z has variance 1 (init_scale²)",
        .source = "Mishkin & Matas, arXiv 1511.06422, 2015",
        .distribution = DISTRIBUTION_ORTHOGONAL,
        .uses_data = true,
        .spread = spread_one,
    },
    [INITIALISER_RBM] = {
        .name = "rbm",
        .label = "RBM",
        .formula = "N(0, 0.01²), then CD-1",
        .about = "pre-trained layer by layer without labels, a deep belief network; needs sigmoid "
                 "and inputs in 0..1",
        .source = "Hinton, Osindero & Teh, Neural Computation 18, 2006",
        .distribution = DISTRIBUTION_NORMAL,
        .uses_data = true,
        .spread = spread_small,
    },
};
static_assert(ARRAY_LEN(initialisers) == INITIALISER_COUNT, "a row is missing");

// Weights that a thread draws without asking for more, at least a row.
enum { COLUMNS_AT_ONCE = 1024, PART_WEIGHTS = 16 * 1024 };

/* count draws of row i from column first on, as multiples of the spread. */
static void draw(enum distribution distribution, const struct random_stream *stream, uint32_t i,
                 int first, int count, double *draws) {
    if (distribution != DISTRIBUTION_UNIFORM) {
        kernels->draws->normals(stream, i, (uint32_t)first, (uint32_t)count, draws);
        return;
    }
    kernels->draws->uniforms(stream, i, (uint32_t)first, (uint32_t)count, draws);
    for (int j = 0; j < count; j++) {
        draws[j] = 2.0 * draws[j] - 1.0;
    }
}

/* Where draws go: w (columns) = middle + spread times them. */
struct drawn_row {
    enum distribution distribution;
    double middle, spread;
    real *w;
};

/* Row i of some such, in which those of one distribution follow each other. */
static void fill_rows(const struct drawn_row *rows, int count, const struct random_stream *stream,
                      uint32_t i, int columns) {
    double draws[COLUMNS_AT_ONCE];
    for (int first = 0; first < columns; first += COLUMNS_AT_ONCE) {
        int some = columns - first < COLUMNS_AT_ONCE ? columns - first : COLUMNS_AT_ONCE;
        for (int r = 0; r < count; r++) {
            if (r == 0 || rows[r].distribution != rows[r - 1].distribution) {
                draw(rows[r].distribution, stream, i, first, some, draws);
            }
            real *restrict w = rows[r].w + first;
            double middle = rows[r].middle, spread = rows[r].spread;
            for (int j = 0; j < some; j++) {
                w[j] = (real)(middle + spread * draws[j]);
            }
        }
    }
}

struct fill_job {
    struct random_stream stream;
    int fan_in, fan_out;
    int rows; // of a part
    int count;
    struct drawn_row target[INITIALISER_TARGETS]; // the first row of each
};

static void fill_part(void *context, int part) {
    const struct fill_job *job = context;
    int first = part * job->rows, end = first + job->rows;
    for (int i = first; i < end && i < job->fan_in; i++) {
        struct drawn_row rows[INITIALISER_TARGETS];
        for (int r = 0; r < job->count; r++) {
            rows[r] = job->target[r];
            rows[r].w += (size_t)i * (size_t)job->fan_out;
        }
        fill_rows(rows, job->count, &job->stream, (uint32_t)i, job->fan_out);
    }
}

static void fill_drawn(struct fill_job *job, struct crew *crew) {
    int least = (job->fan_in + CREW_MOST_PARTS - 1) / CREW_MOST_PARTS;
    job->rows = PART_WEIGHTS / job->fan_out;
    job->rows = job->rows > least ? job->rows : least;
    crew_run(crew, (job->fan_in + job->rows - 1) / job->rows, fill_part, job);
}

/* W (rows, columns) = value everywhere, or on the diagonal alone. */
static void fill_pattern(double value, bool diagonal, int rows, int columns, real *W) {
    for (int i = 0; i < rows; i++) {
        for (int j = 0; j < columns; j++) {
            W[(size_t)i * (size_t)columns + (size_t)j] = !diagonal || i == j ? (real)value : 0;
        }
    }
}

/* The longer side of W is that of the matrix whose columns become orthonormal. */
static bool fill_orthogonal(double length, const struct random_stream *stream, int fan_in,
                            int fan_out, real *W) {
    bool turned = fan_in < fan_out;
    size_t rows = (size_t)(turned ? fan_out : fan_in),
           columns = (size_t)(turned ? fan_in : fan_out);
    double *A = malloc((rows * columns + columns * columns + (size_t)fan_out) * sizeof *A);
    if (!A) {
        return false;
    }
    double *scratch = A + rows * columns, *draws = scratch + columns * columns;
    for (size_t i = 0; i < (size_t)fan_in; i++) {
        draw(DISTRIBUTION_NORMAL, stream, (uint32_t)i, 0, fan_out, draws);
        for (size_t j = 0; j < (size_t)fan_out; j++) {
            A[turned ? j * columns + i : i * columns + j] = draws[j];
        }
    }
    orthogonal_columns(A, (int)rows, (int)columns, scratch);
    for (size_t i = 0; i < (size_t)fan_in; i++) {
        for (size_t j = 0; j < (size_t)fan_out; j++) {
            double q = A[turned ? j * columns + i : i * columns + j];
            W[i * (size_t)fan_out + j] = (real)(length * q);
        }
    }
    free(A);
    return true;
}

/* A W that is not of independent draws. */
static bool fill_other(enum distribution distribution, double spread,
                       const struct random_stream *stream, int fan_in, int fan_out, real *W) {
    if (distribution == DISTRIBUTION_ORTHOGONAL && spread != 0.0) {
        return fill_orthogonal(spread, stream, fan_in, fan_out, W);
    }
    fill_pattern(spread, distribution == DISTRIBUTION_IDENTITY, fan_in, fan_out, W);
    return true;
}

bool initialiser_fill(const struct initialiser_target *targets, int count, uint64_t seed, int layer,
                      int fan_in, int fan_out, struct crew *crew) {
    struct fill_job job = { .stream = { seed, RANDOM_WEIGHT, (uint32_t)layer },
                            .fan_in = fan_in,
                            .fan_out = fan_out };
    REQUIRE(count <= INITIALISER_TARGETS);
    for (int t = 0; t < count; t++) {
        const struct initialiser_row *row = &initialisers[targets[t].which];
        double spread = targets[t].scale * row->spread(fan_in, fan_out);
        bool drawn =
            row->distribution == DISTRIBUTION_NORMAL || row->distribution == DISTRIBUTION_UNIFORM;
        if (drawn && spread != 0.0) {
            job.target[job.count++] =
                (struct drawn_row){ row->distribution, 0.0, spread, targets[t].W };
        } else if (!fill_other(row->distribution, spread, &job.stream, fan_in, fan_out,
                               targets[t].W)) {
            return false;
        }
    }
    if (job.count > 0) {
        fill_drawn(&job, crew);
    }
    return true;
}

static double bias_limit(enum initialiser which, double scale, int fan_in, int fan_out) {
    const struct initialiser_row *row = &initialisers[which];
    return row->bias_limit ? scale * row->bias_limit(fan_in, fan_out) : 0.0;
}

void initialiser_fill_biases(enum initialiser which, double scale, double bias, uint64_t seed,
                             int layer, int fan_in, int fan_out, real *b) {
    struct random_stream stream = { seed, RANDOM_BIAS, (uint32_t)layer };
    double limit = bias_limit(which, scale, fan_in, fan_out);
    if (limit == 0.0) {
        fill_pattern(bias, false, 1, fan_out, b);
    } else {
        fill_rows(&(struct drawn_row){ DISTRIBUTION_UNIFORM, bias, limit, b }, 1, &stream, 0,
                  fan_out);
    }
}

void initialiser_spread_biases(double sd, uint64_t seed, int layer, int fan_out, real *b) {
    enum { NORMAL_ROW = 1 }; // row 0 has the uniform draws
    struct random_stream stream = { seed, RANDOM_BIAS, (uint32_t)layer };
    double draws[COLUMNS_AT_ONCE];
    for (int first = 0; first < fan_out && sd > 0.0; first += COLUMNS_AT_ONCE) {
        int count = fan_out - first < COLUMNS_AT_ONCE ? fan_out - first : COLUMNS_AT_ONCE;
        draw(DISTRIBUTION_NORMAL, &stream, NORMAL_ROW, first, count, draws);
        for (int j = 0; j < count; j++) {
            b[first + j] = (real)((double)b[first + j] + sd * draws[j]);
        }
    }
}

double initialiser_variance(enum initialiser which, double scale, int fan_in, int fan_out) {
    const struct initialiser_row *row = &initialisers[which];
    double spread = scale * row->spread(fan_in, fan_out), squared = spread * spread;
    switch (row->distribution) {
    case DISTRIBUTION_UNIFORM:
        return squared / 3.0;
    case DISTRIBUTION_IDENTITY:
    case DISTRIBUTION_ORTHOGONAL: // min(fan_in, fan_out) vectors of that length
        return squared / (fan_in > fan_out ? fan_in : fan_out);
    default:
        return squared;
    }
}

double initialiser_bias_variance(enum initialiser which, double scale, int fan_in, int fan_out) {
    double limit = bias_limit(which, scale, fan_in, fan_out);
    return limit * limit / 3.0;
}
