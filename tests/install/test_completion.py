#!/usr/bin/env python3
"""The completion of bash and zsh, by these shells themselves.

usage: test_completion.py bash|zsh SCRIPT PROGRAM

bash is handed the words as readline cuts them; zsh reads them from a terminal with a Tab behind
them, and what it then runs is looked at. Exit status 77 (skipped) without the shell.
"""

import os
import pty
import select
import shutil
import subprocess
import sys
import tempfile
import time
import unittest

SHELL = SCRIPT = PROGRAM = None

# A line up to the Tab, and what must be offered at least; "!" before what must not be.
OFFERED = [
    ("layerscope ", "run watch list"),
    ("layerscope r", "run"),
    ("layerscope --act", "--activation --activation-last"),
    ("layerscope run --activation re", "relu !leaky_relu"),
    ("layerscope run --activation=le", "leaky_relu !relu"),
    ("layerscope run --print --activation ", "relu tanh mish !--layers"),
    ("layerscope run --print --th", "--theme --threads"),
    ("layerscope --theme ", "dark light print"),
    ("layerscope --view l", "layers layer"),
    ("layerscope run --panel w", "why"),
    ("layerscope --preset he", "he-relu"),
    ("layerscope --preset my", "my-own"),
    ("layerscope run --b act", "activation= activation_last= !seed="),
    ("layerscope run --b activation=sig", "sigmoid"),
    ("layerscope run --b activation_last=sa", "same"),
    ("layerscope run --b=init=xa", "xavier"),
    ("layerscope watch --pattern ", "activations= loss="),
    ("layerscope run --pr", "--print --preset --preprocess !--pattern !--paused"),
    ("layerscope watch --p", "--pattern --png --print !--preset"),
    ("layerscope list act", "activations"),
    ("layerscope list options --m", "--markdown"),
    ("layerscope run --png pic", ["picture of mine.png"]),
    ("layerscope --screenshots pic", ["pictures", "!picture of mine.png"]),
    ("layerscope run exp", "experiment.ini"),
    ("layerscope exp", "experiment.ini"),
    ("layerscope run --data mo", "moons"),
    ("layerscope run --data exp", "experiment.ini"),
    ("layerscope watch pic", ["pictures", "!picture of mine.png"]),
]

# Lines that a Tab finishes.
FINISHED = [
    ("layerscope run --activation=leak", "run --activation=leaky_relu"),
    ("layerscope run --activation leak", "run --activation leaky_relu"),
    ("layerscope run --tensorb", "run --tensorboard"),
    ("layerscope wat", "watch"),
    ("layerscope list quant", "list quantities"),
    ("layerscope --preset my", "--preset my-own"),
    ("layerscope run --b init=sigm", "run --b init=sigmoid_xavier"),
    ("layerscope run --b=learning_rate=0.1 --b schedule=cos",
     "run --b=learning_rate=0.1 --b schedule=cosine"),
    ("layerscope watch --pattern accu", "watch --pattern accuracy="),
    ("layerscope run --theme pri", "run --theme print"),
    ("layerscope run --png experi", "run --png experiment.ini"),
    ("layerscope run --data experi", "run --data experiment.ini"),
    ("layerscope run --data checker", "run --data checkerboard"),
    ("layerscope run experi", "run experiment.ini"),
    ("layerscope experi", "experiment.ini"),
    ("layerscope watch pict", "watch pictures"),
    ("layerscope --paus", "--paused"),
    ("layerscope run --paus", "run --paus"),
]


def words_of(line, breaks_at_equals):
    """As bash cuts a line into COMP_WORDS."""
    if breaks_at_equals:
        line = line.replace("=", " = ")
        if line.endswith("= "):
            line = line[:-1]
    return line.split(" ") if not line.endswith("= ") else line[:-1].split(" ")


