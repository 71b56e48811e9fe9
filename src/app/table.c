#include "app/table.h"

#include <math.h>

#include "measure/diagnosis.h"

static void print_layer(FILE *out, int number, const struct layer_stats *s) {
    double h = (double)s->h.n;
    fprintf(
        out,
        "%5d %6d %10.3g %10.3g %6.1f %6.1f %6.1f %10.3g %10.3g %7.3f %7.3f %7.3f %10.3g %9.2g\n",
        number, s->units, s->h.mean, s->h.sd, 100.0 * (double)s->saturated / h,
        100.0 * (double)s->h.zero / h, 100.0 * (double)s->dead / s->units, s->delta.rms,
        s->weight_gradient_rms, s->factor_slope, s->factor_weight,
        s->factor_slope * s->factor_weight, s->weight_rms, s->update_ratio);
}

static void print_run(FILE *out, const struct snapshot *snapshot, int r) {
    const struct run_snapshot *run = &snapshot->run[r];
    fprintf(out, "%s  %s + %s, %d layers, step %lld: loss %.6g, accuracy %.4f", r == 0 ? "A" : "B",
            run->activation, run->init, run->layers, (long long)run->step, run->loss,
            run->accuracy);
    if (!isnan(run->test_accuracy)) {
        fprintf(out, ", held-out %.4f (n = %lld)", run->test_accuracy, (long long)run->test_n);
    }
    fprintf(out, "\n   %s: %s\n", verdict_names[run->diagnosis.verdict], run->diagnosis.sentence);
    fprintf(out, "%5s %6s %10s %10s %6s %6s %6s %10s %10s %7s %7s %7s %10s %9s\n", "layer", "units",
            "h mean", "h sd", "sat %", "zero %", "dead %", "delta rms", "dW rms", "phi'", "W^T",
            "passes", "W rms", "dW/W");
    for (int l = 0; l < run->layers; l++) {
        print_layer(out, l + 1, &run->layer[l]);
    }
}

void table_print(FILE *out, const struct snapshot *snapshot) {
    fprintf(out, "%s, %lld training examples, batch %d, %s; step %lld (epoch %.3f)\n",
            snapshot->data, (long long)snapshot->examples, snapshot->batch, snapshot->loss_name,
            (long long)snapshot->step, snapshot->epoch);
    for (int r = 0; r < snapshot->runs; r++) {
        fprintf(out, "\n");
        print_run(out, snapshot, r);
    }
}
