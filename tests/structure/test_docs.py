#!/usr/bin/env python3
"""The documents speak of what there is.

usage: test_docs.py PROJECT LAYERSCOPE COMPILER...

In README.md, CONTRIBUTING.md and docs/*.md every link to a file and its heading, every path of the
source, and every option of the program is looked for. What docs/extending.md adds is added to a
copy of the source, which is compiled.
"""

import glob
import os
import re
import shutil
import subprocess
import sys
import tempfile

FENCE = re.compile(r"^```(\w*)\n(.*?)^```$", re.DOTALL | re.MULTILINE)
SOURCE = re.compile(r"(?:src|tests|docs|assets|fonts|packaging|subprojects)/[\w./-]*\w(?:\.\w+)?/?$")


def anchors(text):
    """Headings as the fragments of links to them."""
    headings = re.findall(r"^#+ (.*)$", FENCE.sub("", text), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading).strip().lower().replace(" ", "-")
            for heading in headings}


def links(folder, name):
    """Links of a document that lead nowhere."""
    text = read(folder, name)
    for target in re.findall(r"\]\(([^)\s]+)\)", FENCE.sub("", text)):
        if re.match(r"\w+:", target):
            continue
        path, _, fragment = target.partition("#")
        path = os.path.normpath(os.path.join(os.path.dirname(name), path)) if path else name
        if not os.path.exists(os.path.join(folder, path)):
            yield "%s: the link to %s leads nowhere" % (name, target)
        elif fragment and fragment not in anchors(read(folder, path)):
            yield "%s: %s has no heading %s" % (name, path, fragment)


def paths(folder, name):
    """Files of the source that a document names and that are not there."""
    text = read(folder, name)
    spans = [body for language, body in FENCE.findall(text) if language != "diff"]
    spans += re.findall(r"`([^`\n]+)`", FENCE.sub("", text))
    for word in " ".join(spans).split():
        if SOURCE.match(word) and not glob.glob(os.path.join(folder, word)):
            yield "%s: there is no %s" % (name, word)


def options(folder, name, known):
    """Options in a document that the program does not have: in code, and where it is quoted."""
    text = read(folder, name)
    code = "\n".join(body for _, body in FENCE.findall(text)).replace("\\\n", " ")
    spans = re.findall(r"`([^`]+)`", FENCE.sub("", text))
    lines = [line for line in code.splitlines() if line.startswith("layerscope ")]
    lines += [span for span in spans if re.match(r"(layerscope |--\w)", span)]
    for line in lines:
        for word in re.findall(r"(?:^|[\s])(--[\w-]+)", line):
            if word not in known:
                yield "%s: the program has no option %s (%s)" % (name, word, line.strip())


def apply(folder, text):
    """Add what the diffs in text add to the files of folder; returns the files, or a sentence."""
    touched = []
    for language, body in FENCE.findall(text):
        if language != "diff":
            continue
        for part in re.split(r"^\+\+\+ ", body, flags=re.MULTILINE)[1:]:
            name, _, hunks = part.partition("\n")
            path = os.path.join(folder, name)
            touched.append(name)
            now = read(folder, name) if os.path.exists(path) else ""
            for hunk in re.split(r"^@@\n", hunks, flags=re.MULTILINE):
                lines = hunk.splitlines(keepends=True)
                old = "".join(line[1:] or "\n" for line in lines if line[0] != "+")
                new = "".join(line[1:] or "\n" for line in lines if line[0] != "-")
                if now and now.count(old) != 1:
                    return "%s: is %d times in it, not once:\n%s" % (name, now.count(old), old)
                now = now.replace(old, new) if now else new
            with open(path, "w", encoding="utf-8") as file:
                file.write(now)
    return touched


def extending(folder, compiler):
    """Do the examples fit the source, and does it compile with them?"""
    with tempfile.TemporaryDirectory() as copy:
        for name in ("src", "tests"):
            shutil.copytree(os.path.join(folder, name), os.path.join(copy, name),
                            ignore=shutil.ignore_patterns("corpus", "golden", "finds"))
        touched = apply(copy, read(folder, "docs/extending.md"))
        if isinstance(touched, str):
            yield "docs/extending.md does not fit the source: " + touched
            return
        for name in sorted(set(touched) | {"src/engine/loops.c"}):
            if name.endswith(".py"):
                compile(read(copy, name), name, "exec")
            elif name.endswith(".c") and name.startswith("src/"):  # tests want cmocka besides
                result = subprocess.run(
                    compiler + ["-std=c11", "-D_GNU_SOURCE", "-DLOOPS_NAME=loops_x",
                                '-DLOOPS_LABEL="x"', "-fsyntax-only", "-Wall", "-Wextra",
                                "-Wno-psabi", "-Werror", "-Isrc", name],
                    cwd=copy, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
                if result.returncode != 0:
                    yield "docs/extending.md: " + result.stdout.decode("utf-8", "replace")


def read(folder, name):
    with open(os.path.join(folder, name), encoding="utf-8") as file:
        return file.read()


def self_test():
    """A check that cannot fail is worth nothing."""
    with tempfile.TemporaryDirectory() as folder:
        os.mkdir(os.path.join(folder, "docs"))
        os.mkdir(os.path.join(folder, "src"))
        with open(os.path.join(folder, "src", "a.c"), "w", encoding="utf-8") as file:
            file.write("one\ntwo\n")
        with open(os.path.join(folder, "docs", "a.md"), "w", encoding="utf-8") as file:
            file.write("# A heading, here\n[x](../src/a.c) [y](#a-heading-here) `src/a.c`\n"
                       "[x](b.md) [y](a.md#b) `src/b.c` `--good` `--bad 1`\n"
                       "```\nlayerscope run --good \\\n    --worse\n```\n")
        assert len(list(links(folder, "docs/a.md"))) == 2
        assert len(list(paths(folder, "docs/a.md"))) == 1
        assert len(list(options(folder, "docs/a.md", {"--good"}))) == 2
        diff = "```diff\n+++ src/a.c\n one\n+more\n+++ src/n.c\n+new\n```\n"
        assert apply(folder, diff) == ["src/a.c", "src/n.c"]
        assert read(folder, "src/a.c") == "one\nmore\ntwo\n" and read(folder, "src/n.c") == "new\n"
        assert isinstance(apply(folder, diff.replace(" one", " three")), str)


def main(folder, program, *compiler):
    self_test()
    listed = subprocess.run([program, "list", "options", "--markdown"], stdin=subprocess.DEVNULL,
                            stdout=subprocess.PIPE, check=True).stdout.decode("utf-8")
    known = set(re.findall(r"^\| `(--[\w-]+)", listed, re.MULTILINE)) | {"--help", "--version"}
    names = ["README.md", "CONTRIBUTING.md"] + sorted(
        os.path.relpath(path, folder) for path in glob.glob(os.path.join(folder, "docs", "*.md")))
    findings = []
    for name in names:
        findings += list(links(folder, name)) + list(paths(folder, name))
        if name != "CONTRIBUTING.md":  # which quotes other programs
            findings += list(options(folder, name, known))
    findings += list(extending(folder, list(compiler)))
    print("\n".join(findings))
    sys.exit(1 if findings else 0)


if __name__ == "__main__":
    main(*sys.argv[1:])
