#!/usr/bin/env bash
# Checks the format of every source file, then runs clang-tidy on those that the program is made of.
#
#   scripts/lint.sh [--format | --fix] [file ...]      --format: no clang-tidy; --fix: format the files
set -euo pipefail
cd "$(dirname "$0")/.."

mode=all
case "${1:-}" in
  --format|--fix) mode=${1#--}; shift ;;
esac
mapfile -t sources < <(git ls-files -- '*.cpp' '*.hpp' '*.c' '*.h')

if [ "$mode" = fix ]; then
  clang-format-19 -i "${sources[@]}"
  exit 0
fi
clang-format-19 --dry-run --Werror "${sources[@]}"
[ "$mode" = format ] && exit 0

# Configured for clang, which reads neither g++'s warnings nor its precompiled headers; nothing is built.
cmake -S . -B build/lint -G Ninja -DCMAKE_CXX_COMPILER=clang++-19 -DCMAKE_DISABLE_PRECOMPILE_HEADERS=ON >/dev/null
files=("$@")
if [ ${#files[@]} -eq 0 ]; then
  mapfile -t files < <(git ls-files -- 'src/*.cpp' | grep -v '_test\.cpp$')
fi
printf '%s\n' "${files[@]}" | xargs -P "$(nproc)" -n 4 clang-tidy-19 -p build/lint --quiet
