#include "data/npz_member.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <zip.h>

#include "base/text.h"
#include "data/dataset.h"

enum { DEFLATE_RATIO = 1032 }; // no deflate stream grows by more

bool npz_fail(const struct npz_member *member, const char *format, ...) {
    char reason[256];
    va_list args;
    va_start(args, format);
    vsnprintf(reason, sizeof reason, format, args);
    va_end(args);
    return dataset_file_problem(member->archive->problem, member->archive->path, "%s %s",
                                member->name, reason);
}

bool npz_archive_open(struct npz_archive *archive, const char *path, char *problem) {
    struct stat info;
    *archive = (struct npz_archive){ .path = path, .problem = problem };
    if (stat(path, &info) != 0) {
        return dataset_file_problem(problem, path, "cannot be read: %s", strerror(errno));
    }
    if (!S_ISREG(info.st_mode)) {
        return dataset_file_problem(problem, path, "not a file that can be read");
    }
    int code = 0;
    archive->size = (int64_t)info.st_size;
    archive->zip = zip_open(path, ZIP_RDONLY, &code);
    if (!archive->zip) {
        zip_error_t error;
        zip_error_init_with_code(&error, code);
        dataset_file_problem(problem, path,
                             "cannot be read as the archive that an .npz file is: %s",
                             zip_error_strerror(&error));
        zip_error_fini(&error);
        return false;
    }
    return true;
}

void npz_archive_close(struct npz_archive *archive) {
    if (archive->zip) {
        zip_discard(archive->zip);
    }
    *archive = (struct npz_archive){ 0 };
}

bool npz_archive_name(const struct npz_archive *archive, int64_t index, char name[NPZ_NAME]) {
    static const char ending[] = ".npy";
    if (index >= zip_get_num_entries(archive->zip, 0)) {
        return false;
    }
    const char *entry = zip_get_name(archive->zip, (zip_uint64_t)index, 0);
    size_t length = entry ? strlen(entry) : 0, tail = sizeof ending - 1;
    bool ends = length >= tail && strcmp(entry + length - tail, ending) == 0;
    text_set(name, NPZ_NAME, "%.*s", (int)(ends ? length - tail : length), entry ? entry : "");
    return true;
}

void npz_member_close(struct npz_member *member) {
    if (member->file) {
        zip_fclose(member->file);
    }
    *member = (struct npz_member){ 0 };
}

/* So many bytes, or less at the end of the member; below 0 with a problem. */
static int64_t read_bytes(const struct npz_member *member, uint8_t *out, size_t size) {
    size_t done = 0;
    while (done < size) {
        zip_int64_t got = zip_fread(member->file, out + done, size - done);
        if (got < 0) {
            npz_fail(member, "cannot be unpacked: %s",
                     zip_error_strerror(zip_file_get_error(member->file)));
            return -1;
        }
        if (got == 0) {
            break;
        }
        done += (size_t)got;
    }
    return (int64_t)done;
}

/* What the archive says of the member, if its packed bytes can become so many. */
static bool check_size(const struct npz_member *member, const zip_stat_t *about) {
    const zip_uint64_t needed = ZIP_STAT_SIZE | ZIP_STAT_COMP_SIZE | ZIP_STAT_COMP_METHOD;
    if ((about->valid & needed) != needed ||
        (about->comp_method != ZIP_CM_STORE && about->comp_method != ZIP_CM_DEFLATE)) {
        return npz_fail(member, "is packed in a way that numpy.savez() does not use");
    }
    uint64_t most = about->comp_size;
    if (about->comp_method == ZIP_CM_DEFLATE &&
        __builtin_mul_overflow(most, (uint64_t)DEFLATE_RATIO, &most)) {
        most = UINT64_MAX;
    }
    if (about->comp_size > (uint64_t)member->archive->size || about->size > most) {
        return npz_fail(member,
                        "announces %llu bytes packed in %llu, which a file of %lld bytes "
                        "cannot hold",
                        (unsigned long long)about->size, (unsigned long long)about->comp_size,
                        (long long)member->archive->size);
    }
    return true;
}

