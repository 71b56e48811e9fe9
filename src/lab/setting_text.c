/* setting_text.c - the values of settings as text: read, checked, printed. */
#include <inttypes.h>
#include <string.h>

#include "base/require.h"
#include "base/text.h"
#include "lab/setting.h"

/* Where it is in an experiment. */
static size_t place_of(int run, const struct setting *setting) {
    size_t run_at =
        offsetof(struct experiment, run) + (size_t)run * sizeof(struct network_settings);
    return (setting->per_run ? run_at : 0) + setting->offset;
}

static const void *value_of(const struct experiment *experiment, int run,
                            const struct setting *setting) {
    return (const char *)experiment + place_of(run, setting);
}

enum { MAX_OPTIONS = 64 };

static int option_names(const struct setting *setting, const char *names[MAX_OPTIONS]) {
    REQUIRE(setting->option_count <= MAX_OPTIONS);
    for (int i = 0; i < setting->option_count; i++) {
        names[i] = setting->option(i);
    }
    return setting->option_count;
}

static bool parse_name(int *field, const struct setting *setting, const char *text, char *problem) {
    const char *names[MAX_OPTIONS];
    int count = option_names(setting, names);
    int index = text_find(text, names, count);
    if (index >= 0) {
        *field = index;
        return true;
    }
    char list[EXPERIMENT_PROBLEM / 2];
    text_join(list, sizeof list, names, count);
    text_set(problem, EXPERIMENT_PROBLEM, "%s: there is no '%.60s'", setting->name, text);
    text_suggest(problem, EXPERIMENT_PROBLEM, text, names, count);
    text_append(problem, EXPERIMENT_PROBLEM, " It accepts: %s.", list);
    return false;
}

/* Integers without an exponent, doubles as short as they can be. */
static void print_bound(char *text, size_t size, const struct setting *setting, double bound) {
    if (setting->type == SETTING_UINT64) {
        text_append(text, size, "%" PRIu64, bound > 0 ? UINT64_MAX : 0);
    } else if (setting->type == SETTING_DOUBLE) {
        text_append(text, size, "%g", bound);
    } else {
        text_append(text, size, "%.0f", bound);
    }
}

static void append_range(const struct setting *setting, char *text, size_t size) {
    text_append(text, size, setting->type == SETTING_DOUBLE ? "a number" : "a whole number");
    text_append(text, size, " from ");
    print_bound(text, size, setting, setting->low);
    text_append(text, size, " to %s", setting->open_high ? "below " : "");
    print_bound(text, size, setting, setting->high);
}

void setting_accepts(const struct setting *setting, char *buffer, size_t size) {
    text_set(buffer, size, "%s",
             setting->type == SETTING_PATH     ? "a path, or nothing"
             : setting->type == SETTING_COLUMN ? "names or numbers of columns, or nothing"
                                               : "");
    if (!setting_is_text(setting) && setting->type != SETTING_NAME) {
        append_range(setting, buffer, size);
    }
}

static void say_range(const struct setting *setting, const char *text, char *problem) {
    text_set(problem, EXPERIMENT_PROBLEM, "%s: '%.60s' is not ", setting->name, text);
    append_range(setting, problem, EXPERIMENT_PROBLEM);
    text_append(problem, EXPERIMENT_PROBLEM, ".");
}

static bool parse_number(void *field, const struct setting *setting, const char *text) {
    int64_t whole = 0;
    double value = 0.0;
    if (setting->type == SETTING_UINT64) {
        return text_to_uint64(text, field);
    }
    if (setting->type == SETTING_DOUBLE) {
        if (!text_to_double(text, &value)) {
            return false;
        }
    } else {
        if (!text_to_int64(text, &whole)) {
            return false;
        }
        value = (double)whole;
    }
    bool inside = value >= setting->low && // a NaN is not
                  (setting->open_high ? value < setting->high : value <= setting->high);
    if (!inside) {
        return false;
    }
    if (setting->type == SETTING_DOUBLE) {
        memcpy(field, &value, sizeof value);
    } else if (setting->type == SETTING_INT64) {
        memcpy(field, &whole, sizeof whole);
    } else {
        int small = (int)whole;
        memcpy(field, &small, sizeof small);
    }
    return true;
}

/* What an experiment file, read by inih, gives back as it was. */
static bool is_storable(const char *text) {
    size_t length = strlen(text);
    if (length > 0 && (text[0] == ' ' || text[0] == ';' || text[length - 1] == ' ')) {
        return false;
    }
    for (const char *c = text; *c; c++) {
        if ((unsigned char)*c < ' ' || *c == 0x7F || (*c == ' ' && c[1] == ';')) {
            return false;
        }
    }
    return true;
}

static bool parse_text(char *field, const struct setting *setting, const char *text,
                       char *problem) {
    if (strlen(text) >= DATASET_PATH) {
        text_set(problem, EXPERIMENT_PROBLEM,
                 "%s: '%.60s...' has %zu bytes, but an experiment file holds %d at most%s.",
                 setting->name, text, strlen(text), DATASET_PATH - 1,
                 setting->type == SETTING_PATH ? "; a link makes it shorter" : "");
        return false;
    }
    if (!is_storable(text)) {
        text_set(problem, EXPERIMENT_PROBLEM,
                 "%s: an experiment file cannot hold '%.60s': no control characters, no spaces at "
                 "the ends and no semicolon at the beginning or behind a space, please.",
                 setting->name, text);
        return false;
    }
    text_set(field, DATASET_PATH, "%s", text);
    return true;
}

bool setting_parse(struct experiment *experiment, int run, const struct setting *setting,
                   const char *text, char *problem) {
    if (run == 1 && !setting->per_run) {
        text_set(problem, EXPERIMENT_PROBLEM,
                 "%s: A and B share it, because they see the same batches; set it for A.",
                 setting->name);
        return false;
    }
    void *field = (char *)experiment + place_of(run, setting);
    if (setting->type == SETTING_NAME) {
        return parse_name(field, setting, text, problem);
    }
    if (setting_is_text(setting)) {
        return parse_text(field, setting, text, problem);
    }
    if (!parse_number(field, setting, text)) {
        say_range(setting, text, problem);
        return false;
    }
    return true;
}

void setting_print(const struct experiment *experiment, int run, const struct setting *setting,
                   char *buffer, size_t size) {
    const void *field = value_of(experiment, run, setting);
    switch (setting->type) {
    case SETTING_NAME:
        text_set(buffer, size, "%s", setting->option(*(const int *)field));
        break;
    case SETTING_PATH:
    case SETTING_COLUMN:
        text_set(buffer, size, "%s", (const char *)field);
        break;
    case SETTING_INT:
        text_set(buffer, size, "%d", *(const int *)field);
        break;
    case SETTING_INT64:
        text_set(buffer, size, "%" PRId64, *(const int64_t *)field);
        break;
    case SETTING_UINT64:
        text_set(buffer, size, "%" PRIu64, *(const uint64_t *)field);
        break;
    case SETTING_DOUBLE: {
        double value = *(const double *)field;
        double back = 0.0;
        text_set(buffer, size, "%.15g", value);
        if (!text_to_double(buffer, &back) || back != value) { // the short form if it is exact
            text_set(buffer, size, "%.17g", value);
        }
        break;
    }
    }
}

int setting_option(const struct experiment *experiment, int run, const struct setting *setting) {
    return setting->type == SETTING_NAME ? *(const int *)value_of(experiment, run, setting) : -1;
}
