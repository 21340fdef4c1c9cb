"""The `.tflite` files that Burin writes, judged by LiteRT, by its schema and by Python's zipfile.

Files of the shared corpus are read and written back by `rewrite_tflite`; both must give the same bytes as outputs in
LiteRT and, where it runs the original, in tflite-runtime 2.14.
"""

import json
import os
import pathlib
import subprocess
import tempfile
import unittest
import zipfile

import numpy as np
import tflite_runtime.interpreter
from ai_edge_litert import schema_py_generated as schema
from ai_edge_litert.interpreter import Interpreter

REPOSITORY = pathlib.Path(__file__).resolve().parents[2]
SHARED = pathlib.Path(os.environ.get("BURIN_SHARED", REPOSITORY.parent / "shared"))
REWRITE = pathlib.Path(os.environ["BURIN_BUILD"]) / "rewrite_tflite"
RUNTIMES = {"LiteRT": Interpreter, "tflite-runtime": tflite_runtime.interpreter.Interpreter}


def seeded_inputs(interpreter):
    random = np.random.default_rng(0)
    inputs = []
    for detail in interpreter.get_input_details():
        kind, shape = np.dtype(detail["dtype"]), detail["shape"]
        if kind.kind == "f":
            inputs.append(random.uniform(-1, 1, shape).astype(kind))
        elif kind == np.bool_:
            inputs.append(random.integers(0, 2, shape).astype(kind))
        else:
            info = np.iinfo(kind)
            low, high = (info.min, info.max + 1) if info.bits <= 16 else (0, 3)
            inputs.append(random.integers(low, high, shape, dtype=kind))
    return inputs


def run(interpreter, inputs):
    interpreter.allocate_tensors()
    for detail, values in zip(interpreter.get_input_details(), inputs):
        interpreter.set_tensor(detail["index"], values)
    interpreter.invoke()
    return [interpreter.get_tensor(detail["index"]) for detail in interpreter.get_output_details()]


class WrittenBack(unittest.TestCase):
    def test_corpus_files_run_as_before(self):
        index = SHARED / "corpus" / "tflite_index.json"
        if not index.exists():
            self.skipTest(f"{index} is not there")
        files = [SHARED / "corpus" / name for name in sorted(json.loads(index.read_text()))]
        files += sorted((SHARED / "models" / "waste" / "incumbent").glob("*.tflite"))
        compared, lacking = 0, 0
        with tempfile.TemporaryDirectory() as folder:
            for original in files:
                written = pathlib.Path(folder) / "written.tflite"
                result = subprocess.run([REWRITE, original, written], capture_output=True, text=True)
                if result.returncode == 3:
                    lacking += 1
                    continue
                with self.subTest(file=original.name):
                    self.assertEqual(result.returncode, 0, result.stderr)
                    compared += self.compare(original, written)
        print(f"{compared} runs equal, {lacking} of {len(files)} files have operators or types that Burin lacks")
        self.assertGreater(compared, 100)

    def compare(self, original, written):
        runs = 0
        for name, runtime in RUNTIMES.items():
            inputs = seeded_inputs(Interpreter(model_path=str(original)))
            try:
                expected = run(runtime(model_path=str(original), num_threads=1), inputs)
            except (RuntimeError, ValueError):
                self.assertNotEqual(name, "LiteRT", f"{original} does not run in LiteRT")
                continue
            actual = run(runtime(model_path=str(written), num_threads=1), inputs)
            self.assertEqual([a.tobytes() for a in actual], [e.tobytes() for e in expected], name)
            runs += 1
        return runs


class SmallClassifier(unittest.TestCase):
    LABELS = "glass\nmetal\npapier-mâché\nplastic\ntrash\n"

    @classmethod
    def setUpClass(cls):
        cls.folder = tempfile.TemporaryDirectory()
        cls.path = pathlib.Path(cls.folder.name) / "small.tflite"
        subprocess.run([REWRITE, "--small", cls.path], check=True)
        cls.bytes = cls.path.read_bytes()
        cls.model = schema.ModelT.InitFromPackedBuf(cls.bytes, 0)

    @classmethod
    def tearDownClass(cls):
        cls.folder.cleanup()

    def test_labels_are_a_zip_member(self):
        with zipfile.ZipFile(self.path) as archive:
            self.assertIsNone(archive.testzip())
            self.assertEqual(archive.namelist(), ["labels.txt"])
            self.assertEqual(archive.read("labels.txt").decode(), self.LABELS)

    def test_metadata_has_its_identifier_and_names_the_labels(self):
        entry = self.model.metadata[0]
        self.assertEqual(entry.name, b"TFLITE_METADATA")
        metadata = bytes(self.model.buffers[entry.buffer].data)
        self.assertEqual(metadata[4:8], b"M001")
        for text in (b"small", b"a small classifier", b"labels.txt", b"image", b"output_0"):
            self.assertIn(text, metadata)

    def test_follows_the_schema(self):
        self.assertEqual(self.model.version, 3)
        self.assertIsNone(self.model.buffers[0].data)
        signature = self.model.signatureDefs[0]
        self.assertEqual(signature.signatureKey, b"serving_default")
        self.assertEqual([m.name for m in signature.inputs], [b"image"])
        graph = self.model.subgraphs[0]
        image = graph.tensors[graph.inputs[0]]
        self.assertEqual(image.name, b"serving_default_image:0")
        self.assertEqual(list(image.shape), [1, 17, 15, 3])
        self.assertEqual(list(image.shapeSignature), [-1, 17, 15, 3])
        self.assertEqual(graph.tensors[graph.outputs[0]].name, b"StatefulPartitionedCall:0")
        self.assertEqual({c.version for c in self.model.operatorCodes}, {1})

    def test_batch_can_be_resized(self):
        pictures = np.random.default_rng(1).uniform(-1, 1, (3, 17, 15, 3)).astype(np.float32)
        for name, runtime in RUNTIMES.items():
            with self.subTest(runtime=name):
                single = [run(runtime(model_path=str(self.path)), [p[None]])[0] for p in pictures]
                batched = runtime(model_path=str(self.path))
                batched.resize_tensor_input(batched.get_input_details()[0]["index"], [3, 17, 15, 3])
                np.testing.assert_allclose(run(batched, [pictures])[0], np.concatenate(single), atol=1e-6)

    def test_signature_runs(self):
        runner = Interpreter(model_path=str(self.path)).get_signature_runner("serving_default")
        output = runner(image=np.zeros((1, 17, 15, 3), np.float32))
        self.assertEqual(output["output_0"].shape, (1, 5))
        self.assertAlmostEqual(float(output["output_0"].sum()), 1.0, places=5)


if __name__ == "__main__":
    unittest.main()
