#!/usr/bin/env python3
"""The display goes away under the window: it ends, with status 1 and a word on why.

usage: display.py LAYERSCOPE PROJECT

Starts X servers of its own and kills them, while the program trains and while it is paused. Exit
status 77, "skipped", without Xvfb or xdotool.
"""

import os
import shutil
import subprocess
import sys
import tempfile

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "app"))
from smoke_xvfb import PATIENCE, Window, started  # noqa: E402


def lose_display(program, project, folder, *words):
    xvfb = ["Xvfb", "-displayfd", "1", "-noreset", "-nolisten", "tcp"]
    with started(xvfb, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) as server, server.stdout:
        number = server.stdout.readline().decode().strip()
        assert number.isdigit(), "Xvfb did not start"
        environment = dict(os.environ, DISPLAY=":" + number, LAYERSCOPE_DATADIR=project,
                           XDG_STATE_HOME=os.path.join(folder, "state"))
        for name in ("SDL_VIDEODRIVER", "WAYLAND_DISPLAY"):
            environment.pop(name, None)
        command = [program, "--data", "moons", "--screenshots", folder, *words]
        with started(command, env=environment, stderr=subprocess.PIPE) as process, process.stderr:
            Window(process, folder, environment)
            server.kill()
            server.wait()
            said = process.stderr.read().decode()
            status = process.wait(PATIENCE)
    assert status == 1, (status, said) # below 0: it died of a signal
    assert said.strip(), "nothing was said"


def main(program, project):
    if not shutil.which("Xvfb") or not shutil.which("xdotool"):
        print("Xvfb or xdotool is missing")
        return 77
    with tempfile.TemporaryDirectory(prefix="layerscope-test-") as folder:
        lose_display(program, project, folder)
        lose_display(program, project, folder, "--paused")
    return 0


if __name__ == "__main__":
    if len(sys.argv) != 3:
        sys.exit(__doc__.splitlines()[2])
    sys.exit(main(os.path.abspath(sys.argv[1]), os.path.abspath(sys.argv[2])))
