"""Run the program under test."""

import os
import subprocess
import sys

# The networks are tiny: more threads only wait for each other.
ENVIRONMENT = dict(os.environ, OPENBLAS_NUM_THREADS="1")


def options(settings):
    return [word for name, value in settings.items()
            for word in ("--" + name.replace("_", "-"), str(value))]


def export(program, settings, steps, stem, document=True):
    """Train, then write STEM.npz and STEM.json. Ends with what the program said if it failed."""
    command = [program, "run", *options(settings), "--steps", str(steps), "--npz", stem + ".npz"]
    if document:
        command += ["--json", stem + ".json"]
    result = subprocess.run(command, env=ENVIRONMENT, capture_output=True, text=True)
    if result.returncode != 0:
        sys.exit(f"{' '.join(command)}: status {result.returncode}\n{result.stderr}")
    return stem + ".npz", stem + ".json"
