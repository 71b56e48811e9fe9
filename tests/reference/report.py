"""What checks say, and the errors they accept."""

import math

import numpy as np

FORWARD = 1e-5   # relative RMS error of z, h, loss
BACKWARD = 1e-4  # of delta and of gradients
SUMMARY = 1e-5   # of moments and ratios, which are sums over float32 numbers
FLUSHED = 1e-37  # the program flushes what is below: an absolute error of that size is none

SPECIAL = {"NaN": math.nan, "Infinity": math.inf, "-Infinity": -math.inf}


class Report:
    """One line per check; `failures` keeps the lines of those that failed, `worst` by tolerance the
    largest relative error of arrays, beyond the room they had."""

    def __init__(self, title, verbose=False):
        self.title = title
        self.verbose = verbose
        self.checks = 0
        self.failures = []
        self.worst = {}

    def claim(self, holds, text):
        self.checks += 1
        line = f"{'ok  ' if holds else 'FAIL'} {self.title}: {text}"
        if not holds:
            self.failures.append(line)
        if self.verbose:
            print(line)

    def arrays(self, name, got, want, tolerance, room=0.0):
        """Relative RMS error over the entries; room is an absolute error on top."""
        if got.shape != want.shape:
            self.claim(False, f"{name}: shape {got.shape}, should be {want.shape}")
            return
        error, size = rms(got - want), rms(want)
        beyond = max(error - room - FLUSHED, 0.0) / size if size > 0 else 0.0
        self.worst[tolerance] = max(self.worst.get(tolerance, 0.0), beyond)
        self.claim(error <= tolerance * size + room + FLUSHED,
                   f"{name}: RMS error {error:.2e} of {size:.2e}, at most {tolerance:g} of it")

    def number(self, name, got, want, tolerance=SUMMARY, scale=None):
        """An error of tolerance times scale (|want| by default); 0 / 0 must be NaN."""
        got = SPECIAL.get(got, got)
        if got is None or not math.isfinite(want):
            same = got is not None and (got == want or math.isnan(got) and math.isnan(want))
            self.claim(same, f"{name}: {got}, should be {want}")
            return
        room = tolerance * (abs(want) if scale is None else scale) + FLUSHED
        self.claim(abs(got - want) <= room, f"{name}: {got:.9g}, should be {want:.9g}")

    def same(self, name, got, want):
        self.claim(got == want, f"{name}: {short(got)}, should be {short(want)}")


def short(value):
    text = str(value)
    return text if len(text) < 60 else text[:57] + "..."


def rms(values):
    return math.sqrt(np.mean(np.square(values, dtype=np.float64))) if values.size else math.nan


def ratio(a, b):
    return a / b if b != 0.0 else math.nan if a == 0.0 or math.isnan(a) else math.inf


def summary(reports):
    """One line about many reports."""
    worst = {tolerance: max(report.worst.get(tolerance, 0.0) for report in reports)
             for tolerance in (FORWARD, BACKWARD)}
    return f"{len(reports)} runs, {sum(report.checks for report in reports)} checks, " \
        f"{sum(len(report.failures) for report in reports)} failed; worst relative RMS error: " \
        f"forward {worst[FORWARD]:.1e} of {FORWARD:g}, backward {worst[BACKWARD]:.1e} of {BACKWARD:g}"
