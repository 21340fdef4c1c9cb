#!/usr/bin/env bash
# From a fresh Debian machine to the Optimization Summary: installs what is missing, builds, and runs the main job on
# the embedded example (handwritten digits, examples/digits).
set -euo pipefail
cd "$(dirname "$0")/.."

scripts/install_dependencies.sh
cmake --preset release -DBURIN_TESTS=OFF >/dev/null
cmake --build --preset release --target burin
exec build/release/burin optimize examples/digits/digits_mobilenet.keras --data examples/digits/digits.npz \
  --output outputs/demo "$@"
