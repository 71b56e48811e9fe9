#include "data/npy.h"

#include <string.h>

#include "base/text.h"

enum { MAGIC = 6, VERSION_1 = 10, VERSION_2 = 12 }; // bytes before the text

static const uint8_t magic[MAGIC] = { 0x93, 'N', 'U', 'M', 'P', 'Y' };

static const char little_or_big = __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__ ? '<' : '>';

/* A reason as the problem; always false. */
static bool fail(char *problem, const char *reason) {
    text_set(problem, NPY_PROBLEM, "%s", reason);
    return false;
}

size_t npy_header_size(const uint8_t prefix[NPY_PREFIX], char *problem) {
    if (memcmp(prefix, magic, MAGIC) != 0) {
        fail(problem, "does not begin with \\x93NUMPY, so it is no NumPy array");
        return 0;
    }
    if (prefix[6] < 1 || prefix[6] > 3) {
        text_set(problem, NPY_PROBLEM, "is of version %d.%d of the format, expected 1.0 to 3.0",
                 prefix[6], prefix[7]);
        return 0;
    }
    bool first = prefix[6] == 1;
    uint32_t length = (uint32_t)prefix[8] | (uint32_t)prefix[9] << 8;
    length |= first ? 0 : (uint32_t)prefix[10] << 16 | (uint32_t)prefix[11] << 24;
    if (length > NPY_HEADER) {
        text_set(problem, NPY_PROBLEM, "announces a header of %u bytes, expected at most %d",
                 (unsigned)length, NPY_HEADER);
        return 0;
    }
    return length + (first ? VERSION_1 : VERSION_2);
}

/* The text of a header, and how far it has been read. */
struct cursor {
    const char *at, *end;
};

static void skip_spaces(struct cursor *cursor) {
    while (cursor->at < cursor->end && (*cursor->at == ' ' || *cursor->at == '\n')) {
        cursor->at++;
    }
}

/* Pass over a word, if it is the next. */
static bool take(struct cursor *cursor, const char *word) {
    size_t length = strlen(word);
    skip_spaces(cursor);
    if ((size_t)(cursor->end - cursor->at) < length || memcmp(cursor->at, word, length) != 0) {
        return false;
    }
    cursor->at += length;
    return true;
}

/* Text in quotes of either kind, without escapes. */
static bool take_quoted(struct cursor *cursor, char *text, size_t size) {
    skip_spaces(cursor);
    if (cursor->at == cursor->end || (*cursor->at != '\'' && *cursor->at != '"')) {
        return false;
    }
    const char *first = cursor->at + 1;
    const char *last = memchr(first, *cursor->at, (size_t)(cursor->end - first));
    if (!last || (size_t)(last - first) >= size) {
        return false;
    }
    text_set(text, size, "%.*s", (int)(last - first), first);
    cursor->at = last + 1;
    return true;
}

static bool take_number(struct cursor *cursor, int64_t *number) {
    skip_spaces(cursor);
    const char *first = cursor->at;
    *number = 0;
    while (cursor->at < cursor->end && *cursor->at >= '0' && *cursor->at <= '9') {
        if (__builtin_mul_overflow(*number, (int64_t)10, number) ||
            __builtin_add_overflow(*number, (int64_t)(*cursor->at - '0'), number)) {
            return false;
        }
        cursor->at++;
    }
    return cursor->at > first;
}

/* "(3, 4)", "(3,)", "()" */
static bool take_shape(struct cursor *cursor, struct npy *npy, char *problem) {
    if (!take(cursor, "(")) {
        return fail(problem, "has a header without a shape that can be read");
    }
    npy->count = 1;
    while (!take(cursor, ")")) {
        int64_t size;
        bool good = take_number(cursor, &size);
        bool more = good && take(cursor, ",");
        if (!more && (!good || cursor->at == cursor->end || *cursor->at != ')')) {
            return fail(problem, "has a header without a shape that can be read");
        }
        if (npy->dimensions == NPY_DIMENSIONS) {
            return fail(problem, "has more than four dimensions");
        }
        npy->shape[npy->dimensions++] = size;
        if (__builtin_mul_overflow(npy->count, size, &npy->count)) {
            return fail(problem, "announces a shape larger than any file");
        }
    }
    return true;
}

