"""Log as Keras' TensorBoard callback does, in the folders train and validation, and see that
`layerscope watch` shows one run: layers by their kernels, scalars of both folders, the latter as
held-out ones.

    keras_log.py LAYERSCOPE

The files are written here, as TensorFlow 2 writes them: scalars are tensors of one number, histograms
tensors of the shape [30, 3]. Steps of what is of an epoch are epochs; what is of batches has steps of
its own, in the same files.
"""

import os
import sys
import tempfile

import numpy as np

import watched
from report import Report, rms

EPOCHS, BATCHES, SINGLE = 4, 100, 1e-6
LAYERS = ("dense", "dense_1", "dense_2")


def log(folder, rng):
    """[{name: what was logged} of each epoch]."""
    train = watched.TensorFlow(os.path.join(folder, "fit", "train"))
    validation = watched.TensorFlow(os.path.join(folder, "fit", "validation"))
    told = []
    for epoch in range(EPOCHS):
        for batch in range(BATCHES):
            train.add_scalar("batch_loss", 50.0, epoch * BATCHES + batch)
        now = {name: rng.uniform(0.1, 0.9) for name in ("loss", "accuracy", "held-out loss",
                                                        "held-out accuracy")}
        now["W"] = [rng.normal(size=(20, 30)) * 0.3 for _ in LAYERS]
        train.add_scalar("epoch_loss", now["loss"], epoch)
        train.add_scalar("epoch_accuracy", now["accuracy"], epoch)
        train.add_scalar("epoch_learning_rate", 0.01 / (1 + epoch), epoch)
        validation.add_scalar("epoch_loss", now["held-out loss"], epoch)
        validation.add_scalar("epoch_accuracy", now["held-out accuracy"], epoch)
        validation.add_scalar("evaluation_loss_vs_iterations", 60.0, (epoch + 1) * BATCHES)
        for layer, weight in zip(LAYERS, now["W"]):
            train.add_histogram(f"{layer}/kernel_0/histogram", weight, epoch)
            train.add_histogram(f"{layer}/bias_0/histogram", np.zeros(30), epoch)
        told.append(now)
    train.close()
    validation.close()
    return told


def edges_of(values):
    return np.linspace(values.min(), values.max(), 31)


def check(report, document, now):
    where = f"epoch {document['step']}"
    report.same(f"{where} runs", list(document["runs"]), ["A"])
    run = document["runs"]["A"]
    report.same(f"{where} name", run["name"], "fit/train")
    report.same(f"{where} layers", [layer["name"] for layer in run["layers"]], list(LAYERS))
    report.same(f"{where} moments are estimates", run["moments_estimated"], True)
    for ours, theirs in {"loss": "loss", "accuracy": "accuracy", "test_loss": "held-out loss",
                         "test_accuracy": "held-out accuracy"}.items():
        report.number(f"{where} {theirs}", run[ours], now[theirs], SINGLE)
    report.number(f"{where} learning rate", run["learning_rate"],
                  0.01 / (1 + document["step"]), SINGLE)
    report.same(f"{where} nobody says of how many", run["test_n"], None)
    for layer, weight in zip(run["layers"], now["W"]):
        place, edges = f"{where} {layer['name']}", edges_of(weight)
        room = edges[1] - edges[0]  # values are known as far as their bucket
        report.number(f"{place} W", layer["weight"]["rms"], rms(weight), room / rms(weight) / 2)
        watched.check_histogram(report, place, layer["weight"]["histogram"], weight, edges)
        for nobody_logs in ("h", "delta", "z", "units"):
            report.same(f"{place} {nobody_logs}", layer[nobody_logs], None)


def main(layerscope):
    report = Report("Keras' logs")
    with tempfile.TemporaryDirectory() as folder:
        told = log(folder, np.random.default_rng(3))
        documents = watched.watch(layerscope, folder, "--every", "1")
    report.same("epochs", [document["step"] for document in documents], list(range(EPOCHS)))
    for document, now in zip(documents, told):
        check(report, document, now)
    return watched.finish(report)


if __name__ == "__main__":
    sys.exit(main(os.path.abspath(sys.argv[1])))
