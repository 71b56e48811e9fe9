/* panel_loss.c - loss and accuracy over the steps so far. */
#include <math.h>

#include "base/require.h"
#include "base/text.h"
#include "view/chart.h"
#include "view/format.h"
#include "view/time_axis.h"

static const float held_out_dash = 3.0f;

/* A cross where a curve ends because the run diverged. */
static void draw_end(const struct frame *frame, struct point at) {
    for (int i = -1; i <= 1; i += 2) {
        float tilt = (float)i * 4.0f;
        draw_line(frame->list, (struct point){ at.x - 4.0f, at.y - tilt },
                  (struct point){ at.x + 4.0f, at.y + tilt }, 2.0f, frame->theme->bad);
    }
}

static void draw_curve(const struct frame *frame, const struct axis *axis, struct rect plot,
                       int run, enum history_scalar scalar) {
    const struct history_view *history = frame->history;
    struct point line[HISTORY_COLUMNS] = { { 0.0f, 0.0f } };
    struct point last = { NAN, NAN };
    float unit = scalar == HISTORY_LOSS ? 1.0f : 100.0f; // accuracies in percent
    for (int i = 0; i < history->columns; i++) {
        float value = history->scalar[run][scalar][i] * unit;
        float y = isfinite(value) ? axis_y(axis, plot, (double)value) : NAN;
        line[i] = (struct point){ time_column_x(frame, plot, i), y };
        last = isfinite(value) ? line[i] : last;
    }
    float dash = scalar == HISTORY_TEST_ACCURACY ? held_out_dash : 0.0f;
    draw_polyline(frame->list, line, history->columns,
                  (struct stroke){ 1.5f, dash, dash, frame->theme->run[run] });
    run_dots(frame, line, history->columns, run);
    if (frame->snapshot->run[run].diverged && !isnan(last.y) && dash <= 0.0f) {
        last.x = fminf(fmaxf(last.x, plot.x + 6.0f), plot.x + plot.w - 6.0f);
        draw_end(frame, last);
    }
}

/* The values of both runs under the pointer. */
static void draw_tip(const struct frame *frame, struct rect plot, enum history_scalar scalar) {
    int column = time_hovered(frame, plot);
    if (column < 0) {
        return;
    }
    char text[TIP_LENGTH], value[32];
    text_grouped(text, sizeof text, (uint64_t)frame->history->step[column]);
    tip(frame, "step %s", text);
    for (int run = 0; run < time_runs(frame); run++) {
        double number = (double)frame->history->scalar[run][scalar][column];
        text_set(text, sizeof text, "%s", time_letter(frame, run));
        if (scalar == HISTORY_LOSS) {
            format_value(value, sizeof value, number);
            text_append(text, sizeof text, "loss %s, mean of the batch",
                        isnan(number) ? "NaN" : value);
        } else {
            double held_out =
                100.0 * (double)frame->history->scalar[run][HISTORY_TEST_ACCURACY][column];
            text_append(text, sizeof text, "right in %.1f%% of the batch", 100.0 * number);
            if (!isnan(held_out)) {
                text_append(text, sizeof text, ", %.1f%% held-out", held_out);
            }
        }
        tip(frame, "%s", text);
    }
    tip(frame, "drag to look back; Home: step 0, End: now");
}

/* What would be at index if values were sorted (Hoare, CACM 4, 1961); they change places. */
static float find_rank(float *values, int count, int index) {
    int low = 0, high = count - 1;
    while (low < high) {
        float pivot = values[index];
        int i = low, j = high;
        while (i <= j) {
            i += values[i] < pivot;
            j -= values[j] > pivot;
            if (i <= j && values[i] >= pivot && values[j] <= pivot) {
                float swap = values[i];
                values[i++] = values[j];
                values[j--] = swap;
            }
        }
        low = j < index ? i : low;
        high = index < i ? j : high;
    }
    return values[index];
}

/* The largest loss, its peak, but not so large that an early or late peak flattens the rest. */
static double loss_top(const struct frame *frame, double *peak) {
    float losses[SNAPSHOT_RUNS * HISTORY_COLUMNS];
    double largest = -(double)INFINITY; // of those that count
    int count = 0;
    *peak = 0.0;
    for (int run = 0; run < time_runs(frame); run++) {
        bool counts = range_counts(frame->snapshot, frame->runs, run);
        for (int i = 0; i < frame->history->columns; i++) {
            float value = frame->history->scalar[run][HISTORY_LOSS][i];
            if (isfinite(value)) {
                *peak = fmax(*peak, (double)value);
                losses[count] = value;
                count += counts;
                largest = counts ? fmax(largest, (double)value) : largest;
            }
        }
    }
    if (count == 0) {
        return 1.0;
    }
    double middle = (double)find_rank(losses, count, count / 2);
    double high = (double)find_rank(losses, count, count * 9 / 10);
    double robust = fmax(6.0 * middle, 3.0 * high);
    for (int run = 0; run < time_runs(frame); run++) { // where it began is always in sight
        float first = frame->history->scalar[run][HISTORY_LOSS][0];
        bool counts = isfinite(first) && range_counts(frame->snapshot, frame->runs, run);
        robust = counts ? fmax(robust, 1.2 * (double)first) : robust;
    }
    return robust > 0.0 ? fmin(largest, robust) : largest;
}

