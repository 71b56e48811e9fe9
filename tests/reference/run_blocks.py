"""Check networks of blocks: every pair of choices meets in some network.

    run_blocks.py LAYERSCOPE

Activations, normalisations, connections with their branch scales, noise, losses, activation_last,
optimisers, depths, data and steps are too many to try together. All pairs that make sense are
covered by the networks here; each is run and its exported pass is proved with check_npz.py.
"""

import itertools
import sys
import time

import torch

import activations
import run_matrix
import updates
from report import summary

RESIDUAL = [{"connection": "residual", "block_layers": layers, "branch": branch}
            for layers in (1, 2) for branch in ("unscaled", "depth", "rezero", "fixup")]

# What may be chosen; a choice is some settings.
CHOICES = {
    "activation": [*({"activation": name} for name in activations.NAMES),
                   {"activation": "leaky_relu", "leak": 0.3},
                   {"activation": "maxout", "pieces": 3}],
    "connection": [{"connection": "plain"}, {"connection": "split", "groups": 2},
                   {"connection": "split", "groups": 4}, {"connection": "recurrent"}, *RESIDUAL],
    "normalisation": [{"normalisation": name} for name in ("none", "batch", "layer")],
    "noise": [{}, {"dropout": 0.3}, {"drop_connect": 0.3}, {"stochastic_depth": 0.5},
              {"alpha_dropout": 0.2}, {"dropout": 0.2, "drop_connect": 0.2},
              {"dropout": 0.1, "drop_connect": 0.1, "stochastic_depth": 0.4}],
    "loss": [{"loss": name} for name in run_matrix.LOSSES],
    "last": [{}, {"activation_last": "sigmoid"}, {"activation_last": "prelu", "last_from": 2},
             {"activation_last": "maxout", "last_from": 2, "last_to": 3}],
    "optimizer": [{"optimizer": name, "learning_rate": run_matrix.RATES.get(name, 0.02)}
                  for name in updates.STATES],
    "layers": [{"layers": layers} for layers in (1, 3, 4, 8)],
    "data": [{"data": "gaussian", "examples": 200, "features": 20, "batch": 33, "width": 20},
             {"data": "moons", "examples": 60, "batch": 60, "width": 8, "preprocess": "none"},
             {"data": "mnist", "examples": 300, "batch": 40, "width": 24}],
    "init": [{"init": name} for name in ("he", "xavier", "orthogonal", "pytorch", "lsuv")],
    "steps": [{"steps": steps} for steps in (0, 3, 10)],
}
MOSTLY_FINITE = 0.95


def only_ends(settings):
    """Is activation_last for the last layers of residual blocks of two layers alone?"""
    layers = settings.get("layers", 99)
    last = settings.get("last_to") or layers
    chosen = range(settings.get("last_from") or last, last + 1)
    ends = range(3, 2 * ((layers - 1) // 2) + 2, 2)
    return "activation_last" in settings and set(chosen) <= set(ends)


def sensible(chosen):
    """Can these choices, some of which may be open, be in one network?"""
    settings = merged(chosen)
    connection, layers = settings.get("connection"), settings.get("layers", 99)
    if connection is not None and connection != "residual" and "stochastic_depth" in settings:
        return False
    if connection == "residual" and layers <= settings["block_layers"]:
        return False
    if settings.get("branch") == "fixup" and settings.get("normalisation", "none") != "none":
        return False  # at first it divides by the root of epsilon, which rounding does not survive
    if connection == "residual" and settings["block_layers"] == 2 and only_ends(settings):
        return False
    if "alpha_dropout" in settings and (settings.get("activation", "selu") != "selu" or
                                        "activation_last" in settings):
        return False
    if settings.get("last_to", 1) > layers or settings.get("last_from", 1) > layers:
        return False
    if settings.get("init") == "lsuv" and (
            connection == "recurrent" or settings.get("branch") == "fixup" or
            settings.get("normalisation", "none") != "none"):
        return False
    maxout = "maxout" in (settings.get("activation"), settings.get("activation_last"))
    return not (connection == "recurrent" and maxout and "activation_last" in settings)


def merged(chosen):
    return {name: value for kind, place in chosen.items()
            for name, value in CHOICES[kind][place].items()}


def pairs_of(chosen):
    return {frozenset(pair) for pair in itertools.combinations(chosen.items(), 2)}


def covering():
    """Choices, every sensible pair of which is in one of them: greedily, the rarest first."""
    kinds = sorted(CHOICES, key=lambda kind: -len(CHOICES[kind]))
    every = {frozenset(((a, i), (b, j))) for a, b in itertools.combinations(kinds, 2)
             for i in range(len(CHOICES[a])) for j in range(len(CHOICES[b]))}
    missing = {pair for pair in every if completable(dict(pair))}
    order = sorted(missing, key=lambda pair: sorted((kinds.index(kind), place)
                                                    for kind, place in pair))
    for first in order:
        if first not in missing:
            continue
        chosen = dict(first)
        for kind in (kind for kind in kinds if kind not in chosen):
            places = [place for place in range(len(CHOICES[kind]))
                      if completable({**chosen, kind: place})]
            chosen[kind] = max(places, key=lambda place: len(
                missing & pairs_of({**chosen, kind: place})))
        missing -= pairs_of(chosen)
        yield chosen


def completable(chosen):
    """Sensible, and the depth and connection that are open can still be found."""
    if not sensible(chosen):
        return False
    return any(sensible({**{"layers": layers, "connection": connection, "last": last, "noise": 0},
                         **chosen})
               for layers in range(len(CHOICES["layers"]))
               for connection in range(len(CHOICES["connection"]))
               for last in range(len(CHOICES["last"])))


def cases():
    for number, chosen in enumerate(covering()):
        settings = {**merged(chosen), "seed": number + 1}
        steps = settings.pop("steps")
        title = "/".join(str(settings[name]) for name in settings if name not in
                         ("examples", "features", "batch", "width", "learning_rate", "preprocess"))
        yield title, steps, settings


def main():
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    torch.set_num_threads(1)
    start = time.monotonic()
    results = run_matrix.run_cases(sys.argv[1], list(cases()))
    failures = [line for report, _ in results for line in report.failures]
    finite = sum(finite for _, finite in results)
    print(f"{summary([report for report, _ in results])}; {finite} finite; "
          f"{time.monotonic() - start:.1f} s")
    print("\n".join(failures[:40]))
    if finite < MOSTLY_FINITE * len(results):
        sys.exit("too many runs diverged to prove anything")
    sys.exit(1 if failures else 0)


if __name__ == "__main__":
    main()
