#!/usr/bin/env python3
"""SIGINT, SIGTERM and SIGHUP end the program well at whatever it is; a second one ends it at once.

usage: signals.py LAYERSCOPE PROJECT IO_FAIL EVENTS

IO_FAIL is the library of io_fail.c, which also sends a signal at a chosen call; EVENTS is a folder
of event files.
"""

import csv
import json
import os
import re
import signal
import subprocess
import sys
import time
import unittest
import zipfile

from io_tools import PATIENCE, SMALL, Test, begin, given

ENDLESS = ["run", "--data", "xor", *SMALL, "--steps", "1000000000000"]
FILES = ["--csv", "a.csv", "--json", "a.json", "--npz", "a.npz", "--save", "w.npz", "--code", "a.py",
         "--png", "a.png", "--svg", "a.svg", "--tensorboard", "board", "--frames", "frames",
         "--size", "320x240"]
STOPPED = r"\Alayerscope: stopped by %s at step (\d+), after \1 of 1000000000000 updates; " \
          r"what was written is of that moment\.\n\Z"


def waited(claim):
    """The first true value of claim(), asked until it is."""
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end:
        value = claim()
        if value:
            return value
        time.sleep(0.01)
    raise AssertionError("waited in vain")


class Signals(Test):
    def start(self, *words, **settings):
        process = subprocess.Popen([given["program"], *words], cwd=self.folder,
                                   env=self.environment(settings), stdin=subprocess.DEVNULL,
                                   stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        def end():
            process.kill()
            process.communicate()
        self.addCleanup(end)
        return process

    def end(self, process):
        """Its exit status, stdout and stderr."""
        out, error = process.communicate(timeout=PATIENCE)
        return process.returncode, out.decode(), error.decode()

    def listens(self, process):
        """Is SIGTERM caught?"""
        def caught():
            assert process.poll() is None, process.communicate()
            with open("/proc/%d/status" % process.pid) as file:
                mask = int(re.search(r"SigCgt:\s*(\w+)", file.read()).group(1), 16)
            return mask >> (signal.SIGTERM - 1) & 1
        waited(caught)

    def left(self):
        return sorted(os.listdir(self.folder))

    def assert_of_step(self, step, every=1):
        """All files are whole, and of the steps up to this one."""
        steps = sorted({*range(0, step + 1, every), step})
        with open(self.path("a.csv"), newline="") as file:
            rows = list(csv.DictReader(file))
        self.assertEqual(sorted({int(row["step"]) for row in rows}), steps)
        with open(self.path("a.json")) as file:
            self.assertEqual([json.loads(line)["step"] for line in file], steps)
        for name in ("a.npz", "w.npz"):
            with zipfile.ZipFile(self.path(name)) as archive:
                self.assertIsNone(archive.testzip())
        frames = sorted(os.listdir(self.path("frames")))
        self.assertEqual(frames, ["frame_%06d.png" % (i + 1) for i in range(len(steps))])
        for path in [self.path("a.png")] + [self.path("frames", name) for name in frames]:
            with open(path, "rb") as file:
                self.assertTrue(file.read().endswith(b"IEND\xaeB`\x82"))
        with open(self.path("a.svg")) as file:
            self.assertTrue(file.read().rstrip().endswith("</svg>"))

    def test_training(self):
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            self.empty()
            process = self.start(*ENDLESS, "--every", "1", *FILES)
            waited(lambda: os.path.exists(self.path("frames", "frame_000002.png")))
            process.send_signal(number)
            status, out, error = self.end(process)
            self.assertEqual((status, out), (-number, "")) # which a shell tells as 128 + number
            step = int(re.match(STOPPED % number.name, error).group(1))
            self.assertEqual(self.left(), ["a.csv", "a.json", "a.npz", "a.png", "a.py", "a.svg",
                                           "board", "frames", "w.npz"])
            self.assert_of_step(step)

    def test_what_was_saved_goes_on(self):
        """As if nothing had stopped it."""
        process = self.start(*ENDLESS, "--every", "5", "--save", "w.npz", "--csv", "a.csv",
                             "--frames", "frames", "--size", "320x240")
        waited(lambda: os.path.exists(self.path("frames", "frame_000002.png")))
        process.send_signal(signal.SIGTERM)
        step = int(re.match(STOPPED % "SIGTERM", self.end(process)[2]).group(1))
        more = self.call("run", "--load", "w.npz", "--steps", "3", "--json", "more.json")
        self.assertEqual((more.returncode, more.stderr), (0, ""))
        whole = self.call(*ENDLESS[:-1], str(step + 3), "--json", "whole.json")
        self.assertEqual((whole.returncode, whole.stderr), (0, ""))
        found = []
        for name in ("more.json", "whole.json"):
            with open(self.path(name)) as file:
                document = json.load(file)
            found.append((document["step"], document["runs"]["A"]["loss"]))
        self.assertEqual(*found)
        self.assertEqual(found[0][0], step + 3)

    def test_a_shell_hears_of_it(self):
        result = subprocess.run(["sh", "-c", '"$@"; echo $?', "sh", given["program"], "run", "--data",
                                 "xor", *SMALL, "--steps", "9", "--csv", "a.csv"],
                                cwd=self.folder, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                                env=self.environment({"io_calls": "rename", "io_path": "a.csv",
                                                      "io_at": 1, "io_signal": int(signal.SIGTERM)}))
        self.assertEqual(result.stdout, b"143\n", result.stderr)
        self.assertIn("stopped by SIGTERM after the last update", result.stderr.decode())
        self.assertEqual(self.left(), ["a.csv"])

    def test_an_ignored_one_stays_ignored(self):
        def ignore():
            signal.signal(signal.SIGHUP, signal.SIG_IGN)
        process = subprocess.Popen([given["program"], *ENDLESS, "--every", "1", "--frames", "frames",
                                    "--size", "320x240"], cwd=self.folder, preexec_fn=ignore,
                                   env=self.environment({}), stderr=subprocess.PIPE)
        waited(lambda: os.path.exists(self.path("frames", "frame_000001.png")))
        process.send_signal(signal.SIGHUP)
        process.send_signal(signal.SIGTERM)
        error = process.communicate(timeout=PATIENCE)[1].decode()
        self.assertRegex(error, STOPPED % "SIGTERM")

    def test_while_it_reads_its_data(self):
        """Nothing is there to be told then; or if it comes too late for that, the first weights."""
        with open(self.path("data.csv"), "w") as file:
            file.write("a,b,label\n" + "0.25,0.75,1\n0.5,0.125,0\n" * 2000)
        words = ["run", "--data", "csv", "--data-path", "data.csv", *SMALL, "--steps",
                 "1000000000000", "--csv", "a.csv"]
        for at in (1, 2, 3):
            result = self.call(*words, io_calls="read", io_path="data.csv", io_at=at,
                               io_signal=int(signal.SIGINT))
            self.assertEqual(result.returncode, -signal.SIGINT)
            if "while its data were loaded" in result.stderr:
                self.assertEqual(self.left(), ["data.csv"])
                self.assertRegex(result.stderr, r"\A[^\n]*stopped by SIGINT while[^\n;]*loaded\.\n\Z")
            else:
                self.assertRegex(result.stderr, STOPPED % "SIGINT")
                self.assertEqual(self.left(), ["a.csv", "data.csv"])
                os.remove(self.path("a.csv"))

    def test_pre_training(self):
        process = self.start("run", *SMALL, "--width", "64", "--init", "rbm", "--activation",
                             "sigmoid", "--rbm-epochs", "100", "--every", "1", "--csv", "a.csv",
                             "--json", "a.json")
        waited(lambda: any(name.endswith(".part") for name in self.left()) or process.poll())
        process.send_signal(signal.SIGTERM)
        status, _, error = self.end(process)
        self.assertEqual(status, -signal.SIGTERM, error)
        self.assertRegex(error, r"stopped by SIGTERM in update \d+ of the pre-training; what was "
                                r"written is of that moment\.\n\Z")
        self.assertEqual(self.left(), ["a.csv", "a.json"])
        with open(self.path("a.json")) as file:
            self.assertEqual(json.load(file)["step"], 0)

    def test_cases(self):
        """Those that were done, and the one under way."""
        process = self.start("run", "--preset", "lecture-xor", "--steps", "1000000000", "--every",
                             "1", "--csv", "a.csv", "--json", "a.json")
        waited(lambda: any(name.endswith(".part") for name in self.left()))
        process.send_signal(signal.SIGTERM)
        status, _, error = self.end(process)
        self.assertEqual(status, -signal.SIGTERM)
        self.assertRegex(error, r"\A[^\n]*stopped by SIGTERM in case 1 of \d+, at step [^\n]*\n\Z")
        self.assertEqual(self.left(), ["a.csv", "a.json"])

    def test_watching(self):
        first = self.call("watch", "EVENTS", "--print", io_calls="read", io_path="tfevents")
        self.assertEqual(first.returncode, 0)
        for at in sorted({1, 2, first.io_count}):
            result = self.call("watch", "EVENTS", "--print", "--png", "a.png", "--size", "320x240",
                               io_calls="read", io_path="tfevents", io_at=at,
                               io_signal=int(signal.SIGTERM))
            self.assertEqual(result.returncode, -signal.SIGTERM)
            self.assertRegex(result.stderr, r"stopped by SIGTERM; (nothing was|what was written is "
                                            r"of step \d+, the last) that had been read\.\n\Z")
            self.assertEqual(self.left(), [] if "nothing" in result.stderr else ["a.png"])
            self.empty()

    def test_a_second_one_ends_it_at_once(self):
        """While it waits for a reader that never comes."""
        os.mkfifo(self.path("pipe"))
        with open(self.path("a.csv"), "w") as file:
            file.write("precious")
        process = self.start(*ENDLESS, "--every", "1", "--csv", "a.csv", "--json", "pipe")
        waited(lambda: any(name.endswith(".part") for name in self.left()))
        process.send_signal(signal.SIGINT)
        process.send_signal(signal.SIGTERM)
        status, out, error = self.end(process)
        self.assertIn(status, (-signal.SIGINT, -signal.SIGTERM))
        self.assertEqual((out, error, self.left()), ("", "", ["a.csv", "pipe"]))
        with open(self.path("a.csv")) as file:
            self.assertEqual(file.read(), "precious")

    def test_the_window(self):
        """A quit is a quit: how it stood is remembered. Paused it sleeps until something comes."""
        for number in (signal.SIGINT, signal.SIGTERM):
            for words in ([], ["--paused"], ["--paused", "--data", "xor"]):
                self.empty()
                process = self.start("--layers", "3", *words, SDL_VIDEODRIVER="dummy",
                                     XDG_STATE_HOME=self.path("state"))
                self.listens(process)
                if "xor" in words:
                    time.sleep(1.0) # by now it sleeps; the test holds if it does not
                process.send_signal(number)
                self.assertEqual(self.end(process), (-number, "", ""))
                place = self.path("state", "layerscope", "window.ini")
                with open(place) as file:
                    self.assertRegex(file.read(), r"width = 1\d\d\d\n")


if __name__ == "__main__":
    begin(sys.argv)
    for one in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(one, signal.SIG_DFL) # which the program inherits; it may have been ignored
    unittest.main(argv=sys.argv[:1])
