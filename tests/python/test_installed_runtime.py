"""The runtime library as others use it: installed, found by CMake and pkg-config, its examples compiled and run."""
import os
import pathlib
import re
import shutil
import subprocess
import unittest

import numpy as np

from command_case import DATA, MODEL, ROOT, CommandTest, burin

BUILD = pathlib.Path(os.environ["BURIN_BUILD"])
CMAKE = os.environ.get("CMAKE", "cmake")
EXAMPLE = ROOT / "examples" / "classify"


def run(*command, **options):
    done = subprocess.run(list(map(str, command)), capture_output=True, text=True, timeout=600, **options)
    if done.returncode != 0:
        raise AssertionError(f"{' '.join(map(str, command))}\n{done.stdout}{done.stderr}")
    return done.stdout


class InstalledRuntime(CommandTest):
    def setUp(self):
        super().setUp()
        self.model = self.folder / "digits.tflite"
        self.assert_done(burin("convert", MODEL, "-o", self.model, "--quiet"))
        images = np.load(DATA)["x"][:5].astype(np.float32)
        self.inputs = []
        for i, image in enumerate(images):
            path = self.folder / f"{i}.raw"
            path.write_bytes(image.tobytes())
            self.inputs.append(path)
        self.expected = []
        for image in images:
            np.savez(self.folder / "input.npz", input0=image[np.newaxis])
            self.assert_done(burin("run", self.model, "--input", self.folder / "input.npz", "--output",
                                   self.folder / "output.npz", "--quiet"))
            scores = np.load(self.folder / "output.npz")["output0"].reshape(-1)
            self.expected.append(f"class {scores.argmax()}, score {scores.max():.4f}\n")
        self.assertGreater(len(set(self.expected)), 1)

    def check(self, program, **options):
        for path, expected in zip(self.inputs, self.expected):
            self.assertEqual(run(program, self.model, path, **options), expected)
        short = self.folder / "short.raw"
        short.write_bytes(self.inputs[0].read_bytes()[:-1])
        for arguments in ((self.model, short), (self.model, "missing.raw"), (short, short), ("missing.tflite", short),
                          ()):
            done = subprocess.run([program, *map(str, arguments)], capture_output=True, text=True, **options)
            self.assertEqual(done.returncode, 2)
            self.assertTrue(done.stderr)

    def test_examples_of_this_build(self):
        self.check(BUILD / "tests" / "classify_c")
        self.check(BUILD / "tests" / "classify_cpp")

    def test_examples_of_an_installed_library(self):
        prefix = self.folder / "prefix"
        run(CMAKE, "--install", BUILD, "--prefix", prefix)
        build = self.folder / "build"
        run(CMAKE, "-S", EXAMPLE, "-B", build, f"-DCMAKE_PREFIX_PATH={prefix}")
        run(CMAKE, "--build", build)
        self.check(build / "classify_c")
        self.check(build / "classify_cpp")

        packages = next(prefix.rglob("burin_runtime.pc")).parent
        # The installed tree may be moved.
        moved = self.folder / "moved"
        prefix.rename(moved)
        packages = moved / packages.relative_to(prefix)
        environment = os.environ | {"PKG_CONFIG_PATH": str(packages)}
        if shutil.which("pkg-config") is None:
            self.skipTest("there is no pkg-config")
        flags = run("pkg-config", "--cflags", "--libs", "burin_runtime", env=environment).split()
        program = self.folder / "classify_pc"
        run("cc", EXAMPLE / "classify.c", "-o", program, *flags)
        self.check(program, env=os.environ | {"LD_LIBRARY_PATH": str(packages.parent)})
        flags = run("pkg-config", "--cflags", "--libs", "--static", "burin_runtime", env=environment).split()
        program = self.folder / "classify_static"
        run("cc", EXAMPLE / "classify.c", "-o", program, "-Wl,-Bstatic", flags[0], flags[1], "-lburin_runtime",
            "-Wl,-Bdynamic", *flags[2:])
        self.check(program)

    def test_only_the_interface_is_exported(self):
        library = BUILD / "src" / "libburin_runtime.so"
        names = [line.split(maxsplit=2)[2] for line in run("nm", "-D", "--defined-only", "-C", library).splitlines()]
        c_names = {name for name in names if name.startswith("burin_")}
        header = (ROOT / "include" / "burin" / "burin.h").read_text()
        self.assertEqual(c_names, set(re.findall(r"BURIN_API[^;]*?\b(burin_\w+)\(", header)))
        for name in set(names) - c_names:
            self.assertRegex(name, r"^burin::(Program|Session|Shape|version|name|bit_width|to_string|byte_size)\b")
        needed = run("readelf", "-d", library)
        libraries = [line.split("[")[1].rstrip("]") for line in needed.splitlines() if "(NEEDED)" in line]
        for name in libraries:
            self.assertRegex(name, r"^(libstdc\+\+\.so\.6|libm\.so\.6|libgcc_s\.so\.1|libc\.so\.6|ld-linux.*)$")


if __name__ == "__main__":
    unittest.main()
