/* follow_scan.c - which event files there are, and which runs of them are shown. */
#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/glob.h"
#include "base/require.h"
#include "base/text.h"
#include "lab/follow_parts.h"

enum { DEPTH = 12, MOST_PATHS = 4096, MOST_ENTRIES = 1 << 20, PEEKED = 512 };

/* Paths of event files, sorted; those of a folder stand together. */
struct listing {
    char *path[MOST_PATHS];
    int count;
    int entries;                // looked at
    bool incomplete;            // memory ran out
    char barred[FOLLOW_BARRED]; // as of struct follow
    int bars;
};

static void add_path(struct listing *listing, const char *path) {
    listing->path[listing->count] = strdup(path);
    listing->incomplete |= !listing->path[listing->count];
    listing->count += listing->path[listing->count] != NULL;
}

static void say_barred(struct listing *listing, const char *folder, const char *reason) {
    char name[128];
    if (listing->bars++ == 0) {
        text_tail(name, sizeof name, folder);
        text_set(listing->barred, sizeof listing->barred, "%s: cannot be read: %s", name, reason);
    }
}

static void list_folder(struct listing *listing, const char *folder, int depth) {
    DIR *directory = opendir(folder);
    const struct dirent *entry;
    if (!directory) {
        say_barred(listing, folder, strerror(errno));
    }
    while (directory && listing->count < MOST_PATHS && listing->entries < MOST_ENTRIES &&
           (entry = readdir(directory))) {
        char path[EVENT_PATH];
        struct stat info;
        listing->entries++;
        text_set(path, sizeof path, "%s/%s", folder, entry->d_name);
        if (entry->d_name[0] == '.' || stat(path, &info) != 0) {
            continue;
        }
        if (S_ISDIR(info.st_mode) && depth < DEPTH) {
            list_folder(listing, path, depth + 1);
        } else if (S_ISREG(info.st_mode) && strstr(entry->d_name, "tfevents")) {
            add_path(listing, path);
        }
    }
    if (directory) {
        closedir(directory);
    }
}

static size_t folder_length(const char *path) {
    const char *slash = strrchr(path, '/');
    return slash ? (size_t)(slash - path) : 0;
}

static int by_name(const void *a, const void *b) {
    const char *first = *(char *const *)a, *second = *(char *const *)b;
    char folder[2][EVENT_PATH];
    text_set(folder[0], EVENT_PATH, "%.*s", (int)folder_length(first), first);
    text_set(folder[1], EVENT_PATH, "%.*s", (int)folder_length(second), second);
    int order = glob_compare(folder[0], folder[1]);
    return order != 0 ? order : glob_compare(first, second);
}

static struct listing *list_files(const struct follow *follow) {
    struct listing *listing = calloc(1, sizeof *listing);
    if (listing && follow->single) {
        add_path(listing, follow->folder);
    } else if (listing) {
        list_folder(listing, follow->folder, 0);
        qsort(listing->path, (size_t)listing->count, sizeof listing->path[0], by_name);
    }
    return listing;
}

static void forget_listing(struct listing *listing) {
    for (int i = 0; listing && i < listing->count; i++) {
        free(listing->path[i]);
    }
    free(listing);
}

/* A run: its share of the listing is first..end - 1. */
struct share {
    int first, end;
    char name[FOLLOW_NAME];
};

static bool next_part(const struct follow *follow, const struct listing *listing,
                      struct share *part) {
    int first = part->end, end = first + 1;
    if (first >= listing->count) {
        return false;
    }
    const char *path = listing->path[first];
    size_t length = folder_length(path), root = strlen(follow->folder);
    while (end < listing->count && folder_length(listing->path[end]) == length &&
           strncmp(listing->path[end], path, length) == 0) {
        end++;
    }
    part->first = first;
    part->end = end;
    if (follow->single || length <= root) { // the folder itself
        const char *slash = strrchr(follow->folder, '/');
        text_set(part->name, sizeof part->name, "%s", slash ? slash + 1 : follow->folder);
    } else {
        char below[EVENT_PATH];
        text_set(below, sizeof below, "%.*s", (int)(length - root - 1), path + root + 1);
        text_tail(part->name, sizeof part->name, below);
    }
    return true;
}

