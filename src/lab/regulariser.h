/*
 * regulariser.h - the table of what keeps a network from learning its examples by heart, and of the
 * noises that do so.
 *
 * A row is described here and switched on by the setting of the same name, whose 0 means off: the
 * code of each stands where it acts.
 */
#ifndef LAB_REGULARISER_H
#define LAB_REGULARISER_H

struct regulariser_row {
    const char *name; // of the setting, too
    const char *label;
    const char *formula;
    const char *about;
    const char *source;
};

/* The table; its length in *count. */
const struct regulariser_row *regularisers(int *count);

#endif
