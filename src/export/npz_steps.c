#include "export/npz_steps.h"

#include <errno.h>
#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "base/file.h"
#include "base/text.h"
#include "export/npz_parts.h"
#include "export/quantity.h"

enum { MEMBER_NAME = 64, FIRST_ROOM = 128 };

/* One array. Each step's part of it stands at the same place of that step's record. */
struct member {
    char name[MEMBER_NAME];
    const char *type;
    struct npz_shape of_step; // without the first axis
    size_t offset, size;      // in a record, bytes
    bool compressed;
};

struct npz_steps {
    struct file_writer writer;
    FILE *spool; // the records, one after the other
    struct member *members;
    int count, room;
    int steps;
    size_t record;                // bytes of a step
    bool failed;                  // memory ran out
    const unsigned char *records; // of the spool, while the archive is written
    unsigned char edges_header[NPZ_HEADER];
    double log_edges[LOG_HISTOGRAM_BINS + 1];
};

/* A member as the zip reads it. */
struct reading {
    const struct npz_steps *steps;
    const struct member *member;
    unsigned char header[NPZ_HEADER];
    uint64_t at, size;
};

static size_t entries_of(const struct npz_shape *shape) {
    size_t entries = 1;
    for (int i = 0; i < shape->rank; i++) {
        entries *= (size_t)shape->size[i];
    }
    return entries;
}

/* Known from the first step on, which names the members in the order of a record. */
static void name_member(struct npz_steps *steps, const struct member *member, size_t width) {
    if (steps->steps > 0 || steps->failed) {
        return;
    }
    if (steps->count == steps->room) {
        int room = steps->room > 0 ? 2 * steps->room : FIRST_ROOM;
        struct member *more = realloc(steps->members, (size_t)room * sizeof *more);
        if (!more) {
            steps->failed = true;
            return;
        }
        steps->members = more;
        steps->room = room;
    }
    struct member *added = &steps->members[steps->count++];
    *added = *member;
    added->offset = steps->record;
    added->size = width * entries_of(&member->of_step);
    steps->record += added->size;
}

static void put(struct npz_steps *steps, const void *data, size_t size) {
    (void)fwrite(data, 1, size, steps->spool); // the stream remembers a failure
}

/* One quantity of one run, or of both: its layers first..last, or just 0. */
struct stack {
    const struct quantity *quantity;
    struct quantity_place place;
    char name[MEMBER_NAME];
    int first, last;
};

static struct npz_shape shape_of(const struct stack *stack) {
    if (stack->first == 0) {
        return (struct npz_shape){ .rank = 0 };
    }
    return (struct npz_shape){ .rank = 1, .size = { stack->last - stack->first + 1 } };
}

static struct member member_of(const struct stack *stack, const char *part, const char *type) {
    struct member member = { .type = type, .of_step = shape_of(stack) };
    text_set(member.name, sizeof member.name, "%s%s", stack->name, part);
    return member;
}

static void put_values(struct npz_steps *steps, struct stack *stack) {
    const struct member member = member_of(stack, "", NPZ_FLOAT64);
    name_member(steps, &member, sizeof(double));
    for (int l = stack->first; l <= stack->last; l++) {
        stack->place.layer = l;
        bool known = quantity_known(stack->quantity, &stack->place);
        double value = known ? quantity_value(stack->quantity, &stack->place) : (double)NAN;
        put(steps, &value, sizeof value);
    }
}

static const void *histogram_at(struct stack *stack, int layer) {
    stack->place.layer = layer;
    return stack->quantity->kind == QUANTITY_HISTOGRAM
               ? (const void *)quantity_histogram(stack->quantity, &stack->place)
               : (const void *)quantity_log_histogram(stack->quantity, &stack->place);
}

static void put_ends(struct npz_steps *steps, struct stack *stack, const char *part, bool high) {
    const struct member member = member_of(stack, part, NPZ_FLOAT64);
    name_member(steps, &member, sizeof(double));
    for (int l = stack->first; l <= stack->last; l++) {
        const struct histogram *histogram = histogram_at(stack, l);
        put(steps, high ? &histogram->high : &histogram->low, sizeof(double));
    }
}

