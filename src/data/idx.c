#include "data/idx.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <zlib.h>

#include "base/memory.h"
#include "base/require.h"
#include "base/text.h"

enum {
    INPUT_SIZE = 1 << 16,
    OUTPUT_STEP = 1 << 30, // zlib counts in unsigned int
    GZIP_WINDOW = 15 + 16, // the largest window, gzip framing
    DEFLATE_RATIO = 1032,  // no deflate stream grows by more
    UNSIGNED_BYTE = 8,     // the type
    MAX_HEADER = 4 + 4 * IDX_MAX_DIMENSIONS
};

/* A file that is being read, unpacked on the way if it is compressed. */
struct source {
    FILE *file;
    uint64_t file_size;
    bool compressed;
    bool ended; // the gzip stream is complete and its checksum right
    z_stream stream;
    unsigned char input[INPUT_SIZE];
    char name[IDX_NAME_SHOWN];
    char *problem;
    size_t problem_size;
};

/* "file: reason" as the problem; always false. */
__attribute__((format(printf, 2, 3))) static bool fail(struct source *source, const char *format,
                                                       ...) {
    char reason[256];
    va_list args;
    va_start(args, format);
    vsnprintf(reason, sizeof reason, format, args);
    va_end(args);
    text_set(source->problem, source->problem_size, "%s: %s", source->name, reason);
    return false;
}

static bool source_open(struct source *source, const char *path) {
    struct stat info;
    text_tail(source->name, sizeof source->name, path);
    // stat() first: to open a pipe would wait for its writer
    if (stat(path, &info) != 0 || (S_ISREG(info.st_mode) && !(source->file = fopen(path, "rb")))) {
        text_set(source->problem, source->problem_size, "cannot read %s: %s", source->name,
                 strerror(errno));
        return false;
    }
    if (!source->file) {
        return fail(source, "not a file that can be read");
    }
    source->file_size = (uint64_t)info.st_size;
    unsigned char magic[2] = { 0 };
    source->compressed =
        fread(magic, 1, 2, source->file) == 2 && magic[0] == 0x1F && magic[1] == 0x8B;
    rewind(source->file);
    if (source->compressed && inflateInit2(&source->stream, GZIP_WINDOW) != Z_OK) {
        source->compressed = false;
        return fail(source, "memory ran out for unpacking it");
    }
    return true;
}

static void source_close(struct source *source) {
    if (source->compressed) {
        inflateEnd(&source->stream);
    }
    if (source->file) {
        fclose(source->file);
    }
}

static bool read_failed(struct source *source) {
    return fail(source, "cannot read on after byte %lld of the file: %s",
                (long long)ftello(source->file), strerror(errno));
}

static bool refill(struct source *source) {
    source->stream.next_in = source->input;
    source->stream.avail_in = (uInt)fread(source->input, 1, INPUT_SIZE, source->file);
    if (ferror(source->file)) {
        return read_failed(source);
    }
    if (source->stream.avail_in == 0) {
        return fail(source, "its gzip stream breaks off at byte %llu of the file",
                    (unsigned long long)source->file_size);
    }
    return true;
}

static bool unpack(struct source *source, uint8_t *out, size_t size, size_t *got) {
    z_stream *stream = &source->stream;
    while (*got < size && !source->ended) {
        if (stream->avail_in == 0 && !refill(source)) {
            return false;
        }
        size_t room = size - *got;
        uInt step = room < OUTPUT_STEP ? (uInt)room : OUTPUT_STEP;
        stream->next_out = out + *got;
        stream->avail_out = step;
        int status = inflate(stream, Z_NO_FLUSH);
        *got += step - stream->avail_out;
        source->ended = status == Z_STREAM_END;
        if (status == Z_MEM_ERROR) {
            return fail(source, "memory ran out for unpacking it");
        }
        if (status != Z_STREAM_END && status != Z_OK && status != Z_BUF_ERROR) {
            return fail(source, "its gzip stream is damaged before byte %llu of the file (%s)",
                        (unsigned long long)stream->total_in,
                        stream->msg ? stream->msg : "unknown reason");
        }
    }
    return true;
}

/* The next size bytes; fewer in *got only at the end of the data. */
static bool source_read(struct source *source, uint8_t *out, size_t size, size_t *got) {
    *got = 0;
    if (source->compressed) {
        return unpack(source, out, size, got);
    }
    *got = fread(out, 1, size, source->file);
    return !ferror(source->file) || read_failed(source);
}

