/*
 * bench_steps.c - training steps per second on one machine, to be divided by another program's.
 *
 *     bench_steps [-w W3,W5] [-m plain,stats,full,capture60] [-t 1,2] [-s SECONDS] [-r REPEATS]
 *
 * One step = forward + loss + backward + update on a batch that is already in memory (eight random
 * batches take turns). Prints "workload[/mode] threads steps_per_s", the median of the repeats; -v
 * adds the slowest and the fastest of them on stderr, -c counts processor time instead (on a busy
 * machine; of all threads together).
 *
 *     plain      nothing is looked at but what every step sums anyway (loss, RMS of every layer)
 *     stats      a histogram over the whole range of every h and of its gradient, and the norm of
 *                every dW, at every step: what a reader of a PyTorch tutorial would hook in (there
 *                64 bins; ours has 128, and the gradient is taken on the other side of phi')
 *     full       all that a snapshot holds, at every step
 *     capture60  the same sixty times a second, as beside the window: of large W and dW, some rows
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/clock.h"
#include "base/random.h"
#include "base/require.h"
#include "engine/crew.h"
#include "engine/denormals.h"
#include "engine/kernels.h"
#include "engine/network.h"
#include "measure/capture.h"

enum { BATCHES = 8, MOST_REPEATS = 1000 };

struct workload {
    const char *name;
    int inputs, width, layers, outputs, batch;
    enum activation activation;
    enum initialiser init;
    enum loss loss;
    enum optimiser optimiser;
};

static const struct workload workloads[] = {
    { "W1", 2, 5, 9, 1, 4, ACTIVATION_SIGMOID, INITIALISER_XAVIER, LOSS_MSE, OPTIMISER_SGD },
    { "W2", 2, 8, 6, 1, 10, ACTIVATION_TANH, INITIALISER_XAVIER, LOSS_MSE, OPTIMISER_SGD },
    { "W3", 784, 100, 10, 10, 64, ACTIVATION_TANH, INITIALISER_XAVIER, LOSS_CROSS_ENTROPY,
      OPTIMISER_SGD },
    { "W4b64", 500, 500, 10, 10, 64, ACTIVATION_TANH, INITIALISER_XAVIER, LOSS_CROSS_ENTROPY,
      OPTIMISER_SGD },
    { "W4b1000", 500, 500, 10, 10, 1000, ACTIVATION_TANH, INITIALISER_XAVIER, LOSS_CROSS_ENTROPY,
      OPTIMISER_SGD },
    { "W5", 784, 512, 4, 10, 100, ACTIVATION_RELU, INITIALISER_HE, LOSS_CROSS_ENTROPY,
      OPTIMISER_ADAM },
    { "W6", 784, 4096, 10, 10, 16, ACTIVATION_RELU, INITIALISER_HE, LOSS_CROSS_ENTROPY,
      OPTIMISER_SGD },
    // Not a peer's: the same network twice, once with signals that vanish.
    { "healthy64", 100, 100, 64, 10, 64, ACTIVATION_SIGMOID, INITIALISER_XAVIER, LOSS_CROSS_ENTROPY,
      OPTIMISER_SGD },
    { "vanished64", 100, 100, 64, 10, 64, ACTIVATION_SIGMOID, INITIALISER_SMALL, LOSS_CROSS_ENTROPY,
      OPTIMISER_SGD },
};
enum { PEER_WORKLOADS = 7 }; // what is run without -w

enum mode { MODE_PLAIN, MODE_STATS, MODE_FULL, MODE_CAPTURE60, MODE_COUNT };
static const char *const modes[MODE_COUNT] = { "plain", "stats", "full", "capture60" };

struct trainer {
    struct network network;
    struct crew *crew;
    struct arena arena;
    float *inputs; // (BATCHES, B, d_0)
    uint8_t *labels;
    unsigned char *scratch;
    struct run_snapshot *snapshot;
    enum mode mode;
    int64_t step;
    double last_capture;
};

static void layout(struct trainer *trainer, const struct network_config *config,
                   struct arena *arena) {
    size_t examples = (size_t)BATCHES * (size_t)config->batch;
    network_layout(&trainer->network, config, arena);
    trainer->inputs = arena_take(arena, examples * (size_t)config->inputs, sizeof(float));
    trainer->labels = arena_take(arena, examples, 1);
    trainer->scratch = arena_take(arena, capture_scratch(config), 1);
    trainer->snapshot = arena_take(arena, 1, sizeof *trainer->snapshot);
}

static struct network_config config_of(const struct workload *workload) {
    return (struct network_config){
        .layers = workload->layers,
        .width = workload->width,
        .inputs = workload->inputs,
        .outputs = workload->outputs,
        .batch = workload->batch,
        .phi = phi_of(workload->activation),
        .activated_output = workload->outputs == 1,
        .init = workload->init,
        .init_scale = 1.0,
        .loss = workload->loss,
        .optimiser = { .which = workload->optimiser,
                       .learning_rate = 1e-3,
                       .beta1 = 0.9,
                       .beta2 = 0.999 },
        .seed = 1,
    };
}

static bool trainer_init(struct trainer *trainer, const struct workload *workload, enum mode mode,
                         int threads) {
    memset(trainer, 0, sizeof *trainer);
    struct network_config config = config_of(workload);
    trainer->crew = config.crew = crew_create(threads);
    struct arena counting = { 0 };
    layout(trainer, &config, &counting);
    if (!arena_init(&trainer->arena, counting.used)) {
        return false;
    }
    layout(trainer, &config, &trainer->arena);
    network_reset(&trainer->network, NULL);
    trainer->mode = mode;
    const struct random_stream stream = { .seed = 1, .purpose = RANDOM_DATA_INPUT };
    for (int i = 0; i < BATCHES * config.batch; i++) {
        float *row = trainer->inputs + (size_t)i * (size_t)config.inputs;
        for (int j = 0; j < config.inputs; j++) {
            double draw;
            random_uniforms(&stream, (uint32_t)i, (uint32_t)j, 1, &draw);
            row[j] = (float)draw;
        }
        trainer->labels[i] = (uint8_t)(i % (config.outputs == 1 ? 2 : config.outputs));
    }
    return true;
}

static void trainer_finish(struct trainer *trainer) {
    crew_destroy(trainer->crew);
    arena_finish(&trainer->arena);
}

static void histogram_of(struct histogram *histogram, const float *values, size_t n) {
    struct spread spread = kernels->spread(values, n, 0.0f);
    double low = (double)spread.min, high = (double)spread.max;
    histogram_fit(histogram, low, high, (low + high) / 2, high - low);
    histogram_add(histogram, values, n);
}

static void take_stats(struct trainer *trainer) {
    const struct network *network = &trainer->network;
    for (int i = 0; i <= network->config.layers; i++) {
        const struct layer *layer = &network->layer[i];
        size_t n = (size_t)network->now.count * (size_t)layer->fan_out;
        bool activated = i < network->config.layers || network->config.activated_output;
        histogram_of(&trainer->snapshot->output.h_histogram, activated ? layer->h : layer->z, n);
        histogram_of(&trainer->snapshot->output.z_histogram, layer->delta, n);
    }
}

static bool processor_time;

static double seconds_now(void) {
    struct timespec now;
    if (!processor_time) {
        return clock_seconds();
    }
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
    return (double)now.tv_sec + 1e-9 * (double)now.tv_nsec;
}

/* What is looked at between the backward pass and the update. */
static void look(struct trainer *trainer) {
    struct network *network = &trainer->network;
    if (trainer->mode == MODE_STATS) {
        take_stats(trainer); // the update sums the squares of dW
    } else if (trainer->mode == MODE_FULL) {
        network_gradients(network);
        capture_network(network, trainer->step, trainer->scratch, trainer->snapshot, NULL);
    } else if (trainer->mode == MODE_CAPTURE60) {
        double now = seconds_now();
        if (now - trainer->last_capture >= 1.0 / 60.0) {
            trainer->last_capture = now;
            capture_glance(network, trainer->step, trainer->scratch, trainer->snapshot);
        }
    }
}

