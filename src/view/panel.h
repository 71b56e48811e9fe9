/*
 * panel.h - what the panels share: the frame they draw into, the layer columns, small vocabulary.
 *
 * A panel is one function and one file: it draws a part of the picture into the area it is given
 * and never outside of it. Everything is in points; nothing here allocates.
 */
#ifndef VIEW_PANEL_H
#define VIEW_PANEL_H

#include "draw/rect.h"
#include "view/explain.h"
#include "view/view.h"

enum { TEXT_SMALL = 10, TEXT_LABEL = 11, TEXT_BODY = 12, TEXT_TITLE = 13, TEXT_LINE = 15 };
enum { TIP_LINES = 12, TIP_LENGTH = 320 };

/* How much of a layer fits into its column. */
enum detail {
    DETAIL_BARS,    // up to 16 layers: histograms with their shares written out
    DETAIL_VIOLINS, // fewer than 60, and room for them: narrow histograms
    DETAIL_MAP      // one heat-map column per layer
};

/* The axis that all per-layer rows share: hidden layer l in column l - 1. */
struct columns {
    float x, width;    // of the first column; of each
    float left, right; // of the rows' plots, which the columns may not fill
    int count;
};

struct frame {
    struct display_list *list;
    struct view_hits *hits;
    const struct view_state *state;
    const struct snapshot *snapshot;
    const struct history_view *history;
    const struct theme_row *theme;
    int runs;     // drawn: 1 or 2
    int layers;   // hidden layers of the deepest run drawn
    int selected; // 1..layers
    int marked;   // the selected one where it stands out; 0: a figure, in which none does
    enum detail detail;
    bool tight; // a small window: smaller margins
    float margin;
    float gutter; // width left of a row's plot, for its tick labels
    struct columns columns;
    int pointed;         // layer under the pointer; 0: none
    enum panel_id panel; // that is being drawn
    struct tip *tip;     // what is said of the place under the pointer
};

/* Layer l of a run, NULL beyond its depth. */
const struct layer_stats *frame_layer(const struct frame *frame, int run, int layer);

/* columns.c */
struct columns columns_in(float left, float right, int layers);
struct rect column_rect(const struct columns *columns, struct rect row, int layer);
/* The part of a column that belongs to a run: its half when two are drawn. */
struct rect column_part(const struct frame *frame, struct rect row, int layer, int run);
void columns_draw_ground(const struct frame *frame, struct rect row); // panel, selected column
void columns_draw_numbers(const struct frame *frame, struct rect strip);
void columns_add_hits(const struct frame *frame, struct rect row); // a click selects the layer
/* Note the layer under a pointer that is in one of the rows of area: all of them show it. */
void columns_point(struct frame *frame, struct rect area);

/* panel_logged.c: of somebody else's histograms, for subtitles */
extern const char rebinned[];

/* label.c: one line of text; widths returned are of what was drawn */
float label_left(const struct frame *frame, struct rect box, int size, colour ink,
                 const char *text);
float label_right(const struct frame *frame, struct rect box, int size, colour ink,
                  const char *text);
float label_centre(const struct frame *frame, struct rect box, int size, colour ink,
                   const char *text);
float number_left(const struct frame *frame, struct rect box, int size, colour ink,
                  const char *text);
float number_right(const struct frame *frame, struct rect box, int size, colour ink,
                   const char *text);
float number_centre(const struct frame *frame, struct rect box, int size, colour ink,
                    const char *text);
float strong_left(const struct frame *frame, struct rect box, int size, colour ink,
                  const char *text);
float width_of(const struct frame *frame, enum font font, int size, const char *text);

/* As much of the end, or of the start, of a text in the label font as fits, with an ellipsis. */
void fit_end(const struct frame *frame, int text_size, float width, const char *text, char *fitting,
             size_t size);
void fit_start(const struct frame *frame, int text_size, float width, const char *text,
               char *fitting, size_t size);

/* The first of count texts that fits into width; the last when none does. */
const char *text_that_fits(const struct frame *frame, float width, const char *const *texts,
                           int count);

/*
 * Title of a panel with the longest of its subtitles that fits, cut off the top of *area, all of
 * which is about the subject. Returns the strip right of the title's text for more.
 */
struct rect panel_title(const struct frame *frame, struct rect *area, enum subject subject,
                        const char *title, const char *const *subtitles, int count);
float panel_title_height(const struct frame *frame);

/* Say that the axes are frozen, if they are, at the right of a row's title; cut off *strip. */
void mark_frozen(const struct frame *frame, struct rect *strip);

