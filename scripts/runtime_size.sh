#!/usr/bin/env bash
# How large the runtime library is, stripped, as a shared library (libstdc++ and libc are the system's): with everything
# that it has for this machine's architecture, and with only what one int8 model needs. Fails above the limits, and where
# the library needs others than libc and libstdc++. 300,000 bytes are wanted of the second; its limit is what is reached.
#
#   scripts/runtime_size.sh [BUILD]      BUILD: a release build with the program (default build/release)
#
# The model is the waste model where there is one (BURIN_SHARED or ../shared), else that of examples/digits.
set -euo pipefail
cd "$(dirname "$0")/.."

build=$(realpath "${1:-build/release}")
shared=${BURIN_SHARED:-../shared}
selected=$build/selected
failed=0
mkdir -p "$selected"

# name library limit
check() {
  strip -o "$selected/stripped.so" "$2"
  local bytes needed
  bytes=$(stat -c %s "$selected/stripped.so")
  needed=$(readelf -d "$2" | sed -n 's/.*(NEEDED).*\[\(.*\)\]/\1/p' | tr '\n' ' ')
  printf '%-40s %9d bytes, at most %9d; needs %s\n' "$1" "$bytes" "$3" "$needed"
  [ "$bytes" -le "$3" ] || { echo "  too large" >&2; failed=1; }
  for library in $needed; do
    case "$library" in
      libc.so.*|libstdc++.so.*|libm.so.*|libgcc_s.so.*|ld-linux*) ;;
      *) echo "  must not need $library" >&2; failed=1 ;;
    esac
  done
}

# name model
check_selected() {
  rm -f "$selected/$1.hpp"
  "$build/burin" inspect "$2" --selection "$selected/$1.hpp" --quiet >/dev/null
  cmake -S . -B "$selected/$1" -G Ninja -DCMAKE_BUILD_TYPE=Release -DBURIN_TOOLKIT=OFF \
        -DBURIN_SELECTION="$selected/$1.hpp" >/dev/null
  cmake --build "$selected/$1" --target burin_runtime_shared >/dev/null
  check "only what $1 needs" "$selected/$1/src/libburin_runtime.so" 450000
}

check "every operator and kernel" "$build/src/libburin_runtime.so" 1000000

# One model: building the library takes a minute.
waste=$shared/models/waste/mobilenetv2_waste.keras
model=$selected/model_int8.tflite
if [ -f "$waste" ]; then
  "$build/burin" convert "$waste" --quantize int8 --calibration "$shared/data/waste/train" --samples 20 \
                 -o "$model" --force --quiet >/dev/null
  check_selected waste_int8 "$model"
else
  echo "there is no waste model at $waste: the digits instead"
  "$build/burin" convert examples/digits/digits_mobilenet.keras --quantize int8 \
                 --calibration examples/digits/digits.npz -o "$model" --force --quiet >/dev/null
  check_selected digits_int8 "$model"
fi
exit "$failed"
