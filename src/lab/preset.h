/*
 * preset.h - experiments kept by name: files NAME.ini in assets/presets and in the user's own
 * folder, $XDG_CONFIG_HOME/layerscope/presets.
 *
 * A preset is an experiment file as any other (experiment_ini.h); one of the user's takes the place
 * of a shipped one of the same name. The folders are read each time, not for every frame.
 */
#ifndef LAB_PRESET_H
#define LAB_PRESET_H

#include "lab/experiment_ini.h"

enum { PRESET_NAME = 64, PRESET_MOST = 128 };

struct preset {
    char name[PRESET_NAME];
    bool own; // the user's
};

/* All of them by name, PRESET_MOST at most. Returns how many. */
int preset_list(struct preset list[PRESET_MOST]);

/* Where it is: FILE_PATH_MAX bytes are enough. */
void preset_path(const struct preset *preset, char *buffer, size_t size);

/* The preset of that name ('-' and '_' alike); false with a sentence in problem (EXPERIMENT_PROBLEM
 * bytes) if there is none. */
bool preset_find(const char *name, struct preset *preset, char *problem);

/* The one that Ctrl+key opens, with its notes; the user's first. false as above. */
bool preset_of_key(int key, struct preset *preset, struct experiment_notes *notes, char *problem);

#endif
