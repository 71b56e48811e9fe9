"""What the tests of failing files share: the program, called with io_fail.c before its C library."""

import os
import resource
import shutil
import subprocess
import tempfile
import unittest

PATIENCE = 120 # seconds
SMALL = ["--layers", "2", "--width", "4", "--batch", "4", "--threads", "1"]

MOST = 11 # of the calls of one case, spread evenly; IO_EVERY=1 in the environment takes all

given = {}


def begin(arguments):
    """Take the words LAYERSCOPE PROJECT IO_FAIL EVENTS."""
    given.update(zip(("program", "project", "library", "events"),
                     map(os.path.abspath, arguments[1:5])))


def chosen(count):
    """Which of so many calls shall fail: numbers from 1, the first and the last among them."""
    if count <= MOST or os.environ.get("IO_EVERY"):
        return range(1, count + 1)
    return sorted({1 + i * (count - 1) // (MOST - 1) for i in range(MOST)})


class Test(unittest.TestCase):
    """Every call runs in a folder of the test's own."""

    def setUp(self):
        self.folder = tempfile.mkdtemp(prefix="layerscope-faults-")
        self.addCleanup(shutil.rmtree, self.folder)
        self.count = tempfile.NamedTemporaryFile(prefix="layerscope-faults-")
        self.addCleanup(self.count.close)

    def path(self, *names):
        return os.path.join(self.folder, *names)

    def empty(self):
        for name in os.listdir(self.folder):
            path = self.path(name)
            if os.path.isdir(path):
                shutil.rmtree(path)
            else:
                os.remove(path)

    def environment(self, settings):
        """The usual one; io_at=3 sets IO_AT; None takes away."""
        found = dict(os.environ, LAYERSCOPE_DATADIR=given["project"], HOME=self.folder,
                     LC_ALL="C.UTF-8", OPENBLAS_NUM_THREADS="1")
        if "io_calls" in settings:
            found.update(LD_PRELOAD=given["library"], IO_COUNT=self.count.name)
            options = found.get("ASAN_OPTIONS", "")
            found["ASAN_OPTIONS"] = options + ":verify_asan_link_order=0"
        for name, value in settings.items():
            key = name.upper() if name.startswith("io_") else name
            found[key] = str(int(value)) if isinstance(value, (bool, int)) else value
        return {key: value for key, value in found.items() if value is not None}

    def call(self, *words, stdout=subprocess.PIPE, size_limit=False, **settings):
        """What came of it; io_count is how many calls there were. size_limit: of every file."""
        def limit():
            resource.setrlimit(resource.RLIMIT_FSIZE, (1 << 20, 1 << 20))
        words = [given["events"] if word == "EVENTS" else word for word in words]
        result = subprocess.run([given["program"], *words], cwd=self.folder, timeout=PATIENCE,
                                env=self.environment(settings), stdin=subprocess.DEVNULL,
                                preexec_fn=limit if size_limit else None, stdout=stdout, stderr=subprocess.PIPE)
        result.stderr = result.stderr.decode()
        if "io_calls" in settings:
            with open(self.count.name) as file:
                counted = file.read() # nothing where a signal ended it
            result.io_count = int(counted) if counted else None
            os.truncate(self.count.name, 0)
        return result
