/* worker_change.c - the worker goes on with other settings and the weights that it has. */
#include "base/text.h"
#include "lab/experiment_change.h"
#include "lab/run_change.h"
#include "lab/worker_parts.h"

/* What has changed since the newest update, in the history. */
static void mark_change(struct worker *worker, bool swapped) {
    char text[EVENT_LOG_TEXT];
    worker->changed_step = worker->run.step;
    if (swapped) {
        worker->swapped = !worker->swapped;
        experiment_swap(&worker->trained);
    }
    experiment_describe_change(&worker->trained, &worker->run.experiment, worker->swapped, text,
                               sizeof text);
    history_mark(worker->history, worker->run.step, text);
}

/* Its rows have room for as many layers of each side as there are. */
static bool history_takes_swap(const struct worker *worker, char problem[EXPERIMENT_PROBLEM]) {
    const struct experiment *experiment = &worker->run.experiment;
    text_set(problem, EXPERIMENT_PROBLEM,
             "A and B have different depths, so their past cannot go on");
    return experiment->run[0].layers == experiment->run[1].layers;
}

bool worker_change(struct worker *worker, bool swapped, char problem[EXPERIMENT_PROBLEM]) {
    struct experiment experiment = worker_wanted(worker), before = worker->run.experiment;
    problem[0] = '\0';
    if (!worker->has_run) {
        return false;
    }
    if (worker->changed_step != worker->run.step) {
        worker->trained = worker->run.experiment;
        worker->swapped = false;
    }
    if ((swapped && !history_takes_swap(worker, problem)) ||
        !run_change(&worker->run, &experiment, swapped, problem)) {
        return false;
    }
    worker_begin_run(worker);
    film_retake(worker->film, worker->run.step);
    mark_change(worker, swapped);
    worker_log_change(worker, swapped, &before);
    worker->met = worker->request.serial;
    worker->message[0] = '\0';
    return true;
}
