#!/usr/bin/env python3
"""Make the shipped font files from the originals that Debian packages.

    apt install python3-fonttools fonts-inter fonts-jetbrains-mono fonts-noto-core fonts-noto-cjk
    cd fonts && python3 subset.py
"""
import os

from fontTools import subset
from fontTools.ttLib import TTCollection, TTFont

INTER = '/usr/share/fonts/opentype/inter/'
JETBRAINS = '/usr/share/fonts/truetype/jetbrains-mono/'
NOTO = '/usr/share/fonts/truetype/noto/'
NOTO_CJK = '/usr/share/fonts/opentype/noto/NotoSansCJK-Regular.ttc'


def characters(*ranges):
    return {code for first, last in ranges for code in range(first, last + 1)}


UI = characters(
    (0x20, 0x7E), (0xA0, 0x17F), (0x370, 0x3FF), (0x2010, 0x2027), (0x2030, 0x203A),
    (0x2070, 0x209F), (0x20AC, 0x20AC), (0x2100, 0x214F), (0x2190, 0x21FF), (0x2200, 0x22FF),
    (0x2300, 0x23FF), (0x25A0, 0x25FF), (0x2713, 0x2717), (0x1D40, 0x1D40))

LAYOUT = ['kern', 'mark', 'mkmk', 'ccmp', 'locl', 'calt', 'tnum', 'zero']
LAYOUT_TABULAR = ['kern', 'mark', 'ccmp', 'tnum']


def korean():
    """The syllables of KS X 1001, single letters, punctuation, and the space: without it a space is a box."""
    found = characters((0x20, 0x20), (0x3000, 0x303F), (0x3131, 0x318E))
    for lead in range(0xB0, 0xC9):
        for trail in range(0xA1, 0xFF):
            try:
                found.add(ord(bytes([lead, trail]).decode('euc-kr')))
            except UnicodeDecodeError:
                pass
    return found


def make_tabular(font):
    """Map digits and the signs among them straight to the glyphs of the tnum feature."""
    table = font['GSUB'].table
    tabular = {}
    for record in table.FeatureList.FeatureRecord:
        if record.FeatureTag != 'tnum':
            continue
        for index in record.Feature.LookupListIndex:
            for subtable in table.LookupList.Lookup[index].SubTable:
                subtable = getattr(subtable, 'ExtSubTable', subtable)
                tabular.update(getattr(subtable, 'mapping', {}))
    for cmap in font['cmap'].tables:
        for code, glyph in list(cmap.cmap.items()):
            if chr(code) in '0123456789.,:+-−±×=%' and glyph in tabular:
                cmap.cmap[code] = tabular[glyph]


def make(source, target, keep, number=0, tabular=False):
    options = subset.Options()
    options.layout_features = LAYOUT_TABULAR if tabular else LAYOUT
    options.hinting = True
    options.name_IDs = ['*']
    options.notdef_outline = True
    options.glyph_names = False
    font = TTFont(source, fontNumber=number)
    if tabular:
        make_tabular(font)
    subsetter = subset.Subsetter(options)
    subsetter.populate(unicodes=keep)
    subsetter.subset(font)
    font.save(target)
    print(f'{target:32s} {os.path.getsize(target):8d} bytes, {font["maxp"].numGlyphs} glyphs')


def korean_number():
    """Which font of the collection is the Korean one."""
    fonts = TTCollection(NOTO_CJK).fonts
    return next(i for i, font in enumerate(fonts)
                if 'Sans CJK KR' in (font['name'].getDebugName(4) or ''))


make(INTER + 'Inter-Regular.otf', 'Inter-ui-tnum.otf', UI, tabular=True)
make(INTER + 'Inter-SemiBold.otf', 'Inter-SemiBold-ui-tnum.otf', UI, tabular=True)
make(JETBRAINS + 'JetBrainsMono-Regular.ttf', 'JetBrainsMono-ui.ttf', UI)
make(NOTO + 'NotoSansMath-Regular.ttf', 'NotoSansMath-ui.ttf', UI - characters((0x20, 0x24F)))
make(NOTO_CJK, 'NotoSansKR-ksx2350.otf', korean(), number=korean_number())
