"""Train a float64 twin beside the program and see that both stay together.

    twin.py LAYERSCOPE

The twin is plain PyTorch with torch.optim. It starts from the weights that the program exports at
step 0 and takes the same batches. A batch as large as the data set never changes, so two exports
are enough for 100 steps; on MNIST every step's batch is exported, for 20 steps. At the end every
weight matrix and every bias must agree within 1e-4 of what it is, and must have moved further than
that from where it started, so that the comparison says something.
"""

import os
import sys
import tempfile

import numpy as np
import torch

import check_npz
import program

TOLERANCE = 1e-4
STEPS, MNIST_STEPS = 100, 20

OPTIMISERS = {
    "sgd": ({"learning_rate": 0.1}, lambda p: torch.optim.SGD(p, lr=0.1)),
    "momentum": ({"learning_rate": 0.05, "momentum": 0.9},
                 lambda p: torch.optim.SGD(p, lr=0.05, momentum=0.9)),
    "nesterov": ({"learning_rate": 0.05, "momentum": 0.8},
                 lambda p: torch.optim.SGD(p, lr=0.05, momentum=0.8, nesterov=True)),
    "adagrad": ({"learning_rate": 0.02}, lambda p: torch.optim.Adagrad(p, lr=0.02)),
    "adadelta": ({"learning_rate": 0.5, "rho": 0.95},
                 lambda p: torch.optim.Adadelta(p, lr=0.5, rho=0.95)),
    "rmsprop": ({"learning_rate": 0.0005, "alpha": 0.98},
                lambda p: torch.optim.RMSprop(p, lr=0.0005, alpha=0.98)),
    "adam": ({"learning_rate": 0.002, "beta1": 0.9, "beta2": 0.999},
             lambda p: torch.optim.Adam(p, lr=0.002, betas=(0.9, 0.999), eps=1e-8)),
}

GAUSSIAN = {"data": "gaussian", "examples": 64, "batch": 64, "features": 12, "width": 16}
XOR = {"data": "xor", "batch": 4, "width": 8}
MNIST = {"data": "mnist", "examples": 1000, "batch": 50, "width": 32}

CASES = [
    (STEPS, dict(GAUSSIAN, layers=3, activation="tanh", init="xavier", loss="cross_entropy")),
    (STEPS, dict(GAUSSIAN, layers=2, activation="relu", init="he", loss="mse")),
    (STEPS, dict(GAUSSIAN, layers=2, activation="sigmoid", init="xavier",
                 loss="binary_cross_entropy")),
    (STEPS, dict(XOR, layers=2, activation="tanh", init="xavier", loss="binary_cross_entropy")),
    (STEPS, dict(GAUSSIAN, layers=3, activation="selu", init="xavier", loss="mse")),
    (STEPS, dict(GAUSSIAN, layers=3, activation="gelu", init="he", loss="cross_entropy")),
    (STEPS, dict(GAUSSIAN, layers=2, activation="mish", init="he", loss="binary_cross_entropy")),
    (MNIST_STEPS, dict(MNIST, layers=3, activation="relu", init="he", loss="cross_entropy")),
]


class Twin:
    def __init__(self, start, settings, make_optimiser):
        self.activation = check_npz.TORCH_ACTIVATIONS[settings["activation"]]
        self.loss = settings["loss"]
        self.weights = [parameter(start[f"W{layer}"]) for layer in start.layers]
        self.biases = [parameter(start[f"b{layer}"]) for layer in start.layers]
        self.optimiser = make_optimiser([*self.weights, *self.biases])

    def step(self, batch):
        h = torch.from_numpy(batch["x"])
        for weight, bias in zip(self.weights[:-1], self.biases[:-1]):
            h = self.activation(h @ weight + bias)
        logits = h @ self.weights[-1] + self.biases[-1]
        labels = torch.from_numpy(batch["y"].astype(np.int64))
        loss, _ = check_npz.torch_loss(self.loss, logits, labels)
        self.optimiser.zero_grad()
        loss.backward()
        self.optimiser.step()


def parameter(values):
    return torch.tensor(values, dtype=torch.float64, requires_grad=True)


def distance(a, b, size):
    return check_npz.rms(a - b) / check_npz.rms(size)


def compare(report, twin, start, end):
    for kind, parameters in (("W", twin.weights), ("b", twin.biases)):
        for layer, values in zip(start.layers, parameters):
            name = f"{kind}{layer}"
            exact = values.detach().numpy()
            apart = distance(end[name], exact, exact)
            moved = distance(end[name], start[name], exact)
            report.claim(apart <= TOLERANCE, f"{name} apart by {apart:.1e}")
            report.claim(moved > 2 * TOLERANCE, f"{name} moved by {moved:.1e}")


def run_case(path, folder, steps, settings, optimizer):
    own_settings, make_optimiser = OPTIMISERS[optimizer]
    settings = dict(settings, optimizer=optimizer, **own_settings)
    constant = settings["data"] != "mnist"

    def exported(step):
        npz, _ = program.export(path, settings, step, os.path.join(folder, "pass"), document=False)
        return check_npz.Pass(npz)

    title = f"{settings['data']}/{settings['activation']}/{settings['loss']}/{optimizer}"
    report = check_npz.Report(f"{title}, {steps} steps", verbose=True)
    start = batch = exported(0)
    twin = Twin(start, settings, make_optimiser)
    for step in range(steps):
        batch = batch if constant else exported(step)
        twin.step(batch)
    end = exported(steps)
    if constant:
        report.claim(np.array_equal(start["x"], end["x"]), "the batch stayed the same")
    compare(report, twin, start, end)
    return report.failures


def main():
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    torch.set_num_threads(1)
    failures = []
    with tempfile.TemporaryDirectory() as folder:
        for steps, settings in CASES:
            for optimizer in OPTIMISERS:
                failures += run_case(sys.argv[1], folder, steps, settings, optimizer)
    print(f"{len(failures)} failed")
    print("\n".join(failures))
    sys.exit(1 if failures else 0)


if __name__ == "__main__":
    main()
