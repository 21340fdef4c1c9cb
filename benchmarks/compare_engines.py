#!/usr/bin/env python3
"""Latency of a folder of models in Burin and in other engines, side by side, as Markdown tables: geometric means of each
type and number of threads, then every model; then how long each takes from the file to the first result.

    benchmarks/compare_engines.py MODELS --burin build/release/burin --python PEERS/bin/python \\
        [--types fp32,int8,dynamic,int4] [--threads 1,2] [--rounds 5] [--runs 100] [--output table.md] [--json table.json]

MODELS holds <name>_<type>.tflite, and <name>.onnx where there is one: the same float model for ONNX Runtime and
OpenVINO. PEERS is a virtual environment with the engines to compare with; one that is not installed is left out:

    python3 -m venv PEERS && PEERS/bin/pip install numpy ai-edge-litert openvino onnxruntime

Every round starts each engine once, in turn, in a process of its own: warm-up calls, then timed ones, whose median is
the round's figure. A cell is the median over rounds; a ratio is the median over rounds of Burin's figure divided by
that of the best peer in the same round, so that a machine that changes its speed changes it for all alike. Batch 1,
random input. Dynamic range and INT4 are compared with LiteRT alone, which made these formats.
"""
import argparse
import json
import math
import os
import pathlib
import platform
import re
import statistics
import subprocess
import sys

LITERT = """
engine = ai_edge_litert.interpreter.Interpreter(path, num_threads=threads)
engine.allocate_tensors()
for detail in engine.get_input_details():
    engine.set_tensor(detail["index"], random_input(detail["shape"], detail["dtype"]))
call = engine.invoke
"""
OPENVINO = """
core = openvino.Core()
model = core.read_model(path)
model.reshape({i: [d.get_length() if d.is_static else 1 for d in i.partial_shape] for i in model.inputs})
compiled = core.compile_model(model, "CPU", {"INFERENCE_NUM_THREADS": threads, "PERFORMANCE_HINT": "LATENCY",
                                             "INFERENCE_PRECISION_HINT": "f32"})
request = compiled.create_infer_request()
for i in compiled.inputs:
    request.set_tensor(i, openvino.Tensor(random_input([int(x) for x in i.shape], i.element_type.to_dtype())))
call = request.infer
"""
ONNXRUNTIME = """
options = onnxruntime.SessionOptions()
options.intra_op_num_threads, options.inter_op_num_threads = threads, 1
session = onnxruntime.InferenceSession(path, options, providers=["CPUExecutionProvider"])
inputs = {i.name: random_input([d if isinstance(d, int) else 1 for d in i.shape], numpy.float32)
          for i in session.get_inputs()}
call = lambda: session.run(None, inputs)
"""
HARNESS = """
import statistics, sys, time
import numpy, %(module)s
path, threads, warmup, runs = sys.argv[1], int(sys.argv[2]), int(sys.argv[3]), int(sys.argv[4])
generator = numpy.random.default_rng(0)
def random_input(shape, dtype):
    if runs == 0:
        return numpy.zeros(shape, dtype)
    if numpy.issubdtype(dtype, numpy.floating):
        return generator.uniform(-1, 1, shape).astype(dtype)
    return generator.integers(0, 100, shape).astype(dtype)
start = time.perf_counter()
%(engine)s
if runs == 0:  # the first result, without the import of the module
    call()
    print((time.perf_counter() - start) * 1e3)
    sys.exit()
for _ in range(warmup):
    call()
times = []
for _ in range(runs):
    start = time.perf_counter()
    call()
    times.append(time.perf_counter() - start)
print(statistics.median(times) * 1e3)
"""
PEERS = {"LiteRT": LITERT, "OpenVINO": OPENVINO, "ONNX Runtime": ONNXRUNTIME}
MODULES = {"LiteRT": "ai_edge_litert.interpreter", "OpenVINO": "openvino", "ONNX Runtime": "onnxruntime"}
TYPES = ("fp32", "int8", "dynamic", "int4")


class Failed(Exception):
    pass


def output_of(command):
    done = subprocess.run([str(part) for part in command], capture_output=True, text=True)
    if done.returncode:
        raise Failed((done.stderr.strip().splitlines() or [f"exit {done.returncode}"])[-1])
    return done.stdout.strip()


