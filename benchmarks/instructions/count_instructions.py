"""Instructions per inference of Burin's runtime, in qemu's user mode.

    count_instructions.py [--cpu cortex-a53 ...] [--build build/aarch64] [--isa NAME] [--functions N] model.tflite ...

Per inference = (a process with 3 invocations less one with 1) / 2. `--functions N` also lists where they go. Needs the
preset `aarch64` (or `armv7`) built, and qemu-user.
"""

import argparse
import collections
import os
import pathlib
import subprocess
import tempfile

HERE = pathlib.Path(__file__).parent


def counts(args, cpu, model, invocations, folder):
    out = folder / "counts.txt"
    qemu, prefix = ("qemu-arm", "/usr/arm-linux-gnueabihf") if "armv7" in args.build else (
        "qemu-aarch64", "/usr/aarch64-linux-gnu")
    environment = dict(os.environ, **({"BURIN_ISA": args.isa} if args.isa else {}))
    subprocess.run([qemu, "-L", prefix, "-cpu", cpu, "-plugin", f"{folder}/count_instructions.so,out={out}",
                    f"{args.build}/run_model", model, str(invocations)],
                   check=True, env=environment, stdout=subprocess.DEVNULL)
    result = collections.Counter()
    for line in out.read_text().splitlines():
        first, second = line.split(maxsplit=1)
        name, count = ("total", second) if first == "total" else (second, first)
        result[name] += int(count)
    return result


def demangled(names):
    return subprocess.run(["c++filt"], input="\n".join(names), capture_output=True, text=True,
                          check=True).stdout.splitlines()


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--cpu", nargs="+", default=["cortex-a53", "cortex-a72", "cortex-a76"])
    parser.add_argument("--build", default="build/aarch64")
    parser.add_argument("--isa")
    parser.add_argument("--functions", type=int, default=0)
    parser.add_argument("models", nargs="+")
    args = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        subprocess.run(["gcc", "-O2", "-shared", "-fPIC", "-o", folder / "count_instructions.so",
                        HERE / "count_instructions.c"], check=True)
        print("| model | " + " | ".join(args.cpu) + " |\n| --- |" + " --- |" * len(args.cpu))
        lists = []
        for model in args.models:
            row = []
            for cpu in args.cpu:
                few, many = (counts(args, cpu, model, n, folder) for n in (1, 3))
                per_inference = {k: (many[k] - few[k]) / 2 for k in many}
                row.append(f"{per_inference.pop('total') / 1e6:.2f} M")
                if args.functions:
                    top = sorted(per_inference.items(), key=lambda item: -item[1])[:args.functions]
                    lines = [f"{count / 1e6:10.3f} M  {function}"
                             for (_, count), function in zip(top, demangled([f for f, _ in top]))]
                    lists.append(f"{model} on {cpu}:\n" + "\n".join(lines))
            print(f"| {pathlib.Path(model).name} | " + " | ".join(row) + " |", flush=True)
        print("\n".join(lists))


if __name__ == "__main__":
    main()
