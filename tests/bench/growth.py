#!/usr/bin/env python3
"""How time and memory grow with depth, width, batch, networks and the past, beside their theory.

usage: growth.py [options] GROWTH_CASE LAYERSCOPE
       ninja -C build bench_growth

Every case is a process of its own, on one thread; several rounds of all cases, of which the
shortest time counts, in seconds of processor time, so that a busy machine does little. Between
neighbouring sizes x of an axis a quantity y grows with the exponent d log y / d log x, and so does
what theory says of it (see the functions below; constants do not matter). "faster than theory" is
said where it exceeds theory's by more than 0.25 between neighbours, or by more than 0.1 over the
whole axis. Less is no fault: small cases have costs that do not grow. "leaves the cache" is said
instead where only neighbours exceed it, by at most 0.6, and what a step touches lies between the
second level of this machine's cache and four times its last one: there each operand takes longer to
come, and past it the exponent is theory's again. Bytes are the highest resident size less that of
the smallest network there is; differences below a megabyte say nothing and are not judged. What has
a budget is judged by that: it must be below it, and below what was recorded.
"""
import argparse
import math
import os
import resource
import subprocess
import sys
import tempfile

NEIGHBOURS, WHOLE, CACHE = 0.25, 0.1, 0.6
LEAST = {"bytes": 1e6}  # growth by less is not judged
INPUTS, OUTPUTS, EXAMPLES = 64, 10, 4096
GLANCE = 8192       # entries of W and dW that a picture beside training looks at
PARTICIPATION = 1024  # units or examples up to which there are participation ratios


# --- theory ---------------------------------------------------------------------------------------

class Net:
    """Sizes of one case. Theory is of `count` equal networks on one data set."""

    def __init__(self, layers=4, width=128, batch=64, count=1):
        self.units = [INPUTS] + [width] * layers + [OUTPUTS]
        self.layers, self.width, self.batch, self.count = layers, width, batch, count

    def weights(self):
        return [i * o for i, o in zip(self.units, self.units[1:])]

    def start(self):
        """First weights drawn."""
        return self.count * sum(self.weights())

    def values(self):
        """z (or h, or delta) of all layers."""
        return self.batch * sum(self.units[1:])

    def step(self):
        """Multiply-adds: forward, dW, and d loss / d h but of the inputs."""
        return self.count * self.batch * (3 * sum(self.weights()) - self.weights()[0])

    def capture(self):
        """Entries counted: z, h, delta; W, dW."""
        return self.count * (3 * self.values() + 2 * sum(self.weights()))

    def glance(self):
        """The same of some rows of W, and the multiply-adds of those of dW."""
        some = sum(min(w, GLANCE) for w in self.weights())
        return self.count * (3 * self.values() + (2 + self.batch / 32) * some)

    def participation(self):
        """Multiply-adds of the Gram matrix on the shorter side of h, or nothing."""
        short, long = sorted((self.batch, self.width))
        return self.count * self.layers * short * short * long if short <= PARTICIPATION else None

    def touched(self):
        """Bytes that a step reads or writes: W; h, z, delta."""
        return 4 * self.count * (sum(self.weights()) + 3 * self.values())

    def bytes(self):
        """W, dW; h, z, delta; inputs and examples; the Gram matrix. SGD keeps nothing."""
        parameters = sum(self.weights()) + sum(self.units[1:])
        side = min(self.batch, self.width)
        gram = side * (side + GRAM_ROWS) if side <= PARTICIPATION else 0
        one = 2 * parameters + 3 * self.values()
        return 4 * (self.count * one + self.batch * INPUTS + gram) + EXAMPLES * (4 * INPUTS + 5)

    def npz(self):
        """Bytes of the file: W, dW, b, db; z, h, delta; inputs."""
        parameters = sum(self.weights()) + sum(self.units[1:])
        return 4 * (2 * parameters + 3 * self.values() + self.batch * INPUTS)

    def per_layer(self):
        return self.layers + 1

    def one(self):
        return 1


GRAM_ROWS = 64
THEORY = {"start": Net.start, "step": Net.step, "capture": Net.capture, "glance": Net.glance,
          "participation": Net.participation, "bytes": Net.bytes, "layers": Net.per_layer,
          "maps": Net.per_layer, "csv": Net.per_layer, "json": Net.per_layer, "npz": Net.npz}