def burin_ms(burin, model, threads, warmup, runs, key="median_ms"):
    figures = output_of([burin, "benchmark", model, "--threads", threads, "--warmup", warmup, "--runs", runs, "--json", "-"])
    return json.loads(figures)[key]


def commands_of_peers(folder, name, kind, python, installed):
    """{engine: the beginning of its command} for one model."""
    tflite, onnx = folder / f"{name}_{kind}.tflite", folder / f"{name}.onnx"
    files = {"LiteRT": tflite}
    if kind in ("fp32", "int8"):
        files["OpenVINO"] = onnx if kind == "fp32" and onnx.exists() else tflite
    if kind == "fp32" and onnx.exists():
        files["ONNX Runtime"] = onnx
    return {engine: [python, "-c", HARNESS % {"module": MODULES[engine], "engine": PEERS[engine]}, path] for engine, path in files.items() if engine in installed}


def measure(folder, name, kind, threads, options, installed):
    model = folder / f"{name}_{kind}.tflite"
    estimate = burin_ms(options.burin, model, threads, 1, 5)
    runs = max(10, min(options.runs, int(options.seconds * 1e3 / max(estimate, 1e-3))))
    warmup = max(3, runs // 5)
    peers = commands_of_peers(folder, name, kind, options.python, installed)
    times = {"Burin": [], **{engine: [] for engine in peers}}
    for _ in range(options.rounds):
        times["Burin"].append(burin_ms(options.burin, model, threads, warmup, runs))
        for engine, command in list(peers.items()):
            try:
                times[engine].append(float(output_of([*command, threads, warmup, runs]).splitlines()[-1]))
            except Failed as reason:
                print(f"{model.name}: {engine} cannot run it: {reason}", file=sys.stderr)
                del peers[engine], times[engine]
    row = {"model": name, "type": kind, "threads": threads,
           "median_ms": {engine: statistics.median(values) for engine, values in times.items()}}
    if peers:
        best = [min(times[engine][k] for engine in peers) for k in range(options.rounds)]
        row["ratio_to_best_peer"] = statistics.median(b / p for b, p in zip(times["Burin"], best))
        row["best_peer"] = min(peers, key=lambda engine: row["median_ms"][engine])
    if "LiteRT" in peers:
        row["ratio_to_litert"] = statistics.median(b / p for b, p in zip(times["Burin"], times["LiteRT"]))
    return row


def measure_start(folder, name, kind, options, installed):
    """Of each engine: from the file's name to the first result, one thread, files in the page cache."""
    times = {"Burin": []}
    for _ in range(options.rounds):
        times["Burin"].append(burin_ms(options.burin, folder / f"{name}_{kind}.tflite", 1, 0, 1, "first_result_ms"))
        for engine, command in commands_of_peers(folder, name, kind, options.python, installed).items():
            try:
                times.setdefault(engine, []).append(float(output_of([*command, 1, 0, 0]).splitlines()[-1]))
            except Failed:
                times.pop(engine, None)  # said by measure()
    return {"model": f"{name}, {kind}", "median_ms": {e: statistics.median(values) for e, values in times.items()}}


def geometric_mean(values):
    return math.exp(statistics.fmean(math.log(value) for value in values))


RATIOS = {"ratio_to_litert": "Burin / LiteRT", "ratio_to_best_peer": "Burin / best peer"}


def ratio_cell(rows, key):
    ratios = [row[key] for row in rows if key in row]
    return f"{geometric_mean(ratios):.2f}" if ratios else ""


def summary(tables):
    lines = ["| type, threads | models | " + " | ".join(RATIOS.values()) + " |", "| --- | --: | --: | --: |"]
    for title, rows in tables.items():
        lines.append(f"| {title} | {len(rows)} | " + " | ".join(ratio_cell(rows, key) for key in RATIOS) + " |")
    return "Geometric means of the ratios:\n\n" + "\n".join(lines) + "\n"


def start_table(rows):
    engines = [engine for engine in ("Burin", *PEERS) if any(engine in row["median_ms"] for row in rows)]
    lines = ["### From the file to the first result, 1 thread", "", "| model | " + " | ".join(f"{e}, ms" for e in engines) +
             " |", "| --- |" + " --: |" * len(engines)]
    for row in rows:
        cells = [f"{row['median_ms'][e]:.1f}" if e in row["median_ms"] else "" for e in engines]
        lines.append(f"| {row['model']} | " + " | ".join(cells) + " |")
    return "\n".join(lines) + "\n"


def markdown(rows, title):
    engines = [engine for engine in ("Burin", *PEERS) if any(engine in row["median_ms"] for row in rows)]
    lines = [f"### {title}", "", "| model | " + " | ".join(f"{e}, ms" for e in engines) + " | " +
             " | ".join(RATIOS.values()) + " |", "| --- |" + " --: |" * (len(engines) + len(RATIOS))]
    for row in rows:
        cells = [f"{row['median_ms'][e]:.3f}" if e in row["median_ms"] else "" for e in engines]
        lines.append(f"| {row['model']} | " + " | ".join(cells + [ratio_cell([row], key) for key in RATIOS]) + " |")
    means = " | ".join(ratio_cell(rows, key) for key in RATIOS)
    lines.append("| geometric mean |" + " |" * len(engines) + f" {means} |")
    return "\n".join(lines) + "\n"


def processor():
    try:
        return re.search(r"model name\s*: (.*)", pathlib.Path("/proc/cpuinfo").read_text()).group(1)
    except (OSError, AttributeError):
        return platform.processor() or platform.machine()


def machine(options, installed):
    versions = ", ".join(f"{engine} {version}" for engine, version in installed.items())
    try:
        burin = output_of([options.burin, "--version"]).splitlines()[0]
    except Failed:
        burin = "burin"
    return f"{processor()}, {os.cpu_count()} CPUs; {burin}; {versions}."


def parse_arguments():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    words = lambda text: text.split(",")
    parser.add_argument("models", type=pathlib.Path, help="folder of <name>_<type>.tflite")
    parser.add_argument("--burin", type=pathlib.Path, default="build/release/burin")
    parser.add_argument("--python", default=sys.executable, help="interpreter that has the peers")
    parser.add_argument("--types", type=words, default=list(TYPES))
    parser.add_argument("--threads", type=lambda text: [int(n) for n in text.split(",")], default=[1, 2])
    parser.add_argument("--only", type=words, help="names of models, all by default")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--runs", type=int, default=100, help="timed calls of a round, at most")
    parser.add_argument("--seconds", type=float, default=2.0, help="about how long Burin's calls of a round may take")
    parser.add_argument("--output", type=pathlib.Path, help="the Markdown, also printed")
    parser.add_argument("--json", type=pathlib.Path)
    options = parser.parse_args()
    for kind in options.types:
        if kind not in TYPES:
            parser.error(f"unknown type {kind}: choose among {', '.join(TYPES)}")
    return options


def main():
    options = parse_arguments()
    installed = {}
    for engine, module in MODULES.items():
        try:
            installed[engine] = output_of([options.python, "-c",
                                           f"import {module}, importlib.metadata as m; "
                                           f"print(m.version('{module.split('.')[0].replace('_', '-')}'))"])
        except Failed:
            print(f"{engine} is not installed in {options.python}", file=sys.stderr)
    tables, starts = {}, []
    for kind in options.types:
        suffix = f"_{kind}.tflite"
        names = sorted(path.name[:-len(suffix)] for path in options.models.glob(f"*{suffix}"))
        names = [name for name in names if not options.only or name in options.only]
        starts += [measure_start(options.models, name, kind, options, installed) for name in names]
        for threads in options.threads if names else []:
            table = []
            for name in names:
                try:
                    table.append(measure(options.models, name, kind, threads, options, installed))
                except Failed as reason:
                    sys.exit(f"{name}_{kind}.tflite: burin: {reason}")
                ratio = table[-1].get("ratio_to_best_peer", float("nan"))
                print(f"{kind} {name} {threads}: {table[-1]['median_ms']['Burin']:.3f} ms, {ratio:.3f}", file=sys.stderr)
            tables[f"{kind}, {threads} thread{'s' if threads > 1 else ''}"] = table
    if not tables:
        sys.exit(f"{options.models}: no models")
    where = machine(options, installed)
    text = "\n".join([where, "", summary(tables), *(markdown(rows, title) for title, rows in tables.items()),
                      start_table(starts)])
    print(text)
    if options.output:
        options.output.write_text(text)
    if options.json:
        rows = [row for table in tables.values() for row in table]
        options.json.write_text(json.dumps({"machine": where, "rows": rows, "starts": starts}, indent=1))


if __name__ == "__main__":
    main()
