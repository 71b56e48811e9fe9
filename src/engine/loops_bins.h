/*
 * loops_bins.h - how many values fall into which bin. Part of loops.c; float only.
 *
 * A processor stores one count at a time, so nearly all values are counted two by two: a pair of
 * places is an index into a table of pairs, whose rows and columns are added up in the end. What
 * has no place in that table is counted alone, by the exact rule.
 */
#ifndef ENGINE_LOOPS_BINS_H
#define ENGINE_LOOPS_BINS_H

#include <string.h>

#include "engine/kernels.h"
#include "engine/loops_math.h"

#ifndef ENGINE_DOUBLE

ALWAYS_INLINE mask load_bits(const float *x, size_t count) {
    return (mask)load(x, count);
}

ALWAYS_INLINE mask choose(mask claim, mask yes, mask no) {
    return (yes & claim) | (no & ~claim);
}

/* The largest whole number that is not above x; a NaN or what is beyond 1e9 becomes +-1e9. */
ALWAYS_INLINE mask bounded_floor(vector x) {
    vector zero = { 0 }, bounded = pick(x < 1e9f, x, zero + 1e9f);
    bounded = pick(bounded > -1e9f, bounded, zero - 1e9f);
    mask whole = __builtin_convertvector(bounded, mask);
    return whole + (__builtin_convertvector(whole, vector) > bounded); // a true comparison is -1
}

/*
 * Multiplying by a power of two and the floor are exact, so a value is never in a wrong bin. Where
 * the product underflows, the value's own sign says on which side of zero it lies.
 */
ALWAYS_INLINE mask linear_bucket(mask bits, float inverse, int first) {
    vector f = (vector)bits * inverse;
    mask bin = bounded_floor(f); // of a NaN, too, until the end
    mask size = bits & 0x7fffffff;
    mask lost = (size >= 0x800000) & (f == 0.0f);
    bin += lost & (bits < 0);
    bin -= first;
    // The upper edge belongs to the last bin.
    bin += (f == (float)(first + KERNEL_LINEAR_BINS)) & ~lost;
    mask none = { 0 };
    bin = choose(bin < 0, none + KERNEL_LINEAR_BINS + BUCKET_BELOW,
                 choose(bin >= KERNEL_LINEAR_BINS, none + KERNEL_LINEAR_BINS + BUCKET_ABOVE, bin));
    bin = choose(size == 0x7f800000, none + KERNEL_LINEAR_BINS + BUCKET_INF, bin);
    return choose(size > 0x7f800000, none + KERNEL_LINEAR_BINS + BUCKET_NAN, bin);
}

typedef unsigned places __attribute__((vector_size(VECTOR_BYTES)));

/* The same in fewer instructions; what is beyond the range of whole numbers is in no bin. */
ALWAYS_INLINE mask floor_of(vector x) {
#if defined(__AVX512F__)
    return (mask)_mm512_cvt_roundps_epi32((__m512)x, _MM_FROUND_TO_NEG_INF | _MM_FROUND_NO_EXC);
#elif defined(__AVX2__)
    return (mask)_mm256_cvttps_epi32(_mm256_floor_ps((__m256)x));
#elif defined(__SSE2__)
    mask whole = (mask)_mm_cvttps_epi32((__m128)x);
    return (mask)((places)whole + (places)(__builtin_convertvector(whole, vector) > x)); // wraps
#else
    return bounded_floor(x);
#endif
}

ALWAYS_INLINE bool all_below(places bin, unsigned count) {
#if defined(__AVX512F__)
    return _mm512_cmplt_epu32_mask((__m512i)bin, _mm512_set1_epi32((int)count)) == 0xffff;
#else
    mask inside = bin < count;
#if defined(__AVX2__)
    return _mm256_movemask_ps((__m256)inside) == 0xff;
#elif defined(__SSE2__)
    return _mm_movemask_ps((__m128)inside) == 0xf;
#else
    bool all = true;
    for (size_t j = 0; j < WIDE; j++) {
        all &= inside[j] != 0;
    }
    return all;
#endif
#endif
}

/* The exponent counts octaves; the mantissa is above sqrt 2 from 0x3504f4 on. */
ALWAYS_INLINE mask octave_of(mask size) {
    return 2 * ((size >> 23) - 1) - ((size & 0x7fffff) >= 0x3504f4);
}

ALWAYS_INLINE mask octave_bucket(mask bits) {
    mask size = bits & 0x7fffffff, none = { 0 };
    mask bin = choose(size < 0x800000, none + KERNEL_OCTAVE_BINS + BUCKET_ZERO, octave_of(size));
    bin = choose(size == 0x7f800000, none + KERNEL_OCTAVE_BINS + BUCKET_INF, bin);
    return choose(size > 0x7f800000, none + KERNEL_OCTAVE_BINS + BUCKET_NAN, bin);
}

