#include "app/table.h"

#include <math.h>

#include "base/require.h"
#include "measure/diagnosis.h"

/* A column: its heading, width and how its numbers are printed. */
struct column {
    const char *title;
    int width;
    const char *format; // of a double
    double (*value)(int number, const struct layer_stats *s);
};

static double share(uint64_t part, uint64_t whole) {
    return 100.0 * (double)part / (double)whole;
}

static double number_of(int number, const struct layer_stats *s) {
    (void)s;
    return number;
}

#define COLUMN(name, expression)                                                                   \
    static double name(int number, const struct layer_stats *s) {                                  \
        (void)number;                                                                              \
        return expression;                                                                         \
    }

COLUMN(units_of, s->units)
COLUMN(mean_of, s->h.mean)
COLUMN(sd_of, s->h.sd)
COLUMN(saturated_of, share(s->saturated, s->h.n))
COLUMN(zero_of, share(s->h.zero, s->h.n))
COLUMN(dead_of, share(s->dead, (uint64_t)s->units))
COLUMN(delta_of, s->delta.rms)
COLUMN(gradient_of, s->weight_gradient_rms)
COLUMN(slope_of, s->factor_slope)
COLUMN(weight_factor_of, s->factor_weight)
COLUMN(passes_of, s->factor_slope * s->factor_weight)
COLUMN(weight_of, s->weight_rms)
COLUMN(update_of, s->update_ratio)

static const struct column columns[] = {
    { "layer", 5, "%.0f", number_of },      { "units", 6, "%.0f", units_of },
    { "h mean", 10, "%.3g", mean_of },      { "h sd", 10, "%.3g", sd_of },
    { "sat %", 7, "%.1f", saturated_of },   { "zero %", 7, "%.1f", zero_of },
    { "dead %", 7, "%.1f", dead_of },       { "delta rms", 10, "%.3g", delta_of },
    { "dW rms", 10, "%.3g", gradient_of },  { "phi'", 9, "%.3g", slope_of },
    { "W^T", 9, "%.3g", weight_factor_of }, { "passes", 9, "%.3g", passes_of },
    { "W rms", 10, "%.3g", weight_of },     { "dW/W", 9, "%.2g", update_of },
};

/* A number that does not exist, such as 0 / 0, is a dash. */
static void print_layer(FILE *out, int number, const struct layer_stats *s) {
    for (int c = 0; c < ARRAY_LEN(columns); c++) {
        char cell[32] = "-";
        double value = columns[c].value(number, s);
        if (!isnan(value)) {
            snprintf(cell, sizeof cell, columns[c].format, value);
        }
        fprintf(out, "%s%*s", c ? " " : "", columns[c].width, cell);
    }
    fprintf(out, "\n");
}

/* The initialiser's log; the output is its last line. */
static void print_lsuv(FILE *out, const struct run_snapshot *run) {
    fprintf(out, "\n   LSUV on the first batch\n%5s %10s %16s %15s\n", "layer", "iterations",
            "var z before", "var z after");
    for (int l = 0; l <= run->layers; l++) {
        const struct lsuv_stats *lsuv = l < run->layers ? &run->layer[l].lsuv : &run->output.lsuv;
        fprintf(out, "%5d %10d %16.6g %15.6g\n", l + 1, lsuv->iterations, lsuv->before,
                lsuv->after);
    }
}

/* Mean squares, of the first epoch and the last one that each layer was given. */
static void print_pretraining(FILE *out, const struct pretraining_stats *pretraining) {
    int epochs = pretraining->epochs, finished = pretraining->finished;
    fprintf(out, "\n   RBM pre-training, reconstruction error\n%5s %12s %12s %12s\n", "layer",
            "epochs", "first epoch", "last epoch");
    for (int first = 0; first < finished; first += epochs) {
        int count = finished - first < epochs ? finished - first : epochs;
        fprintf(out, "%5d %12d %12.6f %12.6f\n", first / epochs + 1, count,
                (double)pretraining->errors[first], (double)pretraining->errors[first + count - 1]);
    }
}

static void print_run(FILE *out, const struct snapshot *snapshot, int r) {
    const struct run_snapshot *run = &snapshot->run[r];
    double loss = isnan(run->loss) ? (double)NAN : run->loss; // whose sign means nothing
    fprintf(out, "%s  %s + %s, %d layers, step %lld: loss %.6g, accuracy %.4f", r == 0 ? "A" : "B",
            run->activation, run->init, run->layers, (long long)run->step, loss, run->accuracy);
    if (!isnan(run->test_accuracy)) {
        fprintf(out, ", held-out %.4f (n = %lld)", run->test_accuracy, (long long)run->test_n);
    }
    fprintf(out, "\n   %s: %s\n", verdict_names[run->diagnosis.verdict], run->diagnosis.sentence);
    for (int c = 0; c < ARRAY_LEN(columns); c++) {
        fprintf(out, "%s%*s", c ? " " : "", columns[c].width, columns[c].title);
    }
    fprintf(out, "\n");
    for (int l = 0; l < run->layers; l++) {
        print_layer(out, l + 1, &run->layer[l]);
    }
    if (run->by_lsuv) {
        print_lsuv(out, run);
    }
    if (run->pretraining.layers > 0) {
        print_pretraining(out, &run->pretraining);
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
