#!/usr/bin/env python3
"""Tests of the script `run`, in a world of stand-ins.

usage: test_run.py RUN

Each test copies the script into a folder whose name has a space, and starts it with a PATH of small
stand-ins for meson, the compiler and the package managers, which write down how they were called.
So nothing is installed or built, and machines can be tried that are not this one: without meson,
without sudo, with another package manager, without a display.
"""

import os
import shutil
import stat
import subprocess
import sys
import tempfile
import unittest

RUN = None
BASH = shutil.which("bash")

# What the script and the stand-ins use of a real system.
SYSTEM = """bash cat chmod dirname env grep head ls mkdir mktemp mv rm rmdir sed sleep tail
    touch""".split()

CALLED = 'echo "${0##*/} $*" >>"$WORLD/calls"\n'

STAND_INS = {
    "uname": "echo ${FAKE_UNAME:-Linux}",
    "id": "echo ${FAKE_ID:-0}",
    "cc": "exit 0",
    "ninja": "exit 0",
    "Xvfb": "exit 0",
    "xdotool": "exit 0",
    "xcode-select": "exit ${FAKE_XCODE:-0}",
    # A module is there unless the world lacks it.
    "pkg-config": 'for last; do :; done; ! grep -qx "$last" "$WORLD/lacks"',
    "python3": 'for last; do :; done; ! grep -qx "$last" "$WORLD/lacks"',
    "sudo": CALLED + 'FAKE_ID=0 exec "$@"',
    # Brings whatever is lacking, if it has heard of the packages.
    "apt-get": CALLED + """
        case " $* " in
        *" update "*) touch "$WORLD/updated" ;;
        *" install "*)
            if [ -e "$WORLD/stale" ] && [ ! -e "$WORLD/updated" ]; then
                echo "E: Unable to locate package"
                exit 100
            fi
            [ ! -e "$WORLD/useless" ] || exit 0
            : >"$WORLD/lacks"
            [ -e "$WORLD/bin/meson" ] || mv "$WORLD/meson" "$WORLD/bin/meson"
            ;;
        esac""",
    "apt-cache": 'exit 0',
    "meson": CALLED + """
        case $1 in
        --version) echo ${FAKE_MESON:-1.0.1} ;;
        setup)
            for option; do
                case $option in /*/build) build=$option ;; esac
            done
            mkdir -p "$build/meson-private" "$build/meson-logs" "$build/src"
            echo "ERROR: the reason" >"$build/meson-logs/meson-log.txt"
            if [ -e "$WORLD/setup-fails" ]; then
                echo "meson.build:1:0: ERROR: the reason"
                exit 1
            fi
            [ ! -e "$WORLD/setup-waits" ] || { touch "$WORLD/waiting"; sleep 20; }
            echo good >"$build/build.ninja"
            ;;
        compile)
            if ! grep -q good "$3/build.ninja"; then
                echo "ninja: error: build.ninja:1: expected '='"
                exit 1
            fi
            if [ -e "$WORLD/compile-fails" ]; then
                echo "FAILED: src/a.o"
                echo "cc -c a.c"
                echo "a.c:1:1: error: no such thing"
                exit 1
            fi
            printf '#!%s\\nprintf "<%%s>" "$@"\\n' "$BASH" >"$3/src/layerscope"
            chmod +x "$3/src/layerscope"
            ;;
        test)
            [ ! -e "$WORLD/results" ] || cat "$WORLD/results" >"$3/meson-logs/testlog.json"
            cat "$WORLD/test-output" 2>/dev/null
            ! grep -qE '"(FAIL|TIMEOUT|ERROR)"' "$WORLD/results"
            ;;
        esac""",
}


class World:
    """A folder with the script in it and the only PATH it sees."""

    def __init__(self, without=(), lacks=()):
        self.folder = os.path.realpath(tempfile.mkdtemp(prefix="layerscope-run-"))
        self.project = os.path.join(self.folder, "a project")
        self.bin = os.path.join(self.folder, "bin")
        os.mkdir(self.project)
        os.mkdir(self.bin)
        shutil.copy(RUN, os.path.join(self.project, "run"))
        for name in SYSTEM:
            os.symlink(shutil.which(name), os.path.join(self.bin, name))
        for name, script in STAND_INS.items():
            if name not in without:
                self.program(name, script)
        if "meson" in without:
            self.program("meson", STAND_INS["meson"], self.folder)
        self.write("lacks", "\n".join(lacks) + "\n")
        self.write("calls", "")
        self.environment = {"PATH": self.bin, "WORLD": self.folder, "BASH": BASH,
                            "TMPDIR": self.folder, "HOME": self.folder, "DISPLAY": ":9"}

    def close(self):
        shutil.rmtree(self.folder)

    def program(self, name, script, folder=None):
        path = os.path.join(folder or self.bin, name)
        with open(path, "w") as file:
            file.write("#!%s\n%s\n" % (BASH, script))
        os.chmod(path, os.stat(path).st_mode | stat.S_IXUSR)

    def write(self, name, text=""):
        with open(os.path.join(self.folder, name), "w") as file:
            file.write(text)

    def calls(self):
        """What was called since the last question."""
        path = os.path.join(self.folder, "calls")
        with open(path) as file:
            lines = [line for line in file.read().splitlines() if line != "meson --version"]
        self.write("calls")
        return lines

    def command(self, *arguments):
        return [BASH, os.path.join(self.project, "run")] + list(arguments)

    def run(self, *arguments, **environment):
        settings = dict(self.environment, **environment)
        settings = {name: value for name, value in settings.items() if value is not None}
        result = subprocess.run(self.command(*arguments), cwd="/", env=settings, timeout=60,
                                stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                                stderr=subprocess.PIPE, universal_newlines=True)
        result.stages = [line.split()[0] for line in result.stderr.splitlines()
                         if line and not line.startswith(" ")]
        return result