static void train(struct trainer *trainer) {
    struct network *network = &trainer->network;
    size_t batch = (size_t)network->config.batch, turn = (size_t)trainer->step++ % BATCHES;
    network_forward(network,
                    &(struct network_batch){
                        .input = trainer->inputs + turn * batch * (size_t)network->config.inputs,
                        .targets = { .labels = trainer->labels + turn * batch },
                        .count = network->config.batch,
                        .training = true,
                        .step = trainer->step });
    network_deltas(network);
    look(trainer);
    network_update(network, trainer->step);
}

static double seconds_of(struct trainer *trainer, int steps) {
    double start = seconds_now();
    for (int i = 0; i < steps; i++) {
        train(trainer);
    }
    return seconds_now() - start;
}

static int by_size(const void *a, const void *b) {
    double first = *(const double *)a, second = *(const double *)b;
    return (first > second) - (first < second);
}

struct options {
    const char *workloads, *modes, *threads;
    double seconds;
    int repeats;
    bool verbose;
};

/* Fill rates, sorted; the machine is warm when the counting starts. */
static void measure(struct trainer *trainer, const struct options *options, double *rates) {
    double start = clock_seconds(), one;
    int warm = 0;
    do {
        train(trainer);
        warm++;
    } while (clock_seconds() - start < 0.3 || warm < 3);
    one = (clock_seconds() - start) / warm;
    int steps = (int)(options->seconds / one);
    steps = steps > 2 ? steps : 2;
    for (int i = 0; i < options->repeats; i++) {
        rates[i] = steps / seconds_of(trainer, steps);
    }
    qsort(rates, (size_t)options->repeats, sizeof *rates, by_size);
}

