#!/usr/bin/env python3
"""Pictures that carry their experiment, from outside: chunks, digest, exit statuses.

usage: test_replay.py LAYERSCOPE PROJECT

The digest is computed here once more, from the numbers that --json writes and the rules of
src/measure/digest.h, and the chunks are read by a decoder of our own.
"""

import json
import math
import os
import struct
import sys
import unittest
import xml.etree.ElementTree
import zlib

from program import ProgramTest

SMALL = ["--layers", "3", "--width", "8", "--batch", "16", "--data", "gaussian", "--features", "5",
         "--examples", "64"]
SPECIAL = {"NaN": math.nan, "Infinity": math.inf, "-Infinity": -math.inf}


def texts(path):
    with open(path, "rb") as file:
        data = file.read()
    assert data[:8] == b"\x89PNG\r\n\x1a\n"
    found, at = {}, 8
    while at < len(data):
        size, = struct.unpack(">I", data[at:at + 4])
        kind, body = data[at + 4:at + 8], data[at + 8:at + 8 + size]
        check, = struct.unpack(">I", data[at + 8 + size:at + 12 + size])
        assert check == zlib.crc32(kind + body)
        if kind == b"tEXt":
            key, value = body.split(b"\0", 1)
            found[key.decode("latin-1")] = value.decode("latin-1")
        if kind == b"iTXt":
            key, value = body.split(b"\0", 1)
            found[key.decode("latin-1")] = value[2:].split(b"\0", 2)[2].decode("utf-8")
        at += 12 + size
    return found


class Digest:
    """FNV-1a, 64 bits."""

    def __init__(self):
        self.hash = 14695981039346656037

    def add(self, data):
        for byte in data:
            self.hash = (self.hash ^ byte) * 1099511628211 % 2**64

    def counts(self, *values):
        for value in values:
            self.add(struct.pack("<Q", value % 2**64))

    def numbers(self, *values):
        for value in values:
            value = SPECIAL.get(value, value)
            bits = struct.pack("<d", value + 0.0)
            self.add(struct.pack("<Q", 0x7ff8000000000000) if math.isnan(value) else bits)

    def moments(self, moments):
        n = moments["n"]
        self.counts(n, round(moments["zero"] * n), round(moments["underflow"] * n), moments["nan"],
                    moments["inf"])
        self.numbers(*(moments[name] for name in ("mean", "sd", "rms", "min", "max")))

    def histogram(self, moments):
        histogram = moments["histogram"]
        special = [histogram[name] for name in ("below", "above", "nan", "inf")]
        self.numbers(histogram["low"], histogram["high"])
        self.counts(sum(histogram["counts"]) + sum(special), *special, *histogram["counts"])

    def log_histogram(self, moments):
        histogram, counts = moments["histogram"], [0] * 508
        if histogram["counts"]:
            first = 2 * (math.frexp(histogram["low"])[1] - 1 + 126)
            counts[first:first + len(histogram["counts"])] = histogram["counts"]
        special = [histogram[name] for name in ("zero", "nan", "inf")]
        self.counts(sum(counts) + sum(special), histogram["zero"], histogram["underflow"],
                    *special[1:], *counts)

    def layer(self, layer):
        h, units = layer["h"], layer["units"]
        self.counts(units, round(h["saturated"] * h["n"]), round(h["dead"] * units))
        for name in ("z", "h", "delta"):
            self.moments(layer[name])
        self.histogram(layer["z"])
        self.histogram(h)
        self.log_histogram(layer["delta"])

    def result(self, result):
        runs = result["runs"].values()
        pretrained = max((run.get("pretraining") or {"steps": 0})["steps"] for run in runs)
        self.counts(result["step"], pretrained, result["batch"], len(runs))
        for run in runs:
            self.counts(run["step"], len(run["layers"]), result["experiment"]["features"],
                        run["output"]["units"], run["diverged"] is not None)
            self.numbers(run["loss"], run["accuracy"], run["learning_rate"])
            for layer in run["layers"] + [run["output"]]:
                self.layer(layer)
        return "%016x" % self.hash


