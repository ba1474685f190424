# SPDX-License-Identifier: ISC
# What the lint scripts share: where the trees are, and counting what was checked.

: "${top_srcdir:=$(cd "$(dirname "$0")/../.." && pwd)}"
: "${top_builddir:=$PWD}"
: "${NM:=nm}" "${OBJDUMP:=objdump}" "${CC:=cc}"
passed=0 failed=0

pass() {
	passed=$((passed + ${1:-1}))
}

fail() {
	echo "$*"
	failed=$((failed + 1))
}

# need COMMAND…: without them the test is skipped.
need() {
	for command; do
		command -v "$command" >/dev/null || { echo "skipped: no $command here"; exit 77; }
	done
}

finish() {
	echo "$passed passed, $failed failed, 0 skipped"
	test "$failed" -eq 0 && test "$passed" -gt 0
	exit
}
