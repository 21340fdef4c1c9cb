"""Burin's operators against LiteRT's: models of one operator, run by both.

`one_operator_models` writes the models, inputs and Burin's outputs (reference evaluation and fast kernels, in both
arithmetics). The `litert` arithmetic is compared with LiteRT's default kernels (XNNPACK), the `reference` arithmetic
with BUILTIN_REF. Tolerances are the table's: steps of integer outputs, relative to the largest value of float ones.
Beside the table's cases there is one of every other element type that an operator takes. What LiteRT refuses, and only
that, is compared with the reference evaluation alone.
Whatever Burin quantizes must run in both runtimes: every float case that it quantizes is run by them, against Burin's
output of the same file and against the float operator.
"""

import json
import os
import pathlib
import subprocess
import tempfile
import unittest

import numpy as np
import tflite_runtime.interpreter
from ai_edge_litert.interpreter import Interpreter, OpResolverType

RESOLVERS = {"litert": OpResolverType.AUTO, "reference": OpResolverType.BUILTIN_REF}
RUNTIMES = {"LiteRT": Interpreter, "tflite-runtime": tflite_runtime.interpreter.Interpreter}
FLOAT_TOLERANCE = 4e-6  # between two evaluations of floats, relative to the largest
QUANTIZED_STEPS = 3  # allowed from the float operator


def run_litert(model, inputs, resolver):
    return run(Interpreter(model_path=str(model), num_threads=1, experimental_op_resolver_type=resolver), inputs)


def run(interpreter, inputs):
    interpreter.allocate_tensors()
    for detail, path in zip(interpreter.get_input_details(), inputs):
        interpreter.set_tensor(detail["index"], np.fromfile(path, detail["dtype"]).reshape(detail["shape"]))
    interpreter.invoke()
    return interpreter.get_tensor(interpreter.get_output_details()[0]["index"])


def difference(ours, theirs):
    """Steps of integers; for floats relative to the largest magnitude."""
    if ours.size == 0:
        return 0.0
    if theirs.dtype.kind == "f":
        apart = np.abs(ours.astype(np.float64) - theirs.astype(np.float64))
        return float(apart.max() / max(float(np.abs(theirs).max()), 1e-30)) if np.isfinite(apart).all() else np.inf
    return float(np.abs(ours.astype(np.int64) - theirs.astype(np.int64)).max())


class OneOperatorModels(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.temporary = tempfile.TemporaryDirectory()
        cls.folder = pathlib.Path(os.environ.get("ONE_OPERATOR_FOLDER", cls.temporary.name))
        program = pathlib.Path(os.environ["BURIN_BUILD"]) / "one_operator_models"
        subprocess.run([str(program), str(cls.folder)], check=True)
        cls.cases = json.loads((cls.folder / "cases.json").read_text())

    @classmethod
    def tearDownClass(cls):
        cls.temporary.cleanup()

    def check(self, arithmetic):
        compared = 0
        for case in self.cases:
            tolerance = case[arithmetic]
            if tolerance is None:
                continue
            name = case["name"]
            inputs = sorted(self.folder.glob(name + ".input*.bin"))
            with self.subTest(name):
                model = self.folder / (name + ".tflite")
                if tolerance == "refused":
                    with self.assertRaises((RuntimeError, ValueError), msg=f"{name}: LiteRT takes it: compare"):
                        run_litert(model, inputs, RESOLVERS[arithmetic])
                    continue
                theirs = run_litert(model, inputs, RESOLVERS[arithmetic])
                for kernels in ("reference", "fast"):
                    path = self.folder / f"{name}.{arithmetic}_{kernels}.bin"
                    ours = np.fromfile(path, theirs.dtype).reshape(theirs.shape)
                    apart = difference(ours, theirs)
                    if "BURIN_SHOW" in os.environ:
                        unequal = np.mean(ours != theirs) if ours.size else 0
                        print(f"{arithmetic:10} {kernels:10} {name:45} {apart:10.3g} of {tolerance:g} unequal {unequal:.4f}")
                    self.assertLessEqual(apart, tolerance, f"{name}, {arithmetic} arithmetic, {kernels} kernels")
                    compared += 1
        self.assertGreater(compared, 100)

    def test_litert_arithmetic_against_default_kernels(self):
        self.check("litert")

    def test_reference_arithmetic_against_builtin_ref(self):
        self.check("reference")

    def test_kernels_equal_the_reference_evaluation(self):
        for case in self.cases:
            for arithmetic in RESOLVERS:
                name = case["name"]
                with self.subTest(name, arithmetic=arithmetic):
                    reference, fast = (self.folder / f"{name}.{arithmetic}_{kernels}.bin" for kernels in ("reference", "fast"))
                    if case["float_output"]:
                        apart = difference(np.fromfile(fast, np.float32), np.fromfile(reference, np.float32))
                        self.assertLessEqual(apart, FLOAT_TOLERANCE)
                    else:
                        self.assertEqual(fast.read_bytes(), reference.read_bytes())

    def test_quantized_operators_run_everywhere(self):
        quantized = [case for case in self.cases if case["quantized_step"] is not None]
        self.assertGreater(len(quantized), 50)
        for case in quantized:
            name, step = case["name"], case["quantized_step"]
            model = self.folder / (name + ".quantized.tflite")
            inputs = sorted(self.folder.glob(name + ".input*.bin"))
            with self.subTest(name):
                expected = run_litert(self.folder / (name + ".tflite"), inputs, OpResolverType.AUTO)
                ours = np.fromfile(self.folder / (name + ".quantized.bin"), expected.dtype).reshape(expected.shape)
                error = np.abs(ours - expected).max() / max(step, 1e-30)
                if "BURIN_SHOW" in os.environ:
                    print(f"{name:45} {error:6.2f} steps from the float operator")
                self.assertLessEqual(error, QUANTIZED_STEPS, "steps from the float operator")
                for runtime, interpreter in RUNTIMES.items():
                    theirs = run(interpreter(model_path=str(model), num_threads=1), inputs)
                    apart = np.abs(ours - theirs).max() / max(step, 1e-30)
                    self.assertLessEqual(apart, 1.01, f"steps from {runtime}")


if __name__ == "__main__":
    unittest.main()
