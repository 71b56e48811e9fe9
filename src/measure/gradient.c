#include "measure/gradient.h"

#include <string.h>

#include "measure/underflow.h"

// Examples are taken in chunks of so many entries of h; a chunk has one example at least.
enum { CHUNK_ENTRIES = 16 * 1024, CHUNK_ROWS = 1024 };

/* Some examples on their way down. */
struct chunk {
    int first, rows;
    real g[CHUNK_ENTRIES], around[CHUNK_ENTRIES];
    bool lost[CHUNK_ROWS]; // underflowed in a layer above
};

static void count_underflow(const struct network *network, int index, struct chunk *chunk,
                            struct run_snapshot *run) {
    const struct layer *above = &network->layer[index + 1];
    struct log_histogram *histogram = &run->layer[index].gradient_histogram;
    bool delta_lost = index + 1 < run->layers && run->layer[index + 1].delta.underflow > 0;
    for (int i = 0; i < chunk->rows && histogram->zero > 0; i++) {
        const real *delta = above->delta + (size_t)(chunk->first + i) * (size_t)above->columns;
        const real *g = chunk->g + (size_t)i * (size_t)above->fan_in;
        histogram->underflow += underflow_of_gradient(above, delta, g, delta_lost, &chunk->lost[i]);
    }
}

static void capture_chunk(const struct network *network, struct chunk *chunk,
                          struct run_snapshot *run) {
    memset(chunk->lost, 0, sizeof chunk->lost);
    for (int l = network->config.layers - 1; l >= 0; l--) {
        network_gradient_h(network, l, chunk->first, chunk->rows, chunk->around, chunk->g);
        log_histogram_add(&run->layer[l].gradient_histogram, chunk->g,
                          (size_t)chunk->rows * (size_t)network->layer[l].units);
        if (underflow_explains_zeros(&network->config)) {
            count_underflow(network, l, chunk, run);
        }
    }
}

static int examples(const struct network *network, bool glance) {
    int count = network->now.count, width = network->config.width;
    int few = GRADIENT_GLANCE / (width * width);
    few = few > 4 ? few : 4;
    return glance && few < count ? few : count;
}

void gradient_capture(const struct network *network, bool glance, struct run_snapshot *run) {
    struct chunk chunk;
    int count = examples(network, glance), most = CHUNK_ENTRIES / network->config.width;
    most = most < CHUNK_ROWS ? most : CHUNK_ROWS;
    for (int l = 0; l < network->config.layers; l++) {
        memset(&run->layer[l].gradient_histogram, 0, sizeof run->layer[l].gradient_histogram);
    }
    for (chunk.first = 0; chunk.first < count; chunk.first += chunk.rows) {
        chunk.rows = count - chunk.first < most ? count - chunk.first : most;
        capture_chunk(network, &chunk, run);
    }
}
