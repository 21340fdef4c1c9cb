"""The program as users call it: exit codes, error texts, JSON against docs/schema, files that appear whole or not."""
import json
import os
import pathlib
import shutil
import unittest

import numpy as np

from command_case import DATA, MODEL, CommandTest, burin, schema
from json_schema import violations


class Usage(CommandTest):
    def test_help_and_version(self):
        for arguments in (["--help"], ["--version"], ["--licenses"]):
            self.assert_done(burin(*arguments))
        licences = burin("--licenses").stdout
        for name in ("Apache License", "libjpeg-turbo", "Independent JPEG Group", "libpng", "zlib", "minizip",
                     "nlohmann", "CLI11", "{fmt}", "FlatBuffers", "libstdc++"):
            self.assertIn(name, licences)
        for command in ("optimize", "convert", "evaluate", "compare", "benchmark", "run", "inspect", "list"):
            done = burin(command, "--help")
            self.assert_done(done)
            self.assertIn("Examples:", done.stdout)
            for option in ("--threads", "--json", "--quiet"):
                self.assertIn(option, done.stdout)

    def test_what_is_not_there_is_unknown(self):
        for arguments in (
            ["finetune", MODEL], ["deploy", MODEL], ["optimize", MODEL, "--report", "x.html"],
            ["convert", MODEL, "-o", "x.tflite", "--recipe", "r.json"],
            ["convert", MODEL, "-o", "x.tflite", "--quantize", "int16x8"],
            ["convert", MODEL, "-o", "x.tflite", "--quantize", "int4-weights"],
            ["compare", MODEL, MODEL, "--data", DATA, "--layers"], ["convert", MODEL], [], ["benchmark", MODEL, "--runs", "0"],
        ):
            with self.subTest(arguments=arguments):
                self.assert_error(burin(*arguments), "--help")


class Errors(CommandTest):
    def test_models(self):
        text = self.folder / "text.keras"
        text.write_text("no model at all")
        onnx = self.folder / "model.onnx"
        onnx.write_bytes(b"\x08\x07\x12\x07pytorch")
        short = self.folder / "short.keras"
        short.write_bytes(MODEL.read_bytes()[:5000])
        out = self.folder / "out.tflite"
        out.write_bytes(b"\x1c\0\0\0TFL3 an older result")
        older = out.read_bytes()
        for model in ("missing.keras", text, onnx, short, self.folder):
            with self.subTest(model=model):
                self.assert_error(burin("convert", model, "-o", out), pathlib.Path(model).name)
        self.assertEqual(out.read_bytes(), older)
        self.assertEqual(sorted(path.name for path in self.folder.iterdir()),
                         ["model.onnx", "out.tflite", "short.keras", "text.keras"])

    def test_data(self):
        (self.folder / "empty").mkdir()
        broken = self.picture_folder("broken")
        (broken / "digit3" / "0.png").write_bytes(b"no picture")
        numbers = self.folder / "numbers.npz"
        np.savez(numbers, samples=np.zeros((3, 8, 8)))
        sizes = self.folder / "sizes.npz"
        np.savez(sizes, x=np.zeros((3, 5, 7), np.float32), y=np.zeros(3, int))
        labels = self.folder / "labels.npz"
        x = np.load(DATA)["x"][:3]
        np.savez(labels, x=x, y=np.array([0, 1, 99]))
        cases = {
            "missing folder": (self.folder / "missing", "missing"),
            "empty folder": (self.folder / "empty", "no pictures"),
            "no picture": (broken, "0.png"),
            "too few classes": (self.picture_folder("few", classes=4), "4 class folders"),
            "no x": (numbers, "no array 'x'"),
            "other sizes": (sizes, "x has shape"),
            "labels beyond the outputs": (labels, "99"),
        }
        for name, (data, part) in cases.items():
            with self.subTest(name):
                self.assert_error(burin("evaluate", MODEL, "--data", data, "--preprocess", "none"), part)
                self.assert_error(burin("optimize", MODEL, "--data", data, "--variants", "fp32", "--preprocess", "none",
                                        "--output", self.folder / "results"), "burin: error:")
                self.assertEqual(list(self.folder.glob("results/*")), [])

    def test_calibration_is_asked_for(self):
        out = self.folder / "out.tflite"
        self.assert_error(burin("convert", MODEL, "-o", out, "--quantize", "int8"), "--calibration")
        self.assertFalse(out.exists())

    def test_outputs(self):
        self.assert_error(burin("convert", MODEL, "-o", self.folder / "out.onnx"), ".tflite")
        copy = self.folder / "copy.tflite"
        self.assert_done(burin("convert", MODEL, "-o", copy))
        converted = copy.read_bytes()
        self.assert_error(burin("convert", copy, "-o", copy), "never overwritten")
        self.assert_error(burin("convert", copy, "-o", copy, "--force"), "never overwritten")
        self.assertEqual(copy.read_bytes(), converted)
        notes = self.folder / "notes.tflite"
        notes.write_text("somebody's notes, no model")
        self.assert_error(burin("convert", MODEL, "-o", notes), "--force")
        self.assertEqual(notes.read_text(), "somebody's notes, no model")
        self.assert_done(burin("convert", MODEL, "-o", notes, "--force"))
        self.assertEqual(notes.read_bytes(), converted)

    @unittest.skipIf(os.geteuid() == 0, "root may write everywhere")
    def test_unwritable_folder(self):
        locked = self.folder / "locked"
        locked.mkdir(mode=0o500)
        self.assert_error(burin("convert", MODEL, "-o", locked / "out.tflite"), "locked")

    def test_a_file_where_a_folder_should_be(self):
        (self.folder / "file").write_text("")
        self.assert_error(burin("convert", MODEL, "-o", self.folder / "file" / "out.tflite"), "out.tflite")

    def test_a_write_that_fails_midway_leaves_the_old_file(self):
        out = self.folder / "out.tflite"
        self.assert_done(burin("convert", MODEL, "-o", out))
        before = out.read_bytes()
        self.assertGreater(len(before), 20 * 1024)
        self.assert_error(burin("convert", MODEL, "-o", out, file_limit=10 * 1024), "out.tflite")
        self.assertEqual(out.read_bytes(), before)
        self.assertEqual([path.name for path in self.folder.iterdir()], ["out.tflite"])


