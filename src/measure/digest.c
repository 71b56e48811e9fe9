#include "measure/digest.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

uint64_t digest_bytes(uint64_t hash, const void *bytes, size_t size) {
    const uint64_t prime = 1099511628211u;
    const unsigned char *byte = bytes;
    for (size_t i = 0; i < size; i++) {
        hash = (hash ^ byte[i]) * prime;
    }
    return hash;
}

static void add_word(uint64_t *hash, uint64_t word) {
    unsigned char bytes[8];
    for (int i = 0; i < 8; i++) {
        bytes[i] = (unsigned char)(word >> 8 * i);
    }
    *hash = digest_bytes(*hash, bytes, sizeof bytes);
}

static void add_count(uint64_t *hash, int64_t count) {
    add_word(hash, (uint64_t)count);
}

static void add_number(uint64_t *hash, double value) {
    uint64_t bits = 0x7ff8000000000000u; // NaNs differ in what means nothing
    if (!isnan(value)) {
        value = value == 0.0 ? 0.0 : value;
        memcpy(&bits, &value, sizeof bits);
    }
    add_word(hash, bits);
}

static void add_counts(uint64_t *hash, const uint32_t *counts, int bins) {
    for (int i = 0; i < bins; i++) {
        add_word(hash, counts[i]);
    }
}

static void add_moments(uint64_t *hash, const struct moments *moments) {
    add_word(hash, moments->n);
    add_word(hash, moments->zero);
    add_word(hash, moments->underflow);
    add_word(hash, moments->nan);
    add_word(hash, moments->inf);
    add_number(hash, moments->mean);
    add_number(hash, moments->sd);
    add_number(hash, moments->rms);
    add_number(hash, moments->min);
    add_number(hash, moments->max);
}

static void add_histogram(uint64_t *hash, const struct histogram *histogram) {
    add_number(hash, histogram->low);
    add_number(hash, histogram->high);
    add_word(hash, histogram->n);
    add_word(hash, histogram->below);
    add_word(hash, histogram->above);
    add_word(hash, histogram->nan);
    add_word(hash, histogram->inf);
    add_counts(hash, histogram->counts, HISTOGRAM_BINS);
}

static void add_log_histogram(uint64_t *hash, const struct log_histogram *histogram) {
    add_word(hash, histogram->n);
    add_word(hash, histogram->zero);
    add_word(hash, histogram->underflow);
    add_word(hash, histogram->nan);
    add_word(hash, histogram->inf);
    add_counts(hash, histogram->counts, LOG_HISTOGRAM_BINS);
}

static void add_layer(uint64_t *hash, const struct layer_stats *layer) {
    add_count(hash, layer->units);
    add_word(hash, layer->saturated);
    add_word(hash, layer->dead);
    add_moments(hash, &layer->z);
    add_moments(hash, &layer->h);
    add_moments(hash, &layer->delta);
    add_histogram(hash, &layer->z_histogram);
    add_histogram(hash, &layer->h_histogram);
    add_log_histogram(hash, &layer->delta_histogram);
}

static void add_run(uint64_t *hash, const struct run_snapshot *run) {
    add_count(hash, run->step);
    add_count(hash, run->layers);
    add_count(hash, run->inputs);
    add_count(hash, run->outputs);
    add_count(hash, run->diverged);
    add_number(hash, run->loss);
    add_number(hash, run->accuracy);
    add_number(hash, run->learning_rate);
    for (int l = 0; l < run->layers; l++) {
        add_layer(hash, &run->layer[l]);
    }
    add_layer(hash, &run->output);
}

int64_t digest_pretrained(const struct snapshot *snapshot) {
    int64_t most = 0;
    for (int r = 0; r < snapshot->runs; r++) {
        int64_t step = snapshot->run[r].pretraining.step;
        most = step > most ? step : most;
    }
    return most;
}

uint64_t digest_snapshot(const struct snapshot *snapshot) {
    uint64_t hash = DIGEST_START;
    add_count(&hash, snapshot->step);
    add_count(&hash, digest_pretrained(snapshot));
    add_count(&hash, snapshot->batch);
    add_count(&hash, snapshot->runs);
    for (int r = 0; r < snapshot->runs; r++) {
        add_run(&hash, &snapshot->run[r]);
    }
    return hash;
}

void digest_print(uint64_t digest, char text[DIGEST_TEXT]) {
    snprintf(text, DIGEST_TEXT, "%016" PRIx64, digest);
}

bool digest_parse(const char *text, uint64_t *digest) {
    static const char digits[] = "0123456789abcdef";
    uint64_t value = 0;
    if (strlen(text) != DIGEST_TEXT - 1 || strspn(text, digits) != DIGEST_TEXT - 1) {
        return false;
    }
    for (; *text; text++) {
        value = value << 4 | (uint64_t)(strchr(digits, *text) - digits);
    }
    *digest = value;
    return true;
}
