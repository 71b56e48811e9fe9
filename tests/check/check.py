#!/usr/bin/env python3
"""Static and dynamic checks of the whole source, each in a build folder of its own.

usage: check.py BUILD [NAME...]     run these; with no name, those that are quick
       check.py BUILD --all         run all
       check.py --list              the names

Each check works in BUILD/check-NAME, which a second call reuses, leaves what its tools said in
log.txt there, and prints one line. The last line counts them, and is what the exit status says. A
check whose tool this machine lacks is skipped among the quick ones, so that a mirror out of order
refuses nobody's change; asked for by name or with --all it fails, for then it was to be seen.
"""

import collections
import concurrent.futures
import json
import os
import pathlib
import re
import shlex
import shutil
import subprocess
import sys
import time

ROOT = pathlib.Path(__file__).resolve().parents[2]
HERE = pathlib.Path(__file__).resolve().parent
CORES = str(os.cpu_count() or 1)

# What no screen is needed for, and how many of its lines the tests must run.
COVERED = ["base", "engine", "data", "measure", "lab", "export"]
COVERAGE_FLOOR = 0.90

# Tests in which threads meet. The others are one thread each, and would only take time.
THREADED = """arena mailbox crew network_crew worker worker_change worker_load worker_replay
    worker_storm worker_watch ensemble rerun replay follow session film window walk window_replay
    watch""".split()

# Where gcc 12's analyzer is not to be believed: it reads vectors as single numbers, forgets that two
# conditions go together, and does not see what a loop has filled or who holds a pointer.
ANALYZER_WITHOUT = ["malloc-leak", "null-argument", "null-dereference", "possible-null-argument",
                    "possible-null-dereference", "shift-count-overflow",
                    "use-of-uninitialized-value"]

# Loops over vectors, without pointers to follow, that hold it up for many minutes.
ANALYZER_TOO_LONG = ["draws.c", "loops.c", "small.c", "tiles.c"]


class Failed(Exception):
    """Why a check does not pass: one line."""


class Check:
    """A check at work: its folder, its log, and what it runs there."""

    def __init__(self, name, build):
        self.folder = build / ("check-" + name)
        self.folder.mkdir(parents=True, exist_ok=True)
        self.log = self.folder / "log.txt"
        self.log.write_text("")

    def run(self, why, command, env=None, cwd=ROOT):
        """Run it into the log; Failed(why) if it does not end well."""
        start = self.log.stat().st_size
        with self.log.open("a") as log:
            status = subprocess.run([str(word) for word in command], cwd=cwd, stdout=log,
                                    stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL,
                                    env={**os.environ, **(env or {})}, check=False).returncode
        if status:
            raise Failed(why)
        return self.log.read_text(errors="replace")[start:]

    def setup(self, *options, cc="gcc"):
        again = ["--reconfigure"] if (self.folder / "build.ninja").exists() else []
        self.run("meson setup", ["meson", "setup", *again, *options, self.folder, ROOT],
                 env={"CC": cc})

    def compile(self, *targets):
        self.run("it does not build", ["ninja", "-C", self.folder, "-j", CORES, *targets])

    def test(self, *options, env=None):
        """Build what these tests need and run them; returns how many."""
        results = self.folder / "meson-logs" / "testlog.json"
        results.unlink(missing_ok=True)
        try:
            self.run("tests fail", ["meson", "test", "-C", self.folder, "--print-errorlogs",
                                    *options], env=env)
        except Failed:
            if not results.exists():
                raise Failed("it does not build") from None
            bad = [test["name"].split(" / ")[-1] for test in tests_in(results)
                   if test["result"] not in ("OK", "SKIP", "EXPECTEDFAIL")]
            raise Failed("tests fail: " + " ".join(bad)) from None
        return len(tests_in(results))


def tests_in(results):
    return [json.loads(line) for line in results.read_text().splitlines()]


def sources(*folders):
    return sorted(path for folder in folders for path in (ROOT / folder).rglob("*.[ch]"))


# --- the checks -----------------------------------------------------------------------------------