static void put_specials(struct npz_steps *steps, struct stack *stack) {
    for (int i = 0; i < quantity_special_count; i++) {
        const struct quantity_special *special = &quantity_specials[i];
        if (!quantity_special_fits(special, stack->quantity->kind,
                                   stack->place.snapshot->watched.active)) {
            continue;
        }
        char part[MEMBER_NAME];
        text_set(part, sizeof part, ".%s", special->name);
        const struct member member = member_of(stack, part, NPZ_INT64);
        name_member(steps, &member, sizeof(int64_t));
        for (int l = stack->first; l <= stack->last; l++) {
            int64_t count = (int64_t)quantity_special(special, histogram_at(stack, l));
            put(steps, &count, sizeof count);
        }
    }
}

static void put_histograms(struct npz_steps *steps, struct stack *stack) {
    bool linear = stack->quantity->kind == QUANTITY_HISTOGRAM;
    int bins = linear ? HISTOGRAM_BINS : LOG_HISTOGRAM_BINS;
    if (linear) {
        put_ends(steps, stack, ".low", false);
        put_ends(steps, stack, ".high", true);
    }
    put_specials(steps, stack);
    struct member member = member_of(stack, ".counts", NPZ_UINT32);
    member.of_step.size[member.of_step.rank++] = bins;
    member.compressed = true; // most bins are empty
    name_member(steps, &member, sizeof(uint32_t));
    for (int l = stack->first; l <= stack->last; l++) {
        const void *histogram = histogram_at(stack, l);
        const uint32_t *counts = linear ? ((const struct histogram *)histogram)->counts
                                        : ((const struct log_histogram *)histogram)->counts;
        put(steps, counts, (size_t)bins * sizeof *counts);
    }
}

static void put_quantity(struct npz_steps *steps, const struct quantity *quantity,
                         const struct snapshot *snapshot, int r) {
    struct stack stack = { .quantity = quantity, .place = { .snapshot = snapshot } };
    bool shared = quantity->scope == QUANTITY_OF_STEP;
    if (!shared) {
        stack.place.run = &snapshot->run[r];
    }
    bool layers = quantity->scope == QUANTITY_OF_HIDDEN || quantity->scope == QUANTITY_OF_LAYER;
    if (layers) {
        stack.first = 1;
        stack.last = stack.place.run->layers + (quantity->scope == QUANTITY_OF_LAYER);
    }
    text_set(stack.name, sizeof stack.name, "%s%s%s", shared ? "" : quantity_run_names[r],
             shared ? "" : ".", quantity->name);
    if (quantity_is_histogram(quantity)) {
        put_histograms(steps, &stack);
    } else {
        put_values(steps, &stack);
    }
}

/* errno may tell why. */
static bool spool_failed(const struct npz_steps *steps, char *problem) {
    text_set(problem, FILE_PROBLEM_MAX, "cannot write %s: its temporary file: %s",
             steps->writer.path, strerror(errno != 0 ? errno : EIO));
    return false;
}

struct npz_steps *npz_steps_open(const char *path, char *problem) {
    struct npz_steps *steps = calloc(1, sizeof *steps);
    if (!steps) {
        file_no_memory(path, problem);
        return NULL;
    }
    for (int i = 0; i <= LOG_HISTOGRAM_BINS; i++) {
        steps->log_edges[i] = quantity_log_edge(i);
    }
    if (!file_writer_open(&steps->writer, path, problem)) {
        free(steps);
        return NULL;
    }
    steps->spool = tmpfile();
    if (!steps->spool) {
        text_set(problem, FILE_PROBLEM_MAX, "cannot write %s: no temporary file: %s", path,
                 strerror(errno));
        file_writer_abandon(&steps->writer);
        free(steps);
        return NULL;
    }
    return steps;
}

bool npz_steps_add(struct npz_steps *steps, const struct snapshot *snapshot, char *problem) {
    errno = 0;
    for (int r = 0; r < snapshot->runs; r++) {
        for (int i = 0; i < quantity_count; i++) {
            if (quantities[i].scope != QUANTITY_OF_STEP || r == 0) {
                put_quantity(steps, &quantities[i], snapshot, r);
            }
        }
    }
    steps->steps++;
    if (steps->failed) {
        return file_no_memory(steps->writer.path, problem);
    }
    return !ferror(steps->spool) || spool_failed(steps, problem);
}

