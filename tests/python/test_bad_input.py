"""Whatever a user or a damaged disk can hand to the program: exit code 2, two lines that name the file and a remedy, no
signal, older results untouched to the byte, nothing left behind."""
import io
import json
import os
import pathlib
import random
import shutil
import struct
import subprocess
import unittest
import zipfile

import h5py
import numpy as np
from PIL import Image

from command_case import BURIN, DATA, FIXTURES, MODEL, CommandTest, burin, contents, digits

OLDER = b"\x1c\0\0\0TFL3 an older result"


def read_archive(path=MODEL):
    with zipfile.ZipFile(path) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def write_archive(path, entries, compression=zipfile.ZIP_STORED):
    with zipfile.ZipFile(path, "w", compression) as archive:
        for name, content in entries.items():
            archive.writestr(name, content)


def edited_weights(weights, edit):
    """HDF5 bytes after edit(h5py.File)."""
    file = io.BytesIO(weights)
    with h5py.File(file, "r+") as h5:
        edit(h5)
    return file.getvalue()


def flipped(content, rng):
    changed = bytearray(content)
    for _ in range(rng.choice((1, 1, 1, 2, 4))):
        changed[rng.randrange(len(changed))] ^= 1 << rng.randrange(8)
    return bytes(changed)


class BadInput(CommandTest):
    def setUp(self):
        super().setUp()
        self.results = self.folder / "results"
        self.results.mkdir()
        self.out = self.results / "out.tflite"
        self.out.write_bytes(OLDER)

    def edited(self, name="edited.keras", config=None, weights=None, **entries):
        """The example with another configuration or other weights."""
        archive = read_archive()
        if config is not None:
            value = json.loads(archive["config.json"])
            config(value)
            archive["config.json"] = json.dumps(value)
        if weights is not None:
            archive["model.weights.h5"] = edited_weights(archive["model.weights.h5"], weights)
        archive.update({key.replace("_json", ".json"): value for key, value in entries.items()})
        write_archive(self.folder / name, archive)
        return self.folder / name

    def assert_refused(self, model, *parts):
        """`convert` names the model and leaves the folder of results as it was."""
        self.assert_error(burin("convert", model, "-o", self.out), pathlib.Path(model).name, *parts)
        self.assertEqual(contents(self.results), {"out.tflite": OLDER})

    def assert_clean(self, path, *arguments):
        """Damage may go unnoticed; what may not happen is anything but a clean run or a clean error."""
        done = burin(*arguments)
        if done.returncode == 0:
            return False
        self.assert_error(done, path.name)
        return True