def build_strictly(check, cc):
    check.setup("--buildtype=debugoptimized", "--werror", cc=cc)
    check.compile()
    return "builds without a warning"


def gcc(check):
    return build_strictly(check, "gcc")


def clang(check):
    return build_strictly(check, "clang")


def clang_format(check):
    files = sources("src", "tests")
    check.run("some files are laid out differently",
              ["clang-format", "--dry-run", "--Werror", *files])
    return f"{len(files)} files"


def clang_tidy(check):
    check.setup(cc="clang")
    check.run("findings", ["run-clang-tidy", "-quiet", "-p", check.folder, "-j", CORES,
                           f"^{ROOT}/src/"])  # it takes cmocka's assertions to go on
    return "no finding"


def cppcheck(check):
    (check.folder / "cppcheck").mkdir(exist_ok=True)
    check.run("findings", ["cppcheck", "--quiet", "--std=c11", "-D_GNU_SOURCE", "-Isrc", "-j",
                           CORES, "--enable=warning,performance,portability", "--inline-suppr",
                           "--error-exitcode=1", f"--cppcheck-build-dir={check.folder}/cppcheck",
                           f"--suppressions-list={HERE}/cppcheck.txt", "src"])
    return "no finding"


def analyzer(check):
    check.setup("--buildtype=debugoptimized")
    flags = ["-fanalyzer", "-O1", "-Werror", "-Wno-analyzer-too-complex", "-o", os.devnull]
    output = re.compile(r" -MD| -M[QF] \S+| -o \S+")
    flags += ["-Wno-analyzer-" + name for name in ANALYZER_WITHOUT]
    commands = {}
    for row in json.loads((check.folder / "compile_commands.json").read_text()):
        path = (check.folder / row["file"]).resolve()
        if path.is_relative_to(ROOT / "src") and path.name not in ANALYZER_TOO_LONG:
            commands[path] = shlex.split(output.sub("", row["command"])) + flags
    with concurrent.futures.ThreadPoolExecutor(int(CORES)) as pool:
        works = [pool.submit(check.run, "findings", command, cwd=check.folder)
                 for command in commands.values()]
    for work in works:
        work.result()
    return f"no finding in {len(commands)} files"


def asan(check):
    check.setup("--buildtype=debugoptimized", "-Db_sanitize=address,undefined", "-Db_lundef=false")
    count = check.test("--timeout-multiplier=10", env={
        "ASAN_OPTIONS": "detect_stack_use_after_return=1:strict_string_checks=1",
        "UBSAN_OPTIONS": "halt_on_error=1:print_stacktrace=1"})
    return f"{count} tests without a report"


def tsan(check):
    check.setup("--buildtype=debugoptimized", "-Db_sanitize=thread", "-Db_lundef=false")
    count = check.test("--timeout-multiplier=20", *THREADED, env={
        "TSAN_OPTIONS": "halt_on_error=1:second_deadlock_stack=1",
        "OPENBLAS_NUM_THREADS": "1"})  # its threads are not instrumented
    return f"{count} tests without a report"


def coverage(check):
    check.setup("--buildtype=debugoptimized", "-Doptimization=1", "-Db_coverage=true")
    for data in check.folder.rglob("*.gcda"):
        data.unlink()
    check.test("--timeout-multiplier=5")
    lines = lines_run(check.folder)
    shares = {}
    with check.log.open("a") as log:
        for folder in COVERED:
            files = {name: hit for name, hit in lines.items() if name.startswith(folder + "/")}
            for name, hit in sorted(files.items()):
                missed = " ".join(str(line) for line in sorted(hit) if not hit[line])
                log.write(f"{share(hit):7.1%} {name} {missed}\n")
            shares[folder] = share(hit for hits in files.values() for hit in hits.values())
    table = ", ".join(f"{folder} {part:.1%}" for folder, part in shares.items())
    if min(shares.values()) < COVERAGE_FLOOR:
        raise Failed(f"below {COVERAGE_FLOOR:.0%} of the lines are run somewhere: {table}")
    return "lines run: " + table


