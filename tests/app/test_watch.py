#!/usr/bin/env python3
"""Event files out and in: `layerscope run --tensorboard` and `layerscope watch`, without a window.

usage: test_watch.py LAYERSCOPE PROJECT

What is watched is held against the JSON of the very run that wrote it.
"""

import csv
import glob
import json
import math
import os
import re
import struct
import sys
import unittest
import xml.etree.ElementTree
import zipfile

from program import NO_DISPLAY, ProgramTest

TWINS = ["--layers", "4", "--width", "8", "--batch", "16", "--data", "gaussian", "--features", "5",
         "--examples", "64", "--b", "activation=sigmoid", "--b", "init=small"]


class Test(ProgramTest):
    def call(self, *words):
        return super().call(*words, **NO_DISPLAY)

    def refused(self, status, part, *words):
        result = self.call(*words)
        self.assertEqual(result.returncode, status, result.stderr)
        self.assertIn(part, result.stderr)

    def log(self, *words):
        self.call_well("run", *TWINS, "--steps", "20", "--every", "5", "--tensorboard", "logs",
                       *words)

    def file_of(self, run):
        [path] = glob.glob(os.path.join(self.folder, "logs", run, "*tfevents*"))
        return path


def rows(text):
    """The table's layers, run after run, as {heading: number}; cells are never empty."""
    found, heads = [], None
    for line in text.splitlines():
        if line.lstrip().startswith("layer "):
            heads = re.split(r"\s{2,}|(?<=layer)\s+", line.strip())
            found.append([])
        elif re.match(r"\s+\d+ ", line):
            found[-1].append(dict(zip(heads, map(float, line.split()))))
    return found


def repr_of(value):
    """As JavaScript and the program write a number."""
    return "%d" % value if value == int(value) else repr(value)


