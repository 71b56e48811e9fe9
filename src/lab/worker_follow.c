/* worker_follow.c - the worker's thread where it reads somebody else's logs instead of training. */
#include "base/clock.h"
#include "base/text.h"
#include "lab/follow_parts.h"
#include "lab/worker_parts.h"

static const double reading_seconds = 0.1; // between pictures while there is much to read
static const double idle_seconds = 0.25;   // between looks at files that are at their ends
static const double settled_seconds = 1.0; // after which nothing more is expected of a step

static void publish(struct worker *worker, enum worker_state state) {
    struct snapshot *snapshot = &worker->snapshots[worker->snapshot_box.back];
    const struct snapshot *known = follow_snapshot(worker->follow);
    snapshot_copy(snapshot, known);
    worker->rate = known->steps_per_second;
    text_set(worker->message, sizeof worker->message, "%s", known->message);
    worker->has_run = known->has_runs;
    worker_publish(worker, state);
}

static void *follow_main(void *context) {
    struct worker *worker = context;
    int64_t shown = -1;
    double grown = clock_seconds();
    while (!atomic_load(&worker->stop)) {
        bool asked = mailbox_waiting(&worker->request_box);
        if (asked) {
            worker->request = worker->requests[mailbox_latest(&worker->request_box)];
        }
        worker->met = worker->request.serial;
        bool paused = worker->request.paused;
        bool more = !paused && follow_read(worker->follow, reading_seconds);
        double now = clock_seconds();
        bool news = follow_records(worker->follow) != shown;
        grown = news ? now : grown;
        if (!more && now - grown >= settled_seconds) {
            follow_settle(worker->follow);
        }
        if (asked || news) {
            shown = follow_records(worker->follow);
            publish(worker, paused ? WORKER_PAUSED : WORKER_RUNNING);
        }
        if (!more) {
            worker_sleep(worker, paused ? 0.0 : idle_seconds);
        }
    }
    return NULL;
}

struct worker *worker_follow(const struct request *first, const struct follow_settings *settings,
                             size_t history_budget, void (*nudge)(void *context), void *context,
                             char *problem) {
    struct worker *worker = worker_create(first, history_budget, nudge, context, problem);
    if (!worker) {
        return NULL;
    }
    worker->follow = follow_create(settings, worker->history, worker->film, problem);
    if (!worker->follow || !worker_launch(worker, follow_main, problem)) {
        worker_free(worker);
        return NULL;
    }
    return worker;
}
