#include "measure/data_names.h"

#include <string.h>

#include "base/require.h"
#include "base/text.h"

static void take(char name[NAMES_ROOM], const char *text) {
    static const char ellipsis[] = "…";
    text_set(name, NAMES_ROOM, "%s", text);
    if (strlen(text) >= NAMES_ROOM) {
        text_set(name, NAMES_ROOM - sizeof ellipsis + 1, "%s", text);
        text_append(name, NAMES_ROOM, "%s", ellipsis);
    }
}

void data_names_take(struct data_names *names, const char *const *class_names, int classes,
                     const char *const *input_names, int inputs) {
    REQUIRE(classes <= NAMES_CLASSES);
    names->classes = class_names ? classes : 0;
    names->inputs = !input_names ? 0 : inputs < NAMES_INPUTS ? inputs : NAMES_INPUTS;
    for (int i = 0; i < names->classes; i++) {
        take(names->class_name[i], class_names[i]);
    }
    for (int i = 0; i < names->inputs; i++) {
        take(names->input_name[i], input_names[i]);
    }
}

void data_names_copy(struct data_names *to, const struct data_names *from) {
    to->classes = from->classes;
    to->inputs = from->inputs;
    memcpy(to->class_name, from->class_name, (size_t)from->classes * sizeof from->class_name[0]);
    memcpy(to->input_name, from->input_name, (size_t)from->inputs * sizeof from->input_name[0]);
}
