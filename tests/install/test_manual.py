#!/usr/bin/env python3
"""The manual page tells everything that the program knows, and is troff without a fault.

usage: test_manual.py PROGRAM

groff and mandoc are asked where they are there.
"""

import re
import shutil
import subprocess
import sys
import unittest

PROGRAM = None
SECTIONS = ["NAME", "SYNOPSIS", "DESCRIPTION", "COMMANDS", "OPTIONS", "KEYS", "FILES",
            "ENVIRONMENT", "EXIT STATUS", "EXAMPLES"]


def printed(*words, given=None):
    result = subprocess.run(words, input=given, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                            timeout=120, check=True)
    return result.stdout.decode("utf-8")


def plain(text):
    """The words of a line of troff."""
    text = re.sub(r"\\f[BIR]", "", text)
    for escape, letter in (("\\-", "-"), ("\\(aq", "'"), ("\\(ti", "~"), ("\\(ha", "^"), ("\\&", ""),
                           ("\\e", "\\")):
        text = text.replace(escape, letter)
    return text


class Manual(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.page = printed(PROGRAM, "list", "manual")
        cls.lines = plain(cls.page).splitlines()

    def test_sections(self):
        self.assertEqual(re.findall(r"^\.SH (.*)$", self.page, re.MULTILINE), SECTIONS)

    def test_every_option_is_there(self):
        options = {line.split("\t")[1] for line in printed(PROGRAM, "list", "words").splitlines()}
        options -= {"-", "--help"} # which shares its paragraph with -h
        self.assertGreater(len(options), 60)
        tags = {line.split()[0] for line in self.lines if line.startswith("--")}
        self.assertEqual(tags, options)

    def test_what_options_mean_is_what_is_listed(self):
        for line in printed(PROGRAM, "list", "options").splitlines():
            match = re.match(r"  (--\S+(?: \S+)?)\s+(\S.*)$", line)
            self.assertTrue(match, line)
            at = self.lines.index(match.group(1))
            self.assertEqual(self.lines[at + 1], match.group(2))

    def test_every_key_is_there(self):
        pairs = set(zip(self.lines, self.lines[1:]))
        for line in printed(PROGRAM, "list", "keys").splitlines():
            key, about = re.fullmatch(r"  (\S.*?) {2,}(?:in the settings: )?(.*)", line).groups()
            self.assertIn((key, about), pairs)

    def test_no_line_is_a_request_by_accident(self):
        known = {"SH", "SS", "TH", "TP", "PP", "br"}
        requests = re.findall(r"^[.'](\S*)", self.page, re.MULTILINE)
        self.assertEqual(set(requests) - known, set())

    def test_formatters_find_no_fault(self):
        page = self.page.encode("utf-8")
        if shutil.which("groff") and shutil.which("preconv"):
            result = subprocess.run(["groff", "-man", "-ww", "-Kutf8", "-Tutf8", "-z"], input=page,
                                    stderr=subprocess.PIPE, timeout=120, check=True)
            self.assertEqual(result.stderr.decode(), "")
        if shutil.which("mandoc"):
            result = subprocess.run(["mandoc", "-Tlint", "-Wwarning"], input=page,
                                    stdout=subprocess.PIPE, timeout=120)
            self.assertEqual(result.stdout.decode(), "")


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit(__doc__.splitlines()[2])
    PROGRAM = sys.argv[1]
    unittest.main(argv=sys.argv[:1])
