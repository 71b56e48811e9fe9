#!/usr/bin/env python3
"""Weights out and in, code that builds them, and films: what a user does with files of them.

usage: test_model.py LAYERSCOPE

NumPy reads what is saved and writes what is loaded; ffmpeg is played by a script.
"""

import os
import shutil
import stat
import struct
import subprocess
import sys
import unittest

import numpy as np

from program import ProgramTest

SMALL = ["--layers", "3", "--width", "8", "--batch", "16", "--data", "gaussian", "--features", "5",
         "--examples", "64"]
TWINS = SMALL + ["--optimizer", "adam", "--normalisation", "batch", "--b", "activation=prelu",
                 "--b", "connection=residual", "--b", "branch=rezero"]

FFMPEG = """#!/bin/sh
for last; do :; done
echo "$*" > arguments
cat > "$last"
if [ -n "$BROKEN" ]; then echo "no such codec" >&2; echo "more" >&2; exit 1; fi
"""


class Weights(ProgramTest):
    def test_training_goes_on(self):
        """Saved after 20 steps and loaded for 30 more: the same bytes as after 50."""
        for words in (SMALL, TWINS, TWINS + ["--ensemble", "2", "--mixup", "0.3"]):
            self.run_well(*words, "--steps", "20", "--save", "a.npz")
            self.run_well("--load", "a.npz", "--steps", "30", "--save", "b.npz")
            self.run_well(*words, "--steps", "50", "--save", "c.npz")
            self.assertEqual(self.bytes_of("b.npz"), self.bytes_of("c.npz"))
            self.assertNotEqual(self.bytes_of("a.npz"), self.bytes_of("b.npz"))

    def test_numpy_reads_it(self):
        self.run_well(*TWINS, "--steps", "20", "--save", "a.npz", "--npz", "pass.npz")
        with np.load(self.path("a.npz")) as saved, np.load(self.path("pass.npz")) as passed:
            self.assertIn("width = 8\n", bytes(saved["experiment"]).decode())
            counts = {name: (saved[name].dtype, int(saved[name]))
                      for name in ("step", "seen", "epoch", "position", "begun", "b_begun")}
            self.assertEqual(counts, {name: (np.dtype("int64"), value) for name, value in
                                      dict(step=20, seen=320, epoch=4, position=64, begun=0,
                                           b_begun=0).items()})
            learned = [kind + str(l) for l in (1, 2, 3) for kind in ("W", "b", "gamma", "beta")]
            for name in learned + ["W4", "b4", "exp_avg_W2", "exp_avg_sq_gamma3"]:
                self.assertEqual(saved[name].dtype, np.float32)
                np.testing.assert_array_equal(saved[name], passed[name])
            self.assertEqual(saved["b_slope1"].shape, (8,))
            self.assertEqual(saved["b_scale3"].shape, ())
            # the pass that was measured has moved the averages, which is left out
            self.assertTrue((saved["running_mean1"] != passed["running_mean1"]).all())

    def test_arrays_of_others(self):
        """float64 and float32, either order of the axes: the pass is what NumPy makes of them."""
        generator = np.random.default_rng(1)
        shapes = [(5, 8), (8, 8), (8, 8), (8, 10)]
        for change in (lambda W: W, lambda W: W.astype(np.float32), np.asfortranarray,
                       lambda W: W.astype(">f8")):
            arrays = {}
            for l, shape in enumerate(shapes, 1):
                arrays["W%d" % l] = change(generator.normal(0, 0.5, shape))
                arrays["b%d" % l] = generator.normal(0, 0.5, shape[1])
            np.savez(self.path("mine.npz"), **arrays)
            self.run_well(*SMALL, "--activation", "tanh", "--optimizer", "adam", "--loss",
                          "cross_entropy", "--load", "mine.npz", "--npz", "pass.npz")
            with np.load(self.path("pass.npz")) as passed:
                h = passed["x"].astype(float)
                for l in range(1, 5):
                    z = h @ arrays["W%d" % l].astype(float) + arrays["b%d" % l]
                    np.testing.assert_allclose(passed["z%d" % l], z, atol=2e-5)
                    h = np.tanh(z)

    def test_what_does_not_fit(self):
        self.run_well(*SMALL, "--steps", "1", "--save", "a.npz")
        with np.load(self.path("a.npz")) as saved:
            good = {name: saved[name] for name in saved}
        changes = [
            (dict(W2=good["W2"].T[:7]), "W2 has the shape (7, 8), the experiment's is (8, 8)"),
            (dict(W2=good["W2"].astype(int)), "W2 holds values of type '<i8', expected float32"),
            (dict(W2=None), "there is no array W2"),
            (dict(W5=good["W4"]), "the array W5 has no place"),
            (dict(b_W1=good["W1"]), "the array b_W1 has no place"),
            (dict(step=np.int64(-1)), "step is -1, expected a whole number"),
            (dict(step=np.arange(3)), "step is no single number"),
            (dict(position=np.int64(65)), "position is 65, expected a whole number from 0 to 64"),
            (dict(b1=good["b1"].astype(float) * 0 + 1e300), "b1 holds 1e+300, which is no float32"),
            (dict(experiment=np.zeros(3)), "experiment is no text"),
            (dict(experiment=np.frombuffer(b"width = many", np.uint8)),
             "a.npz, line 1: width: 'many'"),
        ]
        for change, sentence in changes:
            arrays = {name: value for name, value in dict(good, **change).items()
                      if value is not None}
            np.savez(self.path("a.npz"), **arrays)
            result = self.call("run", "--load", "a.npz", "--save", "b.npz")
            self.assertEqual(result.returncode, 2)
            self.assertIn(sentence, result.stderr)
            self.assertEqual(result.stderr.count("\n"), 1)
            self.assertFalse(os.path.exists(self.path("b.npz")))

    def test_wrong_use(self):
        self.run_well(*SMALL, "--save", "a.npz", "--png", "a.png")
        for words, sentence in ((["--load", "nothing.npz"], "nothing.npz: cannot be read"),
                                (["--load", "a.png"], "a.png: cannot be read as the archive"),
                                (["a.png", "--load", "a.npz"], "weights of its own"),
                                (["--load", "a.npz", "--b", "init=small"], "no array b_W1")):
            result = self.call("run", *words)
            self.assertEqual((result.returncode, result.stdout), (2, ""))
            self.assertIn(sentence, result.stderr)

    def test_pictures_say_so(self):
        """A picture of loaded weights cannot be done again from its settings alone."""
        self.run_well(*SMALL, "--save", "a.npz")
        self.run_well("--load", "a.npz", "--steps", "1", "--png", "a.png")
        self.assertIn(b"it began with weights of a file", self.bytes_of("a.png"))
        self.run_well(*SMALL, "--steps", "1", "--png", "a.png")
        self.assertNotIn(b"weights of a file", self.bytes_of("a.png"))