/* Folders of what is held out, and beside which one they belong to, if not to the one above. */
static const char *const held_out_names[] = { "validation", "val", "valid", "eval", "test" };
static const char beside[] = "train";

/* The folder of a part; false where its name is not one of those. */
static bool may_be_held_out(const struct listing *listing, const struct share *part,
                            char folder[EVENT_PATH]) {
    const char *path = listing->path[part->first];
    text_set(folder, EVENT_PATH, "%.*s", (int)folder_length(path), path);
    const char *slash = strrchr(folder, '/');
    return slash && text_find(slash + 1, held_out_names, ARRAY_LEN(held_out_names)) >= 0;
}

/* Is a folder where that of a run is whose held-out part is in `folder`? */
static bool belongs(const char *folder, const char *path, size_t length) {
    size_t above = folder_length(folder);
    const char *rest = path + above;
    return length >= above && strncmp(folder, path, above) == 0 &&
           (length == above || (length == above + 1 + strlen(beside) &&
                                strncmp(rest + 1, beside, strlen(beside)) == 0));
}

struct peek {
    const struct follow_patterns *patterns;
    bool found;
};

static void peek_value(void *context, const struct event_value *value) {
    struct peek *peek = context;
    char name[SNAPSHOT_NAME];
    peek->found =
        peek->found || (value->is_histogram && follow_kind_of(peek->patterns, value->tag, true,
                                                              name, sizeof name) != FOLLOW_IGNORED);
}

/* Do the first records of a run tell of a layer? */
static bool has_layers(struct follow *follow, const struct listing *listing,
                       const struct share *part) {
    struct peek peek = { &follow->patterns, false };
    for (int i = part->first; i < part->end && !peek.found; i++) {
        struct event_reader *reader = malloc(sizeof *reader);
        if (!reader) {
            follow->starved = true;
            return false;
        }
        event_reader_init(reader, listing->path[i]);
        while (!peek.found && reader->records < PEEKED && event_reader_next(reader)) {
            event_reader_values(reader, peek_value, &peek);
        }
        follow->starved = follow->starved || event_reader_starved(reader);
        event_reader_finish(reader);
        free(reader);
    }
    return peek.found;
}

/* Is it no run, but the held-out part of that one? Layers are of a run. */
static bool is_held_out_of(struct follow *follow, const struct listing *listing,
                           const struct share *part, const struct share *whole) {
    char folder[EVENT_PATH];
    const char *path = listing->path[whole->first];
    return may_be_held_out(listing, part, folder) && belongs(folder, path, folder_length(path)) &&
           !has_layers(follow, listing, part);
}

static bool is_held_out(struct follow *follow, const struct listing *listing,
                        const struct share *part) {
    char folder[EVENT_PATH];
    bool found = false;
    if (may_be_held_out(listing, part, folder)) {
        for (struct share whole = { .end = 0 }; !found && next_part(follow, listing, &whole);) {
            found = is_held_out_of(follow, listing, part, &whole);
        }
    }
    return found;
}

static bool is_wanted(const struct follow *follow, const struct share *part, int which) {
    return strcmp(part->name, follow->wanted[which]) == 0;
}

/* The parts that are shown; how many those are. Runs that have been chosen stay. */
static int choose(struct follow *follow, const struct listing *listing,
                  struct share chosen[SNAPSHOT_RUNS]) {
    int count = 0, most = follow->wants > 0 ? follow->wants : SNAPSHOT_RUNS;
    struct share part = { .end = 0 }, first = { .end = 0 };
    bool any = false;
    for (int i = 0; i < follow->wants; i++) {
        for (part.end = 0; next_part(follow, listing, &part);) {
            if (is_wanted(follow, &part, i)) {
                chosen[count++] = part;
                break;
            }
        }
    }
    for (part.end = 0; follow->wants == 0 && count < most && next_part(follow, listing, &part);) {
        if (is_held_out(follow, listing, &part)) {
            continue;
        }
        first = any ? first : part;
        any = true;
        if (has_layers(follow, listing, &part)) {
            chosen[count++] = part;
        }
    }
    if (count == 0 && any) { // scalars alone are better than nothing
        chosen[count++] = first;
    }
    return count;
}

