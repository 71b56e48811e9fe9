#include "base/random.h"

#include <math.h>

#include "base/normal_quantile.h"

static void philox_round(uint32_t c[4], uint32_t k0, uint32_t k1) {
    uint64_t first = (uint64_t)0xD2511F53u * c[0];
    uint64_t second = (uint64_t)0xCD9E8D57u * c[2];
    uint32_t next[4] = {
        (uint32_t)(second >> 32) ^ c[1] ^ k0,
        (uint32_t)second,
        (uint32_t)(first >> 32) ^ c[3] ^ k1,
        (uint32_t)first,
    };
    for (int i = 0; i < 4; i++) {
        c[i] = next[i];
    }
}

void random_philox(const uint32_t counter[4], const uint32_t key[2], uint32_t words[4]) {
    uint32_t k0 = key[0], k1 = key[1];
    for (int i = 0; i < 4; i++) {
        words[i] = counter[i];
    }
    for (int round = 0; round < 10; round++) {
        philox_round(words, k0, k1);
        k0 += 0x9E3779B9u; // golden ratio
        k1 += 0xBB67AE85u; // sqrt(3) - 1
    }
}

void random_words(const struct random_stream *stream, uint32_t row, uint32_t block,
                  uint32_t words[4]) {
    const uint32_t counter[4] = { block, row, stream->layer, (uint32_t)stream->purpose };
    const uint32_t key[2] = { (uint32_t)stream->seed, (uint32_t)(stream->seed >> 32) };
    random_philox(counter, key, words);
}

void random_uniforms(const struct random_stream *stream, uint32_t row, uint32_t first,
                     uint32_t count, double *out) {
    uint32_t words[4];
    for (uint32_t i = 0; i < count; i++) {
        uint32_t column = first + i;
        if (i == 0 || column % 4 == 0) {
            random_words(stream, row, column / 4, words);
        }
        out[i] = ((double)words[column % 4] + 0.5) * 0x1p-32;
    }
}

void random_normals(const struct random_stream *stream, uint32_t row, uint32_t first,
                    uint32_t count, double *out) {
    random_uniforms(stream, row, first, count, out);
    for (uint32_t i = 0; i < count; i++) {
        out[i] = random_normal_quantile(out[i]);
    }
}

/*
 * The logarithm of a draw from Gamma(alpha): of one from Gamma(alpha + 1), times U^(1 / alpha),
 * which is returned apart as log U.
 */
static double log_gamma_draw(const struct random_stream *stream, uint32_t row, uint32_t *column,
                             double alpha, double *log_uniform) {
    double d = alpha + 1.0 - 1.0 / 3.0, c = 1.0 / sqrt(9.0 * d);
    double normal, uniform, v;
    random_uniforms(stream, row, (*column)++, 1, &uniform);
    *log_uniform = log(uniform);
    do {
        random_normals(stream, row, (*column)++, 1, &normal);
        random_uniforms(stream, row, (*column)++, 1, &uniform);
        v = 1.0 + c * normal;
        v = v * v * v;
    } while (v <= 0.0 || log(uniform) >= 0.5 * normal * normal + d - d * v + d * log(v));
    return log(d * v);
}

double random_beta(const struct random_stream *stream, uint32_t row, double alpha) {
    uint32_t column = 0;
    double u, v;
    double first = log_gamma_draw(stream, row, &column, alpha, &u);
    double second = log_gamma_draw(stream, row, &column, alpha, &v);
    return 1.0 / (1.0 + exp(second - first + (v - u) / alpha));
}

void random_permutation(const struct random_stream *stream, uint32_t row, uint32_t count,
                        uint32_t *order) {
    uint32_t words[4] = { 0 };
    for (uint32_t i = 0; i < count; i++) {
        order[i] = i;
    }
    for (uint32_t i = 1; i < count; i++) {
        if (i == 1 || i % 4 == 0) {
            random_words(stream, row, i / 4, words);
        }
        uint32_t place = (uint32_t)((uint64_t)words[i % 4] * ((uint64_t)i + 1) >> 32);
        uint32_t moved = order[i];
        order[i] = order[place];
        order[place] = moved;
    }
}

static const double tail_above[8] = {
    6.65790464350110377720e0,  5.46378491116411436990e0,  1.78482653991729133580e0,
    2.96560571828504891230e-1, 2.65321895265761230930e-2, 1.24266094738807843860e-3,
    2.71155556874348757815e-5, 2.01033439929228813265e-7,
};
static const double tail_below[8] = {
    1.0,
    5.99832206555887937690e-1,
    1.36929880922735805310e-1,
    1.48753612908506148525e-2,
    7.86869131145613259100e-4,
    1.84631831751005468180e-5,
    1.42151175831644588870e-7,
    2.04426310338993978564e-15,
};

/* The size of the quantile beyond the middle piece. */
static double far_tail(double r) {
    return normal_polynomial(tail_above, r - 5.0) / normal_polynomial(tail_below, r - 5.0);
}

double random_normal_quantile(double p) {
    double q = p - 0.5;
    if (fabs(q) <= NORMAL_CENTRAL) {
        return normal_central(q);
    }
    double r = sqrt(-log(q < 0 ? p : 1.0 - p));
    double magnitude = r <= NORMAL_MIDDLE ? normal_middle(r) : far_tail(r);
    return q < 0 ? -magnitude : magnitude;
}