static bool read_header(struct npz_member *member, uint64_t size) {
    uint8_t header[NPY_HEADER + NPY_PREFIX];
    char reason[NPY_PROBLEM], shape[96];
    int64_t got = read_bytes(member, header, NPY_PREFIX);
    if (got < NPY_PREFIX) {
        return got < 0 ? false : npz_fail(member, "ends inside its header, at byte %d", (int)got);
    }
    size_t bytes = npy_header_size(header, reason);
    if (bytes == 0) {
        return npz_fail(member, "%s", reason);
    }
    if (bytes < NPY_PREFIX) {
        return npz_fail(member, "has a header of %zu bytes, too few for a shape", bytes);
    }
    got = read_bytes(member, header + NPY_PREFIX, bytes - NPY_PREFIX);
    if (got < (int64_t)(bytes - NPY_PREFIX)) {
        return got < 0 ? false : npz_fail(member, "ends inside its header of %zu bytes", bytes);
    }
    if (!npy_read_header(&member->npy, header, bytes, reason)) {
        return npz_fail(member, "%s", reason);
    }
    uint64_t count = (uint64_t)member->npy.count, item = (uint64_t)member->npy.size;
    if (count > (size - bytes) / item || count * item != size - bytes) {
        npy_print_shape(&member->npy, shape, sizeof shape);
        return npz_fail(member, "announces %s values of %d bytes, but %llu bytes follow", shape,
                        member->npy.size, (unsigned long long)(size - bytes));
    }
    return true;
}

bool npz_member_open(struct npz_member *member, struct npz_archive *archive, const char *name) {
    char file[NPZ_NAME + 8];
    *member = (struct npz_member){ .archive = archive };
    text_set(member->name, sizeof member->name, "%s", name);
    text_set(file, sizeof file, "%s.npy", member->name);
    zip_int64_t index = zip_name_locate(archive->zip, file, ZIP_FL_NOCASE);
    zip_stat_t about;
    if (index < 0) {
        return true;
    }
    if (zip_stat_index(archive->zip, (zip_uint64_t)index, 0, &about) != 0) {
        return npz_fail(member, "cannot be read: %s", zip_strerror(archive->zip));
    }
    if (!check_size(member, &about)) {
        return false;
    }
    member->file = zip_fopen_index(archive->zip, (zip_uint64_t)index, 0);
    if (!member->file) {
        return npz_fail(member, "cannot be read: %s", zip_strerror(archive->zip));
    }
    return read_header(member, about.size);
}

bool npz_say_missing(const struct npz_archive *archive, const char *name) {
    char list[160] = "";
    int64_t count = zip_get_num_entries(archive->zip, 0);
    for (int64_t i = 0; i < count && strlen(list) < 100; i++) {
        const char *entry = zip_get_name(archive->zip, (zip_uint64_t)i, 0);
        text_append(list, sizeof list, "%s%.20s", i > 0 ? ", " : "", entry ? entry : "?");
    }
    return dataset_file_problem(archive->problem, archive->path,
                                "holds no array %s (but %s); numpy.savez(file, x=x, y=y) writes "
                                "what is read",
                                name, list[0] ? list : "nothing at all");
}

bool npz_member_next(struct npz_member *member, uint8_t block[NPZ_BLOCK], size_t *count) {
    size_t item = (size_t)member->npy.size, most = NPZ_BLOCK / item;
    int64_t left = member->npy.count - member->read;
    *count = left < (int64_t)most ? (size_t)left : most;
    int64_t got = read_bytes(member, block, *count * item);
    if (got < (int64_t)(*count * item)) {
        return got < 0 ? false
                       : npz_fail(member, "ends after value %lld of %lld",
                                  (long long)(member->read + got / (int64_t)item),
                                  (long long)member->npy.count);
    }
    if (*count == 0) { // nothing follows, and the checksum is right
        got = read_bytes(member, block, 1);
        return got == 0 || (got > 0 && npz_fail(member, "goes on after its last value"));
    }
    member->read += (int64_t)*count;
    return true;
}
