#!/bin/sh
# SPDX-License-Identifier: ISC
# hardening: the programs bear what configure has switched on: PIE, read-only relocations, immediate binding, stack protector,
# checked library functions.
. "$(dirname "$0")/counting.sh"
need readelf
export LC_ALL=C
if [ -z "$(echo ${HARDENING-})" ]; then
	echo 'skipped: configured without hardening'
	exit 77
fi

# bears FLAG PROGRAM OPTION PATTERN: what readelf prints of a program has the pattern, where the flag is in use
bears() {
	case " $HARDENING " in
	*" $1"*) ;;
	*) return ;;
	esac
	if readelf -W "$3" "$top_builddir/$2" | grep -Eq "$4"; then pass; else fail "$2: no sign of $1"; fi
}

for program in discoverd discoverctl ${COMPANIONS-}; do
	bears -pie $program -h 'Type: +DYN '
	bears -Wl,-z,relro $program -l ' GNU_RELRO '
	bears -Wl,-z,now $program -d 'BIND_NOW|Flags:.* NOW'
	bears -fstack-protector-strong $program -s ' __stack_chk_fail(@|$)'
	bears -D_FORTIFY_SOURCE= $program -s ' __[a-z]+_chk(@|$)'
done
finish