class Films(ProgramTest):
    SIZE = ["--size", "961x601", "--steps", "10", "--every", "4"]

    def setUp(self):
        super().setUp()
        os.mkdir(self.path("bin"))
        with open(self.path("bin/ffmpeg"), "w") as file:
            file.write(FFMPEG)
        os.chmod(self.path("bin/ffmpeg"), stat.S_IRWXU)
        self.with_ffmpeg = self.path("bin") + ":" + os.environ["PATH"]

    def test_frames(self):
        """Steps 0, 4, 8 and 10, each as the picture of a run of so many steps has it."""
        self.run_well(*SMALL, *self.SIZE, "--frames", "new/frames")
        names = ["frame_%06d.png" % number for number in range(1, 5)]
        self.assertEqual(sorted(os.listdir(self.path("new/frames"))), names)
        pictures = [self.bytes_of("new/frames/" + name) for name in names]
        self.assertEqual(len(set(pictures)), 4)
        for picture, step in zip(pictures, (0, 4, 8, 10)):
            self.assertEqual(struct.unpack(">II", picture[16:24]), (961, 601))
            self.assertIn(b"layerscope:step\0%d" % step, picture)

    def test_film(self):
        self.run_well(*SMALL, *self.SIZE, "--film", "a.mp4", PATH=self.with_ffmpeg)
        self.assertEqual(len(self.bytes_of("a.mp4")), 4 * 4 * 961 * 601)
        words = self.bytes_of("arguments").decode().split()
        self.assertEqual(words[words.index("-video_size") + 1], "961x601")
        self.assertEqual(sorted(os.listdir(self.folder)), ["a.mp4", "arguments", "bin"])

    def test_failures_leave_nothing(self):
        with open(self.path("a.mp4"), "w") as file:
            file.write("precious")
        result = self.call("run", *SMALL, *self.SIZE, "--film", "a.mp4", PATH=self.with_ffmpeg, BROKEN="1")
        self.assertEqual(result.returncode, 1)
        self.assertIn("a.mp4: ffmpeg says: no such codec\n", result.stderr)
        self.assertEqual(result.stderr.count("\n"), 1)
        self.assertEqual(self.bytes_of("a.mp4"), b"precious")
        self.assertEqual(sorted(os.listdir(self.folder)), ["a.mp4", "arguments", "bin"])

    def test_without_ffmpeg(self):
        result = self.call("run", *SMALL, *self.SIZE, "--film", "a.mp4", PATH="/nowhere")
        self.assertEqual(result.returncode, 1)
        self.assertIn("ffmpeg, which makes the film, is not installed; --frames", result.stderr)

    def test_needs_steps(self):
        for option in ("--film", "--frames"):
            result = self.call("run", *SMALL, option, "a")
            self.assertEqual(result.returncode, 2)
            self.assertIn(option + ": of which steps? --every K", result.stderr)

    @unittest.skipUnless(shutil.which("ffmpeg") and shutil.which("ffprobe"), "needs ffmpeg")
    def test_real_film(self):
        self.run_well(*SMALL, *self.SIZE, "--film", "a.mp4")
        told = subprocess.run(["ffprobe", "-v", "error", "-count_frames", "-show_entries",
                               "stream=width,height,nb_read_frames", "-of", "csv=p=0", "a.mp4"],
                              cwd=self.folder, stdout=subprocess.PIPE, check=True)
        self.assertEqual(told.stdout.strip(), b"962,602,4")


if __name__ == "__main__":
    ProgramTest.program = os.path.abspath(sys.argv.pop(1))
    unittest.main()