def lines_run(folder):
    """{file of src: {line: was it run}}, over all the objects that a file was compiled into."""
    lines = collections.defaultdict(dict)
    notes = [path for path in (folder / "src").rglob("*.gcno")]
    for start in range(0, len(notes), 50):
        told = subprocess.run(["gcov", "--json-format", "--stdout", *notes[start:start + 50]],
                              cwd=folder, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
                              check=True).stdout
        for text in told.splitlines():
            for file in json.loads(text)["files"]:
                path = (folder / file["file"]).resolve()
                if path.is_relative_to(ROOT / "src"):
                    hits = lines[str(path.relative_to(ROOT / "src"))]
                    for line in file["lines"]:
                        number = line["line_number"]
                        hits[number] = hits.get(number, False) or line["count"] != 0
    return lines


def share(hits):
    hits = list(hits.values()) if isinstance(hits, dict) else list(hits)
    return sum(hits) / max(len(hits), 1)


def fuzz(check):
    check.setup("--buildtype=debugoptimized", "-Dfuzz=true", "-Db_lundef=false",
                "-Db_sanitize=address,undefined", cc="clang")
    count = check.test("--suite=fuzz")
    return f"{count} targets, a minute each"


def slow(check):
    check.setup("--buildtype=release")
    count = check.test("--suite=slow")
    return f"{count} tests"


Row = collections.namedtuple("Row", "run quick tools")
CHECKS = {
    "gcc": Row(gcc, True, ["gcc"]),
    "clang": Row(clang, True, ["clang"]),
    "format": Row(clang_format, False, ["clang-format"]),
    "cppcheck": Row(cppcheck, True, ["cppcheck"]),
    "tidy": Row(clang_tidy, False, ["clang", "run-clang-tidy"]),
    "analyzer": Row(analyzer, False, ["gcc"]),
    "asan": Row(asan, False, ["gcc"]),
    "tsan": Row(tsan, False, ["gcc"]),
    "coverage": Row(coverage, False, ["gcc", "gcov"]),
    "fuzz": Row(fuzz, False, ["clang"]),
    "slow": Row(slow, False, []),
}

# --------------------------------------------------------------------------------------------------


def attempt(name, build, may_skip):
    """Run a check and print its line; returns what it counts as."""
    row = CHECKS[name]
    lacking = [tool for tool in row.tools if not shutil.which(tool)]
    start = time.monotonic()
    check = None
    try:
        if lacking:
            raise Failed("this machine lacks " + " ".join(lacking))
        check = Check(name, build)
        said, result = row.run(check), "passed"
    except Failed as failure:
        result = "skipped" if lacking and may_skip else "failed"
        said = f"{result}: {failure}"
    print(f"{name:<10} {said} ({time.monotonic() - start:.0f} s)", flush=True)
    if result == "failed" and check:
        for line in check.log.read_text(errors="replace").splitlines()[-40:]:
            print("    " + line)
        print(f"    all of it: {check.log}", flush=True)
    return result


def main(arguments):
    if arguments == ["--list"]:
        print("\n".join(CHECKS))
        return 0
    unknown = [name for name in arguments[1:] if name not in CHECKS and name != "--all"]
    if not arguments or arguments[0].startswith("-"):
        print(__doc__, file=sys.stderr)
        return 2
    if unknown:
        print(f'check: "{unknown[0]}" is no check; there are: {", ".join(CHECKS)}',
              file=sys.stderr)
        return 2
    quick = len(arguments) == 1
    names = [name for name in CHECKS
             if (CHECKS[name].quick if quick else "--all" in arguments or name in arguments)]
    build = pathlib.Path(arguments[0]).resolve()
    results = [attempt(name, build, may_skip=quick) for name in names]
    counts = collections.Counter(results)
    skipped = f", {counts['skipped']} skipped" if counts["skipped"] else ""
    print(f"{counts['passed']} passed, {counts['failed']} failed{skipped}")
    return 1 if counts["failed"] else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
