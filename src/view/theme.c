#include "view/theme.h"

#include <math.h>

static const uint32_t viridis[THEME_MAP_STOPS] = { 0xff440154, 0xff472d7b, 0xff3b528b,
                                                   0xff2c728e, 0xff21918c, 0xff28ae80,
                                                   0xff5ec962, 0xffaddc30, 0xfffde725 };

const struct theme_row themes[THEME_COUNT] = {
    [THEME_DARK] = {
        .name = "dark",
        .background = 0xff0f1318,
        .panel = 0xff171c23,
        .raised = 0xff212832,
        .grid = 0xff2a323c,
        .axis = 0xff6b7683,
        .text = 0xffe6edf3,
        .secondary = 0xffa3adb8,
        .run = { 0xff3b80f0, 0xffd17f0c },
        .run_text = { 0xff75a9ff, 0xffeb9c2c },
        .run_faint = { 0xff3570cf, 0xffa16512 },
        .on_run = { 0xff0a0d12, 0xff0a0d12 },
        .good = 0xff3fb985,
        .warning = 0xffe6b33c,
        .bad = 0xffff6b6b,
        .factor = { [FACTOR_NORMALISATION] = 0xffeef683,
                    [FACTOR_WEIGHT] = 0xffdda1d0,
                    [FACTOR_SKIP] = 0xffec5458,
                    [FACTOR_BRANCH] = 0xff8a96a3,
                    [FACTOR_SLOPE] = 0xff5df3b1 },
        .focus = 0xff56b4e9,
        .mark = 0xffffffff,
        .halo = 0xb00f1318,
        .negative = 0xffc98bf5,
        .positive = 0xff74d680,
        .map = viridis,
    },
    [THEME_LIGHT] = {
        .name = "light",
        .background = 0xfff6f7f9,
        .panel = 0xffffffff,
        .raised = 0xffeef1f4,
        .grid = 0xffe3e7ec,
        .axis = 0xff77818c,
        .text = 0xff1b2026,
        .secondary = 0xff525c67,
        .run = { 0xff0072b2, 0xffcc7000 },
        .run_text = { 0xff00629c, 0xff985300 },
        .run_faint = { 0xff3b92c4, 0xffcd7305 },
        .on_run = { 0xffffffff, 0xff1b2026 },
        .good = 0xff0b7a4b,
        .warning = 0xff8a5a00,
        .bad = 0xffb92a2a,
        .factor = { [FACTOR_NORMALISATION] = 0xff6b6100,
                    [FACTOR_WEIGHT] = 0xff7a344f,
                    [FACTOR_SKIP] = 0xffe64d4b,
                    [FACTOR_BRANCH] = 0xff77818c,
                    [FACTOR_SLOPE] = 0xff0f9488 },
        .focus = 0xff0072b2,
        .mark = 0xff1b2026,
        .halo = 0xd0ffffff,
        .negative = 0xff7b3294,
        .positive = 0xff00793a,
        .map = viridis,
    },
    [THEME_PRINT] = {
        .name = "print",
        .background = 0xffffffff,
        .panel = 0xffffffff,
        .raised = 0xfff2f2f2,
        .grid = 0xffdcdcdc,
        .axis = 0xff666666,
        .text = 0xff000000,
        .secondary = 0xff404040,
        .run = { 0xff0067ad, 0xffcc7000 },
        .run_text = { 0xff005a96, 0xff8f4e00 },
        .run_faint = { 0xff4590c3, 0xffcd7305 },
        .on_run = { 0xffffffff, 0xff000000 },
        .good = 0xff0b6b42,
        .warning = 0xff7a5000,
        .bad = 0xffb02525,
        .factor = { [FACTOR_NORMALISATION] = 0xff6b6100,
                    [FACTOR_WEIGHT] = 0xff7a344f,
                    [FACTOR_SKIP] = 0xffe64d4b,
                    [FACTOR_BRANCH] = 0xff77818c,
                    [FACTOR_SLOPE] = 0xff0f9488 },
        .focus = 0xff0067ad,
        .mark = 0xff000000,
        .halo = 0xe0ffffff,
        .negative = 0xff7b3294,
        .positive = 0xff00793a,
        .map = viridis,
    },
};

static uint32_t channel(colour c, int shift) {
    return c >> shift & 0xff;
}

static uint32_t mix(colour under, colour over, float share, int shift) {
    float low = (float)channel(under, shift);
    float high = (float)channel(over, shift);
    return (uint32_t)(low + (high - low) * share + 0.5f) << shift;
}

colour theme_blend(colour under, colour over, float share) {
    return 0xff000000u | mix(under, over, share, 16) | mix(under, over, share, 8) |
           mix(under, over, share, 0);
}

colour theme_map(enum theme theme, float position) {
    const struct theme_row *row = &themes[theme];
    if (isnan(position)) {
        return row->panel;
    }
    float at = fminf(fmaxf(position, 0.0f), 1.0f) * (THEME_MAP_STOPS - 1);
    int stop = (int)at < THEME_MAP_STOPS - 2 ? (int)at : THEME_MAP_STOPS - 2;
    return theme_blend(row->map[stop], row->map[stop + 1], at - (float)stop);
}

colour theme_diverging(enum theme theme, float position) {
    const struct theme_row *row = &themes[theme];
    if (isnan(position)) {
        return row->bad;
    }
    colour end = position < 0.0f ? row->negative : row->positive;
    return theme_blend(row->panel, end, fminf(fabsf(position), 1.0f));
}

colour theme_fade(colour solid, float alpha) {
    uint32_t a = (uint32_t)((float)(solid >> 24) * alpha + 0.5f);
    return (solid & 0xffffffu) | a << 24;
}

colour theme_strength(enum theme theme, int run, float share) {
    const struct theme_row *row = &themes[theme];
    return theme_blend(row->run_faint[run], theme_blend(row->run[run], row->text, 0.45f), share);
}

colour theme_tint(enum theme theme, colour tint) {
    return theme_blend(themes[theme].background, tint, 0.14f);
}

colour theme_on_tint(enum theme theme, colour tint) {
    return theme_blend(tint, themes[theme].text, 0.25f);
}