class Folder(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.mkdtemp(prefix="layerscope-completion-")
        self.addCleanup(shutil.rmtree, self.folder)
        presets = os.path.join(self.folder, "config", "layerscope", "presets")
        os.makedirs(presets)
        os.mkdir(os.path.join(self.folder, "pictures"))
        for name in ("picture of mine.png", "experiment.ini", os.path.join(presets, "my-own.ini")):
            with open(os.path.join(self.folder, name), "w") as file:
                file.write("[preset]\ntitle = Mine\nabout = It.\n[a]\nlayers = 3\n")
        self.environment = dict(os.environ, LC_ALL="C.UTF-8", TERM="dumb", HOME=self.folder,
                                ZDOTDIR=self.folder, PATH=os.path.dirname(PROGRAM) + ":" +
                                os.environ["PATH"],
                                XDG_CONFIG_HOME=os.path.join(self.folder, "config"))


class Bash(Folder):
    def complete(self, line, breaks_at_equals):
        words = words_of(line, breaks_at_equals)
        script = """
            source "$1"; shift
            COMP_WORDS=("$@") COMP_CWORD=$(($# - 1))
            _layerscope layerscope 2>/dev/null
            printf '%s\\n' "${COMPREPLY[@]}"
            """
        result = subprocess.run([shutil.which("bash"), "--norc", "-c", script, "bash", SCRIPT] +
                                words, cwd=self.folder, env=self.environment, timeout=60,
                                stdout=subprocess.PIPE, check=True)
        return result.stdout.decode().splitlines()

    def test_offers(self):
        for breaks_at_equals in (True, False):
            for line, expected in OFFERED:
                if not breaks_at_equals and "=" not in line:
                    continue # as above
                got = self.complete(line, breaks_at_equals)
                last = line.split(" ")[-1]
                prefix = "" if breaks_at_equals else last[:last.rfind("=") + 1]
                for name in expected.split() if isinstance(expected, str) else expected:
                    with self.subTest(line=line, name=name, got=got, whole=breaks_at_equals):
                        if name.startswith("!"):
                            self.assertNotIn(prefix + name[1:], got)
                        else:
                            self.assertIn(prefix + name, got)

    def test_nothing_else_is_offered(self):
        for line in ("layerscope run --layers ", "layerscope run --no-such-thing", "layerscope list zz"):
            self.assertEqual(self.complete(line, True), [""], line)


class Zsh(Folder):
    def setUp(self):
        super().setUp()
        functions = os.path.join(self.folder, "functions")
        os.mkdir(functions)
        shutil.copy(SCRIPT, os.path.join(functions, "_layerscope"))
        # The line as Tab leaves it is run: by a function that says its words.
        with open(os.path.join(self.folder, ".zshrc"), "w") as file:
            file.write("""
                unsetopt beep list_beep
                fpath=(%s $fpath)
                autoload -Uz compinit && compinit -u -D
                layerscope() { [[ $2 == words ]] && command layerscope "$@" || print -r -- "<<$*>>" }
                PS1='ready%%%% '
                """ % functions)
        self.shell, terminal = pty.openpty()
        self.process = subprocess.Popen([shutil.which("zsh"), "-d", "-i"], cwd=self.folder,
                                        env=self.environment, stdin=terminal, stdout=terminal,
                                        stderr=terminal, start_new_session=True)
        os.close(terminal)
        self.addCleanup(self.process.wait)
        self.addCleanup(os.close, self.shell)
        self.addCleanup(self.process.kill)
        self.read_until(b"ready% ")

    def read_until(self, mark):
        got, end = b"", time.monotonic() + 120
        while mark not in got:
            ready, _, _ = select.select([self.shell], [], [], max(end - time.monotonic(), 0))
            self.assertTrue(ready, "zsh is silent after %r" % got)
            got += os.read(self.shell, 65536)
        return got

    def test_finishes(self):
        for line, expected in FINISHED:
            os.write(self.shell, line.encode() + b"\t\r")
            got = self.read_until(b">>").split(b"<<")[-1].split(b">>")[0].decode()
            with self.subTest(line=line):
                self.assertEqual(got.strip(), expected)


def main():
    global SHELL, SCRIPT, PROGRAM
    if len(sys.argv) != 4 or sys.argv[1] not in ("bash", "zsh"):
        sys.exit(__doc__.splitlines()[2])
    SHELL, SCRIPT, PROGRAM = sys.argv[1], os.path.abspath(sys.argv[2]), os.path.abspath(sys.argv[3])
    if not shutil.which(SHELL):
        print("there is no %s" % SHELL)
        sys.exit(77)
    case = {"bash": Bash, "zsh": Zsh}[SHELL]
    result = unittest.TextTestRunner().run(unittest.defaultTestLoader.loadTestsFromTestCase(case))
    sys.exit(0 if result.wasSuccessful() else 1)


if __name__ == "__main__":
    main()
