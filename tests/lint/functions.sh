#!/bin/sh
# SPDX-License-Identifier: ISC
# functions: a function has under 60 lines, a file under 600. Relies on the layout: only the braces of a function (or of
# what is declared like one) stand alone at the start of a line.
. "$(dirname "$0")/counting.sh"
need awk

# Prints "good COUNT" and per mistake "bad WHAT".
measure='
function check(what, lines, limit) {
	if (lines < limit) good++
	else print "bad " what " has " lines " lines; fewer than " limit " are allowed"
}
FNR == 1 { if (file) check(file, last, 600); file = FILENAME; head = 0 }
{ last = FNR }
/^[A-Za-z_].*\) *\{$/ { print "bad " file ":" FNR ": the brace of a function stands on a line of its own" }
/^[A-Za-z_]/ && !head { head = FNR; name = $0 }
/^{$/ { body = 1 }
/^}/ { if (body) check(file ":" head ": " name, FNR - head + 1, 60); body = head = 0 }
/(^#|;$|^$|\*\/$)/ && !body { head = 0 }
END { check(file, last, 600); print "good", good + 0 }'

cd "$top_srcdir" || exit 1
measured=$(awk "$measure" src/*/*.[ch])
while read -r verdict what; do
	case $verdict in
	good) pass "$what" ;;
	*) fail "$what" ;;
	esac
done <<END
$measured
END
finish
