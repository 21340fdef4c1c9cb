"""What the tests of the program have in common: calling it, the shape of its errors, its JSON against docs/schema."""
import json
import os
import pathlib
import resource
import signal
import subprocess
import tempfile
import unittest

import numpy as np
from PIL import Image

from json_schema import violations

BURIN = os.environ["BURIN"]
ROOT = pathlib.Path(__file__).resolve().parents[2]
FIXTURES = ROOT / "tests" / "fixtures" / "keras"
MODEL = ROOT / "examples" / "digits" / "digits_mobilenet.keras"
DATA = ROOT / "examples" / "digits" / "digits.npz"


def burin(*arguments, file_limit=None, memory_limit=None, cwd=None):
    """Runs the program; limits are in bytes: of every file that it writes, of its address space."""

    def limits():
        # Python ignores SIGXFSZ and its children inherit that: the program must ignore it by itself.
        signal.signal(signal.SIGXFSZ, signal.SIG_DFL)
        if file_limit is not None:
            resource.setrlimit(resource.RLIMIT_FSIZE, (file_limit, file_limit))
        if memory_limit is not None:
            resource.setrlimit(resource.RLIMIT_AS, (memory_limit, memory_limit))

    return subprocess.run([BURIN, *map(str, arguments)], capture_output=True, text=True, errors="replace", timeout=600,
                          cwd=cwd, preexec_fn=limits)


def schema(command):
    return json.loads((ROOT / "docs" / "schema" / f"{command}.schema.json").read_text())


def digits(count=None):
    """Pixels (count, 8, 8) uint8 of the embedded example in 0..255, and their classes."""
    data = np.load(DATA)
    x, y = data["x"][:count], data["y"][:count]
    pixels = x.reshape(x.shape[0], x.shape[1], x.shape[2])
    return (pixels * (255.0 / max(1.0, float(data["x"].max())))).astype(np.uint8), y


def contents(folder):
    """Every file below a folder and its bytes."""
    return {str(path.relative_to(folder)): path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()}


class CommandTest(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)

    def assert_done(self, done, code=0):
        self.assertEqual(done.returncode, code, done.stderr)

    def json_of(self, command, *arguments, code=0):
        """Runs with --json -, checks that standard output is one object that the schema allows, returns it."""
        done = burin(command, *arguments, "--json", "-")
        self.assert_done(done, code)
        value = json.loads(done.stdout)
        self.assertEqual(violations(value, schema(command)), [])
        return value

    def assert_error(self, done, *parts):
        """Exit code 2, nothing on standard output, two lines: what and where, then what to do."""
        self.assertEqual(done.returncode, 2, f"{done.args}\n{done.stdout}{done.stderr}")
        self.assertEqual(done.stdout, "")
        lines = [line for line in done.stderr.splitlines() if not line.startswith("burin: warning:")]
        self.assertEqual(len(lines), 2, done.stderr)
        self.assertTrue(lines[0].startswith("burin: error: "), done.stderr)
        self.assertTrue(lines[1].strip(), done.stderr)
        for part in parts:
            self.assertIn(str(part), done.stderr)

    def picture_folder(self, name, classes=10, each=3):
        """A folder of gray pictures in class folders digit0, digit1, ..., from the digits."""
        pixels, labels = digits()
        for label in range(classes):
            folder = self.folder / name / f"digit{label}"
            folder.mkdir(parents=True)
            for k, row in enumerate(np.flatnonzero(labels == label)[:each]):
                Image.fromarray(pixels[row]).save(folder / f"{k}.png")
        return self.folder / name
