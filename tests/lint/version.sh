#!/bin/sh
# SPDX-License-Identifier: ISC
# version: the newest entry of debian/changelog has the version of configure.ac.
. "$(dirname "$0")/counting.sh"

cd "$top_srcdir" || exit 1
version=$(sed -n 's/^AC_INIT(\[discoverd\], \[\([^]]*\)\].*/\1/p' configure.ac)
packaged=$(sed -n '1s/^discoverd (\([^)]*\)) .*/\1/p' debian/changelog)
if [ -n "$version" ] && [ "$packaged" = "$version" ]; then
	pass
else
	fail "debian/changelog: its first entry is of version $packaged; configure.ac has $version"
fi
finish
