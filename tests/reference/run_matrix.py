"""Check every activation x loss x depth and every activation x initialiser, and some corners.

    run_matrix.py LAYERSCOPE

Runs the program a few steps for each and proves the exported pass with check_npz.py. What a case
leaves open, data sets, optimisers and numbers of steps are dealt out over the cases so that every
pair of them occurs.
"""

import concurrent.futures
import itertools
import os
import sys
import tempfile
import time

import torch

import activations
import check_npz
import program
import updates
from report import summary

ACTIVATIONS = activations.NAMES
LOSSES = ["cross_entropy", "binary_cross_entropy", "mse"]
# Without "constant": the output's deltas add up to zero there, so that below is only rounding.
DRAWN = ["zero", "small", "normal", "uniform", "xavier", "lecun_uniform",
         "glorot_normal", "glorot_uniform", "sigmoid_xavier", "he", "he_uniform",
         "he_fan_out", "pytorch", "orthogonal", "identity"]
INITIALISERS = DRAWN + ["lsuv"]
SCALES = {"normal": 0.3, "uniform": 0.3}  # others are made for any width
DEPTHS = [1, 3, 10]
OPTIMISERS = list(updates.STATES)
RATES = {"adagrad": 0.002, "adadelta": 0.1, "rmsprop": 0.001, "adam": 0.001,
         "adamw": 0.001}  # others 0.02
DATA = [
    {"data": "gaussian", "examples": 200, "features": 20, "batch": 33, "width": 20},
    {"data": "xor", "batch": 4, "width": 5},
    {"data": "mnist", "examples": 500, "batch": 64, "width": 24},
]
STEPS = [5, 0, 5, 20]
TITLE = ["activation", "loss", "init", "layers", "data", "optimizer"]

# Of the grid; the rest may diverge, which is data as well, but proves less.
MOSTLY_FINITE = 0.9

CORNERS = [
    ("one unit, one example", 3, dict(data="gaussian", examples=7, features=1, batch=1, width=1,
                                      layers=2, activation="tanh", init="xavier")),
    ("softmax regression", 20, dict(data="mnist", examples=300, batch=50, layers=0, bias_sd=1,
                                    optimizer="adam", learning_rate=0.01)),
    ("depth 200", 2, dict(data="gaussian", examples=50, features=10, batch=16, width=12,
                          layers=200, activation="relu", init="he")),
    ("underflow", 2, dict(data="gaussian", examples=50, features=10, batch=16, width=12,
                          layers=60, activation="sigmoid", init="small")),
    ("biases and scale", 4, dict(data="gaussian", examples=50, features=10, batch=16, width=12,
                                 layers=4, activation="relu", init="uniform", init_scale=0.3,
                                 bias=0.25)),
    ("lsuv with a gain", 0, dict(data="mnist", examples=300, batch=50, width=20, layers=30,
                                 activation="tanh", init="lsuv", init_scale=1.3)),
    ("rbm on digits", 4, dict(data="mnist", examples=300, batch=50, width=20, layers=3,
                              activation="sigmoid", init="rbm", rbm_epochs=2)),
    ("rbm on xor", 0, dict(data="xor", batch=4, width=6, layers=2, activation="sigmoid",
                           init="rbm", rbm_epochs=20, rbm_rate=0.3)),
    ("wide", 1, dict(data="mnist", examples=300, batch=100, width=700, layers=2,
                     activation="relu", init="he", optimizer="adam", learning_rate=0.001)),
    *((f"mixup, {loss}", 5, dict(data="mnist", examples=300, batch=50, width=20, layers=2,
                                 activation="relu", init="he", loss=loss, mixup=1, shift=2,
                                 input_noise=0.1)) for loss in LOSSES),
    ("mixup, one output", 5, dict(data="moons", examples=100, batch=30, width=9, layers=2,
                                  activation="tanh", init="xavier", mixup=0.5)),
    ("mixup, one output, mse", 5, dict(data="moons", examples=100, batch=30, width=9, layers=2,
                                       activation="tanh", init="xavier", loss="mse", mixup=0.5)),
    ("penalties", 5, dict(data="gaussian", examples=50, features=10, batch=16, width=12, layers=4,
                          activation="tanh", init="xavier", l1=0.01, l2=0.1, weight_decay=0.3,
                          optimizer="nesterov")),
    ("clipping", 5, dict(data="gaussian", examples=50, features=10, batch=16, width=12, layers=4,
                         activation="relu", init="he", clip_norm=0.1, clip_value=0.003, l2=0.01,
                         optimizer="adadelta")),
    *((f"schedule {schedule}", 12, dict(data="gaussian", examples=50, features=10, batch=16,
                                        width=12, layers=2, activation="tanh", init="xavier",
                                        optimizer="adamw", schedule=schedule, schedule_period=5,
                                        schedule_factor=0.3, warmup=warmup))
      for schedule, warmup in (("constant", 30), ("step", 3), ("cosine", 2), ("warmup", 10))),
    ("diverging", 60, dict(data="gaussian", examples=50, features=10, batch=16, width=12,
                           layers=6, activation="relu", init="normal", loss="mse",
                           learning_rate=10)),
]