static bool run_case(const struct workload *workload, enum mode mode, int threads,
                     const struct options *options) {
    static struct trainer trainer;
    static double rates[MOST_REPEATS];
    char label[64];
    if (!trainer_init(&trainer, workload, mode, threads)) {
        fprintf(stderr, "bench_steps: memory ran out in %s\n", workload->name);
        return false;
    }
    measure(&trainer, options, rates);
    snprintf(label, sizeof label, "%s%s%s", workload->name, mode == MODE_PLAIN ? "" : "/",
             mode == MODE_PLAIN ? "" : modes[mode]);
    printf("%s %d %.2f\n", label, threads, rates[options->repeats / 2]);
    (void)fflush(stdout);
    if (options->verbose) {
        fprintf(stderr, "#   %s t%d min %.2f max %.2f\n", label, threads, rates[0],
                rates[options->repeats - 1]);
    }
    trainer_finish(&trainer);
    return true;
}

/* Is name one of the comma-separated list? An empty list has them all. */
static bool is_listed(const char *list, const char *name) {
    size_t length = strlen(name);
    for (const char *at = list; at; at = strchr(at, ',') ? strchr(at, ',') + 1 : NULL) {
        if (strncmp(at, name, length) == 0 && (at[length] == ',' || at[length] == '\0')) {
            return true;
        }
    }
    return !*list;
}

/* The first name of the list that is not in names, or NULL. */
static bool all_known(const char *list) {
    char text[256];
    snprintf(text, sizeof text, "%s", list);
    for (char *name = strtok(text, ","); name; name = strtok(NULL, ",")) {
        bool known = false;
        for (int i = 0; i < ARRAY_LEN(workloads); i++) {
            known |= strcmp(name, workloads[i].name) == 0;
        }
        for (int i = 0; i < MODE_COUNT; i++) {
            known |= strcmp(name, modes[i]) == 0;
        }
        if (!known) {
            fprintf(stderr, "bench_steps: there is no workload or mode \"%s\"\n", name);
            return false;
        }
    }
    return true;
}

static bool parse(struct options *options, int argc, char **argv) {
    int letter;
    while ((letter = getopt(argc, argv, "w:m:t:s:r:vc")) != -1) {
        switch (letter) {
        case 'w':
            options->workloads = optarg;
            break;
        case 'm':
            options->modes = optarg;
            break;
        case 't':
            options->threads = optarg;
            break;
        case 's':
            options->seconds = strtod(optarg, NULL);
            break;
        case 'r':
            options->repeats = (int)strtol(optarg, NULL, 10);
            break;
        case 'v':
            options->verbose = true;
            break;
        case 'c':
            processor_time = true;
            break;
        default:
            return false;
        }
    }
    return optind == argc && options->repeats >= 1 && options->repeats <= MOST_REPEATS &&
           options->seconds > 0.0 && all_known(options->workloads) && all_known(options->modes);
}

int main(int argc, char **argv) {
    struct options options = {
        .workloads = "", .modes = "plain,stats", .threads = "1", .seconds = 0.5, .repeats = 7
    };
    if (!parse(&options, argc, argv)) {
        fprintf(stderr, "usage: bench_steps [-w W3,W5] [-m plain,stats,full,capture60] [-t 1,2] "
                        "[-s SECONDS] [-r REPEATS] [-v] [-c]\n");
        return 2;
    }
    engine_start();
    denormals_flush();
    for (const char *at = options.threads; at; at = strchr(at, ',') ? strchr(at, ',') + 1 : NULL) {
        for (int w = 0; w < ARRAY_LEN(workloads); w++) {
            for (int mode = 0; mode < MODE_COUNT; mode++) {
                bool wanted = *options.workloads ? is_listed(options.workloads, workloads[w].name)
                                                 : w < PEER_WORKLOADS;
                if (wanted && is_listed(options.modes, modes[mode]) &&
                    !run_case(&workloads[w], (enum mode)mode, (int)strtol(at, NULL, 10),
                              &options)) {
                    return 1;
                }
            }
        }
    }
    return 0;
}