WHAT = {"start": "first weights", "step": "training step", "capture": "measuring all",
        "glance": "measuring for a picture", "participation": "participation ratios",
        "bytes": "memory", "layers": "picture, Layers", "maps": "picture, History",
        "csv": "one step as CSV", "json": "one step as JSON", "npz": "arrays as NPZ",
        "cases": "cases of a file", "sample": "reading the history",
        "frame": "unpacking a snapshot", "resident": "memory", "history": "history",
        "film": "film"}


def exponent(x, y):
    """Of y ~ x^e through two points."""
    return math.log(y[1] / y[0]) / math.log(x[1] / x[0])


def cache_sizes():
    """Bytes of the second and of the last level of this machine's cache."""
    folder, sizes = "/sys/devices/system/cpu/cpu0/cache", {}
    for index in os.listdir(folder) if os.path.isdir(folder) else []:
        if index.startswith("index"):
            level, size = (open(os.path.join(folder, index, name), encoding="ascii").read().strip()
                           for name in ("level", "size"))
            sizes[int(level)] = int(size.rstrip("K")) * 1024
    return sizes.get(2, 1 << 20), sizes[max(sizes)] if sizes else 32 << 20


class Series:
    """One quantity over the sizes of an axis; theory is None where it says nothing."""

    def __init__(self, name, sizes, measured, theory, touched=None, bounded=False):
        touched = touched or [0] * len(sizes)
        self.name, self.bounded = name, bounded
        self.points = [p for p in zip(sizes, measured, theory, touched) if p[2]]

    def ends(self):
        return self.points[0], self.points[-1]

    def whole(self):
        """Exponents over the whole axis: measured, theory's."""
        x, y, t, _ = zip(*self.ends())
        return exponent(x, y), exponent(x, t)

    def steepest(self):
        """(excess, sizes, exponent, theory's, touched) of the neighbours that exceed it most."""
        found = []
        for low, high in zip(self.points, self.points[1:]):
            x, y, t, touched = zip(low, high)
            if y[1] - y[0] >= LEAST.get(self.name, 0.0):
                both = exponent(x, y), exponent(x, t)
                found.append((both[0] - both[1], x) + both + (touched,))
        return max(found, default=None)

    def verdict(self, caches):
        if self.bounded:
            within = all(y <= t for _, y, t, _ in self.points)
            return "within its budget" if within else "faster than theory"
        if self.whole()[0] - self.whole()[1] > WHOLE:
            return "faster than theory"
        part = self.steepest()
        if not part or part[0] <= NEIGHBOURS:
            return "no faster"
        leaves = part[4][1] > caches[0] and part[4][0] < 4 * caches[1]
        return "leaves the cache" if leaves and part[0] <= CACHE else "faster than theory"


# --- measuring ------------------------------------------------------------------------------------

MEASURES = ("start", "step", "glance", "capture", "participation", "bytes")
AXES = {
    "depth": ([1, 2, 5, 10, 20, 50, 100, 200], tuple(THEORY)),
    "width": ([8, 16, 32, 64, 128, 256, 512, 1024, 2048, 4096], MEASURES + ("layers", "maps")),
    "batch": ([1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1024, 2048, 4096], MEASURES),
    "networks": ([1, 2, 4, 8], ("start", "step", "bytes")),
}
PAST = [1000, 3000, 10000, 30000, 100000, 300000, 1000000]
PAST_BUDGET = 4 << 20
PAST_ROW = 8 + 4 * 2 * (3 + 5 * 5)  # step; of each twin three scalars, and five of each layer
PAST_NAMES = ("step", "resident", "history", "film", "sample", "frame")


def net_of(axis, size):
    return {"depth": lambda: Net(layers=size), "width": lambda: Net(layers=2, width=size),
            "batch": lambda: Net(batch=size), "networks": lambda: Net(count=size)}[axis]()


def words_of(axis, net):
    words = [f"layers={net.layers}", f"width={net.width}", f"batch={net.batch}", "data=gaussian",
             f"features={INPUTS}", f"examples={EXAMPLES}", "optimizer=sgd"]
    return words + ([f"ensemble={net.count}"] if axis == "networks" else [])


