"""The lecture's story of deep sigmoid networks as one experiment, told by its end.

    story.py LAYERSCOPE

784-200x5-10, plain SGD at 0.1 in batches of 100, the first 20,000 digits of MNIST, 8 epochs. Where
small and Glorot's weights stay at chance, deep belief pre-training (CD-1) and ReLU with He do not,
and the limits they must reach on the 10,000 held-out digits are what other programs came to. For
4 x Glorot there is none such: it only has to leave chance for good.
"""

import concurrent.futures
import json
import os
import sys
import tempfile

import program

EXAMPLES, BATCH, EPOCHS, LAYERS, RBM_EPOCHS = 20000, 100, 8, 5, 5
SHARED = dict(data="mnist", examples=EXAMPLES, batch=BATCH, layers=LAYERS, width=200,
              optimizer="sgd", learning_rate=0.1)

CHANCE = "chance"  # accuracy below 0.15 and a loss above 2.29; ln 10 is 2.3026
CASES = [
    ("sigmoid", "small", CHANCE),
    ("sigmoid", "glorot_uniform", CHANCE),
    ("sigmoid", "sigmoid_xavier", 0.85),
    ("relu", "small", CHANCE),
    ("relu", "he", 0.94),
    ("sigmoid", "rbm", 0.92),
]


def run(path, folder, activation, init):
    stem = os.path.join(folder, f"{activation}-{init}")
    settings = dict(SHARED, activation=activation, init=init, rbm_epochs=RBM_EPOCHS)
    _, document = program.export(path, settings, EPOCHS * EXAMPLES // BATCH, stem)
    with open(document, encoding="utf-8") as file:
        return json.load(file)["runs"]["A"]


def problems(told, init, expected):
    if told["test_n"] != 10000:
        yield f"only {told['test_n']} digits were looked at"
    if expected is CHANCE:
        if told["test_accuracy"] >= 0.15 or told["test_loss"] <= 2.29:
            yield "should be at chance"
    elif told["test_accuracy"] <= expected:
        yield f"should be above {expected}"
    if (init == "rbm") != ("pretraining" in told):
        yield "pre-training is not told of rbm alone"
    for layer, errors in enumerate(told.get("pretraining", {}).get("reconstruction_error", []), 1):
        if len(errors) != RBM_EPOCHS or errors != sorted(errors, reverse=True):
            yield f"the reconstruction error of layer {layer} does not fall: {errors}"


def main():
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    failed = False
    with tempfile.TemporaryDirectory() as folder:
        with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
            results = list(pool.map(lambda case: run(sys.argv[1], folder, *case[:2]), CASES))
    for (activation, init, expected), told in zip(CASES, results):
        found = list(problems(told, init, expected))
        failed |= bool(found)
        print(f"{activation:8} {init:15} accuracy {told['test_accuracy']:.4f}, "
              f"loss {told['test_loss']:.4f}; expected {expected}", *found, sep="; ")
    sys.exit(1 if failed else 0)


if __name__ == "__main__":
    main()
