# SPDX-License-Identifier: ISC
# The files of base/, part of the pure archive.

libpure_a_SOURCES += \
	%D%/address.c \
	%D%/address.h \
	%D%/array.h \
	%D%/ascii.h \
	%D%/counter.h \
	%D%/glob.c \
	%D%/glob.h \
	%D%/hashmap.c \
	%D%/hashmap.h \
	%D%/heap.c \
	%D%/heap.h \
	%D%/instant.h \
	%D%/log.c \
	%D%/log.h \
	%D%/mac.c \
	%D%/mac.h \
	%D%/memory.h \
	%D%/percent.c \
	%D%/percent.h \
	%D%/rng.c \
	%D%/rng.h \
	%D%/siphash.c \
	%D%/siphash.h \
	%D%/slice.c \
	%D%/slice.h \
	%D%/string_pool.c \
	%D%/string_pool.h \
	%D%/text.c \
	%D%/text.h \
	%D%/utc.c \
	%D%/utc.h \
	%D%/utc_parse.c \
	%D%/utc_parse.h \
	%D%/writer.c \
	%D%/writer.h
if HAVE_MALLOC_TRIM
libpure_a_SOURCES += %D%/memory_glibc.c
else
libpure_a_SOURCES += %D%/memory_none.c
endif
EXTRA_DIST += %D%/memory_glibc.c %D%/memory_none.c
