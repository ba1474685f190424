# SPDX-License-Identifier: ISC
# Programs that use the control socket, for authors of other programs; tests/netns/test_examples.py runs them.

examplesdir = $(docdir)/examples
dist_examples_DATA = \
	%D%/announce_http.py \
	%D%/devices.go \
	%D%/devices.py \
	%D%/watch.go \
	%D%/watch.py \
	%D%/watch.sh
