"""`optimize` as users run it: other people's files, data without labels, no data, bounds, choices, equal bytes."""
import json
import os
import pathlib
import shutil
import unittest

import numpy as np
from PIL import Image

from command_case import DATA, MODEL, CommandTest, burin, contents, digits

SHARED = pathlib.Path(os.environ.get("BURIN_SHARED", pathlib.Path(__file__).resolve().parents[3] / "shared"))
NAMES = ["fp32", "fp16", "dynamic", "int8"]


class Optimize(CommandTest):
    def optimized(self, *arguments, code=0, model=MODEL, output=None):
        return self.json_of("optimize", model, *arguments, "--output", output or self.folder / "results", code=code)

    def names(self, value):
        return [variant["name"] for variant in value["variants"]]

    def named(self, value, name):
        return next(variant for variant in value["variants"] if variant["name"] == name)

    def parts(self):
        """train, val and test of pictures; test holds other digits than val."""
        pixels, labels = digits()
        counts = {"train": 12, "val": 6, "test": 7}
        for label in range(10):
            rows = iter(np.flatnonzero(labels == label))
            for part, count in counts.items():
                folder = self.folder / "parts" / part / f"digit{label}"
                folder.mkdir(parents=True)
                for k in range(count):
                    Image.fromarray(pixels[next(rows)]).save(folder / f"{k}.png")
        return self.folder / "parts"


class Models(Optimize):
    def test_a_float_tflite_of_somebody_else(self):
        model = self.folder / "others_final.tflite"
        self.assert_done(burin("convert", MODEL, "-o", model))
        before = model.read_bytes()
        value = self.optimized("--data", DATA, model=model)
        self.assertEqual(value["original"]["name"], "tflite")
        self.assertEqual(self.names(value), NAMES)
        self.assertEqual(sorted(contents(self.folder / "results")), sorted(f"others_{name}.tflite" for name in NAMES))
        # The same pictures, the same accuracies as from the Keras file, but for what float rounding may move.
        keras = self.optimized("--data", DATA, output=self.folder / "keras")
        for name in ("fp32", "fp16", "dynamic"):
            self.assertAlmostEqual(self.named(value, name)["accuracy"], self.named(keras, name)["accuracy"], delta=0.006)
        self.assertEqual(self.named(value, "fp32")["agreement"], 1.0)
        self.assertGreater(self.named(value, "int8")["accuracy"], 0.9)
        self.assertEqual(model.read_bytes(), before)
        self.assertIn("Original TFLite", burin("optimize", model, "--output", self.folder / "results").stdout)

    def test_a_result_in_the_way_of_its_model(self):
        """waste_fp32.keras makes waste_fp32_fp32.tflite; waste.tflite beside waste_fp32.tflite keeps both."""
        model = self.folder / "m.tflite"
        self.assert_done(burin("convert", MODEL, "-o", model))
        here = self.optimized("--variants", "fp32", model=model, output=self.folder)
        self.assertEqual(here["variants"][0]["path"], str(self.folder / "m_fp32.tflite"))
        link = self.folder / "l.tflite"
        link.symlink_to(self.folder / "l_fp32.tflite")
        shutil.copy(model, self.folder / "l_fp32.tflite")
        before = contents(self.folder)
        self.assert_error(burin("optimize", link, "--variants", "fp32", "--force", "--output", self.folder), "l_fp32.tflite")
        self.assertEqual(contents(self.folder), before)

    def test_an_integer_model_is_refused(self):
        model = self.folder / "m.tflite"
        self.assert_done(burin("convert", MODEL, "-o", model, "--quantize", "int8", "--calibration", DATA))
        self.assert_error(burin("optimize", model, "--data", DATA, "--output", self.folder / "results"), "m.tflite",
                          "quantized already")
        self.assertFalse((self.folder / "results").exists())

    def test_names_of_results(self):
        for name, stem in (("waste_final", "waste"), ("final", "final"), ("_final", "_final"), ("a.b_final", "a.b"),
                           ("x_final_final", "x_final")):
            with self.subTest(name):
                model = self.folder / f"{name}.keras"
                shutil.copy(MODEL, model)
                value = self.optimized("--variants", "fp32", model=model)
                self.assertEqual(pathlib.Path(value["variants"][0]["path"]).name, f"{stem}_fp32.tflite")

    def test_the_default_folder(self):
        self.assert_done(burin("optimize", MODEL, "--variants", "fp16", cwd=self.folder))
        self.assertEqual(list(contents(self.folder)), ["outputs/models/digits_mobilenet_fp16.tflite"])

    def test_corpus(self):
        """Float files that other converters wrote, as far as their operators are covered."""
        folder = SHARED / "corpus" / "tflite"
        if not folder.is_dir():
            self.skipTest(f"no corpus in {SHARED}")
        done = 0
        for model in sorted(folder.rglob("*.tflite"), key=lambda path: path.stat().st_size):
            if model.stat().st_size > 6_000_000:
                continue
            described = burin("inspect", model, "--json", "-")
            if described.returncode != 0:
                continue
            inspected = json.loads(described.stdout)
            shapes = [tensor["shape"] for tensor in inspected["inputs"]]
            convolutions = sum(count for name, count in inspected["operators"].items() if "CONV" in name or name == "FULLY_CONNECTED")
            if convolutions < 2 or len(shapes) != 1 or len(shapes[0]) != 4 or shapes[0][3] not in (1, 3):
                continue
            if any(tensor["type"] != "float32" for tensor in inspected["inputs"] + inspected["outputs"]):
                continue
            with self.subTest(model.name):
                data = self.folder / "data.npz"
                rng = np.random.default_rng(0)
                np.savez(data, x=rng.uniform(-1, 1, (60, *shapes[0][1:])).astype(np.float32))
                result = burin("optimize", model, "--data", data, "--preprocess", "tf", "--json", "-", "--output",
                               self.folder / "corpus", "--objective", "size", "--samples", "16")
                if "quantized already" in result.stderr:
                    continue
                self.assertIn(result.returncode, (0, 1), result.stderr)
                value = json.loads(result.stdout)
                self.assertEqual(self.names(value), NAMES)
                fp32 = self.named(value, "fp32")
                self.assertEqual(fp32["agreement"], 1.0)
                self.assertTrue(fp32["snr_db"] is None or fp32["snr_db"] > 80)
                done += 1
            if done == 2:
                break
        self.assertGreater(done, 0)


