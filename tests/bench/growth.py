#!/usr/bin/env python3
"""How time and memory grow with depth, width, batch, networks and the past, beside their theory.

usage: growth.py [options] GROWTH_CASE LAYERSCOPE
       ninja -C build bench_growth

Every case is a process of its own, on one thread; several rounds of all cases, of which the
shortest time counts, in seconds of processor time, so that a busy machine does little. Between
neighbouring sizes x of an axis a quantity y grows with the exponent d log y / d log x, and so does
what theory says of it (see the functions below; constants do not matter). "faster than theory" is
said where it exceeds theory's by more than 0.25 between neighbours, or by more than 0.1 over the
whole axis. Less is no fault: small cases have costs that do not grow. Bytes are the highest
resident size less that of the smallest network there is; differences below a megabyte say nothing
and are not judged.
"""
import argparse
import math
import os
import resource
import subprocess
import sys
import tempfile

NEIGHBOURS, WHOLE = 0.25, 0.1
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
THEORY = {"step": Net.step, "capture": Net.capture, "glance": Net.glance,
          "participation": Net.participation, "bytes": Net.bytes, "layers": Net.per_layer,
          "maps": Net.per_layer, "csv": Net.per_layer, "json": Net.per_layer, "npz": Net.npz}
WHAT = {"step": "training step", "capture": "measuring all", "glance": "measuring for a picture",
        "participation": "participation ratios", "bytes": "memory", "layers": "picture, Layers",
        "maps": "picture, History", "csv": "one step as CSV", "json": "one step as JSON",
        "npz": "arrays as NPZ", "cases": "cases of a file", "sample": "reading the history",
        "frame": "unpacking a snapshot", "resident": "memory", "history": "history",
        "film": "film"}


def exponent(x, y):
    """Of y ~ x^e through two points."""
    return math.log(y[1] / y[0]) / math.log(x[1] / x[0])


def judge(name, sizes, measured, theory):
    """(steepest excess over theory between neighbours, where, over the whole axis, verdict)."""
    points = [(x, m, t) for x, m, t in zip(sizes, measured, theory) if m and t]
    worst, where = -math.inf, None
    for low, high in zip(points, points[1:]):
        x, m, t = zip(low, high)
        if m[1] - m[0] < LEAST.get(name, 0.0):
            continue
        excess = exponent(x, m) - exponent(x, t)
        if excess > worst:
            worst, where = excess, (x, exponent(x, m), exponent(x, t))
    x, m, t = zip(points[0], points[-1])
    whole = (exponent(x, m), exponent(x, t))
    faster = worst > NEIGHBOURS or whole[0] - whole[1] > WHOLE
    return where, whole, "faster than theory" if faster else "no faster"


# --- measuring ------------------------------------------------------------------------------------

MEASURES = ("step", "glance", "capture", "participation", "bytes")
AXES = {
    "depth": ([1, 2, 5, 10, 20, 50, 100, 200], tuple(THEORY)),
    "width": ([8, 16, 32, 64, 128, 256, 512, 1024, 2048, 4096], MEASURES + ("layers", "maps")),
    "batch": ([1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1024, 2048, 4096], MEASURES),
    "networks": ([1, 2, 4, 8], ("step", "bytes")),
}
PAST = [1000, 3000, 10000, 30000, 100000, 300000, 1000000]
PAST_BUDGET = 4 << 20
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


