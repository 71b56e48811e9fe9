/*
 * child.h - run a function in a process of its own, for what ends or limits a process.
 */
#ifndef TESTS_BASE_CHILD_H
#define TESTS_BASE_CHILD_H

#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

struct child {
    int status;       // as waitpid() gives it
    char error[8192]; // what it wrote to stderr
};

/* Call work(argument) in a child; the child exits with 0 when work returns. */
static inline bool child_run(struct child *child, void (*work)(void *), void *argument) {
    int ends[2];
    fflush(NULL);
    *child = (struct child){ .status = -1 };
    if (pipe(ends) != 0) {
        return false;
    }
    pid_t id = fork();
    if (id == 0) {
        setrlimit(RLIMIT_CORE, &(struct rlimit){ 0, 0 });
        dup2(ends[1], STDERR_FILENO);
        work(argument);
        fflush(NULL);
        _exit(0);
    }
    close(ends[1]);
    size_t used = 0;
    ssize_t got;
    while (used < sizeof child->error - 1 &&
           (got = read(ends[0], child->error + used, sizeof child->error - 1 - used)) > 0) {
        used += (size_t)got;
    }
    close(ends[0]);
    return id > 0 && waitpid(id, &child->status, 0) == id;
}

static inline bool child_aborted(const struct child *child) {
    return WIFSIGNALED(child->status) && WTERMSIG(child->status) == SIGABRT;
}

static inline bool child_succeeded(const struct child *child) {
    return WIFEXITED(child->status) && WEXITSTATUS(child->status) == 0;
}

#endif
