"""The lecture's experiments by their presets, trained to the end: what each must come to.

    lecture.py LAYERSCOPE

Sung Kim, "Deep learning for everyone": the MNIST ladder of labs 10-1 to 10-7, the story of deep
sigmoid networks, and XOR with nine hidden layers. Bounds are around what the lecture prints and
what other programs come to. Takes some minutes of one processor.
"""

import json
import math
import os
import subprocess
import sys
import tempfile

import program

HELD_OUT = 10000
CHANCE = "chance"  # accuracy below 0.15 and a loss above 2.29; ln 10 is 2.3026

# name of the preset: steps, then case: least and most held-out accuracy
PRESETS = {
    "lecture-mnist": (8250, {
        "softmax": (0.89, 0.91),
        "256-256 normal(1)": (0.93, 0.955),
        "256-256 Xavier": (0.975, 1),
        "4 x 512 Xavier": (0.97, 1),
        "with dropout": (0.978, 1),
        "batch norm and dropout": (0.98, 1),
    }),
    "lecture-story": (1600, {
        "sigmoid small": CHANCE,
        "sigmoid Glorot": CHANCE,
        "sigmoid 4 x Glorot": (0.85, 1),
        "sigmoid RBM": (0.92, 1),
        "ReLU small": CHANCE,
        "ReLU He": (0.94, 1),
    }),
}

XOR_SEEDS = 16

failures = []


def demand(claim, complaint):
    if not claim:
        failures.append(complaint)


def run(path, *words):
    """The cases of a preset by name."""
    with tempfile.TemporaryDirectory() as folder:
        file = os.path.join(folder, "a.json")
        command = [path, "run", *words, "--json", file]
        result = subprocess.run(command, env=program.ENVIRONMENT, capture_output=True, text=True)
        if result.returncode != 0:
            sys.exit(f"{' '.join(command)}: status {result.returncode}\n{result.stderr}")
        with open(file, encoding="utf-8") as text:
            return {case["name"]: case for case in json.load(text)["cases"]}


def check_pretraining(where, told):
    """In every layer the reconstruction error falls from epoch to epoch."""
    errors = told["reconstruction_error"]
    demand(len(errors) == 5 and told["steps"] == 5 * 5 * 200, f"{where}: {told}")
    for layer in errors:
        demand(len(layer) == 5 and layer == sorted(layer, reverse=True), f"{where}: {layer}")


def check_preset(path, preset):
    steps, wanted = PRESETS[preset]
    found = run(path, "--preset", preset)
    demand(list(found) == list(wanted), f"{preset}: cases {list(found)}")
    for name in (name for name in wanted if name in found):
        end = found[name]["runs"]["A"]
        accuracy, loss, where = end["test_accuracy"], end["test_loss"], f"{preset}, {name}"
        print(f"{where}: held-out accuracy {accuracy:.4f}, loss {loss:.4f}", flush=True)
        demand((end["step"], end["test_n"]) == (steps, HELD_OUT),
               f"{where}: step {end['step']}, {end['test_n']} held out")
        if end["pretraining"]:
            check_pretraining(where, end["pretraining"])
        if wanted[name] is CHANCE:
            demand(accuracy < 0.15 and loss > 2.29, f"{where}: {accuracy}, {loss} is not chance")
        else:
            least, most = wanted[name]
            demand(least <= accuracy <= most, f"{where}: {accuracy} is not in {least} to {most}")


def check_xor(path):
    """Sigmoid fails whatever the seed, at ln 2; ReLU is a matter of luck."""
    solved = 0
    for seed in range(1, XOR_SEEDS + 1):
        ends = {name: case["runs"]["A"] for name, case in
                run(path, "--preset", "lecture-xor", "--seed", str(seed)).items()}
        loss, accuracy = ends["sigmoid"]["loss"], ends["sigmoid"]["accuracy"]
        demand(abs(loss - math.log(2)) < 1e-4 and accuracy == 0.5,
               f"lecture-xor, seed {seed}: sigmoid came to {loss}, {accuracy}")
        solved += ends["ReLU"]["accuracy"] == 1
    print(f"lecture-xor: ReLU solved {solved} of {XOR_SEEDS}", flush=True)
    demand(0 < solved < XOR_SEEDS, f"lecture-xor: ReLU solved {solved} of {XOR_SEEDS}")


def main():
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    check_xor(sys.argv[1])
    for preset in reversed(PRESETS):
        check_preset(sys.argv[1], preset)
    print("\n".join(failures))
    sys.exit(1 if failures else 0)


if __name__ == "__main__":
    main()
