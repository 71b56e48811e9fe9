#include "base/glob.h"

#include <ctype.h>
#include <string.h>

#include "base/text.h"

static bool same(char a, char b) {
    return a == '?' || tolower((unsigned char)a) == tolower((unsigned char)b);
}

/* What each star stands for. */
struct stars {
    const char *from[GLOB_STARS], *to[GLOB_STARS];
    int count;
};

static void join(const struct stars *stars, char *part, size_t size) {
    part[0] = '\0';
    for (int i = 0; i < stars->count; i++) {
        int length = (int)(stars->to[i] - stars->from[i]);
        text_append(part, size, "%s%.*s", part[0] && length > 0 ? "/" : "", length, stars->from[i]);
    }
}

bool glob_match(const char *pattern, const char *name, char *part, size_t size) {
    struct stars stars = { .count = 0 };
    const char *after = NULL; // of the newest star, from where to try again
    while (*name || *pattern) {
        if (*pattern == '*' && stars.count < GLOB_STARS) {
            after = ++pattern;
            stars.from[stars.count] = stars.to[stars.count] = name;
            stars.count++;
        } else if (*pattern && *name && same(*pattern, *name)) {
            pattern++;
            name++;
        } else if (stars.count > 0 && *stars.to[stars.count - 1]) {
            name = ++stars.to[stars.count - 1];
            pattern = after;
        } else {
            return false;
        }
    }
    if (part) {
        join(&stars, part, size);
    }
    return true;
}

static size_t digits_of(const char *text) {
    return strspn(text, "0123456789");
}

int glob_compare(const char *a, const char *b) {
    const char *first_a = a, *first_b = b;
    while (*a && *b) {
        size_t of_a = digits_of(a), of_b = digits_of(b);
        if (of_a == 0 || of_b == 0) {
            if (*a != *b) {
                return (unsigned char)*a < (unsigned char)*b ? -1 : 1;
            }
            a++;
            b++;
            continue;
        }
        size_t zeros_a = strspn(a, "0"), zeros_b = strspn(b, "0");
        a += zeros_a < of_a ? zeros_a : of_a - 1;
        b += zeros_b < of_b ? zeros_b : of_b - 1;
        of_a = digits_of(a);
        of_b = digits_of(b);
        int order = of_a != of_b ? (of_a < of_b ? -1 : 1) : strncmp(a, b, of_a);
        if (order != 0) {
            return order;
        }
        a += of_a;
        b += of_b;
    }
    return *a || *b ? (*a ? 1 : -1) : strcmp(first_a, first_b);
}

bool glob_numbered_alike(const char *a, const char *b) {
    while (*a && *b) {
        size_t of_a = digits_of(a), of_b = digits_of(b);
        if ((of_a > 0) != (of_b > 0) || (of_a == 0 && *a != *b)) {
            return false;
        }
        a += of_a > 0 ? of_a : 1;
        b += of_b > 0 ? of_b : 1;
    }
    return *a == *b;
}
