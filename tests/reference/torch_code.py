"""Run the PyTorch lines that the program writes and see that they build the same network.

    torch_code.py LAYERSCOPE

Every activation with every initialiser, and every normalisation with every connection, optimiser
and kind of noise: the parameters must have the shapes of ours, their means and mean squares must
agree with ours within sampling error, the constants to the bit; with our values in their place the
same inputs must give the same logits, and a training step must run. What PyTorch draws is the same at
every call, so that a check of chance does not fail once in a hundred calls.
"""

import itertools
import os
import subprocess
import sys
import tempfile

import numpy as np
import torch

import program
from report import Report

WIDTH, FEATURES, BATCH = 48, 24, 64
BASE = {"data": "gaussian", "features": FEATURES, "width": WIDTH, "layers": 4, "batch": BATCH,
        "examples": 64}
EXACT = ("zero", "constant", "identity")
SIGMAS = 6.0


def build(layerscope, settings, stem):
    """(the names that the lines define, the arrays of our first pass)."""
    code = stem + ".py"
    program.export(layerscope, {**settings, "code": code}, 0, stem, document=False)
    names = {}
    with open(code, encoding="utf-8") as file:
        exec(compile(file.read(), code, "exec"), names)  # what the user would do
    with np.load(stem + ".npz") as arrays:
        return names, {name: arrays[name] for name in arrays}


def linears(network, number, layers):
    """The maps of layer number, from 1."""
    if number > layers:
        return [network.output]
    if hasattr(network, "input"):
        return [network.input if number == 1 else network.again] if number <= 2 else []
    linear = network.linear[number - 1]
    return list(linear) if isinstance(linear, torch.nn.ModuleList) else [linear]


def parameters(network, layers):
    """Ours by name, as a list of theirs and whether these are transposed."""
    found = {}
    for number in range(1, layers + 2):
        maps = linears(network, number, layers)
        if maps:
            found[f"W{number}"] = [linear.weight for linear in maps], True
        if maps and maps[0].bias is not None:
            found[f"b{number}"] = [linear.bias for linear in maps], False
        if number <= layers and hasattr(network, "norm"):
            found[f"gamma{number}"] = [network.norm[number - 1].weight], False
            found[f"beta{number}"] = [network.norm[number - 1].bias], False
        if hasattr(network, "slope") and str(number - 1) in network.slope:
            found[f"slope{number}"] = [network.slope[str(number - 1)].weight], False
    return found


def gathered(theirs, transposed):
    arrays = [(p.T if transposed else p).detach().numpy() for p in theirs]
    if transposed:
        return arrays[0] if len(arrays) == 1 else np.stack(arrays)
    return np.concatenate(arrays)


def check_moments(report, name, got, want, exact):
    if exact or np.all(want == want.flat[0]):
        report.claim(np.allclose(got, want, rtol=1e-6, atol=0), f"{name}: the same constants")
        return
    n, square = want.size, float(np.mean(np.square(want, dtype=float)))
    room = SIGMAS * np.sqrt(2.0 / n)
    report.claim(abs(got.mean() - want.mean()) < room * np.sqrt(square), f"{name}: mean")
    ratio = float(np.mean(np.square(got, dtype=float))) / square  # its logarithm has sd 2 / root n
    report.claim(abs(np.log(ratio)) < room * np.sqrt(2.0), f"{name}: mean square {ratio:.3f} of ours")


def check(layerscope, stem, verbose, settings, drawn=True, silent=True):
    """drawn: are our weights as drawn? silent: is nothing dropped in our pass?"""
    changes = {name: value for name, value in settings.items() if BASE.get(name) != value}
    report = Report(" ".join(f"{name}={value}" for name, value in changes.items()), verbose)
    names, ours = build(layerscope, settings, stem)
    network, layers = names["network"], settings["layers"]
    found = parameters(network, layers)
    scales = sorted((name for name in ours if name.startswith("dscale")), key=lambda n: int(n[6:]))
    report.same("parameters", sum(p.numel() for p in network.parameters()),
                sum(value.size for name, value in ours.items()
                    if "d" + name in ours and not name.startswith("d")))
    for name, (theirs, transposed) in found.items():
        got = gathered(theirs, transposed)
        report.same(f"shape of {name}", got.shape, ours[name].shape)
        if drawn:
            check_moments(report, name, got, ours[name],
                          settings["init"] in EXACT and not settings.get("bias_sd"))
    with torch.no_grad():
        for name, (theirs, transposed) in found.items():
            pieces = (np.split(ours[name], len(theirs)) if not transposed else
                      [ours[name]] if len(theirs) == 1 else list(ours[name]))
            for parameter, piece in zip(theirs, pieces):
                parameter.copy_(torch.tensor(piece.T if transposed else piece))
        for name, parameter in zip(scales, getattr(network, "scale", [])):
            report.same(name, float(parameter), float(ours[name[1:]]))
    x = torch.tensor(ours["x"])
    if silent:
        with torch.no_grad():
            report.arrays("logits", network(x).numpy(), ours["logits"], 1e-4)
    if settings.get("loss") == "cross_entropy":
        y = torch.tensor(ours["y"]).long()
    else:
        y = torch.ones(len(x), ours["logits"].shape[1])
    before = [p.detach().clone() for p in network.parameters()]
    loss = names["step"](x, y)
    report.claim(np.isfinite(loss), f"loss of a step: {loss}")
    moved = any((p != q).any() for p, q in zip(network.parameters(), before))
    report.claim(moved, "a step moves something")
    return report