void scan_forget(struct follow_run *run) {
    for (int i = 0; i < run->files; i++) {
        event_reader_finish(&run->file[i]->reader);
        free(run->file[i]);
    }
    memset(run, 0, sizeof *run);
}

static void open_files(struct follow *follow, struct follow_run *run, const struct listing *listing,
                       const struct share *part, bool held_out) {
    for (int i = part->first; i < part->end && run->files < FOLLOW_FILES; i++) {
        bool known = false;
        for (int k = 0; k < run->files; k++) {
            known = known || strcmp(run->file[k]->reader.path, listing->path[i]) == 0;
        }
        struct follow_file *file = known ? NULL : calloc(1, sizeof *file);
        follow->starved = follow->starved || (!known && !file);
        if (file) {
            event_reader_init(&file->reader, listing->path[i]);
            file->held_out = held_out;
            run->file[run->files++] = file;
        }
    }
}

static int count_parts(struct follow *follow, const struct listing *listing) {
    struct share part = { .end = 0 };
    int count = 0;
    while (next_part(follow, listing, &part)) {
        count += !is_held_out(follow, listing, &part);
    }
    return count;
}

/* What was held out of it, too. */
static void open_run(struct follow *follow, struct follow_run *run, const struct listing *listing,
                     const struct share *whole) {
    open_files(follow, run, listing, whole, false);
    for (struct share part = { .end = 0 }; next_part(follow, listing, &part);) {
        if (is_held_out_of(follow, listing, &part, whole)) {
            open_files(follow, run, listing, &part, true);
        }
    }
}

bool scan_files(struct follow *follow) {
    struct listing *listing = list_files(follow);
    struct share chosen[SNAPSHOT_RUNS];
    follow->starved = !listing || listing->incomplete;
    if (!listing) {
        return false; // next time, perhaps
    }
    follow->bars = listing->bars;
    memcpy(follow->barred, listing->barred, sizeof follow->barred);
    int count = choose(follow, listing, chosen);
    bool others = count != follow->runs;
    for (int r = 0; r < count && !others; r++) {
        others = strcmp(chosen[r].name, follow->run[r].name) != 0;
    }
    for (int r = 0; r < SNAPSHOT_RUNS && others; r++) {
        scan_forget(&follow->run[r]);
    }
    for (int r = 0; r < count; r++) {
        text_set(follow->run[r].name, FOLLOW_NAME, "%s", chosen[r].name);
        open_run(follow, &follow->run[r], listing, &chosen[r]);
    }
    follow->runs = count;
    follow->runs_there = count_parts(follow, listing);
    forget_listing(listing);
    return others;
}

bool scan_finds_wanted(struct follow *follow, char *problem) {
    if (follow->runs >= follow->wants) {
        return true;
    }
    struct listing *listing = list_files(follow);
    bool found = false;
    if (!listing || listing->incomplete) {
        text_set(problem, FOLLOW_PROBLEM, "Memory ran out for the files in the folder.");
        forget_listing(listing);
        return false;
    }
    char names[256] = "", shown[128];
    for (int i = 0; i < follow->wants; i++) {
        struct share part = { .end = 0 };
        names[0] = '\0';
        for (found = false; next_part(follow, listing, &part);) {
            found = found || is_wanted(follow, &part, i);
            text_append(names, sizeof names, "%s%s", names[0] ? ", " : "", part.name);
        }
        if (!found) {
            text_tail(shown, sizeof shown, follow->folder);
            text_set(problem, FOLLOW_PROBLEM, "--runs: there is no run '%s' in %s. There is: %s.",
                     follow->wanted[i], shown, names[0] ? names : "none yet");
            break;
        }
    }
    forget_listing(listing);
    return found;
}
