/* worker_load.c - a data set is loaded, which may take a while. */
#include "base/text.h"
#include "lab/worker_parts.h"

/* What was published last once more, with another message. */
static void publish_again(struct worker *worker, enum worker_state state) {
    snapshot_copy(&worker->snapshots[worker->snapshot_box.back], &worker->snapshots[worker->last]);
    worker_publish(worker, state);
}

void worker_fetch(struct worker *worker) {
    worker->incoming = worker->requests[mailbox_latest(&worker->request_box)];
    worker->has_incoming = true;
}

/* Does the next request want another run than the one that is begun? */
static bool is_another(const struct worker *worker) {
    const struct request *next = &worker->incoming;
    return next->restarts != worker->restarts_done || next->swaps != worker->swaps_done ||
           !experiment_equal(&next->experiment, &worker->request.experiment);
}

/* How far loading is, on the screen; given up once another experiment is wanted. */
static bool goes_on_loading(void *context, double share) {
    struct worker *worker = context;
    worker->loading_share = share;
    text_set(worker->message, sizeof worker->message, "loading %s… %.0f %%", worker->loading,
             100.0 * share);
    publish_again(worker, WORKER_LOADING);
    if (mailbox_waiting(&worker->request_box)) {
        worker_fetch(worker);
    }
    worker->unmet = atomic_load(&worker->stop) || (worker->has_incoming && is_another(worker));
    return !worker->unmet;
}

bool worker_load(struct worker *worker, const struct dataset_settings *wanted,
                 struct dataset *loaded) {
    const struct dataset_watch watch = { goes_on_loading, worker };
    char problem[DATASET_PROBLEM];
    dataset_title(wanted, worker->loading, sizeof worker->loading);
    text_set(worker->message, sizeof worker->message, "loading %s…", worker->loading);
    publish_again(worker, WORKER_LOADING);
    bool good = dataset_load_watched(loaded, wanted, &watch, problem);
    worker->loading_share = 0.0;
    text_set(worker->message, sizeof worker->message, "%s", good || worker->unmet ? "" : problem);
    return good;
}
