"""Peak memory of `burin convert`: what Burin holds of a model are at most two forms at any time."""

import json
import os
import pathlib
import tempfile
import unittest
import zipfile

import h5py
import numpy as np

BURIN = os.environ["BURIN"]
UNITS = 2048
LAYERS = 6
WEIGHT_BYTES = LAYERS * UNITS * UNITS * 4


def write_model(folder):
    """A chain of dense layers as Keras 3 saves it, nearly all of it weights."""
    rng = np.random.default_rng(0)
    layers = [{"class_name": "InputLayer", "module": "keras.layers",
               "config": {"name": "x", "batch_shape": [None, UNITS], "dtype": "float32"}}]
    weights = folder / "model.weights.h5"
    with h5py.File(weights, "w") as file:
        for i in range(LAYERS):
            layers.append({"class_name": "Dense", "module": "keras.layers",
                           "config": {"name": f"dense_{i}", "units": UNITS, "activation": "relu", "use_bias": True}})
            group = file.create_group(f"layers/dense{f'_{i}' if i else ''}/vars")
            group["0"] = rng.standard_normal((UNITS, UNITS), np.float32) * np.float32(np.sqrt(2 / UNITS))
            group["1"] = np.zeros(UNITS, np.float32)
    path = folder / "model.keras"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("config.json", json.dumps({"class_name": "Sequential", "module": "keras",
                                                    "config": {"name": "chain", "layers": layers}}))
        archive.write(weights, "model.weights.h5")
    return path


def peak_bytes(*arguments):
    """Runs burin; the high-water mark of its memory."""
    process = os.posix_spawn(BURIN, [BURIN, *arguments], os.environ)
    _, status, usage = os.wait4(process, 0)
    return os.waitstatus_to_exitcode(status), usage.ru_maxrss * 1024


class ConvertMemory(unittest.TestCase):
    def test_at_most_three_times_the_weights(self):
        with tempfile.TemporaryDirectory() as name:
            folder = pathlib.Path(name)
            model = write_model(folder)
            samples = folder / "samples.npz"
            np.savez(samples, x=np.random.default_rng(1).standard_normal((4, UNITS)).astype(np.float32))
            for quantize in ("none", "fp16", "dynamic", "int8"):
                with self.subTest(quantize=quantize):
                    written = folder / f"{quantize}.tflite"
                    calibration = ["--calibration", str(samples)] if quantize == "int8" else []
                    code, peak = peak_bytes("convert", str(model), "-o", str(written), "--quantize", quantize,
                                            *calibration, "--quiet")
                    self.assertEqual(code, 0)
                    print(f"{quantize}: {peak / WEIGHT_BYTES:.2f} times the weights")
                    self.assertLess(peak, 3 * WEIGHT_BYTES)


if __name__ == "__main__":
    unittest.main()