static bool read_header(struct source *source, struct idx *idx) {
    uint8_t header[MAX_HEADER] = { 0 };
    size_t got, size = idx_header_size(idx->dimensions);
    if (!source_read(source, header, size, &got)) {
        return false;
    }
    const uint8_t expected[4] = { 0, 0, UNSIGNED_BYTE, (uint8_t)idx->dimensions };
    if (got >= 4 && memcmp(header, expected, 4) != 0) {
        return fail(source,
                    "begins with the bytes %02x %02x %02x %02x, expected 00 00 %02x %02x "
                    "(IDX, unsigned bytes, %d dimension%s)",
                    header[0], header[1], header[2], header[3], expected[2], expected[3],
                    idx->dimensions, idx->dimensions == 1 ? "" : "s");
    }
    if (got < size) {
        return fail(source, "ends at byte %zu, inside its header of %zu bytes", got, size);
    }
    for (int i = 0; i < idx->dimensions; i++) {
        const uint8_t *b = header + idx_header_size(i);
        idx->size[i] = (uint32_t)b[0] << 24 | (uint32_t)b[1] << 16 | (uint32_t)b[2] << 8 | b[3];
    }
    return true;
}

/* "60000 x 28 x 28" */
static void print_sizes(const struct idx *idx, char *buffer, size_t size) {
    text_set(buffer, size, "%s", "");
    for (int i = 0; i < idx->dimensions; i++) {
        text_append(buffer, size, "%s%u", i > 0 ? " x " : "", (unsigned)idx->size[i]);
    }
}

/* The product of the sizes, if the file can hold that many bytes. */
static bool count_bytes(struct source *source, struct idx *idx) {
    size_t header = idx_header_size(idx->dimensions);
    uint64_t capacity = source->file_size;
    if (source->compressed &&
        __builtin_mul_overflow(capacity, (uint64_t)DEFLATE_RATIO, &capacity)) {
        capacity = UINT64_MAX;
    }
    char sizes[64];
    print_sizes(idx, sizes, sizeof sizes);
    bool overflow = false;
    idx->count = 1;
    for (int i = 0; i < idx->dimensions; i++) {
        if (idx->size[i] == 0) {
            return fail(source, "bytes 4 to %zu announce %s, expected at least 1 of each",
                        header - 1, sizes);
        }
        overflow |= __builtin_mul_overflow(idx->count, (size_t)idx->size[i], &idx->count);
    }
    if (overflow || capacity < header || idx->count > capacity - header) {
        return fail(source,
                    "bytes 4 to %zu announce %s bytes, but a file of %llu bytes cannot "
                    "hold them",
                    header - 1, sizes, (unsigned long long)source->file_size);
    }
    return true;
}

static bool check_end(struct source *source, const struct idx *idx) {
    uint8_t extra;
    size_t got;
    if (!source_read(source, &extra, 1, &got)) {
        return false;
    }
    if (got > 0) {
        char sizes[64];
        print_sizes(idx, sizes, sizeof sizes);
        return fail(source, "goes on after byte %zu, where the %s bytes its header announces end",
                    idx_header_size(idx->dimensions) + idx->count, sizes);
    }
    bool packed_rest =
        source->compressed && (source->stream.avail_in > 0 || fgetc(source->file) != EOF);
    return !packed_rest || fail(source, "goes on after byte %llu, where its gzip stream ends",
                                (unsigned long long)source->stream.total_in);
}

static bool read_data(struct source *source, struct idx *idx) {
    bool fits = idx->count <= memory_available();
    idx->data = fits ? malloc(idx->count) : NULL;
    if (!idx->data) {
        char bytes[32];
        text_bytes(bytes, sizeof bytes, (double)idx->count);
        return fits ? fail(source, "memory ran out for its %s", bytes)
                    : fail(source, "needs %s of memory, which are not free", bytes);
    }
    size_t got;
    if (!source_read(source, idx->data, idx->count, &got)) {
        return false;
    }
    if (got < idx->count) {
        char sizes[64];
        print_sizes(idx, sizes, sizeof sizes);
        size_t header = idx_header_size(idx->dimensions);
        return fail(source, "ends at byte %zu, expected %zu (a header of %zu and %s)", header + got,
                    header + idx->count, header, sizes);
    }
    return check_end(source, idx);
}

static bool read_file(struct idx *idx, const char *path, int dimensions, bool with_data,
                      char *problem, size_t size) {
    REQUIRE(dimensions >= 1 && dimensions <= IDX_MAX_DIMENSIONS);
    *idx = (struct idx){ .dimensions = dimensions };
    struct source source = { .problem = problem, .problem_size = size };
    bool done = source_open(&source, path) && read_header(&source, idx) &&
                count_bytes(&source, idx) && (!with_data || read_data(&source, idx));
    source_close(&source);
    if (!done) {
        idx_finish(idx);
    }
    return done;
}

bool idx_read(struct idx *idx, const char *path, int dimensions, char *problem, size_t size) {
    return read_file(idx, path, dimensions, true, problem, size);
}

bool idx_read_header(struct idx *idx, const char *path, int dimensions, char *problem,
                     size_t size) {
    return read_file(idx, path, dimensions, false, problem, size);
}

void idx_finish(struct idx *idx) {
    free(idx->data);
    *idx = (struct idx){ 0 };
}