enum { LINEAR_BITS = 7, OCTAVE_BITS = 6 };

// Pairs wait in the cache until they are so many. A table cannot overflow with PAIRED_MOST values;
// to add it up is worth it from PAIRED_LEAST on. From ONE_TABLE on, two tables take turns: a pair
// that is like the one before would wait until that is counted, but adding up takes a while.
enum {
    PAIRS_WAITING = 256,
    PAIRED_MOST = 2 * UINT16_MAX,
    PAIRED_LEAST = 512,
    ONE_TABLE = 16 * 1024
};

/* How often each pair of places was seen: tables (1 << bits, 1 << bits), which may be the same. */
struct pairs {
    uint16_t *table, *other;
    int bits;
    size_t waiting;
    uint16_t pair[PAIRS_WAITING];
};

/* In tables, which has room for two; n values are to come. */
static void pairs_start(struct pairs *pairs, uint16_t *tables, int bits, size_t n) {
    size_t entries = (size_t)1 << 2 * bits;
    bool two = n >= ONE_TABLE;
    memset(tables, 0, n == 0 ? 0 : (two ? 2 : 1) * entries * sizeof *tables);
    pairs->table = tables;
    pairs->other = two ? tables + entries : tables;
    pairs->bits = bits;
    pairs->waiting = 0;
}

static void count_waiting(struct pairs *pairs) {
    uint16_t *table = pairs->table, *other = pairs->other;
    for (size_t i = 0; i < pairs->waiting; i += 2) { // which is always even
        table[pairs->pair[i]]++;
        other[pairs->pair[i + 1]]++;
    }
    pairs->waiting = 0;
}

ALWAYS_INLINE void add_pairs(struct pairs *pairs, places a, places b) {
    typedef uint16_t narrow __attribute__((vector_size(VECTOR_BYTES / 2)));
    narrow pair = __builtin_convertvector(a | b << pairs->bits, narrow);
    memcpy(pairs->pair + pairs->waiting, &pair, sizeof pair);
    pairs->waiting += WIDE;
    if (pairs->waiting == PAIRS_WAITING) {
        count_waiting(pairs);
    }
}

ALWAYS_INLINE void add_up_table(const uint16_t *table, size_t side, uint32_t *counts) {
    uint16_t column[1 << LINEAR_BITS] = { 0 };
    for (size_t i = 0; i < side; i++) {
        uint16_t sum = 0;
        for (size_t j = 0; j < side; j++) {
            column[j] += table[i * side + j];
            sum += table[i * side + j];
        }
        counts[i] += sum;
    }
    for (size_t j = 0; j < side; j++) {
        counts[j] += column[j];
    }
}

/* Add what was seen of each place to counts (side), side = 1 << bits. */
ALWAYS_INLINE void add_up_pairs(struct pairs *pairs, size_t side, uint32_t *counts) {
    count_waiting(pairs);
    add_up_table(pairs->table, side, counts);
    if (pairs->other != pairs->table) {
        add_up_table(pairs->other, side, counts);
    }
}

static void count_buckets(mask bucket, size_t n, uint32_t *counts) {
    for (size_t j = 0; j < n; j++) {
        counts[bucket[j]]++;
    }
}

/* At most PAIRED_MOST values. */
static void count_linear(const float *x, size_t n, float inverse, int first, uint32_t *counts) {
    _Alignas(64) uint16_t tables[2 << 2 * LINEAR_BITS];
    struct pairs pairs;
    size_t i = 0, paired = n < PAIRED_LEAST ? 0 : n;
    pairs_start(&pairs, tables, LINEAR_BITS, paired);
    for (; i + 2 * WIDE <= paired; i += 2 * WIDE) {
        vector low = load(x + i, WIDE), high = load(x + i + WIDE, WIDE);
        places a = (places)floor_of(low * inverse) - (unsigned)first;
        places b = (places)floor_of(high * inverse) - (unsigned)first;
        if (inverse < 1.0f || !all_below(a | b, KERNEL_LINEAR_BINS)) {
            a = (places)linear_bucket((mask)low, inverse, first);
            b = (places)linear_bucket((mask)high, inverse, first);
        }
        if (all_below(a | b, KERNEL_LINEAR_BINS)) {
            add_pairs(&pairs, a, b);
        } else {
            count_buckets((mask)a, WIDE, counts);
            count_buckets((mask)b, WIDE, counts);
        }
    }
    for (size_t count; i < n; i += count) {
        count = n - i < WIDE ? n - i : WIDE;
        count_buckets(linear_bucket(load_bits(x + i, count), inverse, first), count, counts);
    }
    if (paired > 0) {
        add_up_pairs(&pairs, KERNEL_LINEAR_BINS, counts);
    }
}

