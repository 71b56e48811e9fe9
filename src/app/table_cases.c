/* table_cases.c - the cases of a preset beside each other. */
#include <math.h>
#include <string.h>

#include "app/table.h"
#include "measure/diagnosis.h"

enum { BLOCK = 3, CELL = 9 }; // cases side by side; width of a number

/* How far a line of words goes. */
enum { LINE = 100 };

static void print_wrapped(FILE *out, const char *text) {
    size_t column = 0;
    while (*text) {
        size_t word = strcspn(text, " ");
        if (column > 0 && column + 1 + word > LINE) {
            fprintf(out, "\n");
            column = 0;
        }
        fprintf(out, "%s%.*s", column > 0 ? " " : "", (int)word, text);
        column += word + (column > 0);
        text += word + strspn(text + word, " ");
    }
    fprintf(out, "\n");
}

static void print_number(FILE *out, const char *format, double value) {
    char cell[32] = "-";
    if (!isnan(value)) {
        snprintf(cell, sizeof cell, format, value);
    }
    fprintf(out, " %*s", CELL, cell);
}

static void print_ends(FILE *out, const struct json_case *cases, int count, int wide) {
    fprintf(out, "%-*s %*s %*s %*s %*s  %s\n", wide, "case", CELL, "step", CELL, "loss", CELL,
            "accuracy", CELL, "held-out", "verdict");
    for (int i = 0; i < count; i++) {
        const struct run_snapshot *run = &cases[i].snapshot->run[0];
        fprintf(out, "%-*s %*lld", wide, cases[i].name, CELL, (long long)run->step);
        print_number(out, "%.4g", run->loss);
        print_number(out, "%.4f", run->accuracy);
        print_number(out, "%.4f", run->test_accuracy);
        fprintf(out, "  %s\n", verdict_names[run->diagnosis.verdict]);
    }
}

/* Where theory does not apply to the first weights, a note under the table says why. */
static void print_reasons(FILE *out, const struct json_case *cases, int count) {
    for (int i = 0; i < count; i++) {
        const struct run_snapshot *run = &cases[i].snapshot->run[0];
        if (run->step == 0 && !run->theory.applies) {
            fprintf(out, "%s: %s\n", cases[i].name, run->theory.reason);
        }
    }
}

static int most_layers(const struct json_case *cases, int count) {
    int most = 0;
    for (int i = 0; i < count; i++) {
        int layers = cases[i].snapshot->run[0].layers;
        most = layers > most ? layers : most;
    }
    return most;
}

static void print_block(FILE *out, const struct json_case *cases, int count) {
    fprintf(out, "\n%5s", "");
    for (int i = 0; i < count; i++) {
        fprintf(out, "  |%*.*s", 3 * CELL + 2, 3 * CELL + 2, cases[i].name);
    }
    fprintf(out, "\n%5s", "layer");
    for (int i = 0; i < count; i++) {
        fprintf(out, "  |%*s %*s %*s", CELL, "h mean", CELL, "h sd", CELL, "theory");
    }
    fprintf(out, "\n");
    for (int l = 0; l < most_layers(cases, count); l++) {
        fprintf(out, "%5d", l + 1);
        for (int i = 0; i < count; i++) {
            const struct run_snapshot *run = &cases[i].snapshot->run[0];
            bool there = l < run->layers;
            fprintf(out, "  |");
            print_number(out, "%.3g", there ? run->layer[l].h.mean : (double)NAN);
            print_number(out, "%.4g", there ? run->layer[l].h.sd : (double)NAN);
            print_number(out, "%.4g",
                         there && run->theory.applies ? run->theory.h_sd[l] : (double)NAN);
        }
        fprintf(out, "\n");
    }
}

void table_print_cases(FILE *out, const struct experiment_notes *notes,
                       const struct json_case *cases, int count) {
    int wide = 4;
    for (int i = 0; i < count; i++) {
        int length = (int)strlen(cases[i].name);
        wide = length > wide ? length : wide;
    }
    if (notes->title[0]) {
        print_wrapped(out, notes->title);
        print_wrapped(out, notes->about);
        fprintf(out, "\n");
    }
    print_ends(out, cases, count, wide);
    for (int first = 0; first < count; first += BLOCK) {
        print_block(out, cases + first, count - first < BLOCK ? count - first : BLOCK);
    }
    print_reasons(out, cases, count);
}
