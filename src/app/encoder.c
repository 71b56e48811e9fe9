#include "app/encoder.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/file.h"
#include "base/require.h"
#include "base/text.h"

extern char **environ; // NOLINT(readability-redundant-declaration): not so on macOS

enum { FRAMES_PER_SECOND = 30 };

struct encoder {
    struct file_writer writer; // ffmpeg writes to its temporary name
    char program[FILE_PATH_MAX];
    FILE *said; // what ffmpeg complains about
    FILE *pixels;
    pid_t child; // 0: not begun
    int width, height;
};

/* Where the shell would find it. */
static bool find_program(const char *name, char path[FILE_PATH_MAX]) {
    const char *folders = getenv("PATH");
    while (folders && *folders) {
        size_t length = strcspn(folders, ":");
        text_set(path, FILE_PATH_MAX, "%.*s/%s", (int)length, folders, name);
        if (length > 0 && access(path, X_OK) == 0) {
            return true;
        }
        folders += length + (folders[length] == ':');
    }
    return false;
}

struct encoder *encoder_create(const char *path, char *problem) {
    struct encoder *encoder = calloc(1, sizeof *encoder);
    if (!encoder) {
        file_no_memory(path, problem);
        return NULL;
    }
    if (!find_program("ffmpeg", encoder->program)) {
        text_set(problem, FILE_PROBLEM_MAX,
                 "--film: ffmpeg, which makes the film, is not installed; --frames FOLDER writes "
                 "its pictures one by one");
    } else if (file_writer_open(&encoder->writer, path, problem)) {
        if (encoder->writer.temporary[0] && (encoder->said = tmpfile())) {
            return encoder;
        }
        text_set(problem, FILE_PROBLEM_MAX, "cannot write %s: %s", path,
                 encoder->writer.temporary[0] ? strerror(errno)
                                              : "a film needs a file to go back in");
        file_writer_abandon(&encoder->writer);
    }
    free(encoder);
    return NULL;
}

/* Both ends of the pipe are ours alone until ffmpeg has one of them as its standard input. */
static int spawn(struct encoder *encoder, const int ends[2], char *const *words) {
    posix_spawn_file_actions_t actions;
    posix_spawnattr_t attributes;
    sigset_t defaults;
    int null_error = posix_spawn_file_actions_init(&actions);
    posix_spawnattr_init(&attributes);
    sigemptyset(&defaults);
    sigaddset(&defaults, SIGPIPE); // which we ignore, and it would inherit that
    posix_spawnattr_setsigdefault(&attributes, &defaults);
    posix_spawnattr_setpgroup(&attributes, 0); // else Ctrl+C would end the film before its end
    posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETPGROUP);
    posix_spawn_file_actions_adddup2(&actions, ends[0], STDIN_FILENO);
    posix_spawn_file_actions_addclose(&actions, ends[0]);
    posix_spawn_file_actions_addclose(&actions, ends[1]);
    posix_spawn_file_actions_addopen(&actions, STDOUT_FILENO, "/dev/null", O_WRONLY, 0);
    posix_spawn_file_actions_adddup2(&actions, fileno(encoder->said), STDERR_FILENO);
    int error = null_error ? null_error
                           : posix_spawn(&encoder->child, encoder->program, &actions, &attributes,
                                         words, environ);
    posix_spawn_file_actions_destroy(&actions);
    posix_spawnattr_destroy(&attributes);
    return error;
}

static bool begin(struct encoder *encoder, char *problem) {
    char size[32], rate[16];
    text_set(size, sizeof size, "%dx%d", encoder->width, encoder->height);
    text_set(rate, sizeof rate, "%d", FRAMES_PER_SECOND);
    // what players everywhere show has even sides and halved colours
    const char *words[] = {
        "ffmpeg",
        "-loglevel",
        "error",
        "-y",
        "-f",
        "rawvideo",
#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
        "-pixel_format",
        "bgr0",
#else
        "-pixel_format",
        "0rgb",
#endif
        "-video_size",
        size,
        "-framerate",
        rate,
        "-i",
        "-",
        "-vf",
        "pad=ceil(iw/2)*2:ceil(ih/2)*2",
        "-pix_fmt",
        "yuv420p",
        "-movflags",
        "+faststart",
        "-f",
        "mp4",
        encoder->writer.temporary,
        NULL
    };
    int ends[2], error = pipe(ends) == 0 ? 0 : errno;
    if (error == 0) {
        error = spawn(encoder, ends, (char *const *)words);
        close(ends[0]);
        encoder->pixels = error == 0 ? fdopen(ends[1], "wb") : NULL;
        if (!encoder->pixels) {
            error = error ? error : errno;
            close(ends[1]);
        }
    }
    if (error) {
        text_set(problem, FILE_PROBLEM_MAX, "cannot write %s: ffmpeg does not start: %s",
                 encoder->writer.path, strerror(error));
    }
    return error == 0;
}

/* The first line that ffmpeg wrote. */
static void say_failure(const struct encoder *encoder, char *problem) {
    char line[256] = "";
    rewind(encoder->said);
    if (!fgets(line, sizeof line, encoder->said)) {
        line[0] = '\0';
    }
    line[strcspn(line, "\r\n")] = '\0';
    text_set(problem, FILE_PROBLEM_MAX, "cannot write %s: ffmpeg %s%s", encoder->writer.path,
             line[0] ? "says: " : "gave up", line);
}

bool encoder_add(struct encoder *encoder, const struct canvas *canvas, char *problem) {
    if (encoder->child == 0) {
        encoder->width = canvas->width;
        encoder->height = canvas->height;
        if (!begin(encoder, problem)) {
            return false;
        }
    }
    REQUIRE(canvas->width == encoder->width && canvas->height == encoder->height);
    size_t count = (size_t)canvas->width * (size_t)canvas->height;
    if (fwrite(canvas->pixels, sizeof canvas->pixels[0], count, encoder->pixels) == count) {
        return true;
    }
    fclose(encoder->pixels);
    encoder->pixels = NULL;
    waitpid(encoder->child, NULL, 0); // then it has said all
    encoder->child = 0;
    say_failure(encoder, problem);
    return false;
}

/* End ffmpeg, which has all pictures or none that matter. */
static bool end(struct encoder *encoder) {
    int status = 0;
    bool sent = encoder->pixels && fclose(encoder->pixels) == 0;
    bool ended = encoder->child > 0 && waitpid(encoder->child, &status, 0) == encoder->child;
    return sent && ended && WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

bool encoder_destroy(struct encoder *encoder, bool complete, char *problem) {
    if (!complete && encoder->child > 0) {
        kill(encoder->child, SIGTERM);
    }
    bool made = end(encoder);
    if (complete && !made) {
        say_failure(encoder, problem);
    }
    made = file_writer_close(&encoder->writer, complete && made, problem);
    fclose(encoder->said);
    free(encoder);
    return made || !complete;
}
