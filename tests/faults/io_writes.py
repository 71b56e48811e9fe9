#!/usr/bin/env python3
"""Every call that writes a file fails once, or from then on: a sentence, status 1, nothing half.

usage: io_writes.py LAYERSCOPE PROJECT IO_FAIL EVENTS

IO_FAIL is the library of io_fail.c, EVENTS a folder of event files. PROJECT holds assets/ and
fonts/.
"""

import errno
import os
import sys
import unittest

from io_tools import SMALL, Test, begin, chosen

XOR = ["run", "--data", "xor", *SMALL, "--steps", "3"]
PICTURE = ["--size", "320x240"]

# What is written, and how; each has a former content that a failure must leave alone.
FILES = {
    "csv": XOR + ["--csv", "out/a"],
    "csv of steps": XOR + ["--every", "1", "--csv", "out/a"],
    "json": XOR + ["--json", "out/a"],
    "json of steps": XOR + ["--every", "1", "--json", "out/a"],
    "npz": XOR + ["--npz", "out/a"],
    "npz of steps": XOR + ["--every", "1", "--npz", "out/a"],
    "save": XOR + ["--save", "out/a"],
    "code": XOR + ["--code", "out/a"],
    "png": XOR + PICTURE + ["--png", "out/a"],
    "svg": XOR + PICTURE + ["--svg", "out/a"],
    "watch": ["watch", "EVENTS"] + PICTURE + ["--png", "out/a"],
    "cases": ["run", "--preset", "lecture-xor", "--steps", "1", "--json", "out/a"],
}
CALLS = "open write seek close rename truncate map tmpfile"
FORMER = b"what was there before\n"


