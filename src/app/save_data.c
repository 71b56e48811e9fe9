#include "app/save_data.h"

#include "app/save_name.h"
#include "base/file.h"
#include "base/require.h"
#include "base/text.h"
#include "export/csv_file.h"
#include "export/json_file.h"
#include "export/npz_steps.h"

static bool save_csv(const char *path, const struct experiment *experiment,
                     const struct snapshot *snapshot, char *problem) {
    (void)experiment;
    struct csv_file *csv = csv_file_open(path, problem);
    if (!csv) {
        return false;
    }
    bool added = csv_file_add(csv, NULL, snapshot, problem);
    return csv_file_close(csv, added, problem) && added;
}

static bool save_npz(const char *path, const struct experiment *experiment,
                     const struct snapshot *snapshot, char *problem) {
    (void)experiment;
    struct npz_steps *steps = npz_steps_open(path, problem);
    if (!steps) {
        return false;
    }
    bool added = npz_steps_add(steps, snapshot, problem);
    return npz_steps_close(steps, added, problem) && added;
}

static const char *const endings[] = { ".csv", ".json", ".npz" };
static bool (*const save[])(const char *path, const struct experiment *experiment,
                            const struct snapshot *snapshot,
                            char *problem) = { save_csv, json_file_write, save_npz };

bool save_data(const struct experiment *experiment, const struct snapshot *snapshot,
               const char *folder, char *told) {
    char stem[FILE_PATH_MAX], path[FILE_PATH_MAX];
    if (!save_name(stem, folder, snapshot->step, endings, ARRAY_LEN(endings), told)) {
        return false;
    }
    for (int i = 0; i < ARRAY_LEN(endings); i++) {
        text_set(path, sizeof path, "%s%s", stem, endings[i]);
        if (!save[i](path, experiment, snapshot, told)) {
            return false;
        }
    }
    text_set(told, FILE_PROBLEM_MAX, "saved %s.csv, .json and .npz", stem);
    return true;
}
