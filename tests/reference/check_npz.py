"""Prove one exported pass against float64 NumPy and PyTorch.

    check_npz.py ARRAYS.npz DOCUMENT.json

Both files must come from one `layerscope run ... --npz ARRAYS.npz --json DOCUMENT.json`. From x, y
and the weights alone everything else is computed again, by NumPy forwards and by PyTorch's autograd
backwards, and compared; then every number of the document is compared with the arrays. Prints one
line per check; exit status 1 if any of them failed.
"""

import json
import sys

import numpy as np
import torch
import torch.nn.functional as F

import blocks
import document_checks
import passes
from report import BACKWARD, FORWARD, Report, rms

FLOAT64_EDGE = 1e-290  # below, what is not zero here may be flushed to zero there
FLOAT32_TAIL = 80  # a slope with e^-z in it may be no float32 beyond


def torch_loss(name, logits, labels):
    """The mean loss and the prediction that belongs to it; labels as Pass.labels() gives them."""
    labels = [(torch.from_numpy(indices), share) for indices, share in labels]
    if name == "cross_entropy":
        loss = sum(share * F.cross_entropy(logits, indices) for indices, share in labels)
        return loss, torch.softmax(logits, 1)
    outputs = logits.shape[1]
    target = sum(share * (F.one_hot(indices, outputs) if outputs > 1 else indices[:, None])
                 for indices, share in labels).to(logits.dtype)
    if name == "binary_cross_entropy":
        return F.binary_cross_entropy_with_logits(logits, target), torch.sigmoid(logits)
    return F.mse_loss(logits, target), logits


class Exact:
    """The same pass by autograd in float64: loss, prediction, and what it leaves, by name."""

    def __init__(self, run, settings, loss_name):
        self.batch = run.batch
        self.network = blocks.Network(run, settings, gradients=True)
        logits = self.network.forward(run["x"], run, run)
        loss, prediction = torch_loss(loss_name, logits, run.labels())
        loss.backward()
        self.loss, self.prediction = loss.item(), prediction.detach().numpy()

    def value(self, name):
        return self.network.trace[name].detach().numpy()

    def gradient(self, name):
        """Of each example's own loss: autograd has the mean loss."""
        grad = self.network.trace[name].grad
        return np.zeros_like(self.value(name)) if grad is None else grad.numpy() * self.batch

    def learned(self, name):
        return self.network.values[name].grad.numpy()


def gradient_terms(run, exact, settings, kind, number):
    """The sizes of what is summed up in a gradient of the mean loss."""
    def size(name):
        return np.abs(exact.gradient(f"{name}{number}")) / run.batch

    def of_all_users():
        """|d loss / d a| of all layers that use this one's W or b."""
        recurrent = settings["connection"] == "recurrent" and number == 1
        for layer in run.layers:
            if blocks.tied(run, kind, layer) == f"{kind}{number}" or recurrent and layer < run.last:
                yield layer, np.abs(exact.gradient(f"a{layer}")) / run.batch

    if kind == "W":
        grown = 1 / (1 - settings["drop_connect"]) if f"weight_kept{number}" in run else 1.0
        return grown * sum(passes.outer(np.abs(run.input(1 if number == 1 else layer)), terms,
                                        run[f"W{number}"]) for layer, terms in of_all_users())
    if kind == "b":
        return sum(terms for _, terms in of_all_users()).sum(axis=0)
    return {
        "gamma": lambda: (size("z") * (np.abs(run[f"zhat{number}"]) + passes.zhat_room(
            run, settings, number) / passes.ROUNDING)).sum(axis=0),
        "beta": lambda: size("z").sum(axis=0),
        "slope": lambda: (size("phi") * np.abs(run[f"z{number}"])).sum(axis=0),
        "scale": lambda: (size("h") * np.abs(run.y(number))).sum(),
    }[kind]()


