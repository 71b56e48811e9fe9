"""Train with PyTorch, log with the very lines of README, and see that `layerscope watch` tells what
PyTorch computed.

    torch_log.py LAYERSCOPE

Where the package tensorboard is missing, a SummaryWriter of our own stands in for PyTorch's and writes
the published format (tests/data/events/make_events.py).
"""

import os
import sys
import tempfile

import numpy as np
import torch

import watched
from report import Report, rms
from watched import make_events

README = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "README.md")
STEPS, EVERY, FEATURES, WIDTH, CLASSES, BATCH = 101, 50, 10, 24, 3, 64
SINGLE = 1e-6  # scalars are logged in single precision


def lines_of_readme():
    with open(README, encoding="utf-8") as file:
        blocks = [part.split("```")[0] for part in file.read().split("```python\n")[1:]]
    [found] = [block for block in blocks if "add_histogram" in block]
    return found


def summary_writer():
    try:
        from torch.utils.tensorboard import SummaryWriter
        return SummaryWriter
    except ImportError:
        return watched.SummaryWriter


def build(generator):
    sizes = [FEATURES] + 4 * [WIDTH] + [CLASSES]
    layers = []
    for inputs, outputs in zip(sizes, sizes[1:]):
        linear = torch.nn.Linear(inputs, outputs)
        with torch.no_grad():
            linear.weight.normal_(0, (2 / inputs) ** 0.5, generator=generator)
            linear.bias.zero_()
        layers += [linear, torch.nn.ReLU()]
    return torch.nn.Sequential(*layers[:-1])


def by_hand(model, x, y):
    """(h, dL/dh, W) of each hidden layer and the loss, without the modules and their hooks."""
    linears = [module for module in model if isinstance(module, torch.nn.Linear)]
    weights = [linear.weight.detach().numpy().copy() for linear in linears]
    hidden, h = [], x.numpy()
    for linear, weight in zip(linears, weights):
        z = h @ weight.T + linear.bias.detach().numpy()
        h = np.maximum(z, 0.0)
        hidden.append(h)
    shares = np.exp(z - z.max(axis=1, keepdims=True))
    shares /= shares.sum(axis=1, keepdims=True)
    rows = np.arange(len(y))
    loss = -np.log(shares[rows, y.numpy()]).mean()
    shares[rows, y.numpy()] -= 1.0
    back, found = shares / len(y), []
    for l in reversed(range(len(hidden) - 1)):
        gradient = back @ weights[l + 1]  # of the mean loss, by h
        found.insert(0, (hidden[l], gradient, weights[l]))
        back = gradient * (hidden[l] > 0.0)
    return found, loss


def train(lines, names, generator):
    """{step: what by_hand() says}, while the hooks log."""
    exec(compile(lines, "README", "exec"), names)  # what the user would do
    model = names["model"]
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    told = {}
    for step in range(STEPS):
        names["step"] = step
        x = torch.randn(BATCH, FEATURES, generator=generator)
        y = torch.randint(CLASSES, (BATCH,), generator=generator)
        if step % EVERY == 0:
            told[step] = by_hand(model, x, y)
        loss = torch.nn.functional.cross_entropy(model(x), y)
        names["log"].add_scalar("loss", loss, step)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    names["log"].close()
    return told


def check(report, document, told, limits):
    layers, loss = told[document["step"]]
    run, where = document["runs"]["A"], f"step {document['step']}"
    report.same(f"{where} layers", [layer["name"] for layer in run["layers"]],
                ["layer%02d" % number for number in range(1, len(layers) + 1)])
    report.number(f"{where} loss", run["loss"], loss, SINGLE)
    for layer, arrays in zip(run["layers"], layers):
        place = f"{where} {layer['name']}"
        for name, values in zip(("h", "delta"), arrays):
            watched.check_moments(report, f"{place} {name}", layer[name], values)
        report.number(f"{place} W", layer["weight"]["rms"], rms(arrays[2]), watched.EXACT)
        watched.check_histogram(report, f"{place} h", layer["h"]["histogram"], arrays[0], limits)
        watched.check_histogram(report, f"{place} W", layer["weight"]["histogram"], arrays[2],
                                limits)
        watched.check_log_histogram(report, f"{place} gradient", layer["delta"]["histogram"],
                                    arrays[1], limits)
        for nobody_logs in ("z", "update_ratio", "factors", "participation", "theory"):
            report.same(f"{place} {nobody_logs}", layer[nobody_logs], None)


def main(layerscope):
    report = Report("README's PyTorch lines")
    torch.set_default_dtype(torch.float64)  # so that both agree on the side of every kink and edge
    generator = torch.Generator().manual_seed(1)
    with tempfile.TemporaryDirectory() as folder:
        os.chdir(folder)
        names = {"torch": torch, "SummaryWriter": summary_writer(), "model": build(generator)}
        told = train(lines_of_readme(), names, generator)
        documents = watched.watch(layerscope, "runs", "--every", str(EVERY))
        os.chdir("/")
    report.same("steps", [document["step"] for document in documents], sorted(told))
    for document in documents:
        check(report, document, told, np.array(make_events.torch_bins()))
    return watched.finish(report)


if __name__ == "__main__":
    sys.exit(main(os.path.abspath(sys.argv[1])))
