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
    bool (*shown)(const struct run_snapshot *run);          // NULL: always
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
COLUMN(normalisation_factor_of, s->factor[FACTOR_NORMALISATION])
COLUMN(skip_factor_of, s->factor[FACTOR_SKIP])
COLUMN(branch_factor_of, s->factor[FACTOR_BRANCH])
COLUMN(passes_of, factor_product(s->factor))
COLUMN(weight_of, s->weight_rms)
COLUMN(update_of, s->update_ratio)

/* Of somebody else's training. */
static bool is_known(const struct run_snapshot *run) {
    return !run->logged.active;
}

static bool uses_normalisation(const struct run_snapshot *run) {
    return snapshot_uses_factor(run, DIRECTION_BACKWARD, FACTOR_NORMALISATION);
}

static bool uses_skip(const struct run_snapshot *run) {
    return snapshot_uses_factor(run, DIRECTION_BACKWARD, FACTOR_SKIP);
}

static bool uses_branch(const struct run_snapshot *run) {
    return snapshot_uses_factor(run, DIRECTION_BACKWARD, FACTOR_BRANCH);
}

static const struct column columns[] = {
    { "layer", 5, "%.0f", number_of, NULL },
    { "units", 6, "%.0f", units_of, is_known },
    { "h mean", 10, "%.3g", mean_of, NULL },
    { "h sd", 10, "%.3g", sd_of, NULL },
    { "sat %", 7, "%.1f", saturated_of, is_known },
    { "zero %", 7, "%.1f", zero_of, is_known },
    { "dead %", 7, "%.1f", dead_of, is_known },
    { "h rank", 7, "%.1f", participation_of, is_known },
    { "delta rms", 10, "%.3g", delta_of, NULL },
    { "dW rms", 10, "%.3g", gradient_of, NULL },
    { "phi'", 9, "%.3g", slope_of, is_known },
    { "W^T", 9, "%.3g", weight_factor_of, is_known },
    { "norm", 9, "%.3g", normalisation_factor_of, uses_normalisation },
    { "skip", 9, "%.3g", skip_factor_of, uses_skip },
    { "branch", 9, "%.3g", branch_factor_of, uses_branch },
    { "passes", 9, "%.3g", passes_of, is_known },
    { "W rms", 10, "%.3g", weight_of, NULL },
    { "dW/W", 9, "%.2g", update_of, is_known },
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
    { "layer", 5, "%.0f", number_of, NULL },
    { "q", 10, "%.4g", q_of, NULL },
    { "chi", 10, "%.4g", chi_of, NULL },
    { "h sd", 10, "%.4g", sd_of, NULL },
    { "theory", 10, "%.4g", sd_expected, NULL },
    { "off %", 7, "%+.1f", sd_off, NULL },
    { "band %", 7, "%.1f", band_of, NULL },
    { "delta/L", 10, "%.3g", ratio_of, NULL },
    { "theory", 10, "%.3g", ratio_expected, NULL },
    { "off %", 7, "%+.1f", ratio_off, NULL },
};

static bool is_shown(const struct column *column, const struct run_snapshot *run) {
    return !column->shown || column->shown(run);
}

static void print_head(FILE *out, const struct column *table, int count,
                       const struct run_snapshot *run) {
    for (int c = 0; c < count; c++) {
        if (is_shown(&table[c], run)) {
            fprintf(out, "%s%*s", c ? " " : "", table[c].width, table[c].title);
        }
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
        if (is_shown(&table[c], run)) {
            fprintf(out, "%s%*s", c ? " " : "", table[c].width, cell);
        }
    }
    fprintf(out, "%s%s\n", run->layer[l].name[0] ? "  " : "", run->layer[l].name);
}

static void print_layers(FILE *out, const struct column *table, int count,
                         const struct run_snapshot *run) {
    print_head(out, table, count, run);
    for (int l = 0; l < run->layers; l++) {
        print_layer(out, table, count, run, l);
    }
}

/* At the first weights only: later there is nothing to expect. */
static void print_theory(FILE *out, const struct run_snapshot *run) {
    if (run->theory.applies) {
        fprintf(out, "   what mean-field theory expects of the first weights:\n");
        print_layers(out, theory_columns, ARRAY_LEN(theory_columns), run);
    } else if (run->step == 0 && is_known(run)) {
        fprintf(out, "   no theory: %s\n", run->theory.reason);
    }
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

static void print_ensemble(FILE *out, const struct ensemble_stats *ensemble) {
    if (ensemble->members < 2) {
        return;
    }
    fprintf(out, "\n   ensemble of %d: held-out %.4f; members", ensemble->members,
            ensemble->accuracy);
    for (int m = 0; m < ensemble->members; m++) {
        fprintf(out, isnan(ensemble->member[m]) ? " diverged" : " %.4f", ensemble->member[m]);
    }
}

static void print_names(FILE *out, const struct run_snapshot *run) {
    if (run->logged.active) {
        fprintf(out, "%s", run->logged.name);
        return;
    }
    fprintf(out, "%s + %s", run->activation, run->init);
    if (run->other.first > 0) {
        fprintf(out, ", %s in layers %d to %d", run->other.activation, run->other.first,
                run->other.last);
    }
    fprintf(out, "%s%s%s%s", run->normalisation[0] ? ", " : "", run->normalisation,
            run->connection[0] ? ", " : "", run->connection);
}

static void print_run(FILE *out, const struct snapshot *snapshot, int r) {
    const struct run_snapshot *run = &snapshot->run[r];
    double loss = isnan(run->loss) ? (double)NAN : run->loss; // whose sign means nothing
    fprintf(out, "%s  ", r == 0 ? "A" : "B");
    print_names(out, run);
    fprintf(out, ", %d layers, step %lld: loss %.6g", run->layers, (long long)run->step, loss);
    if (is_known(run) || !isnan(run->accuracy)) {
        fprintf(out, ", accuracy %.4f", run->accuracy);
    }
    if (!isnan(run->test_accuracy)) {
        fprintf(out, ", held-out %.4f", run->test_accuracy);
        if (run->test_n > 0) {
            fprintf(out, " (n = %lld)", (long long)run->test_n);
        }
        print_ensemble(out, &run->ensemble);
    }
    fprintf(out, "\n   %s: %s\n", verdict_names[run->diagnosis.verdict], run->diagnosis.sentence);
    if (run->layers > 0) {
        print_layers(out, columns, ARRAY_LEN(columns), run);
        print_theory(out, run);
    }
    if (run->by_lsuv) {
        print_lsuv(out, run);
    }
    if (run->pretraining.layers > 0) {
        print_pretraining(out, &run->pretraining);
    }
}

void table_print(FILE *out, const struct snapshot *snapshot) {
    if (snapshot->watched.active) {
        fprintf(out, "%s, %lld records; step %lld\n", snapshot->watched.folder,
                (long long)snapshot->watched.records, (long long)snapshot->step);
    } else {
        fprintf(out, "%s, %lld training examples, batch %d, %s; step %lld (epoch %.3f)\n",
                snapshot->data, (long long)snapshot->examples, snapshot->batch, snapshot->loss_name,
                (long long)snapshot->step, snapshot->epoch);
    }
    for (int r = 0; r < snapshot->runs; r++) {
        fprintf(out, "\n");
        print_run(out, snapshot, r);
    }
}