class DataOfAllKinds(Optimize):
    def test_arrays_without_labels(self):
        data = self.folder / "x.npz"
        np.savez(data, x=digits(300)[0][..., None])
        value = self.optimized("--data", data)
        self.assertFalse(value["labeled"])
        for figures in [value["original"], *value["variants"]]:
            for key in ("accuracy", "top5_accuracy", "val_accuracy", "drop", "drop_ci95", "val_drop"):
                self.assertIsNone(figures[key], key)
            self.assertGreater(figures["agreement"], 0.8)
        self.assertEqual(self.named(value, "fp32")["agreement"], 1.0)
        snr = {name: self.named(value, name)["snr_db"] for name in ("fp16", "dynamic", "int8")}
        self.assertGreater(snr["fp16"], snr["dynamic"])
        self.assertGreater(snr["int8"], 5)
        table = burin("optimize", MODEL, "--data", data, "--output", self.folder / "results").stdout
        for text in ("Agreement", "SNR (dB)"):
            self.assertIn(text, table)
        self.assertNotIn("Accuracy", table)
        self.assert_error(burin("optimize", MODEL, "--data", data, "--min-accuracy", "0.5", "--output", self.folder / "results"),
                          "--min-accuracy needs labelled data")

    def test_no_data(self):
        done = burin("optimize", MODEL, "--output", self.folder / "results")
        self.assert_done(done)
        self.assertRegex(done.stdout, "INT8 was left out: .*--data.*--calibration")
        self.assertEqual(sorted(contents(self.folder / "results")),
                         sorted(f"digits_mobilenet_{name}.tflite" for name in ("fp32", "fp16", "dynamic")))
        value = self.optimized()
        self.assertEqual(value["left_out"][0]["name"], "int8")
        self.assertIn("--calibration", value["left_out"][0]["reason"])
        self.assertEqual((value["val_samples"], value["test_samples"], value["calibration_samples"]), (0, 0, 0))

    def test_calibration_alone(self):
        value = self.optimized("--calibration", DATA, "--samples", "40")
        self.assertEqual(self.names(value), NAMES)
        self.assertEqual(value["calibration_samples"], 40)
        self.assertFalse(value["labeled"])

    def test_train_calibrates_val_chooses_test_is_reported(self):
        parts = self.parts()
        value = self.optimized("--data", parts)
        self.assertEqual((value["calibration_samples"], value["val_samples"], value["test_samples"]), (120, 60, 70))
        for variant in value["variants"]:
            for part, key in (("test", "accuracy"), ("val", "val_accuracy")):
                again = self.json_of("evaluate", variant["path"], "--data", parts, "--split", part)
                self.assertEqual(again["accuracy"], variant[key])
                self.assertEqual(again["accuracy"], self.json_of("evaluate", variant["path"], "--data", parts / part)["accuracy"])
            for part, key in (("test", "drop"), ("val", "val_drop")):
                original = self.json_of("evaluate", MODEL, "--data", parts / part)["accuracy"]
                again = self.json_of("evaluate", variant["path"], "--data", parts / part)["accuracy"]
                self.assertAlmostEqual(variant[key], original - again, places=9)
        self.assertEqual(self.json_of("evaluate", MODEL, "--data", parts)["split"], "test")
        # The same pictures of train calibrate `convert`: the same file.
        out = self.folder / "int8.tflite"
        self.assert_done(burin("convert", MODEL, "-o", out, "--quantize", "int8", "--calibration", parts))
        self.assertEqual(out.read_bytes(), pathlib.Path(self.named(value, "int8")["path"]).read_bytes())
        # --calibration takes train's place.
        other = self.optimized("--data", parts, "--calibration", DATA, "--samples", "50")
        self.assertEqual((other["calibration_samples"], other["test_samples"]), (50, 70))

    def test_parts_that_are_missing_are_said(self):
        parts = self.parts()
        shutil.rmtree(parts / "val")
        value = self.optimized("--data", parts, "--variants", "fp32")
        self.assertEqual((value["val_samples"], value["test_samples"]), (70, 70))
        self.assertTrue(any("no val part" in warning for warning in value["warnings"]))
        shutil.rmtree(parts / "train")
        shutil.copytree(parts / "test", parts / "val")
        value = self.optimized("--data", parts)
        self.assertEqual([left_out["name"] for left_out in value["left_out"]], ["int8"])

    def test_few_pictures_are_said(self):
        value = self.optimized("--data", self.picture_folder("few", each=10), "--variants", "fp32")
        self.assertTrue(any("only" in warning and "pictures" in warning for warning in value["warnings"]))
        self.assertEqual(sum((value["val_samples"], value["test_samples"])), 40)

    def test_classes_by_name(self):
        """Some of the classes suffice where the model's labels name them."""
        labels = self.folder / "labels.txt"
        labels.write_text("".join(f"digit{label}\n" for label in range(10)))
        data = self.folder / "subset"
        shutil.copytree(self.picture_folder("all", each=20), data)
        for label in (0, 1, 2, 5, 6, 7, 8, 9):
            shutil.rmtree(data / f"digit{label}")
        value = self.optimized("--data", data, "--labels", labels, "--variants", "fp32")
        self.assertGreater(value["original"]["accuracy"], 0.8)


