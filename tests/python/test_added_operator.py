"""An operator that is added by the steps of CONTRIBUTING.md: the changes that they show are made in a copy of the sources,
which is then built as a runtime of this one operator and compared with LiteRT."""

import concurrent.futures
import os
import pathlib
import re
import shutil
import subprocess
import tempfile
import textwrap
import unittest

import flatbuffers
import numpy as np
from ai_edge_litert import schema_py_generated as schema
from ai_edge_litert.interpreter import Interpreter

ROOT = pathlib.Path(__file__).resolve().parents[2]
COMPILER = os.environ.get("CXX", "g++")
FLAGS = ["-std=c++20", "-O0", "-w", "-Isrc", "-Iinclude", "-Itests", "-ffunction-sections", "-fdata-sections"]
SELECTION = 'constexpr SelectedKernel kSelection[] = {{"FLOOR", "reference"}};\n'
# What a runtime of elementwise operators without faster kernels consists of.
SOURCES = ["graph/*", "ops/elementwise/shape*", "ops/elementwise/reference*", "runtime/*", "formats/flatbuffer/*",
           "formats/file/mapped_file", "formats/tflite/read*"]
NOT_NEEDED = ["graph/print", "graph/rewriter", "runtime/c_api", "runtime/version"]
# Compiled together, which is faster; the others are files of their own.
UNITS = [
    "runtime/session runtime/program_from_file runtime/signatures",
    "runtime/program runtime/memory_plan runtime/thread_pool runtime/cpu_features",
    "runtime/plan_steps runtime/fuse_steps runtime/kernel_table",
    "graph/model graph/shapes graph/tensor_types formats/flatbuffer/flat_table formats/file/mapped_file",
    "graph/verify formats/tflite/read_order formats/tflite/read_metadata formats/tflite/read_builtin_names runtime/chain_table",
    "formats/tflite/read_tflite main",
    "ops/operator_table ops/attributes ops/elementwise/shape ops/elementwise/reference",
    "ops/operands ops/requantize ops/elementwise/reference_quantized ops/integer_values",
    "ops/check_codes ops/channel_requantizer ops/elementwise/shape_broadcast",
]
PROGRAM = r"""
#include <cstdio>
#include <cstring>
#include "burin/runtime.hpp"
int main(int, char** arguments) {
  const burin::Result<burin::Program> program = burin::Program::from_file(arguments[1]);
  if (!program.is_ok()) return std::fprintf(stderr, "%s\n", program.status().message().c_str()), 1;
  burin::Session session(program.value());
  const burin::MutableTensorView input = session.input(0);
  const auto bytes = static_cast<size_t>(burin::byte_size(input.type, input.shape));
  if (std::fread(input.data, 1, bytes, stdin) != bytes || !session.invoke().is_ok()) return 1;
  return std::fwrite(session.output(0).data, 1, bytes, stdout) == bytes ? 0 : 1;
}
"""


def changes(text):
    """What the section says: (file, start of the line before which it goes, lines)."""
    section = text[text.index("## Add an operator") : text.index("## Add a Keras layer")]
    pattern = r"`([\w/.]+)`,\s+before\s+`([^`]+)`:\n\n((?:       .*\n)+)"
    return [(file, anchor, textwrap.dedent(lines)) for file, anchor, lines in re.findall(pattern, section)]


def insert(path, anchor, lines):
    old = path.read_text().splitlines(keepends=True)
    places = [i for i, line in enumerate(old) if line.lstrip().startswith(anchor)]
    assert len(places) == 1, f"{path}: {len(places)} lines begin with {anchor}"
    indent = " " * (len(old[places[0]]) - len(old[places[0]].lstrip()))
    old.insert(places[0], textwrap.indent(lines, indent))
    path.write_text("".join(old))


def units(src):
    listed = [unit.split() for unit in UNITS]
    found = {str(path.relative_to(src).with_suffix("")) for pattern in SOURCES for path in src.glob(pattern + ".cpp")}
    return listed + [[file] for file in sorted(found.difference(NOT_NEEDED, *listed))]


def model_file(values):
    """A .tflite of one FLOOR."""
    model = schema.ModelT()
    model.version = 3
    code = schema.OperatorCodeT()
    code.builtinCode = code.deprecatedBuiltinCode = schema.BuiltinOperator.FLOOR
    code.version = 1
    model.operatorCodes = [code]
    model.buffers = [schema.BufferT()]
    graph = schema.SubGraphT()
    graph.tensors = []
    for name in (b"x", b"y"):
        tensor = schema.TensorT()
        tensor.name, tensor.shape, tensor.type = name, list(values.shape), schema.TensorType.FLOAT32
        graph.tensors.append(tensor)
    graph.inputs, graph.outputs = [0], [1]
    operator = schema.OperatorT()
    operator.inputs, operator.outputs = [0], [1]
    graph.operators = [operator]
    model.subgraphs = [graph]
    builder = flatbuffers.Builder(1024)
    builder.Finish(model.Pack(builder), file_identifier=b"TFL3")
    return bytes(builder.Output())


class AddedOperator(unittest.TestCase):
    def setUp(self):
        temporary = tempfile.TemporaryDirectory()
        self.addCleanup(temporary.cleanup)
        self.folder = pathlib.Path(temporary.name)
        for name in ("src", "include", "tests"):
            shutil.copytree(ROOT / name, self.folder / name, ignore=shutil.ignore_patterns("fixtures", "*_test.cpp", "python"))

    def run_tool(self, *command, **options):
        done = subprocess.run(list(map(str, command)), cwd=self.folder, capture_output=True, timeout=300, **options)
        self.assertEqual(done.returncode, 0, f"{' '.join(map(str, command))}\n{done.stderr.decode()}")
        return done.stdout

    def test_the_steps_of_contributing(self):
        steps = changes((ROOT / "CONTRIBUTING.md").read_text())
        self.assertEqual(len(steps), 7)
        for file, anchor, lines in steps:
            insert(self.folder / file, anchor, lines)
        (self.folder / "selection.hpp").write_text(SELECTION)
        (self.folder / "src/main.cpp").write_text(PROGRAM)
        objects = []
        jobs = [["-fsyntax-only", "src/ops/toolkit_operator_table.cpp"], ["-fsyntax-only", "tests/one_operator_cases.cpp"]]
        for i, files in enumerate(units(self.folder / "src")):
            unit = self.folder / f"unit{i}.cpp"
            unit.write_text("".join(f'#include "{file}.cpp"\n' for file in files))
            objects.append(f"unit{i}.o")
            jobs.append(["-c", "-o", objects[-1], unit.name, f'-DBURIN_SELECTION="{self.folder}/selection.hpp"'])
        with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
            for job in [pool.submit(self.run_tool, COMPILER, *FLAGS, *job) for job in jobs]:
                job.result()
        self.run_tool(COMPILER, "-Wl,--gc-sections", "-o", "floor", *objects, "-lpthread")

        values = np.linspace(-3, 3, 61, dtype=np.float32).reshape(1, 61)
        model = self.folder / "floor.tflite"
        model.write_bytes(model_file(values))
        ours = np.frombuffer(self.run_tool("./floor", model, input=values.tobytes()), np.float32)
        litert = Interpreter(model_path=str(model))
        litert.allocate_tensors()
        litert.set_tensor(litert.get_input_details()[0]["index"], values)
        litert.invoke()
        theirs = litert.get_tensor(litert.get_output_details()[0]["index"])
        np.testing.assert_array_equal(ours.reshape(theirs.shape), theirs)
        np.testing.assert_array_equal(theirs, np.floor(values))


if __name__ == "__main__":
    unittest.main()
