#include "export/npz_parts.h"

#include <errno.h>
#include <string.h>

#include "base/text.h"
#include "export/zip_stream.h"

enum {
    PREFIX = 10,              // magic, version, length of what follows
    LONGEST_NAME = 96,        // of a member
    DOS_DATE_1980_01_01 = 33, // the earliest a zip can hold: no clock in the file
    FASTEST = 1               // level of compression
};

void npz_header(unsigned char header[NPZ_HEADER], const char *type, const struct npz_shape *shape) {
    char sizes[64] = "", text[NPZ_HEADER];
    for (int i = 0; i < shape->rank; i++) {
        text_append(sizes, sizeof sizes, i > 0 ? ", %d" : "%d", shape->size[i]);
    }
    text_set(text, sizeof text, "{'descr': '%s', 'fortran_order': False, 'shape': (%s%s), }", type,
             sizes, shape->rank == 1 ? "," : "");
    static const unsigned char prefix[PREFIX] = {
        0x93, 'N', 'U', 'M', 'P', 'Y', 1, 0, NPZ_HEADER - PREFIX, 0
    };
    memset(header, ' ', NPZ_HEADER);
    memcpy(header, prefix, PREFIX);
    memcpy(header + PREFIX, text, strlen(text));
    header[NPZ_HEADER - 1] = '\n';
}

bool npz_add(zip_t *zip, const char *name, zip_source_t *source, bool compressed) {
    char file_name[LONGEST_NAME];
    text_set(file_name, sizeof file_name, "%s.npy", name);
    zip_int64_t index = zip_file_add(zip, file_name, source, ZIP_FL_ENC_UTF_8);
    if (index < 0) {
        zip_source_free(source);
        return false;
    }
    zip_int32_t method = compressed ? ZIP_CM_DEFLATE : ZIP_CM_STORE;
    return zip_set_file_compression(zip, (zip_uint64_t)index, method, FASTEST) == 0 &&
           zip_file_set_dostime(zip, (zip_uint64_t)index, 0, DOS_DATE_1980_01_01, 0) == 0;
}

static size_t array_bytes(const char *type, const struct npz_shape *shape) {
    size_t bytes = (size_t)(type[2] - '0'); // as in "<f4"
    for (int i = 0; i < shape->rank; i++) {
        bytes *= (size_t)shape->size[i];
    }
    return bytes;
}

/* Header and data stay two pieces, so that gigabytes of weights are never copied. */
bool npz_add_array(zip_t *zip, const char *name, const char *type, const struct npz_shape *shape,
                   const void *data, unsigned char header[NPZ_HEADER]) {
    if (!data) {
        return true;
    }
    npz_header(header, type, shape);
    zip_buffer_fragment_t pieces[2] = {
        { header, NPZ_HEADER },
        { (zip_uint8_t *)data, array_bytes(type, shape) },
    };
    zip_source_t *source = zip_source_buffer_fragment(zip, pieces, 2, 0);
    return source && npz_add(zip, name, source, false);
}

/*
 * The system's reason where there is one: libzip's own wording hides it behind the operation, and
 * of some writes it forgets that they failed.
 */
static void report(char *problem, const char *path, zip_error_t *error, int last) {
    bool system = zip_error_system_type(error) == ZIP_ET_SYS && zip_error_code_system(error) != 0;
    int code = zip_error_code_zip(error);
    bool memory = code == ZIP_ER_MEMORY || (code == ZIP_ER_OK && last == ENOMEM);
    const char *reason = system              ? strerror(zip_error_code_system(error))
                         : memory            ? "memory ran out"
                         : code == ZIP_ER_OK ? strerror(last ? last : EIO)
                                             : zip_error_strerror(error);
    text_set(problem, FILE_PROBLEM_MAX, "cannot write %s: %s", path, reason);
}

bool npz_write(struct file_writer *writer, bool (*add)(void *context, zip_t *zip), void *context,
               char *problem) {
    zip_error_t error;
    zip_error_init(&error);
    errno = 0;
    zip_t *zip = zip_stream_open(writer->stream, &error);
    bool written = zip && add(context, zip) && zip_close(zip) == 0;
    if (!written) {
        report(problem, writer->path, zip ? zip_get_error(zip) : &error, errno);
    }
    if (!written && zip) {
        zip_discard(zip); // zip_close() frees only what it could write
    }
    zip_error_fini(&error);
    return written;
}
