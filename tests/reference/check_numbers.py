"""CSV, JSON and NPZ of the same run beside each other, and beside NumPy.

usage: check_numbers.py LAYERSCOPE

What is written of steps 0, K, 2 K, ... must be the same numbers in all three formats, read by
Python's csv and json and by NumPy; those of the last step must be what NumPy makes of the arrays
of that pass; histograms must be what numpy.histogram counts between the same edges.
"""

import csv
import json
import math
import os
import sys
import tempfile

import numpy as np

import program

WORDS = {"layers": 4, "width": 12, "data": "gaussian", "features": 7, "examples": 96, "batch": 32,
         "activation": "relu", "init": "he", "optimizer": "adam", "b": "activation=sigmoid"}
STEPS, EVERY = 23, 5
SPECIAL = {"NaN": math.nan, "Infinity": math.inf, "-Infinity": -math.inf}


def demand(claim, *complaint):
    if not claim:
        sys.exit("check_numbers: " + " ".join(map(str, complaint)))


def same(a, b):
    return np.array_equal(np.asarray(a, float), np.asarray(b, float), equal_nan=True)


def write(settings, kind, path, *more):
    words = [sys.argv[1], "run", *program.options(settings), "--steps", str(STEPS), kind, path, *more]
    result = program.subprocess.run(words, env=program.ENVIRONMENT, capture_output=True, text=True)
    demand(result.returncode == 0, *words, result.stderr)
    return path


def member(document, name):
    for part in name.split("."):
        document = None if document is None else document[part]
    return document


def number(value):
    return math.nan if value is None else SPECIAL.get(value, value)


def check_stacked(archive, lines):
    """Every array of the archive against the lines of JSON."""
    demand(same(archive["step"], [line["step"] for line in lines]), "step")
    demand(list(archive["step"]) == [*range(0, STEPS, EVERY), STEPS], "steps", archive["step"])
    edges = archive["log_edges"]
    demand(np.all(np.diff(edges) > 0) and edges.shape == (509,), "log_edges")
    for name in archive:
        if name == "log_edges":
            continue
        array, (run, _, quantity) = archive[name], name.partition(".")
        demand(len(array) == len(lines), name, "has no axis of steps")
        for told, line in zip(array, lines):
            if run not in ("A", "B"):
                demand(same(told, number(member(line, name))), name)
                continue
            source = line["runs"][run]
            if array.ndim == 1:
                demand(same(told, number(member(source, quantity))), name)
                continue
            layers = source["layers"] + [source["output"]]
            demand(len(told) in (len(layers) - 1, len(layers)), name, "has", len(told), "layers")
            for one, layer in zip(told, layers):
                check_layer(name, quantity, one, layer, edges)


def check_layer(name, quantity, told, layer, edges):
    owner, _, last = quantity.rpartition(".")
    if last != "counts":
        histogram = member(layer, owner) if owner.endswith("histogram") else True
        wanted = member(layer, quantity) if histogram is not None else 0
        demand(same(told, number(wanted)), name, told, wanted)
        return
    histogram = member(layer, owner)
    if histogram is None or not histogram["counts"]:
        demand(not told.any(), name)
    elif "scale" in histogram:
        full = np.zeros(508)
        first = int(np.searchsorted(edges, histogram["low"]))
        demand(edges[first] == histogram["low"], name, "edge")
        full[first:first + len(histogram["counts"])] = histogram["counts"]
        demand(same(told, full), name)
    else:
        demand(same(told, histogram["counts"]), name)


def rows_of(path):
    with open(path, encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file, strict=True))


def check_csv(rows, archive):
    """Every row against the archive, and as many values as it has."""
    steps = list(archive["step"])
    for row in rows:
        name = row["run"] + "." + row["quantity"] if row["run"] else row["quantity"]
        at = [steps.index(int(row["step"]))] + ([int(row["layer"]) - 1] if row["layer"] else [])
        if row["low"] and row["high"]:
            low, high = float(row["low"]), float(row["high"])
            counts = archive[name + ".counts"][tuple(at)]
            edges = archive["log_edges"]
            if name + ".low" in archive:
                ends = archive[name + ".low"][tuple(at)], archive[name + ".high"][tuple(at)]
                edges = np.linspace(*ends, len(counts) + 1)
            bin_ = int(np.searchsorted(edges, low))
            demand(edges[bin_] == low and edges[bin_ + 1] == high, "edges of", row)
            demand(counts[bin_] == int(row["value"]), "count of", row)
        else:
            demand(same(archive[name][tuple(at)], float(row["value"])), row)
    demand(len(rows) == sum(rows_wanted(archive, name) for name in archive), "rows")


