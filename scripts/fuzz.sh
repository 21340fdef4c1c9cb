#!/usr/bin/env bash
# Runs every fuzz target of build/asan (preset `asan`) from its kept corpus; SECONDS are shared out between the targets.
# Crashing inputs are left in build/asan/fuzz/findings; once fixed, they belong in fuzz/corpus/<target>.
#
#   scripts/fuzz.sh [--seconds N] [target ...]          (default 60 s, all targets)
set -euo pipefail
cd "$(dirname "$0")/.."

seconds=60
targets=()
while [ $# -gt 0 ]; do
  case "$1" in
    --seconds) seconds=$2; shift ;;
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
share=$((seconds / ${#targets[@]}))
for target in "${targets[@]}"; do
  findings=build/asan/fuzz/findings/$target
  work=build/asan/fuzz/corpus/$target
  mkdir -p "$findings" "$work" "fuzz/corpus/$target"
  echo "fuzz_$target: $share s"
  log=build/asan/fuzz/fuzz_$target.log
  if ! build/asan/fuzz/fuzz_"$target" -max_total_time="$share" -timeout=10 -rss_limit_mb=2048 -max_len=65536 \
    -artifact_prefix="$findings/" -print_final_stats=1 "$work" "fuzz/corpus/$target" >"$log" 2>&1; then
    tail -n 40 "$log"
    echo "fuzz_$target found something: $findings" >&2
    exit 1
  fi
  grep -E 'stat::number_of_executed_units' "$log" || true
done
