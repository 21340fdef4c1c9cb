"""The main job on the embedded example, judged by stock LiteRT and tflite-runtime.

`burin optimize` and `burin convert --quantize int8 --io int8|uint8` make the files; each runs in both runtimes with
batch 1 and 3, and its accuracy there is what `optimize --json` says. The results do not depend on the threads.
"""

import hashlib
import json
import os
import pathlib
import subprocess
import tempfile
import unittest

import numpy as np
import tflite_runtime.interpreter
from ai_edge_litert import schema_py_generated as schema
from ai_edge_litert.interpreter import Interpreter

BURIN = os.environ["BURIN"]
EXAMPLE = pathlib.Path(__file__).resolve().parents[2] / "examples" / "digits"
MODEL, DATA = EXAMPLE / "digits_mobilenet.keras", EXAMPLE / "digits.npz"
RUNTIMES = {"LiteRT": Interpreter, "tflite-runtime": tflite_runtime.interpreter.Interpreter}
VARIANTS = ("fp32", "fp16", "dynamic", "int8")
# Largest difference of a probability between Burin and either runtime. Dynamic-range layers round activations, so that
# one code may differ; int8 outputs have steps of 1/256 (in tflite-runtime see LARGEST_STEPS).
TOLERANCE = {"fp32": 1e-5, "fp16": 1e-5, "dynamic": 0.02, "int8": 1 / 256 + 1e-6}


# Integer files, by runtime: share of samples whose outputs are equal bit for bit, and the largest difference in codes.
# tflite-runtime's kernels round requantization differently (half up in fixed point).
EQUAL_SAMPLES = {"LiteRT": 0.99, "tflite-runtime": 0.5}
LARGEST_STEPS = {"LiteRT": 1, "tflite-runtime": 16}