/* The header first, then each step's part of the member. */
static zip_int64_t read_member(struct reading *reading, unsigned char *data, uint64_t most) {
    const struct npz_steps *steps = reading->steps;
    const struct member *member = reading->member;
    uint64_t done = 0;
    while (done < most && reading->at < reading->size) {
        const unsigned char *from = reading->header + reading->at;
        uint64_t left = NPZ_HEADER - reading->at;
        if (reading->at >= NPZ_HEADER) {
            uint64_t place = reading->at - NPZ_HEADER, within = place % member->size;
            from = steps->records + place / member->size * steps->record + member->offset + within;
            left = member->size - within;
        }
        left = left < most - done ? left : most - done;
        memcpy(data + done, from, left);
        done += left;
        reading->at += left;
    }
    return (zip_int64_t)done;
}

static zip_int64_t answer(void *user, void *data, zip_uint64_t size, zip_source_cmd_t command) {
    struct reading *reading = user;
    switch (command) {
    case ZIP_SOURCE_OPEN:
        reading->at = 0;
        return 0;
    case ZIP_SOURCE_READ:
        return read_member(reading, data, size);
    case ZIP_SOURCE_STAT:
        zip_stat_init(data);
        ((zip_stat_t *)data)->valid = ZIP_STAT_SIZE;
        ((zip_stat_t *)data)->size = reading->size;
        return sizeof(zip_stat_t);
    case ZIP_SOURCE_ERROR: // there is none: all is in memory
        memset(data, 0, size);
        return 2 * sizeof(int);
    case ZIP_SOURCE_FREE:
        free(reading);
        return 0;
    case ZIP_SOURCE_SUPPORTS:
        return ZIP_SOURCE_SUPPORTS_READABLE;
    default:
        return 0;
    }
}

static bool add_member(const struct npz_steps *steps, const struct member *member, zip_t *zip) {
    struct reading *reading = malloc(sizeof *reading);
    if (!reading) {
        return false;
    }
    *reading = (struct reading){ .steps = steps, .member = member };
    reading->size = NPZ_HEADER + (uint64_t)steps->steps * member->size;
    struct npz_shape shape = { .rank = member->of_step.rank + 1, .size = { steps->steps } };
    for (int i = 1; i < shape.rank; i++) {
        shape.size[i] = member->of_step.size[i - 1];
    }
    npz_header(reading->header, member->type, &shape);
    zip_source_t *source = zip_source_function(zip, answer, reading);
    if (!source) {
        free(reading);
        return false;
    }
    return npz_add(zip, member->name, source, member->compressed);
}

static bool add_edges(struct npz_steps *steps, zip_t *zip) {
    unsigned char *header = steps->edges_header;
    npz_header(header, NPZ_FLOAT64, &(struct npz_shape){ 1, { LOG_HISTOGRAM_BINS + 1 } });
    zip_buffer_fragment_t pieces[2] = {
        { header, NPZ_HEADER }, { (zip_uint8_t *)steps->log_edges, sizeof steps->log_edges }
    };
    zip_source_t *source = zip_source_buffer_fragment(zip, pieces, 2, 0);
    return source && npz_add(zip, "log_edges", source, false);
}

static bool add_all(void *context, zip_t *zip) {
    struct npz_steps *steps = context;
    bool good = add_edges(steps, zip);
    for (int i = 0; i < steps->count && good; i++) {
        good = add_member(steps, &steps->members[i], zip);
    }
    return good;
}

static bool write_archive(struct npz_steps *steps, char *problem) {
    size_t size = (size_t)steps->steps * steps->record;
    errno = 0;
    void *records = MAP_FAILED;
    if (fflush(steps->spool) == 0 && !ferror(steps->spool)) {
        records = mmap(NULL, size, PROT_READ, MAP_PRIVATE, fileno(steps->spool), 0);
    }
    if (records == MAP_FAILED) {
        return spool_failed(steps, problem);
    }
    steps->records = records;
    bool written = npz_write(&steps->writer, add_all, steps, problem);
    munmap(records, size);
    return written;
}

bool npz_steps_close(struct npz_steps *steps, bool complete, char *problem) {
    bool written = complete && write_archive(steps, problem);
    bool good = file_writer_close(&steps->writer, written, problem) || !complete;
    fclose(steps->spool);
    free(steps->members);
    free(steps);
    return good;
}
