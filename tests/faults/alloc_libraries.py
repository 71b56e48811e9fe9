#!/usr/bin/env python3
"""Memory runs out anywhere in the process, in libraries, too: no crash, no half file.

usage: alloc_libraries.py LAYERSCOPE ALLOC_FAIL [SHARE]

ALLOC_FAIL is the library of alloc_fail.c. Each case is run once to count its allocations, and then
SHARE times (6), spread evenly over them, with another one failing. Not every library tells that
memory ran out, so that the reason given may be another one; but the program ends by itself, says
something if it fails, and the files of numbers that it leaves are whole and right.
"""

import os
import subprocess
import sys
import tempfile

PATIENCE = 100 # seconds
XOR = ["run", "--data", "xor", "--layers", "2", "--width", "6", "--batch", "8", "--threads", "1",
       "--steps", "3"]
CSV = "a,b,class\n1,2,x\n3,5,y\n2,1,x\n4,4,y\n0,3,x\n6,5,y\n"
CASES = (
    XOR + ["--csv", "a.csv", "--json", "b.json", "--npz", "c.npz", "--save", "d.npz"],
    XOR + ["--npz", "a.npz", "--json", "b.json", "--every", "1"],
    ["run", "--data", "csv", "--data-path", "../in.csv", "--preprocess", "whitened", "--steps", "1",
     "--layers", "2", "--width", "6", "--save", "a.npz"],
    ["run", "--load", "../in.npz", "--csv", "a.csv"],
    XOR + ["--size", "960x600", "--png", "a.png"],
)


def run(program, library, folder, words, at):
    """What became of it, the files it left, and how many allocations there were."""
    count = os.path.join(folder, "count")
    out = tempfile.mkdtemp(dir=folder)
    environment = dict(os.environ, LD_PRELOAD=library, ALLOC_AT=str(at),
                       ALLOC_COUNT=count)
    result = subprocess.run([program] + words, cwd=out, env=environment, timeout=PATIENCE,
                            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                            stderr=subprocess.PIPE)
    files = {}
    for name in os.listdir(out):
        with open(os.path.join(out, name), "rb") as file:
            files[name] = file.read()
    with open(count) as file:
        return result, files, int(file.read())


def fault(result, files, whole):
    """What is wrong; None: nothing."""
    if result.returncode not in (0, 1, 2):
        return "status %d" % result.returncode
    if result.returncode and not result.stderr.startswith(b"layerscope: "):
        return "nothing is said"
    for name, content in files.items():
        # what HarfBuzz leaves out of a picture it does not tell
        if name not in whole or (content != whole[name] and not name.endswith(".png")):
            return name
    if result.returncode == 0 and len(files) < len(whole):
        return "a file is missing"
    return None


def main(program, library, share):
    bad = 0
    with tempfile.TemporaryDirectory(prefix="layerscope-test-") as folder:
        with open(os.path.join(folder, "in.csv"), "w") as file:
            file.write(CSV)
        first, _, _ = run(program, library, folder, XOR + ["--save", "../in.npz"], 0)
        assert first.returncode == 0, first.stderr
        for words in CASES:
            result, whole, count = run(program, library, folder, words, 0)
            assert result.returncode == 0, result.stderr
            tries = min(share, count)
            for i in range(tries):
                at = 1 + i * count // tries
                result, files, _ = run(program, library, folder, words, at)
                wrong = fault(result, files, whole)
                if wrong:
                    bad += 1
                    print("%s\n    allocation %d: %s\n    %s" % (" ".join(words), at, wrong,
                                                               result.stderr.decode()))
            print("%5d allocations, %d tried: %s" % (count, tries, " ".join(words)))
    return 1 if bad else 0


if __name__ == "__main__":
    if len(sys.argv) not in (3, 4):
        sys.exit(__doc__.splitlines()[2])
    sys.exit(main(os.path.abspath(sys.argv[1]), os.path.abspath(sys.argv[2]),
                  int(sys.argv[3]) if len(sys.argv) == 4 else 6))
