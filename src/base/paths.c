#include "base/paths.h"

#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/types.h>
#include <unistd.h>
#ifdef __APPLE__
#include <mach-o/dyld.h>
#endif

#include "base/file.h"
#include "base/text.h"

static const char *environment(const char *name) {
    const char *value = getenv(name);
    return value && value[0] != '\0' ? value : NULL;
}

/* Cut path to the folder it lies in; false when there is none above. */
static bool go_up(char *path) {
    char *slash = strrchr(path, '/');
    if (!slash) {
        return false;
    }
    *slash = '\0';
    return true;
}

/* The folder of the running program, "" where the system does not tell. */
static void program_folder(char *buffer, size_t size) {
    buffer[0] = '\0';
#ifdef __APPLE__
    char path[FILE_PATH_MAX], resolved[FILE_PATH_MAX];
    uint32_t capacity = sizeof path;
    if (_NSGetExecutablePath(path, &capacity) == 0 && realpath(path, resolved)) {
        text_set(buffer, size, "%s", resolved);
    }
#else
    ssize_t length = readlink("/proc/self/exe", buffer, size - 1);
    buffer[length > 0 ? length : 0] = '\0';
#endif
    if (!go_up(buffer)) {
        buffer[0] = '\0';
    }
}

static bool is_below(const char *path, const char *folder) {
    size_t length = strlen(folder);
    return strncmp(path, folder, length) == 0 && (path[length] == '/' || path[length] == '\0');
}

/* Does a program in this folder run from the source tree or from a build folder elsewhere? */
static bool is_being_developed(const char *program) {
    char folder[FILE_PATH_MAX], mark[FILE_PATH_MAX];
    if (is_below(program, LAYERSCOPE_SOURCE_DIR)) {
        return true;
    }
    text_set(folder, sizeof folder, "%s", program);
    do {
        text_set(mark, sizeof mark, "%s/build.ninja", folder);
        if (access(mark, F_OK) == 0) {
            return true;
        }
    } while (go_up(folder));
    return false;
}

struct search {
    char *buffer;
    size_t size;
    const char *name;
    char first[FILE_PATH_MAX]; // the first place tried
};

static bool try_in(struct search *search, const char *folder) {
    text_set(search->buffer, search->size, "%s/%s", folder, search->name);
    if (search->first[0] == '\0') {
        text_set(search->first, sizeof search->first, "%s", search->buffer);
    }
    bool whole = strlen(folder) + 1 + strlen(search->name) < search->size;
    return whole && access(search->buffer, R_OK) == 0;
}

static bool try_around_program(struct search *search) {
    char program[FILE_PATH_MAX], share[FILE_PATH_MAX];
    program_folder(program, sizeof program);
    if (program[0] == '\0') {
        return false;
    }
    text_set(share, sizeof share, "%s", program);
    go_up(share);
    text_append(share, sizeof share, "/share/layerscope");
    return try_in(search, share) ||
           (is_being_developed(program) && try_in(search, LAYERSCOPE_SOURCE_DIR));
}

bool paths_shipped(char *buffer, size_t size, const char *name) {
    struct search search = { .buffer = buffer, .size = size, .name = name };
    const char *only = environment("LAYERSCOPE_DATADIR");
    bool found = only ? try_in(&search, only)
                      : try_around_program(&search) || try_in(&search, LAYERSCOPE_DATADIR);
    if (!found) {
        text_set(buffer, size, "%s", search.first);
    }
    return found;
}

static const char *home_folder(void) {
    const char *home = environment("HOME");
    if (home) {
        return home;
    }
    const struct passwd *user = getpwuid(getuid());
    return user && user->pw_dir ? user->pw_dir : ".";
}

/*
 * The value of a line XDG_PICTURES_DIR="$HOME/Bilder" or ="/absolute/folder", the only two forms
 * that xdg-user-dirs allows. Returns false for every other line.
 */
static bool parse_user_dirs_line(const char *line, char *buffer, size_t size) {
    static const char key[] = "XDG_PICTURES_DIR=\"", home[] = "$HOME";
    line += strspn(line, " \t");
    if (strncmp(line, key, sizeof key - 1) != 0) {
        return false;
    }
    line += sizeof key - 1;
    bool at_home = strncmp(line, home, sizeof home - 1) == 0;
    if (!at_home && line[0] != '/') {
        return false;
    }
    line += at_home ? sizeof home - 1 : 0;
    text_set(buffer, size, "%s", at_home ? home_folder() : "");
    for (; *line != '\0' && *line != '"'; line++) {
        line += line[0] == '\\' && line[1] != '\0';
        text_append(buffer, size, "%c", *line);
    }
    return *line == '"';
}

/* name in the folder of a variable, or in the one below home that it is without. */
static void user_file(char *buffer, size_t size, const char *variable, const char *usual,
                      const char *name) {
    const char *folder = environment(variable);
    text_set(buffer, size, "%s%s/%s", folder ? folder : home_folder(), folder ? "" : usual, name);
}

static void config_file(char *buffer, size_t size, const char *name) {
    user_file(buffer, size, "XDG_CONFIG_HOME", "/.config", name);
}

void paths_state(char *buffer, size_t size, const char *name) {
    user_file(buffer, size, "XDG_STATE_HOME", "/.local/state", "layerscope/");
    text_append(buffer, size, "%s", name);
}

void paths_config(char *buffer, size_t size, const char *name) {
    config_file(buffer, size, "layerscope/");
    text_append(buffer, size, "%s", name);
}

static bool read_user_dirs(char *buffer, size_t size) {
    char path[FILE_PATH_MAX], line[FILE_PATH_MAX];
    config_file(path, sizeof path, "user-dirs.dirs");
    FILE *file = fopen(path, "r");
    if (!file) {
        return false;
    }
    bool found = false;
    while (!found && fgets(line, sizeof line, file)) {
        found = parse_user_dirs_line(line, buffer, size);
    }
    fclose(file);
    return found;
}

void paths_pictures(char *buffer, size_t size) {
    const char *given = environment("XDG_PICTURES_DIR");
    if (given && given[0] == '/') {
        text_set(buffer, size, "%s", given);
    } else if (!read_user_dirs(buffer, size)) {
        text_set(buffer, size, "%s/Pictures", home_folder());
    }
}
