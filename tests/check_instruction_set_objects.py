"""Fails where an object compiled for an extension of the instruction set (AVX2, dot products, ...) defines a weak symbol.

The linker keeps one copy of a weak function: the copy of such an object could serve the whole program, which would then
stop with an illegal instruction on processors without the extension.

    check_instruction_set_objects.py <nm> <object>...
"""

import subprocess
import sys


def weak_symbols(nm, path):
    listing = subprocess.run([nm, "-C", "--defined-only", path], capture_output=True, text=True, check=True).stdout
    for line in listing.splitlines():
        _, kind, name = line.split(maxsplit=2)
        if kind in "WVu":
            yield f"{path}: weak symbol {name}"


def main():
    nm, *objects = sys.argv[1:]
    if not objects:
        sys.exit("no objects were given")
    found = [line for path in objects for line in weak_symbols(nm, path)]
    if found:
        found.append("put it into an unnamed namespace, or do without the template")
    print("\n".join(found) or f"{len(objects)} objects without weak symbols")
    sys.exit(1 if found else 0)


if __name__ == "__main__":
    main()
