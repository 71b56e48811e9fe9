#!/usr/bin/env python3
"""What `meson install` gives, and that it works wherever it is moved to.

usage: test_install.py BUILD PROGRAM SOURCE MESON...

Installs the build into a temporary folder, moves it to one with a space in its name and lets it
draw the same picture as the program in the build folder. Where desktop-file-validate and
appstreamcli are there they are asked, too.
"""

import configparser
import os
import shutil
import struct
import subprocess
import sys
import tempfile
import unittest
import xml.etree.ElementTree

BUILD = PROGRAM = SOURCE = MESON = None

SIDES = [16, 22, 24, 32, 48, 64, 128, 256, 512]


def run(*words, **settings):
    result = subprocess.run(words, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=300,
                            **settings)
    assert result.returncode == 0, "%s: %s" % (" ".join(words), result.stdout.decode())
    return result.stdout


class Install(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = tempfile.mkdtemp(prefix="layerscope-install-")
        staged = os.path.join(cls.folder, "staged")
        run(*MESON, "install", "-C", BUILD, "--no-rebuild", "--destdir", staged)
        prefix = next(folder for folder, folders, _ in os.walk(staged) if "bin" in folders)
        cls.prefix = os.path.join(cls.folder, "moved here")
        os.rename(prefix, cls.prefix)
        shutil.rmtree(staged)
        cls.program = os.path.join(cls.prefix, "bin", "layerscope")
        cls.environment = {name: value for name, value in os.environ.items()
                           if name != "LAYERSCOPE_DATADIR" and not name.startswith("XDG_")}
        cls.environment["HOME"] = cls.folder

    @classmethod
    def tearDownClass(cls):
        shutil.rmtree(cls.folder)

    def path(self, *names):
        return os.path.join(self.prefix, "share", *names)

    def read(self, *names):
        with open(self.path(*names), "rb") as file:
            return file.read()

    def desktop(self):
        parser = configparser.ConfigParser(interpolation=None)
        parser.optionxform = str
        parser.read(self.path("applications", "layerscope.desktop"), encoding="utf-8")
        return parser["Desktop Entry"]

    def draw(self, program, name, **environment):
        path = os.path.join(self.folder, name)
        run(program, "run", "--steps", "3", "--layers", "3", "--png", path, cwd=self.folder,
            env=dict(self.environment, **environment))
        with open(path, "rb") as file:
            return file.read()

    def test_it_draws_the_same_wherever_it_is(self):
        expected = self.draw(PROGRAM, "build.png", LAYERSCOPE_DATADIR=SOURCE)
        self.assertEqual(self.draw(self.program, "moved.png"), expected)

    def test_it_is_the_moved_presets_that_it_reads(self):
        own = self.path("layerscope", "assets", "presets", "of-this-folder.ini")
        with open(own, "w") as file:
            file.write("[preset]\ntitle = Here\nabout = It.\n[a]\nlayers = 3\n")
        listed = run(self.program, "list", "presets", env=self.environment).decode()
        os.remove(own)
        self.assertIn("of-this-folder", listed)

    def test_a_link_to_it_finds_them_too(self):
        link = os.path.join(self.folder, "link")
        os.symlink(self.program, link)
        listed = run(link, "list", "presets", env=self.environment).decode()
        self.assertIn("deep-sigmoid", listed)

    def test_icons_have_the_size_of_their_folder(self):
        for side in SIDES:
            head = self.read("icons", "hicolor", "%dx%d" % (side, side), "apps", "layerscope.png")
            self.assertEqual(head[:8], b"\x89PNG\r\n\x1a\n")
            self.assertEqual(struct.unpack(">II", head[16:24]), (side, side))
            self.assertEqual(head[25], 6, "red, green, blue and alpha")
        root = xml.etree.ElementTree.fromstring(
            self.read("icons", "hicolor", "scalable", "apps", "layerscope.svg"))
        self.assertEqual(root.get("width"), root.get("height"))

    def test_the_menu_entry_names_what_is_there(self):
        entry = self.desktop()
        self.assertEqual(entry["Exec"], "layerscope %f")
        self.assertEqual(entry["Icon"], "layerscope")
        self.assertEqual(entry["StartupWMClass"], "layerscope")
        if shutil.which("desktop-file-validate"):
            told = run("desktop-file-validate", self.path("applications", "layerscope.desktop"))
            self.assertEqual(told, b"")

    def test_the_description_names_what_is_there(self):
        path = self.path("metainfo", "layerscope.metainfo.xml")
        root = xml.etree.ElementTree.parse(path).getroot()
        self.assertEqual(root.findtext("launchable"), "layerscope.desktop")
        self.assertEqual(root.findtext("provides/binary"), "layerscope")
        version = run(self.program, "--version").decode().split()[1]
        self.assertEqual(root.find("releases/release").get("version"), version)
        if shutil.which("appstreamcli"):
            run("appstreamcli", "validate", "--no-net", path)

    def test_licences_come_with_what_they_are_of(self):
        self.assertIn(b"SIL OPEN FONT LICENSE", self.read("layerscope", "fonts", "OFL.txt"))
        self.assertIn(b"CC BY-SA", self.read("layerscope", "assets", "mnist", "README.md"))

    def test_completion_is_where_shells_look(self):
        self.assertIn(b"complete -F", self.read("bash-completion", "completions", "layerscope"))
        self.assertTrue(self.read("zsh", "site-functions", "_layerscope").startswith(b"#compdef"))


if __name__ == "__main__":
    if len(sys.argv) < 5:
        sys.exit(__doc__.splitlines()[2])
    BUILD, PROGRAM, SOURCE = (os.path.abspath(word) for word in sys.argv[1:4])
    MESON = sys.argv[4:]
    unittest.main(argv=sys.argv[:1])
