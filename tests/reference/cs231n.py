"""The activation statistics of CS231n, by the presets, against mean-field theory computed here.

    cs231n.py LAYERSCOPE

Stanford's CS231n, lecture 5 of 2016: 1000 x 500 inputs N(0, 1), ten layers of 500 units without
biases, W = randn(fan_in, fan_out) * scale; since 2019 six layers of 4096, batch 16. Every case must
be within five standard deviations of one run at every layer: tanh 0.5 % + 0.35 % per layer, tanh
with small weights 1 % at layer 1 to 7 % at layer 10, ReLU as in the list below, for its networks
differ most (finite width: sd of log mean h^2 is about sqrt(5 sum 1 / width)).
"""

import json
import os
import subprocess
import sys
import tempfile

import numpy as np

import program

RELU_PERCENT = [1, 8, 14, 20, 25, 31, 33, 40, 37, 44]

# name of the preset: shape, then of each case phi, fan_in * Var(W), and the rule of its tolerance
PRESETS = {
    "cs231n": (dict(layers=10, width=500, batch=1000), [
        ("tanh 0.01", "tanh", 500 * 0.01**2, "small"),
        ("tanh 1.0", "tanh", 500 * 1.0**2, "tanh"),
        ("tanh 1/sqrt(fan_in)", "tanh", 1.0, "tanh"),
        ("ReLU 1/sqrt(fan_in)", "relu", 1.0, "relu"),
        ("ReLU sqrt(2/fan_in)", "relu", 2.0, "relu"),
    ]),
    "cs231n-2019": (dict(layers=6, width=4096, batch=16), [
        ("tanh 0.01", "tanh", 4096 * 0.01**2, "small"),
        ("tanh 0.05", "tanh", 4096 * 0.05**2, "tanh"),
        ("tanh 1/sqrt(fan_in)", "tanh", 1.0, "tanh"),
        ("ReLU 1/sqrt(fan_in)", "relu", 1.0, "relu"),
        ("ReLU sqrt(2/fan_in)", "relu", 2.0, "relu"),
    ]),
}

X = np.linspace(-12.0, 12.0, 240001)  # 0, where ReLU has its kink, is one of them
WEIGHT = np.exp(-0.5 * X * X) / np.sqrt(2.0 * np.pi) * (X[1] - X[0])
PHI = {"tanh": np.tanh, "relu": lambda z: np.maximum(z, 0.0)}

failures = []


def demand(claim, complaint):
    if not claim:
        failures.append(complaint)


def expected(phi, sw2, layers, q):
    """Mean and sd of h of each layer, where z of the first has mean square q."""
    rows = []
    for _ in range(layers):
        h = PHI[phi](np.sqrt(q) * X)
        mean, square = WEIGHT @ h, WEIGHT @ (h * h)
        rows.append((mean, np.sqrt(square - mean * mean)))
        q = sw2 * square
    return rows


def tolerance(rule, layer):
    percent = {"tanh": 0.5 + 0.35 * layer, "small": 1 + 6 * (layer - 1) / 9,
               "relu": RELU_PERCENT[layer - 1]}[rule]
    return percent / 100


def check_layer(where, layer, wanted, most, shape, spread):
    mean, sd = wanted
    n = shape["batch"] * shape["width"]
    demand(layer["h"]["n"] == n, f"{where}: {layer['h']['n']} entries, not {n}")
    demand(abs(layer["h"]["sd"] / sd - 1) < most,
           f"{where}: sd {layer['h']['sd']:.5g}, expected {sd:.5g} +- {100 * most:.2g} %")
    # a unit's mean over the batch is as far from 0 as the inputs are alike: at most one sd
    room = most * mean + (5 * sd / np.sqrt(shape["width"]) if mean < 1e-9 else 0)
    demand(abs(layer["h"]["mean"] - mean) < room,
           f"{where}: mean {layer['h']['mean']:.5g}, expected {mean:.5g} +- {room:.2g}")
    entries = shape["width"] ** 2
    demand(abs(layer["weight"]["rms"] / spread - 1) < 5 / np.sqrt(2 * entries),
           f"{where}: weights of sd {layer['weight']['rms']:.6g}, not {spread:.6g}")


def check_case(preset, shape, case, found):
    name, phi, sw2, rule = case
    run = found["runs"]["A"]
    experiment = found["experiment"]
    demand(found["name"] == name, f"{preset}: {found['name']} where {name} should be")
    demand((found["step"], experiment["bias"], experiment["activation"], len(run["layers"]))
           == (0, 0, phi, shape["layers"]), f"{preset}, {name}: not the experiment")
    wanted = expected(phi, sw2, shape["layers"], sw2)  # of inputs N(0, 1)
    for number, (layer, row) in enumerate(zip(run["layers"], wanted), 1):
        check_layer(f"{preset}, {name}, layer {number}", layer, row, tolerance(rule, number), shape,
                    np.sqrt(sw2 / shape["width"]))
    # what the program prints beside it is the same theory, begun at its own inputs
    demand(run["theory"]["applies"], f"{preset}, {name}: {run['theory']['reason']}")
    theory = [layer["theory"] for layer in run["layers"]]
    wanted = expected(phi, sw2, shape["layers"], theory[0]["q"])
    for number, (row, (mean, sd)) in enumerate(zip(theory, wanted), 1):
        demand(abs(row["h_sd"] / sd - 1) < 1e-6 and abs(row["h_mean"] - mean) < 1e-6 * sd,
               f"{preset}, {name}, layer {number}: theory {row['h_sd']}, computed here {sd}")


def check_preset(path, folder, preset):
    shape, cases = PRESETS[preset]
    file = os.path.join(folder, "a.json")
    command = [path, "run", "--preset", preset, "--json", file]
    result = subprocess.run(command, env=program.ENVIRONMENT, capture_output=True, text=True)
    if result.returncode != 0:
        sys.exit(f"{' '.join(command)}: status {result.returncode}\n{result.stderr}")
    with open(file, encoding="utf-8") as text:
        found = json.load(text)["cases"]
    demand(len(found) == len(cases), f"{preset}: {len(found)} cases, not {len(cases)}")
    for case, one in zip(cases, found):
        check_case(preset, shape, case, one)


def main():
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    with tempfile.TemporaryDirectory() as folder:
        for preset in PRESETS:
            check_preset(sys.argv[1], folder, preset)
    print("\n".join(failures) or "every case at every layer")
    sys.exit(1 if failures else 0)


if __name__ == "__main__":
    main()
