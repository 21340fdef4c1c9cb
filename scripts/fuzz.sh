#!/usr/bin/env bash
# Runs fuzz targets from their kept corpora; SECONDS are shared out between the targets, RUNS are each target's. Crashing
# inputs are left in BUILD/fuzz/findings; once fixed, they belong in fuzz/corpus/<target>. `--keep` writes the fewest
# inputs that reach all that was reached to DIR/<target>.
#
#   scripts/fuzz.sh [--seconds N | --runs N] [--build BUILD] [--keep DIR] [target ...]
#                                    (default 60 s, all targets of build/asan)
#
# Ten million hostile files through the reader and the planner, half an hour of one core:
#
#   cmake --preset fuzz && cmake --build --preset fuzz && scripts/fuzz.sh --runs 10000000 --build build/fuzz plan
set -euo pipefail
cd "$(dirname "$0")/.."

seconds=60
runs=
build=build/asan
keep=
targets=()
while [ $# -gt 0 ]; do
  case "$1" in
    --seconds) seconds=$2; shift ;;
    --runs) runs=$2; shift ;;
    --build) build=$2; shift ;;
    --keep) keep=$2; shift ;;
    *) targets+=("$1") ;;
  esac
  shift
done
if [ ${#targets[@]} -eq 0 ]; then
  for source in fuzz/fuzz_*.cpp; do
    name=$(basename "$source" .cpp)
    targets+=("${name#fuzz_}")
  done
fi

export ASAN_OPTIONS=detect_leaks=1:allocator_may_return_null=1
if [ -n "$runs" ]; then
  # Four times as many runs in the same time: no stacks of allocations, a small quarantine, no fake stack frames. The runs
  # that are limited in time look for uses of a stack after return, too.
  ASAN_OPTIONS+=:malloc_context_size=0:quarantine_size_mb=1:thread_local_quarantine_size_kb=128:max_malloc_fill_size=0
  ASAN_OPTIONS+=:detect_stack_use_after_return=0
fi
if [ -n "$runs" ]; then
  limit="-runs=$runs"
else
  limit="-max_total_time=$((seconds / ${#targets[@]}))"
fi

count() { find "$@" -type f | wc -l; }

for target in "${targets[@]}"; do
  findings=$build/fuzz/findings/$target
  work=$build/fuzz/corpus/$target
  mkdir -p "$findings" "$work" "fuzz/corpus/$target"
  seeds=("fuzz/corpus/$target")
  options=(-max_len=65536)
  if [ "$target" = plan ]; then
    seeds+=(fuzz/corpus/tflite)
    options=(-max_len=4096 -malloc_limit_mb=64 -mutate_depth=2)
  fi
  log=$build/fuzz/fuzz_$target.log
  echo "fuzz_$target: $limit"
  if ! "$build/fuzz/fuzz_$target" "$limit" "${options[@]}" -timeout=10 -rss_limit_mb=2048 \
    -artifact_prefix="$findings/" -print_final_stats=1 "$work" "${seeds[@]}" >"$log" 2>&1; then
    tail -n 40 "$log"
    echo "fuzz_$target found something: $findings" >&2
    exit 1
  fi
  done_runs=$(sed -n 's/^stat::number_of_executed_units: *//p' "$log")
  echo "fuzz_$target: $done_runs runs, $(count "$work" "${seeds[@]}") inputs in the corpus, $(count "$findings") findings"
  if [ -n "$keep" ]; then
    mkdir -p "$keep/$target"
    "$build/fuzz/fuzz_$target" -set_cover_merge=1 -use_counters=0 "${options[@]}" "$keep/$target" "${seeds[@]}" "$work" >"$log.merge" 2>&1
    echo "fuzz_$target: $(count "$keep/$target") inputs in $keep/$target reach all of it"
  fi
done
