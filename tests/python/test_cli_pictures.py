"""Pictures as the program reads them against Pillow's: decoding, resizing, bit for bit."""
import io
import json
import os
import pathlib
import subprocess
import tempfile
import unittest

import numpy as np
import PIL
from PIL import Image

from command_case import BURIN, FIXTURES
from command_case import MODEL as EXAMPLE

LOAD_PICTURE = pathlib.Path(os.environ["BURIN_BUILD"]) / "tests" / "load_picture"


def load(path, method, width, height):
    done = subprocess.run([LOAD_PICTURE, path, method, str(width), str(height)], capture_output=True, check=True)
    return np.frombuffer(done.stdout, np.float32).reshape(height, width, 3)


def noisy(width, height, seed):
    """Smooth shapes and noise: both matter to chroma upsampling and to rounding."""
    random = np.random.default_rng(seed)
    y, x = np.mgrid[0:height, 0:width]
    smooth = np.stack([np.sin(x / 9 + c) * np.cos(y / (7 + c)) * 120 + 128 for c in range(3)], -1)
    return (smooth + random.normal(0, 12, smooth.shape)).clip(0, 255).astype(np.uint8)


class Pictures(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)

    def saved(self, image, name, **options):
        path = self.folder / name
        image.save(path, **options)
        return path

    def assert_decoded(self, path):
        expected = np.asarray(Image.open(path).convert("RGB"))
        np.testing.assert_array_equal(load(path, "pillow-bilinear", expected.shape[1], expected.shape[0]), expected)

    def test_jpeg(self):
        image = Image.fromarray(noisy(97, 61, 0))
        for name, options in {
            "444.jpg": dict(quality=95, subsampling=0),
            "422.jpg": dict(quality=80, subsampling=1),
            "420.jpg": dict(quality=60, subsampling=2),
            "progressive.jpg": dict(quality=75, progressive=True),
        }.items():
            with self.subTest(name):
                self.assert_decoded(self.saved(image, name, **options))
        with self.subTest("gray"):
            self.assert_decoded(self.saved(image.convert("L"), "gray.jpg"))
        with self.subTest("cmyk"):
            self.assert_decoded(self.saved(image.convert("CMYK"), "cmyk.jpg"))

    def test_png(self):
        image = Image.fromarray(noisy(53, 40, 1))
        alpha = Image.fromarray(np.dstack([noisy(53, 40, 2), np.arange(53 * 40, dtype=np.uint8).reshape(40, 53)]))
        for name, picture in {
            "rgb.png": image, "gray.png": image.convert("L"), "palette.png": image.quantize(32),
            "bits.png": image.convert("1"), "alpha.png": alpha, "gray_alpha.png": image.convert("LA"),
        }.items():
            with self.subTest(name):
                self.assert_decoded(self.saved(picture, name))

    def assert_resized(self, path, target):
        image = Image.open(path).convert("RGB")
        (width, height), (new_width, new_height) = image.size, target
        # One pass after the other, in Pillow 13's order: older versions always begin with the width.
        height_first = height - new_height > 2 * max(0, width - new_width)
        between = (width, new_height) if height_first else (new_width, height)
        expected = np.asarray(image.resize(between, Image.BILINEAR).resize(target, Image.BILINEAR))
        if int(PIL.__version__.split(".")[0]) >= 13 or not height_first:
            np.testing.assert_array_equal(np.asarray(image.resize(target, Image.BILINEAR)), expected)
        np.testing.assert_array_equal(load(path, "pillow-bilinear", *target), expected)

    def test_resizing(self):
        for k, (size, target) in enumerate({
            (256, 256): (224, 224), (100, 75): (224, 224), (640, 480): (96, 96), (31, 300): (224, 17),
            (224, 100): (224, 224), (17, 224): (32, 224), (1, 1): (5, 4), (5, 4): (1, 1), (1000, 3): (10, 3),
            (17, 31): (224, 224), (500, 333): (96, 96), (333, 500): (96, 96), (120, 900): (96, 96), (7, 1000): (9, 11),
            (1, 700): (224, 224), (700, 1): (224, 224), (225, 223): (224, 224), (3, 5): (331, 299),
            # The order of the passes at its border: height - new height = 2 x (width - new width), and one more.
            (100, 150): (50, 50), (100, 151): (50, 50), (100, 51): (120, 50), (100, 50): (120, 50), (50, 50): (40, 60),
        }.items()):
            with self.subTest(size=size, target=target):
                self.assert_resized(self.saved(Image.fromarray(noisy(*size, k)), f"{k}.png"), target)

    def test_resizing_of_every_kind_of_picture(self):
        for k, (size, target) in enumerate((((17, 31), (224, 224)), ((500, 333), (96, 96)), ((97, 405), (96, 96)))):
            image = Image.fromarray(noisy(*size, k))
            alpha = image.copy()
            alpha.putalpha(Image.fromarray(noisy(*size, k + 50)[..., 0]))
            pictures = {
                "rgb.png": (image, {}), "gray.png": (image.convert("L"), {}), "alpha.png": (alpha, {}),
                "gray_alpha.png": (alpha.convert("LA"), {}), "palette.png": (image.quantize(40), {}),
                "444.jpg": (image, dict(quality=93, subsampling=0)), "422.jpg": (image, dict(quality=70, subsampling=1)),
                "420.jpg": (image, dict(quality=50, subsampling=2)), "gray.jpg": (image.convert("L"), {}),
                "progressive.jpg": (image, dict(progressive=True)), "cmyk.jpg": (image.convert("CMYK"), {}),
            }
            for name, (picture, options) in pictures.items():
                with self.subTest(name, size=size, target=target):
                    self.assert_resized(self.saved(picture, name, **options), target)

    def test_random_sizes(self):
        random = np.random.default_rng(7)
        for k in range(60):
            size, target = tuple(map(int, random.integers(1, 300, 2))), tuple(map(int, random.integers(1, 300, 2)))
            with self.subTest(size=size, target=target):
                self.assert_resized(self.saved(Image.fromarray(noisy(*size, k)), "random.png"), target)

    def test_the_program_sees_the_same_pixels(self):
        """`burin run` on a picture and on Pillow's pixels of it: equal outputs, for one channel and for three."""
        for model, mode in ((EXAMPLE, "L"), (FIXTURES / "cnn.keras", None)):
            with self.subTest(model.name):
                path = self.saved(Image.fromarray(noisy(61, 43, 9)), "picture.jpg", quality=60)
                shape = json.loads(subprocess.run([BURIN, "inspect", model, "--json", "-"], capture_output=True,
                                                  check=True).stdout)["inputs"][0]["shape"]
                image = Image.open(path)
                image = image.convert(mode or {1: "L", 3: "RGB"}[shape[3]]).resize((shape[2], shape[1]), Image.BILINEAR)
                np.savez(self.folder / "x.npz", input0=np.asarray(image, np.float32).reshape(1, *shape[1:]))
                outputs = []
                for given in (path, self.folder / "x.npz"):
                    subprocess.run([BURIN, "run", model, "--input", given, "--preprocess", "none", "--output",
                                    self.folder / "y.npz"], capture_output=True, check=True)
                    outputs.append(np.load(self.folder / "y.npz")["output0"])
                np.testing.assert_array_equal(*outputs)

    def test_crop_keeps_the_center(self):
        pixels = noisy(90, 60, 3)
        path = self.saved(Image.fromarray(pixels), "wide.png")
        np.testing.assert_array_equal(load(path, "crop", 60, 60), pixels[:, 15:75])

    def test_photographs(self):
        shared = pathlib.Path(os.environ.get("BURIN_SHARED", pathlib.Path(__file__).resolve().parents[3] / "shared"))
        photographs = sorted((shared / "data" / "waste" / "test").glob("*/*.jpg"))[::40]
        if not photographs:
            self.skipTest(f"no photographs in {shared}")
        for path in photographs:
            expected = np.asarray(Image.open(path).convert("RGB").resize((224, 224), Image.BILINEAR))
            np.testing.assert_array_equal(load(path, "pillow-bilinear", 224, 224), expected, err_msg=str(path))

    def test_broken_pictures_are_errors_that_name_the_file(self):
        buffer = io.BytesIO()
        Image.fromarray(noisy(64, 64, 4)).save(buffer, "JPEG")
        jpeg = buffer.getvalue()
        buffer = io.BytesIO()
        Image.fromarray(noisy(64, 64, 5)).save(buffer, "PNG")
        png = buffer.getvalue()
        huge = bytearray(png)
        huge[16:24] = (30000).to_bytes(4, "big") * 2  # IHDR; its checksum is wrong too
        for name, content in {
            "empty.jpg": b"", "text.jpg": b"no picture at all", "short.jpg": jpeg[: len(jpeg) // 2],
            "header.jpg": jpeg[:20], "short.png": png[: len(png) // 2], "header.png": png[:12], "huge.png": bytes(huge),
        }.items():
            with self.subTest(name):
                path = self.folder / name
                path.write_bytes(content)
                done = subprocess.run([LOAD_PICTURE, path, "pillow-bilinear", "8", "8"], capture_output=True, text=True)
                self.assertEqual(done.returncode, 2)
                self.assertIn(name, done.stderr)
                self.assertEqual(done.stdout, "")


if __name__ == "__main__":
    unittest.main()
