#!/usr/bin/env python3
"""The program as a user meets it without a window: exit statuses, sentences, files.

usage: test_headless.py LAYERSCOPE PROJECT

PROJECT holds assets/ and fonts/. Every call runs in an empty folder of its own and may leave only
what it was asked for.
"""

import contextlib
import csv
import gzip
import io
import json
import math
import os
import re
import resource
import shutil
import subprocess
import sys
import tempfile
import unittest
import xml.etree.ElementTree as ElementTree

from program import NO_DISPLAY, ProgramTest

PROJECT = None
OPTIMISERS = ("sgd", "momentum", "nesterov", "adagrad", "adadelta", "rmsprop", "adam",
              "adamw")
SMALL = ["--layers", "3", "--width", "8", "--batch", "16", "--data", "gaussian", "--features", "5",
         "--examples", "64"]
TWINS = SMALL + ["--b", "activation=sigmoid", "--b", "init=small"]
KINDS = ("--json", "--npz", "--png", "--svg", "--csv")


class Test(ProgramTest):
    def left(self):
        return sorted(os.listdir(self.folder))

    def assert_refused(self, status, parts, *words, leaves=(), **settings):
        """This status, one sentence on stderr with all these parts, nothing else anywhere."""
        result = self.call(*words, **settings)
        self.assertEqual(result.returncode, status, result.stderr)
        self.assertRegex(result.stderr, r"\Alayerscope: [^\n]{10,}\n\Z")
        for part in [parts] if isinstance(parts, str) else parts:
            self.assertIn(part, result.stderr)
        self.assertEqual(result.stdout, "")
        self.assertEqual(self.left(), sorted(leaves))

    def read_json(self, name):
        def refuse(constant):
            raise ValueError("%s is no JSON" % constant)
        with open(self.path(name), encoding="utf-8") as file:
            return json.load(file, parse_constant=refuse)


class WrongUse(Test):
    def test_numbers_out_of_range(self):
        for option, value, accepted in (("--layers", "201", "from 0 to 200"),
                                        ("--width", "99999999", "from 1 to 4096"),
                                        ("--learning-rate", "nan", "from 0 to 1e+06"),
                                        ("--steps", "-1", "from 0 to"),
                                        ("--scale", "9", "from 0.5 to 4"),
                                        ("--size", "1x1", "from 320x240 to 7680x4320")):
            self.assert_refused(2, [option, "'%s'" % value, accepted], "run", option, value)

    def test_unknown_names(self):
        self.assert_refused(2, ["'sigmiod'", "did you mean 'sigmoid'?"],
                            "run", "--activation", "sigmiod")
        self.assert_refused(2, ["--lyaers", "did you mean --layers?"], "run", "--lyaers", "3")
        self.assert_refused(2, ["'mnits'", "did you mean 'mnist'?"], "--data=mnits")
        self.assert_refused(2, ["'key'", "did you mean 'keys'?"], "list", "key")
        self.assert_refused(2, "cannot read nothing.ini", "run", "nothing.ini")

    def test_what_was_given_cannot_steer_the_terminal(self):
        self.assert_refused(2, "--a?b?[31m", "run", "--a\nb\x1b[31m", "3")

    def test_a_network_that_does_not_fit(self):
        self.assert_refused(2, ["needs", "GiB are free"], "run", "--layers", "200", "--width",
                            "4096", "--batch", "1000000", "--data", "gaussian", "--examples",
                            "1000000", "--features", "65536")
        self.assert_refused(2, ["needs", "free"], "--layers", "200", "--width", "4096", "--batch",
                            "1000000", "--data=gaussian", "--examples=1000000", **NO_DISPLAY)

    def test_settings_that_make_no_sense_together(self):
        self.assert_refused(2, ["mixup = 0.2", "xor has 4"], "run", "--data", "xor", "--mixup",
                            "0.2")
        self.assert_refused(2, ["shift = 3", "preprocess = pca"], "--shift", "3", "--preprocess",
                            "pca", **NO_DISPLAY)

    def test_no_display(self):
        self.assert_refused(2, ["no display", "layerscope run"], **NO_DISPLAY)
        gone = dict(NO_DISPLAY, DISPLAY=":65000")
        self.assert_refused(2, ["no display", "layerscope run"], "--layers", "3", **gone)
        self.assert_refused(2, ["no display", "layerscope watch"], "watch", self.folder, **gone)


