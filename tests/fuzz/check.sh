#!/bin/sh
# SPDX-License-Identifier: ISC
# Builds every target with clang's libFuzzer and sanitizers and gives each RUNS inputs; `make fuzz-check` calls it with
# CLANG, FLAGS, LIBS, SOURCES, RUNS and perhaps TARGETS set. What it finds and learns stays in the build tree:
#   fuzz/NAME        the program; run it with a file to see one input again
#   fuzz/NAME-*      inputs that failed
#   fuzz/corpus/NAME inputs that reached something new
set -eu
src=$1
: "${TARGETS:=$(sed -n 's/^TARGET(\(.*\))$/\1/p' "$src/tests/fuzz/targets.list")}"
flags="$FLAGS -I$src/tests/fuzz -O1 -g -fsanitize=address,undefined -fno-sanitize-recover=undefined"
mkdir -p fuzz/objects
rm -f fuzz/objects/*.o

# All but the driver once, in parallel; basenames are unique in the tree.
for source in $SOURCES fuzz.c; do
	case $source in
	fuzz.c) echo "$src/tests/fuzz/fuzz.c" ;;
	*.c) echo "$src/$source" ;;
	esac
done | xargs -P "$(nproc)" -I{} sh -c '
	name=${1##*/}
	'"$CLANG $flags"' -fsanitize=fuzzer-no-link -c "$1" -o "fuzz/objects/${name%.c}.o"' sh {}

passed=0 failed=0
for target in $TARGETS; do
	mkdir -p "fuzz/corpus/$target"
	# shellcheck disable=SC2086 # lists of words
	$CLANG $flags -fsanitize=fuzzer "-DFUZZ_TARGET=fuzz_$target" -o "fuzz/$target" \
		"$src/tests/fuzz/driver.c" "$src/tests/fuzz/fuzz_$target.c" fuzz/objects/*.o $LIBS
	if "fuzz/$target" -runs="$RUNS" -max_len=4096 -timeout=5 "-artifact_prefix=fuzz/$target-" \
		"fuzz/corpus/$target" "$src/tests/fuzz/corpus/$target" >"fuzz/$target.log" 2>&1; then
		passed=$((passed + 1))
		echo "$target: $(grep '^Done ' "fuzz/$target.log")"
	else
		failed=$((failed + 1))
		tail -n 40 "fuzz/$target.log"
		echo "$target: FAILED, see fuzz/$target.log"
	fi
done
echo "$passed passed, $failed failed"
[ "$failed" -eq 0 ]
