#!/usr/bin/env python3
"""The shape of the source: dependencies point downwards only, and a few rules of the house.

usage: test_includes.py [PROJECT]      PROJECT: the folder that holds src/, meson.build, ...

Every rule is a function from a project's folder to a list of findings, "file:line: sentence". The
project must have none, and each rule must find what is wrong in a sample that breaks it.
"""

import os
import re
import sys
import tempfile
import unittest

PROJECT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))

# What each folder of src/ may use; it may always use itself. A value that is a list of files
# restricts the use to these headers.
LAYERS = {
    "main.c": {"app": None, "base": None},
    "app": {folder: None for folder in
            "export view draw lab measure data engine base".split()},
    "export": {"draw": None, "measure": None, "lab": None, "base": None},
    "view": {"draw": ["draw/display_list.h", "draw/rect.h"], "measure": None, "base": None},
    "draw": {"base": None},
    "lab": {"engine": None, "data": None, "measure": None, "base": None},
    "measure": {"engine": None, "base": None},
    "data": {"base": None},
    "engine": {"base": None},
    "base": {},
}

# Libraries: the variable in meson.build, the headers, and where they may be used.
LIBRARIES = [
    ("cblas", r"cblas\.h", r"engine/|data/"),
    ("lapacke", r"lapacke\.h", r"engine/|data/"),
    ("zlib", r"zlib\.h", r"data/|export/"),
    ("iconv", r"iconv\.h", r"data/"),
    ("inih", r"ini\.h", r"lab/|app/(look_text|window_place)\.c"),
    ("png", r"png\.h", r"export/"),
    ("cjson", r"(cjson/)?cJSON\.h", r"export/"),
    ("zip", r"zip\.h", r"data/|export/"),
    ("sdl2_ttf", r"SDL_ttf\.h", r"draw/(text|typeface)\w*\.[ch]"),
    ("sdl2", r"SDL\w*\.h", r"app/|draw/(text|typeface)\w*\.[ch]"),
]
ANYWHERE = ["math", "threads"]

# Headers that come with a compiler and a system.
STANDARD = re.compile(r"""
    (assert|complex|ctype|errno|fenv|float|inttypes|iso646|limits|locale|math|setjmp|signal|stdalign
    |stdarg|stdatomic|stdbool|stddef|stdint|stdio|stdlib|stdnoreturn|string|tgmath|threads|time
    |uchar|wchar|wctype
    |dirent|dlfcn|fcntl|glob|libgen|malloc|poll|pthread|pwd|sched|semaphore|spawn|strings|unistd|xlocale
    |cpuid|[a-z]*mmintrin|immintrin|x86intrin|arm_neon
    |(sys|mach|mach-o)/[a-z_]+)\.h""", re.VERBOSE)

MOST_LINES = 500
LONG_FUNCTION = 60


# --- reading --------------------------------------------------------------------------------------


def files(project, *endings):
    """The paths below src/ with one of these endings, relative to it, sorted."""
    source = os.path.join(project, "src")
    found = []
    for folder, _, names in os.walk(source):
        for name in names:
            if name.endswith(endings):
                found.append(os.path.relpath(os.path.join(folder, name), source))
    return sorted(path.replace(os.sep, "/") for path in found)


def read(project, path):
    with open(os.path.join(project, "src", path), encoding="utf-8") as file:
        return file.read()


def includes(project, path):
    """(line number, is it quoted, name) of each #include."""
    pattern = re.compile(r'^\s*#\s*include\s*(["<])([^">]+)')
    for number, line in enumerate(read(project, path).splitlines(), 1):
        match = pattern.match(line)
        if match:
            yield number, match.group(1) == '"', match.group(2)


def layer_of(path):
    return path.split("/")[0]


def dependency_lists(project, path):
    """(line number, [names]) of each `dependencies:` in a meson.build, variables followed."""
    text = read(project, path)
    variables = dict(re.findall(r"^(\w+)\s*\+?=\s*\[([^\]]*)\]", text, re.MULTILINE))
    for match in re.finditer(r"\bdependencies\s*:\s*(?:\[([^\]]*)\]|(\w+))", text):
        inside = match.group(1)
        if inside is None:
            inside = variables.get(match.group(2), match.group(2))
        number = text.count("\n", 0, match.start()) + 1
        yield number, re.findall(r"\w+", inside)