class DamagedFiles(BadInput):
    def base_files(self):
        self.assert_done(burin("convert", MODEL, "-o", self.folder / "fp32.tflite"))
        self.assert_done(burin("convert", MODEL, "-o", self.folder / "int8.tflite", "--quantize", "int8",
                               "--calibration", DATA, "--samples", "16"))
        np.savez_compressed(self.folder / "data.npz", x=digits(40)[0][..., None], y=digits(40)[1])
        shutil.copy(MODEL, self.folder / "whole.keras")
        shutil.copy(FIXTURES / "cnn.h5", self.folder / "whole.h5")
        return [self.folder / name for name in ("whole.keras", "whole.h5", "fp32.tflite", "int8.tflite", "data.npz")]

    def command(self, path):
        if path.suffix == ".npz":
            return ["evaluate", MODEL, "--data", path]
        return ["convert", path, "-o", self.results / "new.tflite"]

    def test_truncated(self):
        for base in self.base_files():
            content = base.read_bytes()
            self.assertEqual(burin(*self.command(base)).returncode, 0, base)
            (self.results / "new.tflite").unlink(missing_ok=True)
            short = self.folder / f"short{base.suffix}"
            for size in (0, 1, 3, 8, 50, len(content) // 3, len(content) // 2, len(content) - 100, len(content) - 1):
                with self.subTest(base=base.name, size=size):
                    short.write_bytes(content[:size])
                    # The last byte is padding of a .tflite, and half the length of a zip archive's comment.
                    if size == len(content) - 1 and base.suffix != ".h5":
                        self.assert_clean(short, *self.command(short))
                        (self.results / "new.tflite").unlink(missing_ok=True)
                        continue
                    self.assert_error(burin(*self.command(short)), short.name)
                    self.assertEqual(contents(self.results), {"out.tflite": OLDER})

    def test_bits_flipped(self):
        found = {}
        for base in self.base_files():
            content = base.read_bytes()
            rng = random.Random(base.name)
            damaged = self.folder / f"damaged{base.suffix}"
            for k in range(30):
                # The first half anywhere, the rest where headers and directories are.
                part = content if k % 2 == 0 else content[:2048] if k % 4 == 1 else content[-2048:]
                at = content.index(part)
                damaged.write_bytes(content[:at] + flipped(part, rng) + content[at + len(part):])
                with self.subTest(base=base.name, k=k):
                    found[base.name] = found.get(base.name, 0) + self.assert_clean(damaged, *self.command(damaged))
                    self.assertEqual(self.out.read_bytes(), OLDER)
                    self.assertLessEqual(set(contents(self.results)), {"out.tflite", "new.tflite"})
        for name, count in found.items():
            self.assertGreater(count, 2, name)  # the test does damage what is read

    def test_bits_flipped_below_the_checksum(self):
        """Weights and configuration damaged inside an archive whose checksums are right."""
        archive = read_archive(FIXTURES / "cnn.keras")
        damaged = self.folder / "damaged.keras"
        for name in ("model.weights.h5", "config.json"):
            rng = random.Random(name)
            found = 0
            for k in range(30):
                content = archive[name]
                part = content if k % 2 == 0 else content[:3000]
                write_archive(damaged, {**archive, name: flipped(part, rng) + content[len(part):]})
                with self.subTest(entry=name, k=k):
                    found += self.assert_clean(damaged, *self.command(damaged))
            self.assertGreater(found, 5, name)

    def test_numpy_arrays_damaged_below_the_checksum(self):
        arrays = {}
        for name, array in (("x", digits(12)[0][..., None]), ("y", digits(12)[1])):
            buffer = io.BytesIO()
            np.save(buffer, array)
            arrays[f"{name}.npy"] = buffer.getvalue()
        damaged = self.folder / "damaged.npz"
        rng = random.Random("npy")
        found = 0
        for k in range(30):
            name = rng.choice(("x.npy", "y.npy"))
            head, rest = arrays[name][:100], arrays[name][100:]
            write_archive(damaged, {**arrays, name: flipped(head, rng) + rest})
            with self.subTest(k=k):
                found += self.assert_clean(damaged, *self.command(damaged))
        self.assertGreater(found, 5)


class HostileFiles(BadInput):
    def zip_bomb(self, name, entries):
        path = self.folder / name
        write_archive(path, entries, zipfile.ZIP_DEFLATED)
        self.assertLess(path.stat().st_size, 2 << 20)
        return path

    def test_zip_bombs(self):
        """They are refused before anything is inflated: 256 MiB of address space are enough to say so."""
        archive = read_archive()
        size = 66 << 20
        bomb = self.zip_bomb("bomb.keras", {"config.json": b" " * size, "model.weights.h5": archive["model.weights.h5"][:100]})
        header = io.BytesIO()
        np.lib.format.write_array_header_1_0(header, {"descr": "|u1", "fortran_order": False, "shape": (size,)})
        arrays = self.zip_bomb("bomb.npz", {"x.npy": header.getvalue() + bytes(size)})
        # Many entries, each below the limit of one.
        many = self.zip_bomb("many.npz", {f"a{k}.npy": header.getvalue() + bytes(12 << 20) for k in range(6)})
        for command in (["convert", bomb, "-o", self.out], ["inspect", bomb], ["evaluate", MODEL, "--data", arrays],
                        ["run", MODEL, "--input", arrays], ["evaluate", MODEL, "--data", many],
                        ["convert", MODEL, "-o", self.out, "--quantize", "int8", "--calibration", many]):
            with self.subTest(command=" ".join(map(str, command))):
                name = next(path.name for path in (bomb, arrays, many) if path in command)
                self.assert_error(burin(*command, memory_limit=256 << 20), name, "zip bomb")
        self.assertEqual(contents(self.results), {"out.tflite": OLDER})

    def test_an_archive_that_lies_about_sizes(self):
        for claimed in (10, 0xFFFFFFF0):
            with self.subTest(claimed=claimed):
                path = self.folder / "lies.keras"
                write_archive(path, read_archive(), zipfile.ZIP_DEFLATED)
                content = bytearray(path.read_bytes())
                directory = content.index(b"PK\x01\x02")
                struct.pack_into("<I", content, directory + 24, claimed)
                path.write_bytes(content)
                self.assert_refused(path)

    def test_json(self):
        deep = "[" * 200_000 + "]" * 200_000
        nested = '{"config": ' * 100_000 + "1" + "}" * 100_000
        models = {"class_name": "Sequential", "config": {"name": "m", "layers": []}}
        for _ in range(100):
            models = {"class_name": "Sequential", "config": {"name": "m", "layers": [models]}}
        for name, text in {
            "deep.keras": deep, "nested.keras": nested, "models.keras": json.dumps(models), "empty.keras": "",
            "nothing.keras": "null", "number.keras": "1e999", "list.keras": "[]", "text.keras": '"model"',
            "open.keras": '{"class_name": "Functional"', "bytes.keras": b"{\xff\xfe}",
        }.items():
            with self.subTest(name):
                self.assert_refused(self.edited(name, config_json=text))

    def test_huge_json(self):
        """Megabytes that deflate to little: more layers than any model has, one long name, a list of numbers."""
        layer = json.dumps({"class_name": "ReLU", "config": {"name": "r"}, "name": "r", "inbound_nodes": []})
        for name, text in {
            "layers.keras": '{"class_name": "Functional", "config": {"name": "m", "layers": [' +
                            ",".join([layer] * 50_000) + "]}}",
            "name.keras": json.dumps({"class_name": "A" * (5 << 20), "config": {}}),
            "numbers.keras": '{"class_name": "Sequential", "config": [' + "1," * (1 << 20) + "1]}",
        }.items():
            with self.subTest(name):
                path = self.folder / name
                write_archive(path, {**read_archive(), "config.json": text}, zipfile.ZIP_DEFLATED)
                done = burin("convert", path, "-o", self.out)
                self.assert_error(done, name)
                self.assertLess(len(done.stderr), 40_000)

    def test_hdf5_that_refers_to_itself(self):
        def loop(h5):
            h5["layers/loop"] = h5["layers"]
            h5["layers/conv2d/vars/up"] = h5["/"]

        def soft_loop(h5):
            del h5["layers/dense"]
            h5["layers/dense"] = h5py.SoftLink("/layers/dense")

        def external(h5):
            del h5["layers/dense"]
            h5["layers/dense"] = h5py.ExternalLink("/etc/passwd", "/")

        # A loop that no weight's path goes through does no harm.
        self.assert_clean(self.edited("loop.keras", weights=loop), "convert", self.folder / "loop.keras", "-o",
                          self.results / "new.tflite")
        (self.results / "new.tflite").unlink(missing_ok=True)
        self.assert_refused(self.edited("soft.keras", weights=soft_loop), "dense")
        self.assert_refused(self.edited("external.keras", weights=external), "dense")
        with h5py.File(self.folder / "loop.h5", "w") as h5:
            h5["model_weights"] = h5["/"]
            h5.attrs["model_config"] = json.dumps(json.loads(read_archive()["config.json"]))
        self.assert_refused(self.folder / "loop.h5")


class ModelsThatContradictThemselves(BadInput):
    def test_weights_of_another_shape(self):
        def dense(h5):
            del h5["layers/dense/vars/0"]
            h5["layers/dense/vars/0"] = np.zeros((7, 10), np.float32)

        def convolution(h5):
            shape = h5["layers/conv2d/vars/0"].shape
            del h5["layers/conv2d/vars/0"]
            h5["layers/conv2d/vars/0"] = np.zeros((*shape[:3], shape[3] + 1), np.float32)

        def normalization(h5):
            del h5["layers/batch_normalization/vars/2"]
            h5["layers/batch_normalization/vars/2"] = np.zeros(3, np.float32)

        self.assert_refused(self.edited("dense.keras", weights=dense), "7x10", self.layer("Dense"))
        self.assert_refused(self.edited("conv.keras", weights=convolution), self.layer("Conv2D"))
        self.assert_refused(self.edited("bn.keras", weights=normalization), self.layer("BatchNormalization"))

    def layer(self, class_name):
        layers = json.loads(read_archive()["config.json"])["config"]["layers"]
        return next(layer["name"] for layer in layers if layer["class_name"] == class_name)

    def test_missing_weights(self):
        def one(h5):
            del h5["layers/dense/vars/1"]

        def layer(h5):
            del h5["layers/conv2d"]

        def everything(h5):
            del h5["layers"]

        self.assert_refused(self.edited("one.keras", weights=one), self.layer("Dense"))
        self.assert_refused(self.edited("layer.keras", weights=layer), self.layer("Conv2D"))
        self.assert_refused(self.edited("all.keras", weights=everything))

    def test_weights_of_another_type(self):
        def words(h5):
            shape = h5["layers/dense/vars/1"].shape
            del h5["layers/dense/vars/1"]
            h5["layers/dense/vars/1"] = np.full(shape, "one", h5py.string_dtype())

        self.assert_refused(self.edited("words.keras", weights=words), self.layer("Dense"))

    def test_a_missing_part(self):
        for name in ("config.json", "model.weights.h5"):
            with self.subTest(name):
                entries = read_archive()
                del entries[name]
                write_archive(self.folder / "part.keras", entries)
                self.assert_refused(self.folder / "part.keras", name)

    def test_every_unknown_layer_is_named_with_its_path(self):
        def unknown(config):
            layers = config["config"]["layers"]
            layers[2]["class_name"] = "MyScaling"
            layers[-1]["class_name"] = "MyHead"
            layers[-1]["registered_name"] = "Custom>MyHead"
            layers[5]["class_name"] = "Lambda"

        config = json.loads(read_archive()["config.json"])
        names = [config["config"]["layers"][k]["name"] for k in (2, 5, -1)]
        self.assert_refused(self.edited(config=unknown), "MyScaling", "MyHead", "Lambda", *names)

    def test_unknown_layers_inside_models_inside(self):
        def unknown(config):
            for layer in config["config"]["layers"]:
                if layer["class_name"] in ("Functional", "Sequential"):
                    layer["config"]["layers"][-1]["class_name"] = "Strange"

        archive = read_archive(FIXTURES / "nested.keras")
        config = json.loads(archive["config.json"])
        inner = [layer for layer in config["config"]["layers"] if layer["class_name"] in ("Functional", "Sequential")]
        self.assertTrue(inner)
        unknown(config)
        write_archive(self.folder / "nested.keras", {**archive, "config.json": json.dumps(config)})
        self.assert_refused(self.folder / "nested.keras", "Strange",
                            *(f"{layer['name']}/{layer['config']['layers'][-1]['config']['name']}" for layer in inner))

    def test_a_model_that_needs_too_much_memory(self):
        config = {"class_name": "Sequential", "config": {"name": "large", "layers": [
            {"class_name": "InputLayer", "config": {"name": "in", "batch_shape": [None, 100_000, 100_000, 1]}},
            {"class_name": "ReLU", "config": {"name": "relu"}}]}}
        weights = io.BytesIO()
        with h5py.File(weights, "w") as h5:
            h5.create_group("layers")
        model = self.folder / "large.keras"
        write_archive(model, {"config.json": json.dumps(config), "model.weights.h5": weights.getvalue()})
        self.assert_done(burin("inspect", model))
        for command in (["convert", model, "-o", self.out], ["benchmark", model], ["evaluate", model, "--data", DATA],
                        ["optimize", model, "--output", self.results]):
            with self.subTest(command[0]):
                self.assert_error(burin(*command), "large.keras")
        self.assertEqual(contents(self.results), {"out.tflite": OLDER})

    def test_layers_that_form_a_loop(self):
        def loop(config):
            layers = config["config"]["layers"]
            layers[2]["inbound_nodes"][0]["args"][0]["config"]["keras_history"][0] = layers[4]["name"]

        self.assert_refused(self.edited(config=loop), "loop")


class OtherFormats(BadInput):
    def test_what_makes_a_model_that_burin_reads(self):
        saved = self.folder / "saved"
        saved.mkdir()
        (saved / "saved_model.pb").write_bytes(b"\x08\x01\x12")
        onnx = self.folder / "model.onnx"
        onnx.write_bytes(b"\x08\x07\x12\x07pytorch")
        torch = self.folder / "model.pt"
        write_archive(torch, {"model/data.pkl": b"\x80\x02}q\x00.", "model/version": b"3\n"})
        old_torch = self.folder / "old.pth"
        old_torch.write_bytes(b"\x80\x02\x8a\nl\xfc\x9cF\xf9 j\xa8P\x19.")
        graph = self.folder / "frozen.pb"
        graph.write_bytes(b"\n\x0b\n\x01x")
        weights = self.folder / "only.weights.h5"
        weights.write_bytes(read_archive()["model.weights.h5"])
        for model, tool in ((saved, "TFLiteConverter"), (saved / "saved_model.pb", "TFLiteConverter"),
                            (onnx, "onnx2tf"), (torch, "ai-edge-torch"), (old_torch, "ai-edge-torch"),
                            (graph, "TFLiteConverter"), (weights, "model.save")):
            for command in (["convert", model, "-o", self.out], ["optimize", model, "--output", self.results],
                            ["inspect", model], ["benchmark", model], ["run", model, "--input", DATA],
                            ["evaluate", model, "--data", DATA], ["compare", MODEL, model, "--data", DATA]):
                with self.subTest(model=model.name, command=command[0]):
                    self.assert_error(burin(*command), model.name, tool)
        self.assertEqual(contents(self.results), {"out.tflite": OLDER})

    def test_folders_and_missing_files(self):
        for model in (self.folder, self.folder / "missing.keras", MODEL / "below", "", "/dev/null", "/proc/self/mem"):
            for command in (["convert", model, "-o", self.out], ["inspect", model], ["evaluate", model, "--data", DATA]):
                with self.subTest(model=str(model), command=command[0]):
                    self.assert_error(burin(*command), model)
        self.assertEqual(contents(self.results), {"out.tflite": OLDER})


class Data(BadInput):
    """Every command that reads data says what is wrong with it and writes nothing."""

    def assert_data_refused(self, data, *parts, calibration=True):
        commands = [["evaluate", MODEL, "--data", data], ["compare", MODEL, MODEL, "--data", data],
                    ["optimize", MODEL, "--data", data, "--output", self.results, "--force"]]
        if calibration:
            commands += [["convert", MODEL, "-o", self.out, "--quantize", "int8", "--calibration", data],
                         ["optimize", MODEL, "--calibration", data, "--output", self.results]]
        for command in commands:
            with self.subTest(command=command[0], data=str(data)):
                self.assert_error(burin(*command), *parts)
        self.assertEqual(contents(self.results), {"out.tflite": OLDER})

    def test_folders(self):
        empty = self.folder / "empty"
        empty.mkdir()
        self.assert_data_refused(empty, "empty", "no pictures")
        classes = self.folder / "classes"
        for label in range(10):
            (classes / f"digit{label}").mkdir(parents=True)
        self.assert_data_refused(classes, "classes", "no pictures")
        (classes / "digit1" / "notes.txt").write_text("no picture")
        self.assert_data_refused(classes, "classes", "no pictures")
        self.assert_data_refused(self.folder / "missing", "missing")
        circle = self.picture_folder("circle")
        (circle / "digit0" / "again").symlink_to(circle, target_is_directory=True)
        self.assert_data_refused(circle, "circle")

    def test_pictures_that_are_no_pictures(self):
        buffer = io.BytesIO()
        Image.fromarray(np.random.default_rng(0).integers(0, 256, (64, 64), np.uint8)).save(buffer, "JPEG")
        jpeg = buffer.getvalue()
        for name, content in {"text.jpg": b"no picture at all", "zero.jpg": b"", "short.jpg": jpeg[:len(jpeg) // 2],
                              "end.jpeg": jpeg[:-20], "short.png": b"\x89PNG\r\n\x1a\n\0\0"}.items():
            with self.subTest(name):
                folder = self.folder / name.replace(".", "_")
                self.picture_folder(folder.name)
                # All pictures of a class, so that every part of the data has some.
                for picture in (folder / "digit3").iterdir():
                    picture.unlink()
                for k in range(8):
                    (folder / "digit3" / f"{k}_{name}").write_bytes(content)
                self.assert_data_refused(folder, f"_{name}")
                self.assert_error(burin("run", MODEL, "--input", folder / "digit3" / f"0_{name}"), f"0_{name}")
        link = self.picture_folder("links")
        (link / "digit3" / "gone.png").symlink_to(self.folder / "gone")
        self.assert_error(burin("evaluate", MODEL, "--data", link), "gone.png")

    def test_classes_that_do_not_match(self):
        for classes in (1, 4, 12):
            with self.subTest(classes=classes):
                folder = self.picture_folder(f"of{classes}", classes=min(classes, 10), each=6)
                for extra in range(10, classes):
                    shutil.copytree(folder / "digit0", folder / f"digit{extra}")
                plural = "folder" if classes == 1 else "folders"
                self.assert_data_refused(folder, f"{classes} class {plural}", "10", str(folder), calibration=False)
                # Calibration takes folders as strata: any number will do.
                self.assert_done(burin("convert", MODEL, "-o", self.folder / "int8.tflite", "--quantize", "int8",
                                       "--calibration", folder))
        labels = self.folder / "labels.txt"
        labels.write_text("one\ntwo\n")
        self.assert_error(burin("convert", MODEL, "-o", self.out, "--labels", labels), "labels.txt", "2 labels")
        self.assert_error(burin("optimize", MODEL, "--labels", labels, "--output", self.results), "labels.txt")

    def test_arrays(self):
        x, y = digits(60)
        x = x[..., None]
        for name, arrays, part in (
            ("nox", dict(samples=x), "'x'"), ("scalar", dict(x=np.float32(1)), "'x'"),
            ("norows", dict(x=x[:0], y=y[:0]), "no rows"), ("size", dict(x=np.zeros((9, 5, 7)), y=np.zeros(9)), "9x5x7"),
            ("words", dict(x=x.astype(str)), "array x"), ("complex", dict(x=x.astype(complex)), "array x"),
        ):
            with self.subTest(name):
                path = self.folder / f"{name}.npz"
                np.savez(path, **arrays)
                self.assert_data_refused(path, path.name, part)
        for name, labels in (("short", y[:7]), ("negative", y.astype(int) - 5), ("half", y + 0.5),
                             ("nan", np.full(len(y), np.nan)), ("far", y.astype(int) + 5), ("cube", y.reshape(-1, 2, 2))):
            with self.subTest(name):
                path = self.folder / f"y_{name}.npz"
                np.savez(path, x=x, y=labels)
                self.assert_data_refused(path, path.name, calibration=False)

    def test_objects_are_never_unpickled(self):
        path = self.folder / "objects.npz"
        np.savez(path, x=np.array([{"a": 1}], object))
        self.assert_data_refused(path, path.name)

    def test_inputs_of_run(self):
        x = digits(3)[0][..., None].astype(np.float32)
        bad = self.folder / "bad.npz"
        for name, arrays, part in (
            ("names", dict(first=x, second=x), "no array"), ("shape", dict(input0=x[:, :5]), "3x5x8x1"),
            ("rank", dict(input0=x.reshape(3, 1, 1, 1, 64)), "3x1x1x1x64"), ("none", dict(input0=x[:0]), "0x8x8x1"),
            ("scalar", dict(input0=np.float32(3)), "scalar"),
        ):
            with self.subTest(name):
                np.savez(bad, **arrays)
                self.assert_error(burin("run", MODEL, "--input", bad, "--output", self.out, "--json", "-"), "bad.npz", part)
        np.savez(bad)
        self.assert_error(burin("run", MODEL, "--input", bad), "bad.npz")
        two = FIXTURES / "dictionary.keras"
        np.savez(bad, input0=np.zeros((1, 2), np.float32))
        self.assert_error(burin("run", two, "--input", bad), "bad.npz")
        self.assert_error(burin("evaluate", two, "--data", DATA), "dictionary.keras")
        self.assert_error(burin("compare", MODEL, FIXTURES / "cnn.keras", "--data", DATA), "cnn.keras", "shapes")
        labels = self.folder / "labels.txt"
        labels.write_text("one\ntwo\n")
        np.savez(bad, input0=x)
        self.assert_error(burin("run", MODEL, "--input", bad, "--labels", labels, "--output", self.out), "labels.txt")
        self.assertEqual(contents(self.results), {"out.tflite": OLDER})


class Outputs(BadInput):
    def test_writes_that_fail_midway(self):
        x = self.folder / "x.npz"
        np.savez(x, input0=digits(500)[0][..., None].astype(np.float32))
        self.assert_done(burin("optimize", MODEL, "--variants", "fp32,fp16", "--output", self.results, "--data", DATA))
        self.assert_done(burin("run", MODEL, "--input", x, "--output", self.results / "y.npz"))
        before = contents(self.results)
        for limit in (0, 1, 4096, 10_000):
            for command, name in (
                (["convert", MODEL, "-o", self.out], "out.tflite"),
                (["convert", MODEL, "-o", self.out, "--quantize", "int8", "--calibration", DATA], "out.tflite"),
                (["optimize", MODEL, "--variants", "fp32,fp16", "--output", self.results, "--data", DATA], "fp32.tflite"),
                (["run", MODEL, "--input", x, "--output", self.results / "y.npz"], "y.npz"),
            ):
                with self.subTest(limit=limit, command=command[0]):
                    self.assert_error(burin(*command, file_limit=limit), name, "file-size limit")
                    self.assertEqual(contents(self.results), before)
        done = burin("inspect", MODEL, "--json", self.results / "result.json", file_limit=100)
        self.assertEqual(done.returncode, 2)
        self.assertIn("result.json: cannot write the file: File too large", done.stderr)
        self.assertEqual(contents(self.results), before)

    def test_the_second_of_two_results_does_not_fit(self):
        """fp16 fits the limit, fp32 does not: neither replaces the older result."""
        self.assert_done(burin("optimize", MODEL, "--variants", "fp32,fp16", "--output", self.results))
        before = contents(self.results)
        large = len(before["digits_mobilenet_fp32.tflite"])
        small = len(before["digits_mobilenet_fp16.tflite"])
        self.assert_error(burin("optimize", MODEL, "--variants", "fp16,fp32", "--output", self.results, "--seed", "3",
                                file_limit=(large + small) // 2), "fp32.tflite", "file-size limit")
        self.assertEqual(contents(self.results), before)

    def test_places_that_cannot_be_written(self):
        file = self.folder / "file"
        file.write_text("mine")
        x = self.folder / "x.npz"
        np.savez(x, input0=digits(2)[0][..., None])
        for place in (file, file / "deeper", pathlib.Path("/proc/here"), pathlib.Path("/proc/self")):
            out = place / "out.tflite"
            for command in (["convert", MODEL, "-o", out], ["optimize", MODEL, "--output", place],
                            ["run", MODEL, "--input", x, "--output", out], ["inspect", MODEL, "--json", out]):
                with self.subTest(place=str(place), command=command[0]):
                    done = burin(*command)
                    if place.parts[1] == "proc":  # says that root may write there: found out at the end
                        self.assertEqual(done.returncode, 2, done.stdout)
                        self.assertIn(str(place), done.stderr.splitlines()[-2])
                    else:
                        self.assert_error(done, place)
        self.assertEqual(file.read_text(), "mine")
        self.assertEqual(sorted(path.name for path in self.folder.iterdir()), ["file", "results", "x.npz"])

    def test_devices_are_not_replaced(self):
        pipe = self.folder / "pipe.tflite"
        os.mkfifo(pipe)
        for command in (["inspect", MODEL, "--json", pipe], ["convert", MODEL, "-o", pipe, "--force"],
                        ["run", MODEL, "--input", DATA, "--output", pipe]):
            with self.subTest(command=command[0]):
                self.assert_error(burin(*command), pipe, "device or a pipe")
        self.assertTrue(pipe.is_fifo())

    def test_full_standard_output(self):
        with open("/dev/full", "w") as full:
            done = subprocess.run([BURIN, "inspect", MODEL], stdout=full, stderr=subprocess.PIPE, text=True)
        self.assertEqual(done.returncode, 2)
        self.assertIn("standard output", done.stderr)

    def test_missing_parents_are_made_only_for_results(self):
        deep = self.folder / "a" / "b" / "out.tflite"
        self.assert_error(burin("convert", self.folder / "missing.keras", "-o", deep), "missing.keras")
        self.assertFalse((self.folder / "a").exists())
        self.assert_done(burin("convert", MODEL, "-o", deep))
        self.assertTrue(deep.is_file())
        self.assert_error(burin("convert", MODEL, "-o", self.folder / "a"), "a")
        self.assert_error(burin("convert", MODEL, "-o", self.folder / "a" / "b"), "b")

    def test_inputs_are_never_overwritten(self):
        model = self.folder / "mine.keras"
        shutil.copy(MODEL, model)
        tflite = self.folder / "mine_fp32.tflite"
        self.assert_done(burin("convert", model, "-o", tflite))
        data = self.folder / "x.npz"
        x, y = digits(100)
        np.savez(data, x=x[..., None], y=y)
        link = self.folder / "link.tflite"
        link.symlink_to(tflite)
        renamed = self.folder / "mine.tflite"
        shutil.copy(tflite, renamed)
        twin = self.folder / "mine_fp32.keras"  # its result would be mine_fp32_fp32.tflite: no clash
        shutil.copy(model, twin)
        before = contents(self.folder)
        for command, name in (
            (["convert", tflite, "-o", tflite, "--force"], tflite), (["convert", link, "-o", tflite, "--force"], tflite),
            (["convert", tflite, "-o", link, "--force"], link),
            (["run", model, "--input", data, "--output", data], data), (["run", model, "--input", data, "--output", model], model),
            (["inspect", model, "--json", model], model), (["evaluate", model, "--data", data, "--json", data], data),
            (["evaluate", model, "--data", data, "--json", model], model),
            (["benchmark", model, "--json", model, "--runs", "1"], model),
            (["compare", model, tflite, "--data", data, "--json", tflite], tflite),
            (["convert", model, "-o", self.folder / "new.tflite", "--json", model], model),
            (["convert", model, "-o", self.folder / "new.tflite", "--json", self.folder / "new.tflite"], "new.tflite"),
            (["optimize", model, "--data", data, "--output", self.folder / "o", "--json", data], data),
        ):
            with self.subTest(command=command[0], name=str(name)):
                self.assert_error(burin(*command), name)
                self.assertEqual(contents(self.folder), before)


class Usage(CommandTest):
    def test_values_out_of_range(self):
        data = ["--data", DATA]
        out = ["-o", self.folder / "out.tflite"]
        int8 = ["--quantize", "int8", "--calibration", DATA]
        for arguments, part in (
            (["optimize", MODEL, *data, "--samples", "0"], "--samples"),
            (["optimize", MODEL, *data, "--samples", "-1"], "--samples"),
            (["optimize", MODEL, *data, "--samples", "many"], "--samples"),
            (["convert", MODEL, *out, "--threads", "0"], "--threads"),
            (["convert", MODEL, *out, "--threads", "-1"], "--threads"),
            (["convert", MODEL, *out, "--threads", "2.5"], "--threads"),
            (["convert", MODEL, *out, "--threads", "99999999999999999999"], "--threads"),
            (["convert", MODEL, *out, *int8, "--seed", "-1"], "--seed"),
            (["optimize", MODEL, *data, "--min-accuracy", "2"], "--min-accuracy"),
            (["optimize", MODEL, *data, "--min-accuracy", "nan"], "--min-accuracy"),
            (["optimize", MODEL, *data, "--max-accuracy-drop", "-0.1"], "--max-accuracy-drop"),
            (["optimize", MODEL, *data, "--min-accuracy", "0.9", "--max-accuracy-drop", "0.1"], "--max-accuracy-drop"),
            (["optimize", MODEL, "--min-accuracy", "0.9"], "--data"),
            (["optimize", MODEL, *data, "--variants", "fp32,int4"], "--variants"),
            (["optimize", MODEL, *data, "--variants", ""], "--variants"),
            (["optimize", MODEL, "--variants", "int8"], "--data"),
            (["optimize", MODEL, *data, "--objective", "speed"], "--objective"),
            (["optimize", MODEL, *data, "--report", "r.html"], "--report"),
            (["optimize", MODEL, *data, "--recipe", "r.json"], "--recipe"),
            (["convert", MODEL, *out, "--recipe", "r.json"], "--recipe"),
            *((["convert", MODEL, *out, "--quantize", kind], "--calibration") for kind in ("int8", "int4")),
            (["convert", MODEL, *out, "--io", "int8"], "--quantize int8"),
            (["convert", MODEL, *out, "--preprocess", "mobilenet"], "--preprocess"),
            (["convert", MODEL, *out, "--resize", "nearest"], "--resize"),
            (["compare", MODEL, MODEL, *data, "--layers"], "--layers"),
            (["compare", MODEL, "--data", DATA], "model_b"),
            (["evaluate", MODEL], "--data"), (["evaluate", MODEL, *data, "--split", "dev"], "--split"),
            (["benchmark", MODEL, "--runs", "0"], "--runs"), (["benchmark", MODEL, "--warmup", "-1"], "--warmup"),
            (["benchmark", MODEL, "--arithmetic", "float"], "--arithmetic"),
            (["run", MODEL], "--input"), (["run", MODEL, "--input", DATA, "--top", "-1"], "--top"),
            (["inspect"], "model"), (["inspect", MODEL, MODEL], "inspect"), (["list", "kernels"], "kernels"),
            (["finetune", MODEL, *data, "--quantize", "int8", *out], "finetune"),
            (["deploy", MODEL, "--target", "web", *out], "deploy"), (["--verbose"], "--verbose"), ([], "--help"),
            *((["convert", MODEL, *out, "--quantize", kind], "--quantize") for kind in ("int16x8", "int4-weights", "")),
        ):
            with self.subTest(arguments=" ".join(map(str, arguments[1:] or arguments))):
                self.assert_error(burin(*arguments, cwd=self.folder), part)
        self.assertEqual(list(self.folder.iterdir()), [])

    def test_a_model_that_is_quantized_already(self):
        int8 = self.folder / "int8.tflite"
        self.assert_done(burin("convert", MODEL, "-o", int8, "--quantize", "int8", "--calibration", DATA))
        for kind in (["fp16"], ["dynamic"], ["int8", "--calibration", DATA]):
            self.assert_error(burin("convert", int8, "-o", self.folder / "again.tflite", "--quantize", *kind),
                              "int8.tflite", "quantized already", "float model")
        self.assertEqual([path.name for path in self.folder.iterdir()], ["int8.tflite"])


if __name__ == "__main__":
    unittest.main()