def check_torch(report, run, settings, exact):
    report.number("loss (PyTorch)", float(run["loss"]), exact.loss, FORWARD)
    report.arrays("prediction (PyTorch)", run["prediction"], exact.prediction, FORWARD,
                  passes.forward_room(run, settings, run.last))  # no output's slope is above 1
    for number, layer in exact.network.layers.items():
        names, learned = blocks.names_of(layer, settings)
        report.arrays(f"z{number} (PyTorch)", run[f"z{number}"], exact.value(f"z{number}"), FORWARD,
                      passes.forward_room(run, settings, number))
        for kind in sorted(names & {"h", "phi"}):
            name = f"{kind}{number}"
            report.arrays(f"{name} (PyTorch)", run[name], exact.value(name), FORWARD)
        report.arrays(f"delta{number} (PyTorch)", run[f"delta{number}"],
                      exact.gradient(f"z{number}"), BACKWARD)
        report.arrays(f"delta_a{number} (PyTorch)", run.delta_a(number),
                      exact.gradient(f"a{number}"), BACKWARD)
        for kind in sorted(learned):
            name, terms = f"{kind}{number}", gradient_terms(run, exact, settings, kind, number)
            report.arrays(f"d{name} (PyTorch)", run["d" + name], exact.learned(name), BACKWARD,
                          passes.ROUNDING * run.last * rms(terms))


def check_running(report, run, settings, exact):
    """Of the first pass; twin.py has those of later ones."""
    for layer in run.layers[:-1] if settings["normalisation"] == "batch" else ():
        terms = passes.numpy_linear(run, settings, layer, np.abs)
        for kind, room in (("mean", passes.ROUNDING * rms(terms)), ("variance", 0.0)):
            name = f"running_{kind}{layer}"
            report.arrays(f"{name} (PyTorch)", run[name], exact.network.running[name].numpy(),
                          FORWARD, blocks.MOMENTUM * room)


def check_underflow(report, name, told, exported, exact, beyond=False):
    """The program's zeros that are numbers in float64, but smaller than float32 has.

    beyond says where it may be a factor, and not the number, that float32 cannot hold.
    """
    size = np.abs(exact)
    lost = (exported == 0) & (exact != 0) & (size < 2 * document_checks.FLOAT32_MIN)
    certain = int((lost & (size > FLOAT64_EDGE)).sum()) / exported.size
    most = int((lost | (exported == 0) & beyond).sum()) / exported.size
    report.claim(certain <= told["underflow"] <= most,
                 f"{name}.underflow: {told['underflow']}, should be {certain} to {most}")


def explains_zeros(settings):
    """Only there does the program say which zeros are underflow."""
    return settings["connection"] == "plain" and settings["normalisation"] == "none" and \
        settings["drop_connect"] == 0 and \
        "maxout" not in (settings["activation"], settings["activation_last"])


def check_finite(report, run, told, settings):
    passes.check_numpy_forward(report, run, settings)
    exact = Exact(run, settings, told["loss_function"])
    check_torch(report, run, settings, exact)
    if told["step"] == 0:
        check_running(report, run, settings, exact)
    for layer, layer_told in enumerate(told["layers"], 1):
        if explains_zeros(settings):
            name, z = f"layer {layer}", exact.value(f"z{layer}")
            check_underflow(report, f"{name}.z", layer_told["z"], run[f"z{layer}"], z)
            check_underflow(report, f"{name}.delta", layer_told["delta"], run[f"delta{layer}"],
                            exact.gradient(f"z{layer}"), np.abs(z) > FLOAT32_TAIL)


def check(npz_path, json_path, title="", verbose=False):
    """All checks of one exported pass. Returns (Report, whether every number was finite)."""
    report = Report(title, verbose)
    run = passes.Pass(npz_path)
    with open(json_path, encoding="utf-8") as file:
        document = json.load(file)
    told, settings = document["runs"]["A"], document["experiment"]
    missing = set(run.arrays) ^ passes.expected_names(settings)
    report.claim(not missing, f"arrays that should not or should be there: {sorted(missing)}")
    report.claim(np.array_equal(run["logits"], run[f"z{run.last}"], equal_nan=True), "logits = z")
    finite = run.finite()
    with np.errstate(all="ignore"):
        if finite:
            check_finite(report, run, told, settings)
        report.same("diverged", told["diverged"] is not None, not finite)
        document_checks.check_document(report, document, run)
    return report, finite


def main():
    torch.set_num_threads(1)
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    report, _ = check(sys.argv[1], sys.argv[2], sys.argv[1], verbose=True)
    print(f"{report.checks} checks, {len(report.failures)} failed")
    for line in report.failures:
        print(line)
    sys.exit(1 if report.failures else 0)


if __name__ == "__main__":
    main()