# --- rules ----------------------------------------------------------------------------------------


def include_directions(project):
    """Every #include "folder/file.h" goes to the own folder or one that the table allows."""
    findings = []
    for path in files(project, ".c", ".h"):
        layer = layer_of(path)
        if layer not in LAYERS:
            findings.append("%s:1: %s is not in the table of layers" % (path, layer))
            continue
        for number, quoted, name in includes(project, path):
            target = layer_of(name)
            place = "%s:%d: " % (path, number)
            if not quoted:
                continue
            if "/" not in name:
                findings.append(place + 'write "%s" with its folder' % name)
            elif not os.path.exists(os.path.join(project, "src", name)):
                findings.append(place + "%s does not exist" % name)
            elif target != layer and target not in LAYERS[layer]:
                findings.append(place + "%s must not use %s" % (layer, name))
            elif target != layer and name not in (LAYERS[layer][target] or [name]):
                findings.append(place + "%s may use of %s only %s"
                                % (layer, target, ", ".join(LAYERS[layer][target])))
    return findings


def library_headers(project):
    """Every #include <...> is standard, or of a library that belongs there."""
    findings = []
    for path in files(project, ".c", ".h"):
        for number, quoted, name in includes(project, path):
            if quoted or STANDARD.fullmatch(name):
                continue
            place = "%s:%d: <%s> " % (path, number, name)
            name = re.sub("^SDL2/", "", name)
            for _, headers, where in LIBRARIES:
                if re.fullmatch(headers, name):
                    if not re.match(where, path):
                        findings.append(place + "belongs to %s only" % where)
                    break
            else:
                findings.append(place + "is neither standard nor in the table of libraries")
    return findings


def meson_dependencies(project):
    """The dependency lists of each folder's meson.build agree with the two tables."""
    findings = []
    libraries = {name: where for name, _, where in LIBRARIES}
    for layer in sorted(set(LAYERS) - {"main.c"}):
        path = layer + "/meson.build"
        lists = list(dependency_lists(project, path))
        if len(lists) < 2:
            findings.append("%s:1: expected the dependencies of a library and of its users" % path)
        for number, names in lists:
            place = "%s:%d: " % (path, number)
            for name in names:
                if name in LAYERS and name not in LAYERS[layer]:
                    findings.append(place + "%s must not use %s" % (layer, name))
                elif name in libraries and not re.search(r"\b%s/" % layer, libraries[name]):
                    findings.append(place + "%s belongs to %s only" % (name, libraries[name]))
                elif name not in list(LAYERS) + list(libraries) + ANYWHERE:
                    findings.append(place + "%s is in neither table" % name)
            for name in sorted(set(LAYERS[layer]) - set(names)):
                findings.append(place + "%s is missing" % name)
    return findings


def meson_sources(project):
    """Every source file is built by its folder's meson.build."""
    findings = []
    for path in files(project, ".c"):
        folder, name = os.path.split(path)
        if "'%s'" % name not in read(project, os.path.join(folder, "meson.build")):
            findings.append("%s:1: not in %s" % (path, os.path.join(folder, "meson.build")))
    return findings


def headers(project):
    """Every header is guarded by FOLDER_NAME_H; every source includes its own, or its folder's."""
    findings = []
    known = set(files(project, ".h"))
    for path in known:
        guard = re.sub(r"\W", "_", path).upper()
        lines = [line.strip() for line in read(project, path).splitlines()
                 if line.strip().startswith("#")]
        if lines[:2] != ["#ifndef " + guard, "#define " + guard] or lines[-1:] != ["#endif"]:
            findings.append("%s:1: expected the header guard %s" % (path, guard))
    for path in files(project, ".c"):
        own = path[:-2] + ".h"
        names = [name for _, quoted, name in includes(project, path) if quoted]
        if own in known and own not in names:
            findings.append("%s:1: does not include its own header" % path)
        elif path != "main.c" and not any(layer_of(name) == layer_of(path) for name in names):
            findings.append("%s:1: has no header of its own and includes none of %s/"
                            % (path, layer_of(path)))
    return sorted(findings)


