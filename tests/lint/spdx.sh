#!/bin/sh
# SPDX-License-Identifier: ISC
# spdx: each file of ours names its licence in its first three lines.
. "$(dirname "$0")/counting.sh"
need git

cd "$top_srcdir" || exit 1
if test "$(git rev-parse --show-toplevel 2>/dev/null)" != "$(pwd -P)"; then
	echo "skipped: no git work tree, so no list of files"
	exit 77
fi
list=$(mktemp) || exit 1
trap 'rm -f "$list"' EXIT
git ls-files >"$list"

while read -r file; do
	case $file in
	# Data, which cannot carry a comment, the licence itself, and what only git reads.
	# debian/changelog, copyright and source/format have forms without comments; copyright is the licence once more.
	LICENSE | debian/changelog | debian/copyright | debian/source/format | .git* | *.json | tests/golden/* | tests/fuzz/corpus/*) continue ;;
	esac
	test -f "$file" || continue # deleted, not committed yet
	if sed 3q "$file" | grep -q 'SPDX-License-Identifier: ISC'; then
		pass
	else
		fail "$file: no SPDX-License-Identifier in its first three lines"
	fi
done <"$list"
finish
