#include "app/output_queue.h"

#include <pthread.h>
#include <stdlib.h>
#include <time.h>

#include "base/clock.h"
#include "engine/crew.h"
#include "engine/denormals.h"

// To wake a thread takes as long as to measure some layers, so it is woken for several steps or after
// some time; and it looks by itself, for who reads the files while they grow.
enum { PLACES = 8, WORTH_WAKING = PLACES / 2, LOOK_MILLISECONDS = 500 };
static const double wake_seconds = 0.02;

struct output_queue {
    output_step_write *write;
    void *context;
    pthread_t thread;
    pthread_mutex_t lock; // guards the next three
    uint64_t put, written;
    bool ended;
    pthread_cond_t filled, freed;
    double woken; // when the owner did so last
    struct output_step
        *step[PLACES]; // those between written and put the thread's, else the owner's
};

static struct timespec next_look(void) {
    struct timespec until;
    clock_gettime(CLOCK_REALTIME, &until);
    long end = until.tv_nsec + LOOK_MILLISECONDS * 1000000L;
    until.tv_sec += end / 1000000000L;
    until.tv_nsec = end % 1000000000L;
    return until;
}

/* false: there is nothing to write any more. */
static bool wait_for_step(struct output_queue *queue) {
    pthread_mutex_lock(&queue->lock);
    while (queue->put == queue->written && !queue->ended) {
        const struct timespec until = next_look();
        pthread_cond_timedwait(&queue->filled, &queue->lock, &until);
    }
    bool there = queue->put > queue->written;
    pthread_mutex_unlock(&queue->lock);
    return there;
}

static void *write_steps(void *context) {
    struct output_queue *queue = context;
    denormals_flush();
    while (wait_for_step(queue)) {
        queue->write(queue->context, queue->step[queue->written % PLACES]); // which we alone count
        pthread_mutex_lock(&queue->lock);
        queue->written++;
        pthread_cond_signal(&queue->freed);
        pthread_mutex_unlock(&queue->lock);
    }
    return NULL;
}

static void destroy(struct output_queue *queue) {
    for (int i = 0; i < PLACES; i++) {
        free(queue->step[i]);
    }
    pthread_cond_destroy(&queue->filled);
    pthread_cond_destroy(&queue->freed);
    pthread_mutex_destroy(&queue->lock);
    free(queue);
}

static bool launch(struct output_queue *queue) {
    bool there = true;
    for (int i = 0; i < PLACES && there; i++) {
        queue->step[i] = calloc(1, sizeof *queue->step[i]);
        there = queue->step[i] != NULL;
    }
    return there && pthread_create(&queue->thread, NULL, write_steps, queue) == 0;
}

struct output_queue *output_queue_start(output_step_write *write, void *context) {
    struct output_queue *queue = crew_available() > 1 ? calloc(1, sizeof *queue) : NULL;
    if (!queue) {
        return NULL;
    }
    queue->write = write;
    queue->context = context;
    pthread_mutex_init(&queue->lock, NULL);
    pthread_cond_init(&queue->filled, NULL);
    pthread_cond_init(&queue->freed, NULL);
    if (!launch(queue)) {
        destroy(queue);
        return NULL;
    }
    return queue;
}

/* Returns with the lock held. */
static void wait_until(struct output_queue *queue, uint64_t unwritten) {
    pthread_mutex_lock(&queue->lock);
    while (queue->put - queue->written > unwritten) {
        pthread_cond_signal(&queue->filled);
        pthread_cond_wait(&queue->freed, &queue->lock);
    }
}

struct output_step *output_queue_exchange(struct output_queue *queue, struct output_step *step) {
    wait_until(queue, PLACES - 1);
    struct output_step **place = &queue->step[queue->put % PLACES], *spare = *place;
    *place = step;
    queue->put++;
    pthread_mutex_unlock(&queue->lock);
    return spare;
}

void output_queue_go(struct output_queue *queue) {
    if (!queue) {
        return;
    }
    double now = clock_seconds();
    pthread_mutex_lock(&queue->lock);
    uint64_t waiting = queue->put - queue->written;
    if (waiting >= WORTH_WAKING || (waiting > 0 && now - queue->woken >= wake_seconds)) {
        queue->woken = now;
        pthread_cond_signal(&queue->filled);
    }
    pthread_mutex_unlock(&queue->lock);
}

void output_queue_settle(struct output_queue *queue) {
    if (queue) {
        wait_until(queue, 0);
        pthread_mutex_unlock(&queue->lock);
    }
}

void output_queue_end(struct output_queue *queue) {
    if (!queue) {
        return;
    }
    pthread_mutex_lock(&queue->lock);
    queue->ended = true;
    pthread_cond_signal(&queue->filled);
    pthread_mutex_unlock(&queue->lock);
    pthread_join(queue->thread, NULL);
    destroy(queue);
}
