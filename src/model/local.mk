# SPDX-License-Identifier: ISC
# The files of model/, part of the pure archive.

libpure_a_SOURCES += \
	%D%/announcement.h \
	%D%/config.c \
	%D%/config.h \
	%D%/config_parse.c \
	%D%/device.h \
	%D%/link.h \
	%D%/sighting.h \
	%D%/table.h
