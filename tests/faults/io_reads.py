#!/usr/bin/env python3
"""Every call that reads a file fails once, or finds its end too early: a sentence that names it.

usage: io_reads.py LAYERSCOPE PROJECT IO_FAIL EVENTS

IO_FAIL is the library of io_fail.c, EVENTS a folder of event files. PROJECT holds assets/ and
fonts/.
"""

import errno
import gzip
import os
import sys
import unittest

from io_tools import SMALL, Test, begin, chosen

CALLS = "open read seek stat list map close"
TRAIN = ["run", *SMALL, "--steps", "2", "--csv", "out"]


class Reads(Test):
    def prepare(self):
        """What is read, made by the program itself where that can be."""
        with open(self.path("data.csv"), "w") as file:
            file.write("a,b,label\n" + "0.25,0.75,1\n0.5,0.125,0\n" * 700)
        with open(self.path("own.ini"), "w") as file:
            file.write("layers = 2\ndata = xor\nwidth = 4\nbatch = 4\n")
        os.mkdir(self.path("idx"))
        for name, head in (("train-images-idx3-ubyte", (3, 9, 2, 2)), ("train-labels-idx1-ubyte", (1, 9)),
                           ("t10k-images-idx3-ubyte", (3, 9, 2, 2)), ("t10k-labels-idx1-ubyte", (1, 9))):
            data = bytes(i % 2 for i in range(9 if head[0] == 1 else 36))
            content = bytes([0, 0, 8, head[0]]) + b"".join(n.to_bytes(4, "big") for n in head[1:]) + data
            with gzip.open(self.path("idx", name + ".gz"), "wb") as file:
                file.write(content)
        for words in (["own.ini", "--steps", "2", "--save", "weights.npz"],
                      ["own.ini", "--steps", "2", "--size", "320x240", "--png", "shot.png"]):
            result = self.call("run", *words)
            self.assertEqual((result.returncode, result.stderr), (0, ""))

    def content(self):
        path = self.path("out")
        if not os.path.exists(path):
            return None
        with open(path, "rb") as file:
            content = file.read()
        os.remove(path)
        return content

    def sweep(self, words, path, names, calls=CALLS, ends=True):
        """names: one of them is in the sentence. ends: also let the file end too early."""
        settings = {"io_calls": calls, "io_path": path}
        whole = self.call(*words, **settings)
        self.assertEqual(whole.returncode, 0, words)
        self.assertGreater(whole.io_count, 0, words) # or nothing is tried
        expected = (self.content(), whole.stdout)
        before = sorted(os.listdir(self.folder))
        told = 0
        for short in (False, True)[:1 + ends]:
            for at in chosen(whole.io_count):
                where = "%s, %s, call %d%s" % (" ".join(words), path, at, ", short" if short else "")
                result = self.call(*words, io_at=at, io_errno=errno.EIO, io_short=short, **settings)
                got = (self.content(), result.stdout)
                self.assertEqual(sorted(os.listdir(self.folder)), before, where)
                if result.returncode == 0: # it is as well without that call
                    self.assertEqual(got, expected, where)
                    continue
                told += 1
                self.assertIn(result.returncode, (1, 2), where + "\n" + result.stderr)
                self.assertRegex(result.stderr, r"\A(layerscope: [^\n]{10,}\n)+\Z", where)
                self.assertTrue(any(name in result.stderr for name in names),
                                where + "\n" + result.stderr)
                self.assertEqual(got, (None, b""), where)
        self.assertGreater(told, 0, words)

    def test_data(self):
        self.prepare()
        self.sweep(TRAIN + ["--data", "csv", "--data-path", "data.csv"], "data.csv", ["data.csv"])
        self.sweep(TRAIN + ["--data", "idx", "--data-path", "idx"], "idx/", ["idx"])

    def test_what_the_program_wrote(self):
        self.prepare()
        self.sweep(["run", "own.ini", "--steps", "2", "--csv", "out"], "own.ini", ["own.ini"],
                   ends=False) # nobody can say where a text was to end
        self.sweep(["run", "--load", "weights.npz", "--steps", "2", "--csv", "out"], "weights.npz",
                   ["weights.npz"])
        self.sweep(["run", "shot.png", "--csv", "out"], "shot.png", ["shot.png"])

    def test_what_it_brings_along(self):
        self.sweep(TRAIN[:-2] + ["--data", "xor", "--png", "out", "--size", "320x240"], "fonts/",
                   [".ttf", ".otf", "fonts"])
        self.sweep(["run", "--preset", "lecture-xor", "--steps", "1", "--csv", "out"],
                   "presets/", ["lecture-xor", "presets"], ends=False)

    def test_event_files(self):
        """Once is tried again; a file that cannot be read at all is told, with what others say."""
        self.sweep(["watch", "EVENTS", "--print"], "data/events", ["events"], calls="list", ends=False)
        whole = self.call("watch", "EVENTS", "--print")
        for at in (1, 20, 40):
            once = self.call("watch", "EVENTS", "--print", io_calls="read", io_path="events", io_at=at,
                             io_errno=errno.EIO)
            self.assertEqual((once.returncode, once.stderr, once.stdout), (0, "", whole.stdout))
        for calls in ("open", "read"):
            result = self.call("watch", "EVENTS", "--print", io_calls=calls, io_path="torch.tfevents",
                               io_at=1, io_errno=errno.EIO, io_lasts=True)
            self.assertRegex(result.stderr, r"torch\.tfevents[^\n]*Input/output error")


if __name__ == "__main__":
    begin(sys.argv)
    unittest.main(argv=sys.argv[:1])
