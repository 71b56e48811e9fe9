#include "export/zip_stream.h"

#include <errno.h>
#include <stdlib.h>

struct zip_stream {
    FILE *stream; // borrowed
    zip_error_t error;
};

static zip_int64_t failed(struct zip_stream *out, int code, int system_code) {
    zip_error_set(&out->error, code, system_code);
    return -1;
}

/* Of the reading half libzip asks only this: an empty archive is one to be made anew. */
static zip_int64_t describe(struct zip_stream *out, void *data, zip_uint64_t size) {
    if (size < sizeof(zip_stat_t)) {
        return failed(out, ZIP_ER_INVAL, 0);
    }
    zip_stat_t *about = data;
    zip_stat_init(about);
    about->valid = ZIP_STAT_SIZE;
    about->size = 0;
    return sizeof *about;
}

static zip_int64_t write_bytes(struct zip_stream *out, const void *data, zip_uint64_t size) {
    size_t written = fwrite(data, 1, size, out->stream);
    return written == size ? (zip_int64_t)written : failed(out, ZIP_ER_WRITE, errno);
}

static zip_int64_t seek(struct zip_stream *out, void *data, zip_uint64_t size) {
    const zip_source_args_seek_t *to =
        ZIP_SOURCE_GET_ARGS(zip_source_args_seek_t, data, size, &out->error);
    if (!to) {
        return -1;
    }
    int result = fseeko(out->stream, (off_t)to->offset, to->whence);
    return result == 0 ? 0 : failed(out, ZIP_ER_SEEK, errno);
}

static zip_int64_t tell(struct zip_stream *out) {
    off_t position = ftello(out->stream);
    return position >= 0 ? position : failed(out, ZIP_ER_TELL, errno);
}

static zip_int64_t answer(void *user, void *data, zip_uint64_t size, zip_source_cmd_t command) {
    struct zip_stream *out = user;
    switch (command) {
    case ZIP_SOURCE_SUPPORTS:
        // libzip opens no archive that it could not read, although an empty one is never read
        return ZIP_SOURCE_SUPPORTS_WRITABLE;
    case ZIP_SOURCE_STAT:
        return describe(out, data, size);
    case ZIP_SOURCE_WRITE:
        return write_bytes(out, data, size);
    case ZIP_SOURCE_SEEK_WRITE:
        return seek(out, data, size);
    case ZIP_SOURCE_TELL_WRITE:
        return tell(out);
    case ZIP_SOURCE_ERROR:
        return zip_error_to_data(&out->error, data, size);
    case ZIP_SOURCE_OPEN:
    case ZIP_SOURCE_CLOSE:
    case ZIP_SOURCE_BEGIN_WRITE:
    case ZIP_SOURCE_COMMIT_WRITE:
    case ZIP_SOURCE_ROLLBACK_WRITE:
    case ZIP_SOURCE_REMOVE:
        return 0;
    case ZIP_SOURCE_FREE:
        zip_error_fini(&out->error);
        free(out);
        return 0;
    default:
        return failed(out, ZIP_ER_OPNOTSUPP, 0);
    }
}

zip_t *zip_stream_open(FILE *stream, zip_error_t *error) {
    struct zip_stream *out = malloc(sizeof *out);
    if (!out) {
        zip_error_set(error, ZIP_ER_MEMORY, 0);
        return NULL;
    }
    out->stream = stream;
    zip_error_init(&out->error);
    zip_source_t *source = zip_source_function_create(answer, out, error);
    if (!source) {
        free(out);
        return NULL;
    }
    zip_t *zip = zip_open_from_source(source, ZIP_TRUNCATE, error);
    if (!zip) {
        zip_source_free(source);
    }
    return zip;
}
