#!/bin/sh
# SPDX-License-Identifier: ISC
# globals: no object file has writable data that others could reach. Tables of constants may need the loader
# (.data.rel.ro) but are read-only when the program runs.
. "$(dirname "$0")/counting.sh"
need "$OBJDUMP" awk

# Prints per object "good" or, per variable, "bad OBJECT: NAME". Columns of objdump -t: value, flags,
# section, size, name; names that begin with __odr_asan are the address sanitizer's.
judge='
/file format/ { if (object && !bad) print "good"; object = $1; bad = 0; next }
{
	flags = substr($0, index($0, " ") + 1, 7)
	split(substr($0, index($0, " ") + 9), column, /[ \t]+/)
	section = column[1]
	if (flags !~ /^[gu]/ && section != "*COM*") next
	if (section !~ /^(\.data|\.bss|\.tdata|\.tbss|\.sdata|\.sbss|\*COM\*)/ || section ~ /^\.data\.rel\.ro/) next
	if ($NF ~ /^__odr_asan/) next
	print "bad " object " " $NF ": a variable that every file can write"
	bad = 1
}
END { if (object && !bad) print "good" }'

cd "$top_builddir" || exit 1
for objects in lib*.a src/*/main.o; do
	test -f "$objects" || { fail "$objects: not built"; continue; }
	judged=$("$OBJDUMP" -t "$objects" | awk "$judge")
	while read -r verdict what; do
		case $verdict in
		good) pass ;;
		bad) fail "$what" ;;
		esac
	done <<END
$judged
END
done
finish
