"""What tests of the whole program share: an empty folder each, and calls of the program in it."""

import os
import shutil
import subprocess
import tempfile
import unittest

NO_DISPLAY = {"DISPLAY": None, "WAYLAND_DISPLAY": None, "SDL_VIDEODRIVER": None}


class ProgramTest(unittest.TestCase):
    program = None  # its path, from the command line

    def setUp(self):
        self.folder = tempfile.mkdtemp(prefix="layerscope-test-")
        self.addCleanup(shutil.rmtree, self.folder)

    def path(self, name):
        return os.path.join(self.folder, name)

    def bytes_of(self, name):
        with open(self.path(name), "rb") as file:
            return file.read()

    def call(self, *words, prepare=None, stdout=subprocess.PIPE, **environment):
        """Call it and wait; of the environment None takes a variable away."""
        settings = dict(os.environ, **environment)
        settings = {name: value for name, value in settings.items() if value is not None}
        result = subprocess.run([self.program] + list(words), cwd=self.folder, env=settings,
                                timeout=100, preexec_fn=prepare, stdin=subprocess.DEVNULL,
                                stdout=stdout, stderr=subprocess.PIPE)
        result.stderr = result.stderr.decode()
        result.stdout = (result.stdout or b"").decode()
        return result

    def call_well(self, *words, **settings):
        """What it prints, having nothing to complain about."""
        result = self.call(*words, **settings)
        self.assertEqual((result.returncode, result.stderr), (0, ""))
        return result.stdout

    def run_well(self, *words, **settings):
        return self.call_well("run", *words, **settings)
