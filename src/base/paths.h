/* paths.h - where the shipped files and the user's folders are. */
#ifndef BASE_PATHS_H
#define BASE_PATHS_H

#include <stdbool.h>
#include <stddef.h>

/*
 * The full path of a shipped file such as "assets/mnist/x.gz" or "fonts/y.otf". Looked for, in
 * order: ../share/layerscope beside the program's folder, the source tree if the program lies in
 * it or in a build folder, the installation prefix; but if $LAYERSCOPE_DATADIR is set, only there.
 * Returns false, with the first place tried in buffer, when it is nowhere.
 */
bool paths_shipped(char *buffer, size_t size, const char *name);

/* Where the user keeps something of ours: $XDG_CONFIG_HOME/layerscope/name, else in ~/.config. */
void paths_config(char *buffer, size_t size, const char *name);

/* Where we keep what is to be found again: $XDG_STATE_HOME/layerscope/name, else in
 * ~/.local/state. */
void paths_state(char *buffer, size_t size, const char *name);

/* The user's picture folder: $XDG_PICTURES_DIR, user-dirs.dirs, else ~/Pictures. */
void paths_pictures(char *buffer, size_t size);

#endif
