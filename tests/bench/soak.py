#!/usr/bin/env python3
"""The window under random keys, clicks and wheel turns for half an hour: does it stay as it is?

usage: soak.py [options] LAYERSCOPE PROJECT
       ninja -C build soak

A real window in an X server trains the default twins. Keys, clicks, drags, wheel turns and sizes
come at random (--seed), but for those that quit, and for the full screen, which does not end well
without a window manager. Every ten seconds Escape and S are pressed, and the screenshot that S saves
says what step is reached: the window is alive and reacts. Every --period seconds what was changed
is taken back (a preset of the default twins, their view and size, R, full speed) and they train to
the same step, so that resident memory is compared like with like; then S and E save a picture and
its numbers, and `layerscope run PICTURE` must come to the picture's digest from the beginning,
without a window: no step was dropped.

Exit status 1 if the program ends, does not answer, says a word on stderr (as sanitizers do), if a
number differs, or if memory at those points strays by more than 2 % from its median, once the first
third of them has filled what is filled once: glyphs, and what libraries keep. --no-memory: for
builds with sanitizers, which keep what is freed.
"""
import argparse
import collections
import contextlib
import os
import random
import re
import statistics
import subprocess
import sys
import tempfile
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "app"))
from smoke_xvfb import Window, server, started, wait_for  # noqa: E402

TOLERANCE = 0.02
SAMPLE_SECONDS = 10.0
CHECKED_STEP = 300 # where memory and numbers are compared
SIZES = [(960, 600), (1200, 750), (1440, 900), (1900, 1100)]
DEFAULT_SIZE = SIZES[2]
DEFAULT_TWINS = "[preset]\nkey = 1\n[a]\n[b]\nactivation = sigmoid\ninit = normal\ninit_scale = 0.01\n"

PLAIN = (list("ainkodpbcxygwzujfhltvme12345") + ["period", "comma", "minus", "equal", "bracketleft",
         "bracketright", "Left", "Right", "Up", "Down", "Home", "End", "Prior", "Next", "space",
         "Return", "r", "Tab", "question", "BackSpace", "Delete", "Escape"])
WITH_SHIFT = list("ainkogpdbtvjylr") + ["s", "bracketleft", "bracketright", "Left", "Right",
                                        "Prior", "Next", "Return"]
WITH_CONTROL = list("123456789c") + ["plus", "minus", "0"]
WORDS = ["relu", "tanh", "sigmoid", "xor", "moons", "theory", "view", "layers", "momentum",
         "dropout", "adam", "he", "preset", "nothing like it", "history", "batch", "residual"]

Checked = collections.namedtuple("Checked", "minute step resident picture")


