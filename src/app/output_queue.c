#include "app/output_queue.h"

#include <pthread.h>
#include <stdlib.h>

#include "engine/crew.h"
#include "engine/denormals.h"

enum { PLACES = 4 };

struct output_queue {
    output_step_write *write;
    void *context;
    pthread_t thread;
    pthread_mutex_t lock; // guards the next three
    uint64_t put, written;
    bool ended;
    pthread_cond_t filled, freed;
    struct output_step
        step[PLACES]; // of those between written and put the thread's, else the owner's
};

/* false: there is nothing to write any more. */
static bool wait_for_step(struct output_queue *queue) {
    pthread_mutex_lock(&queue->lock);
    while (queue->put == queue->written && !queue->ended) {
        pthread_cond_wait(&queue->filled, &queue->lock);
    }
    bool there = queue->put > queue->written;
    pthread_mutex_unlock(&queue->lock);
    return there;
}

static void *write_steps(void *context) {
    struct output_queue *queue = context;
    denormals_flush();
    while (wait_for_step(queue)) {
        queue->write(queue->context, &queue->step[queue->written % PLACES]);
        pthread_mutex_lock(&queue->lock);
        queue->written++;
        pthread_cond_signal(&queue->freed);
        pthread_mutex_unlock(&queue->lock);
    }
    return NULL;
}

static void destroy(struct output_queue *queue) {
    pthread_cond_destroy(&queue->filled);
    pthread_cond_destroy(&queue->freed);
    pthread_mutex_destroy(&queue->lock);
    free(queue);
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
    if (pthread_create(&queue->thread, NULL, write_steps, queue) != 0) {
        destroy(queue);
        return NULL;
    }
    return queue;
}

static void wait_for_writing(struct output_queue *queue, uint64_t unwritten) {
    pthread_mutex_lock(&queue->lock);
    while (queue->put - queue->written > unwritten) {
        pthread_cond_wait(&queue->freed, &queue->lock);
    }
    pthread_mutex_unlock(&queue->lock);
}

struct output_step *output_queue_room(struct output_queue *queue) {
    wait_for_writing(queue, PLACES - 1);
    return &queue->step[queue->put % PLACES];
}

void output_queue_put(struct output_queue *queue) {
    pthread_mutex_lock(&queue->lock);
    queue->put++;
    pthread_cond_signal(&queue->filled);
    pthread_mutex_unlock(&queue->lock);
}

void output_queue_settle(struct output_queue *queue) {
    if (queue) {
        wait_for_writing(queue, 0);
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
