#!/usr/bin/env bash
# What takes longer than CI may: data races, the graph verified after every pass, other processors, lint, long fuzzing.
#
#   scripts/nightly.sh [--fuzz-seconds N]      (default 3600)
set -euo pipefail
cd "$(dirname "$0")/.."

fuzz_seconds=3600
if [ "${1:-}" = --fuzz-seconds ]; then fuzz_seconds=$2; fi

step() { printf '\n== %s (%d s)\n' "$1" "$SECONDS"; }

step "CI"
scripts/test.sh

for preset in tsan debug; do
  step "$preset: build"
  cmake --preset "$preset" >/dev/null
  cmake --build --preset "$preset"
  step "$preset: test"
  ctest --test-dir "build/$preset" --output-on-failure --no-tests=error --progress -j "$(nproc)" -L unit
done

step "other processors"
scripts/other_processors.sh

step "kernel benchmarks: build"
if [ -e /usr/include/benchmark/benchmark.h ]; then
  cmake --preset release -DBURIN_BENCHMARKS=ON >/dev/null
  cmake --build --preset release --target kernel_benchmark
  cmake --preset release -DBURIN_BENCHMARKS=OFF >/dev/null
else
  echo "left out: no libbenchmark-dev"
fi

step "lint"
scripts/lint.sh

step "fuzzing"
scripts/fuzz.sh --seconds "$fuzz_seconds"
step "done"
