#!/usr/bin/env python3
"""One picture per view, to be looked at: every theme, one run and twins, 1, 10 and 100 layers.

usage: contact_sheet.py LAYERSCOPE FOLDER [WORD ...]

Trains each network for real. FOLDER/VIEW.png has a column for each number of layers; the single
pictures, in full size, are in FOLDER/single. WORDs choose views, and may be options of the program
(--scale=2, --init=zero) that all pictures get.
"""

import concurrent.futures
import os
import struct
import subprocess
import sys
import zlib

VIEWS = ["layers", "history", "layer", "data", "phase", "textbook"]
THEMES = ["dark", "light", "print"]
LAYERS = [1, 10, 100]
RUNS = {"one": [], "twins": ["--b", "activation=sigmoid", "--b", "init=small"]}
GAP = 16


def read_png(path):
    """Width and rows of pixels. The program's own PNG files are RGB without filters."""
    with open(path, "rb") as file:
        data = file.read()
    width, height, packed, at = 0, 0, b"", 8
    while at < len(data):
        length, kind = struct.unpack_from(">I4s", data, at)
        if kind == b"IHDR":
            width, height = struct.unpack_from(">II", data, at + 8)
        elif kind == b"IDAT":
            packed += data[at + 8:at + 8 + length]
        at += length + 12
    plain, stride = zlib.decompress(packed), 1 + 3 * width
    assert len(plain) == stride * height and not any(plain[::stride]), path
    return width, [plain[row * stride + 1:(row + 1) * stride] for row in range(height)]


def write_png(path, width, rows):
    def chunk(kind, body):
        return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))

    header = struct.pack(">IIBBBBB", width, len(rows), 8, 2, 0, 0, 0)
    body = zlib.compress(b"".join(b"\0" + row for row in rows), 6)
    with open(path, "wb") as file:
        file.write(b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", body) +
                   chunk(b"IEND", b""))


def join(path, grid):
    """All pictures of a grid have the same size."""
    rows, grey = [], b"\x80\x80\x80"
    for line in grid:
        pictures = [read_png(single) for single in line]
        width = sum(picture[0] + GAP for picture in pictures)
        rows += [b"".join(part + grey * GAP for part in parts)
                 for parts in zip(*(picture[1] for picture in pictures))]
        rows += [grey * width] * GAP
    write_png(path, width, rows)


def main(program, folder, *words):
    options = [word for word in words if word.startswith("--")]
    views = [word for word in words if word not in options] or VIEWS
    os.makedirs(os.path.join(folder, "single"), exist_ok=True)

    def path(*names):
        return os.path.join(folder, "single", "-".join(map(str, names)) + ".png")

    def draw(names):
        view, theme, runs, layers = names
        subprocess.run([program, "run", "--steps", "100", "--threads", "1", "--layers", str(layers),
                        "--view", view, "--theme", theme, "--png", path(*names)] + RUNS[runs] +
                       options, check=True)

    for view in views:
        grid = [[(view, theme, runs, layers) for layers in LAYERS]
                for theme in THEMES for runs in RUNS]
        with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
            list(pool.map(draw, sum(grid, [])))
        sheet = os.path.join(folder, view + ".png")
        join(sheet, [[path(*names) for names in line] for line in grid])
        print(sheet, flush=True)


if __name__ == "__main__":
    if len(sys.argv) < 3:
        sys.exit(__doc__)
    main(*sys.argv[1:])