class Choices(Optimize):
    def hard_data(self):
        """Mixtures of digits near the border of two classes, labelled as the float model sees them: its accuracy is 1."""
        rng = np.random.default_rng(1)
        pixels = digits()[0][..., None].astype(np.float32)
        share = rng.uniform(0.3, 0.7, (3000, 1, 1, 1))
        x = pixels[rng.integers(0, len(pixels), 3000)] * share + pixels[rng.integers(0, len(pixels), 3000)] * (1 - share)
        x = x.round().astype(np.uint8)
        np.savez(self.folder / "x.npz", input0=x.astype(np.float32))
        self.assert_done(burin("run", MODEL, "--input", self.folder / "x.npz", "--output", self.folder / "y.npz"))
        scores = np.load(self.folder / "y.npz")["output0"]
        best = np.sort(scores, -1)
        hard = np.argsort(best[:, -1] - best[:, -2], kind="stable")[:400]
        np.savez(self.folder / "hard.npz", x=x[hard], y=scores[hard].argmax(-1))
        return self.folder / "hard.npz"

    def test_fallback(self):
        value = self.optimized("--data", DATA, "--fallback", "--max-accuracy-drop", "1")
        self.assertEqual(value["recommended"], "int8")
        hard = self.hard_data()
        value = self.optimized("--data", hard, "--fallback", "--max-accuracy-drop", "0")
        self.assertEqual(value["original"]["accuracy"], 1.0)
        self.assertFalse(self.named(value, "int8")["meets_bound"])
        expected = next(name for name in ("int8", "fp16", "fp32") if self.named(value, name)["val_drop"] <= 0)
        self.assertEqual(value["recommended"], expected)
        # dynamic is no part of the order.
        value = self.optimized("--data", hard, "--fallback", "--max-accuracy-drop", "1", "--variants", "dynamic,fp32")
        self.assertEqual(value["recommended"], "fp32")

    def test_val_chooses_not_test(self):
        value = self.optimized("--data", self.hard_data(), "--objective", "size", "--max-accuracy-drop", "0.02")
        for variant in value["variants"]:
            self.assertEqual(variant["meets_bound"], variant["val_drop"] <= 0.02 + 1e-9)
            self.assertEqual("misses the bound" in variant["note"], not variant["meets_bound"])
        fitting = [variant for variant in value["variants"] if variant["meets_bound"]]
        self.assertLess(len(fitting), 4)
        self.assertEqual(value["recommended"], min(fitting, key=lambda variant: variant["size_bytes"])["name"])

    def test_a_bound_that_nothing_meets(self):
        hard = self.hard_data()
        arguments = ["--data", hard, "--variants", "int8", "--max-accuracy-drop", "0"]
        value = self.optimized(*arguments, code=1)
        self.assertIsNone(value["recommended"])
        self.assertFalse(value["bound_met"])
        # The files are written and measured all the same: the user asked for them.
        self.assertEqual(list(contents(self.folder / "results")), ["digits_mobilenet_int8.tflite"])
        done = burin("optimize", MODEL, *arguments, "--output", self.folder / "results")
        self.assertEqual(done.returncode, 1)
        self.assertIn("Recommended: none", done.stdout)
        self.assertIn("no variant meets the bound", done.stdout)
        self.optimized("--data", DATA, "--variants", "fp32", "--min-accuracy", "1", code=1)
        # Falling back is no failure.
        value = self.optimized("--data", hard, "--variants", "int8,fp32", "--max-accuracy-drop", "0")
        self.assertEqual(value["recommended"], "fp32")

    def test_some_variants(self):
        value = self.optimized("--data", DATA, "--variants", "int8,fp32")
        self.assertEqual(sorted(self.names(value)), ["fp32", "int8"])
        self.assertEqual(sorted(contents(self.folder / "results")),
                         ["digits_mobilenet_fp32.tflite", "digits_mobilenet_int8.tflite"])
        value = self.optimized("--data", DATA, "--variants", "fp16,fp16")
        self.assertEqual(self.names(value), ["fp16"])