class Shipped(Test):
    """What is missing or broken of the files the program brings along."""

    def setUp(self):
        super().setUp()
        self.data = tempfile.mkdtemp(prefix="layerscope-test-")
        self.addCleanup(shutil.rmtree, self.data)
        self.mnist = os.path.join(self.data, "assets", "mnist")
        self.fonts = os.path.join(self.data, "fonts")
        shutil.copytree(os.path.join(PROJECT, "assets", "mnist"), self.mnist)
        shutil.copytree(os.path.join(PROJECT, "fonts"), self.fonts)

    def test_whole_it_works(self):
        self.run_well("--steps", "1", LAYERSCOPE_DATADIR=self.data)

    def damage(self, name, *contents):
        """Put each of these in place of the file; None: nothing."""
        path = os.path.join(self.mnist, name)
        os.rename(path, path + ".whole")
        for content in contents:
            if content is not None:
                with open(path, "wb") as file:
                    file.write(content)
            self.assert_refused(2, name, "run", "--json", "a.json", LAYERSCOPE_DATADIR=self.data)
            if content is not None:
                os.remove(path)
        os.rename(path + ".whole", path)

    def test_damaged_data(self):
        name = "t10k-labels-idx1-ubyte.gz"
        with open(os.path.join(self.mnist, name), "rb") as file:
            whole = file.read()
        plain = gzip.decompress(whole)
        self.damage(name, None, b"", b"garbage" * 99, whole[:10], whole[:len(whole) // 2],
                    whole[:-1], plain[:100], gzip.compress(plain[:-1]), gzip.compress(plain[:9]))
        self.damage("train-images-idx3-ubyte.gz", None, whole, gzip.compress(plain[:3]))

    def test_fonts(self):
        name = sorted(os.listdir(self.fonts))[0]
        with open(os.path.join(self.fonts, name), "w") as file:
            file.write("no font")
        result = self.call("run", *SMALL, "--png", "a.png", LAYERSCOPE_DATADIR=self.data)
        self.assertEqual((result.returncode, result.stdout, self.left()), (2, "", []))
        self.assertIn(name, result.stderr.splitlines()[-1])
        shutil.rmtree(self.fonts)
        self.assert_refused(2, "fonts", "run", *SMALL, "--steps", "1000000000000", "--png", "a.png",
                            LAYERSCOPE_DATADIR=self.data)
        self.assert_refused(2, "fonts", LAYERSCOPE_DATADIR=self.data, SDL_VIDEODRIVER="dummy")
        self.run_well(*SMALL, LAYERSCOPE_DATADIR=self.data) # which needs none


class Output(Test):
    def test_places_that_cannot_be_written(self):
        for kind in KINDS:
            # told before the training, which would not end
            words = ["run"] + SMALL + ["--steps", "1000000000000", kind]
            self.assert_refused(1, ["none/a", "does not exist"], *words, "none/a")
            self.assert_refused(1, "a file", *words, "")
            self.assert_refused(1, "cannot write .", *words, ".")
            self.assert_refused(1, "too long", *words, "x" * 300)

    def test_full_disk(self):
        def limit():
            resource.setrlimit(resource.RLIMIT_FSIZE, (1000, 1000))
        for kind in KINDS:
            self.assert_refused(1, "a: File too large", "run", *SMALL, kind, "a", prepare=limit)
            with open(self.path("a"), "w") as file:
                file.write("precious")
            self.assert_refused(1, "a: File too large", "run", *SMALL, kind, "a", prepare=limit,
                                leaves=["a"])
            with open(self.path("a")) as file:
                self.assertEqual(file.read(), "precious")
            os.remove(self.path("a"))
            self.assert_refused(1, "No space left", "run", *SMALL, kind, "/dev/full")

    def test_one_that_fails_does_not_lose_the_others(self):
        self.assert_refused(1, "/dev/full", "run", *SMALL, "--json", "/dev/full", "--npz", "a.npz",
                            leaves=["a.npz"])

    def test_standard_output(self):
        with open("/dev/full", "w") as full:
            for words in (["run"] + SMALL, ["list", "keys"], ["--help"], ["--version"]):
                self.assert_refused(1, "standard output: No space left", *words, stdout=full)
        for words in (["run"] + SMALL, ["list"], ["--help"]):
            self.assert_refused(1, "standard output", *words, stdout=None,
                                prepare=lambda: os.close(1))
        result = self.call("run", *SMALL, "--json", "a.json", "--npz", "a.npz", stdout=None,
                           prepare=lambda: os.closerange(0, 3))
        self.assertEqual(result.returncode, 0) # and nothing was printed into the files
        self.assertEqual(self.call("nothing.ini", stdout=None,
                                   prepare=lambda: os.closerange(0, 3)).returncode, 2)
        with open(self.path("a.json")) as file:
            json.load(file)

    def test_pipes(self):
        os.mkfifo(self.path("pipe"))
        reader = subprocess.Popen(["cat", self.path("pipe")], stdout=subprocess.PIPE)
        self.addCleanup(reader.stdout.close)
        self.run_well(*SMALL, "--json", "pipe", "--npz", "a.npz")
        self.assertEqual(json.loads(reader.communicate(timeout=60)[0])["step"], 0)
        self.assertEqual(json.loads(self.run_well(*SMALL, "--json", "/dev/stdout"))["step"], 0)

    def test_a_link_is_followed(self):
        os.symlink("target.json", self.path("link.json"))
        with open(self.path("target.json"), "w") as file:
            file.write("old")
        self.run_well(*SMALL, "--json", "link.json")
        self.assertTrue(os.path.islink(self.path("link.json")))
        self.assertEqual(self.read_json("target.json")["step"], 0)


class Results(Test):
    def test_same_command_same_bytes(self):
        words = TWINS + ["--steps", "20", "--seed", "7"]
        outputs = []
        for turn in ("first", "second"):
            os.mkdir(self.path(turn))
            files = [turn + "/a" + kind[1:] for kind in KINDS]
            self.run_well(*words, *[word for pair in zip(KINDS, files) for word in pair],
                          LC_ALL="C" if turn == "first" else "C.UTF-8",
                          TZ="UTC" if turn == "first" else "Asia/Seoul")
            outputs.append([])
            for name in files:
                with open(self.path(name), "rb") as file:
                    outputs[-1].append(file.read())
        for kind, one, two in zip(KINDS, *outputs):
            self.assertTrue(one and one == two, kind)

    def test_seed_and_steps_matter(self):
        texts = {self.run_well(*SMALL, "--steps", steps, "--seed", seed)
                 for steps in "01" for seed in "12"}
        self.assertEqual(len(texts), 4)

    def test_no_steps_show_the_first_weights(self):
        self.run_well(*TWINS, "--steps", "0", "--json", "a.json")
        result = self.read_json("a.json")
        self.assertEqual(result["step"], 0)
        self.assertEqual([result["runs"][run]["step"] for run in "AB"], [0, 0])
        self.assertEqual(result["experiment"]["layers"], 3)
        self.assertEqual(len(result["runs"]["B"]["layers"]), 3)

    def test_diverging_is_a_finding(self):
        text = self.run_well("--layers", "5", "--width", "20", "--learning-rate", "1e6", "--steps",
                             "50", "--json", "a.json", "--png", "a.png", "--npz", "a.npz", "--print")
        found = self.read_json("a.json")["runs"]["A"]["diverged"]
        self.assertRegex(text, "diverged: .*step %d in layer %d" % (found["step"], found["layer"]))
        self.assertNotIn("-nan", text)
        self.assertEqual(self.read_json("a.json")["step"], found["step"])

    def test_the_table(self):
        lines = self.run_well(*TWINS, "--steps", "3", "--print").splitlines()
        heads = [i for i, line in enumerate(lines) if line.split()[:2] == ["layer", "units"]]
        self.assertEqual(len(heads), 2)
        for head in heads:
            columns = re.split(r"  +|(?<=units) ", lines[head].strip())
            for layer in (1, 2, 3):
                cells = lines[head + layer].split()
                self.assertEqual(cells[:2], [str(layer), "8"])
                self.assertEqual(len(lines[head + layer]), len(lines[head]))
                self.assertGreaterEqual(len(cells), len(columns) - 1)
        self.assertEqual(self.run_well(*TWINS, "--steps", "3").splitlines(), lines) # the default
        self.run_well(*SMALL, "--json", "a.json")
        self.assertEqual(self.run_well(*SMALL, "--json", "a.json"), "") # a file is enough

    def test_the_table_of_theory(self):
        words = ["--data", "gaussian", "--width", "300", "--layers", "4", "--batch", "500",
                 "--activation", "tanh", "--init", "xavier", "--json", "a.json", "--print"]
        lines = self.run_well(*words, "--b", "init=orthogonal").splitlines()
        head = next(i for i, line in enumerate(lines) if line.split()[:3] == ["layer", "q", "chi"])
        run = self.read_json("a.json")["runs"]["A"]
        self.assertEqual(run["theory"], {"applies": True, "reason": None})
        for number, layer in enumerate(run["layers"], 1):
            cells = lines[head + number].split()
            measured, expected = layer["h"]["sd"], layer["theory"]["h_sd"]
            self.assertEqual(cells[0], str(number))
            self.assertAlmostEqual(float(cells[3]), measured, delta=1e-3 * measured)
            self.assertAlmostEqual(float(cells[4]), expected, delta=1e-3 * expected)
            self.assertAlmostEqual(measured / expected, 1, delta=0.05)
            self.assertTrue(1 <= layer["participation"] <= 300)
        other = self.read_json("a.json")["runs"]["B"]
        self.assertFalse(other["theory"]["applies"])
        self.assertIn("   no theory: " + other["theory"]["reason"], lines)
        self.assertNotIn("theory", self.run_well(*words[:-3], "--steps", "1"))

    def read_lines(self, name):
        with open(self.path(name), encoding="utf-8") as file:
            return [json.loads(line) for line in file]

    def test_every(self):
        self.run_well(*TWINS, "--steps", "10", "--every", "4", "--json", "a.json")
        lines = self.read_lines("a.json")
        self.assertEqual([line["step"] for line in lines], [0, 4, 8, 10])
        for line in lines: # each is what a run to that step alone would say
            self.run_well(*TWINS, "--steps", str(line["step"]), "--json", "b.json")
            alone = self.read_json("b.json")
            for result in (line, alone):
                for run in result["runs"].values():
                    for name in ("test_accuracy", "test_loss", "test_n", "test_step"): # so far
                        run.pop(name)
                    for layer in run["layers"]: # of the last pass
                        layer.pop("participation")
                        layer.pop("gradient_histogram")
            self.assertEqual(line, alone)
        self.run_well(*TWINS, "--steps", "8", "--every", "4", "--json", "a.json")
        self.assertEqual([line["step"] for line in self.read_lines("a.json")], [0, 4, 8])

    # CSV beside JSON ------------------------------------------------------------------------------

    def read_csv(self, name):
        """{(case, run, step, layer): {quantity: value}}, histograms as lists of (low, high, n)."""
        with open(self.path(name), encoding="utf-8", newline="") as file:
            text = file.read()
        self.assertEqual(text.count("\n"), text.count("\r\n")) # RFC 4180
        rows = list(csv.reader(io.StringIO(text, newline=""), strict=True))
        self.assertEqual(rows[0], "case run step layer quantity low high value".split())
        told = {}
        for case, run, step, layer, quantity, low, high, value in rows[1:]:
            place = told.setdefault((case, run, int(step), int(layer or 0)), {})
            if low and high:
                place.setdefault(quantity, []).append((float(low), float(high), int(value)))
            else:
                self.assertNotIn(quantity, place)
                place[quantity] = float(value)
                self.assertEqual(quantity.endswith(".below"), bool(high))
                self.assertEqual(quantity.endswith(".above"), bool(low))
        return told

    def numbers_of(self, value, path=""):
        """The same of a part of a JSON document."""
        if isinstance(value, dict) and "counts" in value:
            edges = []
            if value["low"] is not None and "scale" in value:
                octave = [value["low"] * 2.0 ** k for k in range(len(value["counts"]) // 2 + 1)]
                edges = [edge for low in octave for edge in (low, low * math.sqrt(2.0))]
            elif value["low"] is not None:
                width = (value["high"] - value["low"]) / len(value["counts"])
                edges = [value["low"] + i * width for i in range(len(value["counts"]) + 1)]
            bins = [(low, high, n) for low, high, n in zip(edges, edges[1:], value["counts"]) if n]
            yield from [(path, bins)] if bins else []
            value = {name: value[name] for name in value
                     if name not in ("low", "high", "counts", "scale", "bins_per_octave")}
        if isinstance(value, dict):
            for name, child in value.items():
                yield from self.numbers_of(child, path + "." + name if path else name)
        elif value in ("NaN", "Infinity", "-Infinity") or type(value) in (int, float):
            yield path, float(value)

    def assert_same_numbers(self, document, case, told):
        step = document["step"]
        parts = {(case, "", step, 0): {name: document[name] for name in
                                       ("step", "epoch", "batch", "examples")}}
        for name, run in document["runs"].items():
            run = dict(run)
            for layer in run.pop("layers") + [run.pop("output")]:
                parts[case, name, step, layer.pop("layer")] = layer
            for lists in ("ensemble", "pretraining"):
                run[lists] = {name: value for name, value in (run[lists] or {}).items()
                              if not isinstance(value, list)}
            parts[case, name, step, 0] = run
        self.assertEqual({place for place in told if place[0] == case and place[2] == step},
                         set(parts))
        for place, part in parts.items():
            wanted, got = dict(self.numbers_of(part)), told[place]
            self.assertEqual(set(wanted), set(got))
            for quantity in wanted: # a NaN is equal to none
                self.assertEqual(repr(wanted[quantity]), repr(got[quantity]), (place, quantity))
            self.assert_counts_add_up(got)

    def assert_counts_add_up(self, told):
        for quantity in [name for name in told if name + ".n" in told and "histogram" in name]:
            bins = told.get(quantity, [])
            special = [told.get(quantity + "." + name, 0)
                       for name in ("below", "above", "zero", "nan", "inf")]
            self.assertEqual(sum(n for _, _, n in bins) + sum(special), told[quantity + ".n"])
            for (_, high, _), (low, _, _) in zip(bins, bins[1:]):
                self.assertLessEqual(high, low)
            self.assertTrue(all(low < high for low, high, _ in bins))
            self.assertLessEqual(told.get(quantity + ".underflow", 0), told.get(quantity + ".zero", 0))

    def test_csv_says_what_json_says(self):
        for words in (TWINS, [*TWINS, "--init", "lsuv"], [*SMALL, "--ensemble", "2"],
                      ["--data", "xor", "--layers", "2", "--activation", "sigmoid", "--init",
                       "rbm", "--rbm-epochs", "2"], ["--layers", "5", "--width", "20", "--learning-rate", "1e6"],
                      ["--layers", "0", "--data", "xor"], [*SMALL, "--init", "zero"]):
            self.run_well(*words, "--steps", "5", "--csv", "a.csv", "--json", "a.json")
            told = self.read_csv("a.csv")
            self.assert_same_numbers(self.read_json("a.json"), "", told)
            self.assertEqual(len({place[2] for place in told}), 1)

    def test_csv_of_every_step(self):
        self.run_well(*TWINS, "--steps", "10", "--every", "4", "--csv", "a.csv", "--json", "a.json")
        told = self.read_csv("a.csv")
        for document in self.read_lines("a.json"):
            self.assert_same_numbers(document, "", told)
        self.assertEqual({place[2] for place in told}, {0, 4, 8, 10})
        self.assertEqual(told["", "A", 10, 3]["h.n"], 16 * 8)

    def test_csv_of_cases(self):
        names = ["first", 'one, "two" and δ']
        with open(self.path("a.ini"), "w") as file:
            file.write("[a]\ndata=xor\nlayers=2\nwidth=5\n")
            file.write("".join("[case %s]\n" % name for name in names))
        self.run_well("a.ini", "--steps", "3", "--every", "2", "--csv", "a.csv", "--json", "a.json")
        told, lines = self.read_csv("a.csv"), self.read_lines("a.json")
        self.assertEqual([(line["case"], line["step"]) for line in lines],
                         [(name, step) for name in names for step in (0, 2, 3)])
        for line in lines:
            self.assert_same_numbers(line, line["case"], told)
        self.assertEqual({place[0] for place in told}, set(names))

    def test_names_of_the_data(self):
        """Those of the file, in its own run and in one restored from its picture."""
        table = "Länge,Breite,Art\n" + "".join(
            "%d,%d,%s\n" % (i, i * i % 7, ["Birke", "Weißdorn", "E\udce9che"][i % 3]) for i in range(30))
        with open(self.path("baum.csv"), "wb") as file:
            file.write(table.encode("utf-8", "surrogateescape"))
        self.run_well("--data", "baum.csv", "--layers", "2", "--width", "4", "--steps", "2",
                      "--json", "a.json", "--png", "a.png")
        self.assertIn("the numbers match", self.call("run", "a.png", "--json", "b.json").stderr)
        for name in ("a.json", "b.json"):
            document = self.read_json(name)
            self.assertEqual(document["class_names"], ["Birke", "E\ufffdche", "Weißdorn"])
            self.assertEqual(document["input_names"], ["Länge", "Breite"])
        self.run_well("--data", "gaussian", "--layers", "1", "--width", "4", "--steps", "1",
                      "--json", "c.json")
        self.assertNotIn("class_names", self.read_json("c.json"))

    def test_every_changes_nothing(self):
        for extra in ([], ["--activation", "prelu", "--normalisation", "batch", "--dropout", "0.3"],
                      ["--connection", "recurrent"], ["--clip-norm", "0.01"],
                      ["--optimizer", "adam", "--ensemble", "2"]):
            words = [*TWINS, *extra, "--steps", "25"]
            every = ["--csv", "a.csv", "--every", "3"]
            self.run_well(*words, "--json", "a.json", *every)
            self.run_well(*words, "--json", "b.json")
            self.assertEqual(self.read_lines("a.json")[-1], self.read_json("b.json"), extra)
            pictures = []
            for more in ([], every):
                self.run_well(*words, "--png", "a.png", *more)
                with open(self.path("a.png"), "rb") as file:
                    pictures.append(file.read())
            self.assertEqual(pictures[0], pictures[1], extra)

    def events(self, folder):
        """What the event files say, but for when."""
        found = []
        for place, _, names in sorted(os.walk(self.path(folder))):
            for name in names:
                with open(os.path.join(place, name), "rb") as file:
                    content = file.read()
                while content:
                    end = 12 + int.from_bytes(content[:8], "little")
                    found.append(content[12 + 9:end]) # the time is the first of its fields
                    content = content[end + 4:]
        return found

    def test_every_on_one_core(self):
        """There nothing is written beside the training, and the same."""
        core = min(os.sched_getaffinity(0))
        written = []
        for prepare in (None, lambda: os.sched_setaffinity(0, [core])):
            self.run_well(*TWINS, "--steps", "60", "--every", "1", "--csv", "a.csv", "--json",
                          "a.json", "--tensorboard", "board", prepare=prepare)
            files = []
            for name in ("a.csv", "a.json"):
                with open(self.path(name), "rb") as file:
                    files.append(file.read())
            written.append(files + self.events("board"))
            shutil.rmtree(self.path("board"))
        self.assertEqual(len(written[0]), 2 + 2 * (1 + 61)) # versions of files, steps
        self.assertTrue(written[0] == written[1])

    def test_every_needs_somebody_who_takes_it(self):
        self.assert_refused(2, ["--every", "--json"], "run", "--every", "3", "--png", "a.png")

    def test_every_of_what_diverges(self):
        self.run_well("--layers", "5", "--width", "20", "--learning-rate", "1e6", "--steps", "50",
                      "--json", "a.json", "--every", "1")
        lines = self.read_lines("a.json")
        self.assertEqual([line["step"] for line in lines], list(range(len(lines))))
        self.assertEqual([line["runs"]["A"]["diverged"] is None for line in lines],
                         [True] * (len(lines) - 1) + [False])

    def test_lsuv_tells_its_iterations(self):
        lines = self.run_well(*TWINS, "--b", "init=lsuv", "--print", "--json", "a.json").splitlines()
        head = [line.split() for line in lines].index(
            ["layer", "iterations", "var", "z", "before", "var", "z", "after"])
        runs = self.read_json("a.json")["runs"]
        told = [layer["lsuv"] for layer in runs["B"]["layers"] + [runs["B"]["output"]]]
        self.assertEqual(len(told), 4)
        for number, layer in enumerate(told, 1):
            cells = lines[head + number].split()
            self.assertEqual(cells[:2], [str(number), str(layer["iterations"])])
            self.assertAlmostEqual(float(cells[2]) / layer["variance_before"], 1, 5)
            self.assertAlmostEqual(float(cells[3]) / layer["variance_after"], 1, 5)
        self.assertEqual(head + 5, len(lines))
        self.assertIsNone(runs["A"]["output"]["lsuv"])

    def test_rbm_tells_its_errors(self):
        words = ["--data", "xor", "--layers", "3", "--width", "6", "--activation", "sigmoid",
                 "--init", "rbm", "--rbm-epochs", "4", "--rbm-rate", "0.3"]
        lines = self.run_well(*words, "--steps", "2", "--print", "--json", "a.json",
                              "--png", "a.png").splitlines()
        result = self.read_json("a.json")
        self.assertEqual(result["step"], 2)
        told = result["runs"]["A"]["pretraining"]
        self.assertEqual(told["steps"], 12)
        self.assertEqual([len(layer) for layer in told["reconstruction_error"]], [4, 4, 4])
        for line, (number, errors) in zip(lines[-3:], enumerate(told["reconstruction_error"], 1)):
            cells = line.split()
            self.assertEqual(cells[:2], [str(number), "4"])
            for cell, error in zip(cells[2:], (errors[0], errors[-1])):
                self.assertAlmostEqual(float(cell), error, 6)
        self.run_well(*SMALL, "--json", "a.json")
        self.assertIsNone(self.read_json("a.json")["runs"]["A"]["pretraining"])

    def test_rbm_needs_probabilities(self):
        rbm = ("run", "--init", "rbm", "--activation")
        self.assert_refused(2, ["rbm", "activation = sigmoid", "relu"], *rbm, "relu")
        for words in (["--data", "gaussian"], ["--preprocess", "centred"], ["--data", "moons"],
                      ["--preprocess", "none", "--examples", "50"]):
            self.assert_refused(2, ["rbm", "within 0 to 1"], *rbm, "sigmoid", *words)

    def test_picture_sizes(self):
        for size, scale, expected in (("320x240", "0.5", (160, 120)), ("320x240", "4", (1280, 960)),
                                      ("4000x240", "1", (4000, 240)), ("333x777", "1.3", (433, 1010))):
            self.run_well(*SMALL, "--png", "a.png", "--size", size, "--scale", scale)
            with open(self.path("a.png"), "rb") as file:
                head = file.read(24)
            self.assertEqual((int.from_bytes(head[16:20], "big"),
                              int.from_bytes(head[20:24], "big")), expected)

    def test_figures(self):
        panels = ("activations", "gradients", "magnitude", "strips", "loss", "phi", "why", "textbook")
        views = ("layers", "history", "layer", "data", "phase")
        for name in panels + views:
            size = "320x240" if name in panels else "960x600"
            self.run_well(*TWINS, "--steps", "3", "--panel", name, "--size", size, "--svg", "a.svg",
                          "--png", "a.png", "--title", "<T & τ>", "--caption", "C \"c\"")
            root = ElementTree.parse(self.path("a.svg")).getroot()
            self.assertEqual("%sx%s" % (root.get("width"), root.get("height")), size)
            texts = [text.text for text in root.iter("{http://www.w3.org/2000/svg}text")]
            self.assertIn("<T & τ>", texts)
            self.assertIn("C \"c\"", texts)
            self.assertNotIn("Esc", texts)
            self.assertIn("layers = ", root.find("{http://www.w3.org/2000/svg}metadata").text)

    def test_an_svg_says_what_the_window_says(self):
        self.run_well(*TWINS, "--steps", "20", "--svg", "a.svg", "--json", "a.json")
        root = ElementTree.parse(self.path("a.svg")).getroot()
        texts = [text.text for text in root.iter("{http://www.w3.org/2000/svg}text")]
        self.assertTrue(any("step 20" in text for text in texts), texts)
        for title in ("Activations", "Gradients", "Gradient magnitude", "History", "Loss"):
            self.assertIn(title, texts)
        for run in self.read_json("a.json")["runs"].values():
            self.assertIn("%.3f" % run["loss"], texts)

    def test_figures_that_make_no_sense(self):
        for parts, words in (
                (["--panel", "'nonsense'", "activations"], ["--panel", "nonsense"]),
                (["--size", "640x480", "phase", "960x600"],
                 ["--panel", "phase", "--size", "640x480", "--png", "a.png"]),
                (["--title", "--panel"], ["--title", "A", "--png", "a.png"]),
                (["--size", "pixels"], ["--svg", "a.svg", "--size", "7680x4320", "--scale", "4"])):
            self.assert_refused(2, parts, "run", *words)

    def test_extremes(self):
        for words in (["--layers", "0", "--data", "xor"],
                      ["--layers", "0", "--b", "layers=70", "--b", "width=3"],
                      ["--layers", "1", "--width", "1", "--batch", "1", "--data", "xor"],
                      ["--layers", "200", "--width", "1", "--data", "xor"],
                      ["--layers", "200", "--width", "2", "--data", "xor", "--activation", "sigmoid"],
                      ["--data", "gaussian", "--features", "1", "--examples", "1"],
                      ["--data", "gaussian", "--features", "1", "--batch", "1000000"],
                      ["--data", "gaussian", "--examples", "3", "--batch", "2"],
                      ["--init", "zero", "--data", "xor"],
                      ["--init-scale", "1e6", "--data", "xor"],
                      ["--bias", "-1e6", "--data", "xor"],
                      ["--learning-rate", "0", "--data", "xor"]):
            for optimizer in OPTIMISERS:
                self.run_well(*words, "--steps", "3", "--optimizer", optimizer, "--json", "a.json",
                              "--npz", "a.npz", "--png", "a.png", "--print")
                self.read_json("a.json")

    def test_without_a_home(self):
        self.run_well(*SMALL, "--png", "a.png", HOME=None, XDG_CONFIG_HOME=None, **NO_DISPLAY)


class Presets(Test):
    def names(self, **settings):
        lines = self.call("list", "presets", "--markdown", **settings).stdout.splitlines()[2:]
        return [re.match(r"\| `([^`]+)` \|", line).group(1) for line in lines]

    def test_every_shipped_one_runs(self):
        names = self.names()
        files = os.listdir(os.path.join(PROJECT, "assets", "presets"))
        self.assertEqual(names, sorted(name[:-4] for name in files))
        for name in names:
            # as they are but for their size: some have much
            words = ["--preset", name, "--steps", "2", "--examples", "300", "--batch", "50"]
            with open(os.path.join(PROJECT, "assets", "presets", name + ".ini")) as file:
                if re.search(r"^width = \d{3,}$", file.read(), re.MULTILINE):
                    words += ["--width", "32"]
            text = self.run_well(*words, "--print", "--json", "a.json")
            document = self.read_json("a.json")
            for case in document.get("cases", [document]):
                self.assertEqual(case["step"], 2, name)
                self.assertIn(case.get("name", "step 2"), text)
                self.assertIsNone(case["runs"]["A"]["diverged"], name)

    def write(self, text):
        with open(self.path("a.ini"), "w") as file:
            file.write("[preset]\ntitle=The title\nabout=Some words.\n%s\n" % text)

    def test_cases_are_runs_of_their_own(self):
        self.write("steps=3\n[a]\ndata=xor\nlayers=2\nwidth=5\n[case first]\n[case other]\n"
                   "activation=tanh\nlayers=4\n")
        text = self.run_well("a.ini", "--json", "all.json", "--print")
        document = self.read_json("all.json")
        self.assertEqual((document["title"], document["about"]), ("The title", "Some words."))
        self.assertEqual([case["name"] for case in document["cases"]], ["first", "other"])
        for case in document["cases"]:
            self.run_well("a.ini", "--case", case["name"], "--json", "one.json")
            one = self.read_json("one.json")
            self.assertEqual(one["step"], 3)
            for member in one:
                if member != "version":
                    self.assertEqual(one[member], case[member])
        lines = text.splitlines()
        self.assertEqual(lines[:2], ["The title", "Some words."])
        head = next(i for i, line in enumerate(lines) if line.startswith("layer"))
        for number in range(4):
            cells = lines[head + 1 + number].split("|")
            self.assertEqual(cells[0].split(), [str(number + 1)])
            for case, cell in zip(document["cases"], cells[1:]):
                layers = case["runs"]["A"]["layers"]
                mean, sd, theory = cell.split()
                self.assertEqual(theory, "-")
                if number >= len(layers):
                    self.assertEqual((mean, sd), ("-", "-"))
                    continue
                self.assertAlmostEqual(float(mean), layers[number]["h"]["mean"], delta=1e-3)
                self.assertAlmostEqual(float(sd), layers[number]["h"]["sd"], delta=1e-3)

    def test_epochs_are_passes_over_the_examples(self):
        for epochs, examples, batch, steps in ((2, 64, 16, 8), (1.5, 64, 16, 6), (1, 64, 24, 3),
                                               (3, 10, 100, 3), (0, 64, 16, 0)):
            self.write("epochs=%g\n[a]\ndata=gaussian\nfeatures=5\nlayers=1\nwidth=4" % epochs)
            words = ["--examples", str(examples), "--batch", str(batch), "--json", "a.json"]
            self.run_well("a.ini", *words)
            self.assertEqual(self.read_json("a.json")["step"], steps)
            self.run_well("--data=gaussian", "--epochs", str(epochs), *words)
            self.assertEqual(self.read_json("a.json")["step"], steps)

    def test_a_case_that_cannot_run(self):
        self.write("[a]\ndata=xor\n[case fine]\n[case bad]\ndata=idx\ndata_path=nowhere")
        self.assert_refused(2, "nowhere", "run", "a.ini", "--json", "a.json", leaves=["a.ini"])

    def test_own_presets(self):
        own = os.path.join(self.folder, "layerscope", "presets")
        os.makedirs(own)
        with open(os.path.join(own, "mine.ini"), "w") as file:
            file.write("layers = 2\ndata = xor\n")
        with open(os.path.join(own, "wrong.ini"), "w") as file:
            file.write("[preset]\ntitel = 2\n")
        settings = {"XDG_CONFIG_HOME": self.folder}
        self.assertEqual({"mine", "wrong"} - set(self.names(**settings)), set())
        self.assertIn("2 layers", self.run_well("--preset", "mine", **settings))
        self.assertIn("did you mean 'title'?", self.call("list", "presets", **settings).stdout)
        self.assert_refused(2, ["--preset", "'mien'", "did you mean 'mine'?"], "run", "--preset",
                            "mien", leaves=["layerscope"], **settings)


class Progress(Test):
    def shown_by(self, *words):
        ours, theirs = os.openpty()
        with subprocess.Popen([self.program, "run", "--json", "a.json", *words], cwd=self.folder,
                              stderr=theirs) as process:
            os.close(theirs)
            shown = b""
            with contextlib.suppress(OSError): # what a terminal says at its end
                while True:
                    shown += os.read(ours, 4096) or b""
            self.assertEqual(process.wait(), 0)
        os.close(ours)
        self.assertLess(max(len(part) for part in shown.split(b"\r")), 80)
        self.assertTrue(shown.endswith(b"\r" + 79 * b" " + b"\r")) # and then it is gone
        return shown

    def test_on_a_terminal_only(self):
        shown = self.shown_by("--layers", "100", "--width", "200", "--steps", "40", "--threads", "1")
        self.assertRegex(shown, rb"\r *[0-9]+ %  step [0-9]+ of 40  [0-9]+ steps/s  [0-9]+ s left")

    def test_of_pretraining(self):
        shown = self.shown_by("--layers", "12", "--width", "400", "--examples", "5000",
                              "--activation", "sigmoid", "--init", "rbm", "--rbm-epochs", "2")
        self.assertRegex(shown, rb"\rpre-training layer [0-9]+ of 12, epoch [12] of 2, "
                                rb"reconstruction error 0\.[0-9]{4} ")


class Words(Test):
    def test_help_and_version(self):
        for word in ("--help", "-h"):
            result = self.call(word)
            self.assertEqual((result.returncode, result.stderr), (0, ""))
            self.assertIn("--learning-rate", result.stdout)
        self.assertRegex(self.call("--version").stdout, r"\Alayerscope \d+\.\d+\.\d+\n\Z")

    def test_list(self):
        names = [line.split()[0] for line in self.call("list").stdout.splitlines()[:-1]]
        self.assertIn("activations", names)
        for name in names:
            result = self.call("list", name)
            self.assertEqual((result.returncode, result.stderr), (0, ""))
            self.assertTrue(result.stdout)

    def test_an_ini_file_of_ten_megabytes(self):
        with open(self.path("big.ini"), "w") as file:
            file.write("layers = 7\n" * 1000000)
        result = self.call("run", "big.ini", *SMALL[2:])
        self.assertEqual((result.returncode, result.stderr), (0, ""))
        self.assertIn("7 layers", result.stdout)

    def test_garbage_as_a_file(self):
        with open(self.path("garbage.ini"), "wb") as file:
            file.write(bytes(range(256)) * 1000)
        self.assert_refused(2, "garbage.ini", "run", "garbage.ini", leaves=["garbage.ini"])


if __name__ == "__main__":
    if len(sys.argv) < 3:
        sys.exit(__doc__.splitlines()[2])
    PROJECT = os.path.abspath(sys.argv.pop(2))
    ProgramTest.program = os.path.abspath(sys.argv.pop(1))
    os.environ["LAYERSCOPE_DATADIR"] = PROJECT
    unittest.main()
