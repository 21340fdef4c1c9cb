#!/usr/bin/env bash
# The runtime library for other processors: builds it with its unit tests, runs them in qemu's user mode (64-bit and
# 32-bit Arm, several cores) and in Node (WebAssembly), then prints instructions per inference of the waste model where
# the shared data lies (BURIN_SHARED or ../shared) and build/release/burin is built.
#
#   scripts/other_processors.sh [aarch64 | armv7 | wasm ...]      (default: all)
set -euo pipefail
cd "$(dirname "$0")/.."

step() { printf '\n== %s (%d s)\n' "$1" "$SECONDS"; }

presets=("$@")
[ ${#presets[@]} -gt 0 ] || presets=(aarch64 armv7 wasm)
scripts/install_dependencies.sh --other-processors

for preset in "${presets[@]}"; do
  case "$preset" in
    aarch64) cores=(cortex-a72 cortex-a76) ;;  # without and with dot products
    armv7) cores=(cortex-a7) ;;
    *) cores=(any) ;;
  esac
  step "$preset: build"
  cmake --preset "$preset" >/dev/null
  cmake --build --preset "$preset"
  # All tests on the first core, those of kernels that differ on the next.
  which=(-L unit)
  for core in "${cores[@]}"; do
    step "$preset: test on $core"
    QEMU_CPU=$core ctest --test-dir "build/$preset" --output-on-failure --no-tests=error --progress -j "$(nproc)" \
      "${which[@]}"
    which=(-L unit -R "Convolution|FullyConnected|Fuse")
  done
done

shared=${BURIN_SHARED:-../shared}
if [ ! -d "$shared/models/waste" ] || [ ! -x build/release/burin ] || [ ! -x build/aarch64/run_model ]; then
  echo "instructions per inference: skipped without the shared data, build/release/burin and the preset aarch64"
  exit 0
fi
step "instructions per inference"
models=build/aarch64/models
mkdir -p "$models"
model=$shared/models/waste/mobilenetv2_waste.keras
build/release/burin convert "$model" -o "$models/fp32.tflite" >/dev/null
build/release/burin convert "$model" -o "$models/int8.tflite" --quantize int8 --calibration "$shared/data/waste/train" \
  >/dev/null
build/release/burin convert "$model" -o "$models/dynamic.tflite" --quantize dynamic >/dev/null
python3 benchmarks/instructions/count_instructions.py "$models/fp32.tflite" "$models/int8.tflite" "$models/dynamic.tflite"