def run_case(program, names, words):
    done = subprocess.run([program, "case", ",".join(names)] + words, check=True,
                          capture_output=True, text=True)
    return {name: float(value) for name, value in map(str.split, done.stdout.splitlines())}


def run_past(program):
    done = subprocess.run([program, "past", str(PAST_BUDGET), ",".join(map(str, PAST)), "twins",
                           "data=xor", "layers=5", "width=5"], check=True, capture_output=True,
                          text=True)
    rows = [list(map(float, line.split()[1:])) for line in done.stdout.splitlines()]
    return [dict(zip(PAST_NAMES, row)) for row in rows]


def run_cases(program, count):
    """Processor seconds of `layerscope run` on a file with so many equal cases."""
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "cases.ini")
        with open(path, "w", encoding="ascii") as file:
            file.write("[a]\ndata = gaussian\nlayers = 4\nwidth = 128\nthreads = 1\n")
            for i in range(count):
                file.write(f"[case {i + 1}]\nseed = {i + 1}\n")
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        subprocess.run([program, "run", "--steps", "400", "--csv", os.path.join(folder, "o"), path],
                       check=True, stdout=subprocess.DEVNULL)
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return {"cases": after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime}


def best(rounds):
    """The smallest value of each quantity at each size."""
    return [{name: min(one[name] for one in at) for name in at[0]} for at in zip(*rounds)]


def measure_axis(a, axis, base):
    sizes, names = AXES[axis]
    nets = [net_of(axis, size) for size in sizes]
    found = best([[run_case(a.growth_case, names, words_of(axis, n)) for n in nets]
                  for _ in range(a.rounds)])
    touched, series = [n.touched() for n in nets], {}
    for name in names:
        theory = [THEORY[name](n) for n in nets]
        if axis == "width" and name in ("layers", "maps"):  # a picture is as large as ever
            theory = [1] * len(nets)
        values = [max(one[name] - (base if name == "bytes" else 0.0), 1e-9) for one in found]
        series[name] = Series(name, sizes, values, theory, touched)
    return series


def measure_cases(a):
    sizes = AXES["networks"][0]
    found = best([[run_cases(a.layerscope, n) for n in sizes] for _ in range(a.rounds)])
    return Series("cases", sizes, [one["cases"] for one in found], sizes)


