#!/bin/sh
# SPDX-License-Identifier: ISC
# cycles: files depend on each other in one direction, by what they include and by the symbols that they use. A .c and its
# .h are one file; X_internal.h, which X.c shares with others, may include X.h.
. "$(dirname "$0")/counting.sh"
need "$NM" awk

# Reads "FROM TO REASON", or "FROM" alone. Prints "good COUNT", and per group of files that can all be reached from each
# other "bad FILE…" and a line for each dependency in it.
find_loops='
function add(file) { if (!(file in reasons)) { reasons[file]; files[++count] = file } }
{ add($1) }
NF < 2 || $1 == $2 { next }
{ add($2); edge = $1 SUBSEP $2 }
edge in why { why[edge] = why[edge] " " $3; next }
{ why[edge] = $3; to[$1, ++degree[$1]] = $2 }

# Marks all that `from` depends on, directly or not.
function reach(from, queue, head, tail, file, i) {
	queue[head = tail = 1] = from
	for (; head <= tail; head++)
		for (i = 1; i <= degree[queue[head]]; i++) {
			file = to[queue[head], i]
			if ((from, file) in reached) continue
			reached[from, file]
			queue[++tail] = file
		}
}
function together(a, b) { return (a, b) in reached && (b, a) in reached }

END {
	for (f = 1; f <= count; f++) reach(files[f])
	for (f = 1; f <= count; f++) {
		first = files[f]
		if (!together(first, first)) { good++; continue }
		if (first in printed) continue
		names = lines = ""
		for (g = f; g <= count; g++) {
			file = files[g]
			if (!together(first, file)) continue
			printed[file]
			names = names " " file
			for (i = 1; i <= degree[file]; i++)
				if (together(first, to[file, i]))
					lines = lines "\n    " file " -> " to[file, i] ": " why[file, to[file, i]]
		}
		print "bad" names lines
	}
	print "good", good + 0
}'

# check WHAT: judges the dependencies on standard input.
check() {
	found=$(sort -u | awk "$find_loops")
	while read -r verdict rest; do
		case $verdict in
		good) pass "$rest" ;;
		bad) fail "loop by $1: $rest" ;;
		*) echo "    $verdict $rest" ;;
		esac
	done <<END
$found
END
}

includes='
FNR == 1 { file = FILENAME; sub(/\.[ch]$/, "", file); print file }
/^[ \t]*#[ \t]*include[ \t]*"[^"]*\/[^"]*\.h"/ {
	split($0, part, "\"")
	to = part[2]
	sub(/\.h$/, "", to)
	if (file != to "_internal") print file, to, part[2]
}'

# A symbol belongs to the file of the same archive that defines it, else to that of another one.
symbols='
NF < 3 || $3 !~ /^[A-Z]$/ { next }
{ split($1, part, /[][]/); file = part[2]; sub(/\.o$/, "", file); print file }
$3 == "U" { user[++uses] = file; home[uses] = part[1]; symbol[uses] = $2; next }
{ owner[part[1], $2] = owner[$2] = file }
END {
	for (i = 1; i <= uses; i++) {
		name = symbol[i]
		if ((home[i], name) in owner) print user[i], owner[home[i], name], name
		else if (name in owner) print user[i], owner[name], name
	}
}'

cd "$top_srcdir/src" || exit 1
check include <<END
$(awk "$includes" */*.[ch])
END

cd "$top_builddir" || exit 1
for archive in libpure.a libnet.a libdiscoverd.a libdiscoverctl.a; do
	test -f "$archive" || fail "$archive: not built"
done
check symbol <<END
$("$NM" -A -P lib*.a | awk "$symbols")
END
finish