def parse():
    p = argparse.ArgumentParser(description=__doc__,
                                formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument("layerscope")
    p.add_argument("project")
    p.add_argument("-m", "--minutes", type=float, default=30.0)
    p.add_argument("-p", "--period", type=float, default=90.0, help="seconds of random input")
    p.add_argument("-s", "--seed", type=int, default=1)
    p.add_argument("-d", "--display", help="an X server that is there; else Xvfb is started")
    p.add_argument("-r", "--replays", type=int, default=5, help="points whose numbers are compared")
    p.add_argument("--no-memory", action="store_true")
    return p.parse_args()


class Soak(Window):
    def __init__(self, options, process, pictures, environment):
        super().__init__(process, pictures, environment)
        self.random = random.Random(options.seed)
        self.period = options.period
        self.start = time.monotonic()
        self.inputs = self.slowest = 0
        self.samples = []

    def resident(self):
        """MiB of it in memory."""
        with open("/proc/%d/status" % self.process.pid) as status:
            return int(re.search(r"VmRSS:\s+(\d+)", status.read()).group(1)) / 1024

    def minute(self):
        return (time.monotonic() - self.start) / 60

    # --- random input -----------------------------------------------------------------------------

    def any_key(self):
        kind = self.random.random()
        if kind < 0.7:
            self.key(self.random.choice(PLAIN))
        elif kind < 0.9:
            self.key("shift+" + self.random.choice(WITH_SHIFT))
        else:
            self.key("ctrl+" + self.random.choice(WITH_CONTROL))

    def any_point(self):
        return str(self.random.randrange(DEFAULT_SIZE[0])), str(self.random.randrange(DEFAULT_SIZE[1]))

    def any_click(self):
        words = ["mousemove", *self.any_point(), "mousedown", "1"]
        for _ in range(self.random.choice([0, 0, 0, 1, 6])):
            words += ["mousemove", *self.any_point()]
        self.xdotool(*words, "mouseup", "1")

    def any_wheel(self):
        self.xdotool("mousemove", *self.any_point(), "click", "--repeat",
                     str(self.random.randrange(1, 5)), "--delay", "20",
                     self.random.choice(["4", "5"]))

    def any_word(self):
        """Into the palette, and out of it: it could quit."""
        self.key("Escape", "Escape", "slash")
        self.xdotool("type", self.random.choice(WORDS))
        self.key(self.random.choice(["Return", "Down", "BackSpace", "Escape"]), "Escape", "Escape")

    def any_size(self):
        self.xdotool("windowsize", self.id, *map(str, self.random.choice(SIZES)))

    def any_input(self):
        does = self.random.choices([self.any_key, self.any_click, self.any_wheel, self.any_word,
                                    self.any_size], [60, 25, 10, 3, 2])[0]
        does()
        self.inputs += 1
        assert self.process.poll() is None, "it ended with status %s" % self.process.returncode

    # --- looking ----------------------------------------------------------------------------------

    def forget_files(self):
        for name in os.listdir(self.pictures):
            os.remove(os.path.join(self.pictures, name))

    def observe(self):
        """The step that a new screenshot shows."""
        self.forget_files()
        begun = time.monotonic()
        self.screenshot()
        self.slowest = max(self.slowest, time.monotonic() - begun)
        return self.step()

    def close_all(self):
        self.key("Escape", "Escape", "Escape", "Escape")

    def sample(self):
        self.close_all()
        self.samples.append((self.minute(), self.resident(), self.observe()))
        print("%6.2f min  %7.1f MiB  step %d" % self.samples[-1], flush=True)

    def play(self, seconds):
        end = time.monotonic() + seconds
        due = time.monotonic() + SAMPLE_SECONDS
        while time.monotonic() < end:
            self.any_input()
            time.sleep(self.random.random() * 0.1)
            if time.monotonic() >= due:
                due += SAMPLE_SECONDS
                self.sample()

    def check(self, number, folder):
        """Back to the beginning, then the same steps again."""
        self.close_all()
        self.key("ctrl+1", "ctrl+0", "1", "End", *["equal"] * 20)
        self.resize(*DEFAULT_SIZE)
        self.close_all()
        self.key("r")
        step, before = self.observe(), None
        while step >= CHECKED_STEP: # still of before
            self.key("r")
            step = self.observe()
        while step < CHECKED_STEP:
            if step == before:
                self.key("space") # the random keys had paused it
            before = step
            time.sleep(1.0)
            step = self.observe()
        resident = self.resident()
        self.key("space")
        time.sleep(0.5)
        step = self.observe()
        picture = os.path.join(folder, "picture_%d.png" % number)
        os.rename(self.saved()[-1], picture)
        self.key("e")
        self.exported()
        self.key("space")
        print("%6.2f min  %7.1f MiB  step %d: the default twins, %d inputs so far" %
              (self.minute(), resident, step, self.inputs), flush=True)
        return Checked(self.minute(), step, resident, picture)

    def exported(self):
        """E has written all three files."""
        wait_for("numbers", lambda: any(n.endswith(".npz") for n in os.listdir(self.pictures)))


def spread(checks):
    """How far memory strays from its median once what is filled once is full."""
    settled = [c.resident for c in checks[len(checks) // 3:]]
    median = statistics.median(settled)
    return median, min(settled) / median - 1, max(settled) / median - 1


def words_of(path):
    with open(path) as file:
        return file.read()


def same_numbers(program, check, environment):
    """Does a run without a window come from the beginning to the numbers of the picture's digest?"""
    words = subprocess.run([program, "run", check.picture], env=environment, check=True,
                           stdout=subprocess.DEVNULL,
                           stderr=subprocess.PIPE).stderr.decode()
    return "the numbers match" in words


def judge(options, soak, checks, environment, said):
    problems = []
    median, low, high = spread(checks)
    print("%d inputs in %.1f minutes; slowest answer to S %.1f s" %
          (soak.inputs, soak.minute(), soak.slowest))
    print("memory at step %d: median %.1f MiB, %+.2f %% to %+.2f %%" %
          (CHECKED_STEP, median, 100 * low, 100 * high))
    if not options.no_memory and max(-low, high) > TOLERANCE:
        problems.append("memory is not flat")
    apart = max(1, len(checks) // options.replays)
    for check in checks[::-apart][:options.replays]:
        same = same_numbers(options.layerscope, check, environment)
        print("step %d of minute %.1f: %s" % (check.step, check.minute,
                                              "the same numbers" if same else "OTHER NUMBERS"))
        if not same:
            problems.append("a run without a window comes to other numbers")
    if said:
        problems.append("it said: " + said)
    return problems


def run(options, folder, display):
    pictures = os.path.join(folder, "pictures")
    presets = os.path.join(folder, "config", "layerscope", "presets")
    os.makedirs(pictures)
    os.makedirs(presets)
    with open(os.path.join(presets, "default-twins.ini"), "w") as preset:
        preset.write(DEFAULT_TWINS)
    environment = dict(os.environ, DISPLAY=display, LAYERSCOPE_DATADIR=options.project,
                       XDG_CONFIG_HOME=os.path.join(folder, "config"),
                       XDG_STATE_HOME=os.path.join(folder, "state"))
    for name in ("SDL_VIDEODRIVER", "WAYLAND_DISPLAY"):
        environment.pop(name, None)
    log = os.path.join(folder, "stderr")
    with open(log, "w") as stderr, \
            started([options.layerscope, "--screenshots", pictures], env=environment,
                    stderr=stderr) as process:
        soak = Soak(options, process, pictures, environment)
        checks = [soak.check(0, folder)]
        try:
            while soak.minute() < options.minutes:
                soak.play(soak.period)
                checks.append(soak.check(len(checks), folder))
        except BaseException:
            print("after %d inputs; stderr: %s" % (soak.inputs, words_of(log)))
            raise
        soak.close_all()
        soak.key("q")
        status = process.wait(60)
    problems = judge(options, soak, checks, environment, words_of(log))
    if status != 0:
        problems.append("it ended with status %d" % status)
    for problem in problems:
        print("FAILED: " + problem)
    return 1 if problems else 0


def main():
    options = parse()
    options.layerscope = os.path.abspath(options.layerscope)
    options.project = os.path.abspath(options.project)
    with tempfile.TemporaryDirectory(prefix="layerscope-soak-") as folder:
        with contextlib.ExitStack() as stack:
            display = options.display or stack.enter_context(server(folder))
            return run(options, folder, display)


if __name__ == "__main__":
    sys.exit(main())
