#include "app/window_place.h"

#include <ini.h>
#include <math.h>
#include <SDL.h>
#include <stddef.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "base/log.h"
#include "base/require.h"
#include "base/text.h"
#include "view/view.h"

/* The numbers: what is out of range is as good as not there. */
static const struct number {
    const char *name;
    size_t offset;
    enum { WHOLE, TRUTH, REAL } type;
    double low, high;
} numbers[] = {
    { "x", offsetof(struct window_place, x), WHOLE, -32768, 32767 },
    { "y", offsetof(struct window_place, y), WHOLE, -32768, 32767 },
    { "width", offsetof(struct window_place, width), WHOLE, 0.5 * VIEW_MIN_WIDTH, 16384 },
    { "height", offsetof(struct window_place, height), WHOLE, 0.5 * VIEW_MIN_HEIGHT, 16384 },
    { "maximised", offsetof(struct window_place, maximised), TRUTH, 0, 1 },
    { "zoom", offsetof(struct window_place, zoom), REAL, VIEW_LEAST_ZOOM, VIEW_MOST_ZOOM },
};

static void set_number(struct window_place *place, const struct number *number, double value) {
    void *field = (char *)place + number->offset;
    if (number->type == REAL) {
        *(double *)field = value;
    } else if (number->type == TRUTH) {
        *(bool *)field = value != 0.0;
    } else {
        *(int *)field = (int)value;
    }
}

static double get_number(const struct window_place *place, const struct number *number) {
    const void *field = (const char *)place + number->offset;
    return number->type == REAL    ? *(const double *)field
           : number->type == TRUTH ? *(const bool *)field
                                   : *(const int *)field;
}

static int find_theme(const char *name) {
    const char *names[THEME_COUNT];
    for (int i = 0; i < THEME_COUNT; i++) {
        names[i] = themes[i].name;
    }
    return text_find(name, names, THEME_COUNT);
}

/* inih's callback. */
static int take_line(void *context, const char *section, const char *name, const char *value) {
    struct window_place *place = context;
    double given;
    (void)section;
    if (strcmp(name, "theme") == 0) {
        place->theme = find_theme(value);
    }
    for (int i = 0; i < ARRAY_LEN(numbers); i++) {
        const struct number *number = &numbers[i];
        if (strcmp(name, number->name) == 0 && text_to_double(value, &given) &&
            given >= number->low && given <= number->high) {
            set_number(place, number, given);
        }
    }
    return 1;
}

void window_place_read(struct window_place *place, const char *path) {
    *place = (struct window_place){ .theme = -1 };
    int line = ini_parse(path, take_line, place);
    if (line != 0 && access(path, F_OK) == 0) {
        log_error("%s is not read from line %d on.", path, line < 0 ? 1 : line);
    }
    if (place->width == 0 || place->height == 0) {
        place->width = place->height = 0;
    }
}

static bool make_folder_of(const char *path, char *problem) {
    char folder[FILE_PATH_MAX];
    text_set(folder, sizeof folder, "%s", path);
    char *slash = strrchr(folder, '/');
    if (!slash) {
        return true;
    }
    *slash = '\0';
    return file_make_folder(folder, problem);
}

bool window_place_can_write(const char *path, char *problem) {
    struct file_writer writer;
    if (!make_folder_of(path, problem) || !file_writer_open(&writer, path, problem)) {
        return false;
    }
    file_writer_abandon(&writer);
    return true;
}

void window_place_write(const struct window_place *place, const char *path) {
    struct file_writer writer;
    char problem[FILE_PROBLEM_MAX];
    if (!make_folder_of(path, problem) || !file_writer_open(&writer, path, problem)) {
        log_error("%s", problem);
        return;
    }
    for (int i = 0; i < ARRAY_LEN(numbers); i++) {
        fprintf(writer.stream, "%s = %.6g\n", numbers[i].name, get_number(place, &numbers[i]));
    }
    if (place->theme >= 0) {
        fprintf(writer.stream, "theme = %s\n", themes[place->theme].name);
    }
    if (!file_writer_commit(&writer, problem)) {
        log_error("%s", problem);
    }
}

void window_place_note(struct window_place *place, SDL_Window *window) {
    Uint32 flags = SDL_GetWindowFlags(window);
    place->maximised = (flags & SDL_WINDOW_MAXIMIZED) != 0;
    if (!(flags & (SDL_WINDOW_MAXIMIZED | SDL_WINDOW_MINIMIZED | SDL_WINDOW_FULLSCREEN))) {
        SDL_GetWindowPosition(window, &place->x, &place->y);
        SDL_GetWindowSize(window, &place->width, &place->height);
    }
}

bool window_place_is_in_sight(const struct window_place *place) {
    enum { WIDE = 120, TALL = 40 };
    SDL_Rect edge = { place->x, place->y, place->width, TALL }, screen, seen;
    for (int i = 0; i < SDL_GetNumVideoDisplays(); i++) {
        if (SDL_GetDisplayUsableBounds(i, &screen) == 0 &&
            SDL_IntersectRect(&edge, &screen, &seen) && seen.w >= WIDE && seen.h >= TALL / 2) {
            return true;
        }
    }
    return false;
}

void window_place_first_size(const struct window_place *place, const struct options *options,
                             int *width, int *height) {
    double scale = options->scale > 0 ? options->scale : 1.0;
    SDL_Rect screen;
    if (!options->width && place->width > 0) {
        *width = place->width;
        *height = place->height;
        return;
    }
    *width = (int)lround(scale * (options->width ? options->width : OPTIONS_WIDTH));
    *height = (int)lround(scale * (options->height ? options->height : OPTIONS_HEIGHT));
    if (!options->width && SDL_GetDisplayUsableBounds(0, &screen) == 0) {
        *width = *width < screen.w ? *width : screen.w;
        *height = *height < screen.h ? *height : screen.h;
    }
}