/* A loss of NaN is a finding, one that nobody logged is none. */
static const char *nan_text(const struct run_snapshot *run) {
    return run->logged.active && !run->diverged ? "not logged" : "NaN";
}

/* "A 0.209  B 2.300", right-aligned in strip. */
static void draw_numbers(const struct frame *frame, struct rect strip, char text[][48]) {
    for (int run = frame->runs - 1; run >= 0; run--) {
        colour ink = text[run][0] == 'N' ? frame->theme->bad : frame->theme->run_text[run];
        float used = number_right(frame, strip, TEXT_LABEL, ink, text[run]);
        rect_cut_right(&strip, used + 6.0f);
        if (frame->runs == 2) {
            run_badge(frame, strip.x + strip.w - 14.0f, strip.y + 0.5f * strip.h, run);
            rect_cut_right(&strip, 14.0f + 12.0f);
        }
    }
}

static float numbers_width(const struct frame *frame, char text[][48]) {
    float width = frame->runs == 2 ? 2.0f * 32.0f : 0.0f;
    for (int run = 0; run < frame->runs; run++) {
        width += width_of(frame, FONT_NUMBER, TEXT_LABEL, text[run]);
    }
    return width;
}

static void draw_loss(const struct frame *frame, struct rect area) {
    char numbers[SNAPSHOT_RUNS][48] = { "", "" };
    for (int run = 0; run < frame->runs; run++) {
        double loss = frame->snapshot->run[run].loss;
        format_value(numbers[run], sizeof numbers[run], loss);
        if (isnan(loss)) {
            text_set(numbers[run], sizeof numbers[run], "%s", nan_text(&frame->snapshot->run[run]));
        }
    }
    struct rect rest = panel_title(frame, &area, SUBJECT_LOSS, "Loss", NULL, 0);
    draw_numbers(frame, rest, numbers);
    rect_cut_right(&rest, numbers_width(frame, numbers) + 12.0f);
    if (width_of(frame, FONT_LABEL, TEXT_LABEL, frame->snapshot->loss_name) <= rest.w) {
        label_left(frame, rest, TEXT_LABEL, frame->theme->secondary, frame->snapshot->loss_name);
    }
    double peak, top = loss_top(frame, &peak);
    struct axis axis = axis_linear(0.0, top, area.h, 30.0f);
    struct rect plot = chart_ground(frame, &axis, area);
    draw_clip(frame->list, plot);
    for (int run = time_runs(frame) - 1; run >= 0; run--) {
        draw_curve(frame, &axis, plot, run, HISTORY_LOSS);
    }
    draw_unclip(frame->list);
    if (peak > axis.high) {
        char text[48] = "▲ peak ", number[24];
        format_value(number, sizeof number, peak);
        text_append(text, sizeof text, "%s", number);
        struct rect note = { plot.x + 6.0f, plot.y + 2.0f, plot.w - 12.0f, 14.0f };
        label_right(frame, note, TEXT_SMALL, frame->theme->secondary, text);
    }
    draw_tip(frame, plot, HISTORY_LOSS);
    time_axis_draw(frame, plot);
}

/* "95.3/94.1%": batch and, once there is one, held-out; without decimals where there is no room. */
static void accuracy_text(const struct run_snapshot *run, int decimals, char *text, size_t size) {
    bool dashed = run->logged.active && (decimals == 0 || !isnan(run->test_accuracy));
    if (isnan(run->accuracy) && !dashed) {
        text_set(text, size, "%s", run->logged.active ? "not logged" : "NaN");
        return;
    }
    if (isnan(run->accuracy)) {
        text_set(text, size, "–");
        if (isnan(run->test_accuracy)) {
            return;
        }
    } else {
        text_set(text, size, "%.*f", decimals, 100.0 * run->accuracy);
    }
    if (!isnan(run->test_accuracy)) {
        text_append(text, size, "/%.*f", decimals, 100.0 * run->test_accuracy);
    }
    text_append(text, size, "%%");
}