def places():
    """Indexes of activation, loss, initialiser and depth."""
    activations, losses, initialisers, depths = map(
        range, map(len, (ACTIVATIONS, LOSSES, DRAWN, DEPTHS)))
    for a, l, d in itertools.product(activations, losses, depths):
        yield a, l, (2 * a + 3 * l + d) % len(DRAWN), d
    for a, i in itertools.product(activations, initialisers):
        yield a, (a + i) % len(LOSSES), i, (a + i // 3) % len(DEPTHS)
    for a in activations:
        yield a, a % len(LOSSES), INITIALISERS.index("lsuv"), a // 2 % len(DEPTHS)


def grid():
    for place, (a, l, i, d) in enumerate(places()):
        settings = {
            "activation": ACTIVATIONS[a], "loss": LOSSES[l], "init": INITIALISERS[i],
            "layers": DEPTHS[d], "seed": place + 1,
            "optimizer": OPTIMISERS[(a + i + 2 * d) % len(OPTIMISERS)],
            **DATA[(a + l + i + d) % len(DATA)],
        }
        settings["learning_rate"] = RATES.get(settings["optimizer"], 0.02)
        if settings["init"] in SCALES:
            settings["init_scale"] = SCALES[settings["init"]]
        yield "/".join(str(settings[name]) for name in TITLE), STEPS[(i + d) % 4], settings


def run_case(path, folder, number, case):
    title, steps, settings = case
    files = program.export(path, settings, steps, os.path.join(folder, str(number)))
    report, finite = check_npz.check(*files, title=title)
    for name in files:
        os.remove(name)
    return report, finite


def run_cases(path, cases):
    with tempfile.TemporaryDirectory() as folder:
        with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
            jobs = [pool.submit(run_case, path, folder, number, case)
                    for number, case in enumerate(cases)]
            return [job.result() for job in jobs]


def main():
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    torch.set_num_threads(1)
    start = time.monotonic()
    cases = list(grid())
    results = run_cases(sys.argv[1], cases + CORNERS)
    failures = [line for report, _ in results for line in report.failures]
    finite = sum(finite for _, finite in results[:len(cases)])
    print(f"{summary([report for report, _ in results])}; {finite} of {len(cases)} finite; "
          f"{time.monotonic() - start:.1f} s")
    print("\n".join(failures[:40]))
    if finite < MOSTLY_FINITE * len(cases):
        sys.exit("too many runs of the grid diverged to prove anything")
    if results[-1][1]:
        sys.exit("the run that should diverge did not")
    sys.exit(1 if failures else 0)


if __name__ == "__main__":
    main()
