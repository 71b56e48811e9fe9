/*
 * denormals.h - treat denormal numbers as zero.
 *
 * A vanishing network fills with denormals, which make a step many times slower. Every thread that
 * trains calls denormals_flush() once; what was flushed is counted by measure/underflow.h. On other
 * processors than x86-64 and AArch64 denormals stay: slower, and nothing underflows.
 */
#ifndef ENGINE_DENORMALS_H
#define ENGINE_DENORMALS_H

#include <stdint.h>

#if defined(__SSE3__) || defined(__x86_64__)
#include <xmmintrin.h>

static inline void denormals_flush(void) {
    _mm_setcsr(_mm_getcsr() | 0x8040u); // flush to zero, denormals are zero
}
#elif defined(__aarch64__)
static inline void denormals_flush(void) {
    uint64_t control;
    __asm__ volatile("mrs %0, fpcr" : "=r"(control));
    __asm__ volatile("msr fpcr, %0" : : "r"(control | (1ull << 24)));
}
#else
static inline void denormals_flush(void) {
}
#endif

#endif