class RunTest(unittest.TestCase):
    def world(self, **settings):
        world = World(**settings)
        self.addCleanup(world.close)
        return world

    def assert_nothing_left(self, world):
        self.assertEqual([name for name in os.listdir(world.folder) if "layerscope" in name], [])


class Words(RunTest):
    def test_help(self):
        world = self.world()
        for word in ("help", "-h", "--help"):
            result = world.run(word)
            self.assertEqual((result.returncode, result.stderr), (0, ""))
            self.assertIn("./run test", result.stdout)
        self.assertEqual(world.calls(), [])

    def test_unknown_word(self):
        world = self.world()
        for words in (["tset"], ["--layers", "3"], ["test", "engine"]):
            result = world.run(*words)
            self.assertEqual((result.returncode, result.stdout), (2, ""))
            self.assertIn('"%s"' % words[-1 if words[0] == "test" else 0], result.stderr)
        self.assertEqual(world.calls(), [])


class Stages(RunTest):
    def test_options_reach_the_program_and_only_its_output_is_on_stdout(self):
        world = self.world()
        result = world.run("--", "run", "--png", "a file.png", "", "*")
        self.assertEqual(result.returncode, 0, result.stderr)
        self.assertEqual(result.stdout, "<run><--png><a file.png><><*>")
        self.assertEqual(result.stages, ["packages", "configure", "build"])
        self.assert_nothing_left(world)

    def test_second_call_has_nothing_to_do(self):
        world = self.world()
        world.run()
        self.assertEqual(len(world.calls()), 2)
        self.assertIn("configure  up to date", world.run().stderr)
        self.assertEqual([call.split()[1] for call in world.calls()], ["compile"])

    def test_set_up_again_for_another_meson(self):
        world = self.world()
        world.run()
        world.calls()
        world.run(FAKE_MESON="1.4.0")
        self.assertEqual([call.split()[1] for call in world.calls()], ["setup", "compile"])

    def test_set_up_again_in_another_place(self):
        world = self.world()
        world.run()
        world.calls()
        moved = os.path.join(world.folder, "moved")
        os.rename(world.project, moved)
        world.project = moved
        world.run()
        self.assertEqual([call.split()[1] for call in world.calls()], ["setup", "compile"])

    def test_set_up_again_when_half_made(self):
        world = self.world()
        os.makedirs(os.path.join(world.project, "build", "meson-private"))
        self.assertEqual(world.run().returncode, 0)

    def test_set_up_again_when_broken(self):
        world = self.world()
        world.run()
        world.calls()
        with open(os.path.join(world.project, "build", "build.ninja"), "w") as file:
            file.write("trunca")
        result = world.run()
        self.assertEqual(result.returncode, 0, result.stderr)
        self.assertEqual([call.split()[1] for call in world.calls()],
                         ["compile", "setup", "compile"])

    def test_leaves_a_folder_that_is_not_its_own(self):
        world = self.world()
        os.mkdir(os.path.join(world.project, "build"))
        thesis = os.path.join(world.project, "build", "thesis.tex")
        open(thesis, "w").close()
        result = world.run()
        self.assertEqual(result.returncode, 1)
        self.assertIn("in the way", result.stderr)
        self.assertTrue(os.path.exists(thesis))

    def test_configure_fails(self):
        world = self.world()
        world.write("setup-fails")
        result = world.run()
        self.assertEqual((result.returncode, result.stages), (1, ["packages", "configure"]))
        self.assertIn("ERROR: the reason", result.stderr)
        os.remove(os.path.join(world.folder, "setup-fails"))
        self.assertEqual(world.run().returncode, 0)

    def test_build_fails(self):
        world = self.world()
        world.write("compile-fails")
        result = world.run()
        self.assertEqual(result.returncode, 1)
        self.assertEqual(result.stages, ["packages", "configure", "build"])
        self.assertIn("FAILED: src/a.o\n    a.c:1:1: error: no such thing", result.stderr)
        self.assert_nothing_left(world)

    def test_interrupted(self):
        import signal
        import time
        world = self.world()
        world.write("setup-waits")
        process = subprocess.Popen(world.command(), env=world.environment, cwd="/",
                                   stderr=subprocess.PIPE, start_new_session=True)
        waiting = os.path.join(world.folder, "waiting")
        while process.poll() is None and not os.path.exists(waiting):
            time.sleep(0.01)
        os.killpg(process.pid, signal.SIGINT) # as Ctrl+C does
        error = process.communicate()[1].decode()
        self.assertEqual(process.returncode, 130)
        self.assertIn("configure  stopped", error)
        self.assertFalse(os.path.exists(os.path.join(world.project, "build")))
        self.assert_nothing_left(world)


