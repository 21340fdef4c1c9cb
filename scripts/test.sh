#!/usr/bin/env bash
# Builds and tests everything on a fresh machine: the format, release tests (with stock LiteRT as judge), the unit tests
# under ASan and UBSan, then a minute of fuzzing. `--release` stops after the release tests.
#
#   scripts/test.sh [--release] [-j N]
set -euo pipefail
cd "$(dirname "$0")/.."

only_release=false
jobs=$(nproc)
while [ $# -gt 0 ]; do
  case "$1" in
    --release) only_release=true ;;
    -j) jobs=$2; shift ;;
    *) echo "usage: scripts/test.sh [--release] [-j N]" >&2; exit 2 ;;
  esac
  shift
done

step() { printf '\n== %s (%d s)\n' "$1" "$SECONDS"; }

step "dependencies"
scripts/install_dependencies.sh --development
python=build/judges/bin/python
if ! "$python" -c 'import ai_edge_litert, tflite_runtime, h5py, PIL' 2>/dev/null; then
  python3 -m venv build/judges
  build/judges/bin/pip install -q 'numpy<2' ai-edge-litert==2.3.0 tflite-runtime==2.14.0 h5py pillow
fi

step "format"
scripts/lint.sh --format

step "release: build"
cmake --preset release -DBURIN_TESTS=ON -DBURIN_PYTHON="$PWD/$python" >/dev/null
cmake --build --preset release -j "$jobs"
step "release: test"
ctest --test-dir build/release --output-on-failure --no-tests=error --progress -j "$jobs"
$only_release && exit 0

step "ASan and UBSan: build"
cmake --preset asan >/dev/null
cmake --build --preset asan -j "$jobs"
step "ASan and UBSan: test"
ctest --test-dir build/asan --output-on-failure --no-tests=error --progress -j "$jobs" -L unit
step "fuzzers: a minute"
scripts/fuzz.sh --seconds 60
step "done"