def measure(a):
    """{axis: (sizes, {name: values}, {name: theory})}"""
    program, rounds = a.growth_case, range(a.rounds)
    tables = {}
    smallest = Net(layers=1, width=1, batch=1)
    base = min(run_case(program, MEASURES, words_of("", smallest))["bytes"] for _ in rounds)
    base -= smallest.bytes()
    for axis, (sizes, names) in AXES.items():
        nets = [net_of(axis, size) for size in sizes]
        found = best([[run_case(program, names, words_of(axis, n)) for n in nets] for _ in rounds])
        columns = {name: [one[name] for one in found] for name in names}
        columns["bytes"] = [max(b - base, 1.0) for b in columns["bytes"]]
        theory = {name: [THEORY[name](n) for n in nets] for name in names}
        if axis in ("width", "batch"):  # a picture is as large whatever it is of
            theory.update({name: [1] * len(nets) for name in ("layers", "maps") if name in names})
        tables[axis] = (sizes, columns, theory)
    sizes, columns, theory = tables["networks"]
    found = best([[run_cases(a.layerscope, n) for n in sizes] for _ in rounds])
    columns["cases"], theory["cases"] = [one["cases"] for one in found], sizes
    found = best([run_past(program) for _ in rounds])
    columns = {name: [one[name] for one in found] for name in PAST_NAMES}
    theory = {name: [1] * len(PAST) for name in PAST_NAMES}
    theory["history"] = PAST  # up to its budget, which is constant
    tables["steps"] = (PAST, columns, theory)
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
    for axis, (sizes, columns, theory) in tables.items():
        for name, values in columns.items():
            print(f"\n{axis}: {WHAT[name]}\n{'size':>8} {'measured':>10} {'exponent':>9} theory's")
            before = None
            for x, y, t in zip(sizes, values, theory[name]):
                line = f"{x:8} {amount(name, y):>10}"
                if before and before[2] and t:
                    both = list(zip(before, (x, y, t)))
                    line += f" {exponent(both[0], both[1]):9.2f} {exponent(both[0], both[2]):8.2f}"
                print(line)
                before = (x, y, t)


def summary(tables):
    """Rows of Markdown."""
    rows = ["| against | what | smallest | largest | exponent | theory's | steepest part, theory's "
            "there | |", "| --- | --- | --- | --- | --- | --- | --- | --- |"]
    for axis, (sizes, columns, theory) in tables.items():
        for name, values in columns.items():
            where, whole, verdict = judge(name, sizes, values, theory[name])
            there = [(x, y) for x, y, t in zip(sizes, values, theory[name]) if t]
            ends = " | ".join(f"{amount(name, y)}" for _, y in (there[0], there[-1]))
            part = (f"{where[1]:.2f}, {where[2]:.2f} ({where[0][0]} to {where[0][1]})" if where
                    else "")
            span = f"{axis} {there[0][0]} to {there[-1][0]}"
            rows.append(f"| {span} | {WHAT[name]} | {ends} | {whole[0]:.2f} | {whole[1]:.2f} | "
                        f"{part} | {verdict} |")
    return rows


# --- the picture ----------------------------------------------------------------------------------

COLOURS = ("#0072b2", "#cc7000", "#0b7a4b", "#a0447e", "#555555")
PANEL_W, PANEL_H, GAP_X, GAP_Y, LEFT, TOP = 214, 170, 66, 62, 52, 78
PANELS = (  # row, column, title, axis, names, unit
    (0, 0, "depth: time", "depth", ("step", "glance", "capture", "participation")),
    (0, 1, "width: time", "width", ("step", "glance", "capture", "participation")),
    (0, 2, "batch: time", "batch", ("step", "glance", "capture", "participation")),
    (0, 3, "networks: time", "networks", ("cases", "step")),
    (1, 0, "depth: memory", "depth", ("bytes",)),
    (1, 1, "width: memory", "width", ("bytes",)),
    (1, 2, "batch: memory", "batch", ("bytes",)),
    (1, 3, "networks: memory", "networks", ("bytes",)),
    (2, 0, "depth: pictures, files", "depth", ("layers", "maps", "csv", "json", "npz")),
    (2, 1, "width: pictures", "width", ("layers", "maps")),
    (2, 2, "past steps: time", "steps", ("step", "frame", "sample")),
    (2, 3, "past steps: memory", "steps", ("resident", "film", "history")),
)
SHORT = {"step": "step", "glance": "glance", "capture": "measuring", "participation": "particip.",
         "bytes": "", "layers": "Layers", "maps": "History", "csv": "CSV", "json": "JSON",
         "npz": "NPZ", "cases": "400 steps, cases", "sample": "read history",
         "frame": "unpack", "resident": "process", "history": "history", "film": "film"}