/* Steps at the ends, in the middle what the lines mean. */
static void draw_legend(const struct frame *frame, struct rect strip) {
    char text[48];
    if (frame->history->columns == 0) {
        return;
    }
    text_grouped(text, sizeof text, (uint64_t)frame->history->first_step);
    float used = label_left(frame, strip, TEXT_LABEL, frame->theme->secondary, text);
    rect_cut_left(&strip, used + 14.0f);
    if (frame->history->last_step > frame->history->first_step) {
        char number[40];
        text_grouped(number, sizeof number, (uint64_t)frame->history->last_step);
        text_set(text, sizeof text, "step %s", number);
        used = label_right(frame, strip, TEXT_LABEL, frame->theme->secondary, text);
        rect_cut_right(&strip, used + 10.0f);
    }
    char batch[48], held_out[48], number[32];
    text_grouped(number, sizeof number, (uint64_t)frame->snapshot->batch);
    text_set(batch, sizeof batch, "batch of %s", number);
    text_grouped(number, sizeof number, (uint64_t)frame->snapshot->run[0].test_n);
    text_set(held_out, sizeof held_out, "held-out %s", number);
    float both = width_of(frame, FONT_LABEL, TEXT_LABEL, batch) +
                 width_of(frame, FONT_LABEL, TEXT_LABEL, held_out) + 2.0f * 23.0f + 12.0f;
    bool counts = both <= strip.w && frame->snapshot->run[0].test_n > 0;
    legend_line(frame, &strip, frame->theme->secondary, 0.0f, counts ? batch : "batch");
    const struct run_snapshot *run = &frame->snapshot->run[0];
    bool logged = run->logged.active && !isnan(run->test_accuracy);
    if (frame->snapshot->test_examples == 0 && !logged) {
        return;
    }
    legend_line(frame, &strip, frame->theme->secondary, held_out_dash,
                counts ? held_out : "held-out");
}

/* What the mean prediction of the members gets right, where there is more than one. */
static void draw_ensemble(const struct frame *frame, struct rect strip) {
    const struct ensemble_stats *a = &frame->snapshot->run[0].ensemble;
    if (a->members < 2 || isnan(a->accuracy)) {
        return;
    }
    char text[96], brief[64];
    text_set(text, sizeof text, "held-out, mean of %d: %.1f", a->members, 100.0 * a->accuracy);
    text_set(brief, sizeof brief, "mean of %d: %.1f", a->members, 100.0 * a->accuracy);
    for (int run = 1; run < frame->runs; run++) {
        double accuracy = frame->snapshot->run[run].ensemble.accuracy;
        text_append(text, sizeof text, "/%.1f", 100.0 * accuracy);
        text_append(brief, sizeof brief, "/%.1f", 100.0 * accuracy);
    }
    text_append(text, sizeof text, "%%");
    text_append(brief, sizeof brief, "%%");
    const char *const texts[] = { text, brief, "" };
    label_left(frame, strip, TEXT_LABEL, frame->theme->secondary,
               text_that_fits(frame, strip.w, texts, ARRAY_LEN(texts)));
}

static void draw_accuracy(const struct frame *frame, struct rect area) {
    char numbers[SNAPSHOT_RUNS][48] = { "", "" };
    struct rect strip = panel_title(frame, &area, SUBJECT_LOSS, "Accuracy", NULL, 0);
    for (int decimals = 1; decimals >= 0; decimals--) {
        for (int run = 0; run < frame->runs; run++) {
            accuracy_text(&frame->snapshot->run[run], decimals, numbers[run], sizeof numbers[run]);
        }
        if (numbers_width(frame, numbers) <= strip.w) {
            break;
        }
    }
    draw_numbers(frame, strip, numbers);
    rect_cut_right(&strip, numbers_width(frame, numbers) + 12.0f);
    draw_ensemble(frame, strip);
    struct rect legend = rect_cut_bottom(&area, 16.0f);
    struct axis axis = axis_exact(0.0, 100.0, area.h, area.h < 90.0f ? 60.0f : 40.0f);
    struct rect plot = chart_ground(frame, &axis, area);
    draw_clip(frame->list, plot);
    for (int run = time_runs(frame) - 1; run >= 0; run--) {
        draw_curve(frame, &axis, plot, run, HISTORY_ACCURACY);
        draw_curve(frame, &axis, plot, run, HISTORY_TEST_ACCURACY);
    }
    draw_unclip(frame->list);
    rect_cut_left(&legend, CHART_GUTTER);
    draw_legend(frame, legend);
    draw_tip(frame, plot, HISTORY_ACCURACY);
    time_axis_draw(frame, plot);
}

void panel_loss_draw(const struct frame *frame, struct rect area) {
    struct rect below = area;
    struct rect above = rect_cut_top(&below, 0.5f * area.h - 8.0f);
    rect_cut_top(&below, 6.0f);
    draw_loss(frame, above);
    draw_accuracy(frame, below);
}