def sizes(project):
    """No file is longer than a reader can take in."""
    return ["%s:%d: longer than %d lines" % (path, MOST_LINES + 1, MOST_LINES)
            for path in files(project, ".c", ".h")
            if len(read(project, path).splitlines()) > MOST_LINES]


def leftovers(project):
    """No marks of unfinished work, no paths of somebody's machine."""
    patterns = [(re.compile(r"\b(TODO|FIXME|XXX|HACK)\b"), "unfinished"),
                (re.compile(r"(^|[^\w.])/(home|root|Users|work)/"), "a path of one machine")]
    findings = []
    for path in files(project, ".c", ".h", "meson.build"):
        for number, line in enumerate(read(project, path).splitlines(), 1):
            findings += ["%s:%d: %s: %s" % (path, number, what, line.strip())
                         for pattern, what in patterns if pattern.search(line)]
    return findings


def long_functions(project):
    """Not a rule but a hint: past 60 lines a function usually hides a table or a struct."""
    findings = []
    for path in files(project, ".c", ".h"):
        start = None
        for number, line in enumerate(read(project, path).splitlines(), 1):
            if start is None and re.match(r"(?!\s*(#|//|/?\*)).*\)\s*\{$", line):
                start = number
            elif line.startswith("}"):
                if start and line == "}" and number - start > LONG_FUNCTION:
                    findings.append("%s:%d: a function of %d lines" % (path, start, number - start))
                start = None
    return findings


RULES = [include_directions, library_headers, meson_dependencies, meson_sources, headers, sizes,
         leftovers]


# --- tests ----------------------------------------------------------------------------------------


class Project(unittest.TestCase):
    """The project keeps every rule."""


def project_test(rule):
    def test(self):
        findings = rule(PROJECT)
        if findings:
            self.fail("\n" + "\n".join("src/" + finding for finding in findings))
    test.__doc__ = rule.__doc__
    return test


for _rule in RULES:
    setattr(Project, "test_" + _rule.__name__, project_test(_rule))


