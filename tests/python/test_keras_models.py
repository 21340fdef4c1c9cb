"""Keras models converted by `burin convert`, run by stock LiteRT and tflite-runtime, against Keras's own outputs.

The fixtures of this repository always; the zoo of `shared` beside it (or at BURIN_SHARED) where there is one.
"""

import os
import pathlib
import re
import subprocess
import tempfile
import unittest

import numpy as np
import tflite_runtime.interpreter
from ai_edge_litert.interpreter import Interpreter

BURIN = os.environ["BURIN"]
ROOT = pathlib.Path(__file__).resolve().parents[2]
SHARED = pathlib.Path(os.environ.get("BURIN_SHARED", ROOT.parent / "shared"))
RUNTIMES = {"LiteRT": Interpreter, "tflite-runtime": tflite_runtime.interpreter.Interpreter}
# Keras computes these in float16.
TOLERANCE = {"mixed_float16": 1e-3}


def run(runtime, path, arrays):
    """Outputs by signature name for the inputs `input0`, `input1`, ... in model order, at their batch size."""
    interpreter = runtime(str(path))
    # Positions in the file's own order of inputs, which is the model's.
    for detail, array in zip(interpreter.get_input_details(), arrays):
        interpreter.resize_tensor_input(detail["index"], array.shape)
    interpreter.allocate_tensors()
    for detail, array in zip(interpreter.get_input_details(), arrays):
        interpreter.set_tensor(detail["index"], array.astype(detail["dtype"]))
    interpreter.invoke()
    return [interpreter.get_tensor(detail["index"]) for detail in interpreter.get_output_details()]


def numbered(arrays, kind):
    """The arrays `input0...`, `input1...` in the order of their numbers."""
    names = [name for name in arrays if name.startswith(kind)]
    return [arrays[name] for name in sorted(names, key=lambda name: int(re.match(r"[a-z]+(\d+)", name)[1]))]


class KerasModels(unittest.TestCase):
    def judge(self, model, expected):
        """True when the model is covered; its outputs are then asserted."""
        with np.load(expected) as arrays:
            inputs, outputs = numbered(arrays, "input"), numbered(arrays, "output")
        with tempfile.TemporaryDirectory() as folder:
            written = pathlib.Path(folder) / "model.tflite"
            done = subprocess.run([BURIN, "convert", str(model), "-o", str(written), "--quiet"],
                                  capture_output=True, text=True)
            if done.returncode == 2 and re.search("does not know|not supported|cannot", done.stderr):
                return False
            self.assertEqual(done.returncode, 0, done.stderr)
            for name, runtime in RUNTIMES.items():
                got = run(runtime, written, inputs)
                self.assertEqual(len(got), len(outputs), name)
                for k, (a, b) in enumerate(zip(got, outputs)):
                    self.assertEqual(a.shape, b.shape, f"{name} output {k}")
                    bound = TOLERANCE.get(model.stem, 1e-4) * max(float(np.abs(b).max(initial=0)), 1e-6)
                    self.assertLessEqual(float(np.abs(a - b).max(initial=0)), bound, f"{name} output {k}")
        return True

    def test_fixtures(self):
        folder = ROOT / "tests/fixtures/keras"
        models = sorted([*folder.glob("*.keras"), *folder.glob("*.h5")])
        for model in models:
            with self.subTest(model=model.name):
                self.assertTrue(self.judge(model, model.with_suffix(".npz")), "refused")
        self.assertGreater(len(models), 0)

    def test_zoo(self):
        zoo = SHARED / "corpus/zoo"
        if not zoo.is_dir():
            self.skipTest(f"no {zoo}")
        covered = 0
        for model in sorted(zoo.glob("*.keras")):
            with self.subTest(model=model.name):
                covered += self.judge(model, SHARED / "corpus/zoo_expected" / f"{model.stem}.npz")
        print(f"{covered} zoo models equal Keras in both runtimes")
        self.assertGreaterEqual(covered, 70)


if __name__ == "__main__":
    unittest.main()
