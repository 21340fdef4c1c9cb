#!/usr/bin/env python3
"""The Markdown tables of what kernel_benchmark measured: of several repetitions the fastest.

    build/release/benchmarks/kernel_benchmark --benchmark_repetitions=5 --benchmark_min_time=0.02 \\
        --benchmark_format=json > kernels.json
    benchmarks/kernel_table.py kernels.json
"""
import json
import sys

TYPES = ("f32", "int8", "int4", "hybrid")


def table(title, columns, rows):
    lines = [f"| {title} | " + " | ".join(columns) + " |", "| --- |" + " --: |" * len(columns)]
    return "\n".join(lines + [f"| {name} | " + " | ".join(cells) + " |" for name, cells in rows]) + "\n"


def main():
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    with open(sys.argv[1]) as file:
        measured = json.load(file)
    families, shapes = {}, {}
    for run in measured["benchmarks"]:
        if "error_message" in run:
            sys.exit(f"{run['name']}: {run['error_message']}")
        if run["run_type"] != "iteration":
            continue
        family, shape = run["run_name"].split("/")
        kind, family = family.split("_", 1)
        runs = families.setdefault(family, {})
        runs[shape, kind] = min(run, runs.get((shape, kind), run), key=lambda one: one["real_time"])
        shapes.setdefault(family, {})[shape] = None
    context = measured["context"]
    print(f"Measured peak: {float(context['peak_f32_GMAC/s']):.1f} GMAC/s float32, "
          f"{float(context['peak_int8_GMAC/s']):.1f} GMAC/s int8.\n")
    others = []
    for family, runs in families.items():
        kinds = [kind for kind in TYPES if any(run_kind == kind for _, run_kind in runs)]
        if not any("%peak" in run for run in runs.values()):
            others += [(f"{family} {shape}, {kind}", runs[shape, kind]) for shape in shapes[family] for kind in kinds
                       if (shape, kind) in runs]
            continue
        cell = lambda run: f"{run['real_time']:.1f} us, {run['%peak']:.0f} %" if run else ""
        print(table(family, kinds, [(shape, [cell(runs.get((shape, kind))) for kind in kinds])
                                    for shape in shapes[family]]))
    print(table("others", ["us", "GB/s"], [(name, [f"{run['real_time']:.2f}", f"{run['GB/s']:.1f}"])
                                           for name, run in others]))


if __name__ == "__main__":
    main()