class Samples(unittest.TestCase):
    """Every rule accepts a small good project and finds what is wrong in a broken one."""

    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.project = folder.name
        self.write("main.c", '#include "app/app.h"\n')
        self.write("meson.build", "executable('layerscope', 'main.c', dependencies: [app, base])\n")
        for layer in set(LAYERS) - {"main.c"}:
            name = {"view": "view", "draw": "rect"}.get(layer, layer)
            guard = "%s_%s_H" % (layer.upper(), name.upper())
            self.write("%s/%s.h" % (layer, name),
                       "#ifndef %s\n#define %s\n#endif\n" % (guard, guard))
            self.write("%s/%s.c" % (layer, name), '#include "%s/%s.h"\n#include <stdio.h>\n'
                       % (layer, name))
            names = ", ".join(sorted(LAYERS[layer]) + ["math"])
            self.write("%s/meson.build" % layer,
                       "uses = [%s]\nx_lib = static_library('x', '%s.c', dependencies: uses)\n"
                       "x = declare_dependency(dependencies: [%s])\n" % (names, name, names))

    def write(self, path, text, mode="w"):
        path = os.path.join(self.project, "src", path)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, mode, encoding="utf-8") as file:
            file.write(text)

    def add(self, path, text):
        self.write(path, text, "a")

    def broken(self, rule, *expected):
        findings = rule(self.project)
        self.assertEqual(len(findings), len(expected), findings)
        for finding, part in zip(findings, expected):
            self.assertIn(part, finding)

    def test_good(self):
        for rule in RULES + [long_functions]:
            self.assertEqual(rule(self.project), [], rule.__name__)

    def test_upwards(self):
        self.add("engine/engine.c", '#include "measure/measure.h"\n')
        self.broken(include_directions, "engine/engine.c:3: engine must not use measure/measure.h")

    def test_sideways(self):
        self.add("data/data.h", '  #  include "engine/engine.h"\n')
        self.broken(include_directions, "data must not use engine")

    def test_main_uses_app_alone(self):
        self.add("main.c", '#include "lab/lab.h"\n')
        self.broken(include_directions, "main.c must not use lab")

    def test_more_of_a_folder_than_allowed(self):
        self.write("draw/canvas.h", "")
        self.add("view/view.c", '#include "draw/rect.h"\n#include "draw/canvas.h"\n')
        self.broken(include_directions, "view/view.c:4: view may use of draw only")

    def test_no_folder(self):
        self.add("base/base.c", '#include "base.h"\n#include "base/gone.h"\n')
        self.broken(include_directions, "with its folder", "does not exist")

    def test_unknown_folder(self):
        self.write("utils/misc.c", "")
        self.broken(include_directions, "utils is not in the table")

    def test_screen_below_app(self):
        self.add("lab/lab.c", "#include <SDL.h>\n")
        self.add("view/view.h", "#include <SDL2/SDL_ttf.h>\n")
        self.add("draw/rect.c", "#include <SDL.h>\n")
        self.broken(library_headers, "draw/rect.c:3: <SDL.h>", "lab/lab.c:3: <SDL.h>",
                    "view/view.h:4: <SDL2/SDL_ttf.h>")

    def test_screen_where_it_belongs(self):
        self.write("draw/text.c", "#include <SDL_ttf.h>\n#include <SDL.h>\n")
        self.write("app/window.c", "#include <SDL.h>\n")
        self.broken(library_headers)

    def test_unknown_library(self):
        self.add("base/base.c", "#include <glib.h>\n#include <sys/stat.h>\n")
        self.broken(library_headers, "<glib.h> is neither standard nor")

    def test_meson_upwards(self):
        self.add("base/meson.build", "y = declare_dependency(dependencies: [engine])\n")
        self.broken(meson_dependencies, "base/meson.build:4: base must not use engine")

    def test_meson_library_in_the_wrong_place(self):
        self.write("lab/meson.build", "uses = [data, engine, base, sdl2, magic]\n"
                   "a = static_library('a', dependencies: uses)\nb = c(dependencies: uses)\n")
        self.broken(meson_dependencies, *2 * ["sdl2 belongs to", "magic is in neither table",
                                              "measure is missing"])

    def test_meson_without_lists(self):
        self.write("data/meson.build", "data_lib = static_library('data')\n")
        self.broken(meson_dependencies, "expected the dependencies")

    def test_source_that_is_not_built(self):
        self.write("data/csv.c", '#include "data/data.h"\n')
        self.broken(meson_sources, "data/csv.c:1: not in data/meson.build")

    def test_header_guards(self):
        self.write("data/csv.h", "#pragma once\n")
        self.write("data/idx.h", "#ifndef DATA_CSV_H\n#define DATA_CSV_H\n#endif\n")
        self.broken(headers, "guard DATA_CSV_H", "guard DATA_IDX_H")

    def test_sources_without_a_header(self):
        self.write("data/data.c", "#include <stdio.h>\n")
        self.write("data/csv.c", '#include "base/base.h"\n')
        self.broken(headers, "data/csv.c:1: has no header of its own and includes none",
                    "data/data.c:1: does not include its own")

    def test_long_file(self):
        self.write("data/data.c", "\n" * MOST_LINES)
        self.broken(sizes)
        self.add("data/data.c", "\n")
        self.broken(sizes, "data/data.c:501: longer")

    def test_leftovers(self):
        self.add("data/data.c", '// TO' 'DO later\nchar t[] = "a.XXXXXX", p[] = "src/root/x";\n'
                 'char *q = "/ho' 'me/ann/x";\n')
        self.broken(leftovers, "data/data.c:3: unfinished", "data/data.c:5: a path")

    def test_long_function(self):
        self.write("data/data.c",
                   "static int f(int a,\n             int b) {\n" + "    a++;\n" * 60 + "}\n\n"
                   "struct s x[] = {\n" + "    { 1 },\n" * 90 + "};\n\nint g(void) {\n" +
                   "    if (a) {\n        b();\n    }\n" * 20 + "}\n")
        self.broken(long_functions, "data/data.c:2: a function of 61 lines",
                    "data/data.c:158: a function of 61 lines")


if __name__ == "__main__":
    if len(sys.argv) > 1 and os.path.isdir(sys.argv[1]):
        PROJECT = os.path.abspath(sys.argv.pop(1))
    for warning in long_functions(PROJECT):
        print("hint: src/" + warning)
    unittest.main()
