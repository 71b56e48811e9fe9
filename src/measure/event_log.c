#include "measure/event_log.h"

#include <string.h>

#include "base/require.h"
#include "base/text.h"

static void merge_oldest(struct event_log *log) {
    struct event *second = &log->event[1];
    second->changes += log->event[0].changes;
    text_set(second->text, sizeof second->text, "%d changes", second->changes);
    log->count--;
    memmove(log->event, second, (size_t)log->count * sizeof *second);
}

void event_log_mark(struct event_log *log, int64_t step, const char *text) {
    struct event *newest = log->count > 0 ? &log->event[log->count - 1] : NULL;
    REQUIRE(!newest || newest->step <= step);
    if (newest && newest->step == step) {
        log->count--;
    }
    if (text[0] == '\0') {
        return;
    }
    if (log->count == EVENT_LOG_MOST) {
        merge_oldest(log);
    }
    struct event *event = &log->event[log->count++];
    event->step = step;
    event->changes = 1;
    text_set(event->text, sizeof event->text, "%s", text);
}
