#!/usr/bin/env bash
# Checks the format of every source file, then runs clang-tidy on those that the release build compiles.
#
#   scripts/lint.sh [--format | --fix] [file ...]      --format: no clang-tidy; --fix: format the files
set -euo pipefail
cd "$(dirname "$0")/.."

mode=all
case "${1:-}" in
  --format|--fix) mode=${1#--}; shift ;;
esac
mapfile -t sources < <(git ls-files -- '*.cpp' '*.hpp')

if [ "$mode" = fix ]; then
  clang-format-19 -i "${sources[@]}"
  exit 0
fi
clang-format-19 --dry-run --Werror "${sources[@]}"
[ "$mode" = format ] && exit 0

cmake --preset release >/dev/null
files=("$@")
if [ ${#files[@]} -eq 0 ]; then
  mapfile -t files < <(git ls-files -- 'src/*.cpp' | grep -v '_test\.cpp$')
fi
# The database was written for g++, some of whose warnings clang does not know.
printf '%s\n' "${files[@]}" |
  xargs -P "$(nproc)" -n 4 clang-tidy-19 -p build/release --quiet --extra-arg=-Wno-unknown-warning-option
