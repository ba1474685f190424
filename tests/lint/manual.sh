#!/bin/sh
# SPDX-License-Identifier: ISC
# manual: mandoc finds no mistake in any page. (That discoverd.conf(5) knows every option is a unit test of config.)
. "$(dirname "$0")/counting.sh"
need mandoc

cd "$top_srcdir" || exit 1
for page in man/*.[1-8]; do
	test -f "$page" || continue
	if mandoc -T lint -W warning "$page"; then
		pass
	else
		fail "$page: mandoc finds mistakes"
	fi
done
finish
