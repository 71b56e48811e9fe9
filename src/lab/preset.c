#include "lab/preset.h"

#include <dirent.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/paths.h"
#include "base/text.h"

static void folder_of(bool own, char *buffer, size_t size) {
    if (own) {
        paths_config(buffer, size, "presets");
    } else {
        paths_shipped(buffer, size, "assets/presets"); // or where they should be
    }
}

void preset_path(const struct preset *preset, char *buffer, size_t size) {
    folder_of(preset->own, buffer, size);
    text_append(buffer, size, "/%s.ini", preset->name);
}

/* NAME of NAME.ini; false for other files. */
static bool name_of(const char *file, char name[PRESET_NAME]) {
    static const char ending[] = ".ini";
    size_t length = strlen(file), end = sizeof ending - 1;
    if (length <= end || length - end >= PRESET_NAME || file[0] == '.' ||
        strcmp(file + length - end, ending) != 0) {
        return false;
    }
    text_set(name, PRESET_NAME, "%.*s", (int)(length - end), file);
    return true;
}

static int find_name(const struct preset *list, int count, const char *name) {
    const char *names[PRESET_MOST];
    for (int i = 0; i < count; i++) {
        names[i] = list[i].name;
    }
    return text_find(name, names, count);
}

static int add_folder(struct preset *list, int count, bool own) {
    char path[FILE_PATH_MAX], name[PRESET_NAME];
    folder_of(own, path, sizeof path);
    DIR *folder = opendir(path);
    const struct dirent *entry;
    while (folder && count < PRESET_MOST && (entry = readdir(folder))) {
        if (name_of(entry->d_name, name) && find_name(list, count, name) < 0) {
            list[count].own = own;
            text_set(list[count++].name, PRESET_NAME, "%s", name);
        }
    }
    if (folder) {
        closedir(folder);
    }
    return count;
}

static int compare_names(const void *a, const void *b) {
    return strcmp(((const struct preset *)a)->name, ((const struct preset *)b)->name);
}

int preset_list(struct preset list[PRESET_MOST]) {
    int count = add_folder(list, add_folder(list, 0, true), false);
    qsort(list, (size_t)count, sizeof *list, compare_names);
    return count;
}

bool preset_find(const char *name, struct preset *preset, char *problem) {
    struct preset list[PRESET_MOST];
    const char *names[PRESET_MOST];
    int count = preset_list(list), index = find_name(list, count, name);
    if (index >= 0) {
        *preset = list[index];
        return true;
    }
    for (int i = 0; i < count; i++) {
        names[i] = list[i].name;
    }
    text_set(problem, EXPERIMENT_PROBLEM, "there is no '%.60s'", name);
    text_suggest(problem, EXPERIMENT_PROBLEM, name, names, count);
    text_append(problem, EXPERIMENT_PROBLEM, " 'layerscope list presets' shows all %d.", count);
    return false;
}

bool preset_of_key(int key, struct preset *preset, struct experiment_notes *notes, char *problem) {
    struct preset list[PRESET_MOST];
    int count = preset_list(list);
    bool found = false;
    for (int i = 0; i < count; i++) {
        char path[FILE_PATH_MAX], ignored[EXPERIMENT_PROBLEM];
        struct experiment_notes read;
        preset_path(&list[i], path, sizeof path);
        if (experiment_read_notes(&read, path, ignored) && read.key == key &&
            (!found || list[i].own)) {
            *preset = list[i];
            *notes = read;
            found = true;
        }
    }
    if (!found) {
        text_set(problem, EXPERIMENT_PROBLEM, "No preset has the key %d.", key);
    }
    return found;
}
