"""Event files written without the program under test, and what `layerscope watch` tells of them.

The values are known here, so that moments and, within the buckets that were logged, histograms have
one right answer.
"""

import json
import os
import subprocess
import sys

import numpy as np

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "data", "events"))
import make_events  # noqa: E402

from program import ENVIRONMENT  # noqa: E402
from report import rms  # noqa: E402

EXACT = 1e-9  # moments are of sums that were logged as doubles


class SummaryWriter:
    """Of torch.utils.tensorboard, as far as layers and scalars go."""

    def __init__(self, folder):
        os.makedirs(folder, exist_ok=True)
        self.file = open(os.path.join(folder, "events.out.tfevents.1700000000.here.1.0"), "wb")
        self.file.write(make_events.version(1.7e9))

    def add(self, step, value, *_):
        self.file.write(make_events.event(1.7e9 + step, step, value))

    def add_scalar(self, tag, value, step):
        make_events.torch_scalar(self, step, tag, float(value))

    def add_histogram(self, tag, values, step):
        make_events.torch_histogram(self, step, tag, values.detach().cpu().numpy())

    def flush(self):
        self.file.flush()

    def close(self):
        self.file.close()


class TensorFlow(SummaryWriter):
    """Of tf.summary.create_file_writer(), which Keras' callback uses."""

    def add_scalar(self, tag, value, step):
        make_events.tf2_scalar(self, step, tag, value)

    def add_histogram(self, tag, values, step):
        make_events.tf2_histogram(self, step, tag, values)


def watch(program, folder, *words):
    """The documents of each step that is wanted."""
    path = os.path.join(folder, "watched.json")
    command = [program, "watch", folder, "--json", path, *words]
    result = subprocess.run(command, env=ENVIRONMENT, capture_output=True, text=True)
    if result.returncode != 0 or result.stderr:
        sys.exit(f"{' '.join(command)}: status {result.returncode}\n{result.stderr}")
    with open(path, encoding="utf-8") as file:
        return [json.loads(line) for line in file]


def check_moments(report, name, got, values, tolerance=EXACT):
    values = values.astype(float).ravel()
    size = rms(values)
    report.same(f"{name} n", got["n"], values.size)
    for moment, want in {"mean": values.mean(), "sd": values.std(), "rms": size,
                         "min": values.min(), "max": values.max()}.items():
        report.number(f"{name} {moment}", got[moment], want, tolerance, size)


def check_cumulated(report, name, edges, counts, values, buckets):
    """counts between the edges, begun below all of them, against the values: at an edge they may
    differ by what is in the logged bucket around it."""
    total, ordered = np.cumsum(counts), np.sort(values)
    for edge, got in zip(edges, total):
        place = np.searchsorted(buckets, edge)
        low, high = buckets[max(place - 1, 0)], buckets[min(place, len(buckets) - 1)]
        least = np.searchsorted(ordered, low, "left")
        most = np.searchsorted(ordered, high, "right")
        report.claim(least <= got <= most,
                     f"{name}: {got} below {edge:g}, should be {least} to {most}")


def check_histogram(report, name, got, values, buckets):
    values = values.astype(float).ravel()
    apart = got["around_zero"]
    report.same(f"{name} n", got["n"], values.size)
    report.same(f"{name} counts", sum(got["counts"]) + got["below"] + got["above"] + apart,
                values.size)
    edges = np.linspace(got["low"], got["high"], len(got["counts"]) + 1)
    counts = np.array([got["below"]] + got["counts"], float)
    if apart:  # wherever they are exactly, it is left of the first edge above 0
        counts[np.searchsorted(edges, 0.0, "right")] += apart
    check_cumulated(report, name, edges, counts, values, buckets)


def check_log_histogram(report, name, got, values, buckets):
    magnitudes = np.abs(values.astype(float).ravel())
    apart = got["around_zero"] + got["zero"]
    report.same(f"{name} n", got["n"], magnitudes.size)
    report.same(f"{name} counts", sum(got["counts"]) + apart, magnitudes.size)
    if got["low"] is None:
        return
    edges = got["low"] * 2.0 ** (np.arange(len(got["counts"]) + 1) / got["bins_per_octave"])
    buckets = np.unique(np.abs(buckets))
    check_cumulated(report, name, edges, np.array([apart] + got["counts"]), magnitudes, buckets)


def finish(report):
    print("\n".join(report.failures[:40]))
    print(f"{report.title}: {report.checks} checks, {len(report.failures)} failed")
    return 1 if report.failures or not report.checks else 0

