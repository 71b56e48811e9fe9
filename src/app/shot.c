#include "app/shot.h"

#include <string.h>

#include "base/file.h"
#include "base/require.h"
#include "base/text.h"
#include "draw/canvas.h"
#include "export/svg_texts.h"

#define PREFIX "layerscope:"

/* The next chunk; value is borrowed, or NULL: there is room for a word, which is returned. */
static char *add(struct shot_texts *texts, const char *key, const char *value) {
    REQUIRE(texts->count < SHOT_TEXTS);
    char *word = texts->value[texts->count];
    texts->text[texts->count++] = (struct png_text){ key, value ? value : word };
    return word;
}

static void add_count(struct shot_texts *texts, const char *key, uint64_t count) {
    text_set(add(texts, key, NULL), SHOT_WORD, "%llu", (unsigned long long)count);
}

void shot_print(struct shot_texts *texts, const struct shot_source *source) {
    const struct replay *replay = source->replay;
    texts->count = 0;
    add(texts, "Software", "layerscope " LAYERSCOPE_VERSION);
    if (!replay || source->snapshot->watched.active) { // of others: nothing to do again
        return;
    }
    text_set(texts->look, sizeof texts->look, "%s", source->look);
    replay_print_ini(replay, texts->experiment, sizeof texts->experiment);
    add(texts, PREFIX "version", LAYERSCOPE_VERSION);
    add(texts, PREFIX "experiment", texts->experiment);
    add_count(texts, PREFIX "seed", replay->first.seed);
    if (source->snapshot->has_runs) {
        add_count(texts, PREFIX "step", (uint64_t)replay->step);
        if (replay->pretrained > 0) {
            add_count(texts, PREFIX "pretraining", (uint64_t)replay->pretrained);
        }
        digest_print(digest_snapshot(source->snapshot), add(texts, PREFIX "digest", NULL));
    }
    add(texts, PREFIX "look", texts->look);
    text_set(add(texts, PREFIX "scale", NULL), SHOT_WORD, "%.17g", source->scale);
    if (replay->ghost >= 0 && replay->ghost <= replay->step) {
        add_count(texts, PREFIX "ghost", (uint64_t)replay->ghost);
    }
    if (source->title) {
        add(texts, PREFIX "title", source->title);
    }
    if (source->caption) {
        add(texts, PREFIX "caption", source->caption);
    }
    if (source->snapshot->loaded) {
        text_set(add(texts, PREFIX "inexact", NULL), SHOT_WORD, "it began with weights of a file");
    } else if (replay->lost && replay->step >= replay->lost_step) {
        text_set(add(texts, PREFIX "inexact", NULL), SHOT_WORD,
                 "more than %d settings were changed while it trained", (int)REPLAY_EDITS);
    }
}

/* What is said under that key, cut to size; empty, and false, if nothing is. */
static bool take(const struct png_texts *texts, const char *key, char *value, size_t size) {
    const char *found = png_texts_find(texts, key);
    text_set(value, size, "%s", found ? found : "");
    return found != NULL;
}

static int64_t take_count(const struct png_texts *texts, const char *key) {
    const char *found = png_texts_find(texts, key);
    int64_t count = 0;
    return found && text_to_int64(found, &count) && count >= 0 && count <= EXPERIMENT_MAX_STEP
               ? count
               : 0;
}

/* A size that can be drawn at, or none. */
static void take_size(const struct png_texts *texts, struct shot *shot) {
    const char *found = png_texts_find(texts, PREFIX "scale");
    double scale = 0.0;
    if (found && text_to_double(found, &scale) && scale >= 0.1 && scale <= 16.0 &&
        texts->width > 0 && texts->width <= CANVAS_MAX_SIDE && texts->height > 0 &&
        texts->height <= CANVAS_MAX_SIDE) {
        shot->scale = scale;
        shot->width = texts->width;
        shot->height = texts->height;
    }
}

