/* panel_logged.c - what cannot be said of somebody else's training, so that nobody takes it for 0.
 */
#include "base/text.h"
#include "view/panel.h"

enum { MOST_LINES = 8 };

const char rebinned[] = "re-binned from the log";

/* Whole, or not at all. */
static void tell(const struct frame *frame, struct rect *area, colour ink, const char *text) {
    struct wrapped_line lines[MOST_LINES];
    int count = wrap_text(frame, FONT_LABEL, TEXT_LABEL, area->w, text, lines, MOST_LINES);
    if ((float)count * TEXT_LINE <= area->h) {
        write_paragraph(frame, area, ink, text, MOST_LINES);
        rect_cut_top(area, 6.0f);
    }
}

/* Of which step the histograms are, and where their moments come from. */
static void tell_run(const struct frame *frame, struct rect *area, int run) {
    const struct logged *logged = &frame->snapshot->run[run].logged;
    char text[512], step[32];
    if (logged->step < 0) {
        text_set(text, sizeof text, "No histograms of layers were logged yet.");
    } else {
        text_grouped(step, sizeof step, (uint64_t)logged->step);
        text_set(text, sizeof text, "Histograms are of step %s. %s", step,
                 logged->estimated
                     ? "Means, sd and rms are estimates from the buckets, for no sums "
                       "were logged."
                     : "Means, sd and rms are of the logged sums: exact.");
    }
    if (frame->runs == 2) {
        struct rect head = rect_cut_top(area, 20.0f);
        rect_cut_left(&head, run_badge(frame, head.x, head.y + 0.5f * head.h, run) + 7.0f);
        label_left(frame, head, TEXT_LABEL, frame->theme->text, logged->name);
    }
    tell(frame, area, frame->theme->text, text);
}

void panel_logged_draw(const struct frame *frame, struct rect area) {
    static const char *const unknown[] = {
        "Not in the logs, and so not shown: exact zeros, underflow, saturated values, dead units, "
        "φ and φ′, factors of the backward pass, theory, the data.",
        "Values are drawn as if spread evenly over each logged bucket. Those in a bucket around 0 "
        "may be 0, or of any size below its end: they are counted apart.",
    };
    panel_title(frame, &area, SUBJECT_LOG, "What the log tells", NULL, 0);
    draw_ground(frame, area);
    area = rect_inset(area, 12.0f, 8.0f);
    for (int run = 0; run < frame->runs; run++) {
        tell_run(frame, &area, run);
    }
    for (int i = 0; i < 2; i++) {
        tell(frame, &area, frame->theme->secondary, unknown[i]);
    }
}