def rows_wanted(archive, name):
    """A row for each value that is known, and for each bin that is not empty."""
    array, (owner, _, last) = archive[name], name.rpartition(".")
    if name == "log_edges" or owner.endswith("histogram") and last in ("low", "high"):
        return 0
    if owner.endswith("gradient_histogram") and not owner.endswith("weight_gradient_histogram"):
        array = array[archive[owner + ".n"] > 0] # measured at the end alone
    if last == "counts":
        return np.count_nonzero(array)
    return np.count_nonzero(~np.isnan(array))


def check_moments(told, x, name):
    x = x.astype(np.float64)
    for quantity, wanted in (("n", x.size), ("mean", x.mean()), ("sd", x.std()),
                             ("rms", np.sqrt(np.mean(x * x))), ("min", x.min()), ("max", x.max()),
                             ("zero", np.mean(x == 0)), ("nan", 0), ("inf", 0)):
        demand(abs(told[quantity] - wanted) <= 1e-6 * (abs(wanted) + x.std()), name, quantity,
               told[quantity], wanted)


def check_histogram(told, x, name):
    x = np.abs(x) if "scale" in told else x
    demand(told["n"] == x.size, name, "n")
    counts = told["counts"]
    if "scale" in told:
        demand(told["zero"] == np.count_nonzero(x == 0), name, "zero")
        x = x[x != 0]
        octaves = np.arange(len(counts) // 2 + 1)
        edges = np.sort(np.concatenate([told["low"] * 2.0 ** octaves,
                                        told["low"] * 2.0 ** octaves[:-1] * np.sqrt(2.0)]))
    else:
        edges = np.linspace(told["low"], told["high"], len(counts) + 1)
        demand(told["below"] == np.count_nonzero(x < edges[0]), name, "below")
        demand(told["above"] == np.count_nonzero(x > edges[-1]), name, "above")
    wanted, _ = np.histogram(x.astype(np.float64), bins=edges)
    demand(same(counts, wanted), name, "counts", counts, wanted)


def check_arrays(document, arrays):
    """The last pass against the arrays it left."""
    run = document["runs"]["A"]
    for number_, layer in enumerate(run["layers"] + [run["output"]], 1):
        output = number_ == len(run["layers"]) + 1
        of = {"z": arrays[f"z{number_}"], "delta": arrays[f"delta{number_}"],
              "h": arrays["prediction" if output else f"h{number_}"]}
        for name, x in of.items():
            check_moments(layer[name], x, f"{name}{number_}")
        for name, x in [*of.items(), ("weight", arrays[f"W{number_}"]),
                        ("weight_gradient", arrays[f"dW{number_}"])]:
            check_histogram(layer[name]["histogram"], x, f"{name}{number_}")
            rms = np.sqrt(np.mean(x.astype(np.float64) ** 2))
            demand(abs(layer[name]["rms"] - rms) <= 1e-6 * rms, name, number_, "rms")
        if not output: # W of the layer above takes delta back to h
            above = arrays[f"delta{number_ + 1}"].astype(np.float64)
            g = above @ arrays[f"W{number_ + 1}"].astype(np.float64).T
            told = layer["gradient_histogram"]
            demand(told["n"] == g.size, "gradient_histogram n")
            demand(sum(told["counts"]) + told["zero"] == g.size, "gradient_histogram sum")
            demand(abs(layer["gradient_rms"] - np.sqrt(np.mean(g * g))) <= 1e-5 * g.std(), "rms g")


def main():
    with tempfile.TemporaryDirectory(prefix="layerscope-") as folder:
        path = lambda name: os.path.join(folder, name)
        every = ("--every", str(EVERY))
        lines = [json.loads(line) for line in open(write(WORDS, "--json", path("a"), *every))]
        with np.load(write(WORDS, "--npz", path("b"), *every), allow_pickle=False) as file:
            archive = {name: file[name] for name in file.files}
        check_stacked(archive, lines)
        check_csv(rows_of(write(WORDS, "--csv", path("c"), *every)), archive)
        with np.load(write(WORDS, "--npz", path("d"))) as arrays:
            check_arrays(lines[-1], arrays)


if __name__ == "__main__":
    main()
