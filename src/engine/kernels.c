#include "engine/kernels.h"

#include <cblas.h>
#include <pthread.h>

extern const struct kernels kernels_baseline;
const struct kernels *kernels = &kernels_baseline;

#ifdef ENGINE_DISPATCH
extern const struct kernels kernels_avx2, kernels_avx512;

static const struct kernels *best_kernels(void) {
    if (__builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") &&
        __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512vl")) {
        return &kernels_avx512;
    }
    if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma")) {
        return &kernels_avx2;
    }
    return &kernels_baseline;
}
#else
static const struct kernels *best_kernels(void) {
    return &kernels_baseline;
}
#endif

static void start(void) {
    kernels = best_kernels();
#ifdef OPENBLAS_VERSION
    openblas_set_num_threads(1);
#endif
}

void engine_start(void) {
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    pthread_once(&once, start);
}