class Commands(CommandTest):
    def test_convert(self):
        for kind in ("none", "fp16", "dynamic"):
            with self.subTest(kind):
                out = self.folder / "new" / f"{kind}.tflite"
                value = self.json_of("convert", MODEL, "-o", out, "--quantize", kind)
                self.assertEqual(value["size_bytes"], out.stat().st_size)
                self.assertTrue(value["verified"])
                self.assertEqual(burin("convert", MODEL, "-o", self.folder / "again.tflite", "--quantize", kind,
                                       "--threads", "1").returncode, 0)
                self.assertEqual(out.read_bytes(), (self.folder / "again.tflite").read_bytes())
        self.assertFalse(self.json_of("convert", MODEL, "-o", out, "--no-verify")["verified"])

    def test_convert_int8(self):
        for io in ("float32", "int8", "uint8"):
            with self.subTest(io):
                out = self.folder / f"{io}.tflite"
                value = self.json_of("convert", MODEL, "-o", out, "--quantize", "int8", "--calibration", DATA,
                                     "--io", io, "--samples", "64")
                self.assertEqual(value["calibration_samples"], 64)
                self.assertEqual(self.json_of("inspect", out)["inputs"][0]["type"], io)

    def test_convert_int4(self):
        sizes = {}
        for kind in ("int8", "int4"):
            out = self.folder / f"{kind}.tflite"
            value = self.json_of("convert", MODEL, "-o", out, "--quantize", kind, "--calibration", DATA, "--samples", "64")
            self.assertEqual(value["quantize"], kind)
            sizes[kind] = value["size_bytes"]
            again = self.folder / "again.tflite"
            self.assert_done(burin("convert", MODEL, "-o", again, "--quantize", kind, "--calibration", DATA,
                                   "--samples", "64", "--threads", "1"))
            self.assertEqual(out.read_bytes(), again.read_bytes())
        self.assertLess(sizes["int4"], 0.8 * sizes["int8"])

    def test_evaluate_and_compare(self):
        value = self.json_of("evaluate", MODEL, "--data", DATA)
        self.assertGreater(value["accuracy"], 0.9)
        self.assertEqual(value["samples"], sum(map(sum, value["confusion_matrix"])))
        self.assertEqual(value, {**self.json_of("evaluate", MODEL, "--data", DATA, "--threads", "1"),
                                 "threads": value["threads"]})
        out = self.folder / "fp32.tflite"
        self.assert_done(burin("convert", MODEL, "-o", out))
        value = self.json_of("compare", MODEL, out, "--data", DATA)
        self.assertEqual(value["agreement"], 1.0)
        self.assertEqual(value["drop"], 0.0)
        test_part = self.json_of("evaluate", out, "--data", DATA, "--reference", MODEL, "--split", "test")
        self.assertEqual(test_part["split"], "test")
        self.assertLess(test_part["samples"], value["samples"])

    def test_evaluate_pictures(self):
        folder = self.picture_folder("pictures")
        value = self.json_of("evaluate", MODEL, "--data", folder, "--preprocess", "none")
        self.assertEqual(value["samples"], 30)
        self.assertEqual([c["name"] for c in value["classes"]], [f"digit{k}" for k in range(10)])

    def test_benchmark(self):
        value = self.json_of("benchmark", MODEL, "--warmup", "1", "--runs", "3", "--profile")
        self.assertEqual(value["runs"], 3)
        self.assertGreater(value["median_ms"], 0)
        self.assertGreater(value["peak_memory_bytes"], 0)
        self.assertGreaterEqual(value["first_result_ms"], value["load_ms"])
        self.assertEqual(sum(o["steps"] for o in value["operators"]), len(value["steps"]))
        inspected = self.json_of("inspect", MODEL)
        self.assertEqual(value["total"]["multiply_accumulates"], inspected["multiply_accumulates"])
        self.assertGreaterEqual(value["total"]["weight_bytes"], inspected["constant_bytes"])
        self.assertGreater(value["peak"]["float32_gmac_per_s"], 0)
        for key in ("median_ms", "read_bytes", "written_bytes", "weight_bytes", "multiply_accumulates"):
            for rows in (value["steps"], value["operators"]):
                self.assertAlmostEqual(sum(row[key] for row in rows), value["total"][key], 6, key)

    def test_inspect_and_list(self):
        value = self.json_of("inspect", MODEL)
        self.assertEqual(value["format"], "keras")
        self.assertGreater(value["multiply_accumulates"], 0)
        for what in ("operators", "layers", "passes"):
            self.assertGreater(len(self.json_of("list", what)["items"]), 3)

    def test_run(self):
        data = np.load(DATA)
        shape = self.json_of("inspect", MODEL)["inputs"][0]["shape"][1:]
        x = data["x"][:5].astype(np.float32).reshape(5, *shape)
        batch, single = self.folder / "batch.npz", self.folder / "single.npy"
        np.savez(batch, input0=x)
        np.save(single, x[2])
        out = self.folder / "out.npz"
        value = self.json_of("run", MODEL, "--input", batch, "--output", out, "--top", "2")
        scores = np.load(out)["output0"]
        self.assertEqual(scores.shape, (5, 10))
        self.assertEqual([row[0]["index"] for row in value["outputs"][0]["top"]], scores.argmax(-1).tolist())
        self.assert_done(burin("run", MODEL, "--input", single, "--output", out))
        np.testing.assert_allclose(np.load(out)["output0"][0], scores[2], rtol=1e-5, atol=1e-7)
        int8 = self.folder / "int8.tflite"
        self.assert_done(burin("convert", MODEL, "-o", int8, "--quantize", "int8", "--io", "int8", "--calibration", DATA))
        self.assert_done(burin("run", int8, "--input", batch, "--output", out, "--raw"))
        self.assertEqual(np.load(out)["output0"].dtype, np.int8)
        self.assert_done(burin("run", int8, "--input", batch, "--output", out))
        self.assertEqual(np.load(out)["output0"].dtype, np.float32)
        np.savez(batch, input0=data["x"][:13].astype(np.float32).reshape(13, *shape))
        done = burin("run", MODEL, "--input", batch, "--top", "1")
        self.assert_done(done)
        self.assertIn("and 3 more rows", done.stdout)
        self.assertEqual(len(done.stdout.splitlines()), 1 + 2 + 10 + 1, done.stdout)
        np.savez(batch, wrong=x, other=x)
        self.assert_error(burin("run", MODEL, "--input", batch), "no array for the model's input")

    def test_json_file_and_quiet(self):
        path = self.folder / "result.json"
        done = burin("inspect", MODEL, "--json", path, "--quiet")
        self.assert_done(done)
        self.assertEqual(violations(json.loads(path.read_text()), schema("inspect")), [])
        self.assertEqual(done.stderr, "")


