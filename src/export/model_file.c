#include "export/model_file.h"

#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/text.h"
#include "export/npz_parts.h"
#include "lab/experiment_ini.h"
#include "lab/model.h"

/* An array of the archive; data is the run's unless it is the count. */
struct member {
    char name[MODEL_NAME];
    const char *type;
    struct npz_shape shape;
    const void *data;
    int64_t count;
    unsigned char header[NPZ_HEADER];
};

struct members {
    struct member *of;
    int count, room;
    char text[MODEL_TEXT]; // of the experiment
};

/* NULL if memory runs out. */
static struct member *new_member(struct members *members, const char *name) {
    if (members->count == members->room) {
        int room = members->room > 0 ? 2 * members->room : 64;
        struct member *more = realloc(members->of, (size_t)room * sizeof *more);
        if (!more) {
            return NULL;
        }
        members->of = more;
        members->room = room;
    }
    struct member *member = &members->of[members->count++];
    memset(member, 0, sizeof *member);
    text_set(member->name, sizeof member->name, "%s", name);
    return member;
}

static bool note_array(void *context, const struct model_array *array) {
    struct member *member = new_member(context, array->name);
    if (member) {
        member->type = NPZ_FLOAT32;
        member->data = array->values;
        member->shape =
            (struct npz_shape){ array->rank, { array->size[0], array->size[1], array->size[2] } };
    }
    return member != NULL;
}

static bool note_count(void *context, const struct model_count *count) {
    struct member *member = new_member(context, count->name);
    if (member) {
        member->type = NPZ_INT64;
        member->count = count->value;
    }
    return member != NULL;
}

static bool note_experiment(struct members *members, const struct experiment *experiment) {
    int length = experiment_print_ini(experiment, members->text, sizeof members->text);
    struct member *member = new_member(members, "experiment");
    if (member) {
        member->type = NPZ_UINT8;
        member->shape = (struct npz_shape){ 1, { length } };
        member->data = members->text;
    }
    return member != NULL;
}

static bool add_all(void *context, zip_t *zip) {
    struct members *members = context;
    for (int i = 0; i < members->count; i++) {
        struct member *member = &members->of[i];
        const void *data = member->data ? member->data : &member->count;
        if (!npz_add_array(zip, member->name, member->type, &member->shape, data, member->header)) {
            return false;
        }
    }
    return true;
}

bool model_file_write(const char *path, struct run *run, char *problem) {
    struct file_writer writer;
    if (!file_writer_open(&writer, path, problem)) {
        return false;
    }
    struct members *members = calloc(1, sizeof *members);
    const struct model_visitor visitor = { members, note_array, note_count };
    bool noted =
        members && note_experiment(members, &run->experiment) && model_visit(run, &visitor);
    bool written =
        noted ? npz_write(&writer, add_all, members, problem) : file_no_memory(path, problem);
    free(members ? members->of : NULL);
    free(members);
    return file_writer_close(&writer, written, problem);
}
