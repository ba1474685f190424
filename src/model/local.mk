# SPDX-License-Identifier: ISC
# The files of model/, part of the pure archive.

libpure_a_SOURCES += \
	%D%/announcement.c \
	%D%/announcement.h \
	%D%/config.c \
	%D%/config.h \
	%D%/config_parse.c \
	%D%/device.h \
	%D%/link.c \
	%D%/link.h \
	%D%/sighting.h \
	%D%/table.h
