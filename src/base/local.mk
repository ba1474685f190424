# SPDX-License-Identifier: ISC
# The files of base/, part of the pure archive.

libpure_a_SOURCES += \
	%D%/address.h \
	%D%/counter.h \
	%D%/hashmap.h \
	%D%/heap.h \
	%D%/instant.h \
	%D%/log.h \
	%D%/rng.h \
	%D%/siphash.h \
	%D%/slice.h \
	%D%/text.h \
	%D%/writer.h
