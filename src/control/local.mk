# SPDX-License-Identifier: ISC
# The files of control/, part of the pure archive.

libpure_a_SOURCES += \
	%D%/session.h