class Packages(RunTest):
    def test_installs_what_is_missing_and_nothing_else(self):
        world = self.world(without=["meson"], lacks=["libzip", "inih"])
        result = world.run()
        self.assertEqual(result.returncode, 0, result.stderr)
        install = [call for call in world.calls() if call.startswith("apt-get")]
        self.assertEqual(len(install), 1)
        self.assertIn("--no-install-recommends meson libinih-dev libzip-dev", install[0])

    def test_sudo_only_where_needed(self):
        world = self.world(lacks=["libpng"])
        world.run(FAKE_ID="1000")
        calls = world.calls()
        self.assertTrue(calls[0].startswith("sudo env DEBIAN_FRONTEND=noninteractive apt-get"))
        world.run(FAKE_ID="1000")
        self.assertFalse([call for call in world.calls() if "sudo" in call])

    def test_no_sudo(self):
        world = self.world(without=["sudo"], lacks=["libpng", "cmocka"])
        result = world.run(FAKE_ID="1000")
        self.assertEqual((result.returncode, result.stages), (1, ["packages"]))
        self.assertIn("apt-get -o DPkg::Lock::Timeout=120 install -y --no-install-recommends "
                      "libpng-dev libcmocka-dev\n", result.stderr)
        self.assertEqual(world.calls(), [])

    def test_fetches_lists_only_when_stale(self):
        world = self.world(lacks=["libpng"])
        world.write("stale")
        self.assertEqual(world.run().returncode, 0)
        self.assertEqual([call.split()[-1] for call in world.calls() if "apt-get" in call],
                         ["libpng-dev", "update", "libpng-dev"])

    def test_installation_that_did_not_help(self):
        world = self.world(lacks=["libpng"])
        world.write("useless")
        result = world.run()
        self.assertEqual((result.returncode, result.stages), (1, ["packages", "packages"]))
        self.assertIn("still not found: module:libpng", result.stderr)

    def test_set_up_again_after_an_installation(self):
        world = self.world()
        world.run()
        world.write("lacks", "libpng\n")
        world.calls()
        world.run()
        self.assertIn("meson setup --reconfigure", [call[:25] for call in world.calls()])

    def test_unknown_package_manager(self):
        world = self.world(without=["apt-get", "meson"], lacks=["libpng", "SDL2_ttf"])
        result = world.run()
        self.assertEqual((result.returncode, result.stages), (1, ["packages"]))
        self.assertTrue(result.stderr.endswith("      meson\n      SDL2_ttf\n      libpng\n"),
                        result.stderr)

    def test_other_package_managers(self):
        for manager, packages in (("dnf", "libpng-devel libcmocka-devel"),
                                  ("pacman", "libpng cmocka")):
            world = self.world(without=["apt-get"], lacks=["libpng", "cmocka"])
            world.program(manager, CALLED + ': >"$WORLD/lacks"')
            result = world.run()
            self.assertEqual(result.returncode, 0, result.stderr)
            self.assertTrue(world.calls()[0].endswith(packages))

    def test_macos(self):
        world = self.world(lacks=["libpng", "cmocka"])
        world.program("brew", CALLED + 'echo /opt/homebrew; [ $1 != install ] || : >"$WORLD/lacks"')
        result = world.run(FAKE_UNAME="Darwin", FAKE_ID="501", DISPLAY=None)
        self.assertEqual(result.returncode, 0, result.stderr)
        self.assertIn("brew install libpng cmocka", world.calls())
        world.write("lacks", "libpng\n")
        result = world.run(FAKE_UNAME="Darwin", FAKE_XCODE="1")
        self.assertEqual(result.returncode, 1)
        self.assertIn("xcode-select --install", result.stderr)


