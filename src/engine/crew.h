/*
 * crew.h - a few threads that share one job at a time.
 *
 * A job is cut into parts, which the calling thread and its helpers take one by one until none is
 * left. Which thread takes which part is left to chance: each part must write what no other part of
 * the job touches, and the same whoever takes it. Then the result is the same bits for every number
 * of threads.
 *
 * Helpers look out for the next job for a moment, then sleep. They are not woken for every
 * small job, and no job waits for one that sleeps: who is awake does its parts. So a part must not
 * wait for another part.
 *
 * Memory: crew_create() allocates, crew_run() never does. Threads: a crew belongs to one thread,
 * which must not run another job from within a part. Helpers flush denormals, as that thread
 * should (denormals.h).
 */
#ifndef ENGINE_CREW_H
#define ENGINE_CREW_H

enum { CREW_MOST_THREADS = 64, CREW_MOST_PARTS = 32767 };

struct crew;

/* How many threads this process may run at a time, at most CREW_MOST_THREADS. */
int crew_available(void);

/*
 * A crew of so many threads, the caller's among them (1..CREW_MOST_THREADS). NULL, which is a crew
 * of one, for one thread and where memory runs out; fewer threads where the system gives no more.
 */
struct crew *crew_create(int threads);
void crew_destroy(struct crew *crew); // accepts NULL

int crew_threads(const struct crew *crew);

/* Do one part of a job: 0..parts - 1. */
typedef void crew_part(void *context, int part);

/* All parts (at most CREW_MOST_PARTS) of a job; returns when they are done. */
void crew_run(struct crew *crew, int parts, crew_part *function, void *context);

#endif