class Test(ProgramTest):
    def run_well(self, *words, says=r"\A\Z"):
        result = self.call("run", *words)
        self.assertEqual(result.returncode, 0, result.stderr)
        self.assertRegex(result.stderr, says)
        return result.stdout

    def assert_restores(self, name, *words):
        """Done again the picture is the same, byte by byte."""
        self.run_well(name, "--png", "again.png", *words,
                      says=r"\Alayerscope: step \d+ replayed: the numbers match, digest "
                           r"[0-9a-f]{16}\.\n\Z")
        self.assertEqual(self.bytes_of(name), self.bytes_of("again.png"))

    def write(self, name, text):
        with open(self.path(name), "w", encoding="utf-8") as file:
            file.write(text)


class Pictures(Test):
    def test_digest_is_that_of_the_numbers(self):
        for words in (SMALL + ["--steps", "0"],
                      SMALL + ["--steps", "20", "--b", "activation=sigmoid", "--b", "init=small"],
                      SMALL + ["--steps", "30", "--learning-rate", "1e6"],
                      SMALL + ["--steps", "3", "--layers", "40", "--activation", "sigmoid", "--init",
                               "small", "--init-scale", "1e-3"],
                      SMALL + ["--layers", "0"]):
            self.run_well(*words, "--png", "x.png", "--json", "x.json")
            with open(self.path("x.json"), encoding="utf-8") as file:
                result = json.load(file)
            found = texts(self.path("x.png"))
            self.assertEqual(found["layerscope:digest"], Digest().result(result))
            self.assertEqual(found["layerscope:step"], str(result["step"]))
            self.assertEqual(found["layerscope:version"], result["version"])
            self.assertEqual(found["Software"], "layerscope " + result["version"])
            self.assertEqual(found["layerscope:seed"], str(result["experiment"]["seed"]))
            for name, value in result["experiment"].items():
                if name != "b" and not isinstance(value, float):
                    self.assertIn("%s = %s\n" % (name, value), found["layerscope:experiment"])

    def test_the_same_picture_again(self):
        self.run_well(*SMALL, "--steps", "25", "--b", "init=small", "--png", "x.png")
        self.assert_restores("x.png")
        self.assert_restores("x.png", "--steps", "25")
        self.run_well(*SMALL, "--steps", "25", "--view", "data", "--theme", "light", "--size",
                      "960x600", "--scale", "1.25", "--png", "x.png")
        self.assert_restores("x.png")
        for figure in (["--view", "textbook"], ["--panel", "gradients"],
                       ["--panel", "why", "--title", "Gradienten für δ < 1", "--caption", ""]):
            self.run_well(*SMALL, "--steps", "5", *figure, "--png", "x.png")
            self.assert_restores("x.png")

    def test_from_an_svg(self):
        self.write("x.ini", "data = gaussian\nfeatures = 5\nexamples = 64\nlayers = 3\nwidth = 8\n"
                            "batch = 16\n[b]\ninit = small\n[change 1]\nstep = 10\n"
                            "learning_rate = 0.5\n")
        for figure in (["--view", "history", "--theme", "light", "--size", "1000x640"],
                       ["--panel", "gradients", "--title", "δ < 1 & \"so on\"", "--scale", "2"]):
            self.run_well("x.ini", "--steps", "25", *figure, "--svg", "x.svg", "--png", "x.png")
            self.run_well("x.svg", "--png", "again.png", "--svg", "again.svg",
                          says="the numbers match, digest " +
                               texts(self.path("x.png"))["layerscope:digest"])
            for ending in ("png", "svg"):
                self.assertEqual(self.bytes_of("x." + ending), self.bytes_of("again." + ending))
            root = xml.etree.ElementTree.parse(self.path("x.svg")).getroot()
            metadata = root.find("{http://www.w3.org/2000/svg}metadata")
            found = {child.get("key"): child.text or "" for child in metadata}
            found["layerscope:experiment"] = metadata.text
            self.assertEqual(found, texts(self.path("x.png")))

    def test_an_svg_of_others(self):
        for text in ("<svg></svg>", "<?xml version='1.0'?><svg width='3'><metadata/></svg>",
                     "<svg><metadata>layers = 3", "<svg><metadata><rdf/></metadata></svg>"):
            self.write("x.svg", text)
            result = self.call("run", "x.svg")
            self.assertEqual(result.returncode, 2)
            self.assertRegex(result.stderr, r"\Alayerscope: \S*x\.svg carries no experiment: .*\n\Z")

    def test_any_number_of_threads(self):
        self.run_well("--width", "300", "--layers", "4", "--data", "gaussian", "--batch", "128",
                      "--steps", "5", "--threads", "1", "--png", "x.png")
        for threads in "23":
            self.run_well("x.png", "--threads", threads, "--json", "x.json",
                          says="the numbers match")

    def test_what_diverged(self):
        self.run_well(*SMALL, "--steps", "50", "--learning-rate", "1e6", "--b",
                      "learning_rate=0.01", "--png", "x.png")
        self.assert_restores("x.png")
        self.run_well(*SMALL, "--steps", "50", "--learning-rate", "1e6", "--png", "x.png")
        self.assertLess(int(texts(self.path("x.png"))["layerscope:step"]), 50)
        self.assert_restores("x.png")

    def test_after_pretraining(self):
        self.run_well("--data", "xor", "--examples", "200", "--layers", "3", "--width", "8",
                      "--batch", "16", "--init", "rbm", "--rbm-epochs", "2", "--activation",
                      "sigmoid", "--preprocess", "unit", "--png", "x.png", "--steps", "0")
        self.assertGreater(int(texts(self.path("x.png"))["layerscope:pretraining"]), 5)
        self.assert_restores("x.png")

    def test_changes_while_it_trains(self):
        text = ("data = gaussian\nfeatures = 5\nexamples = 64\nlayers = 3\nwidth = 8\nbatch = 16\n"
                "[b]\ninit = small\n")
        changes = ("[change 1]\nstep = 10\nlearning_rate = 0.5\n[change 1 b]\noptimizer = adam\n"
                   "[change 2]\nstep = 20\nswap = yes\nactivation = tanh\n")
        self.write("plain.ini", text)
        self.write("changed.ini", text + changes)
        digests = {}
        for name in ("plain", "changed"):
            for steps in ("10", "30"):
                self.run_well(name + ".ini", "--steps", steps, "--png", "x.png")
                self.assert_restores("x.png")
                digests[name, steps] = texts(self.path("x.png"))["layerscope:digest"]
        self.assertEqual(len(set(digests.values())), 4)
        carried = texts(self.path("x.png"))["layerscope:experiment"]
        self.write("carried.ini", carried)
        self.run_well("carried.ini", "--steps", "30", "--png", "y.png")
        self.assertEqual(texts(self.path("y.png")), texts(self.path("x.png")))

    def test_numbers_that_differ(self):
        self.run_well(*SMALL, "--steps", "5", "--png", "x.png")
        with open(self.path("x.png"), "rb") as file:
            data = file.read()
        start = data.index(b"tEXtlayerscope:digest\0")
        end = start + 4 + len("layerscope:digest") + 1 + 16
        body = data[start:end - 1] + (b"0" if data[end - 1:end] != b"0" else b"1")
        with open(self.path("x.png"), "wb") as file:
            file.write(data[:start] + body + struct.pack(">I", zlib.crc32(body)) + data[end + 4:])
        result = self.call("run", "x.png", "--json", "x.json")
        self.assertEqual(result.returncode, 1)
        self.assertIn("step 5 replayed, but the numbers are not those of the picture",
                      result.stderr)
        self.assertTrue(os.path.exists(self.path("x.json"))) # nothing is lost
        self.run_well("x.png", "--steps", "6", "--json", "x.json") # there is nothing to compare
        self.run_well("x.png", "--seed", "6", "--json", "x.json")

    def test_a_cut_picture_is_enough(self):
        self.run_well(*SMALL, "--steps", "5", "--png", "x.png")
        with open(self.path("x.png"), "rb") as file:
            data = file.read()
        with open(self.path("cut.png"), "wb") as file:
            file.write(data[:len(data) // 2])
        self.run_well("cut.png", "--json", "x.json",
                      says="the numbers match, .* The file is damaged: it ends within a chunk")
        with open(self.path("cut.png"), "wb") as file:
            file.write(data[:100])
        result = self.call("run", "cut.png")
        self.assertEqual(result.returncode, 2)
        self.assertRegex(result.stderr, r"\Alayerscope: \S+cut\.png carries no experiment: .*\n\Z"
                         .replace(r"\S+", r"\S*"))


if __name__ == "__main__":
    ProgramTest.program, project = map(os.path.abspath, sys.argv[1:3])
    os.environ["LAYERSCOPE_DATADIR"] = project
    unittest.main(argv=sys.argv[:1] + sys.argv[3:])