class Files(Optimize):
    def test_equal_bytes(self):
        outputs = {}
        for name, arguments in {"first": [], "again": [], "one": ["--threads", "1"], "two": ["--threads", "2"],
                                "five": ["--threads", "5"], "other order": ["--variants", "int8,dynamic,fp16,fp32"]}.items():
            self.optimized("--data", DATA, *arguments, output=self.folder / name)
            outputs[name] = contents(self.folder / name)
        for name, files in outputs.items():
            self.assertEqual(files, outputs["first"], name)
        self.optimized("--data", DATA, "--seed", "1", "--samples", "20", "--variants", "int8", output=self.folder / "seed")
        seeded = contents(self.folder / "seed")["digits_mobilenet_int8.tflite"]
        self.assertNotEqual(seeded, outputs["first"]["digits_mobilenet_int8.tflite"])
        # `convert` writes the same files.
        for name, kind in (("fp32", "none"), ("fp16", "fp16"), ("dynamic", "dynamic")):
            out = self.folder / f"{name}.tflite"
            self.assert_done(burin("convert", MODEL, "-o", out, "--quantize", kind))
            self.assertEqual(out.read_bytes(), outputs["first"][f"digits_mobilenet_{name}.tflite"], name)

    def test_force(self):
        results = self.folder / "results"
        results.mkdir()
        notes = results / "digits_mobilenet_fp16.tflite"
        notes.write_text("notes of somebody, no model")
        (results / "mine.txt").write_text("mine")
        (results / "other_fp32.tflite").write_bytes(b"\x1c\0\0\0TFL3 of another model")
        before = contents(results)
        self.assert_error(burin("optimize", MODEL, "--output", results), "digits_mobilenet_fp16.tflite", "--force")
        self.assertEqual(contents(results), before)
        # What is not asked for is not in the way.
        self.optimized("--variants", "fp32")
        self.assertEqual(notes.read_text(), "notes of somebody, no model")
        self.optimized("--force")
        after = contents(results)
        self.assertEqual(after["digits_mobilenet_fp16.tflite"][4:8], b"TFL3")
        self.assertEqual({name: after[name] for name in ("mine.txt", "other_fp32.tflite")},
                         {name: before[name] for name in ("mine.txt", "other_fp32.tflite")})
        # Results of before are replaced without being asked; folders never.
        self.optimized()
        notes.unlink()
        notes.mkdir()
        self.assert_error(burin("optimize", MODEL, "--output", results, "--force"), "digits_mobilenet_fp16.tflite")
        self.assertEqual(sorted(contents(results)), sorted(set(after) - {notes.name}))


if __name__ == "__main__":
    unittest.main()
