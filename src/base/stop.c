#include "base/stop.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stddef.h>
#include <unistd.h>

#include "base/file.h"
#include "base/require.h"

static const struct {
    int number;
    const char *name;
} signals[] = { { SIGINT, "SIGINT" }, { SIGTERM, "SIGTERM" }, { SIGHUP, "SIGHUP" } };

static atomic_int came; // its number

/* Who is to be called: a thread waits for a byte, which is what a handler may send. */
static struct {
    bool begun;
    atomic_bool ended;
    pthread_t thread;
    int listening;
    void (*call)(void *);
    void *context;
} sleeper;
static atomic_int waking = -1; // the pipe's other end; open from then on

static void wake(void) {
    while (write(atomic_load(&waking), "", 1) < 0 && errno == EINTR) {
    }
}

/* In any thread, in the midst of anything: only what POSIX allows there. */
static void on_signal(int number) {
    int kept = errno, none = 0;
    if (!atomic_compare_exchange_strong(&came, &none, number)) {
        file_drop_temporaries();
        signal(number, SIG_DFL);
        raise(number); // which comes once this one has returned
    } else if (atomic_load(&waking) >= 0) {
        wake();
    }
    errno = kept;
}

void stop_listen(void) {
    struct sigaction action = { .sa_handler = on_signal, .sa_flags = SA_RESTART }, before;
    sigfillset(&action.sa_mask);
    for (int i = 0; i < ARRAY_LEN(signals); i++) {
        if (sigaction(signals[i].number, NULL, &before) == 0 && before.sa_handler != SIG_IGN) {
            sigaction(signals[i].number, &action, NULL);
        }
    }
}

int stop_signal(void) {
    return atomic_load(&came);
}

const char *stop_name(void) {
    for (int i = 0; i < ARRAY_LEN(signals); i++) {
        if (signals[i].number == stop_signal()) {
            return signals[i].name;
        }
    }
    return "";
}

static void *wait_for_signal(void *unused) {
    (void)unused;
    while (stop_signal() == 0 && !atomic_load(&sleeper.ended)) {
        char byte; // may be an old one
        if (read(sleeper.listening, &byte, 1) < 0 && errno != EINTR) {
            return NULL;
        }
    }
    if (stop_signal() != 0) {
        sleeper.call(sleeper.context);
    }
    return NULL;
}

/* pipe2() would do it in one call, but not every system has it. */
static bool open_pipe(void) {
    int ends[2];
    if (pipe(ends) != 0) {
        return false;
    }
    (void)fcntl(ends[0], F_SETFD, FD_CLOEXEC);
    (void)fcntl(ends[1], F_SETFD, FD_CLOEXEC);
    sleeper.listening = ends[0];
    atomic_store(&waking, ends[1]);
    return true;
}

bool stop_call(void (*call)(void *), void *context) {
    REQUIRE(!sleeper.begun);
    if (atomic_load(&waking) < 0 && !open_pipe()) {
        return false;
    }
    sleeper.call = call;
    sleeper.context = context;
    atomic_store(&sleeper.ended, false);
    sleeper.begun = pthread_create(&sleeper.thread, NULL, wait_for_signal, NULL) == 0;
    return sleeper.begun;
}

void stop_end_call(void) {
    if (sleeper.begun) {
        atomic_store(&sleeper.ended, true);
        wake();
        pthread_join(sleeper.thread, NULL);
        sleeper.begun = false;
    }
}

void stop_finish(void) {
    int number = stop_signal();
    if (number != 0) {
        signal(number, SIG_DFL);
        raise(number);
    }
}