class Watched(Test):
    def test_it_shows_what_was_measured(self):
        self.log("--json", "run.json")
        with open(os.path.join(self.folder, "run.json"), encoding="utf-8") as file:
            last = json.loads(file.readlines()[-1])
        text = self.call_well("watch", "logs", "--print")
        tables = rows(text)
        self.assertEqual([len(table) for table in tables], [4, 4])
        self.assertIn("; step 20\n", text)
        for run, table in zip("AB", tables):
            measured = last["runs"][run]
            self.assertIn("%s, 4 layers, step 20: loss %.6g, accuracy %.4f"
                          % (run, measured["loss"], measured["accuracy"]), text)
            self.assertIn("\n   %s: " % measured["verdict"], text)
            for row, layer in zip(table, measured["layers"]):
                for heading, value in {"h mean": layer["h"]["mean"], "h sd": layer["h"]["sd"],
                                       "delta rms": layer["delta"]["rms"],
                                       "dW rms": layer["weight_gradient"]["rms"],
                                       "W rms": layer["weight"]["rms"]}.items():
                    self.assertAlmostEqual(row[heading], value, delta=abs(value) * 0.006)
        self.assertNotIn("dead", text)  # which nobody logged

    def test_pictures(self):
        self.log()
        for view in "layers history layer data phase textbook".split():
            self.call_well("watch", "logs", "--view", view, "--size", "960x600", "--png", "a.png")
            with open(os.path.join(self.folder, "a.png"), "rb") as file:
                self.assertEqual(struct.unpack(">II", file.read(24)[16:]), (960, 600))

    def test_numbers_are_those_that_were_measured(self):
        self.log("--json", "run.json")
        with open(os.path.join(self.folder, "run.json"), encoding="utf-8") as file:
            measured = [json.loads(line) for line in file]
        self.call_well("watch", "logs", "--every", "1", "--json", "w.json", "--csv", "w.csv")
        with open(os.path.join(self.folder, "w.json"), encoding="utf-8") as file:
            watched = [json.loads(line) for line in file]
        with open(os.path.join(self.folder, "w.csv"), newline="", encoding="utf-8") as file:
            rows_of_csv = list(csv.DictReader(file))
        self.assertEqual([document["step"] for document in watched], [0, 5, 10, 15, 20])
        self.assertEqual([document["step"] for document in measured], [0, 5, 10, 15, 20])
        told = {(row["run"], row["step"], row["layer"], row["quantity"]): row["value"]
                for row in rows_of_csv}
        for ours, theirs in zip(measured, watched):
            self.assertNotIn("experiment", theirs)
            self.assertEqual(theirs["watched"], "logs")
            for name in "AB":
                self.compare(ours["runs"][name], theirs["runs"][name], name, theirs["step"], told)

    def compare(self, measured, watched, run, step, told):
        self.assertEqual(watched["name"], run)
        self.assertEqual(watched["loss"], struct.unpack("f", struct.pack("f", measured["loss"]))[0])
        self.assertEqual(watched["loss_function"], None)
        self.assertEqual(watched["clip_scale"], None)
        for ours, theirs in zip(measured["layers"], watched["layers"]):
            self.assertEqual(theirs["name"], "layer%02d" % ours["layer"])
            for quantity in "h z delta".split():
                # moments of the sums that were logged, in double
                for moment in "n mean rms min max".split():
                    self.assertAlmostEqual(theirs[quantity][moment], ours[quantity][moment],
                                           delta=1e-9 * abs(ours[quantity]["rms"]))
                self.assertNotIn("inf", theirs[quantity])
                self.assertEqual(told[run, str(step), theirs["name"], quantity + ".rms"],
                                 repr_of(theirs[quantity]["rms"]))
                histogram = theirs[quantity]["histogram"]
                apart = ["around_zero", "nan", "inf"]
                apart += ["zero"] if quantity == "delta" else ["below", "above"]
                self.assertEqual(sum(histogram["counts"]) + sum(histogram[name] for name in apart),
                                 ours[quantity]["n"])
            for unknown in "saturated dead underflow".split():
                self.assertNotIn(unknown, theirs["h"])
                self.assertNotIn((run, str(step), theirs["name"], "h." + unknown), told)
            for unknown in "units participation update_ratio gradient_rms factors theory".split():
                self.assertEqual(theirs[unknown], None)

    def test_steps_are_those_that_were_logged(self):
        self.log()
        for every, steps in {"7": [0, 10, 20], "20": [0, 20], "1000": [0, 20]}.items():
            self.call_well("watch", "logs", "--every", every, "--json", "w.json")
            with open(os.path.join(self.folder, "w.json"), encoding="utf-8") as file:
                self.assertEqual([json.loads(line)["step"] for line in file], steps)
        self.call_well("watch", "logs", "--json", "w.json")
        with open(os.path.join(self.folder, "w.json"), encoding="utf-8") as file:
            self.assertEqual(json.load(file)["step"], 20)
        self.call_well("watch", "logs", "--npz", "w.npz", "--every", "5")
        with zipfile.ZipFile(os.path.join(self.folder, "w.npz")) as archive:
            steps = archive.read("step.npy")[-5 * 8:]
            self.assertEqual(struct.unpack("<5d", steps), (0, 5, 10, 15, 20))
            self.assertIn("A.h.histogram.around_zero.npy", archive.namelist())
            self.assertTrue(all(math.isnan(value) for value in
                                struct.unpack("<20d", archive.read("A.h.dead.npy")[-20 * 8:])))
        self.call_well("watch", "logs", "--frames", "frames", "--every", "10", "--size", "960x600")
        self.assertEqual(sorted(os.listdir(os.path.join(self.folder, "frames"))),
                         ["frame_00000%d.png" % number for number in (1, 2, 3)])

    def test_figures(self):
        self.log()
        self.call_well("watch", "logs", "--panel", "gradients", "--size", "720x360", "--scale", "2",
                       "--title", "Two & more", "--caption", "as logged", "--svg", "a.svg",
                       "--png", "a.png")
        with open(os.path.join(self.folder, "a.png"), "rb") as file:
            self.assertEqual(struct.unpack(">II", file.read(24)[16:]), (1440, 720))
        root = xml.etree.ElementTree.parse(os.path.join(self.folder, "a.svg")).getroot()
        words = " ".join(root.itertext())
        self.assertIn("Two & more", words)
        self.assertIn("as logged", words)
        self.assertIn("re-binned from the log", words)  # what nobody may take for exact
        self.assertNotIn("seed", words)  # of an experiment that nobody made
        self.refused(2, "--every: nothing takes more than the last step", "watch", "logs", "--png",
                     "b.png", "--every", "5")
        self.refused(2, "--title and --caption are of a figure", "watch", "logs", "--title", "x",
                     "--png", "b.png")
        self.refused(2, "--frames: of which steps?", "watch", "logs", "--frames", "f")
        self.refused(2, "--tensorboard does not go with 'layerscope watch'", "watch", "logs",
                     "--tensorboard", "f")
        self.refused(1, "no/where.csv", "watch", "logs", "--csv", "no/where.csv")

    def test_logging_changes_nothing(self):
        words = [*TWINS, "--steps", "20", "--every", "5", "--npz"]
        self.call_well("run", *words, "without.npz")
        self.call_well("run", *words, "with.npz", "--tensorboard", "logs")
        with open(os.path.join(self.folder, "with.npz"), "rb") as first:
            with open(os.path.join(self.folder, "without.npz"), "rb") as second:
                self.assertEqual(first.read(), second.read())

    def test_damaged_files_say_where(self):
        self.log()
        a, b = self.file_of("A"), self.file_of("B")
        size = os.path.getsize(a)
        os.truncate(a, size - 7)
        with open(b, "r+b") as file:
            file.seek(os.path.getsize(b) - 50)
            byte = file.read(1)
            file.seek(-1, os.SEEK_CUR)
            file.write(bytes([byte[0] ^ 4]))
        result = self.call("watch", "logs", "--print")
        self.assertEqual(result.returncode, 0)
        self.assertIn("5 records, then the file is cut at byte %d" % (size - 7), result.stderr)
        self.assertIn("5 records, then it is damaged: a checksum is wrong at byte", result.stderr)
        self.assertIn("; step 15\n", result.stdout)

    def test_what_is_not_there(self):
        self.refused(2, "which folder?", "watch")
        self.refused(2, "cannot read none: no such folder", "watch", "none", "--print")
        os.mkdir(os.path.join(self.folder, "empty"))
        self.refused(1, "no event files yet in empty", "watch", "empty", "--print")
        self.log()
        self.refused(2, "there is no run 'C' in logs. There is: A, B.", "watch", "logs", "--runs",
                     "C", "--print")
        self.refused(2, "'x=y' is not KIND=GLOB", "watch", "logs", "--pattern", "x=y", "--print")
        self.refused(2, "--layers does not go with 'layerscope watch'", "watch", "logs", "--layers",
                     "3")
        self.refused(2, "--runs does not go with 'layerscope run'", "run", "--runs", "A")
        self.refused(1, "A holds event files of another run already", "run", *TWINS, "--steps", "1",
                     "--tensorboard", "logs")


if __name__ == "__main__":
    ProgramTest.program, _ = map(os.path.abspath, sys.argv[1:3])
    unittest.main(argv=sys.argv[:1])
