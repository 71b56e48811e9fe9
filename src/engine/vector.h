/*
 * vector.h - vectors of this instruction set's width, for files that are compiled once for each.
 *
 * With ENGINE_DOUBLE a vector is one double.
 */
#ifndef ENGINE_VECTOR_H
#define ENGINE_VECTOR_H

#if defined(__SSE2__) && !defined(ENGINE_DOUBLE)
#include <immintrin.h>
#endif

#define ALWAYS_INLINE static inline __attribute__((always_inline))

/* In front of a loop whose number of rounds is a constant. */
#ifdef __clang__
#define UNROLL _Pragma("clang loop unroll(full)")
#else
#define UNROLL _Pragma("GCC unroll 16")
#endif

#ifdef ENGINE_DOUBLE

typedef double vector;
typedef int mask; // of a claim: zero or not
enum { WIDE = 1 };

#else

#if defined(__AVX512F__)
#define VECTOR_BYTES 64
#elif defined(__AVX2__)
#define VECTOR_BYTES 32
#else
#define VECTOR_BYTES 16
#endif

typedef float vector __attribute__((vector_size(VECTOR_BYTES)));
typedef int mask __attribute__((vector_size(VECTOR_BYTES)));
enum { WIDE = VECTOR_BYTES / sizeof(float) };

/* Intrinsics by the part of their name that the widths share; of AVX-512 the first count lanes. */
#if defined(__AVX512F__)
#define X86(name) _mm512_##name
#define MASKED(count) ((__mmask16)((1u << (count)) - 1))
#elif defined(__AVX2__)
#define X86(name) _mm256_##name
#elif defined(__SSE2__)
#define X86(name) _mm_##name
#endif

#endif

#endif
