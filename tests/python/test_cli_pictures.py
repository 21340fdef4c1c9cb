"""Pictures as the program reads them against Pillow's: decoding, resizing, bit for bit."""
import io
import os
import pathlib
import subprocess
import tempfile
import unittest

import numpy as np
from PIL import Image

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

    def test_resizing(self):
        for k, (size, target) in enumerate({
            (256, 256): (224, 224), (100, 75): (224, 224), (640, 480): (96, 96), (31, 300): (224, 17),
            (224, 100): (224, 224), (17, 224): (32, 224), (1, 1): (5, 4), (5, 4): (1, 1), (1000, 3): (10, 3),
        }.items()):
            with self.subTest(size=size, target=target):
                image = Image.fromarray(noisy(*size, k))
                path = self.saved(image, f"{k}.png")
                # One pass after the other: newer versions of Pillow take the vertical one first for some sizes.
                wide = image.resize((target[0], size[1]), Image.BILINEAR)
                expected = np.asarray(wide.resize(target, Image.BILINEAR))
                np.testing.assert_array_equal(load(path, "pillow-bilinear", *target), expected)

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