def measure_past(a):
    found = best([run_past(a.growth_case) for _ in range(a.rounds)])
    theory = {name: [1] * len(PAST) for name in PAST_NAMES}
    theory["history"] = [min(PAST_ROW * steps, PAST_BUDGET // 4) for steps in PAST]
    theory["film"] = [PAST_BUDGET - PAST_BUDGET // 4] * len(PAST)
    return {name: Series(name, PAST, [one[name] for one in found], theory[name],
                         bounded=name in ("history", "film")) for name in PAST_NAMES}


def measure(a):
    """{axis: {name: Series}}"""
    smallest = Net(layers=1, width=1, batch=1)
    base = min(run_case(a.growth_case, MEASURES, words_of("", smallest))["bytes"]
               for _ in range(a.rounds)) - smallest.bytes()
    tables = {axis: measure_axis(a, axis, base) for axis in AXES}
    tables["networks"]["cases"] = measure_cases(a)
    tables["steps"] = measure_past(a)
    return tables


# --- the table ------------------------------------------------------------------------------------

def amount(name, value):
    if name in ("bytes", "resident", "history", "film"):
        return f"{value / 1e6:.3g} MB"
    for unit, scale in (("µs", 1e-6), ("ms", 1e-3), ("s", 1.0)):
        if value < 999.5 * scale:
            return f"{value / scale:.3g} {unit}"
    return f"{value:.3g} s"


def details(tables):
    for axis, table in tables.items():
        for name, series in table.items():
            print(f"\n{axis}: {WHAT[name]}\n{'size':>8} {'measured':>10} {'exponent':>9} theory's")
            before = None
            for x, y, t, _ in series.points:
                line = f"{x:8} {amount(name, y):>10}"
                if before:
                    line += (f" {exponent((before[0], x), (before[1], y)):9.2f}"
                             f" {exponent((before[0], x), (before[2], t)):8.2f}")
                print(line)
                before = (x, y, t)


def summary(tables, caches):
    """Rows of Markdown."""
    rows = ["| against | what | smallest | largest | exponent | theory's | steepest | theory's "
            "there | |", "| --- | --- | --- | --- | --- | --- | --- | --- | --- |"]
    for axis, table in tables.items():
        for name, series in table.items():
            low, high = series.ends()
            whole, part = series.whole(), series.steepest()
            cells = [f"{axis} {low[0]} to {high[0]}", WHAT[name], amount(name, low[1]),
                     amount(name, high[1])]
            cells += [f"{e:.2f}" for e in whole] if not series.bounded else ["", ""]
            cells += ([f"{part[2]:.2f} ({part[1][0]} to {part[1][1]})", f"{part[3]:.2f}"]
                      if part and not series.bounded else ["", ""])
            rows.append("| " + " | ".join(cells + [series.verdict(caches)]) + " |")
    return rows


# --- the picture ----------------------------------------------------------------------------------

BLUE, ORANGE, GREEN, PURPLE, GREY = "#0072b2", "#b86500", "#0b7a4b", "#a0447e", "#555555"
PANEL_W, PANEL_H, GAP_X, GAP_Y, LEFT, TOP = 206, 170, 104, 62, 56, 78
TIMES = ("start", "step", "glance", "capture", "participation")
PANELS = (  # row, column, title, axis, names
    (0, 0, "depth: time", "depth", TIMES),
    (0, 1, "width: time", "width", TIMES),
    (0, 2, "batch: time", "batch", TIMES),
    (0, 3, "networks: time", "networks", ("cases", "start", "step")),
    (1, 0, "depth: memory", "depth", ("bytes",)),
    (1, 1, "width: memory", "width", ("bytes",)),
    (1, 2, "batch: memory", "batch", ("bytes",)),
    (1, 3, "networks: memory", "networks", ("bytes",)),
    (2, 0, "depth: pictures, files", "depth", ("layers", "maps", "csv", "json", "npz")),
    (2, 1, "width: pictures", "width", ("layers", "maps")),
    (2, 2, "past steps: time", "steps", ("step", "frame", "sample")),
    (2, 3, "past steps: memory", "steps", ("resident", "film", "history")),
)
LABEL = {"start": ("start", GREY), "step": ("step", BLUE), "capture": ("measure", GREEN),
         "glance": ("glance", ORANGE), "participation": ("particip.", PURPLE), "bytes": ("", BLUE),
         "layers": ("Layers", BLUE), "maps": ("History", ORANGE), "csv": ("CSV", GREEN),
         "json": ("JSON", PURPLE), "npz": ("NPZ", GREY), "cases": ("cases", PURPLE),
         "sample": ("history", GREEN), "frame": ("film", ORANGE), "resident": ("process", BLUE),
         "history": ("history", GREEN), "film": ("film", ORANGE)}


def short_amount(value, is_bytes):
    units = ((1e9, "GB"), (1e6, "MB"), (1e3, "kB")) if is_bytes else (
        (1.0, "s"), (1e-3, "ms"), (1e-6, "µs"), (1e-9, "ns"))
    for scale, unit in units:
        if value >= 0.999 * scale:
            return f"{value / scale:.0f} {unit}"
    return f"{value:.0e}"


def short_count(value):
    powers = {1000: "10³", 10000: "10⁴", 100000: "10⁵", 1000000: "10⁶"}
    return powers.get(value, value)


def spread_out(ends, least, low, high):
    """Heights of labels, at least so far from each other, near where their lines end."""
    order = sorted(range(len(ends)), key=lambda i: ends[i])
    place = [0.0] * len(ends)
    before = low - least
    for i in order:
        place[i] = before = max(ends[i], before + least)
    after = high + least
    for i in reversed(order):
        place[i] = after = min(place[i], after - least)
    return place


def text(x, y, words, anchor="middle", size=11, colour="#333", weight="normal"):
    return (f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}" font-size="{size}" '
            f'fill="{colour}" font-weight="{weight}">{words}</text>')


def line(points, colour, width, dash=""):
    path = " ".join(f"{x:.1f},{y:.1f}" for x, y in points)
    more = f' stroke-dasharray="{dash}"' if dash else ""
    return (f'<polyline points="{path}" fill="none" stroke="{colour}" stroke-width="{width}"'
            f' stroke-linejoin="round"{more}/>')


def frame(scale, sizes, is_bytes):
    """Grid, ticks and their numbers; scale is (at, low, high) of panel()."""
    at, low, high = scale
    out = []
    for decade in range(low, high + 1):
        (left, y), (right, _) = at(sizes[0], 10.0 ** decade), at(sizes[-1], 10.0 ** decade)
        out.append(line([(left, y), (right, y)], "#dddddd", 1))
        out.append(text(left - 6, y + 3.5, short_amount(10.0 ** decade, is_bytes), "end", 10))
    every = 2 if sizes is PAST else 1 if len(sizes) <= 8 else 3
    for i, x in enumerate(sizes):
        place, bottom = at(x, 10.0 ** low)
        out.append(line([(place, bottom), (place, bottom + 4)], "#777777", 1))
        if (len(sizes) - 1 - i) % every == 0:
            out.append(text(place, bottom + 16, short_count(x), size=10))
    return out


def curve(at, low, series, colour):
    points = series.points
    last = points[-1]
    scale = 1.0 if series.bounded else last[1] / last[2]
    dots = [at(x, scale * t) for x, _, t, _ in points if scale * t >= 10.0 ** low]
    drawn = [at(x, y) for x, y, _, _ in points]
    return ([line(dots, colour, 0.9, "2 2"), line(drawn, colour, 1.8)] +
            [f'<circle cx="{x:.1f}" cy="{y:.1f}" r="2" fill="{colour}"/>' for x, y in drawn],
            drawn[-1][1] + 3.5)


def panel(row, column, title, axis, names, tables):
    left, top = LEFT + column * (PANEL_W + GAP_X), TOP + row * (PANEL_H + GAP_Y)
    sizes = PAST if axis == "steps" else AXES[axis][0]
    values = [p[1] for name in names for p in tables[axis][name].points]
    low, high = math.floor(math.log10(min(values))), math.ceil(math.log10(max(values)))

    def at(x, y):
        across = math.log(x / sizes[0]) / math.log(sizes[-1] / sizes[0])
        up = (math.log10(y) - low) / (high - low)
        return left + across * PANEL_W, top + (1 - up) * PANEL_H

    out = [text(left, top - 10, title, "start", 12.5, "#111", "bold")]
    out += frame((at, low, high), sizes, names[0] in ("bytes", "resident"))
    ends = []
    for name in names:
        drawn, end = curve(at, low, tables[axis][name], LABEL[name][1])
        out += drawn
        ends.append(end)
    for name, y in zip(names, spread_out(ends, 11.5, top + 4, top + PANEL_H + 4)):
        out.append(text(left + PANEL_W + 6, y, LABEL[name][0], "start", 10.5, LABEL[name][1]))
    return out


def picture(tables):
    width = LEFT + 4 * (PANEL_W + GAP_X) - 30
    height = TOP + 3 * (PANEL_H + GAP_Y) - 18
    out = [f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" '
           f'width="{width}" height="{height}" font-family="sans-serif">',
           f'<rect width="{width}" height="{height}" fill="#ffffff"/>',
           text(LEFT, 24, "How time and memory grow", "start", 17, "#111", "bold"),
           text(LEFT, 43, "Both axes logarithmic; processor time of one thread. Dotted: what "
                "theory says, through the largest case, or a budget. A curve that comes from "
                "below its dots grows faster than them.", "start", 11.5)]
    for one in PANELS:
        out += panel(*one, tables)
    return "\n".join(out + ["</svg>", ""])


def main():
    p = argparse.ArgumentParser(description=__doc__,
                                formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument("growth_case")
    p.add_argument("layerscope")
    p.add_argument("-r", "--rounds", type=int, default=3)
    p.add_argument("--svg", help="write the picture here")
    a = p.parse_args()
    tables = measure(a)
    details(tables)
    rows = summary(tables, cache_sizes())
    print("\n" + "\n".join(rows))
    if a.svg:
        with open(a.svg, "w", encoding="utf-8") as file:
            file.write(picture(tables))
        print(f"\n{a.svg}")
    sys.exit(1 if any(row.endswith("| faster than theory |") for row in rows) else 0)


if __name__ == "__main__":
    main()
