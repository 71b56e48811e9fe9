#!/usr/bin/env python3
"""A document says what the program says.

usage: test_readme.py DOCUMENT [--write] NAME COMMAND... [-- NAME COMMAND...]...

For each NAME the lines between <!-- NAME --> and <!-- /NAME --> in DOCUMENT must be what COMMAND
prints. With --write it is brought up to date instead.
"""

import difflib
import os
import re
import subprocess
import sys
import tempfile

USAGE = __doc__.splitlines()[2]


class Problem(Exception):
    pass


def groups(words):
    """Cut words at each "--": (name, command) pairs."""
    pairs, group = [], []
    for word in words + ["--"]:
        if word != "--":
            group.append(word)
            continue
        if len(group) < 2:
            raise Problem(USAGE)
        pairs.append((group[0], group[1:]))
        group = []
    return pairs


def printed(command):
    try:
        result = subprocess.run(command, timeout=60, stdin=subprocess.DEVNULL,
                                stdout=subprocess.PIPE)
    except OSError as error:
        raise Problem("%s: %s" % (" ".join(command), error.strerror))
    if result.returncode != 0:
        raise Problem("%s: exit status %d" % (" ".join(command), result.returncode))
    text = result.stdout.decode("utf-8").strip()
    if not text:
        raise Problem("%s: printed nothing" % " ".join(command))
    return text


def block(readme, name):
    """The match of the block called name, its content being group 2."""
    pattern = r"(<!-- NAME -->\n)(.*?)(<!-- /NAME -->)".replace("NAME", re.escape(name))
    found = list(re.finditer(pattern, readme, re.DOTALL))
    if len(found) != 1:
        raise Problem("<!-- %s --> ... <!-- /%s --> is there %d times" % (name, name, len(found)))
    return found[0]


def compare(readme, pairs):
    """The document as it should be, and the differences as text."""
    differences = []
    for name, command in pairs:
        match = block(readme, name)
        is_now, should_be = match.group(2).strip(), printed(command)
        differences += difflib.unified_diff(is_now.splitlines(), should_be.splitlines(),
                                            name + " as it is", " ".join(command), lineterm="")
        readme = (readme[:match.start(2)] + "\n" + should_be + "\n\n" + readme[match.end(2):])
    return readme, "\n".join(differences)


def self_test():
    """A check that cannot fail is worth nothing."""
    say = [sys.executable, "-c", "import sys; print(sys.argv[1])"]
    good = "a\n<!-- keys -->\n\n| Q | quit |\n\n<!-- /keys -->\nb\n"
    same, differences = compare(good, groups(["keys"] + say + ["| Q | quit |"]))
    assert same == good and not differences
    better, differences = compare(good, groups(["keys"] + say + ["| X | quit |"]))
    assert better == good.replace("Q", "X") and "+| X | quit |" in differences
    silent = [sys.executable, "-c", ""]
    failing = [sys.executable, "-c", "print(1); raise SystemExit(3)"]
    for readme, words in ((good, ["options"] + say + ["x"]), (good + good, ["keys"] + say + ["x"]),
                          (good, ["keys"] + silent), (good, ["keys"] + failing),
                          (good, ["keys", "/nonexistent/program"]), (good, ["keys"])):
        try:
            compare(readme, groups(words))
        except Problem:
            continue
        raise AssertionError("accepted: %r" % (words,))


def main(words):
    self_test()
    write = "--write" in words[1:2]
    path, rest = words[0] if words else None, words[2 if write else 1:]
    if not path or not rest:
        raise Problem(USAGE)
    with open(path, encoding="utf-8") as file:
        readme = file.read()
    better, differences = compare(readme, groups(rest))
    if write:
        with tempfile.NamedTemporaryFile("w", encoding="utf-8", delete=False,
                                         dir=os.path.dirname(os.path.abspath(path))) as file:
            file.write(better)
        os.chmod(file.name, os.stat(path).st_mode)
        os.replace(file.name, path)
    elif differences:
        print(differences)
        raise Problem("%s is not what the program prints; --write brings it up to date" % path)


if __name__ == "__main__":
    try:
        main(sys.argv[1:])
    except Problem as problem:
        sys.exit("test_readme.py: %s" % problem)
