/*
 * shot.h - a picture is its experiment: what a PNG of ours carries as text chunks, an SVG as
 * metadata.
 *
 *     Software                 layerscope and its version
 *     layerscope:version       the version alone
 *     layerscope:experiment    the experiment and what was changed while it trained, as INI
 *     layerscope:step          updates that had been made
 *     layerscope:seed          of the experiment, which has it, too
 *     layerscope:pretraining   updates of RBMs that had been made, where there were some
 *     layerscope:digest        of what was measured (measure/digest.h)
 *     layerscope:look          what was looked at (look_text.h)
 *     layerscope:ghost         step of the pinned ghost, where training comes by it
 *     layerscope:title         of a figure, where it was given; likewise layerscope:caption
 *     layerscope:scale         pixels per point
 *     layerscope:inexact       why it cannot be replayed exactly, where that is so
 *
 * A picture of no run yet has no step and no digest; one of somebody else's training has the first
 * line alone.
 *
 * Memory: plain structs, but for what shot_read() hands over. Threads: any.
 */
#ifndef APP_SHOT_H
#define APP_SHOT_H

#include "export/png_file.h"
#include "lab/replay.h"
#include "measure/digest.h"

enum { SHOT_LOOK = 2048, SHOT_WORD = 64, SHOT_TEXTS = 13, SHOT_SENTENCE = 400, SHOT_TITLE = 1024 };

/* The chunks, with room for what they say; large. */
struct shot_texts {
    int count;
    struct png_text text[SHOT_TEXTS];
    char value[SHOT_TEXTS][SHOT_WORD];
    char look[SHOT_LOOK];
    char experiment[REPLAY_TEXT];
};

/* What there is to say about a picture. */
struct shot_source {
    const struct replay *replay; // up to the snapshot; NULL: nothing can be done again
    const struct snapshot *snapshot;
    const char *look;
    double scale;
    const char *title, *caption; // of a figure, where they were given; else NULL
};

/* Fill texts, which must stay where they are as long as texts->text is used. */
void shot_print(struct shot_texts *texts, const struct shot_source *source);

/* What a picture said of itself, beside the experiment. */
struct shot {
    bool there;
    bool altered; // by options: there is nothing to compare any more
    bool has_digest;
    uint64_t digest;
    int64_t step, pretrained;
    int64_t ghost;           // below 0: none
    char version[SHOT_WORD]; // empty: not said
    char inexact[SHOT_WORD]; // empty: it can be replayed exactly
    char look[SHOT_LOOK];    // empty: not said
    bool has_title, has_caption;
    char title[SHOT_TITLE], caption[SHOT_TITLE];
    double scale;               // 0: not said
    int width, height;          // pixels; 0: not said
    char damage[2 * SHOT_WORD]; // of the file, half a sentence; empty: none
};

/* Is the file a picture, of whomever? */
bool shot_is_picture(const char *path);

/*
 * Read a picture. *experiment is the INI text, which the caller frees. Returns false with one
 * sentence in problem (EXPERIMENT_PROBLEM bytes) if it cannot be read or carries no experiment.
 */
bool shot_read(struct shot *shot, const char *path, char **experiment, char *problem);

/*
 * Are the numbers of a replay those of the picture? One sentence about it (SHOT_SENTENCE bytes),
 * and false if they should be, but are not.
 */
bool shot_compare(const struct shot *shot, const struct snapshot *snapshot, char *sentence);

#endif
