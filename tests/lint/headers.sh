#!/bin/sh
# SPDX-License-Identifier: ISC
# headers: each header compiles alone, and a second time behind itself.
. "$(dirname "$0")/counting.sh"
need pkg-config

libraries=$(pkg-config --cflags libevent libxml-2.0 json-c libmnl) || exit 1
cd "$top_srcdir/src" || exit 1
for header in */*.h; do
	if printf '#include "%s"\n#include "%s"\n' "$header" "$header" |
		$CC -std=gnu11 -Wall -Wextra -Werror -fsyntax-only $libraries -include "$top_builddir/config.h" \
			-I "$top_srcdir/src" -I "$top_builddir/src" -x c -; then
		pass
	else
		fail "$header: does not compile alone"
	fi
done
finish