def short_amount(value, is_bytes):
    units = ((1e9, "GB"), (1e6, "MB"), (1e3, "kB")) if is_bytes else (
        (1.0, "s"), (1e-3, "ms"), (1e-6, "µs"), (1e-9, "ns"))
    for scale, unit in units:
        if value >= 0.999 * scale:
            return f"{value / scale:.0f} {unit}"
    return f"{value:.0e}"


def short_count(value):
    return f"{value / 1e6:.0f} M" if value >= 1e6 else f"{value / 1e3:.0f} k" if value >= 1e4 else str(value)


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


def panel(row, column, title, axis, names, tables):
    sizes, columns, theory = tables[axis]
    left, top = LEFT + column * (PANEL_W + GAP_X), TOP + row * (PANEL_H + GAP_Y)
    values = [y for name in names for y, t in zip(columns[name], theory[name]) if t]
    low, high = math.floor(math.log10(min(values))), math.ceil(math.log10(max(values)))
    is_bytes = names[0] in ("bytes", "resident")

    def at(x, y):
        across = math.log(x / sizes[0]) / math.log(sizes[-1] / sizes[0])
        up = (math.log10(y) - low) / (high - low)
        return left + across * PANEL_W, top + (1 - up) * PANEL_H

    out = [text(left, top - 9, title, "start", 12.5, "#111", "bold")]
    for decade in range(low, high + 1):
        y = at(sizes[0], 10.0 ** decade)[1]
        out.append(line([(left, y), (left + PANEL_W, y)], "#dddddd", 1))
        if high - low <= 5 or (decade - low) % 2 == 0:
            out.append(text(left - 6, y + 3.5, short_amount(10.0 ** decade, is_bytes), "end", 10))
    for i, x in enumerate(sizes):
        place = at(x, 10.0 ** low)[0]
        out.append(line([(place, top + PANEL_H), (place, top + PANEL_H + 4)], "#777777", 1))
        if len(sizes) <= 8 or (len(sizes) - 1 - i) % (2 if len(sizes) <= 10 else 3) == 0:
            out.append(text(place, top + PANEL_H + 16, short_count(x), size=10))
    ends = []
    for name, colour in zip(names, COLOURS):
        points = [(x, y, t) for x, y, t in zip(sizes, columns[name], theory[name]) if t]
        last = points[-1]
        slope = [(x, last[1] * t / last[2]) for x, _, t in points]
        inside = [at(x, y) for x, y in slope if math.log10(y) >= low - 1e-9]
        out.append(line(inside, colour, 0.8, "2 2"))
        drawn = [at(x, y) for x, y, _ in points]
        out.append(line(drawn, colour, 1.8))
        out += [f'<circle cx="{x:.1f}" cy="{y:.1f}" r="2" fill="{colour}"/>' for x, y in drawn]
        ends.append(drawn[-1][1] + 3.5)
    for name, colour, y in zip(names, COLOURS, spread_out(ends, 11.5, top + 4, top + PANEL_H + 4)):
        out.append(text(left + PANEL_W + 5, y, SHORT[name], "start", 10, colour))
    return out


def picture(tables):
    width = LEFT + 4 * (PANEL_W + GAP_X) + 12
    height = TOP + 3 * (PANEL_H + GAP_Y) - 18
    out = [f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" '
           f'width="{width}" height="{height}" font-family="sans-serif">',
           f'<rect width="{width}" height="{height}" fill="#ffffff"/>',
           text(LEFT, 24, "How time and memory grow", "start", 17, "#111", "bold"),
           text(LEFT, 43, "Both axes logarithmic; processor time of one thread. Dotted: the slope "
                "of theory, through the largest case. What grows faster than its theory comes from "
                "below its dots.", "start", 11.5)]
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
    rows = summary(tables)
    print("\n" + "\n".join(rows))
    if a.svg:
        with open(a.svg, "w", encoding="utf-8") as file:
            file.write(picture(tables))
        print(f"\n{a.svg}")
    sys.exit(1 if any(row.endswith("| faster than theory |") for row in rows) else 0)


if __name__ == "__main__":
    main()
