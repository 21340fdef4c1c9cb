"""The HDF5 reader against h5py: files that h5py writes in many ways give h5py's own values, or a clear error."""

import json
import os
import pathlib
import struct
import subprocess
import tempfile
import unittest

import h5py
import numpy as np

DUMP_HDF5 = pathlib.Path(os.environ["BURIN_BUILD"]) / "tests" / "dump_hdf5"
RANDOM = np.random.default_rng(0)


def floats(*shape):
    return RANDOM.standard_normal(shape).astype(np.float32)


def contiguous(f):
    for dtype in ("f2", "f4", "f8", "i1", "i2", "i4", "i8", "u1", "u4", "?"):
        f[f"types/{dtype}"] = (floats(3, 5) * 10).astype(dtype)
    f["scalar"] = np.float32(3.5)
    f["empty"] = np.zeros((0, 4), "f4")
    f["rank5"] = floats(1, 2, 3, 2, 1)
    f.create_dataset("never_written", (3, 2), "f4")
    f.create_dataset("filled", (5,), "i4", fillvalue=7)


def chunked(f):
    f.create_dataset("plain", data=floats(7, 5), chunks=(3, 2))
    f.create_dataset("deflate", data=floats(40, 9), chunks=(16, 4), compression="gzip")
    f.create_dataset("shuffle", data=floats(40, 9), chunks=(7, 9), compression="gzip", shuffle=True)
    f.create_dataset("only_shuffle", data=np.arange(50), chunks=(8,), shuffle=True)
    sparse = f.create_dataset("sparse", (20, 20), "f4", chunks=(5, 5), fillvalue=2.5)
    sparse[7, 3] = 1
    many = f.create_dataset("many", (4000,), "i2", chunks=(2,))
    many[:] = np.arange(4000)
    f.create_dataset("three", data=floats(4, 5, 6), chunks=(3, 3, 4), compression=9)


def many_links(f):
    for i in range(700):
        f[f"layers/layer_{i}/vars/0"] = np.float32(i)


def attributes(f):
    f.attrs["model_config"] = "x" * 200_000
    f.attrs["layer_names"] = [f"layer_{i}" for i in range(2000)]
    f.attrs["weight_names"] = np.array([f"w{i}".encode() for i in range(30)])
    g = f.create_group("g")
    for i in range(40):
        g.attrs[f"other_{i}"] = i
    g.attrs["name"] = "gro\u00dfe Gruppe"
    g.attrs["layer_names"] = []
    f["data"] = floats(2)
    f["data"].attrs["name"] = np.bytes_("fixed")


NAMES = ["model_config", "layer_names", "weight_names", "name"]


class Hdf5(unittest.TestCase):
    def setUp(self):
        self.temporary = tempfile.TemporaryDirectory()
        self.path = pathlib.Path(self.temporary.name) / "file.h5"

    def tearDown(self):
        self.temporary.cleanup()

    def dump(self):
        run = subprocess.run([str(DUMP_HDF5), str(self.path), *NAMES], capture_output=True, timeout=60)
        self.assertIn(run.returncode, (0, 2), run.stderr)
        return run

    def check(self, write, **options):
        with h5py.File(self.path, "w", **options) as f:
            write(f)
        run = self.dump()
        self.assertEqual(run.returncode, 0, run.stderr)
        found = json.loads(run.stdout)
        with h5py.File(self.path) as f:
            paths = ["/"]
            f.visititems(lambda name, _: paths.append("/" + name))
            self.assertEqual(sorted(found), sorted(paths))
            for path in paths:
                entry, item = found[path], f[path]
                expected = {n: self.strings(item.attrs[n]) for n in NAMES if n in item.attrs}
                self.assertEqual(entry.get("attributes", {}) if entry else {}, expected, path)
                if isinstance(item, h5py.Dataset):
                    self.assertEqual(tuple(entry["shape"]), item.shape, path)
                    self.assertEqual(bytes.fromhex(entry["bytes"]), item[()].tobytes(), path)

    @staticmethod
    def strings(value):
        if isinstance(value, (str, bytes, np.bytes_)):
            value = [value]
        return [v.decode() if isinstance(v, bytes) else str(v) for v in value]

    def test_contiguous(self):
        self.check(contiguous)

    def test_contiguous_in_the_latest_format(self):
        def write(f):
            f["group/data"], f["scalar"] = floats(3, 4), np.float32(1)
            f["group"].attrs["name"] = "x"
            f.create_dataset("single_chunk", data=floats(6, 4), chunks=(6, 4), compression="gzip")
        self.check(write, libver="latest")

    def test_chunked(self):
        self.check(chunked)

    def test_many_links(self):
        self.check(many_links)

    def test_attributes(self):
        self.check(attributes)

    def refused(self, write, message, **options):
        with h5py.File(self.path, "w", **options) as f:
            write(f)
        run = self.dump()
        self.assertEqual(run.returncode, 2)
        self.assertIn(message, run.stderr.decode())

    def test_refuses_what_it_does_not_read(self):
        compound = np.zeros(2, [("a", "f4"), ("b", "i4")])
        self.refused(lambda f: f.create_dataset("a", data=compound), "a datatype of class 6")
        self.refused(lambda f: f.create_dataset("a", data=floats(4).astype(">f4")), "not little-endian")
        self.refused(lambda f: f.create_dataset("a", data=floats(4), chunks=(2,), fletcher32=True), "filter 3")
        self.refused(lambda f: f.create_dataset("a", data=floats(4), chunks=(2,), compression="lzf"), "filter 32000")
        self.refused(many_links, "densely stored links", libver="latest")
        self.refused(lambda f: f.create_dataset("a", data=floats(9, 9), chunks=(2, 2)), "a chunk index", libver="latest")

    def test_refuses_loops(self):
        with h5py.File(self.path, "w") as f:
            many_links(f)
        data = bytearray(self.path.read_bytes())
        # The largest B-tree is that of "layers": its first child becomes itself.
        trees = [i for i in range(0, len(data) - 8) if data[i:i + 4] == b"TREE" and data[i + 5] > 0]
        self.assertTrue(trees)
        data[trees[0] + 32:trees[0] + 40] = struct.pack("<Q", trees[0])
        self.path.write_bytes(data)
        run = self.dump()
        self.assertEqual(run.returncode, 2)
        self.assertIn("loop", run.stderr.decode())

    def test_survives_damage(self):
        with h5py.File(self.path, "w") as f:
            contiguous(f)
            chunked(f)
        whole = self.path.read_bytes()
        for length in (0, 8, 40, 96, 100, 512, 2048, len(whole) // 2, len(whole) - 1):
            self.path.write_bytes(whole[:length])
            self.assertEqual(self.dump().returncode, 2, length)
        for position in RANDOM.integers(0, len(whole), 60):
            flipped = bytearray(whole)
            flipped[position] ^= 1 << int(RANDOM.integers(8))
            self.path.write_bytes(flipped)
            self.dump()


if __name__ == "__main__":
    unittest.main()
