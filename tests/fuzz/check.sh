#!/bin/sh
# SPDX-License-Identifier: ISC
# Builds every target with clang's libFuzzer and sanitizers and gives each RUNS inputs; `make fuzz-check` calls it with
# CLANG, FLAGS, LIBS, SOURCES, RUNS, JOBS (targets at a time) and perhaps TARGETS set. What it finds and learns stays in the build tree:
#   fuzz/NAME        the program; run it with a file to see one input again
#   fuzz/NAME-*      inputs that failed
#   fuzz/corpus/NAME inputs that reached something new
set -eu

# Short inputs are tried faster, and nine tenths of the runs are; the others may be as long as the longest seed.
# A small quarantine still holds all that one input frees, and saves the page faults of a large one.
if [ "$1" = run ]; then
	src=$2 target=$3
	export ASAN_OPTIONS="quarantine_size_mb=8${ASAN_OPTIONS:+:$ASAN_OPTIONS}"
	export UBSAN_OPTIONS="print_stacktrace=1${UBSAN_OPTIONS:+:$UBSAN_OPTIONS}"
	: >"fuzz/$target.log"
	for phase in "$((RUNS / 10 * 9)) -max_len=512" "$((RUNS - RUNS / 10 * 9)) -len_control=0"; do
		# shellcheck disable=SC2086 # two words
		"fuzz/$target" -runs=$phase -timeout=5 -print_final_stats=1 "-dict=fuzz/$target.dict" "-artifact_prefix=fuzz/$target-" \
			"fuzz/corpus/$target" "$src/tests/fuzz/corpus/$target" >>"fuzz/$target.log" 2>&1 || {
			tail -n 40 "fuzz/$target.log"
			echo "$target: FAILED, see fuzz/$target.log"
			exit 0
		}
	done
	sed -n 's/^Done \([0-9]*\) runs in \([0-9]*\) second.*/\1 \2/p' "fuzz/$target.log" |
		awk -v target="$target" '{ runs += $1; seconds += $2 }
			END { printf "%s: passed, %d runs in %d s, %d per second\n", target, runs, seconds, runs / (seconds ? seconds : 1) }'
	exit 0
fi

src=$1
dir=$src/tests/fuzz
: "${TARGETS:=$(sed -n 's/^TARGET(\(.*\))$/\1/p' "$dir/targets.list")}"
flags="$FLAGS -I$dir -O1 -g -fsanitize=address,undefined -fno-sanitize-recover=undefined"
mkdir -p fuzz/objects
[ "$flags" = "$(cat fuzz/flags 2>/dev/null)" ] || rm -f fuzz/objects/*.o
echo "$flags" >fuzz/flags
newest=$(find "$src/src" "$dir" . -name '*.h' -printf '%T@ %p\n' | sort -n | sed -n '$s/^[^ ]* //p')

# All but the driver once, in parallel; basenames are unique in the tree.
for source in $SOURCES tests/fuzz/fuzz.c; do
	case $source in
	*.c) echo "$src/$source" ;;
	esac
done | while read -r source; do
	object=fuzz/objects/$(basename "$source" .c).o
	[ "$object" -nt "$source" ] && [ "$object" -nt "$newest" ] || echo "$source"
done | xargs -P "$(nproc)" -I{} sh -c '
	name=${1##*/}
	'"$CLANG $flags"' -fsanitize=fuzzer-no-link -c "$1" -o "fuzz/objects/${name%.c}.o"' sh {}

# The words of a target are its own; those of the core are the words of all that it reads.
for target in $TARGETS; do
	words=$target
	[ "$target" != core ] || words='beacons broadcast description dns ssdp wsd'
	for word in $words; do
		cat "$dir/dictionaries/$word.dict"
	done >"fuzz/$target.dict"
	mkdir -p "fuzz/corpus/$target"
	echo "$target"
done | xargs -P "$(nproc)" -I{} sh -c "
	$CLANG $flags -fsanitize=fuzzer -DFUZZ_TARGET=fuzz_{} -o fuzz/{} $dir/driver.c $dir/fuzz_{}.c fuzz/objects/*.o $LIBS"

export RUNS
for target in $TARGETS; do
	echo "$target"
done | xargs -P "$JOBS" -I{} "$0" run "$src" {} | tee fuzz/results
passed=$(grep -c ': passed, ' fuzz/results || :)
failed=$(($(echo "$TARGETS" | wc -w) - passed))
echo "$passed passed, $failed failed"
[ "$failed" -eq 0 ]
