#!/usr/bin/env python3
"""The real program in a real window, with real keys: the one test that needs an X server.

usage: smoke_xvfb.py LAYERSCOPE PROJECT

Starts an Xvfb of its own, presses keys with xdotool and looks at the screenshots that S saves.
There is no window manager, so the window is given the focus by hand. Exit status 77, "skipped",
without Xvfb or xdotool.
"""

import contextlib
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time

PATIENCE = 40.0 # seconds for anything to happen; only a test that fails waits so long
SCREEN = (2400, 1400)


def wait_for(what, claim):
    """The first true value of claim(), asked until it is."""
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end:
        value = claim()
        if value:
            return value
        time.sleep(0.02)
    raise AssertionError("waited in vain for " + what)


@contextlib.contextmanager
def started(words, **settings):
    """A process that is gone afterwards, whatever happens."""
    process = subprocess.Popen(words, **settings)
    try:
        yield process
    finally:
        if process.poll() is None:
            process.kill()
        process.wait()


@contextlib.contextmanager
def server(folder):
    """An X server; gives the display's name."""
    with open(os.path.join(folder, "xvfb.log"), "w") as log:
        # -noreset: else it begins anew, and is away, when the first to look for a window leaves
        words = ["Xvfb", "-displayfd", "1", "-noreset", "-nolisten", "tcp", "-screen", "0",
                 "%dx%dx24" % SCREEN]
        with started(words, stdout=subprocess.PIPE, stderr=log) as process:
            number = process.stdout.readline().decode().strip()
            assert number.isdigit(), "Xvfb did not start"
            yield ":" + number


class Window:
    """The program under test, as a user has it."""

    def __init__(self, process, pictures, environment):
        self.process = process
        self.pictures = pictures
        self.environment = environment
        self.id = wait_for("the window", self.find)
        assert self.id in self.xdotool("search", "--class", "^layerscope$").split(), \
            "its class is not the name of its .desktop file"
        self.xdotool("windowfocus", "--sync", self.id)

    def xdotool(self, *words):
        result = subprocess.run(["xdotool"] + list(words), env=self.environment, timeout=PATIENCE,
                                stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        return result.stdout.decode()

    def find(self):
        assert self.process.poll() is None, "the program ended by itself: %s" % self.process.returncode
        found = self.xdotool("search", "--onlyvisible", "--name", "^layerscope$").split()
        return found[0] if found else None

    def key(self, *names):
        self.xdotool("key", *names)

    def saved(self):
        names = [name for name in os.listdir(self.pictures) if name.endswith(".png")]
        return [os.path.join(self.pictures, name) for name in sorted(names)]

    def screenshot(self):
        """Press S; what it saves."""
        before = len(self.saved())
        self.key("s")
        wait_for("a screenshot", lambda: len(self.saved()) > before)
        with open(self.saved()[-1], "rb") as file:
            return file.read()

    def step(self):
        """Of the run, as the newest screenshot's name has it."""
        return int(re.search(r"_step(\d+)", self.saved()[-1]).group(1))

    def settles_on_another_than(self, picture):
        """The picture that stays, once it is another one than that."""
        def settled():
            one = self.screenshot()
            time.sleep(0.1)
            return one if one != picture and self.screenshot() == one else None
        return wait_for("another picture", settled)

    def resize(self, width, height):
        self.xdotool("windowsize", self.id, str(width), str(height))
        def resized():
            new = self.screenshot()
            return new if size_of(new) == (width, height) else None
        return wait_for("a window of %d x %d" % (width, height), resized)


def size_of(picture):
    assert picture[:8] == b"\x89PNG\r\n\x1a\n", "no PNG"
    return int.from_bytes(picture[16:20], "big"), int.from_bytes(picture[20:24], "big")


def play(window):
    """Most of it while paused, when nothing but a key changes the picture."""
    picture = window.settles_on_another_than(None)
    assert size_of(picture) == (1440, 900), size_of(picture)
    for key in ("a", "i"): # activation, initialiser
        window.key(key)
        picture = window.settles_on_another_than(picture)
    assert window.step() == 0
    window.key("Return")
    wait_for("one step", lambda: window.screenshot() and window.step() == 1)
    picture = window.screenshot()
    window.key("question")
    window.settles_on_another_than(picture)
    window.key("Escape")
    wait_for("the help to close", lambda: window.screenshot() == picture)
    window.key("Tab") # the settings, at the first one
    window.settles_on_another_than(picture)
    window.key("Return", "3", "Return") # layers
    window.key("Escape")
    shallow = window.settles_on_another_than(picture)
    window.key("Tab")
    window.settles_on_another_than(shallow)
    window.key("Delete", "Escape")
    wait_for("the default", lambda: window.screenshot() not in (picture, shallow))
    window.key("Return")
    wait_for("the same step again", lambda: window.screenshot() == picture)
    window.key("space")
    wait_for("training", lambda: window.screenshot() and window.step() > 20)
    window.key("F1", "Escape", "shift+r", "KP_Add", "ctrl+plus", "ctrl+0", "v", "shift+v")
    for size in ((960, 600), (2000, 1200), (1440, 900)):
        window.resize(*size)
    window.key("q")
    assert window.process.wait(PATIENCE) == 0
    assert window.process.stderr.read() == b""


def main(program, project):
    if not shutil.which("Xvfb") or not shutil.which("xdotool"):
        print("Xvfb or xdotool is missing")
        return 77
    folder = tempfile.mkdtemp(prefix="layerscope-test-")
    try:
        with server(folder) as display:
            pictures = os.path.join(folder, "pictures", "layerscope")
            os.makedirs(pictures)
            environment = dict(os.environ, DISPLAY=display, LAYERSCOPE_DATADIR=project,
                               XDG_PICTURES_DIR=os.path.dirname(pictures),
                               XDG_STATE_HOME=os.path.join(folder, "state"))
            for name in ("SDL_VIDEODRIVER", "WAYLAND_DISPLAY"):
                environment.pop(name, None)
            with started([program, "--paused"], env=environment, stderr=subprocess.PIPE) as process:
                with process.stderr:
                    play(Window(process, pictures, environment))
    finally:
        shutil.rmtree(folder)
    return 0


if __name__ == "__main__":
    if len(sys.argv) != 3:
        sys.exit(__doc__.splitlines()[2])
    sys.exit(main(os.path.abspath(sys.argv[1]), os.path.abspath(sys.argv[2])))