class Optimize(CommandTest):
    def test_whole(self):
        model = self.folder / "digits_final.keras"
        shutil.copy(MODEL, model)
        out = self.folder / "results"
        (out).mkdir()
        (out / "mine.txt").write_text("untouched")
        value = self.json_of("optimize", model, "--data", DATA, "--objective", "size", "--output", out)
        self.assertEqual([v["name"] for v in value["variants"]], ["fp32", "fp16", "dynamic", "int8"])
        for variant in value["variants"]:
            path = pathlib.Path(variant["path"])
            self.assertEqual(path, out / f"digits_{variant['name']}.tflite")
            self.assertEqual(path.stat().st_size, variant["size_bytes"])
            # The figure is that of the file: `evaluate` finds the same.
            again = self.json_of("evaluate", path, "--data", DATA, "--split", "test")
            self.assertEqual(again["accuracy"], variant["accuracy"])
        self.assertEqual(len(list(out.iterdir())), 5)
        self.assertEqual(value["original"]["drop"], 0.0)
        fitting = [v for v in value["variants"] if v["meets_bound"]]
        self.assertEqual(value["recommended"], min(fitting, key=lambda v: v["size_bytes"])["name"])
        self.assertEqual([line.split(":")[0] for line in value["advice"]], ["server", "desktop", "mobile/edge"])
        self.assertEqual(value["calibration_samples"], 200)

    def test_table(self):
        done = burin("optimize", MODEL, "--data", DATA, "--variants", "fp32", "--output", self.folder)
        self.assert_done(done)
        for text in ("Optimization Summary", "Model Type", "Size (MB)", "Accuracy", "Latency (ms)", "Peak Memory (MiB)",
                     "Size Reduction", "Original Keras", "FP32", "Recommended: FP32", "server: ", "desktop: ",
                     "mobile/edge: "):
            self.assertIn(text, done.stdout)

    def test_without_data(self):
        value = self.json_of("optimize", MODEL, "--output", self.folder)
        self.assertEqual([v["name"] for v in value["variants"]], ["fp32", "fp16", "dynamic"])
        self.assertEqual([v["name"] for v in value["left_out"]], ["int8"])
        self.assertFalse(value["labeled"])

    def test_without_labels(self):
        flat = self.folder / "flat"
        flat.mkdir()
        for k, path in enumerate(sorted(self.picture_folder("pictures", each=10).glob("*/*.png"))):
            shutil.copy(path, flat / f"{k}.png")
        value = self.json_of("optimize", MODEL, "--data", flat, "--preprocess", "none", "--output", self.folder,
                             "--objective", "size")
        self.assertFalse(value["labeled"])
        for variant in value["variants"]:
            self.assertIsNone(variant["accuracy"])
            self.assertGreater(variant["agreement"], 0.8)

    def test_a_bound_that_nothing_meets_is_exit_1(self):
        value = self.json_of("optimize", MODEL, "--data", DATA, "--variants", "fp32", "--min-accuracy", "1",
                             "--output", self.folder, code=1)
        self.assertIsNone(value["recommended"])
        self.assertFalse(value["bound_met"])


if __name__ == "__main__":
    unittest.main()
