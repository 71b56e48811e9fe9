/*
 * frame_times.c - a library to be preloaded: whenever SDL has brought a picture into a window, a
 * line on stdout says when, in seconds of the monotonic clock.
 */
#include <dlfcn.h>
#include <SDL_render.h>
#include <SDL_video.h>
#include <stdio.h>
#include <time.h>

static void say(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    printf("%lld.%09ld\n", (long long)now.tv_sec, now.tv_nsec);
    fflush(stdout);
}

int SDL_UpdateWindowSurface(SDL_Window *window) {
    int (*update)(SDL_Window *);
    *(void **)&update = dlsym(RTLD_NEXT, "SDL_UpdateWindowSurface");
    int result = update(window);
    say();
    return result;
}

void SDL_RenderPresent(SDL_Renderer *renderer) {
    void (*present)(SDL_Renderer *);
    *(void **)&present = dlsym(RTLD_NEXT, "SDL_RenderPresent");
    present(renderer);
    say();
}
