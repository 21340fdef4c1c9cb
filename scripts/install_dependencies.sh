#!/usr/bin/env bash
# Installs the Debian packages that Burin builds from, and only those that are missing.
# With `--development` also what the tests, sanitizers and fuzzers need; with `--other-processors` what building and
# running the runtime library for Arm and WebAssembly needs.
set -euo pipefail

packages=(g++ cmake ninja-build ccache zlib1g-dev libminizip-dev libjpeg62-turbo-dev libpng-dev libfmt-dev
          libcli11-dev nlohmann-json3-dev libflatbuffers-dev)
if [ "${1:-}" = --development ]; then
  packages+=(libgtest-dev libsimde-dev clang-19 clang-format-19 clang-tidy-19 libclang-rt-19-dev python3 python3-venv
             pkgconf)
fi
if [ "${1:-}" = --other-processors ]; then
  packages+=(clang-19 googletest g++-aarch64-linux-gnu g++-arm-linux-gnueabihf qemu-user lld-19 wasi-libc
             libc++-19-dev-wasm32 libc++abi-19-dev-wasm32 libclang-rt-19-dev-wasm32 nodejs python3)
fi

missing=()
for package in "${packages[@]}"; do
  dpkg-query -W -f='${Status}' "$package" 2>/dev/null | grep -q 'install ok installed' || missing+=("$package")
done
[ ${#missing[@]} -eq 0 ] && exit 0

echo "installing: ${missing[*]}" >&2
as_root=()
[ "$(id -u)" -eq 0 ] || as_root=(sudo)
"${as_root[@]}" apt-get update -qq
"${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "${missing[@]}" >/dev/null