def test_rows(labels):
    """The rows that `optimize` reports on: of every class the last fifth in the order of the SHA-256 of their names."""
    rows = []
    for label in np.unique(labels):
        members = sorted((hashlib.sha256(str(row).encode()).digest(), row) for row in np.flatnonzero(labels == label))
        rows += [row for _, row in members[len(members) - (len(members) + 2) // 5:]]
    return np.sort(rows)


def burin(*arguments, code=0):
    done = subprocess.run([BURIN, *map(str, arguments)], capture_output=True, text=True, timeout=600)
    if done.returncode != code:
        raise AssertionError(f"exit code {done.returncode}\n{done.stdout}{done.stderr}")
    return done.stdout


def outputs_of(runtime, path, samples, batch):
    """Outputs in the file's own type; the last samples that do not fill a batch are left out."""
    interpreter = runtime(model_path=str(path), num_threads=1)
    entry, result = interpreter.get_input_details()[0], interpreter.get_output_details()[0]
    interpreter.resize_tensor_input(entry["index"], [batch, *samples.shape[1:]])
    interpreter.allocate_tensors()
    rows = []
    for begin in range(0, len(samples) - batch + 1, batch):
        interpreter.set_tensor(entry["index"], samples[begin:begin + batch].astype(entry["dtype"]))
        interpreter.invoke()
        rows.append(interpreter.get_tensor(result["index"]))
    return np.concatenate(rows)


class Judged(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        folder = tempfile.TemporaryDirectory()
        cls.addClassCleanup(folder.cleanup)
        cls.folder = pathlib.Path(folder.name)
        data = np.load(DATA)
        cls.x, cls.y = data["x"], data["y"]
        rows = test_rows(cls.y)
        cls.test_x, cls.test_y = cls.x[rows], cls.y[rows]
        cls.summary = json.loads(burin("optimize", MODEL, "--data", DATA, "--objective", "size", "--output",
                                       cls.folder / "a", "--threads", "2", "--json", "-"))
        cls.paths = {v["name"]: pathlib.Path(v["path"]) for v in cls.summary["variants"]}

    def burin_outputs(self, path, samples, *options):
        batch, out = self.folder / "batch.npz", self.folder / "out.npz"
        np.savez(batch, input0=samples)
        burin("run", path, "--input", batch, "--output", out, *options)
        return np.load(out)["output0"]

    def test_every_variant_runs_as_in_burin(self):
        self.assertEqual(tuple(self.paths), VARIANTS)
        samples = self.test_x[:150]
        for name, path in self.paths.items():
            own = self.burin_outputs(path, samples.astype(np.float32))
            for runtime in RUNTIMES:
                for batch in (1, 3):
                    with self.subTest(variant=name, runtime=runtime, batch=batch):
                        judged = outputs_of(RUNTIMES[runtime], path, samples, batch)
                        self.assertTrue(np.isfinite(judged).all())
                        tolerance = TOLERANCE[name]
                        if name == "int8":
                            tolerance = max(tolerance, LARGEST_STEPS[runtime] / 256)
                        self.assertLessEqual(np.abs(judged - own).max(), tolerance)
                        self.assertGreaterEqual((judged.argmax(-1) == own.argmax(-1)).mean(), 0.99)

    def test_int8_and_uint8_inputs(self):
        samples = self.test_x[:300]
        codes = {}
        for io, shift in (("int8", -128), ("uint8", 0)):
            path = self.folder / f"{io}.tflite"
            burin("convert", MODEL, "-o", path, "--quantize", "int8", "--io", io, "--calibration", DATA)
            entry = Interpreter(model_path=str(path)).get_input_details()[0]
            self.assertEqual(entry["dtype"], np.dtype(io).type)
            self.assertEqual(entry["quantization"], (1.0, shift))  # the codes are the pixels
            coded = (samples.astype(np.int32) + shift).astype(io)
            own = self.burin_outputs(path, coded, "--raw")
            self.assertEqual(own.dtype, np.dtype(io))
            codes[io] = own.astype(np.int32) - shift
            for runtime in RUNTIMES:
                for batch in (1, 3):
                    with self.subTest(io=io, runtime=runtime, batch=batch):
                        judged = outputs_of(RUNTIMES[runtime], path, coded, batch)
                        self.assertEqual(judged.dtype, own.dtype)
                        difference = np.abs(judged.astype(np.int32) - own)
                        self.assertGreater((difference.max(-1) == 0).mean(), EQUAL_SAMPLES[runtime])
                        self.assertLessEqual(difference.max(), LARGEST_STEPS[runtime])
        np.testing.assert_array_equal(codes["int8"], codes["uint8"])

    def test_int4_weights(self):
        """As INT8, but that plain kernels of LiteRT compute convolutions: tflite-runtime's are the same ones."""
        path = self.folder / "int4.tflite"
        burin("convert", MODEL, "-o", path, "--quantize", "int4", "--calibration", DATA)
        model = schema.ModelT.InitFromPackedBuf(path.read_bytes(), 0)
        self.assertGreater(sum(t.type == schema.TensorType.INT4 for t in model.subgraphs[0].tensors), 3)
        samples = self.test_x[:300]
        own = self.burin_outputs(path, samples.astype(np.float32))
        for runtime in RUNTIMES:
            for batch in (1, 3):
                with self.subTest(runtime=runtime, batch=batch):
                    difference = np.abs(outputs_of(RUNTIMES[runtime], path, samples, batch) - own).max(-1)
                    self.assertGreater((difference == 0).mean(), EQUAL_SAMPLES[runtime])
                    self.assertLessEqual(difference.max(), LARGEST_STEPS[runtime] / 256)

    def test_accuracies_are_those_of_the_files_in_litert(self):
        self.assertEqual(self.summary["test_samples"], len(self.test_y))
        for variant in self.summary["variants"]:
            with self.subTest(variant=variant["name"]):
                right = (outputs_of(Interpreter, variant["path"], self.test_x, 1).argmax(-1) == self.test_y).sum()
                self.assertEqual(round(variant["accuracy"] * len(self.test_y)), right)

    def test_again_and_with_other_threads_the_same_bytes(self):
        for threads in ("2", "1"):
            output = self.folder / f"again{threads}"
            again = json.loads(burin("optimize", MODEL, "--data", DATA, "--objective", "size", "--output", output,
                                     "--threads", threads, "--json", "-"))
            self.assertEqual(again["recommended"], self.summary["recommended"])
            for first, second in zip(self.summary["variants"], again["variants"]):
                self.assertEqual(pathlib.Path(second["path"]).read_bytes(), self.paths[first["name"]].read_bytes())
                for key in ("accuracy", "drop", "agreement", "val_accuracy", "val_drop", "snr_db"):
                    self.assertEqual(first[key], second[key], key)

    def test_a_float_tflite_is_a_model_too(self):
        value = json.loads(burin("optimize", self.paths["fp32"], "--data", DATA, "--objective", "size", "--output",
                                 self.folder / "second", "--json", "-"))
        self.assertEqual(value["original"]["name"], "tflite")
        for variant, before in zip(value["variants"], self.summary["variants"]):
            self.assertLess(abs(variant["accuracy"] - before["accuracy"]), 0.02)
        burin("optimize", self.paths["int8"], "--output", self.folder / "third", code=2)


if __name__ == "__main__":
    unittest.main()