/* A type such as '<f4'; only plain numbers are taken. */
static bool take_type(struct cursor *cursor, struct npy *npy, char *problem) {
    static const char *const types[] = { "f4", "f8", "i1", "i2", "i4", "i8",
                                         "u1", "u2", "u4", "u8", "b1" };
    if (!take_quoted(cursor, npy->type, sizeof npy->type)) {
        return fail(problem, "holds structures, which are not read; save an array of numbers");
    }
    char order = npy->type[0];
    if (order == '<' || order == '>' || order == '|' || order == '=') {
        for (size_t i = 0; i < sizeof types / sizeof types[0]; i++) {
            if (strcmp(npy->type + 1, types[i]) == 0) {
                npy->kind = types[i][0];
                npy->size = types[i][1] - '0';
                npy->swapped = npy->size > 1 && order != '=' && order != little_or_big;
                return order != '|' || npy->size == 1 ||
                       fail(problem, "does not tell the order of its bytes");
            }
        }
    }
    text_set(problem, NPY_PROBLEM,
             "holds values of type '%s', expected float32, float64, whole numbers of 8 to 64 bits "
             "or bool; astype(\"float32\") converts",
             npy->type);
    return false;
}

static bool take_truth(struct cursor *cursor, bool *truth, char *problem) {
    *truth = take(cursor, "True");
    return *truth || take(cursor, "False") ||
           fail(problem, "has a header without a fortran_order that can be read");
}

/* The dictionary, each of its three keys once. */
static bool read_text(struct npy *npy, struct cursor cursor, char *problem) {
    bool type = false, order = false, shape = false, good = take(&cursor, "{");
    while (good && !take(&cursor, "}")) {
        char key[NPY_TYPE];
        good = take_quoted(&cursor, key, sizeof key) && take(&cursor, ":");
        if (good && strcmp(key, "descr") == 0 && !type) {
            type = true;
            good = take_type(&cursor, npy, problem);
        } else if (good && strcmp(key, "fortran_order") == 0 && !order) {
            order = true;
            good = take_truth(&cursor, &npy->fortran, problem);
        } else if (good && strcmp(key, "shape") == 0 && !shape) {
            shape = true;
            good = take_shape(&cursor, npy, problem);
        } else {
            good = false;
        }
        bool more = good && take(&cursor, ",");
        good = good && (more || (cursor.at < cursor.end && *cursor.at == '}'));
    }
    skip_spaces(&cursor);
    return good && type && order && shape && cursor.at == cursor.end;
}

bool npy_read_header(struct npy *npy, const uint8_t *header, size_t size, char *problem) {
    size_t begin = header[6] == 1 ? VERSION_1 : VERSION_2;
    struct cursor cursor = { (const char *)header + begin, (const char *)header + size };
    *npy = (struct npy){ 0 };
    fail(problem, "has a header that is not descr, fortran_order and shape");
    if (read_text(npy, cursor, problem)) {
        return true;
    }
    *npy = (struct npy){ 0 };
    return false;
}

/* The bits of a value as a number in this machine's order. */
static uint64_t bits_of(const struct npy *npy, const uint8_t *bytes) {
    bool big = (little_or_big == '>') != npy->swapped;
    uint64_t bits = 0;
    for (int i = 0; i < npy->size; i++) {
        bits = bits << 8 | bytes[big ? i : npy->size - 1 - i];
    }
    return bits;
}

double npy_value(const struct npy *npy, const uint8_t *bytes) {
    uint64_t bits = bits_of(npy, bytes);
    if (npy->kind == 'f' && npy->size == 4) {
        uint32_t half = (uint32_t)bits;
        float value;
        memcpy(&value, &half, sizeof value);
        return (double)value;
    }
    if (npy->kind == 'f') {
        double value;
        memcpy(&value, &bits, sizeof value);
        return value;
    }
    if (npy->kind == 'i') { // the sign is the highest bit of so many
        uint64_t sign = UINT64_C(1) << (8 * npy->size - 1);
        return (double)(int64_t)((bits ^ sign) - sign);
    }
    return npy->kind == 'b' ? (double)(bits != 0) : (double)bits;
}

void npy_print_shape(const struct npy *npy, char *text, size_t size) {
    text_set(text, size, "(");
    for (int i = 0; i < npy->dimensions; i++) {
        text_append(text, size, "%s%lld", i > 0 ? ", " : "", (long long)npy->shape[i]);
    }
    text_append(text, size, npy->dimensions == 1 ? ",)" : ")");
}
