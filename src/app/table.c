#include "app/table.h"

#include <math.h>

#include "base/require.h"
#include "measure/diagnosis.h"

/* A column: its heading, width and how its numbers are printed. */
struct column {
    const char *title;
    int width;
    const char *format;                                     // of a double
    double (*value)(const struct run_snapshot *run, int l); // of hidden layer l + 1
};

static double share(uint64_t part, uint64_t whole) {
    return 100.0 * (double)part / (double)whole;
}

#define COLUMN(name, expression)                                                                   \
    static double name(const struct run_snapshot *run, int l) {                                    \
        const struct layer_stats *s = &run->layer[l];                                              \
        (void)s;                                                                                   \
        return expression;                                                                         \
    }

COLUMN(number_of, l + 1)
COLUMN(units_of, s->units)
COLUMN(mean_of, s->h.mean)
COLUMN(sd_of, s->h.sd)
COLUMN(saturated_of, share(s->saturated, s->h.n))
COLUMN(zero_of, share(s->h.zero, s->h.n))
COLUMN(dead_of, share(s->dead, (uint64_t)s->units))
COLUMN(participation_of, s->participation)
COLUMN(delta_of, s->delta.rms)
COLUMN(gradient_of, s->weight_gradient_rms)
COLUMN(slope_of, s->factor[FACTOR_SLOPE])
COLUMN(weight_factor_of, s->factor[FACTOR_WEIGHT])
COLUMN(passes_of, factor_product(s->factor))
COLUMN(weight_of, s->weight_rms)
COLUMN(update_of, s->update_ratio)

static const struct column columns[] = {
    { "layer", 5, "%.0f", number_of },     { "units", 6, "%.0f", units_of },
    { "h mean", 10, "%.3g", mean_of },     { "h sd", 10, "%.3g", sd_of },
    { "sat %", 7, "%.1f", saturated_of },  { "zero %", 7, "%.1f", zero_of },
    { "dead %", 7, "%.1f", dead_of },      { "h rank", 7, "%.1f", participation_of },
    { "delta rms", 10, "%.3g", delta_of }, { "dW rms", 10, "%.3g", gradient_of },
    { "phi'", 9, "%.3g", slope_of },       { "W^T", 9, "%.3g", weight_factor_of },
    { "passes", 9, "%.3g", passes_of },    { "W rms", 10, "%.3g", weight_of },
    { "dW/W", 9, "%.2g", update_of },
};

static double off(double measured, double expected) {
    return 100.0 * (measured / expected - 1.0);
}

static double delta_ratio(const struct run_snapshot *run, int l) {
    return run->layer[l].delta.rms / run->layer[run->layers - 1].delta.rms;
}

COLUMN(q_of, run->theory.q[l])
COLUMN(chi_of, run->theory.chi[l])
COLUMN(sd_expected, run->theory.h_sd[l])
COLUMN(sd_off, off(s->h.sd, run->theory.h_sd[l]))
COLUMN(ratio_of, delta_ratio(run, l))
COLUMN(ratio_expected, run->theory.delta_ratio[l])
COLUMN(ratio_off, off(delta_ratio(run, l), run->theory.delta_ratio[l]))
// 0 stands for much smaller than the others
COLUMN(band_of, run->theory.h_band[l] > 0.0 ? 100.0 * run->theory.h_band[l] : (double)NAN)

static const struct column theory_columns[] = {
    { "layer", 5, "%.0f", number_of },
    { "q", 10, "%.4g", q_of },
    { "chi", 10, "%.4g", chi_of },
    { "h sd", 10, "%.4g", sd_of },
    { "theory", 10, "%.4g", sd_expected },
    { "off %", 7, "%+.1f", sd_off },
    { "band %", 7, "%.1f", band_of },
    { "delta/L", 10, "%.3g", ratio_of },
    { "theory", 10, "%.3g", ratio_expected },
    { "off %", 7, "%+.1f", ratio_off },
};

static void print_head(FILE *out, const struct column *table, int count) {
    for (int c = 0; c < count; c++) {
        fprintf(out, "%s%*s", c ? " " : "", table[c].width, table[c].title);
    }
    fprintf(out, "\n");
}

/* A number that does not exist, such as 0 / 0, is a dash. */
static void print_layer(FILE *out, const struct column *table, int count,
                        const struct run_snapshot *run, int l) {
    for (int c = 0; c < count; c++) {
        char cell[32] = "-";
        double value = table[c].value(run, l);
        if (!isnan(value)) {
            snprintf(cell, sizeof cell, table[c].format, value);
        }
        fprintf(out, "%s%*s", c ? " " : "", table[c].width, cell);
    }
    fprintf(out, "\n");
}

static void print_layers(FILE *out, const struct column *table, int count,
                         const struct run_snapshot *run) {
    print_head(out, table, count);
    for (int l = 0; l < run->layers; l++) {
        print_layer(out, table, count, run, l);
    }
}

/* At the first weights only: later there is nothing to expect. */
static void print_theory(FILE *out, const struct run_snapshot *run) {
    if (run->theory.applies) {
        fprintf(out, "   what mean-field theory expects of the first weights:\n");
        print_layers(out, theory_columns, ARRAY_LEN(theory_columns), run);
    } else if (run->step == 0) {
        fprintf(out, "   no theory: %s\n", run->theory.reason);
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
    if (run->layers > 0) {
        print_layers(out, columns, ARRAY_LEN(columns), run);
        print_theory(out, run);
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