def listed(layerscope, table):
    lines = subprocess.run([layerscope, "list", table], stdout=subprocess.PIPE, check=True,
                           text=True).stdout.splitlines()
    return [line.split()[0] for line in lines if line[:2] == "  " and line[2:3] != " "]


def cases(layerscope):
    """(settings, are our weights as drawn, is nothing dropped)."""
    activations = listed(layerscope, "activations")
    inits = [name for name in listed(layerscope, "initialisers") if name != "rbm"]
    scales = {"normal": 0.1, "constant": 0.02, "uniform": 0.1, "zero": 1}
    for activation, init in itertools.product(activations, inits):
        yield dict(BASE, activation=activation, init=init, init_scale=scales.get(init, 1.5),
                   layers=2, loss="mse"), init != "lsuv", True
    joins = [{"connection": "plain"}, {"connection": "split", "groups": 4},
             {"connection": "recurrent"}] + [
                 {"connection": "residual", "block_layers": span, "branch": branch}
                 for span in (1, 2) for branch in ("unscaled", "depth", "rezero", "fixup")]
    for join, normalisation, activation in itertools.product(
            joins, ("none", "batch", "layer"), ("relu", "prelu", "maxout")):
        yield dict(BASE, **join, normalisation=normalisation, activation=activation, init="he",
                   bias_sd=0.1, layers=5, loss="cross_entropy"), True, True
    for noise in ({"dropout": 0.3}, {"alpha_dropout": 0.2, "activation": "selu"},
                  {"drop_connect": 0.4}, {"stochastic_depth": 0.5, "connection": "residual"},
                  {"drop_connect": 0.4, "connection": "recurrent"},
                  {"drop_connect": 0.4, "connection": "split", "groups": 2}):
        yield dict(BASE, init="xavier", loss="binary_cross_entropy", **noise), True, False
    adjustments = {"l1": 0.01, "l2": 0.1, "weight_decay": 0.05, "clip_norm": 0.5,
                   "clip_value": 0.1, "warmup": 5, "activation": "prelu"}
    for optimiser, schedule in itertools.product(
            "sgd momentum nesterov adagrad adadelta rmsprop adam adamw".split(),
            "constant step cosine warmup".split()):
        yield dict(BASE, init="pytorch", bias=0.2, optimizer=optimiser, schedule=schedule,
                   loss="cross_entropy"), True, True
    yield dict(BASE, init="he", loss="mse", **adjustments), True, True
    yield dict(BASE, init="he", layers=0, loss="cross_entropy"), True, True
    yield dict(BASE, init="he", layers=1, connection="recurrent", loss="mse"), True, True
    yield dict(BASE, init="he", activation="tanh", activation_last="maxout", last_from=2,
               last_to=3, loss="mse"), True, True
    yield dict(BASE, data="xor", batch=4, init="rbm", activation="sigmoid", preprocess="none",
               loss="binary_cross_entropy"), False, True


def main():
    if len(sys.argv) not in (2, 3):
        sys.exit(__doc__)
    torch.set_num_threads(1)
    torch.manual_seed(1)
    with tempfile.TemporaryDirectory() as folder:
        reports = [check(sys.argv[1], os.path.join(folder, "case"), len(sys.argv) > 2, *case)
                   for case in cases(sys.argv[1])]
    failures = [line for report in reports for line in report.failures]
    print(f"{len(reports)} networks, {sum(report.checks for report in reports)} checks, "
          f"{len(failures)} failed")
    print("\n".join(failures[:40]))
    sys.exit(1 if failures or len(reports) < 300 else 0)


if __name__ == "__main__":
    main()
