/*
 * Time of phi and of the backward through phi', of every activation and instruction set, over
 * arrays that stay in the first-level cache; beside it the time relative to ReLU's forward.
 */
#include <stdio.h>

#include "base/clock.h"
#include "engine/denormals.h"
#include "tools.h"

enum { COUNT = 12800, ROUNDS = 15, REPEATS = 300 };

static float z[COUNT], h[COUNT], g[COUNT], delta[COUNT];

static double seconds_of(const struct kernels *set, int which, bool backward) {
    double best = 1e9;
    for (int round = 0; round < ROUNDS; round++) {
        double start = clock_seconds();
        for (int i = 0; i < REPEATS; i++) {
            if (backward) {
                set->activation[which].backward(z, h, g, delta, COUNT);
            } else {
                set->activation[which].forward(z, h, COUNT);
            }
        }
        best = fmin(best, clock_seconds() - start);
    }
    return best / REPEATS / COUNT;
}

int main(void) {
    const struct kernels *sets[SETS_MOST];
    int count = kernel_sets(sets);
    denormals_flush();
    fill_normals(z, COUNT, 1, 0.0, 1.5);
    fill_normals(g, COUNT, 2, 0.0, 1.0);
    for (int s = 0; s < count; s++) {
        double relu = seconds_of(sets[s], ACTIVATION_RELU, false);
        for (int a = 0; a < ACTIVATION_COUNT; a++) {
            double forward = seconds_of(sets[s], a, false), backward = seconds_of(sets[s], a, true);
            printf("%-8s %-12s forward %6.3f ns %5.2f x ReLU   backward %6.3f ns %5.2f x\n",
                   sets[s]->name, activations[a].name, forward * 1e9, forward / relu,
                   backward * 1e9, backward / relu);
        }
    }
    return 0;
}