class Writes(Test):
    def files(self):
        """All below out/, by name."""
        found = {}
        for folder, _, names in os.walk(self.path("out")):
            for name in names:
                path = os.path.join(folder, name)
                with open(path, "rb") as file:
                    found[os.path.relpath(path, self.path("out"))] = file.read()
        return found

    def prepare(self, files):
        self.empty()
        os.mkdir(self.path("out"))
        for name in files:
            with open(self.path("out", name), "wb") as file:
                file.write(FORMER)

    def assert_told(self, result, code, where):
        self.assertEqual(result.returncode, 1, where)
        self.assertRegex(result.stderr, r"\Alayerscope: cannot [^\n]*out/[^\n]*\n\Z", where)
        self.assertIn(os.strerror(code), result.stderr, where)

    def sweep(self, words, code, lasts, check, files=("a",)):
        """check(result, where) of runs in each of which another call failed."""
        settings = {"io_calls": CALLS, "io_path": "out/"}
        self.prepare(files)
        count = self.call(*words, **settings).io_count
        self.assertGreater(count, 4) # or nothing is tried
        for at in chosen(count):
            self.prepare(files)
            where = "%s, call %d, %s%s" % (" ".join(words), at, errno.errorcode[code],
                                           " and all after it" if lasts else "")
            result = self.call(*words, io_at=at, io_errno=code, io_lasts=lasts, **settings)
            self.assertGreaterEqual(result.io_count, at, where)
            check(result, where)

    def test_files(self):
        for words in FILES.values():
            self.prepare(["a"])
            self.assertEqual(self.call(*words).returncode, 0)
            whole = self.files()
            self.assertEqual(list(whole), ["a"])
            for code, lasts in ((errno.ENOSPC, True), (errno.EIO, False)):
                def check(result, where, code=code):
                    if result.returncode == 0: # of what was only looked at
                        self.assertEqual((result.stderr, self.files()), ("", whole), where)
                        return
                    self.assert_told(result, code, where)
                    self.assertEqual(self.files(), {"a": FORMER}, where)
                self.sweep(words, code, lasts, check)

    def test_folders(self):
        """What stands in them is whole, and what others read while it grows ends with a record."""
        for words in (XOR + ["--every", "1", "--tensorboard", "out/a"],
                      XOR + PICTURE + ["--every", "1", "--frames", "out/a"]):
            self.prepare([])
            self.assertEqual(self.call(*words).returncode, 0)
            whole = self.files()
            for code, lasts in ((errno.ENOSPC, True), (errno.EIO, False)):
                def check(result, where, code=code):
                    self.assert_told(result, code, where)
                    for name, content in self.files().items():
                        if "tfevents" in name:
                            self.assert_records(content, where)
                        else:
                            self.assertEqual(content, whole[name], where)
                self.sweep(words, code, lasts, check, files=())

    def assert_records(self, content, where):
        while content:
            size = 12 + int.from_bytes(content[:8], "little") + 4
            self.assertLessEqual(size, len(content), where)
            content = content[size:]

    def test_when_all_is_lost_the_run_ends(self):
        """Though it was to go on for years."""
        endless = ["run", "--data", "xor", *SMALL, "--steps", "1000000000000", "--every", "1"]
        for kind in ("--csv", "--json", "--npz", "--tensorboard", "--frames"):
            self.prepare([])
            result = self.call(*endless, kind, "out/a", *PICTURE, io_calls="write", io_path="out/",
                               io_at=3, io_errno=errno.ENOSPC, io_lasts=True, size_limit=kind == "--npz")
            self.assertEqual(result.returncode, 1, kind)
            self.assertRegex(result.stderr, r"\Alayerscope: cannot write [^\n]*out/a[^\n]*\n\Z")
            self.assertFalse([name for name in self.files() if name.endswith(".part")])

    def test_standard_output(self):
        for words in (XOR, XOR + ["--json", "/dev/stdout"], ["list"], ["--help"], ["list", "keys"],
                      ["watch", "EVENTS", "--print"]):
            with open("/dev/full", "wb") as full:
                result = self.call(*words, stdout=full)
            self.assertEqual(result.returncode, 1, words)
            self.assertRegex(result.stderr, r"\Alayerscope: cannot write [^\n]*"
                                            r"No space left on device\n\Z")
            ours, theirs = os.pipe()
            os.close(ours) # a reader that has gone
            result = self.call(*words, stdout=theirs)
            os.close(theirs)
            self.assertEqual(result.returncode, 1, words)
            self.assertIn(result.stderr.count("\n"), (0, 1))

    def test_an_encoder_that_gives_up(self):
        """A program that is called ffmpeg, ends before, while or after it was written to."""
        film = XOR + PICTURE + ["--every", "1", "--film", "out/a"]
        for script, said in (("exit 1", "ffmpeg gave up"),
                             ("echo no such codec >&2; exit 3", "ffmpeg says: no such codec"),
                             ("head -c 100000 >/dev/null; exit 1", "ffmpeg gave up"),
                             ("exec <&-; sleep 0.1; echo closed >&2; exit 1", "ffmpeg says: closed"),
                             ("cat >/dev/null; exit 1", "ffmpeg gave up"),
                             ("cat >/dev/null; kill -9 $$", "ffmpeg gave up")):
            self.prepare(["a"])
            os.mkdir(self.path("bin"))
            with open(self.path("bin", "ffmpeg"), "w") as file:
                file.write("#!/bin/sh\n" + script + "\n")
            os.chmod(self.path("bin", "ffmpeg"), 0o755)
            result = self.call(*film, PATH=self.path("bin") + ":" + os.environ["PATH"])
            self.assertEqual(result.returncode, 1, script)
            self.assertRegex(result.stderr,
                             r"\Alayerscope: cannot write [^\n]*out/a: %s\n\Z" % said)
            self.assertEqual(self.files(), {"a": FORMER})
        self.prepare(["a"])
        result = self.call(*film, PATH=self.path("none"))
        self.assertEqual(result.returncode, 1)
        self.assertRegex(result.stderr, r"\Alayerscope: [^\n]*ffmpeg[^\n]*not installed[^\n]*\n\Z")
        self.assertEqual(self.files(), {"a": FORMER})


if __name__ == "__main__":
    begin(sys.argv)
    unittest.main(argv=sys.argv[:1])
