#include "scene.h"

#include <string.h>

struct film_ridges *scene_ridges(struct scene *made, int count) {
    static struct film_ridges ridges;
    memset(&ridges, 0, sizeof ridges);
    ridges.count = count;
    ridges.layer = made->state.selected;
    for (int i = 0; i < count; i++) {
        int64_t last = made->history.last_step;
        ridges.step[i] = count > 1 ? last * i / (count - 1) : last;
        for (int r = 0; r < made->snapshot.runs; r++) {
            ridges.there[r][i] = ridges.layer <= made->snapshot.run[r].layers;
            ridges.stats[r][i] = made->snapshot.run[r].layer[ridges.layer - 1];
        }
    }
    made->state.view = VIEW_HISTORY;
    made->state.ridges = &ridges;
    return &ridges;
}
