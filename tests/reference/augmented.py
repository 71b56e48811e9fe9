"""What the program does to its training batches, told from what it exports alone.

    augmented.py LAYERSCOPE

A batch as large as the data set holds the same examples in the same order at every step, so an
export without augmentation gives the examples as they are, and one with it what became of them.
"""

import math
import os
import sys
import tempfile

import numpy as np

import program
from passes import Pass
from report import Report

SIDE = 28
GAUSSIAN = {"data": "gaussian", "examples": 80, "batch": 80, "features": 12, "width": 8}
MNIST = {"data": "mnist", "examples": 300, "batch": 300, "width": 8}
LAYERS = {"layers": 1, "activation": "tanh", "init": "xavier"}
ROUNDING = 1e-6
SDS = 5  # standard errors that a mean may be off


def passes(path, folder, settings, steps):
    """The exported pass at each of these steps."""
    for step in steps:
        stem = os.path.join(folder, "pass")
        npz, _ = program.export(path, {**LAYERS, **settings}, step, stem, document=False)
        yield step, Pass(npz)


def plain(path, folder, settings):
    return next(passes(path, folder, settings, [0]))[1]


def check_mixup(report, path, folder):
    before = plain(path, folder, GAUSSIAN)
    lambdas, orders = [], []
    for step, after in passes(path, folder, {**GAUSSIAN, "mixup": 1}, range(12)):
        share = float(after["lambda"])
        other = after["x"] - share * before["x"]  # (1 - lambda) times the other example
        apart = np.abs(other[:, None] - (1 - share) * before["x"][None]).max(axis=2)
        order = apart.argmin(axis=1)
        name = f"mixup, step {step}"
        report.claim(0 <= share <= 1, f"{name}: lambda {share}")
        report.claim(apart.min(axis=1).max() < ROUNDING, f"{name}: x are mixtures of two examples")
        report.claim(sorted(order) == list(range(80)), f"{name}: each is mixed in once")
        report.claim(np.array_equal(after["y"], before["y"]), f"{name}: y stayed")
        report.claim(np.array_equal(after["y2"], before["y"][order]), f"{name}: y2 belong to x")
        lambdas.append(share)
        orders.append(tuple(order))
    report.claim(len(set(lambdas)) == len(set(orders)) == 12, "mixup: every step has its own")
    report.claim(abs(np.mean(lambdas) - 0.5) < SDS / math.sqrt(12 * 12), "mixup: mean of lambda")


def moved(images, dx, dy, empty):
    """All images moved by (dx, dy), from numpy's own roll."""
    rolled = np.roll(images, (dy, dx), axis=(1, 2))
    y, x = np.mgrid[:SIDE, :SIDE]
    outside = (x < dx) | (x >= SIDE + dx) | (y < dy) | (y >= SIDE + dy)
    return np.where(outside, empty, rolled)


def check_shift(report, path, folder, preprocess, most):
    settings = {**MNIST, "preprocess": preprocess}
    before = plain(path, folder, settings)["x"].reshape(-1, SIDE, SIDE)
    # the first pixel of the lowest value at each place is empty: every place of MNIST has one
    empty = before.min(axis=0)
    after = next(passes(path, folder, {**settings, "shift": most}, [3]))[1]["x"]
    after = after.reshape(before.shape)
    found = np.zeros(len(before), bool)
    counts = np.zeros((2 * most + 1, 2 * most + 1), int)
    for dy in range(-most, most + 1):
        for dx in range(-most, most + 1):
            same = np.abs(after - moved(before, dx, dy, empty)).max(axis=(1, 2)) < ROUNDING
            found |= same
            counts[dy + most, dx + most] = same.sum()
    name = f"shift, {preprocess}"
    report.claim(found.all(), f"{name}: {found.sum()} of {len(found)} images are moved ones")
    report.claim(counts.sum() == len(found), f"{name}: each by one distance")
    expected = len(found) / counts.size
    report.claim(np.abs(counts - expected).max() < SDS * math.sqrt(expected),
                 f"{name}: {counts.min()} to {counts.max()} images per distance")


def check_noise(report, path, folder, sd):
    before = plain(path, folder, MNIST)["x"]
    noises = [(after["x"] - before) / sd for _, after in
              passes(path, folder, {**MNIST, "input_noise": sd}, [0, 7])]
    n = before.size
    for noise in noises:
        report.claim(abs(noise.mean()) < SDS / math.sqrt(n), f"noise: mean {noise.mean():.2g}")
        report.claim(abs(noise.var() - 1) < SDS * math.sqrt(2 / n),
                     f"noise: variance {noise.var():.6f}")
        report.claim(abs((noise ** 4).mean() - 3) < SDS * math.sqrt(96 / n),
                     f"noise: fourth moment {(noise ** 4).mean():.5f}")
    same = (noises[0] * noises[1]).mean()
    report.claim(abs(same) < SDS / math.sqrt(n), f"noise: correlation of two steps {same:.2g}")


def main():
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    report = Report("augmented", verbose=True)
    with tempfile.TemporaryDirectory() as folder:
        check_mixup(report, sys.argv[1], folder)
        for preprocess in ("none", "unit", "centred"):
            check_shift(report, sys.argv[1], folder, preprocess, 2)
        check_noise(report, sys.argv[1], folder, 0.3)
    print(f"{report.checks} checks, {len(report.failures)} failed")
    print("\n".join(report.failures))
    sys.exit(1 if report.failures else 0)


if __name__ == "__main__":
    main()