static void take_all(const struct png_texts *texts, struct shot *shot) {
    const char *digest = png_texts_find(texts, PREFIX "digest");
    *shot = (struct shot){ .there = true,
                           .step = take_count(texts, PREFIX "step"),
                           .pretrained = take_count(texts, PREFIX "pretraining") };
    shot->has_digest = digest && digest_parse(digest, &shot->digest);
    take(texts, PREFIX "version", shot->version, sizeof shot->version);
    take(texts, PREFIX "inexact", shot->inexact, sizeof shot->inexact);
    take(texts, PREFIX "look", shot->look, sizeof shot->look);
    shot->has_title = take(texts, PREFIX "title", shot->title, sizeof shot->title);
    shot->has_caption = take(texts, PREFIX "caption", shot->caption, sizeof shot->caption);
    shot->ghost = png_texts_find(texts, PREFIX "ghost") ? take_count(texts, PREFIX "ghost") : -1;
    take_size(texts, shot);
    text_set(shot->damage, sizeof shot->damage, "%s", texts->damage);
}

bool shot_is_picture(const char *path) {
    return png_texts_is_png(path) || svg_texts_is_svg(path);
}

bool shot_read(struct shot *shot, const char *path, char **experiment, char *problem) {
    struct png_texts texts;
    char reason[FILE_PROBLEM_MAX];
    *experiment = NULL;
    bool svg = svg_texts_is_svg(path);
    if (!(svg ? svg_texts_read : png_texts_read)(&texts, path, reason)) {
        text_tail(problem, EXPERIMENT_PROBLEM, reason);
        return false;
    }
    const char *found = png_texts_find(&texts, PREFIX "experiment");
    if (!found) {
        text_set(problem, EXPERIMENT_PROBLEM, "%.300s carries no experiment: %s.", path,
                 texts.damage[0] ? texts.damage
                                 : "only pictures that layerscope has written and no other program "
                                   "has stripped do");
    } else if (!(*experiment = strdup(found))) {
        text_set(problem, EXPERIMENT_PROBLEM, "Memory ran out.");
    } else {
        take_all(&texts, shot);
    }
    png_texts_finish(&texts);
    return *experiment != NULL;
}

static void say_difference(const struct shot *shot, uint64_t digest, char *sentence) {
    char then[DIGEST_TEXT], now[DIGEST_TEXT];
    digest_print(shot->digest, then);
    digest_print(digest, now);
    text_append(sentence, SHOT_SENTENCE,
                ", but the numbers are not those of the picture (digest %s, not %s)", now, then);
    if (shot->inexact[0]) {
        text_append(sentence, SHOT_SENTENCE, ", for %s.", shot->inexact);
    } else if (strcmp(shot->version, LAYERSCOPE_VERSION) != 0) {
        text_append(sentence, SHOT_SENTENCE, ", which layerscope %.20s made; this is %s.",
                    shot->version[0] ? shot->version : "of another version", LAYERSCOPE_VERSION);
    } else {
        text_append(sentence, SHOT_SENTENCE, ", which another build or processor has made.");
    }
}

bool shot_compare(const struct shot *shot, const struct snapshot *snapshot, char *sentence) {
    uint64_t digest = digest_snapshot(snapshot);
    bool same = digest == shot->digest;
    text_set(sentence, SHOT_SENTENCE, "step %lld replayed", (long long)snapshot->step);
    if (!shot->has_digest) {
        text_append(sentence, SHOT_SENTENCE, "; the picture has no digest to compare with.");
    } else if (same) {
        text_append(sentence, SHOT_SENTENCE, ": the numbers match, digest %016llx.",
                    (unsigned long long)digest);
    } else {
        say_difference(shot, digest, sentence);
    }
    if (shot->damage[0]) {
        text_append(sentence, SHOT_SENTENCE, " The file is damaged: %s.", shot->damage);
    }
    return same || !shot->has_digest;
}
