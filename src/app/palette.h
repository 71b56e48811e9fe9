/*
 * palette.h - find anything by name: commands, views, settings and their values, presets.
 *
 * Its rows are those of the tables there are; what is typed puts them in order. Its state is plain
 * and knows no SDL. Threads: the screen's thread.
 */
#ifndef APP_PALETTE_H
#define APP_PALETTE_H

#include <stdbool.h>
#include <stdint.h>

#include "lab/preset.h"
#include "view/view.h"

struct session;

enum { PALETTE_TYPED = 64, PALETTE_MOST = 1024 };

struct palette {
    bool open;
    char typed[PALETTE_TYPED];
    int selected, count; // of found
    struct palette_entry {
        uint8_t source;  // which of the tables
        uint16_t row;    // of that table
        uint16_t option; // of a setting
    } found[PALETTE_MOST];
    struct palette_preset {
        char name[PRESET_NAME];
        char title[96], key[16];
    } presets[PRESET_MOST]; // as of when it was opened
    int preset_count;
};

/* Open it with nothing typed, when it has all there is in the order of the tables; or close it. */
void palette_open(struct session *session);
void palette_close(struct session *session);

/* All of these do nothing while it is closed. */
void palette_move(struct session *session, int rows);
void palette_write(struct session *session, const char *utf8); // control characters are left out
void palette_erase(struct session *session);                   // the last character
void palette_enter(struct session *session);                   // close it and do the selected one
void palette_choose(struct session *session, int index);       // the same with one of those found

/* What the view shows of it. */
void palette_fill(struct view_palette *view, const struct session *session);

#endif
