"""--json: one object on standard output and nothing else, the same in a file, as docs/schema says, for every command."""
import copy
import json
import os
import re
import shutil
import subprocess
import unittest

import numpy as np

from command_case import BURIN, DATA, FIXTURES, MODEL, ROOT, CommandTest, burin, digits, schema
from json_schema import violations

# Figures without a unit: counts, shares and what is named after its unit.
UNITS = ("_bytes", "_ms", "_db", "_ci95", "_percent", "_gmac_per_s")
WITHOUT_UNIT = {
    "accuracy", "top5_accuracy", "val_accuracy", "precision", "recall", "agreement", "val_agreement", "drop", "val_drop",
    "max_accuracy_drop", "min_accuracy", "score", "scale", "max_relative_difference",
}


def strict(text):
    """JSON without NaN and Infinity, which json.loads takes by default."""

    def refuse(constant):
        raise ValueError(f"{constant} is no JSON")

    return json.loads(text, parse_constant=refuse)


def keys_and_values(value):
    if isinstance(value, dict):
        for key, item in value.items():
            yield key, item
            yield from keys_and_values(item)
    elif isinstance(value, list):
        for item in value:
            yield from keys_and_values(item)


class JsonOutput(CommandTest):
    @classmethod
    def setUpClass(cls):
        cls.shared = CommandTest()
        CommandTest.setUp(cls.shared)
        cls.addClassCleanup(cls.shared.doCleanups)
        folder = cls.shared.folder
        for kind, name in (("none", "fp32"), ("int8", "int8")):
            done = burin("convert", MODEL, "-o", folder / f"{name}.tflite", "--quantize", kind, "--calibration", DATA,
                         "--samples", "32")
            assert done.returncode == 0, done.stderr
        x, y = digits(120)
        np.savez(folder / "labeled.npz", x=x[..., None], y=y)
        np.savez(folder / "unlabeled.npz", x=x[..., None])
        np.savez(folder / "input.npz", input0=x[:3, ..., None].astype(np.float32))
        dictionary = np.load(FIXTURES / "dictionary.npz")
        np.savez(folder / "dictionary.npz", **{key: dictionary[key] for key in dictionary if key.startswith("input")})
        flat = folder / "flat"
        flat.mkdir()
        for k, path in enumerate(sorted(cls.shared.picture_folder("pictures", each=6).glob("*/*.png"))):
            shutil.copy(path, flat / f"{k}.png")

    def commands(self):
        here = self.shared.folder
        fp32, int8, labeled, unlabeled = (here / n for n in ("fp32.tflite", "int8.tflite", "labeled.npz", "unlabeled.npz"))
        out = ["-o", self.folder / "out.tflite"]
        yield from (["list", what] for what in ("operators", "layers", "passes"))
        yield from (["inspect", model] for model in (MODEL, fp32, int8, FIXTURES / "cnn.h5", FIXTURES / "dictionary.keras"))
        yield from (["convert", MODEL, *out, "--quantize", kind] for kind in ("none", "fp16", "dynamic"))
        yield ["convert", MODEL, *out, "--quantize", "int8", "--calibration", labeled, "--io", "uint8"]
        yield ["convert", MODEL, *out, "--quantize", "int4", "--calibration", labeled]
        yield ["convert", fp32, *out, "--no-verify"]
        yield ["evaluate", MODEL, "--data", labeled]
        yield ["evaluate", int8, "--data", labeled, "--reference", MODEL, "--split", "val", "--arithmetic", "reference"]
        yield ["evaluate", int8, "--data", unlabeled, "--reference", MODEL]
        yield ["evaluate", MODEL, "--data", here / "flat"]
        yield ["evaluate", int8, "--data", here / "pictures"]
        yield ["compare", MODEL, int8, "--data", labeled]
        yield ["compare", MODEL, fp32, "--data", unlabeled]
        yield ["benchmark", fp32, "--runs", "2", "--warmup", "0"]
        yield ["benchmark", MODEL, "--runs", "2", "--warmup", "1", "--profile", "--threads", "2"]
        yield ["run", MODEL, "--input", here / "input.npz"]
        yield ["run", int8, "--input", here / "input.npz", "--top", "0", "--output", self.folder / "y.npz", "--raw"]
        yield ["run", MODEL, "--input", here / "flat" / "0.png", "--top", "99"]
        yield ["run", FIXTURES / "dictionary.keras", "--input", here / "dictionary.npz"]
        yield ["optimize", MODEL, "--data", labeled, "--output", self.folder, "--min-accuracy", "0.5"]
        yield ["optimize", MODEL, "--data", here / "pictures", "--output", self.folder, "--fallback"]
        yield ["optimize", fp32, "--data", unlabeled, "--output", self.folder / "of_tflite", "--variants", "fp16,int8"]
        yield ["optimize", MODEL, "--output", self.folder, "--objective", "size"]

    def test_every_command(self):
        seen = {}
        for command in self.commands():
            with self.subTest(command=" ".join(map(str, command))):
                done = burin(*command, "--json", "-", "--quiet")
                self.assert_done(done)
                value = strict(done.stdout)  # one object, nothing before or after it
                self.assertIsInstance(value, dict)
                self.assertEqual(violations(value, schema(command[0])), [])
                self.assertEqual(value["schema_version"], 1)
                seen.setdefault(command[0], []).append(value)
                operators = value.pop("operators", None) if command[0] == "inspect" else None  # keys are names
                for key, item in keys_and_values(value):
                    self.assertRegex(key, r"^[a-z][a-z0-9]*(_[a-z0-9]+)*$")
                    if isinstance(item, float):
                        self.assertTrue(key.endswith(UNITS) or key in WITHOUT_UNIT, f"{key}: which unit?")
                if operators is not None:
                    value["operators"] = operators
        self.assertEqual(set(seen), {path.name.split(".")[0] for path in (ROOT / "docs" / "schema").iterdir()})
        for name, values in seen.items():
            # A key that no run has, or a schema that does not see one that is missing, is untested.
            documented = set(schema(name)["properties"])
            self.assertEqual(documented, set().union(*values), name)
            for value in values:
                for key in schema(name)["required"]:
                    less = copy.copy(value)
                    del less[key]
                    self.assertNotEqual(violations(less, schema(name)), [])

    def test_schemas_name_every_command(self):
        for text in re.findall(r"^  ([a-z]+) ", burin("--help").stdout, re.M):
            self.assertTrue((ROOT / "docs" / "schema" / f"{text}.schema.json").is_file(), text)

        def objects(value, where):
            if isinstance(value, dict):
                if value.get("type") == "object" or (isinstance(value.get("type"), list) and "object" in value["type"]):
                    yield where, value
                for key, item in value.items():
                    yield from objects(item, f"{where}.{key}")

        for path in sorted((ROOT / "docs" / "schema").iterdir()):
            for where, value in objects(json.loads(path.read_text()), path.name):
                with self.subTest(where):
                    self.assertIn("additionalProperties", value)
                    self.assertLessEqual(set(value.get("required", [])), set(value.get("properties", {})))

    def test_a_file_holds_the_same(self):
        here = self.shared.folder
        for command in (["list", "layers"], ["inspect", here / "int8.tflite"], ["evaluate", MODEL, "--data", here / "labeled.npz"],
                        ["convert", MODEL, "-o", self.folder / "out.tflite", "--quantize", "fp16"],
                        ["compare", MODEL, here / "int8.tflite", "--data", here / "labeled.npz"],
                        ["run", MODEL, "--input", here / "input.npz"]):
            with self.subTest(command=command[0]):
                path = self.folder / "new" / f"{command[0]}.json"
                written = burin(*command, "--json", path)
                printed = burin(*command, "--json", "-")
                self.assert_done(written)
                self.assert_done(printed)
                self.assertEqual(path.read_text(), printed.stdout)
                # What people read is on standard output with a file, and moves to standard error with "-".
                self.assertTrue(written.stdout.strip())
                for line in written.stdout.strip().splitlines():
                    self.assertIn(line, printed.stderr)
                before = path.read_bytes()
                self.assert_error(burin(command[0], "missing.keras", *command[2:], "--json", path), "missing.keras" if
                                  command[0] != "list" else "--help")
                self.assertEqual(path.read_bytes(), before)

    def test_an_error_prints_no_json(self):
        self.assert_error(burin("evaluate", MODEL, "--data", self.folder / "missing", "--json", "-"), "missing")

    def test_names_that_are_no_utf8(self):
        model = os.fsencode(self.folder) + b"/caf\xe9 \x01\"\\.keras"
        shutil.copy(MODEL, model)
        done = subprocess.run([BURIN, "inspect", model, "--json", "-"], capture_output=True)
        self.assertEqual(done.returncode, 0)
        value = strict(done.stdout.decode("utf-8"))
        self.assertTrue(value["model"].endswith("caf\ufffd \x01\"\\.keras"))

    def test_scores_that_are_not_finite_are_null(self):
        x = np.full((1, 8, 8, 1), np.nan, np.float32)
        np.savez(self.folder / "nan.npz", input0=x)
        done = burin("run", MODEL, "--input", self.folder / "nan.npz", "--json", "-")
        self.assert_done(done)
        self.assertIsNone(strict(done.stdout)["outputs"][0]["top"][0][0]["score"])


class Validator(unittest.TestCase):
    """The checker of the tests itself: it must find what it is there to find."""

    def test_violations(self):
        rules = {"type": "object", "required": ["a"], "additionalProperties": False, "properties": {
            "a": {"type": "integer", "minimum": 0}, "b": {"type": ["array", "null"], "items": {"enum": ["x", "y"]}}}}
        self.assertEqual(violations({"a": 1, "b": ["x"]}, rules), [])
        self.assertEqual(violations({"a": 1, "b": None}, rules), [])
        for wrong in ({}, {"a": -1}, {"a": 1.5}, {"a": True}, {"a": 1, "b": ["z"]}, {"a": 1, "c": 1}, [], {"a": "1"}):
            self.assertNotEqual(violations(wrong, rules), [], wrong)


if __name__ == "__main__":
    unittest.main()