/* marks.c: small things drawn the same everywhere */
void draw_ground(const struct frame *frame, struct rect area); // of a plot or table
void draw_nothing(const struct frame *frame, struct rect area, const char *why); // instead of one
float loading_share(const struct frame *frame); // of a data set; 0: none is being loaded
void loading_bar(const struct frame *frame, struct rect box); // nothing where none is
float key_cap(const struct frame *frame, float x, float middle, const char *key); // its width
float key_cap_width(const struct frame *frame, const char *key);
/* A is round and B is square: the patch of its letter, and its dots. */
float run_badge(const struct frame *frame, float x, float middle, int run);
void marked_line(const struct frame *frame, const struct point *points, int count, float dash);
void run_dot(const struct frame *frame, struct point at, int run);
/* Along a line (x rising) that may lie among those of the other run. */
void run_dots(const struct frame *frame, const struct point *points, int count, int run);
float legend_line(const struct frame *frame, struct rect *strip, colour ink, float dash,
                  const char *text);
/* Why something is not there that is measured only for who looks: it will be, or was not. */
void draw_missing(const struct frame *frame, struct rect area, const char *what);
void add_hit(const struct frame *frame, struct rect rect, enum hit_kind kind, int value);
void add_hit_range(const struct frame *frame, struct view_hit hit); // with values at its edges

/*
 * overlay_tip.c: the box beside the pointer. A panel that is hovered adds lines, first what it is
 * and how much, then how it is counted; the last panel to draw a place has the last word.
 */
struct tip {
    char lines[TIP_LINES][TIP_LENGTH];
    int count;
    enum subject subject; // said where there are no lines
};
bool hovered(const struct frame *frame, struct rect rect);
void tip(const struct frame *frame, const char *format, ...) __attribute__((format(printf, 2, 3)));
void tip_logged(const struct frame *frame); // the names of the pointed layer, if it has some
void tip_clear(const struct frame *frame);
const char *tip_letter(const struct frame *frame, int run); // "A  " where there are two runs
void overlay_tip_draw(const struct frame *frame, struct rect area);

/* wrap.c: a text broken at spaces and behind slashes, or inside a word that is wider than a line.
 */
struct wrapped_line {
    const char *start;
    int length;
};
/* At most room lines; the last one takes the whole rest. Returns how many. */
int wrap_text(const struct frame *frame, enum font font, int size, float width, const char *text,
              struct wrapped_line *lines, int room);

/* A paragraph of labels in at most `most` lines of TEXT_LINE, cut off the top of *area. text may be
 * NULL. */
void write_paragraph(const struct frame *frame, struct rect *area, colour ink, const char *text,
                     int most);

/* view_*.c: what the views draw between the bars. */
bool has_layers(const struct frame *frame); // a network may go from its inputs to its output
void view_layers_draw(struct frame *frame, struct rect area);
void view_history_draw(struct frame *frame, struct rect area);
void view_layer_draw(struct frame *frame, struct rect area);
void view_data_draw(struct frame *frame, struct rect area);
void view_phase_draw(struct frame *frame, struct rect area);
void view_textbook_draw(struct frame *frame, struct rect area);

/* The bars and panels of the window. */
float bar_top_height(const struct frame *frame);
void bar_top_draw(const struct frame *frame, struct rect area);
float bar_verdict_height(const struct frame *frame, float width);
void bar_verdict_draw(const struct frame *frame, struct rect area);
void bar_footer_draw(const struct frame *frame, struct rect area);
void panel_activations_draw(const struct frame *frame, struct rect area);
void panel_gradients_draw(const struct frame *frame, struct rect area);
void panel_magnitude_draw(const struct frame *frame, struct rect area);
void panel_history_draw(const struct frame *frame, struct rect area);
void panel_loss_draw(const struct frame *frame, struct rect area);
void panel_ridges_draw(const struct frame *frame, struct rect area);
void panel_scalars_draw(const struct frame *frame, struct rect area);
void panel_phi_draw(const struct frame *frame, struct rect area);
void panel_weights_draw(const struct frame *frame, struct rect area);
void panel_weight_spread_draw(const struct frame *frame, struct rect area);
void panel_units_draw(const struct frame *frame, struct rect area);
void panel_unit_draw(const struct frame *frame, struct rect area);
void panel_logged_draw(const struct frame *frame, struct rect area);
float panel_why_height(const struct frame *frame);
void panel_why_draw(const struct frame *frame, struct rect area);
void overlay_message_draw(const struct frame *frame, struct rect area);
float overlay_toast_draw(const struct frame *frame, struct rect area); // its top; INFINITY: none
float overlay_menu_width(const struct frame *frame);                   // 0: it is closed
void overlay_menu_draw(const struct frame *frame, struct rect area);
float menu_detail_height(const struct frame *frame);
void menu_mark_changed(const struct frame *frame, float x, float middle); // a value
void menu_detail_draw(const struct frame *frame, struct rect area);       // of the selected row
void overlay_palette_draw(const struct frame *frame, struct rect area);
void overlay_help_draw(const struct frame *frame, struct rect area);

#endif
