"""The waste MobileNetV2 and its photographs, in the folder `shared` beside this repository: what stock LiteRT and
tflite-runtime make of Burin's four files, beside the incumbent's files. Skipped where there is no such folder.

Pictures are those of `val`; `test` is for reports.
"""

import os
import pathlib
import subprocess
import tempfile
import unittest

import numpy as np
import tflite_runtime.interpreter
from ai_edge_litert.interpreter import Interpreter
from PIL import Image

BURIN = os.environ["BURIN"]
ROOT = pathlib.Path(__file__).resolve().parents[2]
SHARED = pathlib.Path(os.environ.get("BURIN_SHARED", ROOT.parent / "shared"))
MODELS = SHARED / "models" / "waste"
DATA = SHARED / "data" / "waste"
VARIANTS = ("none", "fp16", "dynamic", "int8")
PICTURES = 150


def burin(*arguments):
    done = subprocess.run([BURIN, *map(str, arguments), "--quiet"], capture_output=True, text=True, timeout=600)
    if done.returncode != 0:
        raise AssertionError(f"exit code {done.returncode}\n{done.stdout}{done.stderr}")


def outputs_of(runtime, path, pictures):
    interpreter = runtime(model_path=str(path), num_threads=2)
    interpreter.allocate_tensors()
    entry, result = interpreter.get_input_details()[0], interpreter.get_output_details()[0]
    rows = []
    for picture in pictures:
        interpreter.set_tensor(entry["index"], picture[None])
        interpreter.invoke()
        rows.append(interpreter.get_tensor(result["index"])[0])
    return np.array(rows)


def same_top1(a, b):
    return (a.argmax(-1) == b.argmax(-1)).mean()


@unittest.skipUnless((MODELS / "mobilenetv2_waste.keras").exists(), "no folder `shared` with the waste model")
class WasteModel(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        folder = tempfile.TemporaryDirectory()
        cls.addClassCleanup(folder.cleanup)
        cls.folder = pathlib.Path(folder.name)
        for variant in VARIANTS:
            cls.convert(variant, cls.folder / f"{variant}.tflite", "2")
        files = sorted((DATA / "val").glob("*/*.jpg"))
        cls.files = files[:: len(files) // PICTURES][:PICTURES]
        cls.pictures = [
            np.asarray(Image.open(file).convert("RGB").resize((224, 224), Image.Resampling.BILINEAR), np.float32)
            for file in cls.files
        ]
        cls.litert = {v: outputs_of(Interpreter, cls.folder / f"{v}.tflite", cls.pictures) for v in VARIANTS}

    @classmethod
    def convert(cls, variant, path, threads, model="mobilenetv2_waste.keras"):
        burin("convert", MODELS / model, "-o", path, "--quantize", variant, "--threads", threads,
              *(["--calibration", DATA / "train"] if variant == "int8" else []))

    def test_fp32_is_the_incumbents(self):
        expected = outputs_of(Interpreter, MODELS / "incumbent" / "tflite_converter_fp32.tflite", self.pictures)
        self.assertLessEqual(np.abs(self.litert["none"] - expected).max(), 1e-4)
        best = np.sort(expected)
        clear = best[:, -1] - best[:, -2] > 1e-4
        np.testing.assert_array_equal(self.litert["none"].argmax(-1)[clear], expected.argmax(-1)[clear])

    def test_quantized_files_agree_with_fp32(self):
        for variant, least in (("fp16", 0.98), ("dynamic", 0.95), ("int8", 0.95)):
            self.assertGreaterEqual(same_top1(self.litert[variant], self.litert["none"]), least, variant)

    def test_sizes(self):
        for variant, largest in (("none", 8.95), ("fp16", 4.55), ("dynamic", 2.56), ("int8", 2.55)):
            self.assertLessEqual((self.folder / f"{variant}.tflite").stat().st_size / 1e6, largest, variant)

    def test_int8_in_burin_and_in_litert(self):
        np.savez(self.folder / "pictures.npz", input0=np.stack(self.pictures))
        burin("run", self.folder / "int8.tflite", "--input", self.folder / "pictures.npz", "--output",
              self.folder / "own.npz")
        own = np.load(self.folder / "own.npz")["output0"]
        self.assertGreaterEqual(same_top1(own, self.litert["int8"]), 0.99)
        self.assertGreaterEqual((own == self.litert["int8"]).all(-1).mean(), 0.5)

    def test_tflite_runtime_agrees(self):
        for variant in VARIANTS:
            older = outputs_of(tflite_runtime.interpreter.Interpreter, self.folder / f"{variant}.tflite", self.pictures)
            # It rounds integers otherwise: scores move a little, and with them the best of two that are nearly equal.
            self.assertLessEqual(np.abs(older - self.litert[variant]).mean(), 0.005, variant)
            self.assertGreaterEqual(same_top1(older, self.litert[variant]), 0.95, variant)

    def test_the_same_bytes_again_with_other_threads_and_from_h5(self):
        for variant in VARIANTS:
            again = self.folder / f"again_{variant}.tflite"
            self.convert(variant, again, "1")
            self.assertEqual(again.read_bytes(), (self.folder / f"{variant}.tflite").read_bytes(), variant)
        self.convert("none", self.folder / "h5.tflite", "2", "mobilenetv2_waste.h5")
        self.assertEqual((self.folder / "h5.tflite").read_bytes(), (self.folder / "none.tflite").read_bytes())


if __name__ == "__main__":
    unittest.main()