static void linear_counts_loop(const float *x, size_t n, float inverse, int first,
                               uint32_t *counts) {
    for (size_t i = 0; i < n; i += PAIRED_MOST) {
        count_linear(x + i, n - i < PAIRED_MOST ? n - i : PAIRED_MOST, inverse, first, counts);
    }
}

/* The octave bin of the largest finite value among some. */
static int large_octave(const float *x, size_t n) {
    mask largest = { 0 };
    for (size_t i = 0; i + WIDE <= n; i += 8 * WIDE) {
        mask size = load_bits(x + i, WIDE) & 0x7fffffff;
        largest = choose((size > largest) & (size < 0x7f800000), size, largest);
    }
    mask octave = octave_of(largest);
    int most = octave[0];
    for (size_t j = 1; j < WIDE; j++) {
        most = octave[j] > most ? octave[j] : most;
    }
    return most;
}

/* One by one. */
ALWAYS_INLINE void count_octave_buckets(mask bits, size_t n, uint32_t *counts, uint32_t *negative) {
    mask bucket = octave_bucket(bits), size = bits & 0x7fffffff;
    mask below = (bits < 0) & (size >= 0x800000) & (size <= 0x7f800000);
    count_buckets(bucket, n, counts);
    for (size_t j = 0; negative && j < n; j++) {
        negative[bucket[j]] += below[j] != 0;
    }
}

/*
 * At most PAIRED_MOST values. Places are the bins of 31 octaves down from the largest values, and
 * zero; where negative values are told apart, the same once more for the others.
 */
ALWAYS_INLINE void count_octaves(const float *x, size_t n, uint32_t *counts, uint32_t *negative) {
    enum { SIDE = 1 << OCTAVE_BITS, ZERO = SIDE - 1 };
    _Alignas(64) uint16_t tables[2 << 2 * (OCTAVE_BITS + 1)];
    struct pairs pairs;
    int top = large_octave(x, n) + 6; // some may be larger
    int lowest = (top < KERNEL_OCTAVE_BINS ? top : KERNEL_OCTAVE_BINS - 1) - (ZERO - 1);
    mask none = { 0 };
    size_t i = 0, paired = n < PAIRED_LEAST ? 0 : n, zeros = 0;
    pairs_start(&pairs, tables, OCTAVE_BITS + (negative != NULL), paired);
    for (; i + 2 * WIDE <= paired; i += 2 * WIDE) {
        mask low = load_bits(x + i, WIDE), high = load_bits(x + i + WIDE, WIDE);
        mask low_size = low & 0x7fffffff, high_size = high & 0x7fffffff;
        if (all_below((places)(low_size | high_size), 0x800000)) { // as of a unit that is silent
            zeros += 2 * WIDE;
            continue;
        }
        mask a = octave_of(low_size) - lowest, b = octave_of(high_size) - lowest;
        mask no_a = low_size < 0x800000, no_b = high_size < 0x800000;
        if (all_below((places)choose(no_a, none, a), ZERO) &&
            all_below((places)choose(no_b, none, b), ZERO)) {
            a = choose(no_a, none + ZERO, a);
            b = choose(no_b, none + ZERO, b);
            if (negative) {
                a |= ~(low < 0) & SIDE;
                b |= ~(high < 0) & SIDE;
            }
            add_pairs(&pairs, (places)a, (places)b);
        } else {
            count_octave_buckets(low, WIDE, counts, negative);
            count_octave_buckets(high, WIDE, counts, negative);
        }
    }
    for (size_t count; i < n; i += count) {
        count = n - i < WIDE ? n - i : WIDE;
        count_octave_buckets(load_bits(x + i, count), count, counts, negative);
    }
    uint32_t seen[2 * SIDE] = { 0 };
    if (paired > 0) {
        add_up_pairs(&pairs, (size_t)SIDE << (negative != NULL), seen);
    }
    for (int place = lowest < 0 ? -lowest : 0; place < ZERO; place++) {
        counts[lowest + place] += seen[place] + seen[SIDE + place];
        if (negative) {
            negative[lowest + place] += seen[place];
        }
    }
    counts[KERNEL_OCTAVE_BINS + BUCKET_ZERO] += (uint32_t)zeros + seen[ZERO] + seen[SIDE + ZERO];
}

static void octave_counts_loop(const float *x, size_t n, uint32_t *counts, uint32_t *negative) {
    for (size_t i = 0; i < n; i += PAIRED_MOST) {
        size_t count = n - i < PAIRED_MOST ? n - i : PAIRED_MOST;
        if (negative) {
            count_octaves(x + i, count, counts, negative);
        } else {
            count_octaves(x + i, count, counts, NULL);
        }
    }
}

#endif

#endif