class Tests(RunTest):
    def results(self, *results):
        return "".join('{"name": "t%d", "stdout": "\\"result\\": \\"OK\\"", "result": "%s"}\n'
                       % item for item in enumerate(results))

    def test_counts(self):
        world = self.world()
        world.write("results", self.results("OK", "EXPECTEDFAIL", "SKIP", "OK"))
        result = world.run("test")
        self.assertEqual((result.returncode, result.stdout), (0, "3 passed, 0 failed, 1 skipped\n"))
        self.assertEqual(result.stages, ["packages", "configure", "build", "test"])

    def test_failures(self):
        world = self.world()
        world.write("results", self.results("OK", "FAIL", "TIMEOUT", "ERROR"))
        world.write("test-output", "1/4 engine / good  OK  0.01s\n2/4 engine / bad  FAIL  0.01s\n")
        result = world.run("test")
        self.assertEqual((result.returncode, result.stdout), (1, "1 passed, 3 failed\n"))
        self.assertIn("engine / bad", result.stderr)
        self.assertNotIn("engine / good", result.stderr)

    def test_no_tests_is_a_failure(self):
        world = self.world()
        world.write("results", "")
        self.assertEqual(world.run("test").returncode, 1)

    def test_an_old_result_is_not_counted(self):
        world = self.world()
        world.write("results", self.results("OK"))
        world.run("test")
        os.remove(os.path.join(world.folder, "results"))
        self.assertEqual(world.run("test").returncode, 1)


class Checks(RunTest):
    def world(self, **settings):
        world = super().world(**settings)
        world.program("python3", """
            case $1 in */check.py) printf "<%s>" "$@"; exit 3 ;; esac
            for last; do :; done; ! grep -qx "$last" "$WORLD/lacks\"""")
        for tool in ("clang", "clang-format", "clang-tidy", "cppcheck"):
            world.program(tool, "exit 0")
        return world

    def test_names_and_result_are_the_script_s(self):
        world = self.world()
        result = world.run("check", "asan", "--all")
        project = world.project
        self.assertEqual((result.returncode, result.stdout),
                         (3, f"<{project}/tests/check/check.py><{project}/build><asan><--all>"))
        self.assertEqual(result.stages, ["packages", "configure"])
        self.assert_nothing_left(world)

    def test_a_tool_that_is_missing_is_installed(self):
        world = self.world()
        os.remove(os.path.join(world.bin, "cppcheck"))
        self.assertIn("cppcheck, which look at the source", world.run("check").stderr)
        self.assertTrue([call for call in world.calls() if call.endswith(" cppcheck")])

    def test_a_tool_that_nobody_has_is_said(self):
        world = self.world()
        os.remove(os.path.join(world.bin, "cppcheck"))
        world.program("apt-cache", "exit 1")
        result = world.run("check")
        self.assertEqual(result.returncode, 3)
        self.assertIn("except cppcheck", result.stderr)


class Display(RunTest):
    def test_says_so_and_shows_the_headless_command(self):
        world = self.world()
        result = world.run("--", "--layers", "30", "my file.ini", DISPLAY=None)
        self.assertEqual((result.returncode, result.stdout), (1, ""))
        self.assertIn("no display", result.stderr)
        command = result.stderr.splitlines()[-1]
        self.assertTrue(command.endswith(
            r"-- run --steps 300 --png layerscope.png --layers 30 my\ file.ini"), command)
        shown = subprocess.run([BASH, "-c", command], env=dict(world.environment, DISPLAY=""),
                               stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        self.assertEqual(shown.stdout.decode(), "<run><--steps><300><--png><layerscope.png>"
                                                "<--layers><30><my file.ini>")

    def test_the_headless_command_has_the_reference_of_the_window(self):
        world = self.world()
        reference = "--b activation=sigmoid --b init=small"
        for options, shown in (
                ([], reference),
                (["--paused", "--width", "5"], "--width 5 " + reference),
                (["--screenshots", "a b", "--theme=print"], "--theme=print " + reference),
                (["--b", "init=he", "--layers", "3"], "--b init=he --layers 3"),
                (["--preset", "he-relu"], "--preset he-relu"),
                (["--b=init=he"], "--b=init=he")):
            command = world.run("--", *options, DISPLAY=None).stderr.splitlines()[-1]
            self.assertTrue(command.endswith(" --png layerscope.png " + shown), command)

    def test_not_needed(self):
        world = self.world()
        for options in (["run", "--print"], ["watch", "logs", "--png", "a.png"], ["list"], ["--help"],
                        ["--version"]):
            self.assertEqual(world.run("--", *options, DISPLAY=None).returncode, 0)

    def test_wayland_is_one(self):
        self.assertEqual(self.world().run(DISPLAY=None, WAYLAND_DISPLAY="w").returncode, 0)


if __name__ == "__main__":
    if len(sys.argv) < 2 or not os.path.isfile(sys.argv[1]):
        sys.exit(__doc__.splitlines()[2])
    RUN = os.path.abspath(sys.argv.pop(1))
    unittest.main()
