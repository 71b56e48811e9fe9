#include "base/fuzzy.h"

#include <stdbool.h>
#include <string.h>

static char lower(char c) {
    return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
}

/* Beyond ASCII every byte counts as part of a word. */
static bool in_word(char c) {
    char l = lower(c);
    return (l >= 'a' && l <= 'z') || (l >= '0' && l <= '9') || ((unsigned char)c & 0x80);
}

static int points_at(const char *text, int place) {
    bool starts = in_word(text[place]) && (place == 0 || !in_word(text[place - 1]));
    return 1 + (starts ? FUZZY_START : 0) + (starts && place == 0 ? FUZZY_START : 0);
}

static int length_of(const char *text) {
    size_t length = strlen(text);
    return length < FUZZY_MOST ? (int)length : FUZZY_MOST;
}

static int larger(int a, int b) {
    return a > b ? a : b;
}

/* Scores by the place of the last character found: those of one more from those before it. */
static int find_next(char c, const char *text, int length, const int *before, int *scores) {
    int reached = before ? -1 : 0, best = -1;
    for (int place = 0; place < length; place++) {
        int score = reached;
        if (before && place > 0 && before[place - 1] >= 0) {
            score = larger(score, before[place - 1] + FUZZY_RUN);
        }
        bool here = score >= 0 && lower(text[place]) == lower(c);
        scores[place] = here ? score + points_at(text, place) : -1;
        best = larger(best, scores[place]);
        reached = before ? larger(reached, before[place]) : 0;
    }
    return best;
}

int fuzzy_score(const char *typed, const char *text) {
    int scores[2][FUZZY_MOST], count = 0, best = 0;
    int length = length_of(text), wanted = length_of(typed);
    for (int i = 0; i < wanted && best >= 0; i++) {
        if (typed[i] != ' ') {
            const int *before = count > 0 ? scores[(count + 1) % 2] : NULL;
            best = find_next(typed[i], text, length, before, scores[count % 2]);
            count++;
        }
    }
    return best;
}
