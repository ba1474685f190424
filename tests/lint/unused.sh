#!/bin/sh
# SPDX-License-Identifier: ISC
# unused: each function and variable with external linkage is used by another file, of the product or of the tests.
. "$(dirname "$0")/counting.sh"
need "$NM" awk

judge='
NF >= 3 && $3 == "U" { used[$2]; next }
NF >= 3 && $3 ~ /^[TDRBV]$/ && $2 !~ /^__/ { owner[$2] = $1 }
END { for (name in owner) print (name in used) ? "good" : "bad", name, owner[name] }'

cd "$top_builddir" || exit 1
# Those of a program that has no archive of its own are objects.
judged=$("$NM" -A -P lib*.a src/*/main.o src/mqtt/*.o src/history/*.o 2>/dev/null | awk "$judge")
while read -r verdict name owner; do
	if [ "$verdict" = good ] || grep -qrw --include='*.c' "$name" "$top_srcdir/tests"; then
		pass
	else
		fail "$name: no file but $owner uses it"
	fi
done <<END
$judged
END
finish
