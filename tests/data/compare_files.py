"""Write data files with Python's csv and with NumPy, and compare what was loaded of them.

    compare_files.py PRINT_DATASET
"""
import csv
import os
import random
import subprocess
import sys
import tempfile
import zipfile

import numpy as np

PRINT = sys.argv[1]


def load(kind, path, held_out="0", label=""):
    """Header, labels and inputs, held-out examples first."""
    result = subprocess.run([PRINT, kind, path, held_out, label], capture_output=True, text=True)
    if result.returncode != 0:
        raise SystemExit(f"{path}: {result.stderr}")
    lines = result.stdout.splitlines()
    table = np.array([[float(word) for word in line.split()] for line in lines[1:]])
    shape = [int(word) for word in lines[0].split()]
    return shape, table[:, 0].astype(int), table[:, 1:].astype(np.float32)


def rows_of(labels, inputs):
    return sorted((int(label), *map(float, row)) for label, row in zip(labels, inputs))


def check(name, condition):
    if not condition:
        raise SystemExit(f"{name}: what was loaded is not what was written")


def classes_of(labels):
    """Index in rising order, of numbers by value."""
    return np.unique(labels, return_inverse=True)[1].reshape(-1)


def check_csv(folder, name, labels, values, **dialect):
    path = os.path.join(folder, "data.csv")
    header = dialect.pop("header", False)
    first = dialect.pop("label_first", False)
    encoding = dialect.pop("encoding", "utf-8")
    columns = [f"column {i}, \"x\"" for i in range(values.shape[1])]
    with open(path, "w", newline="", encoding=encoding) as file:
        writer = csv.writer(file, **dialect)
        if header:
            writer.writerow(["class"] + columns if first else columns + ["class"])
        for label, row in zip(labels, values):
            row = [repr(float(value)) for value in row]
            writer.writerow([label] + row if first else row + [label])
    shape, got_labels, got = load("csv", path, label="1" if first and not header else "")
    classes = classes_of(np.array(labels))
    check(name, shape[0] == values.shape[1] and shape[1] == len(set(labels)))
    check(name, rows_of(got_labels, got) == rows_of(classes, values.astype(np.float32)))


def check_all_csv(folder):
    rng = np.random.default_rng(1)
    for case in range(60):
        words = ["a", "b c", "it's, \"quoted\"", "zwei\nZeilen", "é; |\t"]
        random.seed(case)
        n, d = random.randint(2, 40), random.randint(1, 12)
        values = rng.normal(size=(n, d)) * 10.0 ** rng.integers(-20, 20, size=(n, d))
        texts = random.random() < 0.5
        end = random.choice(["\n", "\r\n", "\r"])
        if end == "\r":  # Python leaves "\n" without quotes then
            words = [word.replace("\n", "\r") for word in words]
        labels = [random.choice(words) if texts else random.randint(-3, 3) for _ in range(n - 2)]
        labels += words[:2] if texts else [0, 1]
        check_csv(folder, f"csv {case}", labels, values,
                  delimiter=random.choice(",;\t|"),
                  lineterminator=end,
                  quoting=random.choice([csv.QUOTE_MINIMAL, csv.QUOTE_ALL, csv.QUOTE_NONNUMERIC]),
                  header=random.random() < 0.5, label_first=random.random() < 0.3,
                  encoding=random.choice(["utf-8", "utf-8-sig"]))


def check_savetxt(folder):
    """As numpy.savetxt() writes a table: spaces, 18 digits, a header behind #."""
    rng = np.random.default_rng(2)
    values = rng.normal(size=(50, 3))
    labels = rng.integers(0, 4, size=50)
    path = os.path.join(folder, "data.txt")
    np.savetxt(path, np.column_stack([values, labels]), header="x y z class")
    _, got_labels, got = load("csv", path)
    check("savetxt", rows_of(got_labels, got) ==
          rows_of(classes_of(labels), values.astype(np.float32)))


def planar(x, planes_first):
    """The examples as rows, channels before everything else."""
    if x.ndim == 4 and not planes_first:
        x = x.transpose(0, 3, 1, 2)
    return x.reshape(len(x), -1)


