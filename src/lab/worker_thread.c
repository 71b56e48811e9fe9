/* worker_thread.c - the thread and what goes in and out of it, whatever it works on. */
#include <math.h>
#include <stdlib.h>
#include <time.h>

#include "base/text.h"
#include "lab/worker_parts.h"

struct worker *worker_create(const struct request *first, size_t history_budget,
                             void (*nudge)(void *context), void *context, char *problem) {
    struct worker *worker = calloc(1, sizeof *worker);
    struct history *history = history_create(history_budget - FILM_SHARE(history_budget));
    struct film *film = film_create(FILM_SHARE(history_budget));
    if (!worker || !history || !film) {
        text_set(problem, EXPERIMENT_PROBLEM, "Memory ran out.");
        history_destroy(history);
        film_destroy(film);
        free(worker);
        return NULL;
    }
    worker->history = history;
    worker->film = film;
    worker->nudge = nudge;
    worker->nudge_context = context;
    worker->request = *first;
    worker->first = first->experiment;
    worker->steps_done = first->steps;
    worker->restarts_done = first->restarts;
    worker->swaps_done = first->swaps;
    atomic_init(&worker->again, -1);
    mailbox_init(&worker->request_box);
    mailbox_init(&worker->snapshot_box);
    pthread_mutex_init(&worker->lock, NULL);
    pthread_mutex_init(&worker->replay_lock, NULL);
    pthread_cond_init(&worker->wake, NULL);
    return worker;
}

bool worker_launch(struct worker *worker, void *(*body)(void *worker), char *problem) {
    if (pthread_create(&worker->thread, NULL, body, worker) == 0) {
        return true;
    }
    text_set(problem, EXPERIMENT_PROBLEM, "The system gives no thread to work on.");
    return false;
}

void worker_free(struct worker *worker) {
    data_look_forget(&worker->data_look);
    rerun_rest(&worker->rerun);
    run_finish(&worker->run);
    dataset_finish(&worker->data);
    follow_destroy(worker->follow);
    history_destroy(worker->history);
    film_destroy(worker->film);
    pthread_cond_destroy(&worker->wake);
    pthread_mutex_destroy(&worker->lock);
    pthread_mutex_destroy(&worker->replay_lock);
    free(worker);
}

void worker_sleep(struct worker *worker, double seconds) {
    pthread_mutex_lock(&worker->lock);
    if (!worker_is_called(worker)) {
        if (seconds > 0.0) {
            struct timespec until;
            clock_gettime(CLOCK_REALTIME, &until);
            double end = (double)until.tv_sec + 1e-9 * (double)until.tv_nsec + seconds;
            until.tv_sec = (time_t)end;
            until.tv_nsec = (long)((end - floor(end)) * 1e9);
            pthread_cond_timedwait(&worker->wake, &worker->lock, &until);
        } else {
            pthread_cond_wait(&worker->wake, &worker->lock);
        }
    }
    pthread_mutex_unlock(&worker->lock);
}

void worker_stop(struct worker *worker) {
    if (!worker) {
        return;
    }
    pthread_mutex_lock(&worker->lock);
    atomic_store(&worker->stop, true);
    pthread_cond_signal(&worker->wake);
    pthread_mutex_unlock(&worker->lock);
    pthread_join(worker->thread, NULL);
    worker_free(worker);
}

void worker_request(struct worker *worker, const struct request *request) {
    worker->requests[worker->request_box.back] = *request;
    mailbox_publish(&worker->request_box);
    pthread_mutex_lock(&worker->lock);
    pthread_cond_signal(&worker->wake);
    pthread_mutex_unlock(&worker->lock);
}

const struct snapshot *worker_latest(struct worker *worker) {
    return &worker->snapshots[mailbox_latest(&worker->snapshot_box)];
}

struct history *worker_history(struct worker *worker) {
    return worker->history;
}

struct film *worker_film(struct worker *worker) {
    return worker->film;
}

int64_t worker_again(struct worker *worker) {
    return atomic_load(&worker->again);
}

void worker_barred(struct worker *worker, char *problem) {
    pthread_mutex_lock(&worker->replay_lock);
    text_set(problem, EXPERIMENT_PROBLEM, "%s", worker->why_barred);
    pthread_mutex_unlock(&worker->replay_lock);
}