def check_npz(folder):
    rng = np.random.default_rng(3)
    path = os.path.join(folder, "data.npz")
    shapes = [((4,), None), ((1,), None), ((5, 3), (3, 5, 1)), ((4, 6, 3), (6, 4, 3)),
              ((4, 6, 1), (6, 4, 1)), ((3, 4, 6), (6, 4, 3)), ((1, 4, 6), (6, 4, 1)),
              ((2, 5, 7), None)]
    types = ["<f4", ">f4", "<f8", ">f8", "u1", "i1", "<u2", ">i2", "<i4", ">u4", "<i8", "u8", "?"]
    n = 37
    for shape, image in shapes:
        for kind in types:
            for order in "CF":
                x = (rng.normal(size=(n, *shape)) * 60 + 64).clip(0, 120).astype(kind)
                if np.dtype(kind).kind in "if":
                    x[::2] = -x[::2]
                y = rng.integers(-2, 3, size=n).astype(rng.choice(["<i8", "i1", ">i2", "<f8"]))
                y[:2] = [0, 1]
                x = np.array(x, order=order)
                save = np.savez_compressed if order == "F" else np.savez
                names = [("x", "y"), ("X", "Y"), ("x_train", "y_train")][rng.integers(3)]
                save(path, **dict(zip(names, (x, y if kind != "i1" else y.reshape(-1, 1)))))
                name = f"npz {shape} {kind} {order}"
                expected = planar(x.astype(np.float32), len(shape) == 3 and shape[2] not in (1, 3))
                header, labels, got = load("npz", path)
                check(name, header[:4] == [expected.shape[1], len(set(y)), 0, n])
                check(name, tuple(header[4:]) == (image or (0, 0, 0)))
                check(name, rows_of(labels, got) == rows_of(classes_of(y), expected))


def check_parts(folder):
    """x_test is held out, and both parts keep their order."""
    rng = np.random.default_rng(4)
    path = os.path.join(folder, "data.npz")
    x, x_test = rng.normal(size=(20, 3)).astype("f4"), rng.normal(size=(7, 3)).astype("f4")
    y, y_test = rng.integers(0, 2, size=20), rng.integers(0, 5, size=7)
    y_test[0] = 9
    np.savez(path, x_train=x, y_train=y, x_test=x_test, y_test=y_test)
    header, labels, got = load("npz", path, held_out="0.5")
    classes = classes_of(np.concatenate([y_test, y]))
    check("parts", header[2:4] == [7, 20])
    check("parts", (labels == classes).all())
    check("parts", (got == np.concatenate([x_test, x])).all())


def check_split(folder):
    """Every example is in one part; the labels went with them."""
    path = os.path.join(folder, "data.npz")
    x = np.arange(100.0).reshape(100, 1)
    np.savez(path, x=x, y=(x[:, 0] % 7).astype(int))
    header, labels, got = load("npz", path, held_out="0.25")
    check("split", header[2:4] == [25, 75])
    check("split", sorted(got[:, 0]) == list(x[:, 0]) and (labels == got[:, 0] % 7).all())


def check_versions(folder):
    """The versions 2.0 and 3.0 of the format have a longer length."""
    for version in [(1, 0), (2, 0), (3, 0)]:
        path = os.path.join(folder, "data.npz")
        arrays = {"x": np.arange(6.0).reshape(3, 2), "y": np.array([0, 1, 1])}
        with zipfile.ZipFile(path, "w") as archive:
            for name, array in arrays.items():
                with archive.open(name + ".npy", "w") as file:
                    np.lib.format.write_array(file, array, version=version)
        _, labels, got = load("npz", path)
        check(f"version {version}", rows_of(labels, got) == rows_of([0, 1, 1], arrays["x"]))


def main():
    with tempfile.TemporaryDirectory() as folder:
        for check_some in [check_all_csv, check_savetxt, check_npz, check_parts, check_split,
                           check_versions]:
            check_some(folder)


main()
